"""A witness in a process of its own, and the product that sends its checkpoints there and elsewhere."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from accessmgr.config import WrongSetting, receivers
from accessmgr.config import read as read_settings
from accessmgr.core.ledger.note import COSIGNATURE, Checkpoint, VerifierKey
from accessmgr.core.ledger.witness import Submission, cosigned_at
from accessmgr.store.outside import Outside
from accessmgr.store.sending import Receiver, Sender
from accessmgr.store.store import Store
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault, is_signature
from tests.history.rolled_back import rolled_back
from tests.live import served
from tests.usecases.stage import Stage, a_stage

ACCESSMGR = [sys.executable, "-c", "from accessmgr.cli import main; main()"]


@dataclass
class Running:
    """A witness that serves."""

    url: str
    key: VerifierKey

    def add(self, body: str) -> tuple[int, str, str]:
        """What it answers to a submission: status, text and type."""
        request = urllib.request.Request(f"{self.url}/add-checkpoint", data=body.encode())  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, answer.read().decode(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode(), refusal.headers["Content-Type"]


@contextmanager
def a_witness(state: Path, *vkeys: str, port: int = 0) -> Iterator[Running]:
    """A witness with its folder, in a process of its own without settings of the product."""
    words = ["history", "witness", "--state", str(state), "--name", "witness.test/w1", "--port", str(port)]
    for vkey in vkeys:
        words += ["--vkey", vkey]
    with subprocess.Popen([*ACCESSMGR, *words], stdout=subprocess.PIPE, text=True, env={"PYTHONUNBUFFERED": "1"}) as it:
        assert it.stdout is not None
        url, key = (it.stdout.readline().split()[-1] for _ in range(2))
        try:
            yield Running(url, VerifierKey.parse(key, COSIGNATURE))
        finally:
            it.send_signal(signal.SIGTERM)


@dataclass
class Log:
    """A history, and what it would send."""

    stage: Stage
    store: Store

    def grow(self, times: int = 1) -> str:
        """So many entries more, all signed: the newest checkpoint."""
        with self.store.writing() as tx:
            for _ in range(times):
                tx.append("clock.set", self.stage.clock.now())
            return tx.checkpoint()

    def submission(self, old: int, note: str) -> str:
        """What is sent to a witness that signed the old size last."""
        size = Checkpoint.parse(note).size
        with self.store.reading() as look:
            return str(Submission(old, tuple(look.ledger.consistency(old, size)) if 0 < old < size else (), note))

    def roll_back(self, size: int) -> None:
        """Put the database back, and the file outside with it."""
        with self.stage.writing() as connection:
            rolled_back(connection, size)
        assert self.store.outside is not None
        self.store.outside.set_aside()

    def later(self) -> Store:
        """The store as a process has it that began later."""
        assert self.store.outside is not None
        vault = self.stage.store.vault
        outside = Outside(self.store.outside.path, vault.public_keys, is_signature)  # type: ignore[attr-defined]
        return Store(self.store.engine, vault, self.store.policy, self.store.host, outside)

    def lines(self) -> list[str]:
        """The signatures under the newest checkpoint, as it is told to everyone."""
        return self.store.checkpoint().partition("\n\n")[2].splitlines()


@pytest.fixture
def log(stage_url: str, tmp_path: Path) -> Iterator[Log]:
    """A history of five signed entries, once in each kind of database."""
    with a_stage(stage_url) as stage:
        log = Log(stage, stage.store)
        stage.store.outside = Outside(tmp_path / "kept" / "checkpoint", stage.store.vault.public_keys, is_signature)  # type: ignore[attr-defined]
        log.grow(5)
        yield log


def sender(store: Store, *receivers: Receiver) -> Sender:
    """What sends to these receivers."""
    return Sender(store, receivers, is_signature)


def test_a_witness_follows_a_history_and_never_a_fork_nor_back(log: Log, tmp_path: Path) -> None:
    five = log.store.checkpoint()
    eight = log.grow(3)
    stranger = Vault(KeyRing.fresh())
    key = VerifierKey.parse(log.store.verifier_key())
    with a_witness(tmp_path / "w1", str(key)) as witness:
        status, line, _ = witness.add(log.submission(0, five))
        assert status == 200
        assert abs(cosigned_at(Checkpoint.parse(five + line), witness.key, is_signature) - time.time()) < 60
        assert witness.add(log.submission(0, eight)) == (409, "5\n", "text/x.tlog.size")
        assert witness.add(log.submission(5, eight))[0] == 200
        assert witness.add(log.submission(5, five)) == (409, "8\n", "text/x.tlog.size")
        forked = Checkpoint(key.name, 9, bytes(32))
        assert witness.add(str(Submission(8, (bytes(32),) * 2, forked.signed(key, log.store.vault.sign))))[0] == 422
        other = Checkpoint(key.name, 8, bytes(32))
        assert witness.add(str(Submission(8, (), other.signed(key, log.store.vault.sign)))) == (
            409,
            "8\n",
            "text/x.tlog.size",
        )
        wrong = VerifierKey(key.name, stranger.public_key())
        assert witness.add(str(Submission(8, (), forked.signed(wrong, stranger.sign))))[0] == 403
        unknown = VerifierKey("elsewhere/history/00000000", stranger.public_key())
        assert (
            witness.add(str(Submission(0, (), Checkpoint(unknown.name, 9, bytes(32)).signed(unknown, stranger.sign))))[
                0
            ]
            == 404
        )
        assert witness.add("old 1\n")[0] == 400
        assert witness.add("x" * 100_000)[0] == 413
        before = witness.key
    with a_witness(tmp_path / "w1", str(key)) as witness:
        assert witness.key == before
        assert witness.add(log.submission(5, five)) == (409, "8\n", "text/x.tlog.size")
        assert witness.add(log.submission(8, log.grow(2)))[0] == 200
    assert (tmp_path / "w1" / "key").stat().st_mode & 0o777 == 0o600


def test_a_checkpoint_has_the_lines_of_its_witnesses_and_is_sent_again_after_a_start(log: Log, tmp_path: Path) -> None:
    with a_witness(tmp_path / "w1", log.store.verifier_key()) as witness:
        sending = sender(log.store, Receiver(witness.url, witness.key))
        sending.send()
        assert [line.split()[1] for line in log.lines()] == [log.store.verifier_key().split("+")[0], "witness.test/w1"]
        log.grow(4)
        assert len(log.lines()) == 1
        sending.send()
        checkpoint = Checkpoint.parse(log.store.checkpoint())
        assert (checkpoint.size, cosigned_at(checkpoint, witness.key, is_signature) > 0) == (9, True)
        again = Receiver(witness.url, witness.key)
        sender(log.store, again).send()
        assert (again.size, again.failures, len(log.lines())) == (9, 0, 2)


def test_a_witness_that_signed_more_than_is_here_lets_nothing_be_written(log: Log, tmp_path: Path) -> None:
    with a_witness(tmp_path / "w1", log.store.verifier_key()) as witness:
        log.grow(4)
        sender(log.store, Receiver(witness.url, witness.key)).send()
        log.roll_back(5)
        store = log.later()
        assert store.trouble() is None
        sender(store, Receiver(witness.url, witness.key)).send()
    told = store.trouble()
    assert str(told) == "the witness `witness.test/w1` signed 9 entries, and the history here has 5"
    with pytest.raises(Unrecorded, match="signed 9 entries"), store.writing() as tx:
        tx.append("clock.set", log.stage.clock.now())


@pytest.mark.parametrize(("more", "because"), [(4, "signed another root over 9"), (6, "knows another history than")])
def test_a_witness_that_knows_another_history_lets_nothing_be_written(
    log: Log, tmp_path: Path, more: int, because: str
) -> None:
    with a_witness(tmp_path / "w1", log.store.verifier_key()) as witness:
        log.grow(4)
        sender(log.store, Receiver(witness.url, witness.key)).send()
        log.roll_back(5)
        store = log.later()
        with store.writing() as tx:
            for number in range(more):
                tx.append("clock.advanced", log.stage.clock.now(), data={"number": number})
            tx.checkpoint()
        sender(store, Receiver(witness.url, witness.key)).send()
    assert because in str(store.trouble())


@dataclass
class Address:
    """An address that takes what is sent there, with the statuses in turn, the last one from then on."""

    statuses: list[int]
    got: list[str] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Listen, and give the address."""
        taker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taker.got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                status = taker.statuses.pop(0) if len(taker.statuses) > 1 else taker.statuses[0]
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}/secret-path"
            server.shutdown()


def test_what_an_address_did_not_take_is_tried_again_with_the_newest(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    address = Address([500, 302, 200])
    five = log.store.checkpoint()
    with address.listening() as url:
        receiver = Receiver(url)
        sending = sender(log.store, receiver)
        sending.send()
        sending.send()
        assert (address.got, receiver.failures) == ([five], 1)
        receiver.due = 0
        sending.send()
        assert receiver.failures == 2
        six, receiver.due = log.grow(), 0
        sending.send()
        sending.send()
    assert address.got == [five, five, six]
    assert (receiver.failures, receiver.has) == (0, six)
    assert "did not take the checkpoint" in caplog.text
    assert "secret-path" not in caplog.text


def test_an_address_that_does_not_answer_harms_nothing(log: Log) -> None:
    receivers = [
        Receiver("http://127.0.0.1:1/"),
        Receiver("http://127.0.0.1:1", VerifierKey("w", bytes(32), COSIGNATURE)),
    ]
    sender(log.store, *receivers).send()
    assert [receiver.failures for receiver in receivers] == [1, 1]
    assert log.store.trouble() is None


def test_a_witness_without_a_network_signs_a_submission_in_a_file(log: Log, tmp_path: Path) -> None:
    words = ["history", "witness", "--state", str(tmp_path / "w1"), "--vkey", log.store.verifier_key(), "--once"]
    body, newest = tmp_path / "submission", log.grow(2)

    def signed(submission: str) -> "subprocess.CompletedProcess[str]":
        body.write_text(submission, encoding="utf-8")
        return subprocess.run([*ACCESSMGR, *words, str(body)], capture_output=True, text=True, env={}, check=False)

    first, again = signed(log.submission(0, newest)), signed(log.submission(0, newest))
    assert (first.returncode, len(Checkpoint.parse(newest + first.stdout).signatures)) == (0, 2)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == "accessmgr: the last checkpoint was over 7 entries\n"


WITNESS = str(VerifierKey("witness.test/w1", bytes(32), COSIGNATURE))
OF_A_LOG = str(VerifierKey("witness.test/w1", bytes(32)))


def test_addresses_and_witnesses_are_read_from_the_settings() -> None:
    given = {
        "ACCESSMGR_CHECKPOINT_URLS": "https://one.test/a http://two.test",
        "ACCESSMGR_WITNESSES": f"{WITNESS}@https://w.test",
    }
    assert receivers(read_settings(given)) == [
        ("https://one.test/a", None),
        ("http://two.test", None),
        ("https://w.test", VerifierKey.parse(WITNESS, COSIGNATURE)),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHECKPOINT_URLS", "file:///somewhere"),
        ("CHECKPOINT_URLS", "one.test"),
        ("CHECKPOINT_URLS", "https://me:secret@one.test"),
        ("WITNESSES", "https://w.test"),
        ("WITNESSES", f"{OF_A_LOG}@https://w.test"),
        ("WITNESSES", f"{WITNESS}@ftp://w.test"),
    ],
)
def test_an_address_or_a_witness_that_is_none_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"ACCESSMGR_{name}"):
        read_settings({f"ACCESSMGR_{name}": value})


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within the half minute."""
    for _ in range(150):
        if holds():
            return True
        time.sleep(0.2)
    return False


def test_the_product_and_a_witness_as_people_run_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(url: str) -> str:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            text: str = answer.read().decode()
            return text

    instance = tmp_path / "instance"
    with served(instance) as base:
        key = read(f"{base}/history/key").strip()
    with a_witness(tmp_path / "w1", key) as witness:
        monkeypatch.setenv("ACCESSMGR_WITNESSES", f"{witness.key}@{witness.url}")
        with served(instance) as base:
            assert "— witness.test/w1 " in read(f"{base}/history/checkpoint")
        database, kept = instance / "accessmgr.sqlite", instance / "keys" / "checkpoint"
        backup = database.read_bytes()
        command = [*ACCESSMGR, "auditor", "add", "nadia"]
        environment = {"ACCESSMGR_INSTANCE": str(instance)}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        subprocess.run([*ACCESSMGR, "history", "checkpoint"], env=environment, check=True, capture_output=True)
        with served(instance) as base:
            assert eventually(lambda: "— witness.test/w1 " in read(f"{base}/history/checkpoint"))
        database.write_bytes(backup)
        with served(instance) as base:
            assert "Read-only:" in read(f"{base}/about")
            assert read(f"{base}/readyz").startswith("ready to read only: the ")
        kept.unlink()
        with served(instance) as base:
            assert "Read-only:" in read(f"{base}/about")
            assert "the witness `witness.test/w1` signed" in read(f"{base}/readyz")
