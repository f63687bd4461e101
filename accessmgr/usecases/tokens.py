"""What the provider remembers between requests: requests that wait for somebody, codes, and families of tokens.

A family is what comes of one sign-in at one client: its code, and every token got for it. Tokens are random texts
known by their hash. Moments are of the real clock.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from accessmgr.core.model import Key, TargetGroup

CODE_LIVES = timedelta(seconds=30)
ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(hours=24)
"""How long a refresh token waits for its use; the real one's window is not public."""
REQUEST_LIVES = timedelta(hours=2)


class Use(StrEnum):
    """What a random text is good for. It stands in what is hashed, so none does for another's purpose."""

    REQUEST = "request"
    CODE = "code"
    ACCESS = "access_token"
    REFRESH = "refresh_token"
    ASSERTION = "assertion"


@dataclass(frozen=True, kw_only=True)
class Family:
    """One sign-in at one client, or (without `person`) a client that acts for itself.

    `session` is the hash of the sign-in session and `sid` its name for clients. `capacity` is the target group and
    the enterprise for which the person came. `acr` tells whether the client asked for digital keys by name, `told`
    whether it is told when the session ends or its claims lose what they rest on.
    """

    id: str
    client: str
    scope: tuple[str, ...]
    begun_at: datetime
    person: str | None = None
    key: Key | None = None
    session: str | None = None
    sid: str | None = None
    auth_time: datetime | None = None
    target_group: TargetGroup | None = None
    enterprise: str | None = None
    acr: bool = False
    told: bool = False
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code: what its redemption must repeat, and what the ID token must say."""

    family: Family
    redirect_uri: str
    challenge: str | None
    nonce: str | None
    expires_at: datetime
    used: bool


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access or refresh token, with the scope that it has of its family's."""

    family: Family
    use: Use
    scope: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    used: bool
    revoked: bool

    def active(self, at: datetime) -> bool:
        """Whether it is good at that moment."""
        return not self.used and not self.revoked and self.family.revoked_at is None and at < self.expires_at


@dataclass(frozen=True)
class NewToken:
    """A token that is to be kept."""

    text: str
    use: Use
    scope: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Waiting:
    """An authorization request that waits for somebody to sign in or to choose."""

    fields: Mapping[str, str]
    since: datetime


@dataclass(frozen=True, slots=True)
class Ground:
    """What claims rest on, by its id: a grant, work relation or appointment, with its last day if it has one."""

    thing: str
    last: date | None = None


class Tokens(Protocol):
    """Where all that is kept."""

    def keep_request(self, ticket: str, fields: Mapping[str, str], at: datetime) -> None:
        """Keep an authorization request under a ticket."""

    def request(self, ticket: str, at: datetime) -> Waiting | None:
        """The request that waits under the ticket, None if none does."""

    def drop_request(self, ticket: str) -> None:
        """Forget a request: it was answered."""

    def begin(self, family: Family, code: str, *, redirect_uri: str, challenge: str | None, nonce: str | None) -> None:
        """Keep a new family with its code, which lives `CODE_LIVES` from the family's beginning."""

    def code(self, text: str) -> Code | None:
        """The code, whatever became of it."""

    def token(self, text: str, use: Use) -> Token | None:
        """The token of that use, whatever became of it."""

    def issue(self, family: Family, new: list[NewToken]) -> None:
        """Keep a family that begins without a code, with its tokens."""

    def redeem(
        self,
        spent: str,
        use: Use,
        family: str,
        new: list[NewToken],
        at: datetime,
        grounds: Iterable[Ground] | None = None,
    ) -> bool:
        """Use up a code or refresh token and keep what is got for it; of several who try at once, one succeeds.

        `grounds` are what the claims given with it rest on; None leaves those that are kept.

        False, and nothing kept, if it was used, has expired, or its family was revoked.
        """

    def revoke(self, family: str, at: datetime) -> None:
        """Let everything of a family be good no more."""

    def revoke_token(self, text: str, use: Use, at: datetime) -> None:
        """Let one token be good no more."""

    def families(self, session: str, client: str | None = None) -> list[Family]:
        """The families of a sign-in session that are not revoked, the newest first; of one client or of all."""

    def first_use(self, client: str, jti: str, until: datetime, at: datetime) -> bool:
        """Remember the id of a client's assertion until it expires; False if it was remembered already."""


def new_text() -> str:
    """A random text for a code, a token or a ticket: 256 bits."""
    return secrets.token_urlsafe(32)


def digest(text: str, use: Use) -> str:
    """What is kept of a code, token or ticket."""
    return hashlib.sha256(f"{use}:{text}".encode()).hexdigest()
