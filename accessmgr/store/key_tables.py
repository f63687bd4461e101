"""The tables of passkeys, and of the text messages of the simulation. Moments are of the real clock."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from accessmgr.store.tables import db


class Passkey(db.Model):  # type: ignore[name-defined]
    """A passkey of a person: what its device signs with, how often it did, and its name, sealed for its person."""

    __tablename__ = "passkey"
    __table_args__ = (Index(None, "person"), Index(None, "credential", unique=True))
    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    credential: Mapped[bytes]
    public_key: Mapped[bytes]
    handle: Mapped[bytes]
    counter: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class TextMessage(db.Model):  # type: ignore[name-defined]
    """A text message with a code, which in the simulation reaches nobody's phone; the code is sealed for its person."""

    __tablename__ = "text_message"
    __table_args__ = (Index(None, "person"), Index(None, "sent_at"))
    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    sealed: Mapped[bytes]
    sent_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
