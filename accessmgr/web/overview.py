"""What the start page tells a person who is signed in: where they have a tie, what waits, what ends soon."""

from collections.abc import Iterable, Mapping, Sequence
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
from accessmgr.usecases.own_lists import Held
from accessmgr.usecases.world import Look
from accessmgr.web.current import look, signed_in
from accessmgr.web.format import language
from accessmgr.web.long_lists import Enterprises, enterprises_shown
from accessmgr.web.reviews_area import Progress, reviews_waiting
from accessmgr.web.users_area import Standing, not_over, nowhere, standings

SOON = timedelta(days=30)
FEW = 10
"""How many things of a kind the start page tells: the others are a page away."""

MOST_ASKED = 5
"""In how many enterprises at most it is told what waits for their managers: those with the most first."""


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
    """Everything on the start page. `names` are those of people who made offers, `without_main` numbers of enterprises.

    `to_answer` and `people_ending` tell how much waits for the person in an enterprise, by number, and `reviews` of
    which reviews they wait for an answer; `until` is the day
    before which those rights end.
    """

    own: Standing
    shown: Enterprises
    places: list[Place]
    offers: list[Appointment]
    requests: list[Request]
    to_answer: list[tuple[str, int]]
    people_ending: list[tuple[str, int]]
    reviews: list[Progress]
    until: date
    endings: list[Ending]
    without_main: list[str]
    names: Mapping[str, str]
    enterprises: Mapping[str, str]


def overview() -> Overview:
    """What there is for the person who is signed in, now."""
    person = signed_in().person
    with look() as seen:
        lists, own = seen.lists, nowhere()
        now, today = own.facts.at, own.facts.today
        enterprises = lists.enterprise_names(lists.enterprises_of(person), language())
        shown = enterprises_shown(enterprises)
        managed = lists.role_places(person, now, today)
        waiting = _by_number(lists.pending_in(managed, now, person) if managed else {})
        ends = lists.ending_in(managed, now, today, today + SOON) if managed else {}
        ending = {number: {"": count} for number, count in ends.items()}
        reviews = reviews_waiting(managed, today)[:FEW]
        most = {*_most(waiting), *_most(ending), *(each.review.enterprise for each in reviews), *shown.numbers}
        held = lists.held_in(person, sorted(most))
        stands = standings(seen, own, held.functions, held.appointments, held.relations)
        offers = lists.offers_to(person, now, FEW)
        places = _places(shown, stands, held, now, today)
        return Overview(
            own=own,
            shown=shown,
            places=places,
            offers=offers,
            requests=[one for one in lists.own_requests(person, now, limit=FEW) if one.state(now) is PENDING],
            to_answer=_to_answer(stands, waiting),
            people_ending=[(one, ending[one][""]) for one in _most(ending) if _manages(stands, one)],
            reviews=[one for one in reviews if _manages(stands, one.review.enterprise)],
            until=today + SOON + timedelta(days=1),
            endings=[
                Ending(one.enterprise, one.right if isinstance(one, Grant) else None, one.period.last)
                for one in lists.own_endings(person, now, today, today + SOON, FEW)
                if one.period.last is not None
            ],
            without_main=_without_main(seen, places, now),
            names={id_: named.name for id_, named in lists.names(offer.by for offer in offers).items()},
            enterprises=enterprises,
        )


PENDING = RequestState.PENDING


def _manages(stands: Mapping[str, Standing], number: str) -> bool:
    """Whether the person manages users of an enterprise."""
    return number in stands and stands[number].manages


def _places(shown: Enterprises, stands: Mapping[str, Standing], held: Held, now: datetime, today: date) -> list[Place]:
    """What the person is and has now in the enterprises of the page."""
    places = {number: Place(number, shown.names[number], stands.get(number)) for number in shown.numbers}
    for function in held.functions:
        if function.period.has(today) and function.enterprise in places:
            places[function.enterprise].functions.append(function)
    for appointment in held.appointments:
        if appointment.state(now) is AppointmentState.ACTIVE and appointment.enterprise in places:
            places[appointment.enterprise].roles.append(appointment)
    for relation in held.relations:
        if not_over(relation.period, today) and relation.enterprise in places:
            places[relation.enterprise].relations.append(relation)
    for grant in held.grants:
        if not_over(grant.period, today) and not grant.revoked(now) and grant.enterprise in places:
            places[grant.enterprise].grants.append(grant)
    return list(places.values())


def _by_number(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Counts by right, by enterprise."""
    found: dict[str, dict[str, int]] = {}
    for (number, right), count in counts.items():
        found.setdefault(number, {})[right] = count
    return found


def _most(counts: Mapping[str, Mapping[str, int]]) -> Sequence[str]:
    """The enterprises with the highest counts."""
    return sorted(counts, key=lambda number: (-sum(counts[number].values()), number))[:MOST_ASKED]


def _to_answer(stands: Mapping[str, Standing], waiting: Mapping[str, Mapping[str, int]]) -> list[tuple[str, int]]:
    """The enterprises in which requests wait that the person may answer, with how many."""
    found = []
    for number in _most(waiting):
        rights = waiting[number].items()
        here = stands.get(number)
        count = sum(
            count for right, count in rights if here is not None and here.permits(Action.APPROVE_REQUEST, right=right)
        )
        if count:
            found.append((number, count))
    return found


def _without_main(seen: Look, places: Iterable[Place], now: datetime) -> list[str]:
    """The enterprises of the page whose main access manager the person may appoint, and that have none and no offer."""
    appoints = [
        place.number
        for place in places
        if place.standing is not None and place.standing.permits(Action.APPOINT_MAIN_ACCESS_MANAGER)
    ]
    with_main = seen.lists.with_main(appoints, now) if appoints else frozenset()
    return [number for number in appoints if number not in with_main]
