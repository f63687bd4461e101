"""Where the rows of an extract are staged, and the conditions that tell what an import changes."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Index, MetaData, Table, Text, or_, select, true

from accessmgr.store.tables import (
    OPEN,
    Address,
    Code,
    Denomination,
    Enterprise,
    Establishment,
    Function,
    Recognition,
    Suspension,
)

NOT_OF_THE_REGISTER = ("row", "recorded_from", "recorded_to")


class Kind(NamedTuple):
    """A table with the columns that tell its rows apart."""

    table: Table
    key: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold what the register says."""
        return tuple(column.name for column in self.table.c if column.name not in NOT_OF_THE_REGISTER)

    @property
    def ends(self) -> bool:
        """Whether what is gone from the register stays known with an end, and is not just closed."""
        return "last" in self.table.c


def _kind(model: Any, *key: str) -> Kind:
    return Kind(model.__table__, key)


KINDS = {
    "code": _kind(Code, "category", "code", "language"),
    "enterprise": _kind(Enterprise, "id"),
    "establishment": _kind(Establishment, "id"),
    "denomination": _kind(Denomination, "entity", "language", "type_code", "name"),
    "address": _kind(Address, "entity", "type_code"),
    "function": _kind(Function, "id"),
    "recognition": _kind(Recognition, "id"),
    "suspension": _kind(Suspension, "id"),
}
DELETED_BY = {
    "enterprise": "id",
    "establishment": "id",
    "denomination": "entity",
    "address": "entity",
    "function": "enterprise",
    "recognition": "id",
    "suspension": "recognition",
}
"""The column by which an update names what holds no more."""
OF_AN_ENTITY = ("denomination", "address")

STAGING = MetaData()
STAGED = {
    name: Table(
        f"staged_{name}",
        STAGING,
        *(Column(column, kind.table.c[column].type) for column in kind.columns),
        prefixes=["TEMPORARY"],
    )
    for name, kind in KINDS.items()
}
DELETED = Table("staged_deleted", STAGING, Column("of", Text), Column("id", Text), prefixes=["TEMPORARY"])
INDEXES = [
    Index("ix_staged_deleted", DELETED.c.of, DELETED.c.id),
    *(Index(f"ix_staged_{name}", *(STAGED[name].c[column] for column in kind.key[:3])) for name, kind in KINDS.items()),
]


def is_open(kind: Kind) -> ColumnElement[bool]:
    return kind.table.c.recorded_to == OPEN


def lasts_on(kind: Kind, snapshot: date) -> ColumnElement[bool]:
    """Whether the row's valid period goes on after the snapshot day."""
    return or_(kind.table.c.last.is_(None), kind.table.c.last > snapshot)


def entity_lasts_on(kind: Kind, snapshot: date) -> ColumnElement[bool]:
    """Whether the enterprise or establishment of a name or address, merged before, goes on after the snapshot day."""
    entities = (KINDS["enterprise"], KINDS["establishment"])
    lasting = [(is_open(its), lasts_on(its, snapshot), its.table.c.id == kind.table.c.entity) for its in entities]
    return or_(*(select(1).where(*where).correlate(kind.table).exists() for where in lasting))


def is_judged(name: str, kind: str) -> ColumnElement[bool]:
    """Whether an extract without a row says that it is gone: a full one does, an update of what it deletes."""
    if kind == "full" or name == "code":
        return true()
    column = KINDS[name].table.c[DELETED_BY[name]]
    return select(1).where(DELETED.c.of == name, DELETED.c.id == column).correlate(KINDS[name].table).exists()


def is_staged(kind: Kind, staged: Table, columns: Iterable[str]) -> ColumnElement[bool]:
    """Whether a staged row has the same in the columns; keys are never empty, so that an index can be used."""
    same = [
        staged.c[name] == kind.table.c[name]
        if name in kind.key
        else staged.c[name].is_not_distinct_from(kind.table.c[name])
        for name in columns
    ]
    return select(1).where(*same).correlate(kind.table).exists()
