"""A whole database copied into an empty one, of whatever kind: each row as it stands, so proofs stay the same.

The source is read in one look and the target written in one transaction: it holds everything or nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text

from accessmgr.store import triggers
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.tables import Base, LogHead

AT_ONCE = 5_000
"""How many rows are on their way at a time."""

head_t = LogHead.__table__


class CannotCopy(Exception):
    """The one database cannot be copied into the other; the message says why. Nothing was copied."""


def copy_all(source: Engine, target: Engine, progress: Callable[[str, int], None]) -> dict[str, int]:
    """Copy every row into a database that has the same schema and holds nothing yet.

    :param progress: is told the table and how many of its rows are copied
    :return: how many rows each table has

    :raise CannotCopy: the schemas differ, the target holds something, or what arrived is not what was sent
    """
    tables = Base.metadata.sorted_tables
    with begin(source, writing=False) as there, begin(target, writing=True) as here, here.begin():
        lock_head(here)
        _refuse_other_schema(there, here)
        _refuse_full(here, tables)
        with triggers.lifted(here):
            here.execute(delete(head_t))
            counts = {table.name: _copy(there, here, table, progress) for table in tables}
        for table in tables:
            if _count(here, table) != counts[table.name]:
                raise CannotCopy(f"not every row of `{table.name}` arrived")
            _count_on(here, table)
    return counts


def _copy(there: Connection, here: Connection, table: Table, progress: Callable[[str, int], None]) -> int:
    copied = 0
    reading = there.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key))
    for rows in reading.partitions():
        _write(here, table, rows)
        copied += len(rows)
        progress(table.name, copied)
    return copied


def _write(here: Connection, table: Table, rows: Sequence[Any]) -> None:
    if here.dialect.name != "postgresql":
        here.execute(insert(table), [dict(row._mapping) for row in rows])
        return
    columns = ", ".join(here.dialect.identifier_preparer.quote(column.name) for column in table.columns)
    psycopg: Any = here.connection
    with psycopg.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in _as_bound(here, table, rows):
            copy.write_row(row)


def _as_bound(here: Connection, table: Table, rows: Sequence[Any]) -> Iterator[list[Any]]:
    """The rows as the driver takes them."""
    changes = [column.type.dialect_impl(here.dialect).bind_processor(here.dialect) for column in table.columns]
    for row in rows:
        yield [change(value) if change else value for change, value in zip(changes, row, strict=True)]


def _count_on(here: Connection, table: Table) -> None:
    """Let the database number what is added from now on after what was copied."""
    if here.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        sequence = here.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar()
        newest = here.execute(select(func.max(column))).scalar() if sequence else None
        if newest is not None:
            here.execute(select(func.setval(sequence, newest)))
    here.execute(text(f"ANALYZE {table.name}"))


def _refuse_other_schema(there: Connection, here: Connection) -> None:
    revisions = [MigrationContext.configure(one).get_current_revision() or "none" for one in (there, here)]
    if revisions[0] != revisions[1]:
        raise CannotCopy(f"the schema is `{revisions[0]}` here and `{revisions[1]}` there: upgrade first")


def _refuse_full(here: Connection, tables: Sequence[Table]) -> None:
    for table in tables:
        if table is not head_t and here.execute(select(table).limit(1)).first() is not None:
            raise CannotCopy(f"the other database is not empty: it has rows in `{table.name}`")


def _count(here: Connection, table: Table) -> int:
    return here.execute(select(func.count()).select_from(table)).scalar_one()
