"""The history on the command line: exported, verified and proved, on the demo world."""

import json
import os
import shutil
import sqlite3
from base64 import b64decode, b64encode
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from accessmgr.cli import accessmgr
from accessmgr.core.ledger import canonical
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.core.ledger.tree import check_consistency, check_inclusion, leaf_hash
from accessmgr.core.ledger.witness import Submission
from accessmgr.resources import folder
from accessmgr.vault.vault import is_signature
from tests.cli.commands import Commands
from tests.history.exports import by_the_tool


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


def size_of(run: Commands) -> int:
    """How many entries the history has."""
    return int(run("db", "status").out.split(", ")[1].split()[0])


def key_of(run: Commands) -> VerifierKey:
    """The verifier key that the installation tells."""
    keys = json.loads(run("keys", "list", "--format", "json").out)
    assert [sorted(key) for key in keys] == [
        ["id", "purpose", "state"],
        ["id", "purpose", "state"],
        ["id", "purpose", "state", "verifier_key"],
    ]
    return VerifierKey.parse(keys[2]["verifier_key"])


def test_an_export_is_verified_by_the_product_and_by_the_tool_without_the_database(
    demo: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, size, key = tmp_path / "history.jsonl", size_of(demo), str(key_of(demo))
    export.write_bytes(demo("history", "export").out.encode())
    monkeypatch.setenv("ACCESSMGR_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite")
    verified = demo("history", "verify", str(export), "--vkey", key, "--strict")
    assert (verified.status, verified.out) == (0, f"VALID {size + 1}\n")
    assert by_the_tool(export, None, key, True) == f"VALID {size + 1}"
    without_key = demo("history", "verify", str(export))
    assert without_key.out.splitlines()[0] == f"VALID {size + 1}"
    assert "not checked: the signature" in without_key.out


def test_an_export_is_an_entry_that_it_covers(demo: Commands) -> None:
    size = size_of(demo)
    *_, entry, note = map(json.loads, demo("history", "export").out.splitlines())
    assert (entry["sequence"], entry["type"], entry["actor"]) == (size, "history.exported", "system")
    assert entry["data"] == {"size": size + 1}
    assert Checkpoint.parse(note["checkpoint"]).size == size + 1
    assert size_of(demo) == size + 1


def moments(run: Commands) -> list[str]:
    """The moments at which entries were recorded, the oldest first."""
    shown = run("history", "show", "--limit", "1000", "--format", "json").out.splitlines()
    return [json.loads(line)["recorded_at"] for line in reversed(shown)]


def test_an_export_of_what_was_known_ends_there_and_its_checkpoint_covers_exactly_that(
    demo: Commands, tmp_path: Path
) -> None:
    recorded, key, export = moments(demo), str(key_of(demo)), tmp_path / "then.jsonl"
    then = recorded[len(recorded) // 2]
    known = sum(moment <= then for moment in recorded)
    assert 0 < known < len(recorded)
    export.write_bytes(demo("history", "export", "--known-at", then).out.encode())
    assert demo("history", "verify", str(export), "--vkey", key, "--strict").out == f"VALID {known}\n"
    assert by_the_tool(export, None, key, True) == f"VALID {known}"
    assert size_of(demo) == len(recorded) + 1
    assert demo("history", "verify").out.splitlines()[0] == f"VALID {len(recorded) + 1}"
    whole = tmp_path / "whole.jsonl"
    whole.write_bytes(demo("history", "export").out.encode())
    (tmp_path / "kept.txt").write_text(json.loads(export.read_text().splitlines()[-1])["checkpoint"])
    since = demo("history", "verify", str(whole), "--vkey", key, "--checkpoint", str(tmp_path / "kept.txt"))
    assert since.out == f"VALID {len(recorded) + 2}\n"


def test_an_export_of_what_was_known_before_anything_is_its_checkpoint_alone(demo: Commands) -> None:
    lines = demo("history", "export", "--known-at", "1999-01-01T00:00").out.splitlines()
    assert [Checkpoint.parse(json.loads(line)["checkpoint"]).size for line in lines] == [0]


def test_what_will_be_known_is_what_is_known_now(demo: Commands) -> None:
    size = size_of(demo)
    lines = demo("history", "export", "--known-at", "2199-01-01T00:00").out.splitlines()
    assert Checkpoint.parse(json.loads(lines[-1])["checkpoint"]).size == size + 1


def test_the_history_is_shown_between_moments_and_as_it_was_known(demo: Commands) -> None:
    recorded = moments(demo)
    first, last = sorted(set(recorded))[1], sorted(set(recorded))[-2]

    def shown(*words: str) -> list[str]:
        lines = demo("history", "show", "--limit", "1000", "--format", "json", *words).out.splitlines()
        return [json.loads(line)["recorded_at"] for line in reversed(lines)]

    assert shown("--since", first) == [moment for moment in recorded if moment >= first]
    assert shown("--until", last) == [moment for moment in recorded if moment <= last]
    assert shown("--known-at", last) == shown("--until", last)
    assert shown("--since", first, "--until", last) == [moment for moment in recorded if first <= moment <= last]
    assert shown("--since", last, "--until", first) == []
    assert shown("--until", last, "--before", "2") == [moment for moment in recorded[:2] if moment <= last]
    assert demo("history", "show", "--since", "yesterday").status == 2


def test_an_export_that_was_cut_is_not_valid_and_a_text_is_unreadable(demo: Commands, tmp_path: Path) -> None:
    export, note = tmp_path / "history.jsonl", tmp_path / "kept.txt"
    export.write_bytes(demo("history", "export").out.encode()[:-200])
    note.write_bytes(demo("history", "checkpoint").out.encode())
    cut = demo("history", "verify", str(export), "--checkpoint", str(note))
    assert (cut.status, cut.out.splitlines()[0]) == (1, "TRUNCATED")
    unreadable = demo("history", "verify", str(note))
    assert (unreadable.status, unreadable.out, unreadable.err.count("\n")) == (2, "", 1)
    for words in (["nothing.jsonl"], [str(export), "--checkpoint", "nothing"], [str(export), "--vkey", ""]):
        ran = demo("history", "verify", *words)
        assert (ran.status, ran.err.count("\n")) == (2, 1), words


def test_the_database_is_verified_and_an_edit_behind_its_back_is_found(demo: Commands) -> None:
    size = size_of(demo)
    honest = demo("history", "verify")
    assert (honest.status, honest.out.splitlines()[0]) == (0, f"VALID {size}")
    assert "not checked" not in honest.out
    with sqlite3.connect(demo.folder / "accessmgr.sqlite") as database:
        database.execute("drop trigger entry_refuses_update")
        database.execute("update entry set actor = 'nobody' where sequence = 4")
    edited = demo("history", "verify")
    assert (edited.status, edited.out.splitlines()[0]) == (1, "TAMPERED at 4")


def test_the_checkpoint_is_printed_alone_and_covers_every_entry(demo: Commands) -> None:
    printed = demo("history", "checkpoint").out
    note = Checkpoint.parse(printed)
    note.check(key_of(demo), is_signature)
    assert note.size == size_of(demo)
    assert note.origin.startswith("127.0.0.1/history/")
    assert demo("history", "checkpoint").out == printed


def test_a_proof_of_inclusion_is_in_its_checkpoint(demo: Commands) -> None:
    proof = json.loads(demo("history", "prove", "--sequence", "3").out)
    note = Checkpoint.parse(proof["checkpoint"])
    note.check(key_of(demo), is_signature)
    leaf = leaf_hash(canonical(proof["entry"]))
    assert (proof["kind"], proof["sequence"], proof["entry"]["sequence"]) == ("inclusion", 3, 3)
    assert (proof["tree_size"], b64decode(proof["root_hash"]), b64decode(proof["leaf_hash"])) == (
        note.size,
        note.root,
        leaf,
    )
    check_inclusion(3, note.size, leaf, [b64decode(hash_) for hash_ in proof["hashes"]], note.root)
    smaller = json.loads(demo("history", "prove", "--sequence", "3", "--size", "5").out)
    assert (smaller["tree_size"], len(smaller["hashes"])) == (5, 3)


def test_a_proof_of_consistency_ends_in_its_checkpoint(demo: Commands) -> None:
    size = size_of(demo)
    proof = json.loads(demo("history", "prove", "--from", "3", "--to", str(size)).out)
    note = Checkpoint.parse(proof["checkpoint"])
    hashes = [b64decode(hash_) for hash_ in proof["hashes"]]
    assert (proof["kind"], proof["from"], proof["to"], note.size) == ("consistency", 3, size, size)
    check_consistency(3, size, hashes, b64decode(proof["from_root"]), note.root)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--sequence", "99999"),
        ("--sequence", "3", "--size", "3"),
        ("--sequence", "3", "--size", "99999"),
        ("--sequence", "-1"),
        ("--from", "3"),
        ("--from", "5", "--to", "4"),
        ("--from", "0", "--to", "4"),
        ("--from", "1", "--to", "99999"),
        ("--sequence", "3", "--from", "1", "--to", "2"),
    ],
)
def test_a_proof_that_cannot_be_is_wrong_use(demo: Commands, words: tuple[str, ...]) -> None:
    ran = demo("history", "prove", *words)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_history_without_entries_exports_its_checkpoint_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Commands(tmp_path / "instance", monkeypatch, capsys)
    run("db", "upgrade")
    export = tmp_path / "history.jsonl"
    export.write_bytes(run("history", "export").out.encode())
    assert export.read_bytes().count(b"\n") == 1
    assert run("history", "verify", str(export), "--vkey", str(key_of(run))).out == "VALID 0\n"


def test_the_checkpoint_is_printed_as_a_witness_takes_it(demo: Commands) -> None:
    size = size_of(demo)
    sent = Submission.parse(demo("history", "checkpoint", "--for-witness", "5").out.encode())
    proof = json.loads(demo("history", "prove", "--from", "5", "--to", str(size)).out)
    assert (sent.old, [b64encode(hash_).decode() for hash_ in sent.proof]) == (5, proof["hashes"])
    assert sent.note == demo("history", "checkpoint").out
    assert demo("history", "checkpoint", "--for-witness", str(size + 1)).status == 2


def test_what_operators_do_leaves_the_database_valid(demo: Commands, tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    shutil.copytree(folder("seeds") / "worlds" / "demo", extract)
    meta, functions = extract / "meta.csv", extract / "function.csv"
    meta.write_text(meta.read_text().replace("02-01-2026", "05-01-2026").replace('"143"', '"144"'))
    functions.write_text("".join(functions.read_text().splitlines(keepends=True)[:-1]))
    for words in (
        ["auditor", "remove", "mila"],
        ["auditor", "add", "noah"],
        ["register", "import", str(extract)],
        ["keys", "rotate"],
    ):
        ran = demo(*words)
        assert ran.status == 0, (words, ran.err)
    verified = demo("history", "verify")
    assert (verified.status, verified.out.splitlines()[0]) == (0, f"VALID {size_of(demo)}")
    with sqlite3.connect(demo.folder / "accessmgr.sqlite") as database:
        database.execute("drop trigger function_refuses_update")
        database.execute("update function set code = 'syndic' where recorded_to < 4611686018427387904")
    edited = demo("history", "verify")
    assert (edited.status, edited.out.splitlines()[0]) == (1, "TAMPERED at 1")
    assert "the rows of `function` that entry 1 brought or ended" in edited.out


def test_an_export_is_verified_from_a_pipe_too(demo: Commands, tmp_path: Path) -> None:
    exported = demo("history", "export").out
    changed = exported.replace('"right.granted"', '"right.revoked"', 1)
    assert changed != exported
    verdicts = []
    for content in (exported, changed):
        for verify in (
            lambda pipe: demo("history", "verify", str(pipe)).out,
            lambda pipe: by_the_tool(pipe, None, None, False),
        ):
            pipe = tmp_path / "pipe"
            os.mkfifo(pipe)
            writer = Thread(target=pipe.write_text, args=(content,))
            writer.start()
            verdicts.append(verify(pipe).splitlines()[0])
            writer.join()
            pipe.unlink()
    size = exported.count("\n") - 1
    assert verdicts == [f"VALID {size}"] * 2 + [f"TAMPERED between 0 and {size - 1}"] * 2
