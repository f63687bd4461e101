"""A long history without a world around it, written in bulk: what `accessmgr bench` measures the ledger on.

Entries are about a thousand enterprises, one of which has two in a hundred. They are the same at every run.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, update

from accessmgr.cli.bench_world import FIRST_ENTRY
from accessmgr.core.days import rfc3339
from accessmgr.core.ledger import canonical
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.core.ledger.tree import Frontier, leaf_hash
from accessmgr.store import tables

ENTERPRISES = 1000
LARGEST_SHARE = 50
"""One entry in so many is about the largest enterprise."""

LARGEST = "1999000051"
BATCH = 20_000
ORIGIN = "bench.test/history/00000000"


def enterprise_of(sequence: int) -> str:
    """The number of the enterprise that an entry is about."""
    if sequence % LARGEST_SHARE == 0:
        return LARGEST
    eight_digits = 19_990_001 + sequence % ENTERPRISES
    return f"{eight_digits:08}{97 - eight_digits % 97:02}"


def leaf_of(sequence: int) -> bytes:
    """The canonical bytes of an entry as long as that of a grant."""
    holder, by = (sha256(b"%d %d" % (sequence // 20, part)).hexdigest()[:32] for part in (0, 1))
    entry = {
        "sequence": sequence,
        "recorded_at": rfc3339(FIRST_ENTRY + sequence * timedelta(seconds=1)),
        "type": "right.granted",
        "actor": by,
        "decision": {"action": "grant_right", "allowed": True, "because": ["GRANT-1"]},
        "data": {"enterprise": enterprise_of(sequence), "holder": holder, "right": "service_vouchers"},
    }
    return canonical(entry)


def fill_ledger(connection: Connection, size: int) -> None:
    """Write that many entries, with their tree and subjects, into an empty database."""
    numbers, tree = iter(range(size)), Frontier()
    while batch := list(islice(numbers, BATCH)):
        leaves = [leaf_of(sequence) for sequence in batch]
        nodes = [node for leaf in leaves for node in tree.add(leaf_hash(leaf))]
        _insert(connection, tables.Entry, (_columns(*each) for each in zip(batch, leaves, strict=True)))
        _insert(connection, tables.LedgerNode, ({"level": a, "index": b, "hash": c} for a, b, c in nodes))
        about = ({"subject": enterprise_of(sequence), "sequence": sequence} for sequence in batch)
        _insert(connection, tables.EntrySubject, about)
    last = FIRST_ENTRY + (size - 1) * timedelta(seconds=1)
    connection.execute(update(tables.LogHead.__table__).values(size=size, recorded_at=last))
    connection.execute(tables.LogOrigin.__table__.insert().values(origin=ORIGIN))


def write_export(path: Path, size: int, public: bytes, sign: Callable[[bytes], bytes]) -> VerifierKey:
    """Write the export of that many entries to a file; gives the key by which it is verified."""
    tree, key = Frontier(), VerifierKey(ORIGIN, public)
    with path.open("wb") as export:
        for sequence in range(size):
            leaf = leaf_of(sequence)
            tree.add(leaf_hash(leaf))
            export.write(leaf + b"\n")
        note = Checkpoint(ORIGIN, size, tree.root()).signed(key, sign)
        export.write(canonical({"checkpoint": note}) + b"\n")
    return key


def bare_hashing(path: Path) -> float:
    """How many seconds SHA-256 over the bytes of a file takes, each line on its own, and nothing else."""
    began = perf_counter()
    with path.open("rb") as export:
        for line in export:
            sha256(line)
    return perf_counter() - began


def places(size: int, count: int) -> Iterator[int]:
    """So many places among the entries of a history, the same at every run."""
    random = Random(size)  # noqa: S311  # the same at every run, no secret
    return (random.randrange(1, size) for _ in range(count))


def _columns(sequence: int, leaf: bytes) -> dict[str, Any]:
    at = FIRST_ENTRY + sequence * timedelta(seconds=1)
    return {"sequence": sequence, "recorded_at": at, "type": "right.granted", "actor": "bench", "leaf": leaf}


def _insert(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    connection.execute(table.__table__.insert(), list(rows))
