"""Wrong tries at a PIN or a code, counted for a while, so that guessing stops."""

import threading
import time
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

MOST = 3
BLOCKED_FOR = 5 * 60
"""Seconds of the real clock, counted from the last wrong try."""


@dataclass
class Tries:
    """Wrong tries of this process, by what was tried: after `MOST` in a row it is blocked for a while."""

    wrong: dict[str, tuple[int, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def blocked(self, what: str) -> bool:
        """Whether it was tried too often."""
        with self.lock:
            return self._count(what) >= MOST

    def note(self, what: str, *, right: bool) -> None:
        """Count a wrong try; a right one makes good for those before."""
        with self.lock:
            if right:
                self.wrong.pop(what, None)
            else:
                self.wrong[what] = (self._count(what) + 1, time.monotonic())

    def left(self, what: str) -> int:
        """How many wrong tries are left."""
        with self.lock:
            return max(0, MOST - self._count(what))

    def _count(self, what: str) -> int:
        count, last = self.wrong.get(what, (0, 0.0))
        return count if time.monotonic() - last < BLOCKED_FOR else 0


def init_app(app: Flask) -> None:
    """Give the application its own count."""
    app.extensions["accessmgr-tries"] = Tries()


def tries() -> Tries:
    """The count of this application."""
    return cast(Tries, current_app.extensions["accessmgr-tries"])
