"""Streams of security events to services that registered for them: what a stream is, and where it is kept.

What a client sees of the history is not copied when it happens: a stream remembers up to where it followed the
history, and what follows from there is made into signals and put in its queue in one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
SESSION_REVOKED = f"{CAEP}session-revoked"
CLAIMS_CHANGE = f"{CAEP}token-claims-change"
VERIFICATION = f"{SSF}verification"
STREAM_UPDATED = f"{SSF}stream-updated"
SUPPORTED = (SESSION_REVOKED, CLAIMS_CHANGE)
"""The events that a stream can have; those about the stream itself always come."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)
"""How long until the second try; doubled with each further one, up to the longest."""
GIVEN_UP_AFTER = timedelta(days=1)
"""After so long without a success a stream is paused: what follows waits until the receiver enables it again."""
MOST_WAITING = 1_000
"""A queue that is longer is not filled further; the history keeps what follows."""


class Delivery(StrEnum):
    """How the tokens of a stream get to its receiver: sent to it (RFC 8935), or fetched by it (RFC 8936)."""

    PUSH = "urn:ietf:rfc:8935"
    POLL = "urn:ietf:rfc:8936"


class Status(StrEnum):
    """Whether a stream goes on, holds what comes for later, or is off."""

    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stream of a client.

    :param endpoint: where tokens are sent to, None if they are fetched
    :param authorization: what goes with them in the header of that name
    :param requested: the types of events that the receiver wants, None for all
    :param seen: the sequence up to which the history was followed
    :param day: the day, by the clock of the world, up to which was told what begins and ends by itself
    :param failures: how many tries failed since the last success, the first of them at `failing_since`
    """

    id: str
    client: str
    delivery: Delivery
    endpoint: str | None = None
    authorization: str | None = None
    requested: tuple[str, ...] | None = None
    description: str | None = None
    status: Status = Status.ENABLED
    reason: str | None = None
    seen: int = -1
    day: date
    failures: int = 0
    failing_since: datetime | None = None

    @property
    def delivered(self) -> tuple[str, ...]:
        """The types of events that it has."""
        return SUPPORTED if self.requested is None else tuple(each for each in SUPPORTED if each in self.requested)

    @property
    def is_paused_by_us(self) -> bool:
        """Whether it is paused because its receiver took nothing; what the receiver itself sets ends that."""
        return self.status is Status.PAUSED and self.failing_since is not None

    def next_try(self, at: datetime) -> datetime:
        """When it is tried again after a try that fails at a moment."""
        pause: timedelta = FIRST_PAUSE * 2 ** min(self.failures, 20)
        return at + min(pause, LONGEST_PAUSE)

    def is_given_up(self, at: datetime) -> bool:
        """Whether a try that fails at a moment was the last one."""
        return self.failing_since is not None and at - self.failing_since >= GIVEN_UP_AFTER


@dataclass(frozen=True, kw_only=True)
class Signal:
    """An event for a receiver: `id` is the `jti` of its token, however often that is sent.

    :param type: the URI of the event
    :param subject: whom or what it is about, as a subject identifier (RFC 9493)
    :param content: what the event says
    :param txn: what caused it: the sequence of an entry of the history
    """

    id: str
    type: str
    subject: Mapping[str, Any]
    content: Mapping[str, Any]
    made_at: datetime
    txn: str | None = None


class Streams(Protocol):
    """Where streams and their queues are kept. Moments are of the real clock."""

    def add(self, stream: Stream, at: datetime) -> Stream:
        """Keep a new stream, which follows the history from now on."""

    def find(self, id_: str) -> Stream | None:
        """The stream of that id, None if there is none."""

    def all(self, client: str | None = None) -> Sequence[Stream]:
        """All streams, or those of a client, the oldest first."""

    def configure(self, stream: Stream) -> None:
        """Keep what the receiver set of a stream, and begin anew with trying."""

    def set_status(self, id_: str, status: Status, reason: str | None) -> None:
        """Set the status. A stream that is off loses its queue, and one that was off follows the history from now."""

    def remove(self, id_: str) -> None:
        """Remove a stream with its queue."""

    def behind(self, today: date) -> Sequence[Stream]:
        """The streams that go on, have room in their queue, and have history or days left to follow."""

    def due(self, at: datetime) -> Sequence[Stream]:
        """The streams that go on, have tokens to send, and are to be tried at a moment."""

    def follow(self, stream: Stream, last: int, day: date, signals: Iterable[Signal]) -> bool:
        """Note that a stream followed the history further, and put in its queue what came of that; all or nothing.

        False if somebody else did so meanwhile.
        """

    def put(self, id_: str, signal: Signal) -> None:
        """Put a signal in the queue of a stream."""

    def waiting(self, id_: str, limit: int) -> Sequence[Signal]:
        """The first signals in the queue of a stream."""

    def how_many_wait(self, id_: str) -> int:
        """How many signals are in the queue of a stream."""

    def take(self, id_: str, at: datetime, until: datetime) -> bool:
        """Have a stream for oneself until a moment, or until it is let go; False if somebody else has it."""

    def let_go(self, id_: str) -> None:
        """Let others have the stream."""

    def took(self, id_: str, signals: Iterable[str], until: datetime | None = None) -> None:
        """Note that the receiver took signals: they leave the queue, and the stream is kept for as long."""

    def failed(self, stream: Stream, fault: str, at: datetime) -> None:
        """Note that the receiver did not take a signal: it is tried again later; after a day the stream is paused."""

    def asked_to_verify(self, id_: str, at: datetime, since: datetime) -> bool:
        """Note that the receiver wants to see a signal; False if it did so after a moment already."""

    def has_signed_in(self, client: str, person: str) -> bool:
        """Whether a person signed in to a client, and what came of that was not revoked."""

    def touched(self, sequence: int, rights: frozenset[str]) -> Iterable[str]:
        """The holders of rights in enterprises of which an entry of the register told something new."""

    def turned(self, after: date, today: date, rights: frozenset[str]) -> Iterable[str]:
        """The holders of rights for whom something begins or is over, by itself, on a day after one and up to today."""
