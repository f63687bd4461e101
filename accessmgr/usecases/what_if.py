"""What if: who would lose or gain what, and when, if something changed. The same rules, on a world that is undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from accessmgr.core.actions import APPOINTS, Action, Ask
from accessmgr.core.decide import Effect, Rule, find
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, AppointmentState, Grant, Person, Right
from accessmgr.core.rules import ABOUT
from accessmgr.usecases.audit import STRONGEST
from accessmgr.usecases.entering import Entering, Way
from accessmgr.usecases.hypothetical import Change, Doing, RightChanges, concerned_by, make
from accessmgr.usecases.perform import Done, consider_in
from accessmgr.usecases.shifts import Able, Shift, shift
from accessmgr.usecases.world import Conflict, Look, Trying, World

MOST = 500
"""So many grants of an enterprise are looked at: those that last longest, if it has more."""

TRIES = 3
"""How often a change is tried while others change the same thing."""

ROLES = (*APPOINTS, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, Action.LINK_PERSON, Action.READ_HISTORY)
"""What people may do for an enterprise by what they are in it; the facts for all of these are the same."""

WHATEVER_IS_ASKED = frozenset({"REG-1", "REG-2", "PERSON-3"})
"""The rules that forbid because of the enterprise and the actor alone, whatever else is asked."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A grant that could be given its present last day now, and could not when the right has changed, and why not."""

    grant: Grant
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change would bring about.

    `done` is what was decided about it and what would happen, None if the change is none that rules decide about.
    `looked_at` of the `grants` of the enterprise were looked at, or all of those of the people whom it can touch.
    """

    done: Done | None
    shifts: tuple[Shift, ...]
    renewals: tuple[Renewal, ...]
    looked_at: int
    grants: int

    @property
    def happens(self) -> bool:
        """Whether the change would happen at all."""
        return self.done is None or self.done.decision.allowed


def what_if(world: World, enterprise: str, change: Change, asker: str) -> Difference:
    """Who would lose or gain what, and when, if the change happened now. Nothing of it is kept or recorded.

    :param asker: who asks; whether they may is decided before (`may_make`)

    :raise Unknown: the change names something that does not exist, or is of another enterprise
    :raise Conflict: others changed the same thing, each time that this was tried
    """
    for _ in range(TRIES - 1):
        try:
            return _tried(world, enterprise, change, asker)
        except Conflict:
            continue
    return _tried(world, enterprise, change, asker)


def may_make(world: World, look: Look, enterprise: str, change: Change, person: str) -> bool:
    """Whether the change is an action of a person that some permit lets them do in the enterprise.

    If not, it may be asked about by whoever may read the history of the enterprise.

    :raise Unknown: the change names something that does not exist
    """
    if not isinstance(change, Doing) or change.ask.actor != person:
        return False
    done = consider_in(world, look, change.ask)
    return done.decision.permitted and done.facts.enterprise == enterprise


def _tried(world: World, enterprise: str, change: Change, asker: str) -> Difference:
    with world.store.trying() as tx:
        world = replace(world, clock=_Still(tx.moment(world.clock.now())))
        people = concerned_by(world, tx, enterprise, change)
        grants = tx.lists.count_grants(enterprise) if people is None else 0
        before = _read(world, tx, enterprise, asker, people)
        changed, done = make(world, tx, enterprise, change)
        after = _read(changed, tx, enterprise, asker, people)
    shifts = [*_entering(before, after), *_acting(before, after), *_accepting(before, after)]
    renewals = _renewals(before, after, change.right) if isinstance(change, RightChanges) else ()
    looked_at = len(before.grants)
    return Difference(done, tuple(sorted(shifts, key=_order)), tuple(renewals), looked_at, max(grants, looked_at))


@dataclass(frozen=True)
class _Still:
    """A clock that stands still: what is compared is so at one moment, that of the change."""

    moment: datetime

    def now(self) -> datetime:
        """The moment of the change."""
        return self.moment


@dataclass(frozen=True)
class _Side:
    """What is so before or after the change: the facts of every way in, and those about roles."""

    entering: Mapping[Way, Facts]
    roles: Facts
    people: Mapping[str, Person]
    rights: Mapping[str, Right]
    grants: Sequence[Grant] = field(repr=False)


def _read(world: World, tx: Trying, enterprise: str, asker: str, people: frozenset[str] | None) -> _Side:
    now = world.clock.now()
    entering = Entering(world, tx, enterprise, now, people=people, most=MOST)
    ways = {way: entering.facts(way) for way in entering.ways}
    ask = Ask(action=Action.APPOINT_MAIN_ACCESS_MANAGER, actor=asker, level=STRONGEST, enterprise=enterprise)
    roles = tx.facts(ask, now)
    functions = roles.register.functions if roles.register else ()
    held = {each.holder for each in functions if each.holder is not None}
    near = {each.holder for each in roles.appointments} | held | (people or set())
    return _Side(ways, roles, tx.lists.people(near), world.policy.rights, entering.grants)


# --- entering ---------------------------------------------------------------------------------------------


def _entering(before: _Side, after: _Side) -> Iterator[Shift]:
    """The shifts among the ways in: of those whose facts differ, for the same facts give the same decision."""
    for way in sorted(before.entering.keys() | after.entering.keys()):
        was, will = before.entering.get(way), after.entering.get(way)
        if was is not None and will is not None:  # the digital key that was strong enough until now
            will = replace(will, ask=replace(will.ask, level=was.ask.level))
        if was != will:
            person, right, context = way
            able = Able(person, Action.ENTER_SECURE_AREA, right, context)
            yield from shift(able, was, will, ABOUT[Action.ENTER_SECURE_AREA])


# --- acting for the enterprise ----------------------------------------------------------------------------


def _acting(before: _Side, after: _Side) -> Iterator[Shift]:
    """The shifts in what people may do by what they are: some permit holds, and nothing about them or the enterprise
    forbids it. What else would be asked for, and whom, is left open."""
    if before.roles == after.roles and before.people == after.people:
        return
    for person in sorted(before.people.keys() | after.people.keys()):
        for able in _abilities(person, before.rights):
            was, will = (_acted(side, able) for side in (before, after))
            yield from shift(able, was, will, STANDING[able.action])


def _abilities(person: str, rights: Iterable[str]) -> Iterator[Able]:
    yield from (Able(person, action) for action in ROLES)
    yield from (Able(person, Action.GRANT_RIGHT, right) for right in sorted(rights))


def _acted(side: _Side, able: Able) -> Facts:
    ask = replace(side.roles.ask, action=able.action, actor=able.person, right=able.right or None)
    actor = side.people.get(able.person, Person(able.person))
    return replace(side.roles, ask=ask, actor=actor, right=side.rights.get(able.right))


def _accepting(before: _Side, after: _Side) -> Iterator[Shift]:
    """The shifts in which offers that wait can be accepted."""
    were, are = _offers(before), _offers(after)
    for offer in sorted(were.keys() | are.keys()):
        was, will = were.get(offer), are.get(offer)
        if was != will:
            person = next(facts.actor.id for facts in (was, will) if facts is not None)
            able = Able(person, Action.ACCEPT_APPOINTMENT, offer=offer)
            yield from shift(able, was, will, ABOUT[Action.ACCEPT_APPOINTMENT])


def _offers(side: _Side) -> dict[str, Facts]:
    """The facts about accepting each offer that waits, by its id."""
    waiting = [each for each in side.roles.appointments if each.state(side.roles.at) is AppointmentState.PENDING]
    return {offer.id: _accepted(side, offer) for offer in waiting}


def _accepted(side: _Side, offer: Appointment) -> Facts:
    ask = Ask(action=Action.ACCEPT_APPOINTMENT, actor=offer.holder, level=STRONGEST, appointment=offer.id)
    holder = side.people.get(offer.holder, Person(offer.holder))
    return replace(side.roles, ask=ask, actor=holder, concerned=holder, appointment=offer)


def _standing(action: Action) -> tuple[Rule, ...]:
    """The permits of an action, and what forbids it whatever else is asked."""
    return tuple(rule for rule in ABOUT[action] if rule.effect is Effect.PERMIT or rule.id in WHATEVER_IS_ASKED)


STANDING: Mapping[Action, tuple[Rule, ...]] = {action: _standing(action) for action in (*ROLES, Action.GRANT_RIGHT)}
"""The rules that say whether somebody is one who may, for each action that goes by roles."""


# --- giving a right anew ----------------------------------------------------------------------------------


def _renewals(before: _Side, after: _Side, right: str) -> Iterator[Renewal]:
    """The grants of a right that could be given their last day anew, and could not when the right has changed."""
    for grant in before.grants:
        facts = before.entering.get((grant.holder, grant.right, grant.contexts[0])) if grant.contexts else None
        if grant.right != right or facts is None or _forbidden(_renewed(facts, before, grant)):
            continue
        because = _forbidden(_renewed(facts, after, grant))
        if because:
            yield Renewal(grant, because)


def _renewed(facts: Facts, side: _Side, grant: Grant) -> Facts:
    """The facts about giving a grant the last day that it has; asked by nobody in particular."""
    ask = Ask(action=Action.EXTEND_GRANT, actor="", level=STRONGEST, grant=grant.id, last_day=grant.period.last)
    return replace(facts, ask=ask, actor=Person(""), concerned=facts.actor, grant=grant, right=side.rights[grant.right])


def _forbidden(facts: Facts) -> tuple[str, ...]:
    forbids = (rule for rule in ABOUT[facts.ask.action] if rule.effect is Effect.FORBID)
    return tuple(sorted(rule.id for rule in forbids if find(rule, facts).holds is not False))


def _order(found: Shift) -> tuple[bool, Able]:
    return found.able.action is not Action.ENTER_SECURE_AREA, found.able
