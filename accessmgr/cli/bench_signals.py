"""What `accessmgr bench` measures of the events that go out: how soon a service knows of a revocation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from statistics import median, quantiles
from threading import Event, Thread
from time import perf_counter

from flask import Flask

from accessmgr.cli.bench_world import SERVICE_VOUCHERS, Built
from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.oidc.provider import EXTENSION as PROVIDER
from accessmgr.oidc.provider import Provider
from accessmgr.signals import sending
from accessmgr.signals.transmitter import EXTENSION, Transmitter
from accessmgr.usecases.perform import perform
from accessmgr.usecases.relying_parties import SIGNALS, Client, hashed
from accessmgr.usecases.streams import Delivery, Stream
from accessmgr.web.current import Product

REVOCATIONS, WARM_UP = 60, 5
LONGEST_WAIT = 30
"""Seconds."""


def signal_figures(app: Flask, product: Product, built: Built) -> Iterator[str]:
    """Measure on a world that is filled, and tell each figure in a line.

    The receiver listens on this machine, and takes what it is sent at once.

    :raise queue.Empty: a revocation did not get to the receiver
    """
    transmitter: Transmitter = app.extensions[EXTENSION]
    provider: Provider = app.extensions[PROVIDER]
    with _receiver() as (address, arrived):
        _subscribe(transmitter, provider, product, address)
        stop = Event()
        going = sending.start(transmitter, stop)
        told, revoked = [], []
        for worker in built.workers[: REVOCATIONS + WARM_UP]:
            ask = Ask(
                action=Action.REVOKE_GRANT, actor=worker.workplace.manager, level=Key.EID.level, grant=worker.grant
            )
            began = perf_counter()
            perform(product.world, ask).or_refuse()
            acknowledged = perf_counter()
            told.append(max(0.0, arrived.get(timeout=LONGEST_WAIT) - acknowledged) * 1000)
            revoked.append((acknowledged - began) * 1000)
        stop.set()
        going.join()
    told, revoked = told[WARM_UP:], revoked[WARM_UP:]
    yield (
        f"signals: a receiver has the signed token {median(told):.1f} ms after a revocation was acknowledged"
        f" (p95 {quantiles(told, n=20)[-1]:.1f} ms, at most {max(told):.1f} ms, of {len(told)};"
        f" the revocation itself took {median(revoked):.1f} ms); from another process up to"
        f" {sending.LOOKS_EVERY * 1000:.0f} ms more"
    )


def _subscribe(transmitter: Transmitter, provider: Provider, product: Product, address: str) -> None:
    """Register a service that has its tokens sent to an address."""
    application = product.world.policy.rights[SERVICE_VOUCHERS].application
    client = Client(
        id="bench-service",
        name="A service",
        scopes=frozenset({SIGNALS}),
        application=application,
        secret=hashed("bench"),
    )
    now = datetime.now(UTC)
    provider.clients.add(client, now)
    stream = Stream(id="bench", client=client.id, delivery=Delivery.PUSH, endpoint=address, day=transmitter.today())
    transmitter.streams.add(stream, now)


@contextmanager
def _receiver() -> Iterator[tuple[str, "Queue[float]"]]:
    """A receiver that notes when each token arrived."""
    arrived: Queue[float] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put(perf_counter())
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/events", arrived
        finally:
            server.shutdown()
