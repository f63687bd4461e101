"""In what capacities a person comes to an application, and what they may do there: read afresh at every answer.

An organisation counts for somebody who works for it today, holds a role in it, or is its legal representative. What
they may do is what the catalogue lets them enter (`enter_secure_area`), grant by grant and context by context.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import day_of
from accessmgr.core.model import AppointmentState, Key, Role, TargetGroup
from accessmgr.core.numbers import NationalNumber
from accessmgr.core.representation import representatives
from accessmgr.usecases.perform import consider_in
from accessmgr.usecases.tokens import Ground
from accessmgr.usecases.world import Look, World

STANDING_ALONE = frozenset({Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER, Role.ACCESS_MANAGER})
"""Roles that count without a work relation; the others rest on one of these, or on a work relation."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """A target group, and the organisation in it; without one, all organisations of the group."""

    target_group: TargetGroup
    enterprise: str | None = None

    @property
    def code(self) -> str:
        """The capacity as a form and a hint write it: `EA`, or `EA:1999000150`."""
        return f"{self.target_group}:{self.enterprise}" if self.enterprise else str(self.target_group)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A right that its holder may use now, for one context of an enterprise."""

    right: str
    context: str
    enterprise: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """All that claims may tell of a person in a capacity, as it is now."""

    person: str
    given: str
    family: str
    number: NationalNumber | None
    capacity: Capacity | None
    organisation: str | None
    represents: tuple[str, ...]
    entitlements: tuple[Entitlement, ...]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a portrait rests on: the ties to the organisations of its capacity, and the grants behind its rights."""

    ties: tuple[Ground, ...]
    grants: tuple[Ground, ...]


def organisations(look: Look, person: str, at: datetime) -> tuple[Capacity, ...]:
    """The organisations in whose name the person can come, by number."""
    today, lists = day_of(at), look.lists
    linked = {relation.enterprise for relation in lists.work_relations(person=person) if relation.period.has(today)}
    managed = {
        appointment.enterprise
        for appointment in lists.appointments(holder=person)
        if appointment.role in STANDING_ALONE and appointment.state(at) is AppointmentState.ACTIVE
    }
    groups = lists.target_groups(linked | managed | set(represented(look, person, at)))
    return tuple(Capacity(group, number) for number, group in sorted(groups.items()))


def represented(look: Look, person: str, at: datetime) -> tuple[str, ...]:
    """The enterprises of which the person is a legal representative, by number."""
    held = {function.enterprise for function in look.lists.functions_of(person)}
    answers = look.lists.functions_in(held)
    return tuple(
        sorted(
            number
            for number, functions in answers.items()
            if functions is not None and person in representatives(functions, day_of(at))
        )
    )


def entitlements(
    world: World, look: Look, person: str, key: Key, applications: frozenset[str], enterprises: Iterable[str]
) -> tuple[Entitlement, ...]:
    """What the person may enter with that digital key, in applications, for enterprises."""
    at, wanted = world.clock.now(), set(enterprises)
    today = day_of(at)
    grants = [
        grant
        for grant in look.lists.grants(holder=person)
        if grant.enterprise in wanted
        and grant.period.has(today)  # no more than ENTER-1 asks, so that old grants cost nothing
        and grant.right in world.policy.rights
        and world.policy.rights[grant.right].application in applications
    ]
    places = {Entitlement(grant.right, context, grant.enterprise) for grant in grants for context in grant.contexts}
    return tuple(place for place in sorted(places, key=_order) if _may_enter(world, look, person, key, place))


def portrait(
    world: World,
    look: Look,
    person: str,
    key: Key,
    capacity: Capacity | None,
    *,
    applications: frozenset[str],
    language: str,
    with_number: bool,
) -> Portrait:
    """What can be told of a person in a capacity. A capacity that is theirs no longer is told no more."""
    at = world.clock.now()
    own = organisations(look, person, at)
    if capacity is not None and capacity not in (*own, *(Capacity(each.target_group) for each in own)):
        capacity = None
    within = [each.enterprise or "" for each in own if capacity is not None and _is_within(each, capacity)]
    enterprise = capacity.enterprise if capacity else None
    named = look.lists.names([person])[person]
    return Portrait(
        person=person,
        given=named.given,
        family=named.family,
        number=look.number_of(person) if with_number else None,
        capacity=capacity,
        organisation=look.lists.enterprise_names([enterprise], language)[enterprise] if enterprise else None,
        represents=tuple(number for number in represented(look, person, at) if number in within),
        entitlements=entitlements(world, look, person, key, applications, within) if applications else (),
    )


def grounds(look: Look, shown: Portrait, at: datetime) -> Grounds:
    """What the portrait rests on, as far as the chain says it; functions are the register's."""
    if shown.capacity is None:
        return Grounds((), ())
    today, lists = day_of(at), look.lists
    within = {each.enterprise for each in organisations(look, shown.person, at) if _is_within(each, shown.capacity)}
    relations = [
        Ground(relation.id, relation.period.last)
        for relation in lists.work_relations(person=shown.person)
        if relation.enterprise in within and relation.period.has(today)
    ]
    roles = [
        Ground(appointment.id)
        for appointment in lists.appointments(holder=shown.person)
        if appointment.enterprise in within and appointment.state(at) is AppointmentState.ACTIVE
    ]
    places = {(place.right, place.enterprise, place.context) for place in shown.entitlements}
    grants = [
        Ground(grant.id, grant.period.last)
        for grant in lists.grants(holder=shown.person)
        if grant.period.has(today)
        and not grant.revoked(at)
        and any((grant.right, grant.enterprise, context) in places for context in grant.contexts)
    ]
    return Grounds((*relations, *roles), tuple(grants))


def _is_within(organisation: Capacity, capacity: Capacity) -> bool:
    same_group = organisation.target_group is capacity.target_group
    return same_group and capacity.enterprise in (None, organisation.enterprise)


def _may_enter(world: World, look: Look, person: str, key: Key, place: Entitlement) -> bool:
    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=person,
        level=key.level,
        enterprise=place.enterprise,
        right=place.right,
        contexts=(place.context,),
    )
    return consider_in(world, look, ask).decision.allowed


def _order(place: Entitlement) -> tuple[str, str, str]:
    return place.right, place.context, place.enterprise
