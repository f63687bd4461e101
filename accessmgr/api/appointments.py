"""Appointments: who has which role in an enterprise; offers, the answers to them, and their end."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from accessmgr.api.access import place
from accessmgr.api.call import Call, versions
from accessmgr.api.endpoints import Example, Part
from accessmgr.api.schemas import (
    Enterprise,
    Id,
    Moment,
    Name,
    NationalNumberText,
    Nothing,
    Page,
    PageQuery,
    Sent,
    Thing,
    Written,
    written,
)
from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.model import Appointment, AppointmentState, Domain, Role
from accessmgr.core.numbers import NationalNumber
from accessmgr.usecases.appointments import overview
from accessmgr.usecases.contacts import keep_contact
from accessmgr.usecases.perform import Done, Identity
from accessmgr.usecases.traces import Kind
from accessmgr.usecases.world import Conflict, Look, Unknown

part = Part("appointments", "Who has which role in an enterprise: offers, the answers to them, and their end.")

OFFERED_BY = {str(role): action for action, role in APPOINTS.items()}
"""The action that offers each role."""

Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f]{1,63}(\.[^@\s.\x00-\x1f]{1,63}){1,3}$")
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ./()-]{5,25}$")]
OfferedRole = Literal["main_access_manager", "co_main_access_manager", "access_manager", "local_administrator"]


class AppointmentTold(Thing):
    """An appointment, or the offer of one."""

    enterprise: Enterprise
    role: Role
    holder: Id
    by: Id
    state: AppointmentState
    offered_at: Moment
    accepted_at: Moment | None = None
    closed_at: Moment | None = None
    domain: Domain | None = None
    employee: bool = False


class Appointments(Page[AppointmentTold]):
    """A page of appointments."""


class AppointmentWritten(Written):
    """What became of an appointment."""

    appointment: AppointmentTold


class AppointmentsQuery(PageQuery):
    """Which appointments: those of an enterprise where one has a role or may give one, else one's own."""

    enterprise: Enterprise | None = None
    state: AppointmentState | None = None


class Offer(Sent):
    """A role that is offered to somebody, who is found by number and names together."""

    enterprise: Enterprise
    role: OfferedRole
    number: NationalNumberText
    given: Name
    family: Name
    employee: bool = Field(False, description="Whether the person is an employee, where a rule asks for it")
    domain: Domain | None = Field(None, description="For an access manager")
    replaces: bool = Field(False, description="Whether the person replaces the present main access manager")
    present: Id | None = Field(
        None, description="The appointment of the present main access manager, as far as you know: 409 if it is another"
    )
    email: Email | None = Field(None, description="How to reach the person; it is kept sealed, and told to them alone")
    phone: Phone | None = None


class End(Sent):
    """How an appointment ends."""

    without_successor: bool = Field(False, description="For the main role: that there is to be no successor")


@part.get("/appointments", "appointments.read", example=Example(query={"enterprise": "1999000150"}))
def listed(call: Call, query: AppointmentsQuery) -> Appointments:
    """Appointments and offers in an enterprise, or one's own in all of them."""
    with call.world.store.reading() as look:
        at = call.world.clock.now()
        if query.enterprise is None:
            found = look.lists.appointments(holder=call.person)
        else:
            found = _of_enterprise(call, look, query.enterprise)
        wanted = [each for each in found if query.state in (None, each.state(at))]
        page, rest = call.page(wanted, query, lambda each: each.id)
        return Appointments(items=told(call, look, page), next=rest)


@part.get("/appointments/{appointment}", "appointments.read", example=Example(path={"appointment": "{appointment}"}))
def one(call: Call, appointment: str) -> AppointmentTold:
    """One appointment or offer: one's own, or one that the list of its enterprise shows."""
    with call.world.store.reading() as look:
        for found in look.lists.appointments(id_=appointment):
            mine = call.person in (found.holder, found.by)
            if mine or found in _of_enterprise(call, look, found.enterprise):
                return told(call, look, [found])[0]
    raise Unknown("appointment")


@part.post(
    "/appointments",
    "appointments.write",
    status=201,
    example=Example(
        {
            "enterprise": "1999000150",
            "role": "access_manager",
            "domain": "mobility",
            "number": "04.11.30-000.66",
            "given": "Emma",
            "family": "Claes",
        }
    ),
)
def offer(call: Call, body: Offer) -> AppointmentWritten:
    """Offer a role.

    The person has 30 days to accept; to oneself it counts at once.
    """
    action = OFFERED_BY[body.role]
    with call.world.store.reading() as look:
        if not place(call, look, body.enterprise).permits(action):
            raise Unknown("enterprise")
        main = overview(call.world, look, body.enterprise, call.person, call.key.level).main
        if body.present is not None and (main is None or main.id != body.present):
            raise Conflict("another main access manager is there meanwhile")
    done = call.act(
        action,
        identity=Identity(NationalNumber(body.number), (body.given, body.family)),
        enterprise=body.enterprise,
        employee=body.employee,
        domain=body.domain,
        replaces=body.replaces,
    )
    answer = _written(call, done)
    if body.email or body.phone:
        keep_contact(call.world, answer.appointment.holder, body.email or "", body.phone or "", by=call.person)
    return answer


@part.post(
    "/appointments/{appointment}/accept",
    "appointments.write",
    if_match=True,
    example=Example({}, path={"appointment": "{offer}"}, who="emma"),
)
def accept(call: Call, appointment: str, body: Nothing) -> AppointmentWritten:
    """Accept an offer."""
    call.open_to(Action.ACCEPT_APPOINTMENT, appointment=appointment)
    call.unless_changed(Kind.APPOINTMENT, appointment)
    return _written(call, call.act(Action.ACCEPT_APPOINTMENT, appointment=appointment))


@part.post(
    "/appointments/{appointment}/refuse",
    "appointments.write",
    if_match=True,
    example=Example({}, path={"appointment": "{other_offer}"}, who="noah"),
)
def refuse(call: Call, appointment: str, body: Nothing) -> AppointmentWritten:
    """Refuse an offer."""
    call.open_to(Action.REFUSE_APPOINTMENT, appointment=appointment)
    call.unless_changed(Kind.APPOINTMENT, appointment)
    return _written(call, call.act(Action.REFUSE_APPOINTMENT, appointment=appointment))


@part.post(
    "/appointments/{appointment}/end",
    "appointments.write",
    if_match=True,
    example=Example({"without_successor": True}, path={"appointment": "{appointment}"}),
)
def end(call: Call, appointment: str, body: End) -> AppointmentWritten:
    """End an appointment, or withdraw an offer."""
    call.open_to(Action.END_APPOINTMENT, Action.ACCEPT_APPOINTMENT, appointment=appointment)
    call.unless_changed(Kind.APPOINTMENT, appointment)
    done = call.act(Action.END_APPOINTMENT, appointment=appointment, without_successor=body.without_successor)
    return _written(call, done)


@part.post(
    "/enterprises/{enterprise}/claim",
    "appointments.write",
    status=201,
    example=Example({}, path={"enterprise": "1999000150"}, who="sophie"),
)
def claim(call: Call, enterprise: str, body: Nothing) -> AppointmentWritten:
    """Become main local administrator of an enterprise."""
    call.open_to(Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=enterprise)
    return _written(call, call.act(Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=enterprise))


def told(call: Call, look: Look, appointments: Sequence[Appointment]) -> list[AppointmentTold]:
    """Appointments as they are told."""
    at = call.world.clock.now()
    known = versions(look, Kind.APPOINTMENT, [each.id for each in appointments])
    return [
        AppointmentTold(
            id=each.id,
            version=known[each.id],
            enterprise=each.enterprise,
            role=each.role,
            holder=each.holder,
            by=each.by,
            state=each.state(at) or AppointmentState.PENDING,
            offered_at=each.offered_at,
            accepted_at=each.accepted_at,
            closed_at=each.closed_at,
            domain=each.domain,
            employee=each.employee,
        )
        for each in appointments
    ]


def _of_enterprise(call: Call, look: Look, enterprise: str) -> list[Appointment]:
    """The active appointments of an enterprise, and the offers that the person may be told of, as its page shows them.

    :raise Unknown: the page does not open to the person, or there is none
    """
    found = overview(call.world, look, enterprise, call.person, call.key.level)
    if not found.opens:
        raise Unknown("enterprise")
    return [each.appointment for each in found.active] + list(found.offers)


def _written(call: Call, done: Done) -> AppointmentWritten:
    row = next(event.row for event in reversed(done.events) if isinstance(event.row, Appointment))
    with call.world.store.reading() as look:
        return AppointmentWritten(appointment=told(call, look, [row])[0], **written(done))
