"""What the start page tells a person who is signed in: where they have a tie, what waits, what ends soon."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from accessmgr.core.actions import Action
from accessmgr.core.days import day_of
from accessmgr.core.model import (
    Appointment,
    AppointmentState,
    Function,
    Grant,
    Request,
    RequestState,
    WorkRelation,
)
from accessmgr.usecases.world import Look
from accessmgr.web.current import look, permitted, signed_in, world
from accessmgr.web.format import language

SOON = timedelta(days=30)
MOST_ASKED = 5
"""In how many enterprises at most it is looked up whether requests wait: the others are a page away."""


@dataclass
class Place:
    """An enterprise with what the person is or has there."""

    number: str
    name: str
    functions: list[Function] = field(default_factory=list)
    roles: list[Appointment] = field(default_factory=list)
    relations: list[WorkRelation] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)


@dataclass(frozen=True)
class Ending:
    """Something of the person that ends soon: a right (by code), or a work relation."""

    enterprise: str
    right: str | None
    last: date


@dataclass(frozen=True)
class Overview:
    """Everything on the start page. `names` are those of people who made offers."""

    places: list[Place]
    offers: list[Appointment]
    requests: list[Request]
    to_answer: list[tuple[Place, int]]
    endings: list[Ending]
    names: dict[str, str]
    enterprises: dict[str, str]
    grants: list[Grant]


def overview() -> Overview:
    """What there is for the person who is signed in, now."""
    now = world().clock.now()
    today, person = day_of(now), signed_in().person
    with look() as seen:
        lists = seen.lists
        numbers = lists.enterprises_of(person)
        enterprises = lists.enterprise_names(numbers, language())
        appointments = lists.appointments(holder=person)
        grants = [each for each in lists.grants(holder=person) if _runs(each, today) and not each.revoked(now)]
        relations = [each for each in lists.work_relations(person=person) if _runs(each, today)]
        offers = [each for each in appointments if each.state(now) is AppointmentState.PENDING]
        places = {number: Place(number, enterprises[number]) for number in numbers}
        for function in lists.functions_of(person):
            if function.period.has(today):
                places[function.enterprise].functions.append(function)
        for appointment in appointments:
            if appointment.state(now) is AppointmentState.ACTIVE:
                places[appointment.enterprise].roles.append(appointment)
        for relation in relations:
            places[relation.enterprise].relations.append(relation)
        for grant in grants:
            places[grant.enterprise].grants.append(grant)
        return Overview(
            places=list(places.values()),
            offers=offers,
            requests=[each for each in lists.requests(requester=person) if each.state(now) is RequestState.PENDING],
            to_answer=_waiting(seen, places.values(), now),
            endings=sorted(_endings(grants, relations, today), key=lambda ending: ending.last),
            names={id_: named.name for id_, named in lists.names(offer.by for offer in offers).items()},
            enterprises=enterprises,
            grants=grants,
        )


def _runs(row: Grant | WorkRelation, today: date) -> bool:
    """Whether it runs today or begins later."""
    return not row.period.is_empty and (row.period.last is None or row.period.last >= today)


def _endings(grants: Iterable[Grant], relations: Iterable[WorkRelation], today: date) -> Iterable[Ending]:
    rows: tuple[Grant | WorkRelation, ...] = (*grants, *relations)
    for row in rows:
        if row.period.last is not None and row.period.last <= today + SOON:
            yield Ending(row.enterprise, row.right if isinstance(row, Grant) else None, row.period.last)


def _waiting(seen: Look, places: Iterable[Place], now: datetime) -> list[tuple[Place, int]]:
    """The enterprises in which requests wait that the person may answer, with how many."""
    managed = [place for place in places if place.roles or place.functions][:MOST_ASKED]
    waiting = []
    for place in managed:
        requests = seen.lists.requests(enterprise=place.number)
        pending = [each for each in requests if each.state(now) is RequestState.PENDING]
        others = [each for each in pending if each.requester != signed_in().person]
        one_of_each = {each.right: each.id for each in others}
        mine = {right for right, request in one_of_each.items() if permitted(Action.APPROVE_REQUEST, request=request)}
        count = sum(each.right in mine for each in others)
        if count:
            waiting.append((place, count))
    return waiting
