"""The authorization request: read from its fields, checked in full before anybody is asked to sign in."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accessmgr.core.model import Key
from accessmgr.oidc.provider import Provider
from accessmgr.usecases.means import keys_named
from accessmgr.usecases.relying_parties import OPENID, Client, Level

LONGEST = 4096
"""The longest value of a field, in characters."""
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
NOT_SUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class ResponseMode(StrEnum):
    """How an answer travels to the client."""

    QUERY = "query"
    FRAGMENT = "fragment"
    FORM_POST = "form_post"


class Prompt(StrEnum):
    """What the client wants people to be asked."""

    NONE = "none"
    LOGIN = "login"
    SELECT_ACCOUNT = "select_account"
    CONSENT = "consent"


class NoWayBack(Exception):
    """The client or its redirect URI is not registered: said on a page of the provider, and nowhere else."""


class Faulty(Exception):
    """The request cannot be granted, and its client is told so by an error of the standard."""

    def __init__(self, way: "Way", error: str, description: str) -> None:
        super().__init__(error)
        self.way = way
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Way:
    """Where an answer goes, how, and with which state."""

    client: Client
    redirect_uri: str
    mode: ResponseMode = ResponseMode.QUERY
    state: str | None = None


@dataclass(frozen=True)
class Hint:
    """What `login_hint` holds in ACM's form: a capacity, a switch of identity, in simulation a persona with a key."""

    group: str | None = None
    organisation: str | None = None
    switch: bool = False
    persona: str | None = None
    key: Key | None = None


@dataclass(frozen=True)
class AuthRequest:
    """An authorization request that is in order. `asked` are the digital keys that it names, none for any."""

    way: Way
    scope: tuple[str, ...]
    nonce: str | None
    challenge: str | None
    prompt: frozenset[Prompt]
    max_age: int | None
    asked: frozenset[Key]
    names_keys: bool
    hint: Hint
    id_token_hint: str | None
    languages: tuple[str, ...]
    fields: Mapping[str, str] = field(repr=False)

    @property
    def client(self) -> Client:
        """The client that asks."""
        return self.way.client

    @property
    def accepted(self) -> frozenset[Key]:
        """The digital keys that would do: those registered, and of them those asked for."""
        return self.client.means & self.asked if self.asked else self.client.means


def read(provider: Provider, given: Iterable[tuple[str, str]]) -> AuthRequest:
    """The request in its fields.

    :raise NoWayBack: there is no registered client and redirect URI to answer to
    :raise Faulty: something else is wrong, which the client is told
    """
    pairs = list(given)
    fields = dict(pairs)
    way = _way(provider, pairs, fields)
    _refuse(way, len(fields) != len(pairs), "invalid_request", "a parameter stands twice")
    _refuse(way, any(len(value) > LONGEST for value in fields.values()), "invalid_request", "a parameter is too long")
    _refuse(way, any("\0" in value for value in fields.values()), "invalid_request", "a parameter holds no text")
    for name, error in NOT_SUPPORTED.items():
        _refuse(way, name in fields, error, f"the parameter {name} is not supported")
    response_type = fields.get("response_type")
    _refuse(way, not response_type, "invalid_request", "response_type is missing")
    _refuse(way, response_type != "code", "unsupported_response_type", "response_type must be code")
    mode = fields.get("response_mode", "query")
    _refuse(way, mode not in set(ResponseMode), "invalid_request", "response_mode is not known")
    asked = keys_named(fields.get("acr_values", "").split())
    names_keys = bool(fields.get("acr_values", "").split())
    _refuse(
        way,
        names_keys and not asked & way.client.means and not way.client.strict,
        "unmet_authentication_requirements",
        "none of the digital keys asked for is registered for this client",
    )
    return AuthRequest(
        way=way,
        scope=_scope(provider, way, fields),
        nonce=fields.get("nonce"),
        challenge=_challenge(way, fields),
        prompt=_prompt(way, fields),
        max_age=_max_age(way, fields),
        asked=asked & way.client.means,
        names_keys=names_keys,
        hint=_hint(provider, way, fields.get("login_hint", "")),
        id_token_hint=fields.get("id_token_hint"),
        languages=tuple(fields.get("ui_locales", "").split()),
        fields=fields,
    )


def _way(provider: Provider, pairs: list[tuple[str, str]], fields: Mapping[str, str]) -> Way:
    names = [name for name, _ in pairs]
    if names.count("client_id") != 1 or names.count("redirect_uri") != 1:
        raise NoWayBack("client_id and redirect_uri must stand once each")
    client = provider.clients.find(fields["client_id"])
    if client is None:
        raise NoWayBack("the client is not registered")
    if not client.redirects_to(fields["redirect_uri"], simulation=provider.simulation):
        raise NoWayBack("the redirect URI is not registered for this client")
    mode = fields.get("response_mode", "query")
    known = names.count("response_mode") <= 1 and mode in set(ResponseMode)
    state = fields.get("state") if names.count("state") == 1 else None
    if state is not None and len(state) > LONGEST:
        state = None
    return Way(client, fields["redirect_uri"], ResponseMode(mode) if known else ResponseMode.QUERY, state)


def _scope(provider: Provider, way: Way, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The scope asked for. ACM refuses all if one is not allowed; the standard would have it left out."""
    asked = tuple(dict.fromkeys(fields.get("scope", "").split(" ")))
    _refuse(way, OPENID not in asked, "invalid_scope", "the scope openid is missing")
    allowed = tuple(scope for scope in asked if scope in way.client.scopes)
    _refuse(way, allowed != asked and not way.client.strict, "invalid_scope", "a scope is not allowed for this client")
    return allowed


def _challenge(way: Way, fields: Mapping[str, str]) -> str | None:
    challenge, method = fields.get("code_challenge"), fields.get("code_challenge_method")
    if challenge is None:
        _refuse(way, method is not None, "invalid_request", "code_challenge is missing")
        _refuse(way, way.client.pkce, "invalid_request", "code_challenge is needed for this client")
        return None
    _refuse(way, method != "S256", "invalid_request", "code_challenge_method must be S256")
    _refuse(way, not CHALLENGE.fullmatch(challenge), "invalid_request", "code_challenge is not a SHA-256 in base64url")
    return challenge


def _prompt(way: Way, fields: Mapping[str, str]) -> frozenset[Prompt]:
    words = set(fields.get("prompt", "").split())
    _refuse(way, not words <= set(Prompt), "invalid_request", "prompt is not known")
    prompt = frozenset(Prompt(word) for word in words)
    _refuse(way, Prompt.NONE in prompt and len(prompt) > 1, "invalid_request", "prompt none goes alone")
    return prompt


def _max_age(way: Way, fields: Mapping[str, str]) -> int | None:
    text = fields.get("max_age")
    if text is None:
        return None
    _refuse(way, not re.fullmatch(r"[0-9]{1,9}", text), "invalid_request", "max_age is not a number of seconds")
    return int(text)


def _hint(provider: Provider, way: Way, text: str) -> Hint:
    """The hint, if it is one in ACM's form; any other text hints at nothing that is known here."""
    content = _decoded(text)
    if content is None:
        return Hint()
    group, organisation = content.get("cap_hint"), content.get("code_hint")
    persona, key = (content.get("persona"), content.get("key")) if provider.simulation else (None, None)
    texts = (group, organisation, persona, key)
    right_types = all(value is None or isinstance(value, str) for value in texts)
    _refuse(way, not right_types, "invalid_request", "login_hint holds something that is no text")
    _refuse(way, bool(organisation and not group), "invalid_request", "code_hint needs cap_hint")
    too_fine = bool(organisation) and way.client.level is Level.TARGET_GROUP
    _refuse(way, too_fine, "invalid_request", "this client takes no code_hint")
    _refuse(way, key is not None and key not in set(Key), "invalid_request", "login_hint names an unknown key")
    return Hint(group, organisation, content.get("switch_id") is True, persona, Key(key) if key else None)


def _decoded(text: str) -> dict[str, Any] | None:
    """The JSON object that the text is in base64, padded or not, of either alphabet; None if it is none."""
    plain = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        content = json.loads(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _refuse(way: Way, wrong: bool, error: str, description: str) -> None:
    if wrong:
        raise Faulty(way, error, description)
