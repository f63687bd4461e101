"""What somebody with full power over the database does to it: an older state, or another history."""

from typing import Any

from sqlalchemy import Connection, text

from accessmgr.store import tables

entry_t, node_t, head_t = tables.Entry.__table__, tables.LedgerNode.__table__, tables.LogHead.__table__
checkpoint_t, subject_t = tables.Checkpoint.__table__, tables.EntrySubject.__table__
WATCHED = ("entry", "entry_subject", "ledger_node", "checkpoint")


def unwatched(connection: Connection) -> None:
    """Take away the triggers."""
    for table in WATCHED:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for operation in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuses_{operation}"))


def rolled_back(connection: Connection, size: int) -> None:
    """Bring the history back to so many entries, without a trace in the database."""
    unwatched(connection)
    connection.execute(subject_t.delete().where(subject_t.c.sequence >= size))
    connection.execute(node_t.delete().where(_end_of_node() > size))
    connection.execute(checkpoint_t.delete().where(checkpoint_t.c.size > size))
    connection.execute(entry_t.delete().where(entry_t.c.sequence >= size))
    connection.execute(head_t.update().values(size=size))


def _end_of_node() -> Any:
    return (node_t.c.index + 1).op("<<")(node_t.c.level)
