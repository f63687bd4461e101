"""Decisions about entering an enterprise's secure areas, many at once, each with its chain and what made the links.

Everything is decided by the catalogue, from the facts of a moment as known at a size of the history. Whether
somebody may ask is decided before; nothing here decides that.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from accessmgr.core.actions import Action, Ask
from accessmgr.core.chain import Chain, Link, Place, build
from accessmgr.core.decide import Decision, decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, ContextKind, Function, Grant, Person, WorkRelation
from accessmgr.core.rules import ABOUT
from accessmgr.usecases.lists import Lists
from accessmgr.usecases.traces import Kind, Thing
from accessmgr.usecases.world import Look, World

Way = tuple[str, str, str]
"""A person, a right and a context: what a decision about entering one enterprise is about."""


@dataclass(frozen=True, slots=True)
class Step:
    """A link of a chain, with the things that make it hold and the entries that made those, oldest first."""

    link: Link
    things: tuple[Thing, ...]
    entries: tuple[int, ...]

    @property
    def place(self) -> Place:
        """Which link it is."""
        return self.link.place


@dataclass(frozen=True, slots=True)
class Entrance:
    """A decision about entering, and the chain behind it, each link with the entries that made it.

    `grant` is the grant that opens the door, or the one that came nearest; None if there never was one.
    """

    person: str
    right: str
    context: str
    decision: Decision
    grant: Grant | None
    chain: Chain
    steps: tuple[Step, ...]

    @property
    def way(self) -> Way:
        """What the decision is about."""
        return self.person, self.right, self.context

    @property
    def allowed(self) -> bool:
        """Whether the person could enter."""
        return self.decision.allowed

    @property
    def things(self) -> frozenset[Thing]:
        """Everything that the chain rests on."""
        return frozenset(thing for step in self.steps for thing in step.things)

    @property
    def entries(self) -> tuple[int, ...]:
        """The entries that made the chain, oldest first."""
        return tuple(sorted({entry for step in self.steps for entry in step.entries}))


class Entering:
    """Decisions about entering one enterprise, all for one moment and as known at one size of the history.

    What does not differ from person to person is read once, so that any number of decisions takes a few queries.
    Each decision is as if the person signed in with a digital key that is strong enough for the right.

    :param size: the history size whose knowledge counts; None is all that is known now
    :param people: whose entering is asked about; None is everybody's
    :param most: of everybody's grants, only so many are read: those that last longest
    """

    def __init__(
        self,
        world: World,
        look: Look,
        enterprise: str,
        on: datetime,
        size: int | None = None,
        *,
        people: Collection[str] | None = None,
        most: int | None = None,
    ) -> None:
        self.look = look
        self.enterprise = enterprise
        self.on = on
        self.size = size
        self.people = people
        self.most = most
        self.lists = look.lists_at(size)
        self.policy = world.policy if size is None else look.policy_at(size)
        self._common: dict[str, Facts] = {}

    @cached_property
    def grants(self) -> Sequence[Grant]:
        """Every grant of the enterprise that counts, past ones too."""
        if self.people is not None:
            return self.lists.grants_among(self.enterprise, self.people) if self.people else ()
        return self.lists.grants(enterprise=self.enterprise, limit=self.most)

    @cached_property
    def ways(self) -> Sequence[Way]:
        """Everything that was ever granted, each once, in one order."""
        named = {(grant.holder, grant.right, context) for grant in self.grants for context in grant.contexts}
        return sorted(way for way in named if way[0] in self._people and way[1] in self.policy.rights)

    def facts(self, way: Way) -> Facts:
        """The facts of one of the `ways`."""
        person, right, context = way
        common = self._common_facts(person, right)
        return replace(
            common,
            ask=replace(common.ask, actor=person, contexts=(context,)),
            actor=self._people[person],
            work_relations=tuple(self._relations[person]),
            grants=tuple(self._held[person, right]),
        )

    def decision(self, way: Way) -> Decision:
        """What is decided about one of the `ways`."""
        return decide(self.facts(way), ABOUT[Action.ENTER_SECURE_AREA])

    def entrances(self, ways: Iterable[Way]) -> list[Entrance]:
        """The decisions about some of the `ways`, with their chains."""
        bare = [self._entrance(way) for way in ways]
        made = self.lists.changes(thing for entrance in bare for thing in entrance.things)
        return [
            replace(entrance, steps=tuple(replace(step, entries=_entries(step, made)) for step in entrance.steps))
            for entrance in bare
        ]

    def _entrance(self, way: Way) -> Entrance:
        facts = self.facts(way)
        decision = decide(facts, ABOUT[Action.ENTER_SECURE_AREA])
        chain = build(decision, facts, self._appointments, self._functions)
        grants = {grant.id: grant for grant in facts.grants}
        named = next(link.thing for link in chain.links if link.place is Place.GRANT)
        steps = tuple(Step(link, tuple(_things(link, facts)), ()) for link in chain.links)
        return Entrance(*way, decision, grants.get(named or ""), chain, steps)

    # --- what is read once --------------------------------------------------------------------------------

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        return self.lists.people(grant.holder for grant in self.grants)

    @cached_property
    def _held(self) -> Mapping[tuple[str, str], list[Grant]]:
        held: dict[tuple[str, str], list[Grant]] = defaultdict(list)
        for grant in self.grants:
            held[grant.holder, grant.right].append(grant)
        return held

    @cached_property
    def _relations(self) -> Mapping[str, list[WorkRelation]]:
        relations: dict[str, list[WorkRelation]] = defaultdict(list)
        for relation in self._read_relations():
            relations[relation.person].append(relation)
        return relations

    def _read_relations(self) -> Sequence[WorkRelation]:
        if self.people is None and self.most is None:
            return self.lists.work_relations(enterprise=self.enterprise)
        return self.lists.relations_among(self.enterprise, self._people)

    @cached_property
    def _appointments(self) -> Sequence[Appointment]:
        return self.lists.appointments(enterprise=self.enterprise)

    @cached_property
    def _functions(self) -> Sequence[Function]:
        return self.lists.functions_in([self.enterprise])[self.enterprise] or ()

    def _common_facts(self, person: str, right: str) -> Facts:
        """The facts that all decisions about a right have in common, read for any one of its holders."""
        if right not in self._common:
            contexts = sorted({context for holder, code, context in self.ways if code == right})
            ask = Ask(
                action=Action.ENTER_SECURE_AREA,
                actor=person,
                level=self.policy.rights[right].level,
                enterprise=self.enterprise,
                right=right,
                contexts=tuple(contexts),
            )
            self._common[right] = self.look.facts(ask, self.on, self.size)
        return self._common[right]


OF_HOLDERS: Mapping[Place, Kind] = {Place.REPRESENTATIVE: Kind.FUNCTION, Place.MANAGER: Kind.APPOINTMENT}
"""The kinds of what makes people hold a link."""

OF_LINKS: Mapping[Place, Kind] = {
    Place.REGISTER: Kind.ENTERPRISE,
    Place.USER: Kind.WORK_RELATION,
    Place.GRANT: Kind.GRANT,
}
"""The kinds of what makes the other links hold; that of the context goes by the right."""


def _things(link: Link, facts: Facts) -> Iterable[Thing]:
    """The things that make a link hold."""
    kind = OF_HOLDERS.get(link.place)
    if kind is not None:
        yield from (Thing(kind, holder.source) for holder in link.holders if holder.source is not None)
    elif link.thing is not None:
        yield Thing(OF_LINKS.get(link.place) or _kind_of_context(facts), link.thing)
    if link.place is Place.REGISTER and facts.right is not None and facts.right.needs_recognition:
        known = facts.register.recognitions if facts.register else ()
        yield from (Thing(Kind.RECOGNITION, recognition.number) for recognition in known)
    if link.place is Place.USER and facts.actor.deceased is not None:
        yield Thing(Kind.DEATH, facts.actor.id)


def steps_of(links: Iterable[Link], facts: Facts, lists: Lists) -> tuple[Step, ...]:
    """The links of a decision's chain, each with the things that make it hold and the entries that made those."""
    bare = [Step(link, tuple(_things(link, facts)), ()) for link in links]
    made = lists.changes(thing for step in bare for thing in step.things)
    return tuple(replace(step, entries=_entries(step, made)) for step in bare)


def _kind_of_context(facts: Facts) -> Kind:
    by_establishment = facts.right is not None and facts.right.context_kind is ContextKind.ESTABLISHMENT
    return Kind.ESTABLISHMENT if by_establishment else Kind.RECOGNITION


def _entries(step: Step, made: Mapping[Thing, Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted({entry for thing in step.things for entry in made[thing]}))
