"""Questions of an auditor: who could enter on a day and by which chain, what changed between two days, what two
people may do.

Everything is decided by the catalogue. Whether somebody may ask is decided before; nothing here decides that.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from accessmgr.core.actions import APPOINTS, Action, Ask
from accessmgr.core.chain import Place
from accessmgr.core.decide import Decision, Effect, decide
from accessmgr.core.rules import ABOUT
from accessmgr.usecases.entering import Entering, Entrance, Way
from accessmgr.usecases.traces import Kind, Thing
from accessmgr.usecases.world import Look, World

STRONGEST = 500
"""The level of the strongest digital key."""


def who_could_enter(
    world: World,
    look: Look,
    enterprise: str,
    on: datetime,
    known_at: datetime | None = None,
    right: str | None = None,
    *,
    person: str | None = None,
    after: Way | None = None,
    limit: int | None = None,
) -> list[Entrance]:
    """Who could enter a secure area of the enterprise at a moment, as known at one (None: now), and by which chain.

    In the order of their ways; `after` is the way of the last one of the page before, `limit` the size of the page.
    """
    entering = Entering(world, look, enterprise, on, _size(look, known_at))
    asked = (way for way in _asked(entering, right, person) if after is None or way > after)
    allowed = (way for way in asked if entering.decision(way).allowed)
    return entering.entrances(islice(allowed, limit))


def who_could_no_more(
    world: World,
    look: Look,
    enterprise: str,
    first: datetime,
    second: datetime,
    known_at: datetime | None = None,
    right: str | None = None,
    *,
    person: str | None = None,
    limit: int | None = None,
) -> list[Entrance]:
    """Who could enter at the first moment and no more at the second, with the chains as they were at the second."""
    size = _size(look, known_at)
    before, after = (Entering(world, look, enterprise, on, size) for on in (first, second))
    asked = (way for way in _asked(before, right, person) if before.decision(way).allowed)
    return after.entrances(islice((way for way in asked if not after.decision(way).allowed), limit))


def what_one_could_enter(
    world: World, look: Look, person: str, on: datetime, known_at: datetime | None = None
) -> dict[str, list[Entrance]]:
    """The secure areas that a person could enter at a moment, by enterprise; only enterprises where there are any."""
    held = look.lists_at(_size(look, known_at)).grants(holder=person)
    found = {
        number: who_could_enter(world, look, number, on, known_at, person=person)
        for number in sorted({grant.enterprise for grant in held})
    }
    return {number: entrances for number, entrances in found.items() if entrances}


NOT_YET_KNOWN = frozenset({Place.USER, Place.GRANT})
"""The links that are missing where nothing was known of a way yet."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A way that was open at one of two moments only, and the entries in between that made the difference.

    Without entries it is the passing of days that made it: the closed side says which period ended or was to begin.
    """

    before: Entrance | None
    after: Entrance | None
    entries: tuple[int, ...]

    @property
    def gained(self) -> bool:
        """Whether the way was opened, and not closed."""
        return self.after is not None and self.after.allowed

    @property
    def way(self) -> Way:
        """What it is about."""
        return next(entrance for entrance in (self.after, self.before) if entrance is not None).way

    @property
    def closed(self) -> Entrance | None:
        """The side on which the way was closed; None if nothing was known of it then."""
        return self.before if self.gained else self.after

    @property
    def made_by(self) -> frozenset[Thing]:
        """What the links rested on, on either side, that kept the way closed on one."""
        broken = {step.place for step in self.closed.steps if step.link.complaints} if self.closed else NOT_YET_KNOWN
        sides = (side for side in (self.before, self.after) if side is not None)
        things = {thing for side in sides for step in side.steps if step.place in broken for thing in step.things}
        return frozenset(things | ({Thing(Kind.DEATH, self.way[0])} if Place.USER in broken else set()))


def compare(
    world: World, look: Look, enterprise: str, first: datetime, second: datetime, *, known_then: bool = False
) -> list[Difference]:
    """Who gained or lost which right and context between two moments, and the entries that made each difference.

    :param known_then: each moment as was known at that moment, and not both as is known now

    :raise ValueError: the second moment does not lie after the first
    """
    if second <= first:
        raise ValueError("the second moment does not lie after the first")
    sizes = look.size_at(first), look.size_at(second)
    before = Entering(world, look, enterprise, first, sizes[0] if known_then else None)
    after = Entering(world, look, enterprise, second, sizes[1] if known_then else None)
    differing = sorted(_open(before) ^ _open(after))
    were = {entrance.way: entrance for entrance in before.entrances(_known(before, differing))}
    are = {entrance.way: entrance for entrance in after.entrances(_known(after, differing))}
    found = [Difference(were.get(way), are.get(way), ()) for way in differing]
    changed = look.lists.changes(thing for difference in found for thing in difference.made_by)
    bounds = sizes[0], (sizes[1] if known_then else look.size())
    return [replace(each, entries=_between(*bounds, (changed[thing] for thing in each.made_by))) for each in found]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Something that two people may not do alike: an action, with its right and context if it has any."""

    action: Action
    right: str | None
    context: str | None
    one: Decision
    other: Decision


ROLES_ALONE = (*APPOINTS, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, Action.LINK_PERSON)
OF_A_RIGHT = (Action.GRANT_RIGHT,)
"""Actions that go by what somebody is in an enterprise, and by that for a right."""


def compare_people(
    world: World, look: Look, enterprise: str, one: str, other: str, on: datetime, known_at: datetime | None = None
) -> list[Contrast]:
    """What one of two people may do in an enterprise and the other not, at a moment as known at a moment.

    Of entering it compares the decisions. Of what managers do it compares whether some permit holds, as the rest
    depends on whom it is done for.

    :raise Unknown: one of them does not exist
    """
    size = _size(look, known_at)
    found = []
    for ask in _asks(world, look, enterprise, (one, other), size):
        first, second = (_decided(look, ask, person, on, size) for person in (one, other))
        if may(first) is not may(second):
            context = ask.contexts[0] if ask.contexts else None
            found.append(Contrast(ask.action, ask.right, context, first, second))
    return found


def may(decision: Decision) -> bool:
    """Whether a decision counts as "may" where two people are compared."""
    return decision.allowed if decision.action is Action.ENTER_SECURE_AREA else decision.permitted


def rules_of(decision: Decision) -> tuple[str, ...]:
    """The rules by which somebody may, or may not, where two people are compared."""
    if decision.action is Action.ENTER_SECURE_AREA:
        return decision.because
    permits = [finding for finding in decision.findings if finding.rule.effect is Effect.PERMIT]
    holding = [finding for finding in permits if finding.holds]
    return tuple(sorted(finding.rule.id for finding in holding or permits))


def _size(look: Look, known_at: datetime | None) -> int | None:
    return None if known_at is None else look.size_at(known_at)


def _asked(entering: Entering, right: str | None, person: str | None) -> Iterator[Way]:
    """The ways of one right, or of one person, if one is asked for."""
    return (way for way in entering.ways if right in (None, way[1]) and person in (None, way[0]))


def _open(entering: Entering) -> set[Way]:
    return {way for way in entering.ways if entering.decision(way).allowed}


def _known(entering: Entering, ways: Iterable[Way]) -> list[Way]:
    known = set(entering.ways)
    return [way for way in ways if way in known]


def _between(since: int, before: int, made: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted({entry for entries in made for entry in entries if since <= entry < before}))


def _decided(look: Look, ask: Ask, person: str, on: datetime, size: int | None) -> Decision:
    return decide(look.facts(replace(ask, actor=person), on, size), ABOUT[ask.action])


def _asks(world: World, look: Look, enterprise: str, people: Sequence[str], size: int | None) -> Iterator[Ask]:
    """What is asked for each of two people: the asker stands in for them."""
    asker = people[0]
    for action in ROLES_ALONE:
        yield Ask(action=action, actor=asker, level=STRONGEST, enterprise=enterprise)
    rights = (world.policy if size is None else look.policy_at(size)).rights
    for right in sorted(rights):
        for action in OF_A_RIGHT:
            yield Ask(action=action, actor=asker, level=STRONGEST, enterprise=enterprise, right=right)
    held = look.lists_at(size).grants_among(enterprise, people)
    ways = {(grant.right, context) for grant in held for context in grant.contexts}
    for right, context in sorted(ways):
        if right in rights:
            yield Ask(
                action=Action.ENTER_SECURE_AREA,
                actor=asker,
                level=STRONGEST,
                enterprise=enterprise,
                right=right,
                contexts=(context,),
            )
