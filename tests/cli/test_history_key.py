"""Another key signs the history from here on: by the command, from wherever an earlier try stopped."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine

from accessmgr.cli import accessmgr
from accessmgr.core.ledger import canonical
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, WrongNote
from accessmgr.scenarios.rights import catalogue
from accessmgr.store import succession
from accessmgr.store.engine import prepare
from accessmgr.store.store import Store
from accessmgr.usecases.world import Policy
from accessmgr.vault.keyring import KeyFile, KeyRing, Purpose
from accessmgr.vault.succession import announce, take_over
from accessmgr.vault.vault import Vault, is_signature, public_half
from tests.builders import NOW
from tests.cli.commands import Commands
from tests.history.exports import by_the_tool

FAR = NOW.replace(year=2030)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance with the demo world, to be copied."""
    folder = tmp_path_factory.mktemp("seeded") / "instance"
    for command in (["db", "upgrade"], ["seed", "demo"]):
        ran = CliRunner().invoke(accessmgr, command, env={"ACCESSMGR_INSTANCE": str(folder)})
        assert ran.exit_code == 0, ran.output
    return folder


@pytest.fixture
def demo(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on the demo world."""
    shutil.copytree(seeded, tmp_path / "instance")
    return Commands(tmp_path / "instance", monkeypatch, capsys)


def ring_of(run: Commands) -> Path:
    """The key file."""
    return run.folder / "keys" / "keys.json"


def store_of(run: Commands) -> Store:
    """The store as another process has it, which follows the key file."""
    engine = prepare(create_engine(f"sqlite:///{run.folder / 'accessmgr.sqlite'}"))
    return Store(engine, Vault(KeyFile(ring_of(run))), Policy(catalogue()))


def signing(run: Commands) -> list[tuple[str, VerifierKey]]:
    """The keys of the history as they are told: state and verifier key."""
    listed = json.loads(run("keys", "list", "--format", "json").out)
    return [(key["state"], VerifierKey.parse(key["verifier_key"])) for key in listed if key["purpose"] == "signing"]


def signed_by(note: str, key: VerifierKey) -> bool:
    """Whether a key signed a checkpoint."""
    try:
        Checkpoint.parse(note).check(key, is_signature)
    except WrongNote:
        return False
    return True


def exported(run: Commands, to: Path) -> list[dict]:
    """The entries of an export, which is kept in a file."""
    to.write_bytes(run("history", "export").out.encode())
    return [json.loads(line) for line in to.read_bytes().splitlines()[:-1]]


def verdict(run: Commands, *words: str) -> str:
    """The first line of `history verify`."""
    return run("history", "verify", *words).out.split("\n")[0]


def announced(run: Commands) -> None:
    ring = announce(KeyRing.load(ring_of(run)))
    ring.save(ring_of(run))


def told(run: Commands) -> None:
    announced(run)
    coming = KeyRing.load(ring_of(run)).coming(Purpose.SIGNING)
    assert coming is not None
    with store_of(run).writing() as tx:
        succession.hand_over(tx, public_half(coming), FAR)


def taken_over(run: Commands) -> None:
    told(run)
    take_over(KeyRing.load(ring_of(run))).save(ring_of(run))


def used_meanwhile(run: Commands) -> None:
    announced(run)
    with store_of(run).writing() as tx:
        tx.append("clock.advanced", FAR)
        tx.checkpoint()


def grown_to_the_edge(run: Commands) -> None:
    with store_of(run).writing() as tx:
        while tx.next_size < 256:
            tx.append("clock.advanced", FAR)


STOPS = [lambda run: None, announced, told, taken_over, used_meanwhile, grown_to_the_edge]


@pytest.mark.parametrize("stopped", STOPS, ids=["at rest", "announced", "told", "taken over", "used", "at 255 entries"])
def test_one_key_follows_another_wherever_an_earlier_try_stopped(
    demo: Commands, tmp_path: Path, stopped: Callable[[Commands], None]
) -> None:
    (_, old), *_ = signing(demo)
    stopped(demo)
    rotated = demo("keys", "rotate", "--history")
    assert rotated.status == 0, rotated.err
    (first, retired), (second, new) = signing(demo)
    assert (first, second, retired) == ("retired", "current", old)
    both, newest = rotated.out, demo("history", "checkpoint").out
    assert [signed_by(both, key) for key in (old, new)] == [True, True]
    assert [signed_by(newest, key) for key in (old, new)] == [False, True]
    entries = exported(demo, tmp_path / "export.jsonl")
    at = Checkpoint.parse(both).size
    assert [(entry["type"], entry["data"]["vkey"]) for entry in entries[at - 1 : at + 1]] == [
        ("key.announced", str(new)),
        ("key.rotated", str(new)),
    ]
    assert len([entry for entry in entries if entry["type"] == "key.rotated"]) == 1
    assert verdict(demo) == f"VALID {len(entries)}"


def test_whoever_pinned_the_old_key_follows_by_the_checkpoint_that_both_signed(demo: Commands, tmp_path: Path) -> None:
    kept, export, prefix, both = (tmp_path / name for name in ("kept.txt", "all.jsonl", "first.jsonl", "both.txt"))
    kept.write_text(demo("history", "checkpoint").out, encoding="utf-8")
    ((_, old),) = signing(demo)
    both.write_text(demo("keys", "rotate", "--history").out, encoding="utf-8")
    (_, (_, new)) = signing(demo)
    entries = exported(demo, export)
    size = Checkpoint.parse(both.read_text(encoding="utf-8")).size
    lines = export.read_bytes().splitlines(keepends=True)[:size]
    prefix.write_bytes(b"".join(lines) + canonical({"checkpoint": both.read_text(encoding="utf-8")}) + b"\n")
    for of_file in (lambda *words: verdict(demo, *words), by_words):
        assert of_file(str(prefix), "--vkey", str(old), "--checkpoint", str(kept)) == f"VALID {size}"
        assert entries[size - 1]["data"]["vkey"] == str(new)
        assert of_file(str(export), "--vkey", str(new), "--checkpoint", str(both)) == f"VALID {len(entries)}"
        assert of_file(str(export), "--vkey", str(old)).startswith("TAMPERED")


def by_words(file: str, *words: str) -> str:
    """The verdict of the verifier that stands alone, by the words of the command line."""
    given = dict(zip(words[::2], words[1::2], strict=True))
    old = given.get("--checkpoint")
    return by_the_tool(Path(file), Path(old) if old else None, given["--vkey"], False)


def test_keys_are_rotated_again_and_the_history_is_still_valid(demo: Commands, tmp_path: Path) -> None:
    for _ in range(3):
        assert demo("keys", "rotate", "--history").status == 0
    assert [state for state, _ in signing(demo)] == ["retired", "retired", "retired", "current"]
    entries = exported(demo, tmp_path / "export.jsonl")
    assert verdict(demo) == f"VALID {len(entries)}"
    for _, key in signing(demo):
        assert verdict(demo, "--vkey", str(key)) == f"VALID {len(entries)}"
    stranger = VerifierKey(key.name, Vault(KeyRing.fresh()).public_key())
    assert verdict(demo, "--vkey", str(stranger)).startswith("TAMPERED")


def test_a_rotation_leaves_what_is_sealed_and_its_rotation_the_key_of_the_history(demo: Commands) -> None:
    before = {key.id for key in KeyRing.load(ring_of(demo)).keys if key.purpose is not Purpose.SIGNING}
    demo("keys", "rotate", "--history")
    assert before < {key.id for key in KeyRing.load(ring_of(demo)).keys}
    told = signing(demo)
    assert demo("keys", "rotate").status == 0
    assert signing(demo) == told


def test_the_secret_of_the_old_key_is_gone(demo: Commands) -> None:
    secret = KeyRing.load(ring_of(demo)).current(Purpose.SIGNING).secret
    demo("keys", "rotate", "--history")
    assert secret not in [key.secret for key in KeyRing.load(ring_of(demo)).keys]


def test_a_key_that_nobody_vouched_for_is_found(demo: Commands) -> None:
    ring = KeyRing.load(ring_of(demo))
    ((_, old),) = signing(demo)
    stolen = take_over(announce(ring))
    new = VerifierKey(old.name, public_half(stolen.current(Purpose.SIGNING)))
    with store_of(demo).writing() as tx:
        tx.append("key.rotated", FAR, data={"vkey": str(new), "retired": str(old)})
        at = tx.next_size - 2
    assert verdict(demo) == f"TAMPERED at {at}"


def test_the_keys_of_the_history_and_of_tokens_are_not_rotated_at_once(demo: Commands) -> None:
    assert demo("keys", "rotate", "--history", "--signing").status == 2
