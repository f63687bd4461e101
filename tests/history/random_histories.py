"""Small random histories, honest or tampered with in one of many ways, each told by a seed alone."""

from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.history.exports import KEY, an_entry, checkpoint_of, export_of, last_line, lines_of, respelt

Entries = list[dict[str, Any]]

MOST = 9
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
TEXTS = ("", "é", "\u2028", '"\\', "\x00\x1f", "\U0001f602", "GRANT-1", "1999000150", "x" * 40)
NUMBERS = (0, 1, -1, 2**53 - 1, -(2**53) + 1, 17)
BYTES = b'09{}[]",:.\\\n\xc3ae- \r'


@dataclass(frozen=True)
class Case:
    """An export, and how it is to be verified. `honest` is the number of entries if nothing was tampered with."""

    export: bytes
    old: str | None
    vkey: str | None
    strict: bool
    honest: int | None


def case_of(seed: int) -> Case:
    """The case of a seed: two in five are honest, and one in five is verified with the key."""
    chance = Random(seed)  # noqa: S311  # the same at every run, no secret
    entries = [an_entry(sequence, **_different(chance)) for sequence in range(chance.randint(0, MOST))]
    is_honest = chance.random() < 0.4
    export = export_of(entries) if is_honest else chance.choice(TAMPERING)(entries, chance)
    old = checkpoint_of(entries[: chance.randint(0, len(entries))]) if chance.random() < 0.5 else None
    vkey = str(KEY) if chance.random() < 0.2 else None
    return Case(export, old, vkey, chance.random() < 0.5, len(entries) if is_honest else None)


def _different(chance: Random) -> dict[str, Any]:
    return {"decision": _object(chance, 1), "data": _object(chance, 2), "actor": chance.choice(TEXTS)}


def _object(chance: Random, depth: int) -> dict[str, Any]:
    return {chance.choice("abc") * chance.randint(0, 2): _value(chance, depth) for _ in range(chance.randint(0, 3))}


def _value(chance: Random, depth: int) -> Any:
    kinds = [chance.choice(TEXTS), chance.choice(NUMBERS), chance.random() < 0.5]
    if depth:
        kinds += [_object(chance, depth - 1), [_value(chance, depth - 1) for _ in range(chance.randint(0, 2))]]
    return chance.choice(kinds)


# --- ways to tamper ------------------------------------------------------------------------------------------


def _bytes_changed(entries: Entries, chance: Random) -> bytes:
    export = bytearray(export_of(entries))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(export))
        export[at : at + chance.randint(0, 1)] = bytes(chance.choices(BYTES, k=chance.randint(0, 2)))
    return bytes(export)


def _cut_short(entries: Entries, chance: Random) -> bytes:
    export = export_of(entries)
    return export[: chance.randrange(len(export))]


def _lines_moved(entries: Entries, chance: Random) -> bytes:
    lines = [*lines_of(entries), last_line(checkpoint_of(entries))]
    lines.insert(chance.randint(0, len(lines)), lines.pop(chance.randrange(len(lines))))
    return b"".join(lines)


def _line_left_out_or_repeated(entries: Entries, chance: Random) -> bytes:
    lines = [*lines_of(entries), last_line(checkpoint_of(entries))]
    at = chance.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * chance.choice([0, 2])
    return b"".join(lines)


def _edited(entries: Entries, chance: Random) -> Entries:
    if not entries:
        return [an_entry(0)]
    at = chance.randrange(len(entries))
    member = chance.choice(["actor", "type", "recorded_at", "sequence", "data", "extra"])
    worse = chance.choice(
        ["", "mallory", "2026-03-02T09:00:00.000000Z", "2026-02-30T09:00:00.000000Z", 3, {"a": 1}, []]
    )
    return [*entries[:at], {**entries[at], member: worse}, *entries[at + 1 :]]


def _edited_under_the_old_checkpoint(entries: Entries, chance: Random) -> bytes:
    return export_of(_edited(entries, chance), checkpoint_of(entries))


def _rewritten(entries: Entries, chance: Random) -> bytes:
    return export_of(_edited(entries, chance))


def _signed_by_another(entries: Entries, chance: Random) -> bytes:
    return export_of(entries, checkpoint_of(entries, private=OTHER_KEY))


def _of_another_origin(entries: Entries, chance: Random) -> bytes:
    return export_of(entries, checkpoint_of(entries, origin="example.test/history/ffffffff"))


def _checkpoint_of_another_size(entries: Entries, chance: Random) -> bytes:
    others = [*entries, *(an_entry(len(entries) + more) for more in range(3))]
    return export_of(entries, checkpoint_of(others[: chance.randint(0, len(others))]))


def _note_changed(entries: Entries, chance: Random) -> bytes:
    note = checkpoint_of(entries)
    at = chance.randrange(len(note))
    return export_of(entries, note[:at] + chance.choice(["", "A", "=", " ", "\n", "é", "+"]) + note[at + 1 :])


def _followed_by_more(entries: Entries, chance: Random) -> bytes:
    more = [b"\n", b" ", b"x", last_line(checkpoint_of(entries)), *lines_of([an_entry(len(entries))])]
    return export_of(entries) + chance.choice(more)


def _respelt(entries: Entries, chance: Random) -> bytes:
    return b"".join(map(respelt, entries)) + last_line(checkpoint_of(entries))


TAMPERING = (
    _bytes_changed,
    _cut_short,
    _lines_moved,
    _line_left_out_or_repeated,
    _edited_under_the_old_checkpoint,
    _rewritten,
    _signed_by_another,
    _of_another_origin,
    _checkpoint_of_another_size,
    _note_changed,
    _followed_by_more,
    _respelt,
)
