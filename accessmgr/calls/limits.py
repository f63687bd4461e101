"""What a call may cost: how many a client makes in a minute, and how long the answer to one takes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from accessmgr.calls.problems import Problem
from accessmgr.usecases import deadlines
from accessmgr.usecases.quotas import WINDOW, Quotas, window_of
from accessmgr.usecases.relying_parties import Client

EXTENSION = "accessmgr.calls.limits"
AT_ONCE = 1000
"""A process takes at most so many calls of a quota at once, and counts them by itself."""


@dataclass
class _Taken:
    """Calls that this process took for a client in a window, and may still let pass."""

    since: datetime
    left: int


@dataclass(frozen=True)
class Limits:
    """What calls may cost.

    :param calls: in a minute, for a client whose registration says nothing else
    :param seconds: for one answer
    :param now: the real clock
    """

    quotas: Quotas
    calls: int
    seconds: int
    now: Callable[[], datetime]
    _taken: dict[str, _Taken] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, client: Client) -> None:
        """Count a call of a client.

        :raise Problem: 429 it has made as many as it may
        """
        quota = client.calls_per_minute or self.calls
        now = self.now()
        since = window_of(now)
        if not self._is_left(client.id, since) and not self._take(client.id, since, quota):
            seconds = max(1, round((since + WINDOW - now).total_seconds()))
            detail = f"the client has made the {quota} calls that it may make in a minute"
            raise Problem(429, detail, headers={"Retry-After": str(seconds)})

    def _is_left(self, client: str, since: datetime) -> bool:
        with self._lock:
            taken = self._taken.get(client)
            if taken is None or taken.since != since or taken.left == 0:
                return False
            taken.left -= 1
            return True

    def _take(self, client: str, since: datetime, quota: int) -> bool:
        given = self.quotas.take(client, since, quota, AT_ONCE)
        with self._lock:
            taken = self._taken.get(client)
            before = taken.left if taken is not None and taken.since == since else 0
            if given:
                self._taken[client] = _Taken(since, before + given - 1)
        return given > 0


def init_app(app: Flask, limits: Limits) -> None:
    """Let the application keep limits."""
    app.extensions[EXTENSION] = limits
    app.teardown_request(lambda _: deadlines.end())


def begin() -> None:
    """Let the answer to the present call take only so long from here."""
    deadlines.begin(_limits().seconds)


def count(client: Client) -> None:
    """Count a call of a client.

    :raise Problem: 429 it has made as many as it may
    """
    _limits().count(client)


def _limits() -> Limits:
    return cast(Limits, current_app.extensions[EXTENSION])
