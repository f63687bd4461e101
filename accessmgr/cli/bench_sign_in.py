"""What `accessmgr bench` measures of the provider: whole sign-ins over HTTP, and signing tokens."""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http.client import HTTPConnection
from statistics import median
from time import perf_counter, sleep
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Flask, Response, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from accessmgr import seeding
from accessmgr.app import create_app
from accessmgr.app import serving as served_product
from accessmgr.cli.database import upgrade_schema
from accessmgr.cli.operating import server_command
from accessmgr.cli.running import store_of
from accessmgr.config import PREFIX, Settings
from accessmgr.oidc import jose
from accessmgr.oidc.provider import EXTENSION, Provider
from accessmgr.web.current import Product

Database = Callable[[], AbstractContextManager[str]]
"""Gives the address of an empty database, which is gone afterwards."""

AT_ONCE = 8
ROUNDS = 5
EMPTY_FOR_EACH = 10
"""Empty views asked for in the time of one sign-in's turn."""
SIGNED = 400
START_WITHIN = 60
"""Seconds."""

EMPTY, KEPT, SAME = "/empty", "/kept", "/same"
CLIENT, SECRET = "demo-confidential", "demo-secret"
CALLBACK = "http://127.0.0.1:9/callback"
SCOPE = "openid profile vo dienstencheques offline_access"
HINT = {"persona": "ines", "key": "itsme", "cap_hint": "EA", "code_hint": "1999000150"}


def serving() -> Any:
    """The product as it is served, and beside it an application of empty views: of nothing, and of what it was sent."""
    empty, kept = Flask("empty"), [b""]
    empty.add_url_rule("/", "view", lambda: "")

    def keep() -> str:
        kept[0] = request.get_data()
        return "kept"

    empty.add_url_rule(KEPT, "keep", keep, methods=["POST"])
    empty.add_url_rule(SAME, "same", lambda: Response(kept[0], content_type="application/json"), methods=["POST"])
    product = served_product()
    product.wsgi_app = DispatcherMiddleware(product.wsgi_app, {EMPTY: empty.wsgi_app})  # type: ignore[method-assign]
    return product


def sign_in_figures(sign_ins: int, database: Database) -> Iterator[str]:
    """Measure, and tell each figure in a line. Sign-ins and empty views are asked for in turn, on one server."""
    with served(database) as (address, provider):
        application = Application.at(address)
        seconds: tuple[list[float], list[float]] = ([], [])
        for number in range(ROUNDS + 1):
            took = _times(application.sign_in, sign_ins), _times(application.ask_for_nothing, sign_ins * EMPTY_FOR_EACH)
            if number > 0:  # the first warms up
                seconds[0].append(took[0])
                seconds[1].append(took[1])
        signing_in, answering = (median(each) for each in seconds)
        yield (
            f"sign-in: {1 / signing_in:,.0f} a second, {AT_ONCE} at once (hint, code, token, verified ID token); "
            f"{1 / answering:,.0f} empty views a second on the same server; ratio {signing_in / answering:.1f}"
        )
        yield from _signing(provider)


@dataclass(frozen=True)
class Application:
    """A demo application that signs people in."""

    address: str
    keys: str

    @classmethod
    def at(cls, address: str) -> "Application":
        """One that has fetched the provider's keys."""
        return cls(address, _sent(address, "GET", "/op/v1/keys")[1])

    def sign_in(self) -> None:
        """Sign a persona in: hint, code, token, verified ID token.

        :raise RuntimeError: the ID token is not of this sign-in
        """
        verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        asked = {
            "client_id": CLIENT,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": SCOPE,
            "nonce": nonce,
            "code_challenge": _base64(sha256(verifier.encode()).digest()).rstrip("="),
            "code_challenge_method": "S256",
            "login_hint": _base64(json.dumps(HINT).encode()),
        }
        location, _ = _sent(self.address, "GET", f"/op/v1/auth?{urlencode(asked)}")
        code = dict(parse_qsl(urlsplit(location).query))["code"]
        shown = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
        _, given = _sent(self.address, "POST", "/op/v1/token", urlencode(shown))
        claims = jose.read_with(self.keys, json.loads(given)["id_token"])
        if (claims["nonce"], claims["aud"]) != (nonce, CLIENT):
            raise RuntimeError("an ID token is not of the sign-in that it was given for")

    def ask_for_nothing(self) -> None:
        """Ask for the empty view."""
        _sent(self.address, "GET", f"{EMPTY}/")


def _sent(address: str, method: str, path: str, body: str | None = None) -> tuple[str, str]:
    """Where an answer leads, and what it holds."""
    credentials = _base64(f"{CLIENT}:{SECRET}".encode())
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {credentials}"}
    connection = HTTPConnection(address, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read().decode()
    finally:
        connection.close()
    if answer.status >= 400:
        raise RuntimeError(f"`{path.partition('?')[0]}` answers {answer.status}")
    return answer.getheader("Location", ""), content


def _times(run: Callable[[], None], times: int) -> float:
    """Seconds for one of many, several of which run at once."""
    began = perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as people:
        for done in [people.submit(run) for _ in range(times)]:
            done.result()
    return (perf_counter() - began) / times


def _signing(provider: Provider) -> Iterator[str]:
    """Tokens of the provider, in turn with bare signatures of the very bytes that each signs."""
    claims = {"sub": "x" * 32, "aud": CLIENT, "nonce": "x" * 22, "dienstencheques_rol_3d": ["x" * 60]}
    key = cast(RSAPrivateKey, load_pem_private_key(provider.keys.current().pem.encode(), None))
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(SIGNED):
        token, took = _timed(partial(jose.sign, provider.keys, {**claims, "iat": number}))
        _, bare = _timed(partial(key.sign, token.rpartition(".")[0].encode(), PKCS1v15(), SHA256()))
        seconds[0].append(took)
        seconds[1].append(bare)
    signing, floor = (median(each) for each in seconds)
    yield (
        f"sign-in: {1 / signing:,.0f} tokens signed a second; "
        f"{1 / floor:,.0f} bare RS256 signatures of the same bytes; ratio {signing / floor:.2f}"
    )


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    began = perf_counter()
    result = run()
    return result, perf_counter() - began


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


@contextmanager
def served(database: Database) -> Iterator[tuple[str, Provider]]:
    """Host and port of the product with the demo world, served as `accessmgr serve` does; and its provider."""
    with tempfile.TemporaryDirectory(prefix="accessmgr-bench-") as folder, database() as url, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        settings = Settings(instance=folder, database_url=url, base_url=f"http://127.0.0.1:{port}")
        provider = _filled(settings)
        server = subprocess.Popen(
            server_command("127.0.0.1", port, settings.threads, f"{__name__}:serving()"),
            env=_environment(settings),
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(server, f"127.0.0.1:{port}")
            yield f"127.0.0.1:{port}", provider
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)


def _filled(settings: Settings) -> Provider:
    app = create_app(settings)
    product = cast(Product, app.extensions["accessmgr"])
    with app.app_context():
        upgrade_schema(settings.database)
        if product.set_clock is not None:
            seeding.seed(store_of(product), "demo", product.set_clock)
        store_of(product).engine.dispose()
    return cast(Provider, app.extensions[EXTENSION])


def _environment(settings: Settings) -> dict[str, str]:
    """The environment with these settings and no others."""
    given = {"INSTANCE": settings.instance, "DATABASE_URL": settings.database_url, "BASE_URL": settings.base_url}
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return others | {f"{PREFIX}{name}": value for name, value in given.items()}


def _wait_for(server: "subprocess.Popen[bytes]", address: str) -> None:
    for _ in range(START_WITHIN * 10):
        if server.poll() is not None:
            break
        try:
            _sent(address, "GET", f"{EMPTY}/")
            return
        except OSError:
            sleep(0.1)
    raise RuntimeError("the server to measure did not come up")
