"""Statements that end when the answer they are for is too late (`usecases.deadlines`)."""

import sqlite3
from typing import Any

from sqlalchemy import Engine, event

from accessmgr.usecases import deadlines

STEPS = 20_000
"""SQLite is asked after so many of its steps, which take about a millisecond."""


def keep(engine: Engine) -> None:
    """Let no statement begin after its deadline, and in SQLite none go on."""
    event.listen(engine, "before_cursor_execute", _begin_in_time)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _watch_sqlite)


def limit_statements(engine: Engine, seconds: int) -> None:
    """Let PostgreSQL end each statement of connections made from now on after so many seconds."""

    def limit(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {1000 * seconds:d}")
        connection.commit()

    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", limit)
        engine.dispose()


def _begin_in_time(*_: Any) -> None:
    if deadlines.passed():
        raise deadlines.TooLate


def _watch_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    connection.set_progress_handler(deadlines.passed, STEPS)
