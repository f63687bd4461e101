"""Erasing people: what still ties somebody to others, what is destroyed of a person, and whom the retention lets go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, literal, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from accessmgr.core.days import THIRTY_DAYS
from accessmgr.store import tables
from accessmgr.store.key_tables import Passkey, TextMessage
from accessmgr.store.notice_tables import Notice
from accessmgr.store.tables import OPEN
from accessmgr.store.token_tables import KeptAnswer, LogoutMessage, TokenFamily
from accessmgr.store.vaulted import ERASED, is_erased
from accessmgr.usecases.erasure import Tie

BATCH = 500

person_t = tables.Person.__table__
function_t = tables.Function.__table__
note_t = tables.Note.__table__
contact_t = tables.Contact.__table__
subject_t = tables.EntrySubject.__table__

DELETED: tuple[tuple[str, Any, str], ...] = (
    ("key", tables.PersonKey.__table__, "person"),
    ("national_number", tables.NationalNumber.__table__, "person"),
    ("security_code_secret", tables.Totp.__table__, "person"),
    ("passkey", Passkey.__table__, "person"),
    ("text_message", TextMessage.__table__, "person"),
    ("draft", tables.Draft.__table__, "person"),
    ("session", tables.Session.__table__, "person"),
    ("token_family", TokenFamily.__table__, "person"),
    ("logout_message", LogoutMessage.__table__, "person"),
    ("notice", Notice.__table__, "person"),
    ("kept_answer", KeptAnswer.__table__, "person"),
    ("failed_lookup", tables.FailedLookup.__table__, "actor"),
    ("short_name", tables.Persona.__table__, "person"),
)
"""Rows that are deleted: what they are called, their table, and the column of the person."""


@dataclass(frozen=True)
class Blanked:
    """Rows that stay, as others rest on them, with nothing left in what they said about the person."""

    kind: str
    table: Any
    which: ColumnElement[bool]
    values: Mapping[str, object]


def blanked(person: str) -> Iterator[Blanked]:
    """The rows that are blanked when a person is erased, those of every version of them."""
    about = select(subject_t.c.sequence).where(subject_t.c.subject == person)  # whoever makes an entry is a subject too
    named = and_(function_t.c.holder == person, function_t.c.holder_name != "")
    nameless = {"given": "", "family": "", "language": None}
    yield Blanked("name", person_t, and_(person_t.c.id == person, ~is_erased(person_t)), nameless)
    yield Blanked("name_in_register", function_t, named, {"holder_name": ""})
    yield Blanked(
        "contact", contact_t, and_(contact_t.c.id == person, contact_t.c.sealed != ERASED), {"sealed": ERASED}
    )
    yield Blanked("note", note_t, and_(note_t.c.sequence.in_(about), note_t.c.sealed != ERASED), {"sealed": ERASED})


def held(connection: Connection, person: str) -> dict[str, int]:
    """How many rows of each kind an erasure would destroy."""
    kinds = [(kind, table, table.c[column] == person) for kind, table, column in DELETED]
    kinds += [(each.kind, each.table, each.which) for each in blanked(person)]
    counts = {kind: _count(connection, table, which) for kind, table, which in kinds}
    return {kind: count for kind, count in counts.items() if count}


def destroy(connection: Connection, person: str) -> None:
    """Destroy everything that is known of a person besides their id and what others rest on."""
    for _, table, column in DELETED:
        connection.execute(delete(table).where(table.c[column] == person))
    for each in blanked(person):
        connection.execute(update(each.table).where(each.which).values(each.values))


def ties(connection: Connection, person: str, day: date, moment: datetime) -> list[Tie]:
    """What ties a person to others on that day or later, after that moment."""
    return [
        kind
        for kind, tie in _ties(literal(person), day, moment).items()
        if connection.execute(tie.limit(1)).first() is not None
    ]


def expired(connection: Connection, day: date, moment: datetime, size: int, person: str | None = None) -> list[str]:
    """The people whose every tie ended before that day, and about whom no entry is younger than a size of the history.

    Who has no date at all, neither of a tie nor of an entry, is none of them: how long they are known is unknown.

    :param moment: the last one before that day
    :param size: the number of entries until that moment
    :param person: ask about this one alone
    """
    latest = select(func.max(subject_t.c.sequence)).where(subject_t.c.subject == person_t.c.id).scalar_subquery()
    found = select(person_t.c.id).where(
        person_t.c.recorded_to == OPEN,
        person_t.c.recorded_from <= size,
        ~is_erased(person_t),
        or_(latest.is_(None), latest < size),
        or_(latest.is_not(None), person_t.c.recorded_from > 0, *(tie.exists() for tie in _rows_of(person_t.c.id))),
        *(~tie.exists() for tie in _ties(person_t.c.id, day, moment).values()),
    )
    if person is not None:
        return [row[0] for row in connection.execute(found.where(person_t.c.id == person))]
    ids: list[str] = []
    page = found.order_by(person_t.c.id).limit(BATCH)
    while batch := connection.execute(page.where(person_t.c.id > ids[-1]) if ids else page).scalars().all():
        ids += batch
    return ids


def _ties(person: ColumnElement[str], day: date, moment: datetime) -> dict[Tie, Select[Any]]:
    """For each kind of tie, the rows by which it reaches that day or lasts beyond the moment."""
    appointment, relation, grant, request, function, auditor = _rows_of(person)
    role_t, grant_t, request_t = (each.__table__ for each in (tables.Appointment, tables.Grant, tables.Request))
    open_role, open_request = (or_(t.c.closed_at.is_(None), t.c.closed_at > moment) for t in (role_t, request_t))
    return {
        Tie.APPOINTMENT: appointment.where(role_t.c.accepted_at.is_not(None), open_role),
        Tie.OFFER: appointment.where(
            role_t.c.accepted_at.is_(None), open_role, role_t.c.offered_at >= moment - THIRTY_DAYS
        ),
        Tie.WORK_RELATION: relation.where(_reaches(tables.WorkRelation.__table__, day)),
        Tie.GRANT: grant.where(
            _reaches(grant_t, day), or_(grant_t.c.revoked_at.is_(None), grant_t.c.revoked_at > moment)
        ),
        Tie.REQUEST: request.where(open_request, request_t.c.made_at >= moment - THIRTY_DAYS),
        Tie.FUNCTION: function.where(_reaches(function_t, day)),
        Tie.AUDITOR: auditor,
    }


def _rows_of(person: ColumnElement[str]) -> list[Select[Any]]:
    """The rows that tie a person to an enterprise or to the product, whenever that was."""
    return [
        select(table.__table__.c.id).where(table.__table__.c[column] == person, table.__table__.c.recorded_to == OPEN)
        for table, column in (
            (tables.Appointment, "holder"),
            (tables.WorkRelation, "person"),
            (tables.Grant, "holder"),
            (tables.Request, "requester"),
            (tables.Function, "holder"),
            (tables.Auditor, "id"),
        )
    ]


def _reaches(table: Any, day: date) -> ColumnElement[bool]:
    """Whether a period has a day on that day or later."""
    return or_(table.c.last.is_(None), and_(table.c.last >= day, table.c.last >= table.c.first))


def _count(connection: Connection, table: Any, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())
