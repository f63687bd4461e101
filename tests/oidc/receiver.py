"""A client of the provider that listens for logout tokens, in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs


@dataclass
class Receiver:
    """What a client was sent, and the status with which it answers."""

    port: int
    status: int = 200
    bodies: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/logout"

    @property
    def tokens(self) -> list[str]:
        """The logout tokens that it was sent."""
        return [parse_qs(body)["logout_token"][0] for body in self.bodies]


@contextmanager
def a_receiver(port: int = 0) -> Iterator[Receiver]:
    """A client that listens at a port, or at any."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(received.status)
            self.send_header("Location", f"{received.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        received = Receiver(server.server_port)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
