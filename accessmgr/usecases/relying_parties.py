"""Applications that sign people in through the provider: what is registered of them, and how they are kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from accessmgr.core.arguments import THINGS
from accessmgr.core.model import Key
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber

OPENID = "openid"
OFFLINE = "offline_access"
NUMBER = "rrn"
AUTHZEN = "authzen"
PERSONAL = frozenset({OPENID, "profile", NUMBER, "vo", "wettelijkvertegenwoordiger", OFFLINE})
"""Scopes about the person who signs in, besides those of applications; `rrn` is their national number."""
EVENTS = "events.read"
SIGNALS = "ssf.manage"
OF_CLIENTS = frozenset({AUTHZEN, "vo_info", EVENTS, SIGNALS})
"""Scopes that a client asks for itself, with no person."""
MANAGEMENT = frozenset(
    {
        "enterprises.read",
        "register.read",
        "appointments.read",
        "appointments.write",
        "relations.read",
        "relations.write",
        "grants.read",
        "grants.write",
        "requests.read",
        "requests.write",
        "numbers.read",
        "history.read",
        "reports.read",
    }
)
"""Scopes of the management API: what a client may do through it on behalf of the person who signs in."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LOOPBACK = re.compile(
    r"http://127\.0\.0\.1:(?P<port>[1-9][0-9]{0,4})(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?|/)"
)
_SCRYPT_COST = 2**12
_SECRET_BYTES = 32


class WrongRegistration(ValueError):
    """What is to be registered of a client does not make sense."""


class Method(StrEnum):
    """How a client proves who it is at the token endpoint."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    ASSERTION = "private_key_jwt"
    NONE = "none"


class Mode(StrEnum):
    """Whose habits the provider follows with a client where the two differ: ACM's, or the standard's."""

    ACM = "acm"
    STRICT = "strict"


class Level(StrEnum):
    """In what capacity people come to a client: for a whole target group, or for one organisation."""

    TARGET_GROUP = "target_group"
    ORGANISATION = "organisation"


@dataclass(frozen=True, kw_only=True)
class Client:
    """A registered client.

    `application` is the one whose rights it reads, if any. `means` are the digital keys that it takes. A redirect
    URI counts as it is written; in simulation `http://127.0.0.1:*/path` stands for any port, and `/*` for any path.
    `secret` is the salted hash of its secret. `jwks` is a JSON key set. `rrn` lets it have national numbers, and
    `introspection` lets it ask about its tokens. At the decision endpoint it may ask about `resource_types` and
    `enterprises` (None: about all), and is told why if it gets `reasons`.
    `calls_per_minute` is its own quota, None for that of the settings.

    :raise WrongRegistration: the parts do not fit together
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_uris: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset({OPENID})
    methods: frozenset[Method] = frozenset({Method.BASIC, Method.POST})
    application: str | None = None
    means: frozenset[Key] = frozenset(Key)
    level: Level = Level.ORGANISATION
    mode: Mode = Mode.ACM
    pkce: bool = True
    rrn: bool = False
    introspection: bool = False
    jwks: str | None = None
    jwks_uri: str | None = None
    backchannel_logout_uri: str | None = None
    resource_types: frozenset[str] | None = None
    enterprises: frozenset[str] | None = None
    reasons: bool = True
    calls_per_minute: int | None = None
    secret: str | None = None

    def __post_init__(self) -> None:
        if not is_name(self.id):
            raise WrongRegistration(f"`{self.id}` is not a name of letters, digits, `.`, `_` and `-`")
        if not self.methods or (self.public and len(self.methods) > 1):
            raise WrongRegistration("a client has the method `none` alone, or at least one other")
        if self.public and not self.pkce:
            raise WrongRegistration("a public client needs PKCE")
        if self.calls_per_minute is not None and self.calls_per_minute < 1:
            raise WrongRegistration("a client may make at least one call in a minute")
        if not self.means:
            raise WrongRegistration("a client takes at least one digital key")
        if Method.ASSERTION in self.methods and not (self.jwks or self.jwks_uri):
            raise WrongRegistration("the method `private_key_jwt` needs a key set or its address")
        if (NUMBER in self.scopes) != self.rrn:
            raise WrongRegistration("the scope `rrn` is for clients registered for national numbers, and only for them")
        for uri in (*self.redirect_uris, *self.post_logout_uris):
            check_uri(uri)
        if self.backchannel_logout_uri is not None and not goes_safely(self.backchannel_logout_uri):
            raise WrongRegistration("a back-channel logout address is https, or on this machine")
        for type_ in sorted((self.resource_types or frozenset()) - set(THINGS)):
            raise WrongRegistration(f"there is no resource type `{type_}`")
        for enterprise in sorted(self.enterprises or ()):
            if not _is_enterprise(enterprise):
                raise WrongRegistration(f"`{enterprise}` is not an enterprise number of ten digits")

    @property
    def public(self) -> bool:
        """Whether it can keep no secret."""
        return Method.NONE in self.methods

    @property
    def strict(self) -> bool:
        """Whether it wants the standard's behaviour where ACM's differs."""
        return self.mode is Mode.STRICT

    def may_ask_of(self, resource_type: str) -> bool:
        """Whether it may ask about things of that type at the decision endpoint."""
        return self.resource_types is None or resource_type in self.resource_types

    def may_ask_in(self, enterprise: str | None) -> bool:
        """Whether it may ask about an enterprise (None: about what belongs to none) at the decision endpoint."""
        return self.enterprises is None or enterprise in self.enterprises

    def redirects_to(self, uri: str, *, simulation: bool) -> bool:
        """Whether an answer may go to that address: it is registered, character by character."""
        return _is_among(uri, self.redirect_uris, simulation)

    def returns_to(self, uri: str, *, simulation: bool) -> bool:
        """Whether people may be sent to that address after signing out."""
        return _is_among(uri, self.post_logout_uris, simulation)


class RelyingParties(Protocol):
    """Where clients are kept."""

    def find(self, client_id: str) -> Client | None:
        """The client of that id, None if there is none."""

    def all(self) -> Sequence[Client]:
        """All clients, by id."""

    def add(self, client: Client, at: datetime) -> None:
        """Keep a new client.

        :raise WrongRegistration: there is one of that id, or was one: tokens and the history name it
        """

    def change_secret(self, client_id: str, secret: str, at: datetime) -> None:
        """Replace the hash of a client's secret."""

    def remove(self, client_id: str, at: datetime) -> None:
        """Remove a client; what was issued to it is good no more."""


def _is_enterprise(text: str) -> bool:
    try:
        return EnterpriseNumber.parse(text).digits == text
    except InvalidNumber:
        return False


def is_name(text: str) -> bool:
    """Whether a client may be called so; of any other text nothing needs to be looked up."""
    return _NAME.fullmatch(text) is not None


def new_secret() -> str:
    """A secret for a client: 256 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hashed(secret: str, salt: bytes | None = None) -> str:
    """The salted hash of a client's secret, as it is kept: `scrypt$cost$salt$hash`."""
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.scrypt(secret.encode(), salt=salt, n=_SCRYPT_COST, r=8, p=1)
    return f"scrypt${_SCRYPT_COST}${salt.hex()}${digest.hex()}"


def is_secret(client: Client, secret: str) -> bool:
    """Whether it is the client's secret."""
    if client.secret is None:
        return False
    _name, cost, salt, kept = client.secret.split("$")
    digest = hashlib.scrypt(secret.encode(), salt=bytes.fromhex(salt), n=int(cost), r=8, p=1)
    return hmac.compare_digest(digest.hex(), kept)


def goes_safely(uri: str) -> bool:
    """Whether what is sent to that address can be read by nobody else: by TLS, or to this machine.

    :raise WrongRegistration: it is no whole address
    """
    check_uri(uri)
    parts = urlsplit(uri)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))


def _is_among(uri: str, registered: tuple[str, ...], simulation: bool) -> bool:
    if "*" in uri:
        return False
    if uri in registered:
        return True
    loopback = _LOOPBACK.fullmatch(uri) if simulation else None
    if loopback is None or int(loopback["port"]) > 65535:
        return False
    return bool({f"http://127.0.0.1:*{loopback['path']}", "http://127.0.0.1:*/*"} & set(registered))


def check_uri(uri: str) -> None:
    """:raise WrongRegistration: no answer can be sent to that address"""
    plain = uri.replace("http://127.0.0.1:*/", "http://127.0.0.1/", 1).removesuffix("*")
    try:
        parts = urlsplit(plain)
    except ValueError as fault:
        raise WrongRegistration(f"`{uri}` is no address") from fault
    if not uri.isascii() or any(character <= " " or character in "\\\x7f*" for character in plain):
        raise WrongRegistration(f"`{uri}` holds a character that an address has not")
    if (
        not parts.scheme
        or "#" in uri
        or (parts.scheme in ("http", "https") and not parts.hostname)
        or "@" in parts.netloc
    ):
        raise WrongRegistration(f"`{uri}` is not a whole address without fragment and user")
    if parts.scheme in ("javascript", "data", "vbscript", "blob", "file", "about"):
        raise WrongRegistration(f"`{uri}` is no address of an application")
