"""What the start page tells a person who is signed in: where they have a tie, what waits, what ends soon."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from accessmgr.core.actions import Action
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
from accessmgr.web.current import look, signed_in
from accessmgr.web.format import language
from accessmgr.web.users_area import Standing, not_over, nowhere, standings

SOON = timedelta(days=30)
MOST_ASKED = 5
"""In how many enterprises at most it is looked up whether requests wait: the others are a page away."""


@dataclass
class Place:
    """An enterprise with what the person is or has there, and whether its pages of managers and of users are open."""

    number: str
    name: str
    standing: Standing | None
    functions: list[Function] = field(default_factory=list)
    roles: list[Appointment] = field(default_factory=list)
    relations: list[WorkRelation] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    @property
    def shows_managers(self) -> bool:
        """Whether the person may see who has which role: with a role of their own, or if they may offer one."""
        return bool(self.roles) or (self.standing is not None and self.standing.appoints)

    @property
    def shows_users(self) -> bool:
        """Whether the person manages users."""
        return self.standing is not None and self.standing.manages


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


def overview() -> Overview:
    """What there is for the person who is signed in, now."""
    person = signed_in().person
    with look() as seen:
        lists, own = seen.lists, nowhere()
        now, today = own.facts.at, own.facts.today
        numbers = lists.enterprises_of(person)
        enterprises = lists.enterprise_names(numbers, language())
        functions, appointments = lists.functions_of(person), lists.appointments(holder=person)
        relations = lists.work_relations(person=person)
        stands = standings(seen, own, functions, appointments, relations)
        places = {number: Place(number, enterprises[number], stands.get(number)) for number in numbers}
        for function in functions:
            if function.period.has(today):
                places[function.enterprise].functions.append(function)
        for appointment in appointments:
            if appointment.state(now) is AppointmentState.ACTIVE:
                places[appointment.enterprise].roles.append(appointment)
        for relation in relations:
            if not_over(relation.period, today):
                places[relation.enterprise].relations.append(relation)
        for grant in lists.grants(holder=person):
            if not_over(grant.period, today) and not grant.revoked(now):
                places[grant.enterprise].grants.append(grant)
        offers = [each for each in appointments if each.state(now) is AppointmentState.PENDING]
        return Overview(
            places=list(places.values()),
            offers=offers,
            requests=[each for each in lists.requests(requester=person) if each.state(now) is RequestState.PENDING],
            to_answer=_waiting(seen, places.values(), now),
            endings=sorted(_endings(places.values(), today), key=lambda ending: ending.last),
            names={id_: named.name for id_, named in lists.names(offer.by for offer in offers).items()},
            enterprises=enterprises,
        )


def _endings(places: Iterable[Place], today: date) -> Iterator[Ending]:
    for place in places:
        rows: tuple[Grant | WorkRelation, ...] = (*place.grants, *place.relations)
        for row in rows:
            if row.period.last is not None and row.period.last <= today + SOON:
                yield Ending(place.number, row.right if isinstance(row, Grant) else None, row.period.last)


def _waiting(seen: Look, places: Iterable[Place], now: datetime) -> list[tuple[Place, int]]:
    """The enterprises in which requests wait that the person may answer, with how many."""
    waiting = []
    for place, here in [(place, place.standing) for place in places if place.standing][:MOST_ASKED]:
        pending = seen.lists.pending_requests(place.number, now)
        others = [each for each in pending if each.requester != signed_in().person]
        count = sum(here.permits(Action.APPROVE_REQUEST, each) for each in others)
        if count:
            waiting.append((place, count))
    return waiting
