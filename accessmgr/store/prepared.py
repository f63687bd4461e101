"""Statements that decisions run all the time: compiled once a dialect, then straight to the driver.

Of a small query through SQLAlchemy most of the time goes into finding its compiled form and into an object for its
result. What is asked, and what it means, stays SQLAlchemy's.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ParamSpec, cast

from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError

Given = ParamSpec("Given")
Change = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the words of one database.

    :param order: the names of the parameters, one for each place; None where the driver takes them by name
    :param given: the parameters that the statement brings itself
    :param bound: how a parameter is changed for the driver, by name, where it is
    :param read: how a column is changed that the driver gives, by position, where it is
    """

    text: str
    order: tuple[str, ...] | None
    given: Mapping[str, Any]
    bound: tuple[tuple[str, Callable[[Any], Any]], ...]
    read: tuple[tuple[int, Callable[[Any], Any]], ...]


class Prepared:
    """A statement whose parameters are all named, and none of them a list."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any]) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of the answer, as what the columns hold. Listeners of the engine are told as of any statement.

        :raise DBAPIError: the database does not answer
        """
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        values = {**compiled.given, **parameters}
        for name, change in compiled.bound:
            values[name] = change(values[name])
        bound: Any = values if compiled.order is None else tuple([values[name] for name in compiled.order])
        cursor = connection.connection.cursor()
        try:
            for listener in connection.dispatch.before_cursor_execute:
                listener(connection, cursor, compiled.text, bound, None, False)
            cursor.execute(compiled.text, bound)
            found = cursor.fetchall()
        except dialect.loaded_dbapi.Error as fault:
            if dialect.is_disconnect(fault, connection.connection.dbapi_connection, cursor):
                connection.invalidate(fault)
            raise _told(fault, compiled.text, dialect) from fault
        finally:
            cursor.close()
        return [_changed(row, compiled.read) for row in found]

    def first(self, connection: Connection, parameters: Mapping[str, Any]) -> Any:
        """The first row with its columns as attributes, None if there is none.

        :raise DBAPIError: the database does not answer
        """
        found = self.rows(connection, parameters)
        return self._named._make(found[0]) if found else None

    @cached_property
    def _named(self) -> Any:
        return namedtuple("Row", [str(column.key) for column in self.statement.selected_columns])

    def _compile(self, dialect: Dialect) -> _Compiled:
        made: Any = self.statement.compile(dialect=dialect)
        binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in made.binds.items()}
        columns = [column.type.dialect_impl(dialect) for column in self.statement.selected_columns]
        changes: list[Change] = [type_.result_processor(dialect, None) for type_ in columns]
        compiled = _Compiled(
            str(made),
            tuple(made.positiontup) if made.positional else None,
            {name: bind.value for name, bind in made.binds.items() if not bind.required},
            tuple((name, change) for name, change in binds.items() if change is not None),
            tuple((position, change) for position, change in enumerate(changes) if change is not None),
        )
        self._compiled[dialect.name] = compiled
        return compiled


def prepared(build: Callable[Given, Select[Any]]) -> Callable[Given, Prepared]:
    """Let a function that builds a statement give it prepared, built once for the same arguments."""
    return cast(Callable[Given, Prepared], cache(lambda *given, **named: Prepared(build(*given, **named))))


def _changed(row: tuple[Any, ...], changes: tuple[tuple[int, Callable[[Any], Any]], ...]) -> tuple[Any, ...]:
    values = list(row)
    for position, change in changes:
        if values[position] is not None:
            values[position] = change(values[position])
    return tuple(values)


def _told(fault: Exception, text: str, dialect: Dialect) -> Exception:
    """The fault as SQLAlchemy tells it, without the parameters."""
    told: Exception = DBAPIError.instance(
        text, None, fault, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )
    return told
