"""The queries for the facts of one decision: at most four, each by an index, whatever the size.

Every query has two parameters of time: the moment asked about, and `known`, the history size whose
knowledge counts.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from accessmgr.core.actions import Action, Ask
from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    Appointment,
    ContextKind,
    Grant,
    Key,
    Person,
    Request,
    WorkRelation,
)
from accessmgr.store import rows, tables
from accessmgr.store.known import NOW, OF_ENTERPRISE, known
from accessmgr.store.prepared import prepared
from accessmgr.store.register_facts import read_register
from accessmgr.store.relying_parties import means_of
from accessmgr.store.tables import OPEN
from accessmgr.usecases.world import Policy, Unknown

_OF_APPOINTMENT = {Action.ACCEPT_APPOINTMENT, Action.REFUSE_APPOINTMENT, Action.END_APPOINTMENT}
_OF_GRANT = {Action.EXTEND_GRANT, Action.REVOKE_GRANT}
_OF_REQUEST = {Action.APPROVE_REQUEST, Action.REFUSE_REQUEST, Action.WITHDRAW_REQUEST}
_WITHOUT_ENTERPRISE = {Action.SIGN_IN, Action.REVEAL_NUMBER}
_OWN_CHOICE = {Action.WITHDRAW_REQUEST, Action.REFUSE_APPOINTMENT}
_WITHOUT_ROLES = _WITHOUT_ENTERPRISE | _OWN_CHOICE | {Action.ENTER_SECURE_AREA}
_WITHOUT_REGISTER = _WITHOUT_ENTERPRISE | _OWN_CHOICE | {Action.END_WORK_RELATION}

person_t = tables.Person.__table__
death_t = tables.Death.__table__
auditor_t = tables.Auditor.__table__
key_t = tables.DigitalKey.__table__
appointment_t = tables.Appointment.__table__
relation_t = tables.WorkRelation.__table__
grant_t = tables.Grant.__table__
request_t = tables.Request.__table__


def load(connection: Connection, policy: Policy, ask: Ask, at: datetime, size: int = NOW) -> Facts:
    """The facts for a question about the moment `at`, as known at a size of the history.

    :raise Unknown: the question names a thing that does not exist, or was not known then
    """
    found = _thing(connection, ask, size)
    thing: Appointment | WorkRelation | Grant | Request | None = (
        found.get("appointment") or found.get("relation") or found.get("grant") or found.get("request")
    )
    enterprise = thing.enterprise if thing is not None else ask.enterprise
    right = policy.rights.get(_right_code(ask, thing) or "")
    concerned_id = _concerned(ask, thing)
    people, relations = _people(connection, ask.actor, concerned_id, enterprise, size)
    if ask.actor not in people:
        raise Unknown("person")
    if concerned_id is not None and concerned_id not in people:
        raise Unknown("person")
    actor = people[ask.actor]
    if ask.action is Action.SIGN_IN:
        actor = Person(actor.id, actor.deceased, actor.auditor, activated_keys(connection, actor.id, size))
    register, target_group = None, None
    appointments: tuple[Appointment, ...] = ()
    if enterprise is not None and ask.action not in _WITHOUT_REGISTER:
        contexts = thing.contexts if isinstance(thing, Grant | Request) else ask.contexts
        if right is None or right.context_kind is not ContextKind.ESTABLISHMENT:
            contexts = ()
        register, target_group = read_register(connection, enterprise, contexts, size)
    if enterprise is not None and ask.action not in _WITHOUT_ROLES:
        appointments, of_administrators = _roles(connection, enterprise, at, size)
        relations |= of_administrators
    if ask.action in (Action.GRANT_RIGHT, Action.ENTER_SECURE_AREA):
        holder = ask.actor if ask.action is Action.ENTER_SECURE_AREA else ask.person
        found["grants"] = _grants(connection, enterprise, holder, ask.right, size)
    elif ask.action is Action.REQUEST_RIGHT:
        found["requests"] = _requests(connection, enterprise, ask.actor, size)
    return Facts(
        ask=ask,
        at=at,
        actor=actor,
        concerned=people.get(concerned_id) if concerned_id else None,
        register=register,
        target_group=target_group,
        right=right,
        appointments=appointments,
        work_relations=tuple(relations.values()),
        allowed_keys=_allowed_keys(connection, policy, ask),
        four_eyes=policy.four_eyes,
        **found,
    )


def _allowed_keys(connection: Connection, policy: Policy, ask: Ask) -> frozenset[Key] | None:
    """The digital keys that the application asked about takes: as listed, or as registered of a client."""
    if ask.application is None or ask.application in policy.applications:
        return policy.applications.get(ask.application or "")
    return means_of(connection, ask.application)


def _right_code(ask: Ask, thing: Any) -> str | None:
    return thing.right if isinstance(thing, Grant | Request) else ask.right


def _concerned(ask: Ask, thing: Any) -> str | None:
    """The person concerned: of the thing named, else the one found or named, else (a request) the actor."""
    match thing:
        case Appointment() | Grant():
            return thing.holder
        case WorkRelation():
            return thing.person
        case Request():
            return thing.requester
    return ask.actor if ask.action is Action.REQUEST_RIGHT else ask.person


# --- the thing that the question names ----------------------------------------------------------------------


def _thing(connection: Connection, ask: Ask, size: int) -> dict[str, Any]:
    if ask.action in _OF_APPOINTMENT:
        return {"appointment": _one(connection, Appointment, ask.appointment, size)}
    if ask.action is Action.END_WORK_RELATION:
        relation = _one(connection, WorkRelation, ask.relation, size)
        parameters = {"relation": relation.id, "known": size}
        return {
            "relation": relation,
            "grants": tuple(map(rows.grant, _grants_of_relation().rows(connection, parameters))),
        }
    if ask.action in _OF_GRANT:
        found = _grant_and_siblings().rows(connection, {"id": ask.grant, "known": size})
        siblings = tuple(map(rows.grant, found))
        grant = next((grant for grant in siblings if grant.id == ask.grant), None)
        if grant is None:
            raise Unknown("grant")
        return {"grant": grant, "grants": siblings}
    if ask.action in _OF_REQUEST:
        return _request_and_grants(connection, ask.request, size)
    return {}


def _one(connection: Connection, noun: Any, id_: str | None, size: int) -> Any:
    found = _by_id(noun).rows(connection, {"id": id_, "known": size})
    if not found:
        raise Unknown(noun.__name__.lower())
    return rows.appointment(found[0]) if noun is Appointment else rows.work_relation(found[0])


@prepared
def _by_id(noun: Any) -> Select[Any]:
    table = rows.TABLES[noun]
    return select(*rows.selected(noun, table)).where(table.c.id == bindparam("id"), known(table))


@prepared
def _grants_of_relation() -> Select[Any]:
    return select(*rows.selected(Grant, grant_t)).where(grant_t.c.relation == bindparam("relation"), known(grant_t))


@prepared
def _grant_and_siblings() -> Select[Any]:
    named = grant_t.alias("named")
    siblings = and_(
        grant_t.c.enterprise == named.c.enterprise,
        grant_t.c.holder == named.c.holder,
        grant_t.c.right == named.c.right,
        known(grant_t),
    )
    return (
        select(*rows.selected(Grant, grant_t))
        .select_from(named.join(grant_t, siblings))
        .where(named.c.id == bindparam("id"), known(named))
    )


def _request_and_grants(connection: Connection, id_: str | None, size: int) -> dict[str, Any]:
    answer = _request_with_grants().rows(connection, {"id": id_, "known": size})
    if not answer:
        raise Unknown("request")
    width = rows.width(Request)
    grants = tuple(rows.grant(row[width:]) for row in answer if row[width] is not None)
    return {"request": rows.request(answer[0][:width]), "grants": grants}


@prepared
def _request_with_grants() -> Select[Any]:
    of_requester = and_(
        grant_t.c.enterprise == request_t.c.enterprise,
        grant_t.c.holder == request_t.c.requester,
        grant_t.c.right == request_t.c.right,
        known(grant_t),
    )
    return (
        select(*rows.selected(Request, request_t), *rows.selected(Grant, grant_t))
        .select_from(request_t.outerjoin(grant_t, of_requester))
        .where(request_t.c.id == bindparam("id"), known(request_t))
    )


# --- people, with their work relations in the enterprise ---------------------------------------------------


def _people(
    connection: Connection, actor: str, concerned: str | None, enterprise: str | None, size: int
) -> tuple[dict[str, Person], dict[str, WorkRelation]]:
    people: dict[str, Person] = {}
    relations: dict[str, WorkRelation] = {}
    parameters = {"actor": actor, "concerned": concerned or actor, "enterprise": enterprise, "known": size}
    for row in _people_and_relations().rows(connection, parameters):
        people[row[0]] = Person(row[0], row[1], row[2] is not None)
        if row[3] is not None:
            relations[row[3]] = rows.work_relation(row[3:])
    return people, relations


@prepared
def _people_and_relations() -> Select[Any]:
    in_enterprise = and_(
        relation_t.c.person == person_t.c.id,
        relation_t.c.enterprise == OF_ENTERPRISE,
        known(relation_t),
    )
    return (
        select(person_t.c.id, death_t.c.day, auditor_t.c.id.label("auditor"), *rows.selected(WorkRelation, relation_t))
        .select_from(
            person_t.outerjoin(death_t, and_(death_t.c.id == person_t.c.id, known(death_t)))
            .outerjoin(auditor_t, and_(auditor_t.c.id == person_t.c.id, known(auditor_t)))
            .outerjoin(relation_t, in_enterprise)
        )
        .where(person_t.c.id.in_([bindparam("actor"), bindparam("concerned")]), person_t.c.recorded_to == OPEN)
    )


def activated_keys(connection: Connection, person: str, size: int = NOW) -> frozenset[Key]:
    """The digital keys that a person has activated."""
    activated = select(key_t.c.key).where(key_t.c.person == bindparam("person"), known(key_t))
    return frozenset(Key(key) for (key,) in connection.execute(activated, {"person": person, "known": size}))


# --- roles, grants and requests ------------------------------------------------------------------------------


def _roles(
    connection: Connection, enterprise: str, at: datetime, size: int
) -> tuple[tuple[Appointment, ...], dict[str, WorkRelation]]:
    appointments: dict[str, Appointment] = {}
    relations: dict[str, WorkRelation] = {}
    width = rows.width(Appointment)
    parameters = {"enterprise": enterprise, "at": at, "known": size}
    for row in _roles_and_relations().rows(connection, parameters):
        if row[0] not in appointments:
            appointments[row[0]] = rows.appointment(row[:width])
        if row[width] is not None:
            relations[row[width]] = rows.work_relation(row[width:])
    return tuple(appointments.values()), relations


@prepared
def _roles_and_relations() -> Select[Any]:
    of_administrator = and_(
        appointment_t.c.role == "local_administrator",
        relation_t.c.enterprise == appointment_t.c.enterprise,
        relation_t.c.person == appointment_t.c.holder,
        known(relation_t),
    )
    at = bindparam("at", type_=tables.Moment())
    return (
        select(*rows.selected(Appointment, appointment_t), *rows.selected(WorkRelation, relation_t))
        .select_from(appointment_t.outerjoin(relation_t, of_administrator))
        .where(
            appointment_t.c.enterprise == OF_ENTERPRISE,
            known(appointment_t),
            or_(appointment_t.c.closed_at.is_(None), appointment_t.c.closed_at > at),
        )
    )


def _grants(
    connection: Connection, enterprise: str | None, holder: str | None, right: str | None, size: int
) -> tuple[Grant, ...]:
    parameters = {"enterprise": enterprise, "holder": holder, "right": right, "known": size}
    return tuple(map(rows.grant, _grants_held().rows(connection, parameters)))


@prepared
def _grants_held() -> Select[Any]:
    return select(*rows.selected(Grant, grant_t)).where(
        grant_t.c.enterprise == OF_ENTERPRISE,
        grant_t.c.holder == bindparam("holder"),
        grant_t.c.right == bindparam("right"),
        known(grant_t),
    )


def _requests(connection: Connection, enterprise: str | None, requester: str, size: int) -> tuple[Request, ...]:
    parameters = {"enterprise": enterprise, "requester": requester, "known": size}
    return tuple(map(rows.request, _requests_made().rows(connection, parameters)))


@prepared
def _requests_made() -> Select[Any]:
    return select(*rows.selected(Request, request_t)).where(
        request_t.c.enterprise == OF_ENTERPRISE,
        request_t.c.requester == bindparam("requester"),
        known(request_t),
    )
