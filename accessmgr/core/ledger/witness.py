"""What a witness does, by C2SP's `tlog-witness` and `tlog-cosignature`: it signs what extends what it signed before.

It follows each log by a public key that it was given, and remembers the newest checkpoint of the log that it signed.
Of two histories that part, it signs one only.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from accessmgr.core.ledger.note import (
    COSIGNATURE,
    SIGNATURE_BYTES,
    Checkpoint,
    VerifierKey,
    Verify,
    WrongNote,
    decoded,
    signature_line,
)
from accessmgr.core.ledger.tree import EMPTY, WrongProof, check_consistency

MOST_HASHES = 63
TIME_BYTES = 8
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class NotWitnessed(Exception):
    """The witness does not sign. `status` is that of HTTP; `size`, if it has one, that of the checkpoint it signed."""

    def __init__(self, status: HTTPStatus, because: str, size: int | None = None) -> None:
        super().__init__(because)
        self.status = status
        self.size = size


@dataclass(frozen=True, slots=True)
class Submission:
    """What a log sends: the size that the witness saw last, the proof from there, and the checkpoint as a note."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        hashes = "".join(f"{b64encode(hash_).decode()}\n" for hash_ in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}"

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """The submission in the body of a request.

        :raise WrongNote: it is none
        """
        try:
            head, blank, note = body.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise WrongNote("not text in UTF-8") from None
        first, *hashes = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None or not blank or len(hashes) > MOST_HASHES:
            raise WrongNote("a submission is an old size, at most 63 hashes, a blank line and a checkpoint")
        proof = tuple(decoded(hash_) for hash_ in hashes)
        if any(len(hash_) != len(EMPTY) for hash_ in proof):
            raise WrongNote(f"a hash has not {len(EMPTY)} bytes")
        return cls(int(old[1]), proof, note)


def examine(
    body: bytes, last: Callable[[str], Checkpoint | None], keys: Collection[VerifierKey], verify: Verify
) -> str:
    """The note in a submission, once it is found to extend the last checkpoint that the witness signed of that log.

    :param last: gives that checkpoint for the origin of a log
    :param keys: the keys of the logs that the witness follows

    :raise NotWitnessed: it does not, or it is not of such a log
    """
    try:
        sent = Submission.parse(body)
        new = Checkpoint.parse(sent.note)
    except WrongNote as wrong:
        raise NotWitnessed(HTTPStatus.BAD_REQUEST, str(wrong)) from None
    _check_signed(new, keys, verify)
    if sent.old > new.size:
        raise NotWitnessed(HTTPStatus.BAD_REQUEST, f"the old size `{sent.old}` is above that of the checkpoint")
    known = last(new.origin) or Checkpoint(new.origin, 0, EMPTY)
    if sent.old != known.size:
        raise NotWitnessed(HTTPStatus.CONFLICT, f"the last checkpoint was over {known.size} entries", known.size)
    if new.size == known.size and new.root != known.root:
        raise NotWitnessed(HTTPStatus.CONFLICT, f"another root was signed over {known.size} entries", known.size)
    try:
        _check_extends(known, new, sent.proof)
    except WrongProof as wrong:
        raise NotWitnessed(HTTPStatus.UNPROCESSABLE_ENTITY, str(wrong)) from None
    return sent.note


def cosign(checkpoint: Checkpoint, key: VerifierKey, sign: Callable[[bytes], bytes], seconds: int) -> str:
    """The line by which a witness says that, at a moment, the checkpoint extended all that it saw of the log.

    :param seconds: the moment, in Unix seconds
    """
    return signature_line(key, seconds.to_bytes(TIME_BYTES, "big") + sign(_cosigned(checkpoint, seconds)))


def cosigned_at(checkpoint: Checkpoint, key: VerifierKey, verify: Verify) -> int:
    """When a witness signed a checkpoint, in Unix seconds.

    :param checkpoint: with the line of the witness among its signatures

    :raise WrongNote: it did not sign it
    """
    own = [signature for name, id_, signature in checkpoint.signatures if (name, id_) == (key.name, key.id)]
    if len(own) != 1 or key.type != COSIGNATURE:
        raise WrongNote(f"the checkpoint has not one signature of the witness `{key.name}`")
    seconds, signature = int.from_bytes(own[0][:TIME_BYTES], "big"), own[0][TIME_BYTES:]
    if len(signature) != SIGNATURE_BYTES or not verify(key.public, signature, _cosigned(checkpoint, seconds)):
        raise WrongNote(f"the signature is not one of the witness `{key.name}`")
    return seconds


def _check_signed(new: Checkpoint, keys: Collection[VerifierKey], verify: Verify) -> None:
    of_the_log = [key for key in keys if key.name == new.origin]
    if not of_the_log:
        raise NotWitnessed(HTTPStatus.NOT_FOUND, f"the log `{new.origin}` is not followed here")
    for key in of_the_log:
        try:
            return new.check(key, verify)
        except WrongNote:
            continue
    raise NotWitnessed(HTTPStatus.FORBIDDEN, "no key of the log signed the checkpoint")


def _check_extends(known: Checkpoint, new: Checkpoint, proof: tuple[bytes, ...]) -> None:
    if known.size:
        check_consistency(known.size, new.size, proof, known.root, new.root)
    elif proof or (new.size == 0 and new.root != EMPTY):
        raise WrongProof("from no entries there is nothing to prove")


def _cosigned(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n".encode() + checkpoint.body
