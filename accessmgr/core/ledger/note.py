"""Checkpoints as signed notes, by C2SP's `tlog-checkpoint` and `signed-note`, with Ed25519 alone.

A checkpoint is three lines, origin, size and root; a blank line; and a line for each signature. The key of the log is
named as its origin. Signatures by others, of witnesses for instance, are passed over.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
"""Types of keys: of a log, and of a witness, which signs a moment besides (C2SP `tlog-cosignature`)."""

KEY_BYTES = 32
SIGNATURE_BYTES = 64
MOST_SIGNATURES = 100
DASH = "\N{EM DASH}"

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether, for a public key, a signature is one of a message."""

_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class WrongNote(ValueError):
    """Text that is no checkpoint or no verifier key, or a signature that is not one of its key."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The name and public key by which the signatures of a log, or of a witness, are known."""

    name: str
    public: bytes
    type: bytes = ED25519

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key: of SHA-256 over name, newline, type and key."""
        return sha256(self.name.encode() + b"\n" + self.type + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(self.type + self.public).decode()}"

    @classmethod
    def parse(cls, text: str, type_: bytes = ED25519) -> Self:
        """The key in `name+hash+base64`, of a log unless another type is wanted.

        :raise WrongNote: it is none, or its hash is of another key
        """
        found = _KEY.fullmatch(text.strip())
        if found is None:
            raise WrongNote("a verifier key is `name+hash+base64`")
        encoded = decoded(found[3])
        if len(encoded) != 1 + KEY_BYTES or encoded[:1] != type_:
            whose = "Ed25519" if type_ == ED25519 else "a witness"
            raise WrongNote(f"the verifier key is not of {whose}")
        key = cls(found[1], encoded[1:], type_)
        if key.id.hex() != found[2]:
            raise WrongNote("the hash in the verifier key is of another key")
        return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and root of a log at a moment; `signatures` gives for each name and key id the signatures."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        """What is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()

    def signed(self, key: VerifierKey, sign: Callable[[bytes], bytes]) -> str:
        """The note with one signature."""
        return f"{self.body.decode()}\n{signature_line(key, sign(self.body))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint in a note, whose signatures are still to be checked.

        :raise WrongNote: it is no such note
        """
        if _CONTROL.search(text):
            raise WrongNote("the note has a control character")
        body, blank, signatures = text.partition("\n\n")
        lines = body.split("\n")
        if not blank or not signatures.endswith("\n") or len(lines) != 3:
            raise WrongNote("a checkpoint is three lines, a blank one and signatures, each with its newline")
        origin, size, root = lines
        if not _NAME.fullmatch(origin):
            raise WrongNote("the origin has a space or plus, or is missing")
        if not _SIZE.fullmatch(size):
            raise WrongNote(f"`{size[:30]}` is no size")
        hash_ = decoded(root)
        if len(hash_) != 32:
            raise WrongNote("the root has not 32 bytes")
        return cls(origin, int(size), hash_, _signatures(signatures[:-1].split("\n")))

    def check(self, key: VerifierKey, verify: Verify) -> None:
        """Check that the log's key signed this checkpoint.

        :raise WrongNote: it did not, or the checkpoint is of a log with another origin
        """
        if self.origin != key.name:
            raise WrongNote(f"the checkpoint is of `{self.origin}`, the key of `{key.name}`")
        own = [signature for name, id_, signature in self.signatures if (name, id_) == (key.name, key.id)]
        if not own:
            raise WrongNote("the checkpoint is not signed by the key")
        if not all(len(one) == SIGNATURE_BYTES and verify(key.public, one, self.body) for one in own):
            raise WrongNote("the signature is not one of the key")


def signature_line(key: VerifierKey, signature: bytes) -> str:
    """The line of a signature under a note, with its newline."""
    return f"{DASH} {key.name} {b64encode(key.id + signature).decode()}\n"


def _signatures(lines: list[str]) -> tuple[tuple[str, bytes, bytes], ...]:
    if len(lines) > MOST_SIGNATURES:
        raise WrongNote(f"more than {MOST_SIGNATURES} signatures")
    found = []
    for line in lines:
        dash, name, encoded = [*line.split(" "), "", "", ""][:3]
        if dash != DASH or line.count(" ") != 2 or not _NAME.fullmatch(name):
            raise WrongNote("a line that should be a signature is none")
        raw = decoded(encoded)
        if len(raw) < 5:
            raise WrongNote("a signature is too short")
        found.append((name, raw[:4], raw[4:]))
    return tuple(found)


def decoded(text: str) -> bytes:
    """The bytes in standard base64 with padding, of which only one spelling is let through."""
    try:
        raw = b64decode(text, validate=True)
    except (Error, ValueError):
        raise WrongNote("malformed base64") from None
    if b64encode(raw).decode() != text:
        raise WrongNote("malformed base64")
    return raw
