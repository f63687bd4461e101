"""Who calls: the client of the bearer token (RFC 6750), and the person on whose behalf it acts, if any."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, request

from accessmgr.calls import limits
from accessmgr.calls.problems import Problem
from accessmgr.core.model import Key
from accessmgr.usecases.relying_parties import Client, RelyingParties
from accessmgr.usecases.tokens import Family, Token, Tokens, Use

EXTENSION = "accessmgr.calls"


@dataclass(frozen=True)
class Caller:
    """A client with a good access token."""

    client: Client
    token: Token

    @property
    def person(self) -> str | None:
        """The person who signed in to the client; None if it acts for itself."""
        return self.token.family.person

    @property
    def key(self) -> Key | None:
        """The digital key with which the person signed in."""
        return self.token.family.key

    @property
    def scope(self) -> frozenset[str]:
        """What the token is good for."""
        return frozenset(self.token.scope)


@dataclass(frozen=True)
class Callers:
    """How callers are known.

    :param still_signed_in: whether the person of a family could still sign in as they did, and has not signed out
    :param now: the real clock, by which tokens live
    """

    clients: RelyingParties
    tokens: Tokens
    still_signed_in: Callable[[Family], bool]
    now: Callable[[], datetime]


def init_app(app: Flask, callers: Callers) -> None:
    """Let the application know its callers."""
    app.extensions[EXTENSION] = callers


def caller(*scopes: str) -> Caller:
    """Who calls, with a token good for every one of the scopes; asked once a request.

    :raise Problem: 401 there is no good token, 403 it is not good for that, 429 there were too many calls
    """
    if "caller" not in g:
        g.caller = _find()
    found = cast(Caller, g.caller)
    if not found.scope.issuperset(scopes):
        wanted = " ".join(scopes)
        raise Problem(
            403,
            f"the token lacks the scope `{wanted}`",
            headers=_challenge("insufficient_scope", f', scope="{wanted}"'),
        )
    return found


def _find() -> Caller:
    """:raise Problem: 401 there is no good token, 429 the client has made as many calls as it may"""
    limits.begin()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Problem(401, "a bearer token is needed", headers={"WWW-Authenticate": 'Bearer realm="accessmgr"'})
    callers = cast(Callers, current_app.extensions[EXTENSION])
    token = callers.tokens.token(text.strip(), Use.ACCESS)
    client = callers.clients.find(token.family.client) if token else None
    good = token is not None and token.active(callers.now()) and callers.still_signed_in(token.family)
    if token is None or client is None or not good:
        raise Problem(401, "the token is not good, or no more", headers=_challenge("invalid_token"))
    limits.count(client)
    return Caller(client, token)


def _challenge(error: str, more: str = "") -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="accessmgr", error="{error}"{more}'}
