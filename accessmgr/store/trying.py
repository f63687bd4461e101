"""Trying: a transaction in which a change is made by the code that makes it for keeps, and which is always undone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accessmgr.core.decide import Decision
from accessmgr.core.events import Event, What
from accessmgr.core.facts import Facts
from accessmgr.store.writing import Writing
from accessmgr.usecases.world import Policy


class Trying(Writing):
    """Writing of which nothing stays (`usecases.world.Trying`).

    Rows are written as if for the next entries, so that every query finds them; the history, its tree and the outbox,
    which no decision reads, are left alone. So the lock that orders all writes is not needed.
    """

    def record(
        self, decision: Decision, facts: Facts, what: What, events: Sequence[Event], note: str | None = None
    ) -> int:
        """Let the events happen, and give the sequence that an entry about them would have."""
        for event in events:
            self._succeed(event)
        return self.append(what, facts.at)

    def append(
        self,
        type_: str,
        at: datetime,
        *,
        actor: str = "system",
        decision: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        subjects: Iterable[str] = (),
    ) -> int:
        """Go on to the next entry without writing one, and give the sequence that it would have."""
        sequence, self._last = self._size, self.moment(at)
        self._size = sequence + 1
        self._touched.clear()
        return sequence

    def assume(self, policy: Policy) -> None:
        """Read facts by another policy from now on."""
        self.policy = policy
