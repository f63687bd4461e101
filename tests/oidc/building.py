"""What tests of the provider are built on: a world with clients in it, and an application that signs people in."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.test import TestResponse

from accessmgr.core.model import Key
from accessmgr.oidc.provider import EXTENSION, Provider
from accessmgr.usecases.relying_parties import Client, Method, hashed
from tests.web.building import built_app, created, demo_chain, signed_in_client

CALLBACK = "https://app.example/callback"
AFTERWARDS = "https://app.example/bye"
SECRET = "a secret of the application"
SCOPE = "openid profile vo dienstencheques offline_access"

APP = Client(
    id="app",
    name="An application",
    redirect_uris=(CALLBACK,),
    post_logout_uris=(AFTERWARDS,),
    scopes=frozenset({*SCOPE.split(), "wettelijkvertegenwoordiger", "authzen"}),
    introspection=True,
    application="dienstencheques",
    secret=hashed(SECRET),
)


@dataclass
class RealClock:
    """The real clock of the provider, set by the test."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """The present moment."""
        return self.moment

    def advance(self, **much: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**much)


@dataclass
class World:
    """The product with the demo chain and clients in it."""

    app: Flask
    clock: RealClock

    @property
    def provider(self) -> Provider:
        """Its provider."""
        return provider_of(self.app)

    def add(self, *clients: Client) -> None:
        """Register clients."""
        for client in clients:
            self.provider.clients.add(client, self.clock())

    def browser(self, person: str | None = None, key: Key = Key.ITSME) -> FlaskClient:
        """A browser, in which somebody is signed in."""
        if person is None:
            browser = self.app.test_client()
            browser.set_cookie("language", "en")
            return browser
        return signed_in_client(self.app, person, key)

    def size(self) -> int:
        """The number of entries of the history."""
        with self.provider.world.store.reading() as look:
            return look.size()

    def kept(self, table: str) -> int:
        """How many rows a table holds."""
        with self.provider.tokens.engine.connect() as connection:  # type: ignore[attr-defined]
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def provider_of(app: Flask) -> Provider:
    """The provider of an application."""
    provider: Provider = app.extensions[EXTENSION]
    return provider


def a_world(folder: Path, *clients: Client) -> World:
    """The demo chain, with clients (`APP` if none is given) and a clock of the test's.

    The chain is built once, and copied into the folder: building takes many transactions.
    """
    copytree(_built().name, folder, dirs_exist_ok=True)
    return world_of(created(folder), *(clients or (APP,)))


@cache
def _built() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="accessmgr-provider-")
    app = built_app(Path(folder.name))
    demo_chain(app)
    provider_of(app).world.store.engine.dispose()  # type: ignore[attr-defined]
    return folder


def world_of(app: Flask, *clients: Client) -> World:
    """An application, with clients and a clock of the test's."""
    clock = RealClock()
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], now=clock)
    world = World(app, clock)
    world.add(*clients)
    return world


@dataclass
class Application:
    """An application that signs people in, as its client would."""

    world: World
    client: Client = APP
    secret: str | None = SECRET
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    nonce: str = field(default_factory=secrets.token_urlsafe)
    state: str = field(default_factory=secrets.token_urlsafe)

    @property
    def challenge(self) -> str:
        """The challenge of its verifier."""
        return challenge_of(self.verifier)

    def fields(self, **more: Any) -> dict[str, str]:
        """An authorization request; None leaves a field out."""
        fields = {
            "client_id": self.client.id,
            "redirect_uri": self.client.redirect_uris[0],
            "response_type": "code",
            "scope": SCOPE,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def ask(self, browser: FlaskClient, **more: Any) -> TestResponse:
        """Send the authorization request."""
        return browser.get("/op/v1/auth", query_string=self.fields(**more))

    def code(self, browser: FlaskClient, **more: Any) -> str:
        """The code that the request brings at once."""
        answer = self.ask(browser, **more)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return parameters(answer)["code"]

    def post(self, path: str, fields: dict[str, Any], **more: Any) -> TestResponse:
        """Send a form to the provider, with the client's secret in the header."""
        headers = basic(self.client.id, self.secret) if self.secret else {}
        if not self.secret:
            fields = {"client_id": self.client.id, **fields}
        return self.world.app.test_client().post(path, data=fields, headers=headers, **more)

    def redeem(self, code: str, /, **more: Any) -> TestResponse:
        """Send the code to the token endpoint; None leaves a field out."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uris[0],
            "code_verifier": self.verifier,
            **more,
        }
        return self.post("/op/v1/token", {name: value for name, value in fields.items() if value is not None})

    def refresh(self, token: str, **more: Any) -> TestResponse:
        """Send a refresh token to the token endpoint."""
        return self.post("/op/v1/token", {"grant_type": "refresh_token", "refresh_token": token, **more})

    def introspect(self, token: str) -> dict[str, Any]:
        """What the provider says of a token."""
        return json_of(self.post("/op/v1/introspect", {"token": token}))

    def userinfo(self, token: str) -> TestResponse:
        """Ask for the claims behind an access token."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.world.app.test_client().get("/op/v1/userinfo", headers=headers)

    def tokens(self, person: str = "ines", key: Key = Key.ITSME, **more: Any) -> dict[str, Any]:
        """Everything that a sign-in of the person brings."""
        answer = self.redeem(self.code(self.world.browser(person, key), **more))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return json_of(answer)

    def claims(self, person: str = "ines", key: Key = Key.ITSME, **more: Any) -> dict[str, Any]:
        """The verified claims of the ID token that a sign-in brings."""
        return self.verified(self.tokens(person, key, **more)["id_token"])

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token, verified with the published keys."""
        published: Any = json_of(self.world.app.test_client().get("/op/v1/keys"))
        return dict(jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"]).claims)


def challenge_of(verifier: str) -> str:
    """The challenge of a verifier, by S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(name: str, secret: str | None) -> dict[str, str]:
    """The header of `client_secret_basic`."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def parameters(answer: TestResponse, part: str = "query") -> dict[str, str]:
    """What an answer sends to the client, in the query or the fragment of its address."""
    return dict(parse_qsl(getattr(urlsplit(answer.location), part)))


def json_of(answer: TestResponse) -> dict[str, Any]:
    """The JSON object of an answer."""
    content = answer.get_json()
    assert isinstance(content, dict)
    return content


def hint(**content: Any) -> str:
    """A `login_hint` in ACM's form."""
    return base64.b64encode(json.dumps(content).encode()).decode()


def key_client(key: RSAKey, **more: Any) -> Client:
    """A client that proves who it is by a key."""
    public = {"keys": [{**key.as_dict(private=False), "kid": "its key"}]}
    return replace(
        APP, id="key-app", secret=None, methods=frozenset({Method.ASSERTION}), jwks=json.dumps(public), **more
    )


def query(pairs: Iterable[tuple[str, str]]) -> str:
    """Fields as an address has them, in their order, doubles included."""
    return urlencode(list(pairs))
