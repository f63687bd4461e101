"""Checkpoints as signed notes: what is signed reads back, and whatever is not exactly so is refused."""

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accessmgr.core.ledger.note import Checkpoint, VerifierKey, WrongNote

ORIGIN = "example.test/history/0123abcd"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEY = VerifierKey(ORIGIN, PUBLIC)
ROOT = sha256(b"root").digest()
NOTE = Checkpoint(ORIGIN, 11, ROOT).signed(KEY, PRIVATE.sign)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_note_is_three_lines_a_blank_one_and_a_signature() -> None:
    lines = NOTE.split("\n")
    signature = b64decode(lines[4].removeprefix(f"— {ORIGIN} "))
    assert lines[:4] == [ORIGIN, "11", b64encode(ROOT).decode(), ""]
    assert lines[5:] == [""]
    assert signature[:4] == sha256(ORIGIN.encode() + b"\n\x01" + PUBLIC).digest()[:4]
    assert is_signed(PUBLIC, signature[4:], "\n".join([*lines[:3], ""]).encode())


def test_a_verifier_key_reads_back() -> None:
    name, hash_, encoded = str(KEY).split("+", 2)
    assert (name, hash_) == (ORIGIN, KEY.id.hex())
    assert b64decode(encoded) == b"\x01" + PUBLIC
    assert VerifierKey.parse(f"{KEY}\n") == KEY


def test_the_key_id_is_that_of_the_specification() -> None:
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key.id.hex() == "c74f20a3"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "`name"),
        ("name+0011", "`name"),
        (str(KEY).replace(KEY.id.hex(), "00000000"), "hash in the verifier key"),
        (str(KEY).replace("example", "another"), "hash in the verifier key"),
        (str(KEY)[:-4], "not of Ed25519"),
        (str(KEY).rsplit("+", 1)[0] + "+" + b64encode(b"\x02" + PUBLIC).decode(), "`name|not of Ed25519"),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str, told: str) -> None:
    with pytest.raises(WrongNote, match=told):
        VerifierKey.parse(text)


def test_a_signed_note_reads_back_and_holds() -> None:
    checkpoint = Checkpoint.parse(NOTE)
    checkpoint.check(KEY, is_signed)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 11, ROOT)


def test_signatures_of_witnesses_are_passed_over() -> None:
    witness = f"— witness.test/w {b64encode(bytes(76)).decode()}\n"
    Checkpoint.parse(NOTE + witness).check(KEY, is_signed)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("\n11\n", "\n12\n", "not one of the key"),
        (b64encode(ROOT).decode(), b64encode(bytes(32)).decode(), "not one of the key"),
        (f"— {ORIGIN}", "— somebody.else", "not signed by the key"),
        ("example.test", "another.test", "the checkpoint is of"),
    ],
)
def test_a_note_that_says_something_else_is_not_signed(was: str, becomes: str, told: str) -> None:
    assert was in NOTE
    with pytest.raises(WrongNote, match=told):
        Checkpoint.parse(NOTE.replace(was, becomes)).check(KEY, is_signed)


def test_another_key_of_the_same_name_does_not_do() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    forged = VerifierKey(ORIGIN, other.public_key().public_bytes_raw())
    note = Checkpoint(ORIGIN, 11, ROOT).signed(forged, other.sign)
    with pytest.raises(WrongNote, match="not signed by the key"):
        Checkpoint.parse(note).check(KEY, is_signed)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("\n11\n", "\n011\n"),
        ("\n11\n", "\n-11\n"),
        ("\n11\n", "\n+11\n"),
        ("\n11\n", "\n1e1\n"),
        ("\n11\n", "\n11 \n"),
        ("\n11\n", "\n١١\n"),
        ("\n11\n", "\n99999999999999999999\n"),
        ("\n11\n", "\n"),
        ("\n11\n", "\r\n11\r\n"),
        ("\n\n", "\n"),
        ("\n\n", "\nextension\n\n"),
        ("\n— ", "\n- "),
        ("\n— ", "\n—  "),
        ("\n— ", "\n\n— "),
        ("example.test", "example test"),
        ("example.test", "example+test"),
        (b64encode(ROOT).decode(), b64encode(ROOT[:31]).decode()),
        (b64encode(ROOT).decode(), b64encode(ROOT).decode().rstrip("=")),
        (b64encode(ROOT).decode(), "*" + b64encode(ROOT).decode()[1:]),
    ],
)
def test_what_is_no_checkpoint_is_refused(was: str, becomes: str) -> None:
    assert was in NOTE
    with pytest.raises(WrongNote):
        Checkpoint.parse(NOTE.replace(was, becomes))


def test_a_note_without_its_last_newline_is_refused() -> None:
    with pytest.raises(WrongNote):
        Checkpoint.parse(NOTE[:-1])


def test_a_hundred_signatures_are_read_and_one_more_is_refused() -> None:
    signature = NOTE.split("\n")[4] + "\n"
    assert len(Checkpoint.parse(NOTE + signature * 99).signatures) == 100
    with pytest.raises(WrongNote, match="more than 100 signatures"):
        Checkpoint.parse(NOTE + signature * 100)
