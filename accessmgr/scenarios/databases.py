"""An empty database for every scenario: SQLite in memory, or at an address, where nothing of it remains."""

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import StaticPool

from accessmgr.store.engine import begin, create_schema, prepare

Databases = Callable[[], AbstractContextManager[Engine]]
"""Each call gives an empty database with all its tables, for as long as the context lasts."""


class DatabaseInUse(Exception):
    """The address names a database that holds something already."""


def databases(url: str | None) -> Databases:
    """Empty databases in memory (None), or at an address.

    :raise DatabaseInUse: (each call of the result) something is there already
    """
    if url is None:
        return in_memory
    if make_url(url).get_backend_name() == "sqlite":
        return lambda: _in_file(url)
    return lambda: _in_schema(url)


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
def _in_schema(url: str) -> Iterator[Engine]:
    """A schema of its own, so that what else is in the database is neither seen nor touched."""
    schema = f"scenario_{secrets.token_hex(8)}"
    engine = prepare(create_engine(url))

    @event.listens_for(engine, "connect")
    def use_schema(connection: DBAPIConnection, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SET search_path TO {schema}")
        connection.commit()

    try:
        _execute(engine, f"CREATE SCHEMA {schema}")
        try:
            _fill(engine)
            yield engine
        finally:
            _execute(engine, f"DROP SCHEMA {schema} CASCADE")
    finally:
        engine.dispose()


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
    connection: Connection
    with begin(engine, writing=True) as connection, connection.begin():
        connection.execute(text(statement))
