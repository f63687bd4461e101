"""The tables of the OpenID provider: clients, requests that wait, families of tokens, codes, tokens, assertions.

They are no state of the chain: rows change and go, and nothing is decided on them but who holds which token.
Moments are of the real clock.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from accessmgr.store.tables import db


class Client(db.Model):  # type: ignore[name-defined]
    """A registered client; `registration` is JSON. A removed one keeps its id, so that nobody else gets it."""

    __tablename__ = "client"
    id: Mapped[str] = mapped_column(primary_key=True)
    registration: Mapped[str]
    means: Mapped[str]
    secret: Mapped[str | None]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class WaitingRequest(db.Model):  # type: ignore[name-defined]
    """An authorization request that waits, as JSON. `id` is the hash of its ticket."""

    __tablename__ = "waiting_request"
    __table_args__ = (Index(None, "since"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[str]
    since: Mapped[datetime]


class TokenFamily(db.Model):  # type: ignore[name-defined]
    """What came of one sign-in at one client; without a person, of a client that acts for itself."""

    __tablename__ = "token_family"
    __table_args__ = (Index(None, "session", "client"), Index(None, "person"), Index(None, "client"))
    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str]
    scope: Mapped[str]
    begun_at: Mapped[datetime]
    person: Mapped[str | None]
    key: Mapped[str | None]
    session: Mapped[str | None]
    sid: Mapped[str | None]
    auth_time: Mapped[datetime | None]
    target_group: Mapped[str | None]
    enterprise: Mapped[str | None]
    acr: Mapped[bool]
    revoked_at: Mapped[datetime | None]


class AuthorizationCode(db.Model):  # type: ignore[name-defined]
    """A code, by its hash."""

    __tablename__ = "authorization_code"
    __table_args__ = (Index(None, "expires_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    family: Mapped[str]
    redirect_uri: Mapped[str]
    challenge: Mapped[str | None]
    nonce: Mapped[str | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class IssuedToken(db.Model):  # type: ignore[name-defined]
    """An access or refresh token, by its hash."""

    __tablename__ = "issued_token"
    __table_args__ = (Index(None, "family"), Index(None, "expires_at"))
    id: Mapped[str] = mapped_column(primary_key=True)
    family: Mapped[str]
    use: Mapped[str]
    scope: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ClientAssertion(db.Model):  # type: ignore[name-defined]
    """The id of an assertion by which a client proved who it is, remembered until the assertion expires."""

    __tablename__ = "client_assertion"
    __table_args__ = (Index(None, "until"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
