"""Takes an extract of the register into the versioned tables: rows are staged, then merged set by set.

It works within the write transaction of its caller, so that readers see the register before or after an import
and never between. It knows rows by their field names alone, which are those of the tables.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    MetaData,
    Table,
    Text,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from accessmgr.core.numbers import NationalNumber
from accessmgr.store.tables import (
    OPEN,
    Address,
    Code,
    Denomination,
    Enterprise,
    Establishment,
    EstablishmentMove,
    Function,
    Recognition,
    RegisterImport,
    Suspension,
)


class PeopleSink(Protocol):
    """Where the persons of the register are known, by their national numbers."""

    def find_or_add_many(self, people: Sequence[tuple[NationalNumber, str, str]]) -> list[str]:
        """The ids of persons by number, given name and family name, in that order; who is not known is added."""


_NOT_OF_THE_REGISTER = ("row", "recorded_from", "recorded_to")


class _Kind(NamedTuple):
    """A table with the columns that tell its rows apart."""

    table: Table
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold what the register says."""
        return tuple(column.name for column in self.table.c if column.name not in _NOT_OF_THE_REGISTER)

    @property
    def ends(self) -> bool:
        """Whether what is gone from the register stays known with an end, and is not just closed."""
        return "last" in self.table.c


def _kind(model: Any, *key: str) -> _Kind:
    return _Kind(model.__table__, key)


_KINDS = {
    "code": _kind(Code, "category", "code", "language"),
    "enterprise": _kind(Enterprise, "id"),
    "establishment": _kind(Establishment, "id"),
    "denomination": _kind(Denomination, "entity", "language", "type_code", "name"),
    "address": _kind(Address, "entity", "type_code"),
    "function": _kind(Function, "id"),
    "recognition": _kind(Recognition, "id"),
    "suspension": _kind(Suspension, "id"),
}
_DELETED_BY = {
    "enterprise": "id",
    "establishment": "id",
    "denomination": "entity",
    "address": "entity",
    "function": "enterprise",
    "recognition": "id",
    "suspension": "recognition",
}
"""The column by which an update names what holds no more."""
_OF_AN_ENTITY = ("denomination", "address")

_STAGING = MetaData()
_STAGED = {
    name: Table(
        f"staged_{name}",
        _STAGING,
        *(Column(column, kind.table.c[column].type) for column in kind.columns),
        prefixes=["TEMPORARY"],
    )
    for name, kind in _KINDS.items()
}
_DELETED = Table("staged_deleted", _STAGING, Column("of", Text), Column("id", Text), prefixes=["TEMPORARY"])
_INDEXES = [
    Index("ix_staged_deleted", _DELETED.c.of, _DELETED.c.id),
    *(
        Index(f"ix_staged_{name}", *(_STAGED[name].c[column] for column in kind.key[:3]))
        for name, kind in _KINDS.items()
    ),
]


class RegisterTables:
    """The register's tables as where an import goes.

    :param n: the size of the history after the import's entry, so that this entry is number n - 1
    :param people: knows the holders of functions; their numbers go nowhere else
    """

    def __init__(self, connection: Connection, n: int, people: PeopleSink) -> None:
        self._connection = connection
        self._n = n
        self._people = people
        for table in _STAGING.tables.values():
            connection.execute(DropTable(table, if_exists=True))
            connection.execute(CreateTable(table))

    def last_import(self) -> tuple[int, date, str] | None:
        """Number, snapshot day and kind (`full` or `update`) of the newest import."""
        newest = select(RegisterImport.extract_number, RegisterImport.snapshot, RegisterImport.kind)
        row = self._connection.execute(newest.order_by(RegisterImport.sequence.desc()).limit(1)).first()
        return None if row is None else (row.extract_number, row.snapshot, row.kind)

    def stage(self, table: str, rows: Sequence[Any]) -> None:
        """Put rows of one type aside, in a table that only this connection sees."""
        if table == "function":
            self._load("function", self._functions(rows))
        elif table == "recognition":
            self._load("recognition", [(row.id, row.enterprise, row.first, row.last) for row in rows])
            suspended = [row for row in rows if row.suspended_from]
            self._load("suspension", [_suspension(row) for row in suspended])
        elif table == "deleted":
            both = [("suspension", row.id) for row in rows if row.table == "recognition"]
            self._load("deleted", [*rows, *both])
        else:
            self._load(table, rows)

    def known_entities(self) -> Iterator[str]:
        """The numbers of all enterprises and establishments that the store knows."""
        for name in ("enterprise", "establishment"):
            kind = _KINDS[name]
            yield from self._connection.execute(select(kind.table.c.id).where(_is_open(kind))).scalars()

    def weigh(self, snapshot: date, tables: Collection[str], kind: str) -> dict[str, tuple[int, int, int]]:
        """For each table of things that end: how many last on now, how many of them would end, how many are staged."""
        self._prepare()
        weights = {}
        for name in tables:
            its, staged = _KINDS[name], _STAGED[name]
            if its.ends:
                lasting = and_(_is_open(its), _lasts_on(its, snapshot))
                gone = and_(lasting, ~_is_staged(its, staged, its.key), _is_judged(name, kind))
                known = self._count(its.table, lasting)
                weights[name] = known, self._count(its.table, gone), self._count(staged, true())
        return weights

    def merge(self, extract_number: int, snapshot: date, tables: Collection[str], kind: str) -> None:
        """Make the staged rows of these tables what the system knows from history size n on, and note the import.

        What is as it was stays untouched. What changed is closed and succeeded. What is gone ends on the snapshot
        day; a code, name or address that is gone is closed, but for the names and addresses of what ended.
        In an update, only what is staged as deleted and not anew is gone.
        """
        self._prepare()
        if "establishment" in tables:
            self._record_moves(snapshot)
        names = [*tables, "suspension"] if "recognition" in tables else list(tables)
        for name in ("function", "suspension"):
            if name in names:
                self._keep_ids(name)
        for name in names:
            its, staged = _KINDS[name], _STAGED[name]
            self._close(name, its, staged, snapshot, _is_judged(name, kind))
            if its.ends:
                self._end_what_is_gone(its, staged, snapshot)
            self._add_what_is_new(its, staged)
        note = insert(RegisterImport).values(
            sequence=self._n - 1, extract_number=extract_number, snapshot=snapshot, kind=kind
        )
        self._connection.execute(note)
        for table in _STAGING.tables.values():
            self._connection.execute(DropTable(table))

    # --- staging ------------------------------------------------------------------------------------------

    def _functions(self, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        people = {row.number: (row.number, row.given or "", row.family) for row in rows if row.number}
        ids = dict(zip(people, self._people.find_or_add_many(list(people.values())), strict=True)) if people else {}
        return [_function(row, ids.get(row.number)) for row in rows]

    def _load(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        table = _DELETED if name == "deleted" else _STAGED[name]
        if self._connection.dialect.name == "postgresql":
            psycopg: Any = self._connection.connection
            with psycopg.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        days = [place for place, column in enumerate(table.c) if isinstance(column.type, Date)]
        statement = insert(table).compile(dialect=self._connection.dialect).string
        self._connection.exec_driver_sql(statement, list(_with_written_days(rows, days)))

    def _prepare(self) -> None:
        """Index what is staged, once, and tell the database how much it is."""
        for table in _STAGING.tables.values():
            for index in table.indexes:
                self._connection.execute(CreateIndex(index, if_not_exists=True))
            if self._connection.dialect.name == "postgresql":
                self._connection.execute(text(f"ANALYZE {table.name}"))

    def _count(self, table: Table, where: ColumnElement[bool]) -> int:
        return self._connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()

    # --- merging ------------------------------------------------------------------------------------------

    def _keep_ids(self, name: str) -> None:
        """Give a staged function or suspension the id by which it is known already, if it is.

        A function of a holder without a number has no other, and one that the simulator began has one of its own.
        """
        staged, known = _STAGED[name], _KINDS[name].table
        same = [known.c.recorded_to == OPEN, known.c.first == staged.c.first]
        if name == "suspension":
            same.append(known.c.recognition == staged.c.recognition)
        else:
            by_person = and_(
                known.c.held_by.is_(None),
                staged.c.held_by.is_(None),
                known.c.holder.is_not_distinct_from(staged.c.holder),
                known.c.holder_name.is_not_distinct_from(staged.c.holder_name),
            )
            same += [known.c.enterprise == staged.c.enterprise, known.c.code == staged.c.code]
            same.append(or_(known.c.held_by == staged.c.held_by, by_person))
        its_id = select(func.min(known.c.id)).where(*same).correlate(staged).scalar_subquery()
        self._connection.execute(update(staged).values(id=func.coalesce(its_id, staged.c.id)))

    def _record_moves(self, snapshot: date) -> None:
        """Record each new owner of a known establishment, and set its row back to the first owner."""
        staged, known = _STAGED["establishment"], _KINDS["establishment"].table
        move = EstablishmentMove.__table__
        newest = select(move.c.enterprise).where(
            move.c.establishment == known.c.id, move.c.recorded_to == OPEN, move.c.since <= snapshot
        )
        newest = newest.order_by(move.c.since.desc(), move.c.row.desc()).limit(1).correlate(known)
        owner = func.coalesce(newest.scalar_subquery(), known.c.enterprise)
        moved = select(staged.c.id, staged.c.enterprise, literal(snapshot), literal(self._n), literal(OPEN))
        moved = moved.where(known.c.id == staged.c.id, known.c.recorded_to == OPEN, owner != staged.c.enterprise)
        columns = ["establishment", "enterprise", "since", "recorded_from", "recorded_to"]
        self._connection.execute(insert(move).from_select(columns, moved))
        first_owner = select(known.c.enterprise).where(known.c.id == staged.c.id, known.c.recorded_to == OPEN)
        first_owner_or_this = func.coalesce(first_owner.correlate(staged).scalar_subquery(), staged.c.enterprise)
        self._connection.execute(update(staged).values(enterprise=first_owner_or_this))

    def _close(self, name: str, kind: _Kind, staged: Table, snapshot: date, is_judged: ColumnElement[bool]) -> None:
        """Set the end of the recorded period of every row that is gone or not as it was."""
        there = _is_staged(kind, staged, kind.key)
        unchanged = _is_staged(kind, staged, kind.columns)
        if kind.ends:
            gone = and_(~there, _lasts_on(kind, snapshot))
        elif name in _OF_AN_ENTITY:
            gone = and_(~there, _entity_lasts_on(kind, snapshot))
        else:
            gone = ~there
        outdated = or_(and_(there, ~unchanged), and_(gone, is_judged))
        self._connection.execute(update(kind.table).where(_is_open(kind), outdated).values(recorded_to=self._n))

    def _end_what_is_gone(self, kind: _Kind, staged: Table, snapshot: date) -> None:
        """Succeed what was closed for being gone by the same with an end."""
        columns = [literal(snapshot) if name == "last" else kind.table.c[name] for name in kind.columns]
        gone = select(*columns, literal(self._n), literal(OPEN)).where(
            kind.table.c.recorded_to == self._n, ~_is_staged(kind, staged, kind.key)
        )
        self._connection.execute(insert(kind.table).from_select([*kind.columns, "recorded_from", "recorded_to"], gone))

    def _add_what_is_new(self, kind: _Kind, staged: Table) -> None:
        """Add what is staged and not known: new, or just closed for being otherwise."""
        known = and_(_is_open(kind), *(kind.table.c[name] == staged.c[name] for name in kind.key))
        columns = [staged.c[name] for name in kind.columns]
        new = select(*columns, literal(self._n), literal(OPEN)).where(
            ~select(1).where(known).correlate(staged).exists()
        )
        self._connection.execute(insert(kind.table).from_select([*kind.columns, "recorded_from", "recorded_to"], new))


def _is_open(kind: _Kind) -> ColumnElement[bool]:
    return kind.table.c.recorded_to == OPEN


def _lasts_on(kind: _Kind, snapshot: date) -> ColumnElement[bool]:
    """Whether the row's valid period goes on after the snapshot day."""
    return or_(kind.table.c.last.is_(None), kind.table.c.last > snapshot)


def _entity_lasts_on(kind: _Kind, snapshot: date) -> ColumnElement[bool]:
    """Whether the enterprise or establishment of a name or address, merged before, goes on after the snapshot day."""
    entities = (_KINDS["enterprise"], _KINDS["establishment"])
    lasting = [(_is_open(its), _lasts_on(its, snapshot), its.table.c.id == kind.table.c.entity) for its in entities]
    return or_(*(select(1).where(*where).correlate(kind.table).exists() for where in lasting))


def _is_judged(name: str, kind: str) -> ColumnElement[bool]:
    """Whether the extract says of a row that it is gone by not having it: a full one does, an update of what it deletes."""
    if kind == "full" or name == "code":
        return true()
    column = _KINDS[name].table.c[_DELETED_BY[name]]
    return select(1).where(_DELETED.c.of == name, _DELETED.c.id == column).correlate(_KINDS[name].table).exists()


def _is_staged(kind: _Kind, staged: Table, columns: Iterable[str]) -> ColumnElement[bool]:
    """Whether a staged row has the same in the columns; keys are never empty, so that an index can be used."""
    same = [
        staged.c[name] == kind.table.c[name]
        if name in kind.key
        else staged.c[name].is_not_distinct_from(kind.table.c[name])
        for name in columns
    ]
    return select(1).where(*same).correlate(kind.table).exists()


def _function(row: Any, holder: str | None) -> tuple[Any, ...]:
    """A function as it is kept. Its id holds no name: ids stand in the history, which no name may reach."""
    name = None if row.number or not row.family else " ".join(filter(None, (row.given, row.family)))
    who = row.held_by or holder or secrets.token_hex(8)
    id = f"{row.enterprise}:{row.code}:{who}:{row.first.isoformat()}"
    return id, row.enterprise, row.code, holder, row.held_by, name, row.first, row.last


def _suspension(row: Any) -> tuple[Any, ...]:
    id = f"{row.id}:{row.suspended_from.isoformat()}"
    return id, row.id, row.suspended_from, row.suspended_until


def _with_written_days(rows: Iterable[Sequence[Any]], days: Sequence[int]) -> Iterable[tuple[Any, ...]]:
    """The rows with their days as text, as SQLite keeps them."""
    for row in rows:
        values = list(row)
        for place in days:
            if values[place] is not None:
                values[place] = values[place].isoformat()
        yield tuple(values)
