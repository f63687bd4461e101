"""The tables of reviews. They are no state of the chain: what is answered for a grant is in the history."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from accessmgr.store.tables import db


class Review(db.Model):  # type: ignore[name-defined]
    """A review of the grants of an enterprise; `opened` and `closed` are entries of the history."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "enterprise", "opened"), Index(None, "closed", "last_day"))
    id: Mapped[str] = mapped_column(primary_key=True)
    enterprise: Mapped[str] = mapped_column(String(10))
    opened_by: Mapped[str]
    level: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime]
    last_day: Mapped[date]
    ends: Mapped[bool] = mapped_column(Boolean)
    sample: Mapped[int | None] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    opened: Mapped[int] = mapped_column(BigInteger)
    closed: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]


class ReviewedGrant(db.Model):  # type: ignore[name-defined]
    """A grant in a review, with what was answered; `because` is the ids of rules with blanks between."""

    __tablename__ = "reviewed_grant"
    __table_args__ = (Index(None, "review", "grant", unique=True),)
    review: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    grant: Mapped[str]
    used: Mapped[date | None]
    was: Mapped[date | None]
    outcome: Mapped[str]
    by: Mapped[str | None]
    entry: Mapped[int | None] = mapped_column(BigInteger)
    last: Mapped[date | None]
    because: Mapped[str]
