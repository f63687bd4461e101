"""What somebody with full power over the database can do to it, and with the key of the history besides."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, text

from accessmgr.core.days import moment
from accessmgr.core.ledger import canonical, tree
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.store import tables
from accessmgr.store.ledger import Signer
from accessmgr.store.tables import OPEN
from tests.usecases.stage import Stage

entry_t, node_t, head_t = tables.Entry.__table__, tables.LedgerNode.__table__, tables.LogHead.__table__
checkpoint_t, origin_t = tables.Checkpoint.__table__, tables.LogOrigin.__table__

Entries = list[dict[str, Any]]


@contextmanager
def tampering(stage: Stage) -> Iterator[Connection]:
    """A connection on which no trigger refuses anything; what was done by it is undone."""
    with stage.store.engine.connect() as connection:
        undone = connection.begin()
        unwatch(connection)
        yield connection
        undone.rollback()


def unwatch(connection: Connection) -> None:
    """Take away every trigger."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in found:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in tables.Base.metadata.sorted_tables:
        connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))


def some(connection: Connection, table: Table, *where: Any) -> list[Any]:
    """The first, the middle and the last of the rows of a table, or all if they are few."""
    found = connection.execute(table.select().where(*where).order_by(table.c.row)).all()
    return [found[place] for place in sorted({0, len(found) // 2, len(found) - 1})] if found else []


def read(connection: Connection) -> Entries:
    """The history."""
    leaves = connection.execute(entry_t.select().order_by(entry_t.c.sequence)).all()
    return [json.loads(bytes(row.leaf)) for row in leaves]


def rewrite(connection: Connection, signer: Signer, change: Callable[[Entries], Entries | None]) -> None:
    """Write the history anew as a change leaves it: in order, with the whole tree and every checkpoint, signed."""
    before = read(connection)
    entries = change(before) or before
    for sequence, entry in enumerate(entries):
        entry["sequence"] = sequence
    sizes = [row.size for row in connection.execute(checkpoint_t.select()).all() if row.size <= len(entries)]
    for table in (entry_t, node_t, checkpoint_t):
        connection.execute(table.delete())
    frontier, roots = tree.Frontier(), {}
    for sequence, entry in enumerate(entries):
        leaf, at = canonical(entry), moment(entry["recorded_at"])
        columns = {"sequence": sequence, "recorded_at": at, "type": entry["type"], "actor": entry["actor"]}
        connection.execute(entry_t.insert().values(**columns, leaf=leaf))
        for level, index, hash_ in frontier.add(tree.leaf_hash(leaf)):
            connection.execute(node_t.insert().values(level=level, index=index, hash=hash_))
        roots[sequence + 1] = frontier.root()
    key = VerifierKey(connection.execute(origin_t.select()).scalar_one(), signer.public_key())
    for size in sizes:
        note = Checkpoint(key.name, size, roots[size]).signed(key, signer.sign)
        connection.execute(checkpoint_t.insert().values(size=size, note=note))
    last = moment(entries[-1]["recorded_at"])
    connection.execute(head_t.update().values(size=len(entries), recorded_at=last))


def roll_back(connection: Connection, signer: Signer, size: int) -> None:
    """Put everything back as it was when the history had a size, as restoring a backup does."""
    rewrite(connection, signer, lambda entries: entries[:size])
    for table in tables.VERSIONED:
        connection.execute(table.delete().where(table.c.recorded_from > size))
        connection.execute(table.update().where(table.c.recorded_to > size).values(recorded_to=OPEN))
    for table, column in (
        (tables.EntrySubject.__table__, "sequence"),
        (tables.Note.__table__, "sequence"),
        (tables.AskedDecision.__table__, "batch"),
        (tables.PolicyInForce.__table__, "since"),
    ):
        connection.execute(table.delete().where(table.c[column] >= size))
    policy_t = tables.PolicyInForce.__table__
    newest = connection.execute(policy_t.select().order_by(policy_t.c.since.desc())).first()
    connection.execute(head_t.update().values(policy=newest.digest if newest else None))
