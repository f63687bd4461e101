"""The witness: a program of its own, for another machine or user, that signs checkpoints which extend the last one.

It needs neither the database nor the keys of the product: a folder for its own key and memory, and the verifier keys
of the logs that it follows.
"""

import socket
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Collection
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accessmgr import durable
from accessmgr.core.ledger.note import COSIGNATURE, Checkpoint, VerifierKey, WrongNote
from accessmgr.core.ledger.witness import NotWitnessed, cosign, examine
from accessmgr.vault.vault import is_signature

LONGEST_BODY = 64 * 1024
PATIENCE = 10
"""Seconds that a request may take to arrive."""


class Witness:
    """A witness with its folder, which holds its key and, for each log, the last checkpoint that it signed.

    :param folder: made at the first start, for its owner alone
    :param name: the name of the witness, if the folder has no key yet
    :param keys: the keys of the logs that it follows

    :raise WrongNote: the name is no name of a key, or what the folder holds is damaged
    """

    def __init__(self, folder: Path, name: str, keys: Collection[VerifierKey]) -> None:
        self._folder = folder
        self._keys = keys
        self._one_at_a_time = Lock()
        self.key, self._private = _key_in(folder / "key", name)

    def sign(self, body: bytes) -> str:
        """The line of this witness under the checkpoint in a submission, which it remembers first.

        :raise NotWitnessed: the checkpoint does not extend the last one
        """
        with self._one_at_a_time:
            note = examine(body, self._last, self._keys, is_signature)
            checkpoint = Checkpoint.parse(note)
            durable.replace(self._place(checkpoint.origin), note.encode())
        return cosign(checkpoint, self.key, self._private.sign, int(time.time()))

    def _place(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()[:16]}.checkpoint"

    def _last(self, origin: str) -> Checkpoint | None:
        try:
            return Checkpoint.parse(self._place(origin).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None


@click.command("witness")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), required=True, help="its own folder")
@click.option("--vkey", "vkeys", metavar="KEY", multiple=True, required=True, help="the key of a log that it follows")
@click.option("--name", default=None, help="its name, for the first start  [default: the host and the folder]")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8100, show_default=True)
@click.option("--once", type=click.File("rb"), help="sign the submission in a file (`-`: standard input), and end")
def history_witness(state: Path, vkeys: tuple[str, ...], name: str | None, host: str, port: int, once: object) -> None:
    """Sign each checkpoint that extends the last one of its log, as a witness (C2SP tlog-witness).

    It serves POST /add-checkpoint, and prints its verifier key. It needs no database and no key file. Whoever rotates
    the key of a log gives its witnesses the new key besides the old one.

    Example: accessmgr history witness --state /var/lib/witness --vkey "$(cat key.txt)" --port 8100
    """
    try:
        keys = [VerifierKey.parse(vkey) for vkey in vkeys]
        with durable.alone(state / ".lock", wait=False):
            witness = Witness(state, name or f"{socket.gethostname()}/{state.absolute().name}", keys)
            if once is not None:
                return _sign_once(witness, once.read(LONGEST_BODY))  # type: ignore[attr-defined]
            server = ThreadingHTTPServer((host, port), _handler(witness))
            click.echo(f"the witness serves on http://{host}:{server.server_address[1]}")
            click.echo(f"its signatures are verified with {witness.key}")
            server.serve_forever()
    except WrongNote as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except BlockingIOError as held:
        raise click.ClickException(f"another witness works in `{state}`") from held
    except OSError as error:
        where = error.filename or f"{host}:{port}"
        raise click.ClickException(f"`{where}` cannot be used: {error.strerror}") from error


def _sign_once(witness: Witness, body: bytes) -> None:
    try:
        click.echo(witness.sign(body), nl=False)
    except NotWitnessed as refusal:
        click.echo(f"accessmgr: {refusal}", err=True)
        sys.exit(1)


def _handler(witness: Witness) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version = "witness"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path == "/":
                return self._answer(HTTPStatus.OK, f"{witness.key}\n")
            return self._answer(HTTPStatus.NOT_FOUND, "POST /add-checkpoint\n")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                return self._answer(HTTPStatus.NOT_FOUND, "POST /add-checkpoint\n")
            if not length.isascii() or not length.isdecimal() or int(length) > LONGEST_BODY:
                self.close_connection = True
                return self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long, or of unknown length\n")
            try:
                return self._answer(HTTPStatus.OK, witness.sign(self.rfile.read(int(length))))
            except NotWitnessed as refusal:
                click.echo(f"refused: {refusal}", err=True)
                if refusal.size is not None:
                    return self._answer(refusal.status, f"{refusal.size}\n", "text/x.tlog.size")
                return self._answer(refusal.status, f"{refusal}\n")
            except (OSError, WrongNote) as fault:
                click.echo(f"nothing is signed: {fault}", err=True)
                return self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, "nothing is signed\n")

        def _answer(self, status: HTTPStatus, text: str, type_: str = "text/plain; charset=utf-8") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", type_)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing of what was signed: what was refused is said by the refusal."""

    return Handler


def _key_in(path: Path, name: str) -> tuple[VerifierKey, Ed25519PrivateKey]:
    """The key in a file: its name on one line, its secret on the next; made if it is not there."""
    if not path.exists():
        fresh = Ed25519PrivateKey.generate()
        VerifierKey.parse(str(_public(name, fresh)), COSIGNATURE)
        durable.replace(path, f"{name}\n{b64encode(fresh.private_bytes_raw()).decode()}\n".encode())
    if path.stat().st_mode & 0o077:
        raise WrongNote(f"`{path}` is open to others than its owner, `chmod 600` it")
    kept, _, secret = path.read_text(encoding="utf-8").partition("\n")
    try:
        private = Ed25519PrivateKey.from_private_bytes(b64decode(secret.strip(), validate=True))
    except ValueError:
        raise WrongNote(f"`{path}` holds no key of a witness") from None
    return VerifierKey.parse(str(_public(kept, private)), COSIGNATURE), private


def _public(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    return VerifierKey(name, private.public_key().public_bytes_raw(), COSIGNATURE)
