"""What an entry tells of the rows that it brings or ends and does not show whole: how many, and their digest.

Decisions rest on these rows, so that the history must pin them. No column with a name, a contact, a number of a
person or an address is among them, for what stands in the history stays there.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from accessmgr.core.days import rfc3339
from accessmgr.store import rows, tables

MANY = 1000
"""Of more rows than this, those of one entry are read from the database instead of being kept in memory."""

_OF_RECORDING = frozenset({"row", "recorded_from", "recorded_to"})
_PERSONAL = {"function": frozenset({"holder_name"}), "person": frozenset({"given", "family", "language"})}


def _columns(table: Table) -> tuple[Any, ...]:
    left_out = _OF_RECORDING | _PERSONAL.get(table.name, frozenset())
    return tuple(column for column in table.c if column.name not in left_out)


FACTS: dict[str, tuple[Any, ...]] = {
    model.__tablename__: _columns(model.__table__)
    for model in (
        tables.Person,
        tables.Death,
        tables.Auditor,
        tables.DigitalKey,
        tables.Enterprise,
        tables.Function,
        tables.Recognition,
        tables.Suspension,
        tables.Establishment,
        tables.EstablishmentMove,
        tables.Silence,
    )
}
"""The tables of facts, with the columns that decisions rest on, in the order of a line."""

CHAIN: dict[str, tuple[Any, ...]] = {table.name: _columns(table) for table in rows.TABLES.values()}
"""The tables of the chain: entries show their rows whole, but for those that were always so."""


class Tally:
    """Counts and digests the rows of one table that an entry brings, then those that it ends."""

    def __init__(self) -> None:
        self._added = self._ended = 0
        self._hash = hashlib.sha256()

    def all(self, added: Iterable[bytes], ended: Iterable[bytes]) -> dict[str, Any] | None:
        """What the entry tells of these lines; None if there are none."""
        for line in added:
            self._added += 1
            self._hash.update(line + b"\n")
        self._hash.update(b"\n")
        for line in ended:
            self._ended += 1
            self._hash.update(line + b"\n")
        if not self._added and not self._ended:
            return None
        return {"added": self._added, "ended": self._ended, "digest": self._hash.hexdigest()}


class Touched:
    """The rows of one table that the entry being written brings and ends; if they are many, only that they are."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._added: list[bytes] = []
        self._ended: list[tuple[int, bytes]] = []
        self.many = False

    def add(self, values: Any) -> None:
        """Note a row that comes."""
        if not self.many:
            self._added.append(line([values.get(column.name) for column in FACTS[self._table]]))
        self._forget_many()

    def end(self, row: Any) -> None:
        """Note a row that ends."""
        if not self.many:
            self._ended.append((row["row"], line([row[column.name] for column in FACTS[self._table]])))
        self._forget_many()

    def told(self, connection: Connection, size: int) -> dict[str, Any] | None:
        """What the entry tells that brings the history to that size."""
        if self.many:
            return told_in(connection, self._table, size)
        return Tally().all(self._added, (each for _, each in sorted(self._ended)))

    def _forget_many(self) -> None:
        if len(self._added) + len(self._ended) > MANY:
            self.many = True
            self._added, self._ended = [], []


def told_in(connection: Connection, table: str, size: int) -> dict[str, Any] | None:
    """What the entry that brought the history to a size tells of a table; size 0 is for what was always so."""
    columns = FACTS.get(table) or CHAIN[table]
    return Tally().all(
        _lines(connection, columns, columns[0].table.c.recorded_from == size),
        _lines(connection, columns, columns[0].table.c.recorded_to == size),
    )


def told_of_always(connection: Connection) -> dict[str, Any] | None:
    """What the first entry tells of the rows that were always so; None if there are none."""
    told = {name: told_in(connection, name, 0) for name in (*FACTS, *CHAIN)}
    return {name: its for name, its in told.items() if its} or None


def line(values: Iterable[Any]) -> bytes:
    """A row as it is digested: the RFC 8785 form of its values as a list, of which what is missing is null."""
    return _encode(list(values)).encode()


def _lines(connection: Connection, columns: tuple[Any, ...], which: Any) -> Iterator[bytes]:
    found = select(*columns).where(which).order_by(columns[0].table.c.row)
    with connection.execute(found, execution_options={"yield_per": MANY}) as answer:
        yield from map(line, answer)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not a value of a row: `{type(value).__name__}`")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_written).encode
