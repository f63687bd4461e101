"""Takes an extract of the register into the versioned tables: rows are staged, then merged set by set.

It works within the write transaction of its caller, so that readers see the register before or after an import
and never between. It knows rows by their field names alone, which are those of the tables.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Table,
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
from accessmgr.store.register_staging import (
    DELETED,
    KINDS,
    OF_AN_ENTITY,
    STAGED,
    STAGING,
    Kind,
    entity_lasts_on,
    is_judged,
    is_open,
    is_staged,
    lasts_on,
)
from accessmgr.store.tables import (
    OPEN,
    EstablishmentMove,
    RegisterImport,
)


class PeopleSink(Protocol):
    """Where the persons of the register are known, by their national numbers."""

    def find_or_add_many(self, people: Sequence[tuple[NationalNumber, str, str]]) -> list[str]:
        """The ids of persons by number, given name and family name, in that order; who is not known is added."""


class RegisterTables:
    """The register's tables as where an import goes.

    :param n: the size of the history after the import's entry, so that this entry is number n - 1
    :param people: knows the holders of functions; their numbers go nowhere else
    """

    def __init__(self, connection: Connection, n: int, people: PeopleSink) -> None:
        self._connection = connection
        self._n = n
        self._people = people
        self.merged: list[str] = []
        """The tables that the import may have changed."""
        for table in STAGING.tables.values():
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
            kind = KINDS[name]
            yield from self._connection.execute(select(kind.table.c.id).where(is_open(kind))).scalars()

    def weigh(self, snapshot: date, tables: Collection[str], kind: str) -> dict[str, tuple[int, int, int]]:
        """For each table of things that end: how many last on now, how many of them would end, how many are staged."""
        self._prepare()
        weights = {}
        for name in tables:
            its, staged = KINDS[name], STAGED[name]
            if its.ends:
                lasting = and_(is_open(its), lasts_on(its, snapshot))
                gone = and_(lasting, ~is_staged(its, staged, its.key), is_judged(name, kind))
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
        self.merged = [*names, EstablishmentMove.__tablename__]
        for name in names:
            its, staged = KINDS[name], STAGED[name]
            self._close(name, its, staged, snapshot, is_judged(name, kind))
            if its.ends:
                self._end_what_is_gone(its, staged, snapshot)
            self._add_what_is_new(its, staged)
        note = insert(RegisterImport).values(
            sequence=self._n - 1, extract_number=extract_number, snapshot=snapshot, kind=kind
        )
        self._connection.execute(note)
        for table in STAGING.tables.values():
            self._connection.execute(DropTable(table))

    # --- staging ------------------------------------------------------------------------------------------

    def _functions(self, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        people = {row.number: (row.number, row.given or "", row.family) for row in rows if row.number}
        ids = dict(zip(people, self._people.find_or_add_many(list(people.values())), strict=True)) if people else {}
        return [_function(row, ids.get(row.number)) for row in rows]

    def _load(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        table = DELETED if name == "deleted" else STAGED[name]
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
        for table in STAGING.tables.values():
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
        staged, known = STAGED[name], KINDS[name].table
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
        staged, known = STAGED["establishment"], KINDS["establishment"].table
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

    def _close(self, name: str, kind: Kind, staged: Table, snapshot: date, judged: ColumnElement[bool]) -> None:
        """Set the end of the recorded period of every row that is gone or not as it was."""
        there = is_staged(kind, staged, kind.key)
        if kind.ends:
            went_on = lasts_on(kind, snapshot)
        elif name in OF_AN_ENTITY:
            went_on = entity_lasts_on(kind, snapshot)
        else:
            went_on = true()
        # first what nearly every row fails, as a condition of its own, so that databases answer it by one join
        outdated = and_(~is_staged(kind, staged, kind.columns), or_(there, and_(went_on, judged)))
        self._connection.execute(update(kind.table).where(is_open(kind), outdated).values(recorded_to=self._n))

    def _end_what_is_gone(self, kind: Kind, staged: Table, snapshot: date) -> None:
        """Succeed what was closed for being gone by the same with an end."""
        columns = [literal(snapshot) if name == "last" else kind.table.c[name] for name in kind.columns]
        gone = select(*columns, literal(self._n), literal(OPEN)).where(
            kind.table.c.recorded_to == self._n, ~is_staged(kind, staged, kind.key)
        )
        self._connection.execute(insert(kind.table).from_select([*kind.columns, "recorded_from", "recorded_to"], gone))

    def _add_what_is_new(self, kind: Kind, staged: Table) -> None:
        """Add what is staged and not known: new, or just closed for being otherwise."""
        known = and_(is_open(kind), *(kind.table.c[name] == staged.c[name] for name in kind.key))
        columns = [staged.c[name] for name in kind.columns]
        new = select(*columns, literal(self._n), literal(OPEN)).where(
            ~select(1).where(known).correlate(staged).exists()
        )
        self._connection.execute(insert(kind.table).from_select([*kind.columns, "recorded_from", "recorded_to"], new))


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
