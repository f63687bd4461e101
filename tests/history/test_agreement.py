"""Both verifiers say the same of random histories that were tampered with at random."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.history.exports import TOOL, an_entry, checkpoint_of, export_of, is_signed, last_line, lines_of, verdicts
from tests.history.random_histories import case_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(st.characters(max_codepoint=127), max_size=5)
values = st.recursive(
    st.one_of(texts, st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
objects = st.dictionaries(names, values, max_size=3)
histories = st.lists(st.tuples(objects, objects, texts), max_size=12)
once = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def entries_of(history: list[tuple[dict, dict, str]]) -> list[dict]:
    """A history as entries."""
    return [
        an_entry(sequence, decision=decision, data=data, actor=actor)
        for sequence, (decision, data, actor) in enumerate(history)
    ]


@given(histories, st.integers(0, 12))
@once
def test_every_honest_history_is_valid_strictly_and_from_every_old_checkpoint(
    tmp_path: Path, history: list[tuple[dict, dict, str]], before: int
) -> None:
    entries = entries_of(history)
    old = checkpoint_of(entries[:before])
    assert verdicts(tmp_path, export_of(entries), old=old, strict=True) == {f"VALID {len(entries)}"}


@given(histories, st.randoms(use_true_random=False), st.booleans())
@once
def test_of_a_history_with_changed_bytes_both_say_the_same(
    tmp_path: Path, history: list[tuple[dict, dict, str]], chance: random.Random, strict: bool
) -> None:
    export = bytearray(export_of(entries_of(history)))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(export))
        export[at : at + chance.randint(0, 1)] = bytes(chance.choices(b'09{}[]",:.\\\n\xc3ae-', k=chance.randint(0, 2)))
    assert len(verdicts(tmp_path, bytes(export), strict=strict)) == 1


@given(histories, st.randoms(use_true_random=False))
@once
def test_of_a_history_with_moved_lines_both_say_the_same(
    tmp_path: Path, history: list[tuple[dict, dict, str]], chance: random.Random
) -> None:
    entries = entries_of(history)
    lines = [*lines_of(entries), last_line(checkpoint_of(entries[: chance.randint(0, len(entries))]))]
    for _ in range(chance.randint(0, 2)):
        lines.insert(chance.randint(0, len(lines)), lines.pop(chance.randrange(len(lines))))
    old = checkpoint_of(entries[: chance.randint(0, len(entries))])
    assert len(verdicts(tmp_path, b"".join(lines), old=chance.choice([old, None]))) == 1


@pytest.mark.parametrize("first", range(0, 10_000, 1000))
def test_of_ten_thousand_random_histories_both_say_the_same_and_know_the_honest_ones(
    tmp_path: Path, first: int
) -> None:
    at_odds, misjudged, said = [], [], Counter[str]()
    for seed in range(first, first + 1000):
        case = case_of(seed)
        found = verdicts(tmp_path, case.export, old=case.old, vkey=case.vkey, strict=case.strict)
        said.update(verdict.rstrip(" 0123456789").split(" between")[0] for verdict in found)
        if len(found) != 1:
            at_odds.append((seed, found))
        if case.honest is not None and found != {f"VALID {case.honest}"}:
            misjudged.append((seed, found))
    assert (at_odds, misjudged) == ([], [])
    assert sorted(said) == ["FORKED", "TAMPERED", "TAMPERED at", "TRUNCATED", "UNSIGNED TAIL", "VALID", "unreadable"]


# RFC 8032, section 7.1: public key, message and signature of tests 1 to 3.
KNOWN_SIGNATURES = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def test_the_known_signatures_are_accepted_and_none_that_differs_by_a_bit() -> None:
    for public, message, signature in KNOWN_SIGNATURES:
        key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
        assert TOOL.is_signature(key, signed, text) is True
        for bit in range(0, 512, 37):
            other = bytearray(signed)
            other[bit // 8] ^= 1 << bit % 8
            assert TOOL.is_signature(key, bytes(other), text) is False
            assert is_signed(key, bytes(other), text) is False
        assert TOOL.is_signature(key, signed, text + b"x") is False


def test_a_signature_with_the_order_added_is_not_another_one() -> None:
    public, message, signature = (bytes.fromhex(part) for part in KNOWN_SIGNATURES[1])
    larger = (int.from_bytes(signature[32:], "little") + TOOL.ORDER).to_bytes(32, "little")
    assert TOOL.is_signature(public, signature[:32] + larger, message) is False
