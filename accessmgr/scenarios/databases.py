"""An empty database for every scenario: SQLite in memory, or at an address, where nothing of it remains."""

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, delete, event, make_url, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import StaticPool

from accessmgr.store.engine import begin, create_schema, prepare
from accessmgr.store.tables import Base, LogHead

Databases = Callable[[], AbstractContextManager[Engine]]
"""Each call gives an empty database with all its tables, for as long as the context lasts."""


class DatabaseInUse(Exception):
    """The address names a database that holds something already."""


@contextmanager
def databases(url: str | None) -> Iterator[Databases]:
    """Empty databases in memory (None), or at an address, where nothing remains in the end.

    :raise DatabaseInUse: (each call of the result) the address is that of a file that holds something already
    """
    if url is None:
        yield in_memory
    elif make_url(url).get_backend_name() == "sqlite":
        yield lambda: _in_file(url)
    else:
        with _schema(url) as new_database:
            yield new_database


@contextmanager
def in_memory() -> Iterator[Engine]:
    """The one database in memory, emptied; two scenarios of one process take turns."""
    memory = _memory()
    with memory.turn:
        with closing(memory.engine.raw_connection()) as connection:
            memory.empty.backup(connection.driver_connection)  # type: ignore[arg-type]
        yield memory.engine


@contextmanager
def _in_file(url: str) -> Iterator[Engine]:
    name = make_url(url).database
    if not name or name == ":memory:":
        with in_memory() as engine:
            yield engine
        return
    path = Path(name)
    if path.exists() and path.stat().st_size:
        raise DatabaseInUse(f"`{path.name}` holds a database already: name a file that does not exist")
    engine = prepare(create_engine(url))
    try:
        _fill(engine)
        yield engine
    finally:
        engine.dispose()
        path.unlink(missing_ok=True)


@contextmanager
def _schema(url: str) -> Iterator[Databases]:
    """A schema of its own, emptied before each use: what else is in the database is neither seen nor touched."""
    schema = f"scenario_{secrets.token_hex(8)}"
    engine = prepare(create_engine(url))

    @event.listens_for(engine, "connect")
    def use_schema(connection: DBAPIConnection, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SET search_path TO {schema}")
        connection.commit()

    @contextmanager
    def new_database() -> Iterator[Engine]:
        _empty(engine)
        yield engine

    try:
        _execute(engine, f"CREATE SCHEMA {schema}")
        try:
            _fill(engine)
            yield new_database
        finally:
            _execute(engine, f"DROP SCHEMA {schema} CASCADE")
    finally:
        engine.dispose()


def _empty(engine: Engine) -> None:
    """Make the tables of a schema as new; the triggers that refuse it stand aside meanwhile."""
    head = LogHead.__table__
    statements = [
        f"ALTER TABLE {table} DISABLE TRIGGER USER; {delete(table)}; ALTER TABLE {table} ENABLE TRIGGER USER"
        for table in Base.metadata.sorted_tables
        if table is not head
    ]
    with begin(engine, writing=True) as connection, connection.begin():
        connection.exec_driver_sql(";".join(statements))
        connection.execute(update(LogHead).values(size=0, recorded_at=None))


class _Memory:
    """One engine on one connection, so that statements stay compiled, and an empty database to copy into it."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.engine = prepare(
            create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        )
        _fill(self.engine)
        self.empty = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(self.engine.raw_connection()) as connection:
            connection.driver_connection.backup(self.empty)  # type: ignore[union-attr]


@cache
def _memory() -> _Memory:
    return _Memory()


def _fill(engine: Engine) -> None:
    with begin(engine, writing=True) as connection, connection.begin():
        create_schema(connection)


def _execute(engine: Engine, statement: str) -> None:
    with begin(engine, writing=True) as connection, connection.begin():
        connection.exec_driver_sql(statement)
