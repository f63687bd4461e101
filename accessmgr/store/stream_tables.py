"""The tables of streams of security events, and of what waits in them. They are no state of the chain."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from accessmgr.store.tables import BigId, db


class EventStream(db.Model):  # type: ignore[name-defined]
    """A stream of a client. `requested` is JSON; `authorization` is sealed. Moments are of the real clock."""

    __tablename__ = "event_stream"
    __table_args__ = (Index(None, "client"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str]
    delivery: Mapped[str]
    endpoint: Mapped[str | None]
    authorization: Mapped[bytes | None]
    requested: Mapped[str | None]
    description: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    seen: Mapped[int] = mapped_column(BigInteger)
    """The sequence up to which the history was followed."""
    day: Mapped[date]
    """The day up to which was told what begins and ends by itself."""
    failures: Mapped[int] = mapped_column(Integer)
    failing_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """When it is tried again; None if the last try was taken."""
    taken_until: Mapped[datetime | None]
    """Until when one process has it for itself."""
    verified_at: Mapped[datetime | None]
    made_at: Mapped[datetime]


class WaitingSignal(db.Model):  # type: ignore[name-defined]
    """A signal in the queue of a stream; `id` is the `jti` of its token. `subject` and `content` are JSON."""

    __tablename__ = "waiting_signal"
    __table_args__ = (Index(None, "stream", "number"), Index(None, "id", unique=True))
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    id: Mapped[str]
    stream: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str]
    content: Mapped[str]
    txn: Mapped[str | None]
    made_at: Mapped[datetime]
