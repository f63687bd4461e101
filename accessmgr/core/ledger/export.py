"""The verdict on an export: read as a stream, in constant memory, without a database."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from accessmgr.core.ledger.lines import Leaf, NotAnObject, WrongLine, read_line
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, Verify, WrongNote
from accessmgr.core.ledger.tree import EMPTY, Frontier, leaf_hash

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of the longest line that is read; the system writes none that comes near."""


class Kind(StrEnum):
    """What a log can turn out to be."""

    VALID = "VALID"
    TAMPERED = "TAMPERED"
    TRUNCATED = "TRUNCATED"
    FORKED = "FORKED"
    UNSIGNED_TAIL = "UNSIGNED TAIL"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a log turned out to be; if something is wrong, why, and between which entries."""

    kind: Kind
    size: int
    because: str = ""
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        match self.kind:
            case Kind.VALID:
                return f"{self.kind} {self.size}"
            case Kind.TAMPERED if self.last > self.first:
                return f"{self.kind} between {self.first} and {self.last}"
            case Kind.TAMPERED:
                return f"{self.kind} at {self.first}"
        return str(self.kind)


@dataclass(frozen=True, slots=True)
class Log:
    """What stands in a log: the number of entries, the roots at the sizes that were asked for, the checkpoint."""

    size: int
    roots: Mapping[int, bytes]
    checkpoint: Checkpoint | None


class NotAnExport(ValueError):
    """Bytes that do not even begin like an export."""


class Flawed(Exception):
    """The lines are no log, whatever the roots; tells the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict), verdict.because)
        self.verdict = verdict


def verify(
    export: BinaryIO,
    check_signature: Verify,
    *,
    old: Checkpoint | None = None,
    key: VerifierKey | None = None,
    strict: bool = False,
) -> Verdict:
    """The verdict on an export that can be read again from its start.

    :param old: a checkpoint from before, which the export must extend
    :param key: the key of the log; without it no signature is checked
    :param strict: only the canonical bytes will do, not every spelling in JSON

    :raise NotAnExport: it does not even begin like one
    :raise WrongNote: the key did not sign the checkpoint from before
    """
    if old is not None and key is not None and old.origin == key.name:
        old.check(key, check_signature)
    sizes = {old.size} if old is not None else set()
    try:
        log = read_log(_lines_of(export), sizes, strict=strict)
        if log.checkpoint is not None and log.checkpoint.size < log.size:
            export.seek(0)
            log = read_log(_lines_of(export), {*sizes, log.checkpoint.size}, strict=strict)
    except Flawed as flaw:
        return flaw.verdict
    return judge(log, check_signature, old=old, key=key)


def judge(log: Log, check_signature: Verify, *, old: Checkpoint | None, key: VerifierKey | None) -> Verdict:
    """The verdict on a log whose lines are in order.

    The first thing that is wrong, in this order: the end is missing; the root is another one; the signature is not
    of the key; the log is another one; it ends before the old checkpoint, or does not extend it; its end is unsigned.
    """
    size, checkpoint = log.size, log.checkpoint
    if checkpoint is None:
        return Verdict(Kind.TRUNCATED, size, f"line {size + 1}: the checkpoint is missing")
    if checkpoint.size > size:
        return Verdict(Kind.TRUNCATED, size, f"the checkpoint covers {checkpoint.size} entries, here are {size}")
    kept = old is not None and old.origin == checkpoint.origin and log.roots.get(old.size) == old.root
    sound = old.size if old is not None and kept and old.size < size else 0
    if log.roots[checkpoint.size] != checkpoint.root:
        because = f"line {size + 1}: the root of the entries is not the one in the checkpoint"
        return Verdict(Kind.TAMPERED, size, because, min(sound, checkpoint.size), checkpoint.size - 1)
    try:
        if key is not None:
            checkpoint.check(key, check_signature)
    except WrongNote as wrong:
        return Verdict(Kind.TAMPERED, size, f"line {size + 1}: {wrong}", sound, size - 1)
    if old is not None and old.origin != checkpoint.origin:
        return Verdict(Kind.FORKED, size, f"this is the log `{checkpoint.origin}`, not `{old.origin}`")
    if old is not None and old.size > size:
        return Verdict(Kind.TRUNCATED, size, f"the old checkpoint covers {old.size} entries, here are {size}")
    if old is not None and not kept:
        return Verdict(Kind.FORKED, size, f"the first {old.size} entries are not those of the old checkpoint")
    if checkpoint.size < size:
        return Verdict(Kind.UNSIGNED_TAIL, size, f"the checkpoint does not cover entries {checkpoint.size} on")
    return Verdict(Kind.VALID, size)


def read_log(lines: Iterable[bytes], sizes: Collection[int], *, strict: bool) -> Log:
    """What stands in the lines of a log, up to its checkpoint if it has one.

    :param sizes: where the root is wanted, besides at no entries and at all

    :raise Flawed: a line is wrong, or out of its place
    :raise NotAnExport: the first line is no JSON object
    """
    tree, before = Frontier(), ""
    roots, checkpoint = {0: EMPTY}, None
    for line in lines:
        if checkpoint is not None:
            raise Flawed(_at(tree.size, "something follows the checkpoint", line=tree.size + 2))
        found = _line(line, tree.size, strict)
        if isinstance(found, Checkpoint):
            checkpoint = found
            continue
        if found.sequence != tree.size:
            raise Flawed(_at(tree.size, f"the entry has sequence `{found.sequence}`"))
        if found.recorded_at < before:
            raise Flawed(_at(tree.size, "the entry is recorded earlier than the one before"))
        before = found.recorded_at
        tree.add(leaf_hash(found.content))
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return Log(tree.size, {**roots, tree.size: tree.root()}, checkpoint)


def _lines_of(export: BinaryIO) -> Iterator[bytes]:
    while line := export.readline(LONGEST_LINE + 1):
        yield line


def _line(line: bytes, size: int, strict: bool) -> Leaf | Checkpoint:
    is_whole, is_short = line.endswith(b"\n"), len(line) <= LONGEST_LINE
    cut = Verdict(Kind.TRUNCATED, size, f"line {size + 1}: the line is cut short")
    if not is_short:
        raise Flawed(_at(size, "the line is too long"))
    if strict and not is_whole:
        raise Flawed(cut)
    try:
        return read_line(line, strict=strict)
    except NotAnObject as wrong:
        if size == 0:
            raise NotAnExport(f"line 1: {wrong}") from None
        raise Flawed(_at(size, str(wrong)) if is_whole else cut) from None
    except WrongLine as wrong:
        raise Flawed(_at(size, str(wrong))) from None


def _at(entry: int, because: str, *, line: int | None = None) -> Verdict:
    return Verdict(Kind.TAMPERED, entry, f"line {line or entry + 1}: {because}", entry, entry)
