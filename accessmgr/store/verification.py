"""The verdict on the database: its history, the state that the history tells, and every decision once more."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from accessmgr.core.days import rfc3339
from accessmgr.core.ledger.export import Flawed, Kind, Log, NotAnExport, Verdict, judge, read_log
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, Verify, WrongNote
from accessmgr.core.ledger.tree import leaf_hash, node_hash
from accessmgr.store import tables
from accessmgr.store.asked import check_asked
from accessmgr.store.ledger import SIGNED_EVERY
from accessmgr.store.look import Look
from accessmgr.store.rebuilding import Rebuilding, differs
from accessmgr.store.redeciding import check_no_decision, decide_again, subjects_told
from accessmgr.store.succession import keys_of

entry_t = tables.Entry.__table__
node_t = tables.LedgerNode.__table__
head_t = tables.LogHead.__table__
checkpoint_t = tables.Checkpoint.__table__

BATCH = 1000


Progress = Callable[[int, int], None]
"""Is told how many entries of how many were looked at."""


def verify_database(
    look: Look,
    check_signature: Verify,
    *,
    key: VerifierKey,
    old: Checkpoint | None = None,
    progress: Progress = lambda done, size: None,
) -> Verdict:
    """The verdict on the stored history, as `verify_stored` has it, and on what stands beside it.

    The state is what the entries tell, row by row; each decision follows from the facts and the policy of its moment;
    and the log of decisions that were only asked about is what its digests tell.

    :raise WrongNote: the key did not sign the checkpoint from before
    """
    verdict = verify_stored(look.connection, check_signature, key=key, old=old)
    if verdict.kind is not Kind.VALID:
        return verdict
    try:
        _check_state(look, verdict.size, progress)
        for sequence, because in check_asked(look.connection):
            raise differs(sequence, because)
    except Flawed as flaw:
        return flaw.verdict
    return verdict


def _check_state(look: Look, size: int, progress: Progress) -> None:
    """Go through the entries with the state beside them: what each decision rests on is checked before it is."""
    rebuilding = Rebuilding(look.connection, size)
    for leaf in look.ledger.leaves(size):
        entry = json.loads(leaf)
        try:
            _check_entry(look, rebuilding, entry)
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            sequence = entry["sequence"]
            raise differs(sequence, f"entry {sequence} is not one that the product writes") from wrong
        if entry["sequence"] % BATCH == 0:
            progress(entry["sequence"], size)
    rebuilding.finish()
    progress(size, size)


def _check_entry(look: Look, rebuilding: Rebuilding, entry: dict[str, Any]) -> None:
    sequence, decision = entry["sequence"], entry["decision"]
    rebuilding.take(entry)
    subjects = set(rebuilding.subjects.of(sequence))
    if not decision:
        check_no_decision(entry)
        return
    policy = rebuilding.policies.of(sequence, decision["policy"])
    facts = decide_again(look.connection, entry, policy)
    if facts is not None and subjects != subjects_told(entry, facts):
        raise differs(sequence, f"whom entry {sequence} is about is not what it tells")


def verify_stored(
    connection: Connection, check_signature: Verify, *, key: VerifierKey, old: Checkpoint | None = None
) -> Verdict:
    """The verdict on the stored history: entries in order and as their columns say, tree, checkpoints and signatures.

    Up to as many entries as are written between two checkpoints may be unsigned: the next checkpoint covers them.

    :raise WrongNote: the key did not sign the checkpoint from before
    """
    keys = keys_of(connection, key)
    if old is not None and old.origin == key.name:
        old.check(keys.at(old.size), check_signature)
    try:
        notes = _checkpoints(connection)
        sizes = {note.size for note in notes} | ({old.size} if old is not None else set())
        log = read_log(_lines(connection), sizes, strict=True)
        _check_head(connection, log)
        _check_nodes(connection, log)
        for note in notes:
            verdict = judge(Log(log.size, log.roots, note), check_signature, old=None, key=keys.at(note.size))
            if verdict.kind not in (Kind.VALID, Kind.UNSIGNED_TAIL):
                return verdict
        unvouched = keys.unvouched({note.size: note for note in notes}, check_signature)
        if unvouched is not None:
            return _tampered(unvouched, "no checkpoint by the old key and the new one precedes the change of keys")
    except Flawed as flaw:
        return flaw.verdict
    except NotAnExport as wrong:
        return _tampered(0, str(wrong))
    newest = notes[-1] if notes else None
    if old is not None:
        last = newest or old
        verdict = judge(Log(log.size, log.roots, last), check_signature, old=old, key=keys.at(last.size))
        if verdict.kind not in (Kind.VALID, Kind.UNSIGNED_TAIL):
            return verdict
    signed = newest.size if newest is not None else 0
    if log.size - signed >= SIGNED_EVERY:
        return Verdict(Kind.UNSIGNED_TAIL, log.size, f"no checkpoint covers entries {signed} to {log.size - 1}")
    return Verdict(Kind.VALID, log.size, f"not signed yet: {log.size - signed} entries" if log.size > signed else "")


def _checkpoints(connection: Connection) -> list[Checkpoint]:
    notes = []
    for size, text in connection.execute(
        select(checkpoint_t.c.size, checkpoint_t.c.note).order_by(checkpoint_t.c.size)
    ):
        try:
            note = Checkpoint.parse(text)
        except WrongNote as wrong:
            raise Flawed(_tampered(size, f"the checkpoint over {size} entries: {wrong}")) from None
        if note.size != size:
            raise Flawed(_tampered(size, f"the checkpoint over {size} entries says `{note.size}`"))
        notes.append(note)
    return notes


def _lines(connection: Connection) -> Iterator[bytes]:
    """The entries as lines, each found as its columns and its node in the tree say."""
    its_node = and_(node_t.c.level == 0, node_t.c.index == entry_t.c.sequence)
    found = select(entry_t, node_t.c.hash).outerjoin(node_t, its_node).order_by(entry_t.c.sequence).limit(BATCH)
    after = -1
    while batch := connection.execute(found.where(entry_t.c.sequence > after)).all():
        for row in batch:
            leaf = bytes(row.leaf)
            yield leaf + b"\n"
            _check_columns(row, json.loads(leaf))
            if row.hash is None or bytes(row.hash) != leaf_hash(leaf):
                raise Flawed(_tampered(row.sequence, "the tree has another hash for the entry"))
        after = batch[-1].sequence


def _check_columns(row: Any, entry: dict[str, Any]) -> None:
    columns = {
        "sequence": row.sequence,
        "recorded_at": rfc3339(row.recorded_at),
        "type": row.type,
        "actor": row.actor,
    }
    wrong = sorted(name for name, value in columns.items() if entry[name] != value)
    if wrong:
        raise Flawed(_tampered(row.sequence, f"the column `{wrong[0]}` does not say what the entry says"))


def _check_head(connection: Connection, log: Log) -> None:
    size = connection.execute(select(head_t.c.size)).scalar_one()
    if size > log.size:
        raise Flawed(Verdict(Kind.TRUNCATED, log.size, f"{size} entries were written, here are {log.size}"))
    if size < log.size:
        raise Flawed(_tampered(size, f"{size} entries were written, here are {log.size}"))


def _check_nodes(connection: Connection, log: Log) -> None:
    """Check that every interior node is that of its two children, and that none is missing or too many."""
    left, right = aliased(node_t), aliased(node_t)
    of_left = and_(left.c.level == node_t.c.level - 1, left.c.index == node_t.c.index * 2)
    of_right = and_(right.c.level == node_t.c.level - 1, right.c.index == node_t.c.index * 2 + 1)
    children = left.c.hash.label("left"), right.c.hash.label("right")
    found = select(node_t.c.level, node_t.c.index.label("place"), node_t.c.hash, *children)
    found = found.outerjoin(left, of_left).outerjoin(right, of_right).order_by(node_t.c.level, node_t.c.index)
    counted = 0
    with connection.execute(found, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            counted += 1
            is_whole = row.left is not None and row.right is not None
            if row.level and not (is_whole and node_hash(bytes(row.left), bytes(row.right)) == bytes(row.hash)):
                first, last = row.place << row.level, ((row.place + 1) << row.level) - 1
                because = "a node of the tree is not that of its entries"
                raise Flawed(Verdict(Kind.TAMPERED, log.size, because, first, last))
    if counted != 2 * log.size - log.size.bit_count():
        because = "the tree has nodes too many or too few"
        raise Flawed(Verdict(Kind.TAMPERED, log.size, because, 0, max(log.size - 1, 0)))


def _tampered(entry: int, because: str) -> Verdict:
    return Verdict(Kind.TAMPERED, entry, because, entry, entry)
