"""Everything in the database replaced at once by what another one holds: a simulated world that starts over.

Only in simulation, where nothing is lost: the rows that nothing ever deletes are deleted here.
"""

from typing import Any

from sqlalchemy import Engine, Table, delete, select

from accessmgr.store import triggers
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.tables import Base
from accessmgr.store.token_tables import Client

KEPT = frozenset({Client.__tablename__})
"""Tables that stay as they are: whoever registered an application goes on using it."""


def replace_all(engine: Engine, source: Engine) -> None:
    """Put all rows of the source in the place of those of the database, in one transaction.

    Whoever looks meanwhile sees all of the one or all of the other; whoever writes waits.
    """
    tables = [table for table in Base.metadata.sorted_tables if table.name not in KEPT]
    with begin(source, writing=False) as fresh, begin(engine, writing=True) as connection, connection.begin():
        lock_head(connection)
        with triggers.lifted(connection):
            for table in reversed(tables):
                connection.execute(delete(table))
            for table in tables:
                rows = [dict(row) for row in fresh.execute(select(*_columns(table))).mappings()]
                if rows:
                    connection.execute(table.insert(), rows)


def _columns(table: Table) -> list[Any]:
    """The columns without those that the database counts itself."""
    return [column for column in table.columns if column.autoincrement is not True]
