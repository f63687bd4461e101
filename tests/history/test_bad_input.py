"""Bad input to both verifiers: refused with its line and the reason, in memory that does not grow with it."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accessmgr.core.ledger.export import NotAnExport, verify
from accessmgr.core.ledger.form import canonical
from accessmgr.core.ledger.note import Checkpoint
from accessmgr.core.ledger.tree import Frontier, leaf_hash
from tests.history.exports import (
    KEY,
    ORIGIN,
    PRIVATE,
    TOOL,
    an_entry,
    by_the_product,
    by_the_tool,
    checkpoint_of,
    export_of,
    is_signed,
    last_line,
    lines_of,
    verdicts,
)

MIB = 1024 * 1024
SIZE = 11
ENTRIES = [an_entry(sequence) for sequence in range(SIZE)]
LINES = lines_of(ENTRIES)
NOTE = checkpoint_of(ENTRIES)
END = last_line(NOTE)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def reason_of_the_product(file: Path) -> str:
    """Why the product does not accept an export."""
    try:
        with file.open("rb") as export:
            return verify(export, is_signed, key=KEY).because
    except NotAnExport as wrong:
        return str(wrong)


def reason_of_the_tool(file: Path) -> str:
    """Why the verifier that stands alone does not accept it."""
    try:
        return str(TOOL.verify(str(file), None, str(KEY), False).why)
    except TOOL.BadInput as wrong:
        return str(wrong)


def reasons(folder: Path, export: bytes) -> set[str]:
    """Why the verifiers do not accept an export: one reason if they agree."""
    file = folder / "export.jsonl"
    file.write_bytes(export)
    return {reason_of_the_product(file), reason_of_the_tool(file)}


def with_note(note: str) -> bytes:
    """The entries, closed by a checkpoint."""
    return export_of(ENTRIES, note)


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing at all": (b"", "line 1: the checkpoint is missing"),
    "the checkpoint is cut off": (b"".join(LINES), "line 12: the checkpoint is missing"),
    "cut within a line": (b"".join([*LINES[:4], LINES[4][:-9]]), "line 5: the line is cut short"),
    "cut within the checkpoint": (b"".join([*LINES, END[:-9]]), "line 12: the line is cut short"),
    "lines swapped": (
        b"".join([*LINES[:4], LINES[5], LINES[4], *LINES[6:], END]),
        "line 5: the entry has sequence `5`",
    ),
    "a line repeated": (b"".join([*LINES[:5], *LINES[4:], END]), "line 6: the entry has sequence `4`"),
    "a line missing": (b"".join([*LINES[:4], *LINES[5:], END]), "line 5: the entry has sequence `5`"),
    "a line edited": (
        b"".join([*LINES[:4], LINES[4].replace(b"person1", b"person2"), *LINES[5:], END]),
        "line 12: the root of the entries is not the one in the checkpoint",
    ),
    "a moment before the last one": (
        export_of([*ENTRIES[:4], {**ENTRIES[4], "recorded_at": ENTRIES[2]["recorded_at"]}]),
        "line 5: the entry is recorded earlier than the one before",
    ),
    "another origin": (
        with_note(checkpoint_of(ENTRIES, origin="evil.test/history/0123abcd")),
        f"line 12: the checkpoint is of `evil.test/history/0123abcd`, the key of `{ORIGIN}`",
    ),
    "another key": (
        with_note(checkpoint_of(ENTRIES, private=OTHER_KEY)),
        "line 12: the checkpoint is not signed by the key",
    ),
    "a checkpoint of fewer entries": (
        with_note(checkpoint_of(ENTRIES[:4])),
        "the checkpoint does not cover entries 4 on",
    ),
    "a size beyond the tree": (
        export_of(ENTRIES[:4], NOTE),
        "the checkpoint covers 11 entries, here are 4",
    ),
    "a size with too many digits": (
        with_note(NOTE.replace("\n11\n", f"\n{'9' * 20}\n")),
        f"line 12: `{'9' * 20}` is no size",
    ),
    "a size with a leading zero": (with_note(NOTE.replace("\n11\n", "\n011\n")), "line 12: `011` is no size"),
    "a root in malformed base64": (with_note(NOTE.replace("\n11\n", "\n11\n*")), "line 12: malformed base64"),
    "a signature in malformed base64": (with_note(NOTE[:-2] + "*\n"), "line 12: malformed base64"),
    "a root of too few bytes": (
        with_note(f"{ORIGIN}\n11\nAAAA\n\n{NOTE.split(chr(10) * 2)[1]}"),
        "line 12: the root has not 32 bytes",
    ),
    "something after the checkpoint": (b"".join([*LINES, END, LINES[0]]), "line 13: something follows the checkpoint"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_each_is_refused_with_its_line_and_the_reason(tmp_path: Path, kind: str) -> None:
    export, reason = REFUSED[kind]
    assert reasons(tmp_path, export) == {reason}


@pytest.mark.parametrize(
    "number",
    ["0.5", "1e-9999999", "1e400", "1e999999999999999999", "9007199254740992", "9007199254740991.5", "1" * 5000, "NaN"],
)
def test_a_number_that_is_not_whole_or_too_large_is_none(tmp_path: Path, number: str) -> None:
    odd = LINES[1].replace(b'"count":1', b'"count":' + number.encode())
    assert odd != LINES[1]
    assert verdicts(tmp_path, b"".join([LINES[0], odd, *LINES[2:], END])) == {"TAMPERED at 1"}


def test_one_is_one_however_it_is_written(tmp_path: Path) -> None:
    for one in ("1.0", "1e0", "10e-1", "0.0000000001e10", "1." + "0" * 5000):
        written = LINES[1].replace(b'"count":1', b'"count":' + one.encode())
        assert verdicts(tmp_path, b"".join([LINES[0], written, *LINES[2:], END])) == {f"VALID {SIZE}"}


# --- memory --------------------------------------------------------------------------------------------------

LONG_LINES = {
    "text": b"x",
    "spaces": b" ",
    "lists in lists in lists": b"[",
    "objects in objects": b'{"a":',
    "digits": b"9",
    "a text in quotes": b'"',
}


@pytest.mark.parametrize("by", [by_the_product, by_the_tool])
@pytest.mark.parametrize("kind", LONG_LINES)
def test_of_a_line_that_is_too_long_only_the_beginning_is_read(
    tmp_path: Path, kind: str, by: Callable[..., str]
) -> None:
    part = LONG_LINES[kind]
    export = tmp_path / "export.jsonl"
    export.write_bytes(LINES[0] + part * (40 * MIB // len(part)))
    verdict, peak = measured(by, export)
    assert verdict == "TAMPERED at 1"
    assert peak < 20 * MIB


@pytest.mark.parametrize("by", [by_the_product, by_the_tool])
def test_of_a_line_of_a_gigabyte_no_more_is_read(tmp_path: Path, by: Callable[..., str]) -> None:
    export = tmp_path / "export.jsonl"
    with export.open("wb") as file:
        file.write(LINES[0])
        file.truncate(1024 * MIB)
    verdict, peak = measured(by, export)
    assert verdict == "TAMPERED at 1"
    assert peak < 20 * MIB


@pytest.mark.parametrize("by", [by_the_product, by_the_tool])
def test_a_long_export_takes_no_more_memory_than_a_short_one(tmp_path: Path, by: Callable[..., str]) -> None:
    short, long = written(tmp_path / "short.jsonl", 200), written(tmp_path / "long.jsonl", 2000)
    (of_short, little), (of_long, much) = measured(by, short), measured(by, long)
    assert (of_short, of_long) == ("VALID 200", "VALID 2000")
    assert much < little + MIB // 4


def written(path: Path, size: int) -> Path:
    """A sound export of a size, in a file."""
    tree = Frontier()
    with path.open("wb") as file:
        for sequence in range(size):
            leaf = canonical(an_entry(sequence, recorded_at="2026-03-02T08:00:00.000000Z"))
            tree.add(leaf_hash(leaf))
            file.write(leaf + b"\n")
        file.write(last_line(Checkpoint(ORIGIN, size, tree.root()).signed(KEY, PRIVATE.sign)))
    return path


def measured(by: Callable[..., str], export: Path) -> tuple[str, int]:
    """The verdict on an export, and the most bytes of memory that it took."""
    tracemalloc.start()
    try:
        verdict = by(export, None, str(KEY), False)
        return verdict, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
