"""Changes that can be tried: what could happen to an enterprise and its people, by the code that really makes it."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from accessmgr.core.actions import Ask
from accessmgr.core.days import Period
from accessmgr.core.facts import Facts
from accessmgr.core.model import FunctionCode
from accessmgr.usecases import register
from accessmgr.usecases.audit import STRONGEST
from accessmgr.usecases.perform import Done, decided, known_contexts, recorded
from accessmgr.usecases.within import Within
from accessmgr.usecases.world import Policy, Trying, Unknown, World, Writing

MOST_OTHERS = 20
"""How many people are asked in the place of somebody who may not do something, until one may."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Somebody does an action of the rulebook, if the rules let them.

    :ivar by_whoever_may: else the first of those concerned and those who act for the enterprise whom they let do it
    """

    ask: Ask
    by_whoever_may: bool = False


@dataclass(frozen=True, slots=True)
class DoingEach:
    """Somebody does several actions of the rulebook in turn, each if the rules let them."""

    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class FunctionEnds:
    """The functions of that code that a person holds in the enterprise on a day have that day as their last."""

    code: FunctionCode
    person: str
    last_day: date


@dataclass(frozen=True, slots=True)
class EnterpriseEnds:
    """The enterprise has a day as its last in the register."""

    last_day: date


@dataclass(frozen=True, slots=True)
class RecognitionSuspended:
    """A recognition of the enterprise is suspended for a period."""

    number: str
    period: Period


@dataclass(frozen=True, slots=True)
class PersonDies:
    """Somebody who has to do with the enterprise dies on a day."""

    person: str
    day: date


@dataclass(frozen=True, slots=True)
class RightChanges:
    """A right gets another longest period in days, another level, or needs a recognition or not; None leaves it."""

    right: str
    max_days: int | None = None
    level: int | None = None
    needs_recognition: bool | None = None

    def within(self, policy: Policy) -> Policy:
        """The policy with the right as it would be.

        :raise Unknown: there is no such right
        """
        if self.right not in policy.rights:
            raise Unknown("right")
        named = ("max_days", "level", "needs_recognition")
        values: dict[str, Any] = {name: getattr(self, name) for name in named if getattr(self, name) is not None}
        changed = replace(policy.rights[self.right], **values)
        return replace(policy, rights={**policy.rights, self.right: changed})


Change = Doing | DoingEach | FunctionEnds | EnterpriseEnds | RecognitionSuspended | PersonDies | RightChanges


def concerned_by(world: World, look: Writing, enterprise: str, change: Change) -> frozenset[str] | None:
    """The people whose entering the change can touch; None if it can be anybody's.

    :raise Unknown: the change names something that does not exist, or is of another enterprise
    """
    match change:
        case Doing(ask):
            return _concerned(world, look, enterprise, ask)
        case DoingEach(asks):
            return frozenset().union(*(_concerned(world, look, enterprise, ask) for ask in asks))
        case FunctionEnds(person=person):
            return frozenset()
        case PersonDies(person):
            functions = look.lists.functions_in([enterprise])[enterprise] or ()
            is_near = look.has_tie(person, enterprise) or any(function.holder == person for function in functions)
            _check(is_near, "person")
            return frozenset({person})
        case RecognitionSuspended(number):
            _check(look.owner_of("recognition", number) == enterprise, "recognition")
    return None


def make(world: World, tx: Trying, enterprise: str, change: Change) -> tuple[World, Done | None]:
    """Let the change happen, and give the world in which it did; with what was decided, if rules decide about it.

    :raise Unknown: the change names something that does not exist
    """
    within = replace(world, store=Within(tx))
    match change:
        case Doing(ask, by_whoever_may):
            return within, _do(within, tx, ask, by_whoever_may)
        case DoingEach(asks):
            for ask in asks:
                _do(within, tx, ask)
        case FunctionEnds(code, person, last_day):
            register.end_function(within, enterprise, code, person, last_day)
        case EnterpriseEnds(last_day):
            register.close_enterprise(within, enterprise, last_day)
        case RecognitionSuspended(number, period):
            register.suspend_recognition(within, number, period.first, period.last)
        case PersonDies(person, day):
            register.record_death(within, person, day)
        case RightChanges():
            within = replace(within, policy=change.within(world.policy))
            tx.assume(within.policy)
    return within, None


def _concerned(world: World, look: Writing, enterprise: str, ask: Ask) -> frozenset[str]:
    facts = look.facts(known_contexts(world.policy, ask), world.clock.now())
    _check(facts.enterprise == enterprise, "thing")
    return frozenset({facts.concerned.id} if facts.concerned else ())


def _do(world: World, tx: Trying, ask: Ask, by_whoever_may: bool = False) -> Done:
    """Do an action as its actor, or as somebody who may; the decision about its actor if nobody may."""
    facts, decision = decided(world, tx, ask)
    if by_whoever_may and not decision.allowed:
        others = (replace(ask, actor=other, level=STRONGEST) for other in _others(facts))
        answers = (decided(world, tx, other) for other in others)
        facts, decision = next((answer for answer in answers if answer[1].allowed), (facts, decision))
    return recorded(tx, facts, decision)


def _others(facts: Facts) -> list[str]:
    """The person concerned, those who hold functions, and those who have roles, each once."""
    concerned = (facts.concerned.id,) if facts.concerned else ()
    functions = facts.register.functions if facts.register else ()
    holders = (*concerned, *(each.holder for each in functions), *(each.holder for each in facts.appointments))
    others = (person for person in dict.fromkeys(holders) if person is not None and person != facts.actor.id)
    return list(islice(others, MOST_OTHERS))


def _check(is_there: bool, what: str) -> None:
    if not is_there:
        raise Unknown(what)
