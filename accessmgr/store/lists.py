"""The queries for lists and cards on pages: by index and by key, never with an offset.

Whether somebody may see a list is decided by the catalogue before it is asked for; nothing here decides.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, union

from accessmgr.core.days import THIRTY_DAYS, Period
from accessmgr.core.model import Appointment, Function, FunctionCode, Grant, Request, WorkRelation
from accessmgr.store import rows, tables
from accessmgr.store.tables import OPEN
from accessmgr.usecases.lists import PAGE, EnterpriseCard, HeldFunction, Named

person_t = tables.Person.__table__
enterprise_t = tables.Enterprise.__table__
name_t = tables.Denomination.__table__
address_t = tables.Address.__table__
code_t = tables.Code.__table__
function_t = tables.Function.__table__
silence_t = tables.Silence.__table__
recognition_t = tables.Recognition.__table__
suspension_t = tables.Suspension.__table__
establishment_t = tables.Establishment.__table__
move_t = tables.EstablishmentMove.__table__
appointment_t = tables.Appointment.__table__
relation_t = tables.WorkRelation.__table__
grant_t = tables.Grant.__table__
request_t = tables.Request.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__
key_t = tables.DigitalKey.__table__

SOCIAL_NAME = "001"
SEAT = "REGO"


class StoreLists:
    """Lists and cards within one look (`usecases.lists.Lists`)."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def names(self, ids: Iterable[str | None]) -> dict[str, Named]:
        """The people with those ids, by id."""
        wanted = sorted({id_ for id_ in ids if id_})
        found = select(person_t.c.id, person_t.c.given, person_t.c.family).where(
            person_t.c.id.in_(wanted), person_t.c.recorded_to == OPEN
        )
        return {row.id: Named(*row) for row in self.connection.execute(found)} if wanted else {}

    def enterprise_names(self, numbers: Iterable[str], language: str) -> dict[str, str]:
        """The social names of enterprises by number, in the language if the register has it."""
        wanted = sorted(set(numbers))
        if not wanted:
            return {}
        found = select(name_t.c.entity, name_t.c.language, name_t.c.name).where(
            name_t.c.entity.in_(wanted), name_t.c.type_code == SOCIAL_NAME, name_t.c.recorded_to == OPEN
        )
        register_code = {"fr": "1", "nl": "2", "de": "3", "en": "4"}.get(language)
        best: dict[str, tuple[bool, str]] = {}
        for entity, name_language, name in self.connection.execute(found.order_by(name_t.c.row)):
            fits = name_language == register_code
            if entity not in best or (fits and not best[entity][0]):
                best[entity] = (fits, name)
        return {number: best[number][1] if number in best else number for number in wanted}

    def enterprise_card(self, number: str, language: str) -> EnterpriseCard | None:
        """What the public register shows about an enterprise, None if it is not in the register."""
        found = select(enterprise_t).where(enterprise_t.c.id == number, enterprise_t.c.recorded_to == OPEN)
        row = self.connection.execute(found).first()
        if row is None:
            return None
        functions = _functions(self, number, language)
        return EnterpriseCard(
            number,
            self.enterprise_names([number], language)[number],
            row.target_group,
            Period(row.first, row.last),
            row.type_code,
            row.form_code,
            row.situation_code,
            self.connection.execute(
                _of(address_t, address_t.c.entity, number).where(address_t.c.type_code == SEAT)
            ).first(),
            functions,
            tuple(
                self.connection.execute(
                    _of(recognition_t, recognition_t.c.enterprise, number).order_by(recognition_t.c.id)
                )
            ),
            tuple(self.connection.execute(_suspensions(number))),
            tuple(self.establishments(number)),
        )

    def functions_in(self, numbers: Iterable[str]) -> dict[str, tuple[Function, ...] | None]:
        """The functions held in enterprises, by number; None where the register has no answer."""
        wanted = sorted(set(numbers))
        silent = select(silence_t.c.id).where(silence_t.c.id.in_(wanted), silence_t.c.recorded_to == OPEN)
        answers: dict[str, list[Function] | None] = {number: [] for number in wanted}
        answers |= dict.fromkeys(self.connection.execute(silent).scalars())
        found = select(function_t).where(function_t.c.enterprise.in_(wanted), function_t.c.recorded_to == OPEN)
        for row in self.connection.execute(found.order_by(function_t.c.first, function_t.c.id)):
            functions = answers[row.enterprise]
            if functions is not None:
                functions.append(_function(row))
        return {number: None if held is None else tuple(held) for number, held in answers.items()}

    def establishments(self, enterprise: str) -> Sequence[Any]:
        """The establishment units that are or were the enterprise's: first owned, or moved to it."""
        moved = select(move_t.c.establishment).where(move_t.c.enterprise == enterprise, move_t.c.recorded_to == OPEN)
        found = select(establishment_t).where(
            establishment_t.c.recorded_to == OPEN,
            or_(establishment_t.c.enterprise == enterprise, establishment_t.c.id.in_(moved)),
        )
        return self.connection.execute(found.order_by(establishment_t.c.id)).all()

    def denominations(self, entities: Iterable[str]) -> list[Any]:
        """The names of enterprises or establishment units, with `entity`, `language`, `type_code` and `name`."""
        found = select(name_t).where(name_t.c.entity.in_(sorted(set(entities))), name_t.c.recorded_to == OPEN)
        return list(self.connection.execute(found.order_by(name_t.c.entity, name_t.c.type_code, name_t.c.row)))

    def search_enterprises(self, text: str, limit: int = 20) -> list[str]:
        """The numbers of enterprises whose name begins with a text, whatever its case; few and by index later on."""
        pattern = text.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        found = (
            select(name_t.c.entity)
            .join(enterprise_t, and_(enterprise_t.c.id == name_t.c.entity, enterprise_t.c.recorded_to == OPEN))
            .where(func.lower(name_t.c.name).like(f"%{pattern}%", escape="\\"), name_t.c.recorded_to == OPEN)
            .group_by(name_t.c.entity)
            .order_by(func.min(name_t.c.name))
            .limit(limit)
        )
        return [number for (number,) in self.connection.execute(found)]

    def meanings(self, language: str, categories: Sequence[str] = ()) -> dict[tuple[str, str], str]:
        """What the codes of the register mean, by category and code: of some categories, or of all."""
        found = select(code_t.c.category, code_t.c.code, code_t.c.description).where(
            code_t.c.recorded_to == OPEN, code_t.c.language == language.upper()
        )
        if categories:
            found = found.where(code_t.c.category.in_(categories))
        return {(category, code): description for category, code, description in self.connection.execute(found)}

    def enterprises_of(self, person: str) -> list[str]:
        """The numbers of the enterprises to which the person has a tie: function, appointment, link, grant, request."""
        ties = union(
            *(
                select(table.c.enterprise).where(table.c[column] == person, table.c.recorded_to == OPEN)
                for table, column in (
                    (function_t, "holder"),
                    (appointment_t, "holder"),
                    (relation_t, "person"),
                    (grant_t, "holder"),
                    (request_t, "requester"),
                )
            )
        )
        return sorted(number for (number,) in self.connection.execute(ties))

    def functions_of(self, person: str) -> list[Function]:
        """The functions that a person holds, in whatever enterprise."""
        found = select(function_t).where(function_t.c.holder == person, function_t.c.recorded_to == OPEN)
        return [
            _function(row)
            for row in self.connection.execute(found.order_by(function_t.c.enterprise, function_t.c.first))
        ]

    def sign_in_people(
        self, key: str | None, *, search: str = "", id_: str | None = None, limit: int = PAGE
    ) -> list[Named]:
        """The people who have activated a digital key (None: any), by family name."""
        found = _with(select(key_t.c.person), key_t, key=key, person=id_)
        people = select(person_t.c.id, person_t.c.given, person_t.c.family).where(
            person_t.c.id.in_(found), person_t.c.recorded_to == OPEN
        )
        if search:
            pattern = search.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
            full = func.lower(person_t.c.given + " " + person_t.c.family)
            people = people.where(full.like(f"%{pattern}%", escape="\\"))
        ordered = people.order_by(person_t.c.family, person_t.c.given, person_t.c.id).limit(limit)
        return [Named(*row) for row in self.connection.execute(ordered)]

    def appointments(
        self, *, enterprise: str | None = None, holder: str | None = None, id_: str | None = None
    ) -> list[Appointment]:
        """The appointments in an enterprise, or those of a person, the newest first."""
        found = _with(
            select(*rows.selected(Appointment, appointment_t)),
            appointment_t,
            enterprise=enterprise,
            holder=holder,
            id=id_,
        )
        return [
            rows.appointment(row) for row in self.connection.execute(found.order_by(appointment_t.c.offered_at.desc()))
        ]

    def work_relations(
        self, *, enterprise: str | None = None, person: str | None = None, id_: str | None = None
    ) -> list[WorkRelation]:
        """The work relations of a person, or of one in an enterprise; the newest first."""
        found = _with(
            select(*rows.selected(WorkRelation, relation_t)), relation_t, enterprise=enterprise, person=person, id=id_
        )
        return [rows.work_relation(row) for row in self.connection.execute(found.order_by(relation_t.c.first.desc()))]

    def people_of(self, enterprise: str, *, search: str = "", after: tuple[str, str, str] | None = None) -> list[Named]:
        """A page of the people who have or had a work relation with an enterprise, by family name.

        `after` is (family, given, id) of the last one of the page before.
        """
        linked = select(relation_t.c.person).where(
            relation_t.c.enterprise == enterprise, relation_t.c.recorded_to == OPEN
        )
        found = select(person_t.c.id, person_t.c.given, person_t.c.family).where(
            person_t.c.id.in_(linked), person_t.c.recorded_to == OPEN
        )
        if search:
            pattern = search.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
            full = func.lower(person_t.c.given + " " + person_t.c.family)
            found = found.where(full.like(f"%{pattern}%", escape="\\"))
        if after is not None:
            family, given, id_ = after
            found = found.where(
                or_(
                    person_t.c.family > family,
                    and_(person_t.c.family == family, person_t.c.given > given),
                    and_(person_t.c.family == family, person_t.c.given == given, person_t.c.id > id_),
                )
            )
        ordered = found.order_by(person_t.c.family, person_t.c.given, person_t.c.id).limit(PAGE + 1)
        return [Named(*row) for row in self.connection.execute(ordered)]

    def relations_among(self, enterprise: str, people: Iterable[str]) -> list[WorkRelation]:
        """The work relations of some people with an enterprise, the newest first."""
        found = _with(select(*rows.selected(WorkRelation, relation_t)), relation_t, enterprise=enterprise).where(
            relation_t.c.person.in_(sorted(set(people)))
        )
        return [rows.work_relation(row) for row in self.connection.execute(found.order_by(relation_t.c.first.desc()))]

    def grants_among(self, enterprise: str, people: Iterable[str]) -> list[Grant]:
        """The grants of some people in an enterprise; the ones that end last come first."""
        found = _with(select(*rows.selected(Grant, grant_t)), grant_t, enterprise=enterprise).where(
            grant_t.c.holder.in_(sorted(set(people)))
        )
        return [rows.grant(row) for row in self.connection.execute(found.order_by(grant_t.c.last.desc(), grant_t.c.id))]

    def pending_requests(self, enterprise: str, at: datetime) -> list[Request]:
        """The requests in an enterprise that are pending at a moment, the newest first."""
        found = _with(select(*rows.selected(Request, request_t)), request_t, enterprise=enterprise).where(
            request_t.c.closed_at.is_(None), request_t.c.made_at >= at - THIRTY_DAYS
        )
        return [rows.request(row) for row in self.connection.execute(found.order_by(request_t.c.made_at.desc()))]

    def addresses(self, entities: Iterable[str]) -> dict[str, Any]:
        """The addresses of enterprises or establishment units, by number."""
        wanted = sorted(set(entities))
        if not wanted:
            return {}
        found = select(address_t).where(address_t.c.entity.in_(wanted), address_t.c.recorded_to == OPEN)
        return {row.entity: row for row in self.connection.execute(found.order_by(address_t.c.row.desc()))}

    def grants(
        self,
        *,
        enterprise: str | None = None,
        holder: str | None = None,
        right: str | None = None,
        id_: str | None = None,
        limit: int | None = None,
        known: int | None = None,
    ) -> list[Grant]:
        """Grants in an enterprise, or of a person; the ones that end last come first."""
        found = _with(
            select(*rows.selected(Grant, grant_t)),
            grant_t,
            known,
            enterprise=enterprise,
            holder=holder,
            right=right,
            id=id_,
        )
        ordered = found.order_by(grant_t.c.last.desc(), grant_t.c.id)
        return [rows.grant(row) for row in self.connection.execute(ordered.limit(limit) if limit else ordered)]

    def requests(
        self, *, enterprise: str | None = None, requester: str | None = None, id_: str | None = None
    ) -> list[Request]:
        """Requests in an enterprise, or of a person, the newest first."""
        found = _with(
            select(*rows.selected(Request, request_t)), request_t, enterprise=enterprise, requester=requester, id=id_
        )
        return [rows.request(row) for row in self.connection.execute(found.order_by(request_t.c.made_at.desc()))]

    def entries(self, *, subject: str | None = None, before: int | None = None, limit: int = PAGE) -> list[Any]:
        """A page of the history, the newest first: all of it, or what is about a subject.

        `before` is the sequence of the last entry of the page before. Rows have `sequence` and `leaf`.
        """
        found = select(entry_t.c.sequence, entry_t.c.leaf)
        if subject is not None:
            found = found.join(subject_t, subject_t.c.sequence == entry_t.c.sequence).where(
                subject_t.c.subject == subject
            )
            key = subject_t.c.sequence
        else:
            key = entry_t.c.sequence
        if before is not None:
            found = found.where(key < before)
        return list(self.connection.execute(found.order_by(key.desc()).limit(limit)))

    def entries_at_once_about(
        self, subjects: Sequence[str], *, before: int | None = None, limit: int = PAGE
    ) -> list[Any]:
        """A page of the entries that are about all of the subjects together, the newest first."""
        first, *others = subjects
        found = (
            select(entry_t.c.sequence, entry_t.c.leaf)
            .join(subject_t, subject_t.c.sequence == entry_t.c.sequence)
            .where(subject_t.c.subject == first)
        )
        for other in others:
            also = subject_t.alias()
            found = found.where(
                select(also.c.sequence).where(also.c.subject == other, also.c.sequence == entry_t.c.sequence).exists()
            )
        if before is not None:
            found = found.where(subject_t.c.sequence < before)
        return list(self.connection.execute(found.order_by(subject_t.c.sequence.desc()).limit(limit)))

    def personas(self) -> dict[str, str]:
        """The ids of the fictional people of a simulated world, by short name."""
        table = tables.Persona.__table__
        return {row.name: row.person for row in self.connection.execute(select(table.c.name, table.c.person))}

    def entry(self, sequence: int) -> bytes | None:
        """The leaf of one entry of the history, None if there is none."""
        found = select(entry_t.c.leaf).where(entry_t.c.sequence == sequence)
        return self.connection.execute(found).scalar()

    def is_about(self, sequence: int, subject: str) -> bool:
        """Whether an entry of the history is about a subject."""
        found = select(subject_t.c.sequence).where(subject_t.c.subject == subject, subject_t.c.sequence == sequence)
        return self.connection.execute(found).first() is not None

    def last_recorded(self) -> tuple[int, datetime | None]:
        """The size of the history and the moment of its last entry."""
        head = tables.LogHead.__table__
        row = self.connection.execute(select(head.c.size, head.c.recorded_at)).one()
        return row[0], row[1]


def _with(statement: Select[Any], table: Any, known: int | None = None, **wanted: str | None) -> Select[Any]:
    """The rows that have the values wanted, as known at a size of the history (None: now)."""
    conditions = [table.c[name] == value for name, value in wanted.items() if value is not None]
    if known is None:
        return statement.where(table.c.recorded_to == OPEN, *conditions)
    return statement.where(table.c.recorded_from <= known, table.c.recorded_to > known, *conditions)


def _of(table: Any, column: Any, value: str) -> Select[Any]:
    return select(table).where(column == value, table.c.recorded_to == OPEN)


def _suspensions(enterprise: str) -> Select[Any]:
    owned = select(recognition_t.c.id).where(
        recognition_t.c.enterprise == enterprise, recognition_t.c.recorded_to == OPEN
    )
    return select(suspension_t).where(suspension_t.c.recognition.in_(owned), suspension_t.c.recorded_to == OPEN)


def _function(row: Any) -> Function:
    return Function(
        row.id, row.enterprise, FunctionCode(row.code), row.holder, row.held_by, Period(row.first, row.last)
    )


def _functions(lists: StoreLists, enterprise: str, language: str) -> tuple[HeldFunction, ...]:
    found = lists.connection.execute(
        _of(function_t, function_t.c.enterprise, enterprise).order_by(function_t.c.first, function_t.c.id)
    ).all()
    people = lists.names(row.holder for row in found)
    holders = lists.enterprise_names((row.held_by for row in found if row.held_by), language)
    return tuple(
        HeldFunction(
            _function(row),
            people[row.holder].name if row.holder in people else row.holder_name,
            holders.get(row.held_by) if row.held_by else None,
        )
        for row in found
    )
