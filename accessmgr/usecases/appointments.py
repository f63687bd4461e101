"""The appointments of an enterprise as somebody may see them: who has which role, what is offered, what they may do.

What may be done follows from the permits of the catalogue; the rest is the rulebook's words about states and roles.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from accessmgr.core.actions import APPOINTS, Action, Ask
from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, AppointmentState, Person, Role, WorkRelation
from accessmgr.core.rules import CATALOGUE
from accessmgr.core.rules.conditions import is_linked_today, may_claim
from accessmgr.usecases.world import Look, World

OPENS_AN_ENTERPRISE = frozenset(APPOINTS)
"""Actions of which a permit opens the page of an enterprise to somebody without an appointment there."""

ASKED = (*APPOINTS, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, Action.LINK_PERSON, Action.READ_HISTORY)
"""What the page of an enterprise may lead to. The facts for all of these are the same."""


@dataclass(frozen=True)
class Held:
    """An active appointment, and whether it counts at present (a claim and a local administrator may not)."""

    appointment: Appointment
    counts: bool


@dataclass(frozen=True)
class Overview:
    """What one person may see of the appointments of an enterprise, and the actions that some permit lets them do.

    `facts` are what it all follows from, as read once.
    """

    facts: Facts
    permitted: frozenset[Action]
    active: tuple[Held, ...]
    offers: tuple[Appointment, ...]

    @property
    def person(self) -> str:
        """The person who looks."""
        return self.facts.actor.id

    @property
    def opens(self) -> bool:
        """Whether the person may see it: some permit to appoint holds, or they have an appointment or offer there."""
        mine = any(standing.appointment.holder == self.person for standing in self.active)
        return mine or bool(self.permitted & OPENS_AN_ENTERPRISE) or self.is_offered_something

    @property
    def is_offered_something(self) -> bool:
        """Whether an offer waits for the person's answer."""
        return any(offer.holder == self.person for offer in self.offers)

    def holders(self, role: Role) -> tuple[Held, ...]:
        """The active appointments in a role, the oldest first."""
        return tuple(standing for standing in self.active if standing.appointment.role is role)

    def may_end(self, appointment: Appointment) -> bool:
        """Whether a permit lets the person end or withdraw it: one to offer the role, or holding it (END-1, END-2)."""
        held = appointment.holder == self.person and appointment.accepted_at is not None
        return held or any(role is appointment.role and action in self.permitted for action, role in APPOINTS.items())

    @property
    def main(self) -> Appointment | None:
        """The active main access manager's appointment."""
        return next((standing.appointment for standing in self.holders(Role.MAIN_ACCESS_MANAGER)), None)


def overview(world: World, look: Look, enterprise: str, person: str, level: int) -> Overview:
    """The appointments of an enterprise as a person may see them now.

    Offers are told only to their appointee and to whoever could end them, as the page of an offer is.
    """
    ask = Ask(action=Action.APPOINT_MAIN_ACCESS_MANAGER, actor=person, level=level, enterprise=enterprise)
    facts = look.facts(ask, world.clock.now())
    seen = Overview(facts, _permitted(facts), _active(facts), ())
    return replace(seen, offers=_offers(facts, seen))


def as_it_was(present: Overview, look: Look, at: datetime, known: int | None) -> Overview:
    """The appointments at another moment, as known at a size of the history (None: now), for who may see them now.

    What they may see and do is what it is at present.
    """
    facts = look.facts(present.facts.ask, at, known)
    return replace(present, active=_active(facts), offers=_offers(facts, present))


def counting(appointments: Iterable[Appointment], relations: Iterable[WorkRelation], at: datetime) -> list[Held]:
    """The active ones among a person's appointments, with whether they count, given all their work relations."""
    appointments, relations = tuple(appointments), tuple(relations)
    standings: list[Held] = []
    for enterprise in sorted({appointment.enterprise for appointment in appointments}):
        here = tuple(each for each in appointments if each.enterprise == enterprise)
        linked = tuple(each for each in relations if each.enterprise == enterprise)
        ask = Ask(action=Action.LINK_PERSON, actor=here[0].holder, enterprise=enterprise)
        facts = Facts(ask=ask, at=at, actor=Person(here[0].holder), appointments=here, work_relations=linked)
        standings += _active(facts)
    return standings


def lapses_at(offer: Appointment) -> datetime:
    """The last moment at which an offer can be answered."""
    return offer.offered_at + THIRTY_DAYS


def _permitted(facts: Facts) -> frozenset[Action]:
    asked = (replace(facts, ask=replace(facts.ask, action=action)) for action in ASKED)
    return frozenset(each.ask.action for each in asked if decide(each, CATALOGUE).permitted)


def _offers(facts: Facts, seen: Overview) -> tuple[Appointment, ...]:
    """The offers that wait at the moment of the facts, as far as the person may be told of them."""
    pending = (each for each in _oldest_first(facts) if each.state(facts.at) is AppointmentState.PENDING)
    return tuple(each for each in pending if each.holder == seen.person or seen.may_end(each))


def _active(facts: Facts) -> tuple[Held, ...]:
    active = (each for each in _oldest_first(facts) if each.state(facts.at) is AppointmentState.ACTIVE)
    return tuple(Held(appointment, _counts(facts, appointment)) for appointment in active)


def _oldest_first(facts: Facts) -> list[Appointment]:
    return sorted(facts.appointments, key=lambda appointment: (appointment.offered_at, appointment.id))


def _counts(facts: Facts, appointment: Appointment) -> bool:
    match appointment.role:
        case Role.MAIN_LOCAL_ADMINISTRATOR:
            return may_claim(facts, appointment.holder)
        case Role.LOCAL_ADMINISTRATOR:
            return is_linked_today(facts, appointment.holder)
    return True
