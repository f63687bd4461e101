"""Engines: SQLite in its safe mode, PostgreSQL with one look at one state."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from accessmgr.store import count_tables as _count_tables  # noqa: F401  # its tables are part of the schema
from accessmgr.store import notice_tables as _notice_tables  # noqa: F401  # its tables are part of the schema
from accessmgr.store import review_tables as _review_tables  # noqa: F401  # its tables are part of the schema
from accessmgr.store import stream_tables as _stream_tables  # noqa: F401  # its tables are part of the schema
from accessmgr.store import token_tables as _token_tables  # noqa: F401  # its tables are part of the schema
from accessmgr.store import triggers
from accessmgr.store.tables import Base, LogHead

PRAGMAS = (
    "journal_mode = DELETE",  # safe with several connections in every version of SQLite, unlike WAL before 3.51.3
    "synchronous = FULL",  # what was acknowledged survives a power cut
    "foreign_keys = ON",
    "secure_delete = ON",  # a sealed number that was replaced leaves no trace in free pages
    "busy_timeout = 15000",
    "trusted_schema = OFF",
)

_open: ContextVar[Connection | None] = ContextVar("open", default=None)


def prepare(engine: Engine) -> Engine:
    """Set up an engine so that transactions begin as the store needs them. Gives the engine back."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def create_schema(connection: Connection) -> None:
    """Create all tables and triggers in an empty database, without migrations (for one that does not last)."""
    Base.metadata.create_all(connection)
    triggers.install(connection)
    connection.execute(LogHead.__table__.insert().values(id=1, size=0, recorded_at=None))


@contextmanager
def within(connection: Connection) -> Iterator[None]:
    """Let what is read meanwhile be read in a transaction that is open already.

    In SQLite whoever waits to commit lets nobody begin to read, and waits for those who do: a second connection of
    a reader would wait for the writer, and the writer for the first one.
    """
    before = _open.set(connection)
    try:
        yield
    finally:
        _open.reset(before)


def begin(engine: Engine, *, writing: bool) -> AbstractContextManager[Connection]:
    """A connection for one transaction: alone to write, or to read; reading goes on in the one that is open already."""
    present = _open.get()
    if not writing and present is not None and present.engine is engine:
        return nullcontext(present)
    return begin_afresh(engine, writing=writing)


def begin_afresh(engine: Engine, *, writing: bool) -> Connection:
    """A connection of its own for one transaction: alone to write, or one consistent state to read."""
    if engine.dialect.name == "sqlite":
        return engine.connect().execution_options(writing=writing)
    level: Any = "READ COMMITTED" if writing else "REPEATABLE READ"
    return engine.connect().execution_options(isolation_level=level, postgresql_readonly=not writing)


@contextmanager
def begin_trying(engine: Engine) -> Iterator[Connection]:
    """A connection for one transaction that sees one state, may write, and is undone in the end.

    It gives way to whoever writes for keeps: it waits for a row no longer than it takes to find a deadlock.
    """
    if engine.dialect.name == "sqlite":
        connection = engine.connect().execution_options(writing=True)
    else:
        connection = engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=False)
    with connection:
        transaction = connection.begin()
        try:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
            yield connection
        finally:
            transaction.rollback()


def lock_head(connection: Connection) -> None:
    """Let nobody else write until the transaction ends; in SQLite its beginning did that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE log_head IN EXCLUSIVE MODE"))


def _connect_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says so, not where the driver guesses
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writing", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # it locks nothing yet, so it cannot fail as a statement can, and may go straight to the driver
        connection.connection.cursor().execute("BEGIN")
