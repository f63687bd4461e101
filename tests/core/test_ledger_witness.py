"""What a witness signs: a checkpoint of a log that it follows, which extends the last one that it signed."""

from collections.abc import Mapping
from http import HTTPStatus

import pytest

from accessmgr.core.ledger.note import COSIGNATURE, Checkpoint, VerifierKey, WrongNote
from accessmgr.core.ledger.tree import Frontier, consistency, leaf_hash
from accessmgr.core.ledger.witness import NotWitnessed, Submission, cosign, cosigned_at, examine
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault, is_signature

LOG, OTHER_LOG, WITNESS = (Vault(KeyRing.fresh()) for _ in range(3))
ORIGIN = "example.test/history/0123abcd"
ONE_MORE = b"\n" + b"A" * 43 + b"=\n\n"
KEY = VerifierKey(ORIGIN, LOG.public_key())
WITNESS_KEY = VerifierKey("witness.test/w1", WITNESS.public_key(), COSIGNATURE)


def a_log(size: int, words: str = "entry") -> tuple[Checkpoint, dict[tuple[int, int], bytes]]:
    """The checkpoint over so many entries, and the nodes of their tree."""
    tree, nodes = Frontier(), {}
    for number in range(size):
        for level, index, hash_ in tree.add(leaf_hash(f"{words} {number}".encode())):
            nodes[level, index] = hash_
    return Checkpoint(ORIGIN, tree.size, tree.root()), nodes


def a_submission(old: int, size: int, *, words: str = "entry", vault: Vault = LOG, origin: str = ORIGIN) -> bytes:
    """What the log sends when it has grown from one size to another."""
    checkpoint, nodes = a_log(size, words)
    proof = consistency(old, size, lambda level, index: nodes[level, index]) if 0 < old < size else []
    key = VerifierKey(origin, vault.public_key())
    note = Checkpoint(origin, size, checkpoint.root).signed(key, vault.sign)
    return str(Submission(old, tuple(proof), note)).encode()


def examined(body: bytes, known: int = 0, *, words: str = "entry") -> str:
    """What the witness finds who signed so many entries before."""
    last: Mapping[str, Checkpoint] = {ORIGIN: a_log(known, words)[0]} if known else {}
    return examine(body, last.get, [KEY], is_signature)


@pytest.mark.parametrize(("known", "size"), [(0, 0), (0, 1), (0, 7), (1, 2), (3, 3), (3, 4), (4, 9), (6, 64), (63, 64)])
def test_what_extends_the_last_one_is_found_good(known: int, size: int) -> None:
    note = examined(a_submission(known, size), known)
    assert Checkpoint.parse(note).size == size


@pytest.mark.parametrize(
    ("body", "known", "status", "size"),
    [
        (a_submission(5, 8, origin="example.test/history/ffffffff"), 5, HTTPStatus.NOT_FOUND, None),
        (a_submission(5, 8, vault=OTHER_LOG), 5, HTTPStatus.FORBIDDEN, None),
        (a_submission(9, 8), 9, HTTPStatus.BAD_REQUEST, None),
        (a_submission(0, 8), 5, HTTPStatus.CONFLICT, 5),
        (a_submission(4, 8), 5, HTTPStatus.CONFLICT, 5),
        (a_submission(0, 3), 5, HTTPStatus.CONFLICT, 5),
        (a_submission(3, 3), 5, HTTPStatus.CONFLICT, 5),
        (a_submission(5, 5, words="other"), 5, HTTPStatus.CONFLICT, 5),
        (a_submission(5, 8, words="other"), 5, HTTPStatus.UNPROCESSABLE_ENTITY, None),
        (
            a_submission(5, 8).replace(b"\n\n", ONE_MORE, 1),
            5,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            None,
        ),
        (
            a_submission(0, 8).replace(b"\n\n", ONE_MORE, 1),
            0,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            None,
        ),
    ],
)
def test_what_does_not_is_refused(body: bytes, known: int, status: HTTPStatus, size: int | None) -> None:
    with pytest.raises(NotWitnessed) as refusal:
        examined(body, known)
    assert (refusal.value.status, refusal.value.size) == (status, size)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: b"",
        lambda body: b"\xff" + body,
        lambda body: body.replace(b"old ", b"new "),
        lambda body: body.replace(b"old 5", b"old 05"),
        lambda body: body.replace(b"old 5", b"old -5"),
        lambda body: body.replace(b"\n\n", b"\n", 1),
        lambda body: body.replace(b"\n\n", b"\nAAAA\n\n", 1),
        lambda body: body.replace(b"\n\n", b"\n*\n\n", 1),
        lambda body: body.replace(b"\n\n", b"\n" + (b"A" * 43 + b"=\n") * 64 + b"\n", 1),
        lambda body: body[:-1],
        lambda body: body.replace(b"\n8\n", b"\n8\nmore\n"),
    ],
)
def test_what_is_no_submission_is_a_bad_request(spoil) -> None:
    with pytest.raises(NotWitnessed) as refusal:
        examined(spoil(a_submission(5, 8)), 5)
    assert refusal.value.status == HTTPStatus.BAD_REQUEST


def test_a_log_that_rotated_its_key_is_known_by_either() -> None:
    checkpoint, _ = a_log(3)
    new = VerifierKey(ORIGIN, OTHER_LOG.public_key())
    for vault, key in ((LOG, KEY), (OTHER_LOG, new)):
        body = str(Submission(0, (), checkpoint.signed(key, vault.sign))).encode()
        assert examine(body, lambda origin: None, [KEY, new], is_signature) == checkpoint.signed(key, vault.sign)


def test_the_line_of_a_witness_stands_under_the_note_and_says_when() -> None:
    signed = a_log(8)[0].signed(KEY, LOG.sign)
    line = cosign(Checkpoint.parse(signed), WITNESS_KEY, WITNESS.sign, 1772442000)
    both = Checkpoint.parse(signed + line)
    both.check(KEY, is_signature)
    assert cosigned_at(both, WITNESS_KEY, is_signature) == 1772442000


def test_the_line_of_a_witness_is_of_one_checkpoint_moment_and_key() -> None:
    eight, nine = (a_log(size)[0].signed(KEY, LOG.sign) for size in (8, 9))
    line = cosign(Checkpoint.parse(eight), WITNESS_KEY, WITNESS.sign, 1772442000)
    of_another = VerifierKey(WITNESS_KEY.name, OTHER_LOG.public_key(), COSIGNATURE)
    for note, key in (
        (nine + line, WITNESS_KEY),
        (eight, WITNESS_KEY),
        (eight + line, of_another),
        (eight + line, KEY),
    ):
        with pytest.raises(WrongNote, match="witness"):
            cosigned_at(Checkpoint.parse(note), key, is_signature)


def test_a_key_of_a_log_is_never_one_of_a_witness() -> None:
    """C2SP `tlog-cosignature`: the type 0x04 is part of the id."""
    as_log = VerifierKey(WITNESS_KEY.name, WITNESS_KEY.public)
    assert WITNESS_KEY.id != as_log.id
    assert VerifierKey.parse(str(WITNESS_KEY), COSIGNATURE) == WITNESS_KEY
    for text, type_ in ((str(as_log), COSIGNATURE), (str(WITNESS_KEY), b"\x01")):
        with pytest.raises(WrongNote, match="the verifier key is not of"):
            VerifierKey.parse(text, type_)
