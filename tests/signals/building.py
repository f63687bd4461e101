"""What tests of security events are built on: a client with a stream, and a receiver that listens."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from accessmgr.signals.transmitter import EXTENSION, Transmitter
from accessmgr.usecases.relying_parties import EVENTS, SIGNALS
from accessmgr.usecases.streams import Delivery
from tests.oidc.building import APP, Application, World, json_of

SCOPES = frozenset({*APP.scopes, EVENTS, SIGNALS})
SERVICE = replace(APP, scopes=SCOPES)
"""A client of the service vouchers that may have streams and read the feed."""

BASE = "http://127.0.0.1:8000"
STREAM, STATUS, VERIFY = "/ssf/v1/stream", "/ssf/v1/status", "/ssf/v1/verify"


@dataclass
class Inbox:
    """A receiver: what it was sent, and the statuses with which it answers, the last of them for ever.

    While it is `held` it reads and does not answer.
    """

    port: int
    statuses: list[int] = field(default_factory=lambda: [202])
    tokens: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    held: Event | None = None
    came: Condition = field(default_factory=Condition)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/events"

    def has(self, count: int, within: float) -> bool:
        """Whether it was sent so many tokens, at the latest after so many seconds."""
        with self.came:
            return self.came.wait_for(lambda: len(self.tokens) >= count, within)


@contextmanager
def an_inbox(port: int = 0) -> Iterator[Inbox]:
    """A receiver that listens at a port, or at any."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with inbox.came:
                inbox.tokens.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                inbox.headers.append(dict(self.headers.items()))
                inbox.came.notify_all()
            if inbox.held is not None:
                inbox.held.wait()
            self.send_response(inbox.statuses[0])
            del inbox.statuses[: len(inbox.statuses) > 1]
            self.send_header("Location", f"{inbox.address}/elsewhere")
            self.send_header("Content-Length", "0")
            with suppress(OSError):  # whoever sent it may be gone
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        inbox = Inbox(server.server_port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield inbox
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Service:
    """A service that calls with a token of its own."""

    world: World
    client: Any = SERVICE
    scope: str = SIGNALS
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.token or bearer(self.world, self.scope, self.client)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        """Call an endpoint."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.world.app.test_client().open(path, method=method, json=body, query_string=query, headers=headers)

    def stream(self, inbox: Inbox | None = None, **more: Any) -> str:
        """Make a stream, whose tokens go to a receiver or are fetched; gives its id."""
        delivery = {"method": str(Delivery.POLL)}
        if inbox is not None:
            delivery = {"method": str(Delivery.PUSH), "endpoint_url": inbox.address}
        made = self.call("POST", STREAM, {"delivery": delivery, **more})
        assert made.status_code == 201, made.get_data(as_text=True)
        return str(json_of(made)["stream_id"])

    def fetch(self, stream: str, **body: Any) -> dict[str, Any]:
        """What a stream has to fetch: `sets` and `moreAvailable`."""
        return json_of(self.call("POST", f"/ssf/v1/poll/{stream}", body))


def bearer(world: World, scope: str, client: Any = SERVICE) -> str:
    """An access token that a client gets for itself."""
    answer = Application(world, client).post("/op/v1/token", {"grant_type": "client_credentials", "scope": scope})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(json_of(answer)["access_token"])


def transmitter_of(world: World) -> Transmitter:
    """The transmitter of the world, by the clock of the test."""
    made: Transmitter = world.app.extensions[EXTENSION]
    return replace(made, now=world.clock)


def verified(world: World, token: str) -> dict[str, Any]:
    """The claims of a security event token, verified with the published keys."""
    return verified_with(json_of(world.app.test_client().get("/op/v1/keys")), token)


def verified_with(published: Any, token: str) -> dict[str, Any]:
    """The claims of a security event token, verified with a key set."""
    header = jws.extract_compact(token.encode()).headers()
    assert (header["alg"], header["typ"]) == ("RS256", "secevent+jwt")
    return dict(jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"]).claims)
