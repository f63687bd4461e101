"""The chain behind one entry to a secure area: register, representative, manager, user, grant, context.

Whether a link holds is what the rules found, and nothing else: a chain is unbroken exactly when the decision
allows entering. Here is only added who made each link, since when it holds or is broken, and why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from accessmgr.core.actions import Action
from accessmgr.core.chain_causes import CAUSES, Cause
from accessmgr.core.days import Period, day_of
from accessmgr.core.decide import Decision, Effect, Mender
from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    REPRESENTING,
    Appointment,
    AppointmentState,
    Establishment,
    Function,
    FunctionCode,
    Grant,
    Recognition,
    Role,
    WorkRelation,
)
from accessmgr.core.rules.conditions import is_legal_representative, is_local_administrator, is_main_local_administrator


class Place(StrEnum):
    """The links of a chain, in their order."""

    REGISTER = "register"
    REPRESENTATIVE = "representative"
    MANAGER = "manager"
    USER = "user"
    GRANT = "grant"
    CONTEXT = "context"


PLACES: Mapping[str, Place] = {
    "REG-1": Place.REGISTER,
    "REG-2": Place.REGISTER,
    "ENTER-3": Place.REGISTER,
    "PERSON-3": Place.USER,
    "KEY-3": Place.USER,
    "ENTER-2": Place.USER,
    "ENTER-1": Place.GRANT,
    "ENTER-4": Place.CONTEXT,
    "ENTER-5": Place.CONTEXT,
}
"""The link of which each rule about entering speaks; a rule that is not listed speaks of the grant."""


class Standing(StrEnum):
    """Whether a link holds. Only a broken one keeps somebody out.

    A representative or manager who is `former` made a link while in office, and what they made still
    stands; `nobody` is where no such person is known, `unknown` where the register has no answer.
    """

    HOLDS = "holds"
    BROKEN = "broken"
    FORMER = "former"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A rule that keeps somebody out, why, and since when (or, of what has yet to begin, from when)."""

    rule: str
    mend: str
    menders: tuple[Mender, ...]
    cause: Cause
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in a link, in a role or function, with the days of it. `source` is the appointment or function."""

    person: str | None
    role: Role | None = None
    function: FunctionCode | None = None
    since: date | None = None
    until: date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `since` and `until` are the first and last day of what makes it hold, None if open or unknown.

    `thing` is the id or number of what makes it hold: enterprise, work relation, grant, recognition or establishment.
    """

    place: Place
    standing: Standing
    holders: tuple[Holder, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    since: date | None = None
    until: date | None = None
    thing: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A whole chain, from the register to the context."""

    enterprise: str
    person: str
    right: str
    contexts: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def unbroken(self) -> bool:
        """Whether no link is broken, so that the person may enter."""
        return all(link.standing is not Standing.BROKEN for link in self.links)

    @property
    def people(self) -> set[str]:
        """The ids of everybody in it."""
        named = {holder.person for link in self.links for holder in link.holders if holder.person}
        return named | {self.person}


def build(
    decision: Decision, facts: Facts, appointments: Sequence[Appointment], functions: Sequence[Function]
) -> Chain:
    """The chain of a decision about entering, with the enterprise's appointments and functions, past ones too."""
    if facts.register is not None:
        facts = replace(facts, register=replace(facts.register, functions=tuple(functions)))
    facts = replace(facts, appointments=tuple(appointments))
    grant = grant_in_question(facts)
    line, top = _line_of(facts, grant)
    against = complaints(decision, facts, grant)
    period, relation, context = None, _relation_in_question(facts), _context_in_question(facts)
    if facts.register is not None:
        period = facts.register.period
    links = (
        _link(Place.REGISTER, against, period, facts.enterprise),
        _representatives(facts, functions, top),
        _managers(facts, line),
        _link(Place.USER, against, *_of(relation), Holder(facts.actor.id)),
        _link(Place.GRANT, against, *_of(grant)),
        _link(Place.CONTEXT, against, context.period if context else None, context.number if context else None),
    )
    return Chain(facts.enterprise or "", facts.actor.id, facts.ask.right or "", facts.contexts, links)


def foundations(facts: Facts, appointments: Sequence[Appointment]) -> tuple[Grant | None, tuple[Appointment, ...]]:
    """The grant of a decision, if it is about one, and the appointments that lead to who made it, the highest first.

    Of a decision without a grant: the appointments that lead to whoever asked.
    """
    is_entering = facts.ask.action is Action.ENTER_SECURE_AREA
    grant = grant_in_question(facts) if is_entering else facts.grant
    line, _ = _line_to(replace(facts, appointments=tuple(appointments)), grant.by if grant else facts.actor.id)
    return grant, tuple(line)


def behind_office(facts: Facts) -> tuple[Link, ...]:
    """The links behind what the actor may do in an enterprise by their roles there: register, representative, manager.

    Each is there only if the facts of the decision name it; without a role or a representing function there is none.
    """
    line, top = _line_to(facts, facts.actor.id)
    functions = facts.register.functions if facts.register is not None else ()
    if not line and is_legal_representative(facts, top) is not True:
        return ()
    period = facts.register.period if facts.register is not None else None
    known = (_link(Place.REGISTER, (), period, facts.enterprise), _representatives(facts, functions, top))
    return (*(known if period is not None else ()), *((_managers(facts, line),) if line else ()))


# --- what the rules found -----------------------------------------------------------------------------------


def complaints(decision: Decision, facts: Facts, grant: Grant | None) -> list[Complaint]:
    """What keeps the person out, from the findings. A permit that does not hold counts where no other one does."""
    against = (
        finding
        for finding in decision.findings
        if finding.holds is None
        or (finding.holds if finding.rule.effect is Effect.FORBID else not decision.permitted and not finding.holds)
    )
    found = []
    for finding in against:
        rule = finding.rule
        why = CAUSES.get(rule.id)
        cause, since = why(facts, grant) if why and finding.broken is None else (Cause.UNKNOWN, None)
        found.append(Complaint(rule.id, rule.mend, rule.menders, cause, since))
    return found


def _link(place: Place, found: Iterable[Complaint], period: Period | None, thing: str | None, *holders: Holder) -> Link:
    against = tuple(one for one in found if PLACES.get(one.rule, Place.GRANT) is place)
    standing = Standing.BROKEN if against else Standing.HOLDS
    since, until = (period.first, period.last) if period else (None, None)
    return Link(place, standing, holders, against, since, until, thing)


def _of(row: WorkRelation | Grant | None) -> tuple[Period | None, str | None]:
    return (row.period, row.id) if row else (None, None)


# --- what was made, and by whom -----------------------------------------------------------------------------


def grant_in_question(facts: Facts) -> Grant | None:
    """The grant that opens the door, else the one that came nearest: the last to end."""
    named = [
        grant
        for grant in facts.grants
        if grant.holder == facts.actor.id
        and grant.enterprise == facts.enterprise
        and grant.right == facts.ask.right
        and not set(grant.contexts).isdisjoint(facts.contexts)
    ]
    ranked = sorted(named, key=lambda grant: (grant.period.last or date.max, grant.id))
    effective = [grant for grant in ranked if grant.period.has(facts.today) and not grant.revoked(facts.at)]
    return next(iter(effective[::-1] or ranked[::-1]), None)


def _relation_in_question(facts: Facts) -> WorkRelation | None:
    of_actor = [one for one in facts.work_relations if one.person == facts.actor.id]
    today = [one for one in of_actor if one.period.has(facts.today)]
    return max(today or of_actor, key=lambda one: one.period.last or date.max, default=None)


def _context_in_question(facts: Facts) -> Recognition | Establishment | None:
    register = facts.register
    things: tuple[Recognition | Establishment, ...] = ()
    if register is not None:
        things = (*register.recognitions, *register.establishments)
    return next((one for one in things if one.number in facts.contexts), None)


FIRST = (
    Role.MAIN_ACCESS_MANAGER,
    Role.CO_MAIN_ACCESS_MANAGER,
    Role.ACCESS_MANAGER,
    Role.MAIN_LOCAL_ADMINISTRATOR,
    Role.LOCAL_ADMINISTRATOR,
)
"""The roles of managers, those that stand above others first."""


def _line_of(facts: Facts, grant: Grant | None) -> tuple[list[Appointment], str | None]:
    """The appointments that lead to whoever granted, the highest first, and who made the first of them.

    Without a grant: those who could give it today, and nobody above them.
    """
    if grant is None:
        grantors = facts.right.grantors if facts.right else frozenset()
        return [one for one in facts.appointments if one.role in grantors and in_office(facts, one)], None
    return _line_to(facts, grant.by)


def _line_to(facts: Facts, person: str) -> tuple[list[Appointment], str]:
    """The appointments that lead to a person, the highest first, and who made the first of them."""
    taken = [one for one in facts.appointments if one.accepted_at is not None and one.accepted_at <= facts.at]
    line: list[Appointment] = []
    while of_person := [one for one in taken if one.holder == person and one not in line]:
        best = max(of_person, key=lambda one: (in_office(facts, one), -FIRST.index(one.role), one.offered_at))
        line.insert(0, best)
        person = best.by
        if best.role is Role.MAIN_ACCESS_MANAGER:
            break
    return line, person


def in_office(facts: Facts, appointment: Appointment) -> bool:
    """Whether an appointment is active and counts. Of a local administrator whose links are not known, it counts."""
    if appointment.state(facts.at) is not AppointmentState.ACTIVE:
        return False
    if appointment.role is Role.MAIN_LOCAL_ADMINISTRATOR:
        return is_main_local_administrator(facts, appointment.holder)
    if appointment.role is Role.LOCAL_ADMINISTRATOR and any(
        one.person == appointment.holder for one in facts.work_relations
    ):
        return is_local_administrator(facts, appointment.holder)
    return True


def _managers(facts: Facts, line: Sequence[Appointment]) -> Link:
    all_in_office = all(in_office(facts, one) for one in line)
    standing = Standing.NOBODY if not line else Standing.HOLDS if all_in_office else Standing.FORMER
    holders = (
        Holder(
            one.holder,
            one.role,
            None,
            day_of(one.accepted_at or one.offered_at),
            day_of(one.closed_at) if one.closed_at is not None and one.closed_at <= facts.at else None,
            one.id,
        )
        for one in line
    )
    return Link(Place.MANAGER, standing, tuple(holders))


def _representatives(facts: Facts, functions: Sequence[Function], top: str | None) -> Link:
    """Whoever stands above the managers; without them, those who represent the enterprise today."""
    if facts.register is None:
        return Link(Place.REPRESENTATIVE, Standing.UNKNOWN)
    held = [one for one in functions if one.code in REPRESENTING and one.holder is not None]
    today = [one for one in held if one.period.has(facts.today) and is_legal_representative(facts, one.holder or "")]
    shown = [one for one in held if one.holder == top] or today
    standing = Standing.HOLDS if any(one in today for one in shown) else Standing.FORMER if shown else Standing.NOBODY
    best = [one for one in shown if one in today] or shown
    holders = (
        Holder(one.holder, Role.LEGAL_REPRESENTATIVE, one.code, one.period.first, one.period.last, one.id)
        for one in best
    )
    return Link(Place.REPRESENTATIVE, standing, tuple(holders))
