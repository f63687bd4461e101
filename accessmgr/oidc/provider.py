"""The provider: what it is made of, what it needs of the rest of the product, and how it begins and renews families."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app

from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.usecases.outbox import Outbox
from accessmgr.usecases.perform import Done, consider, perform
from accessmgr.usecases.relying_parties import MANAGEMENT, PERSONAL, Client, RelyingParties
from accessmgr.usecases.tokens import Family, Tokens
from accessmgr.usecases.world import World

EXTENSION = "accessmgr.oidc"


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in at the provider in this browser, with which key, in which session, since when (real time)."""

    person: str
    key: Key
    session: str
    since: datetime

    @property
    def session_hash(self) -> str:
        """What is kept of the session's id: enough to find its families, not to take it over."""
        return hashlib.sha256(self.session.encode()).hexdigest()

    @property
    def sid(self) -> str:
        """The session's name for clients, which tells nothing of its id."""
        return hashlib.sha256(f"sid:{self.session}".encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Pages:
    """What only the pages of the product have: sessions in a browser, the way to the sign-in, and personas.

    `persona` gives the person and usual key of a fictional person by short name; None outside simulation.
    """

    signed_in: Callable[[], SignedIn | None]
    sign_in_address: Callable[[str, frozenset[Key]], str]
    enter: Callable[[str, Key], None]
    leave: Callable[[], None]
    persona: Callable[[str], tuple[str, Key] | None]
    language: Callable[[], str]


class SigningKey(Protocol):
    """A key that signs tokens, with its private part."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def pem(self) -> str:
        """The private key."""


class SigningKeys(Protocol):
    """The keys that sign tokens."""

    def current(self) -> SigningKey:
        """The key that signs."""

    def published(self) -> Sequence[SigningKey]:
        """The keys that verifiers are told of."""

    def all(self) -> Sequence[SigningKey]:
        """Every key that ever signed, or will."""


class ClientKeySets(Protocol):
    """The keys of clients."""

    def claims(self, client: Client, assertion: str) -> Mapping[str, Any]:
        """The claims of an assertion that the client signed; `jose.Unverified` is raised if it did not."""


@dataclass(frozen=True)
class Provider:
    """The OpenID provider. `claim_names` tells how each right is called in claims; `now` is the real clock.

    `post` sends a form to an address of a client, and gives the status of the answer or raises OSError.
    """

    world: World
    clients: RelyingParties
    tokens: Tokens
    outbox: Outbox
    keys: SigningKeys
    pages: Pages
    issuer: str
    simulation: bool
    claim_names: Mapping[str, str]
    key_sets: ClientKeySets
    now: Callable[[], datetime]
    post: Callable[[str, Mapping[str, str]], int]
    applications: Mapping[str, str] = field(init=False)
    """The application of each right."""

    def __post_init__(self) -> None:
        applications = {code: right.application for code, right in self.world.policy.rights.items()}
        object.__setattr__(self, "applications", applications)

    @property
    def scopes(self) -> list[str]:
        """The scopes about people, those of applications, and those of the management API."""
        return sorted(PERSONAL | MANAGEMENT | set(self.applications.values()))

    def address(self, path: str) -> str:
        """The address of an endpoint."""
        return f"{self.issuer}/{path}"

    def would_sign_in(self, person: str, key: Key, client: str, asked: Iterable[Key]) -> Done:
        """What the rules say of the person signing in to a client with that key; nothing is recorded."""
        return consider(self.world, _sign_in(person, key, client, asked))

    def sign_in(self, person: str, key: Key, client: str, asked: Iterable[Key]) -> Done:
        """Sign the person in to a client, which is recorded.

        :raise Refused: the rules do not let them
        """
        return perform(self.world, _sign_in(person, key, client, asked)).or_refuse()

    def still_signed_in(self, family: Family) -> bool:
        """Whether the person of a family could sign in to its client now as they did: alive, with the same key."""
        if family.person is None or family.key is None:
            return True
        return self.would_sign_in(family.person, family.key, family.client, ()).decision.allowed


def provider() -> Provider:
    """The provider of this application."""
    return cast(Provider, current_app.extensions[EXTENSION])


def json_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that are None."""
    return {name: value for name, value in values.items() if value is not None}


def _sign_in(person: str, key: Key, client: str, asked: Iterable[Key]) -> Ask:
    return Ask(
        action=Action.SIGN_IN, actor=person, level=key.level, key=key, application=client, acr_values=frozenset(asked)
    )
