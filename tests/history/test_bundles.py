"""Bundles of entries with their proofs, honest and not: what both verifiers say of each kind of tampering."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessmgr.core.ledger import tree
from accessmgr.core.ledger.bundle import closing, proof
from accessmgr.core.ledger.form import canonical
from tests.history.exports import KEY, UNREADABLE, an_entry, checkpoint_of, verdicts

SIZE = 11
ENTRIES = [an_entry(sequence) for sequence in range(SIZE)]
CHOSEN = (1, 4, 7, 10)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def lines_of(chosen: Sequence[int], entries: Sequence[dict[str, Any]] = ENTRIES) -> list[dict[str, Any]]:
    """The proofs of the chosen ones among the entries."""
    nodes = {
        (level, index): hash_
        for size, entry in enumerate(entries)
        for level, index, hash_ in _appended(size, entry, entries)
    }
    root = tree.root(len(entries), lambda level, index: nodes[level, index])
    return [
        proof(
            entries[at],
            len(entries),
            tree.inclusion(at, len(entries), lambda level, index: nodes[level, index]),
            root,
        )
        for at in chosen
    ]


def _appended(size: int, entry: dict[str, Any], entries: Sequence[dict[str, Any]]) -> list[tuple[int, int, bytes]]:
    frontier = tree.Frontier()
    for before in entries[:size]:
        frontier.add(tree.leaf_hash(canonical(before)))
    return frontier.add(tree.leaf_hash(canonical(entry)))


PROOFS = lines_of(CHOSEN)
NOTE = checkpoint_of(ENTRIES)


def bundle_of(lines: Sequence[dict[str, Any]], entries: int | None = None, note: str = NOTE) -> bytes:
    """The lines of a bundle, closed by the number of entries and the checkpoint."""
    last = closing(len(lines) if entries is None else entries, note)
    return b"".join(canonical(line) + b"\n" for line in (*lines, last))


def changed(at: int, **different: Any) -> list[dict[str, Any]]:
    """The proofs, of which one is another."""
    return [*PROOFS[:at], {**PROOFS[at], **different}, *PROOFS[at + 1 :]]


@pytest.mark.parametrize("chosen", [(), (0,), (SIZE - 1,), CHOSEN, tuple(range(SIZE))])
@pytest.mark.parametrize("strict", [False, True])
def test_an_honest_bundle_is_valid(tmp_path: Path, chosen: tuple[int, ...], strict: bool) -> None:
    bundle = bundle_of(lines_of(chosen))
    assert verdicts(tmp_path, bundle, strict=strict) == {f"VALID {len(chosen)}"}
    assert verdicts(tmp_path, bundle, vkey=None) == {f"VALID {len(chosen)}"}


def test_another_spelling_is_valid_and_not_strictly_so(tmp_path: Path) -> None:
    lines = [json.dumps(dict(reversed(line.items())), indent=None) for line in (*PROOFS, closing(4, NOTE))]
    bundle = "\n".join(lines).encode()
    assert verdicts(tmp_path, bundle) == {"VALID 4"}
    assert verdicts(tmp_path, bundle, strict=True) == {"TAMPERED at 0"}


def test_a_bundle_is_not_compared_with_an_old_checkpoint(tmp_path: Path) -> None:
    assert verdicts(tmp_path, bundle_of(PROOFS), old=checkpoint_of(ENTRIES[:5])) == {UNREADABLE}


OF_ANOTHER = lines_of(CHOSEN, [an_entry(sequence, actor="mallory") for sequence in range(SIZE)])

TAMPERING: dict[str, tuple[Callable[[], bytes], str]] = {
    "an entry is edited": (
        lambda: bundle_of(changed(2, entry=an_entry(7, actor="mallory"))),
        "TAMPERED at 2",
    ),
    "an entry is edited with its hash": (
        lambda: bundle_of(changed(2, entry=OF_ANOTHER[2]["entry"], leaf_hash=OF_ANOTHER[2]["leaf_hash"])),
        "TAMPERED at 2",
    ),
    "a step of a proof is another": (
        lambda: bundle_of(changed(1, hashes=[PROOFS[1]["hashes"][-1], *PROOFS[1]["hashes"][1:]])),
        "TAMPERED at 1",
    ),
    "a step of a proof is missing": (lambda: bundle_of(changed(1, hashes=PROOFS[1]["hashes"][1:])), "TAMPERED at 1"),
    "a proof has a step too many": (
        lambda: bundle_of(changed(1, hashes=[*PROOFS[1]["hashes"], PROOFS[1]["root_hash"]])),
        "TAMPERED at 1",
    ),
    "a step is no hash": (lambda: bundle_of(changed(1, hashes=["", *PROOFS[1]["hashes"][1:]])), "TAMPERED at 1"),
    "a step is no text": (lambda: bundle_of(changed(1, hashes=[1, *PROOFS[1]["hashes"][1:]])), "TAMPERED at 1"),
    "a proof of another place": (lambda: bundle_of(changed(1, hashes=PROOFS[2]["hashes"])), "TAMPERED at 1"),
    "a proof in a tree of another size": (lambda: bundle_of(changed(1, tree_size=SIZE + 1)), "TAMPERED at 1"),
    "a sequence that is not the entry's": (lambda: bundle_of(changed(1, sequence=5)), "TAMPERED at 1"),
    "a line of another kind": (lambda: bundle_of(changed(1, kind="consistency")), "TAMPERED at 1"),
    "a line with a member too many": (lambda: bundle_of(changed(1, comment="")), "TAMPERED at 1"),
    "an entry with a member too many": (
        lambda: bundle_of(changed(1, entry=an_entry(4, comment=""))),
        "TAMPERED at 1",
    ),
    "an entry of another history": (lambda: bundle_of([*PROOFS[:3], OF_ANOTHER[3]]), "TAMPERED at 3"),
    "every entry of another history": (lambda: bundle_of(OF_ANOTHER), "TAMPERED between 0 and 3"),
    "an entry twice": (lambda: bundle_of([*PROOFS[:2], *PROOFS[1:]]), "TAMPERED at 2"),
    "two lines are swapped": (lambda: bundle_of([PROOFS[1], PROOFS[0], *PROOFS[2:]]), "TAMPERED at 1"),
    "a line is missing": (lambda: bundle_of([PROOFS[0], *PROOFS[2:]], entries=4), "TRUNCATED"),
    "a line is added": (lambda: bundle_of(lines_of((1, 4, 5, 7, 10)), entries=4), "TAMPERED at 5"),
    "the checkpoint is of another size": (
        lambda: bundle_of(PROOFS, note=checkpoint_of(ENTRIES[:10])),
        "TAMPERED between 0 and 3",
    ),
    "the checkpoint is of another key": (
        lambda: bundle_of(PROOFS, note=checkpoint_of(ENTRIES, private=OTHER_KEY)),
        "TAMPERED between 0 and 3",
    ),
    "the checkpoint is of another origin": (
        lambda: bundle_of(PROOFS, note=checkpoint_of(ENTRIES, origin="example.test/history/other")),
        "TAMPERED between 0 and 3",
    ),
    "the checkpoint is none": (lambda: bundle_of(PROOFS, note="none"), "TAMPERED at 4"),
    "something follows": (lambda: bundle_of(PROOFS) + b"{}\n", "TAMPERED at 4"),
    "the last line is cut off": (lambda: b"".join(bundle_of(PROOFS).splitlines(keepends=True)[:-1]), "TRUNCATED"),
    "the last line is cut": (lambda: bundle_of(PROOFS)[:-9], "TRUNCATED"),
    "the first line is cut": (lambda: bundle_of(PROOFS)[:99], UNREADABLE),
    "nothing is left": (lambda: b"", "TRUNCATED"),
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_both_verifiers_find_what_was_tampered_with(tmp_path: Path, kind: str) -> None:
    bundle, verdict = TAMPERING[kind]
    assert verdicts(tmp_path, bundle()) == {verdict}


@given(st.randoms(use_true_random=False), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_a_bundle_with_changed_bytes_both_say_the_same(tmp_path: Path, chance: random.Random, strict: bool) -> None:
    bundle = bytearray(bundle_of(PROOFS))
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(bundle))
        bundle[at : at + chance.randint(0, 1)] = bytes(chance.choices(b'09{}[]",:.\\\n\xc3ae-', k=chance.randint(0, 2)))
    assert len(verdicts(tmp_path, bytes(bundle), strict=strict)) == 1


def test_no_byte_of_an_entry_or_proof_can_be_changed(tmp_path: Path) -> None:
    bundle = bundle_of(PROOFS)
    for at in range(0, bundle.index(b"\n") + 1, 7):
        other = bytes([*bundle[:at], bundle[at] ^ 1, *bundle[at + 1 :]])
        assert verdicts(tmp_path, other, vkey=str(KEY)) not in ({"VALID 4"}, {"VALID 3"})
