"""The tables of notices, and of how far they follow the history. They are no state of the chain."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from accessmgr.store.tables import BigId, db


class Notice(db.Model):  # type: ignore[name-defined]
    """A notice with what became of its letter; `content` is JSON, of ids and days. `due_at` is of the real clock."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "id", unique=True), Index(None, "person", "number"), Index(None, "due_at"))
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    id: Mapped[str]
    person: Mapped[str]
    kind: Mapped[str]
    made_at: Mapped[datetime]
    content: Mapped[str]
    stage: Mapped[str]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer)
    fault: Mapped[str | None]


class NoticesReached(db.Model):  # type: ignore[name-defined]
    """The one row that says how far notices follow the history, and which day was gone through last."""

    __tablename__ = "notices_reached"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    seen: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date]
