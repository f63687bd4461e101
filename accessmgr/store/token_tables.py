"""The tables of the OpenID provider: clients, requests, families of tokens, codes, tokens, assertions, the outbox.

They are no state of the chain: rows change and go, and nothing is decided on them but who holds which token.
Moments are of the real clock.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, false
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
    told: Mapped[bool] = mapped_column(server_default=false())
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


class ClaimGround(db.Model):  # type: ignore[name-defined]
    """What the claims of a family rested on when they were told last: a grant, work relation or appointment.

    `last` is the last day on which it holds, None if it has none. Only for clients that are told when it ends.
    """

    __tablename__ = "claim_ground"
    __table_args__ = (Index(None, "thing"), Index(None, "last"))
    family: Mapped[str] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[date | None]


class LogoutMessage(db.Model):  # type: ignore[name-defined]
    """A logout token that is to be sent to a client; `id` is its `jti`. `fault` is a word on the last failure."""

    __tablename__ = "logout_message"
    __table_args__ = (Index(None, "due_at"), Index(None, "made_at"), Index(None, "person"))
    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str]
    person: Mapped[str]
    sid: Mapped[str]
    because: Mapped[str]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When it is sent, or tried again; None once it is over."""
    tries: Mapped[int]
    sent_at: Mapped[datetime | None]
    fault: Mapped[str | None]


class KeptAnswer(db.Model):  # type: ignore[name-defined]
    """The answer to a call with an `Idempotency-Key`, sealed for whom it was made; no status while the call goes on.

    `id` is the hash of caller and key, and `digest` that of what was asked.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (Index(None, "made_at"), Index(None, "person"))
    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    person: Mapped[str]
    status: Mapped[int | None]
    sealed: Mapped[bytes | None]
    made_at: Mapped[datetime]


class CallCount(db.Model):  # type: ignore[name-defined]
    """How many calls of a client's quota were taken in the window that began at `since`."""

    __tablename__ = "call_count"
    client: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    taken: Mapped[int] = mapped_column(BigInteger)
