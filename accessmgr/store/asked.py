"""The log of decisions that were only asked about: batches of lines, the digest of each batch in the history."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from accessmgr.store import tables
from accessmgr.store.known import KNOWN, NOW
from accessmgr.store.prepared import prepared
from accessmgr.store.tables import OPEN

asked_t = tables.AskedDecision.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__
import_t = tables.RegisterImport.__table__

BATCH_WRITTEN = "decisions.asked"
"""The type of the entry that holds the digest of a batch."""

AT_ONCE = 1000
"""So many entries are in memory when the log is checked."""

PREFIX = "asked:"
"""Before an id or number under which a batch is found, so that it does not stand in the timeline of that subject."""


def digest_of(lines: Sequence[bytes]) -> str:
    """The SHA-256 over the lines, each followed by LF, in hexadecimal."""
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line + b"\n")
    return whole.hexdigest()


def keep_lines(connection: Connection, batch: int, lines: Sequence[bytes]) -> None:
    """Write the lines of a batch, which is named by the sequence of its entry."""
    rows = [{"batch": batch, "position": position, "line": line} for position, line in enumerate(lines)]
    connection.execute(asked_t.insert(), rows)


def last_import(connection: Connection, known: int | None) -> int | None:
    """The sequence of the entry by which the newest extract of the register was taken over, as known at a size."""
    size = NOW if known is None else known
    found = _newest_import().rows(connection, {"known": size})
    return int(found[0][0]) if found else None


@prepared
def _newest_import() -> Any:
    before = select(import_t.c.sequence).where(import_t.c.sequence < KNOWN)
    return before.order_by(import_t.c.sequence.desc()).limit(1)


def lines_asked(connection: Connection, subjects: Sequence[str]) -> Iterator[bytes]:
    """The lines about all of the subjects, or all lines if there are none, the newest first; a batch in memory."""
    before = OPEN
    while (batch := _batch_before(connection, subjects, before)) is not None:
        found = select(asked_t.c.line).where(asked_t.c.batch == batch).order_by(asked_t.c.position.desc())
        for line in connection.execute(found).scalars().all():
            told = json.loads(bytes(line))
            if set(subjects) <= {told["person"], told.get("enterprise")}:
                yield bytes(line)
        before = batch


def asked_about(
    connection: Connection, person: str, before: tuple[int, int] | None, limit: int
) -> list[tuple[int, int, bytes]]:
    """The newest lines about a person before a place, which is batch and position: each with its place."""
    found: list[tuple[int, int, bytes]] = []
    batch: int | None = _batch_before(connection, [person], OPEN) if before is None else before[0]
    last = OPEN if before is None else before[1]
    while batch is not None and len(found) < limit:
        there = select(asked_t.c.position, asked_t.c.line).where(asked_t.c.batch == batch)
        for position, line in connection.execute(there.order_by(asked_t.c.position.desc())):
            if position < last and person.encode() in bytes(line) and json.loads(bytes(line))["person"] == person:
                found.append((batch, position, bytes(line)))
        batch, last = _batch_before(connection, [person], batch), OPEN
    return found[:limit]


def check_asked(connection: Connection) -> Iterator[tuple[int, str]]:
    """What is wrong in the log: the sequence of the batch's entry, and why.

    A batch is wrong if its lines are not as many as its entry says, or have another digest, and if it has no entry.
    """
    told = select(entry_t.c.sequence, entry_t.c.leaf).where(entry_t.c.type == BATCH_WRITTEN)
    with connection.execute(told.order_by(entry_t.c.sequence), execution_options={"yield_per": AT_ONCE}) as entries:
        for sequence, leaf in entries:
            found = select(asked_t.c.position, asked_t.c.line).where(asked_t.c.batch == sequence)
            rows = connection.execute(found.order_by(asked_t.c.position)).all()
            data = json.loads(bytes(leaf))["data"]
            if data.get("count") != len(rows):
                yield sequence, f"the decision log has {len(rows)} lines here, not {data.get('count')}"
            elif [row.position for row in rows] != list(range(len(rows))):
                yield sequence, "the decision log has lines out of their place here"
            elif data.get("digest") != digest_of([bytes(row.line) for row in rows]):
                yield sequence, "the decision log has other lines here"
    batches = select(entry_t.c.sequence).where(entry_t.c.type == BATCH_WRITTEN)
    stray = select(asked_t.c.batch).where(asked_t.c.batch.not_in(batches)).distinct()
    for batch in connection.execute(stray.order_by(asked_t.c.batch)).scalars():
        yield batch, "the decision log has lines here, and the history no entry about them"


def _batch_before(connection: Connection, subjects: Sequence[str], before: int) -> int | None:
    """The newest batch before one, in which each subject stands."""
    if not subjects:
        newest: Any = select(asked_t.c.batch).where(asked_t.c.batch < before).order_by(asked_t.c.batch.desc())
        return connection.execute(newest.limit(1)).scalar()
    first, *others = (PREFIX + subject for subject in subjects)
    newest = select(subject_t.c.sequence).where(subject_t.c.subject == first, subject_t.c.sequence < before)
    for other in others:
        also = subject_t.alias()
        newest = newest.where(
            select(also.c.sequence).where(also.c.subject == other, also.c.sequence == subject_t.c.sequence).exists()
        )
    return connection.execute(newest.order_by(subject_t.c.sequence.desc()).limit(1)).scalar()
