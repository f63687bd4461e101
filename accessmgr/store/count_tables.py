"""The table of totals for operators. It is no state of the chain."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from accessmgr.store.tables import db


class Total(db.Model):  # type: ignore[name-defined]
    """How many of something were counted; one row says of how many entries of the history."""

    __tablename__ = "total"
    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
