"""A bundle: some entries of the history, each with its proof of inclusion, and the checkpoint that they are proved in.

It shows that what stands in it stands in the history, not that nothing else does. Read as a stream, in constant memory.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from accessmgr.core.ledger.export import LONGEST_LINE, Flawed, Kind, NotAnExport, Verdict
from accessmgr.core.ledger.form import canonical
from accessmgr.core.ledger.lines import NotAnObject, WrongLine, check_members, checkpoint_in, read_object
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, Verify, WrongNote
from accessmgr.core.ledger.tree import WrongProof, check_inclusion, leaf_hash

INCLUSION, BUNDLE = "inclusion", "bundle"
PROOF: Final = {
    "kind": str,
    "sequence": int,
    "tree_size": int,
    "entry": dict,
    "leaf_hash": str,
    "hashes": list,
    "root_hash": str,
}
"""The members of a line that proves an entry, each with its type."""

CLOSING: Final = {"kind": str, "entries": int, "checkpoint": str}
"""The members of the last line."""


def proof(entry: Mapping[str, Any], size: int, hashes: Sequence[bytes], root: bytes) -> dict[str, Any]:
    """The proof that an entry is among the first `size` ones, as it is written."""
    return {
        "kind": INCLUSION,
        "sequence": entry["sequence"],
        "tree_size": size,
        "entry": entry,
        "leaf_hash": encoded(leaf_hash(canonical(entry))),
        "hashes": [encoded(hash_) for hash_ in hashes],
        "root_hash": encoded(root),
    }


def closing(entries: int, note: str) -> dict[str, Any]:
    """What the last line of a bundle says: how many entries stand above, and the checkpoint."""
    return {"kind": BUNDLE, "entries": entries, "checkpoint": note}


def encoded(hash_: bytes) -> str:
    """A hash as it is written: in standard base64 with padding."""
    return b64encode(hash_).decode()


def is_bundle(file: BinaryIO) -> bool:
    """Whether a file that stands at its start, and can go back there, begins like a bundle."""
    line = file.readline(LONGEST_LINE + 1)
    file.seek(0)
    try:
        found, _ = read_object(line, strict=False)
    except WrongLine:
        return False
    return found.get("kind") in (INCLUSION, BUNDLE)


def verify_bundle(
    file: BinaryIO, check_signature: Verify, *, key: VerifierKey | None = None, strict: bool = False
) -> Verdict:
    """The verdict on a bundle; its size is the number of entries in it.

    :param key: the key of the log; without it no signature is checked
    :param strict: only the canonical bytes will do, not every spelling in JSON

    :raise NotAnExport: the first line is no JSON object
    """
    reader = _Reader(strict)
    try:
        for line in _lines_of(file):
            reader.read(line)
        return reader.judge(check_signature, key)
    except Flawed as flaw:
        return flaw.verdict


def _lines_of(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE + 1):
        yield line


class _Reader:
    """The lines so far: how many entries, the tree that they are proved in, and the checkpoint if it was read."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.entries = 0
        self.last: tuple[int, str] = (-1, "")
        self.tree: tuple[int, str] | None = None
        self.checkpoint: Checkpoint | None = None

    def read(self, line: bytes) -> None:
        """Take one more line.

        :raise Flawed: it is wrong
        """
        number = self.entries + (1 if self.checkpoint is None else 2)
        try:
            if self.checkpoint is not None:
                raise WrongLine("something follows the checkpoint")
            self._take(line)
        except NotAnObject as wrong:
            if self.entries == 0:
                raise NotAnExport(f"line 1: {wrong}") from None
            raise Flawed(self._at(f"line {number}: {wrong}") if line.endswith(b"\n") else self._cut()) from None
        except (WrongLine, WrongProof) as wrong:
            raise Flawed(self._at(f"line {number}: {wrong}")) from None

    def judge(self, check_signature: Verify, key: VerifierKey | None) -> Verdict:
        """The verdict once all lines were taken."""
        note, count = self.checkpoint, self.entries
        if note is None:
            return Verdict(Kind.TRUNCATED, count, f"line {count + 1}: the checkpoint is missing")
        if self.tree is not None and self.tree != (note.size, encoded(note.root)):
            return self._all(f"line {count + 1}: the entries are proved in another tree than the checkpoint's")
        try:
            if key is not None:
                note.check(key, check_signature)
        except WrongNote as wrong:
            return self._all(f"line {count + 1}: {wrong}")
        return Verdict(Kind.VALID, count)

    def _take(self, line: bytes) -> None:
        if len(line) > LONGEST_LINE:
            raise WrongLine("the line is too long")
        if self.strict and not line.endswith(b"\n"):
            raise Flawed(self._cut())
        found, _ = read_object(line, strict=self.strict)
        if found.get("kind") == BUNDLE:
            self._close(found)
        else:
            self._prove(found)

    def _prove(self, found: Mapping[str, Any]) -> None:
        _check(found, PROOF)
        if found["kind"] != INCLUSION:
            raise WrongLine("not a proof of inclusion")
        entry = found["entry"]
        check_members(entry)
        if entry["sequence"] != found["sequence"]:
            raise WrongLine(f"the entry has sequence `{entry['sequence']}`")
        if found["sequence"] <= self.last[0]:
            raise WrongLine("the entry stands twice, or out of its place")
        if entry["recorded_at"] < self.last[1]:
            raise WrongLine("the entry is recorded earlier than the one before")
        tree = (found["tree_size"], found["root_hash"])
        if self.tree not in (None, tree):
            raise WrongLine("the entry is proved in another tree than the one before")
        hash_ = leaf_hash(canonical(entry))
        if encoded(hash_) != found["leaf_hash"]:
            raise WrongLine("the hash is of another entry")
        path = [_decoded(step) for step in found["hashes"]]
        check_inclusion(found["sequence"], tree[0], hash_, path, _decoded(tree[1]))
        self.tree, self.last = tree, (found["sequence"], entry["recorded_at"])
        self.entries += 1

    def _close(self, found: Mapping[str, Any]) -> None:
        _check(found, CLOSING)
        checkpoint = checkpoint_in(found["checkpoint"])
        if found["entries"] > self.entries:
            because = f"the bundle had {found['entries']} entries, here are {self.entries}"
            raise Flawed(Verdict(Kind.TRUNCATED, self.entries, because))
        if found["entries"] < self.entries:
            raise WrongLine(f"the bundle had {found['entries']} entries, here are {self.entries}")
        self.checkpoint = checkpoint

    def _at(self, because: str) -> Verdict:
        return Verdict(Kind.TAMPERED, self.entries, because, self.entries, self.entries)

    def _all(self, because: str) -> Verdict:
        return Verdict(Kind.TAMPERED, self.entries, because, 0, max(0, self.entries - 1))

    def _cut(self) -> Verdict:
        return Verdict(Kind.TRUNCATED, self.entries, f"line {self.entries + 1}: the line is cut short")


def _check(found: Mapping[str, Any], members: Mapping[str, type]) -> None:
    if found.keys() != members.keys():
        raise WrongLine("not the members of a line of a bundle")
    for name, type_ in members.items():
        if type(found[name]) is not type_:
            raise WrongLine(f"`{name}` is of another type")


def _decoded(text: object) -> bytes:
    try:
        hash_ = b64decode(text if isinstance(text, str) else "", validate=True)
    except (binascii.Error, ValueError):
        hash_ = b""
    if len(hash_) != 32 or encoded(hash_) != text:
        raise WrongLine("a hash is not 32 bytes in base64")
    return hash_
