"""The chain of a whole enterprise: who stands above whom, who holds what, and where it is broken.

Whether somebody may enter is what the rules found, as in the chain to one person; here are only added the managers
under whom it stands, and who made what.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from accessmgr.core.actions import Action
from accessmgr.core.chain import FIRST, PLACES, Complaint, Holder, Place, Standing, complaints, in_office
from accessmgr.core.days import day_of
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import REPRESENTING, Appointment, Function, Grant, Role, WorkRelation
from accessmgr.core.rules import ABOUT
from accessmgr.core.rules.conditions import is_legal_representative, is_linked_today

OF_REGISTER = tuple(rule for rule in ABOUT[Action.ENTER_SECURE_AREA] if rule.family == "REG")
"""The rules by which the register keeps everybody out, whatever the right."""

PER_RIGHT = frozenset({"ENTER-3"})
"""Rules that speak of the register, and only for some rights: here they break the right and not the enterprise."""


class Tie(StrEnum):
    """Why two boxes are joined."""

    REPRESENTS = "represents"
    APPOINTED = "appointed"
    CLAIMED = "claimed"
    LINKED = "linked"
    GRANTED = "granted"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Way:
    """A right for a context that somebody holds, or held not long ago."""

    right: str
    context: str
    complaints: tuple[Complaint, ...] = ()
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Knot:
    """A box of the drawing: the enterprise, an office, a person or a group of people, or a right for a context.

    `above` is the knot of the manager who appointed this one; `ways` are those of a person or group, `count` how many
    people it stands for, and `group` the name by which a group is opened.
    """

    id: str
    place: Place
    standing: Standing
    holder: Holder | None = None
    complaints: tuple[Complaint, ...] = ()
    relation: WorkRelation | None = None
    ways: tuple[Way, ...] = ()
    right: str | None = None
    context: str = ""
    count: int = 1
    group: str | None = None
    above: str | None = None
    domain: str | None = None

    @property
    def broken(self) -> bool:
        """Whether the knot itself is broken."""
        return self.standing is Standing.BROKEN


@dataclass(frozen=True, slots=True)
class Thread:
    """A line between two knots, with why they are joined; `broken` if it holds no more."""

    start: str
    end: str
    ties: frozenset[Tie]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """All knots, from the register to the contexts, and the threads between them."""

    knots: tuple[Knot, ...] = ()
    threads: tuple[Thread, ...] = ()

    @property
    def people(self) -> set[str]:
        """The ids of everybody who is named in it."""
        return {knot.holder.person for knot in self.knots if knot.holder and knot.holder.person}


@dataclass
class Weaving:
    """Puts a whole together from the facts of the enterprise; nothing in it asks for anything."""

    facts: Facts
    """Those of the enterprise: the register and all appointments, past ones too, and the work relations of managers."""

    knots: dict[str, Knot] = field(default_factory=dict)
    joined: dict[tuple[str, str], tuple[set[Tie], bool]] = field(default_factory=dict)

    def whole(self) -> Whole:
        """What was put together."""
        threads = tuple(Thread(*ends, frozenset(ties), broken) for ends, (ties, broken) in self.joined.items())
        return Whole(tuple(self.knots.values()), threads)

    # --- what stands above -----------------------------------------------------------------------------------

    def begin(self) -> None:
        """The enterprise, those who represent it at the moment, and the managers in office."""
        found = complaints(decide(self.facts, OF_REGISTER), self.facts, None)
        against = tuple(one for one in found if one.rule.startswith("REG-"))
        period = self.facts.register.period if self.facts.register else None
        since, until = (period.first, period.last) if period else (None, None)
        standing = Standing.BROKEN if against else Standing.HOLDS
        holder = Holder(None, since=since, until=until)
        self._add(Knot(REGISTER, Place.REGISTER, standing, holder, against))
        for function in self._functions:
            if function.period.has(self.facts.today) and is_legal_representative(self.facts, function.holder or ""):
                self._representative(function)
        for one in self._taken:
            if one.closed_at is None or one.closed_at > self.facts.at:
                self._manager(one)

    def finish(self) -> None:
        """Say where there is nobody, so that no column is empty."""
        for place, before in ((Place.REPRESENTATIVE, Place.REGISTER), (Place.MANAGER, Place.REPRESENTATIVE)):
            if not self._of(place):
                unknown = place is Place.REPRESENTATIVE and self.facts.register is None
                standing = Standing.UNKNOWN if unknown else Standing.NOBODY
                self._add(Knot(f"no-{place}", place, standing))
                for knot in self._of(before):
                    self._join(knot.id, f"no-{place}", Tie.REPRESENTS)

    def maker(self, person: str) -> str:
        """The knot of somebody who made something: the best office that they have or had, in office if they are."""
        held = [one for one in self._taken if one.holder == person]
        if held:
            best = max(held, key=lambda one: (_counts(self.facts, one), -FIRST.index(one.role), one.offered_at))
            return self._manager(best)
        function = next((one for one in self._functions[::-1] if one.holder == person), None)
        if function is not None:
            return self._representative(function)
        return self._add(Knot(f"m:{person}", Place.MANAGER, Standing.FORMER, Holder(person)))

    def _representative(self, function: Function) -> str:
        name = f"f:{function.id}"
        if name not in self.knots:
            today = function.period.has(self.facts.today)
            counts = today and is_legal_representative(self.facts, function.holder or "") is True
            standing = Standing.HOLDS if counts else Standing.FORMER
            first, last = function.period.first, function.period.last
            role = Role.LEGAL_REPRESENTATIVE
            holder = Holder(function.holder, role, function.code, first, last, function.id)
            self._add(Knot(name, Place.REPRESENTATIVE, standing, holder))
            self._join(REGISTER, name, Tie.REPRESENTS)
        return name

    def _manager(self, one: Appointment) -> str:
        name = f"a:{one.id}"
        if name in self.knots:
            return name
        ended = one.closed_at is not None and one.closed_at <= self.facts.at
        counts = _counts(self.facts, one)
        standing = Standing.FORMER if ended else Standing.HOLDS if counts else Standing.BROKEN
        until = day_of(one.closed_at) if ended and one.closed_at is not None else None
        holder = Holder(one.holder, one.role, None, day_of(one.accepted_at or one.offered_at), until, one.id)
        self._add(Knot(name, Place.MANAGER, standing, holder, domain=one.domain))
        above = self._above(one)
        if above is not None:
            self._join(above, name, Tie.CLAIMED if one.by == one.holder else Tie.APPOINTED)
            if self.knots[above].place is Place.MANAGER:
                self.knots[name] = replace(self.knots[name], above=above)
        return name

    def _above(self, one: Appointment) -> str | None:
        """The knot of whoever appointed, in the office next above; who claims is their own maker."""
        if one.role is Role.MAIN_ACCESS_MANAGER:
            functions = [each for each in self._functions if each.holder == one.by]
            return self._representative(max(functions, key=self._latest)) if functions else None
        above = [each for each in self._taken if each.holder == one.by and _ranks(each) < _ranks(one)]
        best = max(above, key=lambda each: (_counts(self.facts, each), _ranks(each)), default=None)
        return self._manager(best) if best else None

    def _latest(self, function: Function) -> tuple[bool, object]:
        return function.period.has(self.facts.today), function.period.first

    # --- people and what they hold ---------------------------------------------------------------------------

    def person(self, person: str, relation: WorkRelation | None, ways: Sequence[Way]) -> None:
        """A person with what they hold; the rights are drawn too."""
        name = f"p:{person}"
        against = _about(Place.USER, (one for way in ways for one in way.complaints))
        linked = relation is not None and relation.period.has(self.facts.today)
        gone = not linked and not any(_holds(way) for way in ways)
        standing = Standing.BROKEN if against or gone else Standing.HOLDS
        self._add(Knot(name, Place.USER, standing, Holder(person), against, relation, tuple(ways)))
        if relation is not None:
            self._join(self.maker(relation.by), name, Tie.LINKED, not linked)
        for way in ways:
            if way.grant is not None:
                self._join(self.maker(way.grant.by), name, Tie.GRANTED, not _holds(way))
        self._hold(name, ways)

    def group(self, name: str, count: int, ways: Sequence[Way], makers: Iterable[str]) -> None:
        """People who are alike, in one box that can be opened."""
        against = _about(Place.USER, (one for way in ways for one in way.complaints))
        standing = Standing.BROKEN if against else Standing.HOLDS
        self._add(Knot(f"g:{name}", Place.USER, standing, None, against, ways=tuple(ways), count=count, group=name))
        for maker in makers:
            self._join(self.maker(maker), f"g:{name}", Tie.GRANTED, False)
        self._hold(f"g:{name}", ways)

    def _hold(self, name: str, ways: Sequence[Way]) -> None:
        for way in ways:
            self._join(name, self._right(way), Tie.HOLDS, not _holds(way))

    def _right(self, way: Way) -> str:
        name = f"r:{way.right}:{way.context}"
        if name not in self.knots:
            found = [one for one in way.complaints if one.rule in PER_RIGHT]
            against = (*found, *_about(Place.CONTEXT, way.complaints))
            standing = Standing.BROKEN if against else Standing.HOLDS
            knot = Knot(name, Place.CONTEXT, standing, None, against, right=way.right, context=way.context)
            self._add(knot)
        return name

    # --- knots and threads -----------------------------------------------------------------------------------

    def _add(self, knot: Knot) -> str:
        self.knots.setdefault(knot.id, knot)
        return knot.id

    def _join(self, start: str, end: str, tie: Tie, broken: bool = False) -> None:
        if start not in self.knots or end not in self.knots or start == end:
            return
        ties, was = self.joined.setdefault((start, end), (set(), broken))
        ties.add(tie)
        self.joined[start, end] = ties, was and broken

    def _of(self, place: Place) -> list[Knot]:
        return [knot for knot in self.knots.values() if knot.place is place]

    @property
    def _functions(self) -> Sequence[Function]:
        held = self.facts.register.functions if self.facts.register else ()
        return [one for one in held if one.code in REPRESENTING and one.holder is not None]

    @property
    def _taken(self) -> Sequence[Appointment]:
        """The appointments that were accepted by the moment, the oldest first."""
        taken = [one for one in self.facts.appointments if one.accepted_at is not None]
        taken = [one for one in taken if one.accepted_at is not None and one.accepted_at <= self.facts.at]
        return sorted(taken, key=lambda one: (FIRST.index(one.role), one.offered_at, one.id))


REGISTER = "register"
"""The name of the knot of the enterprise."""


def _counts(facts: Facts, one: Appointment) -> bool:
    """Whether an appointment is active and counts, for facts that hold the work relations of all administrators."""
    linked = one.role is not Role.LOCAL_ADMINISTRATOR or is_linked_today(facts, one.holder)
    return linked and in_office(facts, one)


def _ranks(one: Appointment) -> int:
    return FIRST.index(one.role)


def _holds(way: Way) -> bool:
    """Whether the grant itself holds, whatever else is broken."""
    return not _about(Place.GRANT, way.complaints)


def _about(place: Place, found: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """What is said against a link, each once."""
    return tuple(dict.fromkeys(one for one in found if PLACES.get(one.rule, Place.GRANT) is place))
