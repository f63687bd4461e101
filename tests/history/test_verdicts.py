"""Exports, honest and not: what both verifiers say of each kind of tampering, at several places."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.history.exports import (
    KEY,
    ORIGIN,
    UNREADABLE,
    an_entry,
    checkpoint_of,
    export_of,
    last_line,
    lines_of,
    respelt,
    verdicts,
)

SIZE = 11
ENTRIES = [an_entry(sequence) for sequence in range(SIZE)]
LINES = lines_of(ENTRIES)
HONEST = export_of(ENTRIES)
NOTE = checkpoint_of(ENTRIES)
PLACES = [0, 1, 4, 7, 8, 9, SIZE - 1]
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def with_lines(lines: list[bytes]) -> bytes:
    """These lines, closed by the honest checkpoint."""
    return b"".join(lines) + last_line(NOTE)


def changed(at: int, **different: Any) -> list[dict[str, Any]]:
    """The entries, of which one is another."""
    return [*ENTRIES[:at], an_entry(at, **different), *ENTRIES[at + 1 :]]


def with_old_signature(entries: list[dict[str, Any]]) -> str:
    """The checkpoint of these entries, under the signature of the honest one."""
    return checkpoint_of(entries).split("\n\n")[0] + "\n\n" + NOTE.split("\n\n")[1]


@pytest.mark.parametrize("size", [*range(10), 31, 32, 33, 100])
@pytest.mark.parametrize("strict", [False, True])
def test_an_honest_export_is_valid(tmp_path: Path, size: int, strict: bool) -> None:
    export = export_of([an_entry(sequence) for sequence in range(size)])
    assert verdicts(tmp_path, export, strict=strict) == {f"VALID {size}"}
    assert verdicts(tmp_path, export, strict=strict, vkey=None) == {f"VALID {size}"}


@pytest.mark.parametrize("before", [0, 1, 7, 8, 10, 11])
def test_an_export_extends_each_earlier_checkpoint(tmp_path: Path, before: int) -> None:
    assert verdicts(tmp_path, HONEST, old=checkpoint_of(ENTRIES[:before])) == {f"VALID {SIZE}"}


def test_another_spelling_of_the_same_entries_is_valid_and_not_strictly_so(tmp_path: Path) -> None:
    export = b"".join(map(respelt, ENTRIES)) + json.dumps({"checkpoint": NOTE}).encode()
    assert verdicts(tmp_path, export) == {f"VALID {SIZE}"}
    assert verdicts(tmp_path, export, strict=True) == {"TAMPERED at 0"}


def test_what_rfc_8785_does_not_escape_stands_as_itself_in_names_and_values(tmp_path: Path) -> None:
    strange = "".join(map(chr, range(128)))
    entries = [an_entry(0, decision={strange: strange + "\x80\u2028\ufeff\U0001f602"})]
    assert verdicts(tmp_path, export_of(entries), strict=True) == {"VALID 1"}


def test_whole_numbers_may_be_written_with_a_point_or_an_exponent(tmp_path: Path) -> None:
    written = LINES[3].replace(b'"sequence":3', b'"sequence":0.3e1')
    assert written != LINES[3]
    assert verdicts(tmp_path, with_lines([*LINES[:3], written, *LINES[4:]])) == {f"VALID {SIZE}"}


TAMPERING: dict[str, tuple[Callable[[int], bytes], Callable[[int], str]]] = {
    "an entry is deleted": (
        lambda at: with_lines(LINES[:at] + LINES[at + 1 :]),
        lambda at: "TRUNCATED" if at == SIZE - 1 else f"TAMPERED at {at}",
    ),
    "an entry stands twice": (
        lambda at: with_lines([*LINES[: at + 1], *LINES[at:]]),
        lambda at: f"TAMPERED at {at + 1}",
    ),
    "two entries are swapped": (
        lambda at: with_lines([*LINES[:at], *LINES[at + 1 : at + 2], LINES[at], *LINES[at + 2 :]]),
        lambda at: f"VALID {SIZE}" if at == SIZE - 1 else f"TAMPERED at {at}",
    ),
    "an entry is edited": (
        lambda at: with_lines(lines_of(changed(at, actor="mallory"))),
        lambda at: f"TAMPERED between 0 and {SIZE - 1}",
    ),
    "an entry is edited and the root made anew": (
        lambda at: export_of(changed(at, actor="mallory"), with_old_signature(changed(at, actor="mallory"))),
        lambda at: f"TAMPERED between 0 and {SIZE - 1}",
    ),
    "an entry is edited and signed with another key": (
        lambda at: export_of(
            changed(at, actor="mallory"), checkpoint_of(changed(at, actor="mallory"), private=OTHER_KEY)
        ),
        lambda at: f"TAMPERED between 0 and {SIZE - 1}",
    ),
    "an entry is inserted": (
        lambda at: with_lines([*LINES[:at], *lines_of([an_entry(at, actor="mallory")]), *LINES[at:]]),
        lambda at: f"TAMPERED at {at + 1}",
    ),
    "an entry is inserted and the rest numbered anew": (
        lambda at: with_lines(
            lines_of(
                [
                    *ENTRIES[:at],
                    an_entry(at, actor="mallory"),
                    *({**entry, "sequence": entry["sequence"] + 1} for entry in ENTRIES[at:]),
                ]
            )
        ),
        lambda at: f"TAMPERED between 0 and {SIZE - 1}",
    ),
    "the end is cut off": (lambda at: b"".join(LINES[:at]), lambda at: "TRUNCATED"),
    "the end is cut off within a line": (
        lambda at: b"".join([*LINES[:at], LINES[at][:-9]]),
        lambda at: UNREADABLE if at == 0 else "TRUNCATED",
    ),
    "a line is no JSON": (
        lambda at: with_lines([*LINES[:at], LINES[at][:-9] + b"\n", *LINES[at + 1 :]]),
        lambda at: UNREADABLE if at == 0 else f"TAMPERED at {at}",
    ),
    "an entry has a seventh member": (
        lambda at: with_lines(lines_of(changed(at, comment=""))),
        lambda at: f"TAMPERED at {at}",
    ),
    "a member is of another type": (
        lambda at: with_lines(lines_of(changed(at, data="enterprise"))),
        lambda at: f"TAMPERED at {at}",
    ),
    "a member stands twice": (
        lambda at: with_lines([*LINES[:at], LINES[at].replace(b'{"actor', b'{"type":"","actor'), *LINES[at + 1 :]]),
        lambda at: f"TAMPERED at {at}",
    ),
    "a value is null": (
        lambda at: with_lines([*LINES[:at], LINES[at].replace(b"true", b"null"), *LINES[at + 1 :]]),
        lambda at: f"TAMPERED at {at}",
    ),
    "a moment is of the day before": (
        lambda at: with_lines(lines_of(changed(at, recorded_at="2026-03-01T08:00:00.000000Z"))),
        lambda at: f"TAMPERED at {at}" if at else f"TAMPERED between 0 and {SIZE - 1}",
    ),
    "a moment is none": (
        lambda at: with_lines(lines_of(changed(at, recorded_at="2026-02-30T08:00:00.000000Z"))),
        lambda at: f"TAMPERED at {at}",
    ),
    "a moment has three decimals": (
        lambda at: with_lines(lines_of(changed(at, recorded_at="2026-03-02T09:00:00.000Z"))),
        lambda at: f"TAMPERED at {at}",
    ),
    "half a character is written": (
        lambda at: with_lines([*LINES[:at], LINES[at].replace(b"GRANT-1", b"\\ud83d"), *LINES[at + 1 :]]),
        lambda at: f"TAMPERED at {at}",
    ),
    "a line is empty": (
        lambda at: with_lines([*LINES[:at], b"\n", *LINES[at:]]),
        lambda at: UNREADABLE if at == 0 else f"TAMPERED at {at}",
    ),
    "the checkpoint stands too early": (
        lambda at: b"".join([*LINES[:at], last_line(NOTE), *LINES[at:]]),
        lambda at: f"TAMPERED at {at}",
    ),
    "the checkpoint is of fewer entries": (
        lambda at: export_of(ENTRIES, checkpoint_of(ENTRIES[:at])),
        lambda at: "UNSIGNED TAIL",
    ),
    "the checkpoint is of more entries": (
        lambda at: export_of(ENTRIES[:at], NOTE),
        lambda at: "TRUNCATED",
    ),
    "the checkpoint is of fewer and other entries": (
        lambda at: export_of(ENTRIES, checkpoint_of(changed(at, actor="mallory")[: at + 1])),
        lambda at: f"TAMPERED between 0 and {at}" if at else "TAMPERED at 0",
    ),
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_each_kind_of_tampering_is_found_at_each_place(tmp_path: Path, kind: str) -> None:
    tamper, expected = TAMPERING[kind]
    found = {at: verdicts(tmp_path, tamper(at)) for at in PLACES}
    assert found == {at: {expected(at)} for at in PLACES}


NOTES: dict[str, tuple[str, str]] = {
    "of another size, not signed": (NOTE.replace("\n11\n", "\n10\n"), "TAMPERED between 0 and 9"),
    "of a size beyond the entries, not signed": (NOTE.replace("\n11\n", "\n12\n"), "TRUNCATED"),
    "of another origin": (checkpoint_of(ENTRIES, origin="evil.test/history/0123abcd"), "TAMPERED between 0 and 10"),
    "with another origin and the same signature": (NOTE.replace("example", "another"), "TAMPERED between 0 and 10"),
    "without signature": (NOTE.split("\n\n")[0] + "\n\n", "TAMPERED at 11"),
    "with a signature of zeros": (
        NOTE.rsplit(" ", 1)[0] + " " + b64encode(KEY.id + bytes(64)).decode() + "\n",
        "TAMPERED between 0 and 10",
    ),
    "with malformed base64": (NOTE.replace("— ", "— x ", 1), "TAMPERED at 11"),
    "with half its base64": (NOTE[:-10] + "\n", "TAMPERED at 11"),
    "with a signature cut short": (NOTE[:-9] + "\n", "TAMPERED between 0 and 10"),
    "with a size of many digits": (NOTE.replace("\n11\n", f"\n{10**30}\n"), "TAMPERED at 11"),
    "without its last newline": (NOTE[:-1], "TAMPERED at 11"),
    "empty": ("", "TAMPERED at 11"),
}


@pytest.mark.parametrize("kind", NOTES)
def test_a_checkpoint_that_is_wrong_is_refused(tmp_path: Path, kind: str) -> None:
    note, expected = NOTES[kind]
    assert verdicts(tmp_path, export_of(ENTRIES, note)) == {expected}


def test_a_history_that_was_written_anew_is_forked_from_the_old_checkpoint(tmp_path: Path) -> None:
    for at in PLACES:
        anew = export_of(changed(at, actor="mallory"))
        assert verdicts(tmp_path, anew) == {f"VALID {SIZE}"}
        for before in range(at + 1, SIZE + 1):
            assert verdicts(tmp_path, anew, old=checkpoint_of(ENTRIES[:before])) == {"FORKED"}


def test_an_earlier_state_is_truncated_for_who_knows_a_later_one(tmp_path: Path) -> None:
    for size in range(SIZE):
        assert verdicts(tmp_path, export_of(ENTRIES[:size]), old=NOTE) == {"TRUNCATED"}


def test_another_log_is_forked_from_this_one(tmp_path: Path) -> None:
    other = export_of(ENTRIES, checkpoint_of(ENTRIES, origin="example.test/history/ffffffff"))
    assert verdicts(tmp_path, other, old=NOTE, vkey=None) == {"FORKED"}


def test_an_old_checkpoint_narrows_down_where_it_was_tampered_with(tmp_path: Path) -> None:
    edited = with_lines(lines_of(changed(9, actor="mallory")))
    found = {size: verdicts(tmp_path, edited, old=checkpoint_of(ENTRIES[:size])) for size in (4, 9, 10)}
    assert found == {
        4: {"TAMPERED between 4 and 10"},
        9: {"TAMPERED between 9 and 10"},
        10: {"TAMPERED between 0 and 10"},
    }


@pytest.mark.parametrize(
    "export",
    [
        b"{",
        b"hello\n",
        b"[]\n" + HONEST,
        b"\xff\xfe" + HONEST,
        b"\xef\xbb\xbf" + HONEST,
        HONEST.decode().encode("utf-16"),
    ],
)
def test_what_does_not_begin_like_an_export_is_unreadable(tmp_path: Path, export: bytes) -> None:
    assert verdicts(tmp_path, export) == {UNREADABLE}


@pytest.mark.parametrize("vkey", ["", "x", f"{ORIGIN}+00000000+{b64encode(bytes(33)).decode()}"])
def test_what_is_no_verifier_key_is_wrong_use(tmp_path: Path, vkey: str) -> None:
    assert verdicts(tmp_path, HONEST, vkey=vkey) == {UNREADABLE}


def test_an_old_checkpoint_that_the_key_did_not_sign_is_wrong_use(tmp_path: Path) -> None:
    for old in ("", "x", checkpoint_of(ENTRIES[:4], private=OTHER_KEY), NOTE.replace("\n11\n", "\n10\n")):
        assert verdicts(tmp_path, HONEST, old=old) == {UNREADABLE}


def test_something_after_the_checkpoint_is_found(tmp_path: Path) -> None:
    for more in (b"\n", b"x", LINES[0], last_line(NOTE), lines_of([an_entry(SIZE)])[0]):
        assert verdicts(tmp_path, HONEST + more) == {f"TAMPERED at {SIZE}"}


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    endless = LINES[0] + b'{"data":"' + b"x" * (5 * 1024 * 1024)
    assert verdicts(tmp_path, endless) == {"TAMPERED at 1"}


def test_objects_nested_too_deep_are_refused_alike(tmp_path: Path) -> None:
    def nested(depth: int) -> bytes:
        deep = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
        return with_lines([LINES[0], LINES[1].replace(b'"decision":{', b'"decision":{"deep":' + deep + b",")])

    expected = {61: "TRUNCATED", 62: "TRUNCATED", 63: "TAMPERED at 1", 500: "TAMPERED at 1", 100_000: "TAMPERED at 1"}
    assert {depth: verdicts(tmp_path, nested(depth)) for depth in expected} == {
        depth: {verdict} for depth, verdict in expected.items()
    }
