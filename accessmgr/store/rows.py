"""Between the nouns of the core and their tables: a period is two columns, a list of contexts one."""

from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any

from sqlalchemy import Table

from accessmgr.core.days import Period
from accessmgr.core.events import Noun
from accessmgr.core.model import (
    Appointment,
    AppointmentState,
    Domain,
    Grant,
    Request,
    RequestState,
    Role,
    UserType,
    WorkRelation,
)
from accessmgr.store import tables

TABLES: dict[type[Noun], Table] = {
    Appointment: tables.Appointment.__table__,
    WorkRelation: tables.WorkRelation.__table__,
    Grant: tables.Grant.__table__,
    Request: tables.Request.__table__,
}


def columns_of(noun: Noun) -> dict[str, Any]:
    """The columns of a noun."""
    values = {field.name: getattr(noun, field.name) for field in fields(noun)}
    period: Period | None = values.pop("period", None)
    if period is not None:
        values |= {"first": period.first, "last": period.last}
    if "contexts" in values:
        values["contexts"] = list(values["contexts"])
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in values.items()}


_COLUMNS: dict[type[Noun], str] = {
    Appointment: "id enterprise role holder by offered_at domain employee accepted_at closed_at outcome",
    WorkRelation: "id enterprise person user_type first last by",
    Grant: "id enterprise holder right contexts first last relation by revoked_at",
    Request: "id enterprise requester right contexts made_at closed_at outcome",
}
_WIDTHS = {noun: len(names.split()) for noun, names in _COLUMNS.items()}


def selected(noun: type[Noun], table: Any) -> Sequence[Any]:
    """The columns of a (possibly aliased) table in the order in which the functions below take them."""
    return [table.c[name] for name in _COLUMNS[noun].split()]


def width(noun: type[Noun]) -> int:
    """How many columns that is."""
    return _WIDTHS[noun]


def appointment(row: Any) -> Appointment:
    """An appointment from its columns."""
    id_, enterprise, role, holder, by, offered_at, domain, employee, accepted_at, closed_at, outcome = row
    return Appointment(
        id_,
        enterprise,
        Role(role),
        holder,
        by,
        offered_at,
        Domain(domain) if domain else None,
        employee,
        accepted_at,
        closed_at,
        AppointmentState(outcome) if outcome else None,
    )


def work_relation(row: Any) -> WorkRelation:
    """A work relation from its columns."""
    id_, enterprise, person, user_type, first, last, by = row
    return WorkRelation(id_, enterprise, person, UserType(user_type), Period(first, last), by)


def grant(row: Any) -> Grant:
    """A grant from its columns."""
    id_, enterprise, holder, right, contexts, first, last, relation, by, revoked_at = row
    return Grant(id_, enterprise, holder, right, tuple(contexts), Period(first, last), relation, by, revoked_at)


def request(row: Any) -> Request:
    """A request from its columns."""
    id_, enterprise, requester, right, contexts, made_at, closed_at, outcome = row
    state = RequestState(outcome) if outcome else None
    return Request(id_, enterprise, requester, right, tuple(contexts), made_at, closed_at, state)
