"""The outbox: logout tokens that are to be sent to clients, each kept until it is taken or a day has passed.

A message is written with the change that makes it due, so neither is there without the other. Moments are of the
real clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(hours=1)
"""How long until the second try; doubled with each further one, up to the longest."""
GIVEN_UP_AFTER = timedelta(days=1)
KEPT = timedelta(days=7)
"""How long a message that is over stays, for whoever asks what became of it."""


class Because(StrEnum):
    """Why a client is told that a sign-in has ended."""

    SESSION = "session"
    CLAIMS = "claims"


class Stage(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A logout token that is to be sent: `id` is its `jti`, however often it is tried.

    `due_at` is None once it is over. `fault` is a word on the last failure.
    """

    id: str
    client: str
    person: str
    sid: str
    because: Because
    made_at: datetime
    due_at: datetime | None
    tries: int = 0
    sent_at: datetime | None = None
    fault: str | None = None

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.sent_at is not None:
            return Stage.SENT
        return Stage.GIVEN_UP if self.due_at is None else Stage.WAITING

    def next_try(self, at: datetime) -> datetime | None:
        """When it is tried again if a try fails at a moment; None if that was the last one."""
        if at - self.made_at >= GIVEN_UP_AFTER:
            return None
        pause: timedelta = FIRST_PAUSE * 2 ** min(self.tries, 30)
        return at + min(pause, LONGEST_PAUSE)


class Outbox(Protocol):
    """Where messages wait."""

    def take(self, at: datetime) -> list[Message]:
        """The messages that are due, which nobody else gets until they would be due again."""

    def sent(self, message: str, at: datetime) -> None:
        """Note that the client took a message."""

    def failed(self, message: Message, fault: str, at: datetime) -> None:
        """Note that a try failed: it is tried again later, or given up after a day."""

    def give_up(self, message: str, fault: str) -> None:
        """Note that there is nobody to send a message to."""

    def all(self) -> Sequence[Message]:
        """Every message that is kept, the oldest first."""

    def lapse(self, today: date, at: datetime) -> None:
        """Write the messages about what ended by itself before that day, and let go of what is long over."""
