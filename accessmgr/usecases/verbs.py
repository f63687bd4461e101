"""What each action brings about once it is allowed: pure functions of the facts, one a verb of the rulebook."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.events import Event, What
from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    Appointment,
    AppointmentState,
    Grant,
    Person,
    Request,
    RequestState,
    Role,
    WorkRelation,
)

Value = TypeVar("Value")
NewId = Callable[[], str]
Verb = Callable[[Facts, NewId], Iterator[Event]]


def offer_appointment(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Offer a role: active at once to oneself; a main role withdraws older offers of it, and may replace."""
    role, person = APPOINTS[facts.ask.action], _given(facts.concerned)
    to_oneself = person.id == facts.actor.id
    if role is Role.MAIN_ACCESS_MANAGER:
        yield from _overtake_main_role(facts, accepted=to_oneself)
    yield Event(
        What.APPOINTMENT_OFFERED,
        Appointment(
            id=new_id(),
            enterprise=_given(facts.enterprise),
            role=role,
            holder=person.id,
            by=facts.actor.id,
            offered_at=facts.at,
            domain=facts.ask.domain,
            employee=facts.ask.employee,
            accepted_at=facts.at if to_oneself else None,
        ),
    )


def accept_appointment(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Accept an offer; for the main role, the previous holder's appointment ends at that moment."""
    offer = _given(facts.appointment)
    if offer.role is Role.MAIN_ACCESS_MANAGER:
        yield from _end_main_role(facts)
    yield Event(What.APPOINTMENT_ACCEPTED, replace(offer, accepted_at=facts.at))


def refuse_appointment(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Refuse an offer."""
    yield _closed(facts, _given(facts.appointment), AppointmentState.REFUSED)


def end_appointment(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """End an active appointment, or withdraw a pending one."""
    appointment = _given(facts.appointment)
    pending = appointment.state(facts.at) is AppointmentState.PENDING
    yield _closed(facts, appointment, AppointmentState.WITHDRAWN if pending else AppointmentState.ENDED)


def claim_main_local_administrator(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Take the main role in the Flemish user management."""
    yield Event(
        What.ROLE_CLAIMED,
        Appointment(
            id=new_id(),
            enterprise=_given(facts.enterprise),
            role=Role.MAIN_LOCAL_ADMINISTRATOR,
            holder=facts.actor.id,
            by=facts.actor.id,
            offered_at=facts.at,
            accepted_at=facts.at,
        ),
    )


def link_person(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Link a person to the enterprise."""
    ask = facts.ask
    yield Event(
        What.PERSON_LINKED,
        WorkRelation(
            id=new_id(),
            enterprise=_given(facts.enterprise),
            person=_given(facts.concerned).id,
            user_type=_given(ask.user_type),
            period=_given(ask.period),
            by=facts.actor.id,
        ),
    )


def end_work_relation(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Make a day the last of a work relation and of its grants, unless they ended earlier."""
    relation, last_day = _given(facts.relation), facts.ask.last_day or facts.today
    yield Event(What.RELATION_ENDED, replace(relation, period=relation.period.cut_to(last_day)))
    for grant in facts.grants:
        shortened = replace(grant, period=grant.period.cut_to(last_day))
        if shortened != grant:
            yield Event(What.GRANT_SHORTENED, shortened)


def grant_right(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Grant a right within the work relation that covers its period."""
    yield Event(What.RIGHT_GRANTED, _new_grant(facts, new_id))


def extend_grant(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Give a grant another last day; it belongs to the work relation that covers the new period."""
    relation = _covering_relation(facts)
    extended = replace(_given(facts.grant), period=_given(facts.grant_period), relation=relation.id)
    yield Event(What.GRANT_EXTENDED, extended)


def revoke_grant(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Revoke a grant from this moment on."""
    yield Event(What.GRANT_REVOKED, replace(_given(facts.grant), revoked_at=facts.at))


def request_right(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Ask the managers for a right."""
    yield Event(
        What.RIGHT_REQUESTED,
        Request(
            id=new_id(),
            enterprise=_given(facts.enterprise),
            requester=facts.actor.id,
            right=_given(facts.right).code,
            contexts=facts.contexts,
            made_at=facts.at,
        ),
    )


def approve_request(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Grant what was requested."""
    yield Event(What.RIGHT_GRANTED, _new_grant(facts, new_id))
    yield _answered(facts, What.REQUEST_APPROVED, RequestState.APPROVED)


def refuse_request(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Refuse what was requested."""
    yield _answered(facts, What.REQUEST_REFUSED, RequestState.REFUSED)


def withdraw_request(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Withdraw one's own request."""
    yield _answered(facts, What.REQUEST_WITHDRAWN, RequestState.WITHDRAWN)


def leave_all_as_it_is(facts: Facts, new_id: NewId) -> Iterator[Event]:
    """Signing in, entering, reading and revealing change nothing: only that it happened is recorded."""
    return iter(())


VERBS: Mapping[Action, tuple[What, Verb]] = {
    Action.SIGN_IN: (What.PERSON_SIGNED_IN, leave_all_as_it_is),
    **dict.fromkeys(APPOINTS, (What.APPOINTMENT_OFFERED, offer_appointment)),
    Action.ACCEPT_APPOINTMENT: (What.APPOINTMENT_ACCEPTED, accept_appointment),
    Action.REFUSE_APPOINTMENT: (What.APPOINTMENT_REFUSED, refuse_appointment),
    Action.END_APPOINTMENT: (What.APPOINTMENT_ENDED, end_appointment),
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR: (What.ROLE_CLAIMED, claim_main_local_administrator),
    Action.LINK_PERSON: (What.PERSON_LINKED, link_person),
    Action.END_WORK_RELATION: (What.RELATION_ENDED, end_work_relation),
    Action.GRANT_RIGHT: (What.RIGHT_GRANTED, grant_right),
    Action.EXTEND_GRANT: (What.GRANT_EXTENDED, extend_grant),
    Action.REVOKE_GRANT: (What.GRANT_REVOKED, revoke_grant),
    Action.REQUEST_RIGHT: (What.RIGHT_REQUESTED, request_right),
    Action.APPROVE_REQUEST: (What.REQUEST_APPROVED, approve_request),
    Action.REFUSE_REQUEST: (What.REQUEST_REFUSED, refuse_request),
    Action.WITHDRAW_REQUEST: (What.REQUEST_WITHDRAWN, withdraw_request),
    Action.ENTER_SECURE_AREA: (What.AREA_ENTERED, leave_all_as_it_is),
    Action.READ_HISTORY: (What.HISTORY_READ, leave_all_as_it_is),
    Action.EXPORT_HISTORY: (What.HISTORY_EXPORTED, leave_all_as_it_is),
    Action.REVEAL_NUMBER: (What.NUMBER_REVEALED, leave_all_as_it_is),
}
"""For each action, the type of the history entry that it makes and what it brings about."""


def _given(value: Value | None) -> Value:
    if value is None:
        raise ValueError("the question lacks something that its action needs")
    return value


def _overtake_main_role(facts: Facts, *, accepted: bool) -> Iterator[Event]:
    for appointment in facts.appointments:
        if appointment.role is Role.MAIN_ACCESS_MANAGER and appointment.state(facts.at) is AppointmentState.PENDING:
            yield _closed(facts, appointment, AppointmentState.WITHDRAWN)
    if accepted:
        yield from _end_main_role(facts)


def _end_main_role(facts: Facts) -> Iterator[Event]:
    for appointment in facts.appointments:
        if appointment.role is Role.MAIN_ACCESS_MANAGER and appointment.state(facts.at) is AppointmentState.ACTIVE:
            yield _closed(facts, appointment, AppointmentState.ENDED)


def _closed(facts: Facts, appointment: Appointment, outcome: AppointmentState) -> Event:
    return Event(What(f"appointment.{outcome}"), replace(appointment, closed_at=facts.at, outcome=outcome))


def _answered(facts: Facts, what: What, outcome: RequestState) -> Event:
    return Event(what, replace(_given(facts.request), closed_at=facts.at, outcome=outcome))


def _covering_relation(facts: Facts) -> WorkRelation:
    holder, period = _given(facts.concerned), _given(facts.grant_period)
    return next(
        relation for relation in facts.work_relations if relation.person == holder.id and relation.period.covers(period)
    )


def _new_grant(facts: Facts, new_id: NewId) -> Grant:
    holder: Person = _given(facts.concerned)
    return Grant(
        id=new_id(),
        enterprise=_given(facts.enterprise),
        holder=holder.id,
        right=_given(facts.right).code,
        contexts=facts.contexts,
        period=_given(facts.grant_period),
        relation=_covering_relation(facts).id,
        by=facts.actor.id,
    )
