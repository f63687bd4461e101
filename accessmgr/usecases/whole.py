"""The chain of a whole enterprise on a day: everybody in it, or groups of people who are alike if they are many.

Every way in is decided by the catalogue: each one's own, or that of one person for everybody in the group. The groups
are made so that all who are in one differ in nothing that such a decision looks at.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from accessmgr.core.actions import Action, Ask
from accessmgr.core.chain import complaints, grant_in_question
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, ContextKind, Grant, Person, Role, WorkRelation
from accessmgr.core.rules import ABOUT
from accessmgr.core.whole import Way, Weaving, Whole
from accessmgr.usecases.drawn import Group, Span
from accessmgr.usecases.lists import PAGE, Lists
from accessmgr.usecases.world import Look, Policy, World

MOST_PEOPLE = 40
"""With more people than that, groups are drawn."""

Thing = TypeVar("Thing", Grant, WorkRelation)


@dataclass(frozen=True, slots=True)
class Page:
    """A drawing, or a page of it. `grouped` tells whether it shows groups, and not people one by one.

    `after` is where the next page begins, None on the last one.
    """

    whole: Whole
    grouped: bool
    after: str | None = None


def drawn(
    world: World,
    look: Look,
    enterprise: str,
    on: datetime,
    size: int | None = None,
    *,
    group: Group | None = None,
    after: str | None = None,
    most: int = MOST_PEOPLE,
) -> Page:
    """The chain of an enterprise at a moment, as known at a size of the history (None: all that is known now).

    :param group: draw the people of one group, fifty a page
    :param after: the last person, or group, of the page before
    :param most: with more people than that, groups are drawn
    """
    policy = world.policy if size is None else look.policy_at(size)
    drawing = _Drawing(look.lists_at(size), policy, enterprise, Span(on))
    if group is not None:
        return drawing.of_group(group, after)
    people = drawing.lists.people_around(enterprise, drawing.span, most + 1)
    return drawing.of_groups(after) if len(people) > most else drawing.of_people(people)


@dataclass
class _Drawing:
    """What is read for one drawing, each thing once."""

    lists: Lists
    policy: Policy
    enterprise: str
    span: Span

    def of_people(self, people: Sequence[str], group: Group | None = None) -> Page:
        """People one by one; of a group only the right and the context that make it."""
        grants = [one for one in self.lists.grants_among(self.enterprise, people) if one.right in self.policy.rights]
        relations = self._relations(people)
        known = self.lists.people({*people, *(grant.holder for grant in grants)})
        weaving = self._weaving(grants, relations)
        of_person = _by(grants, lambda grant: grant.holder)
        links = _by(relations, lambda relation: relation.person)
        for person in people:
            if person not in known:
                continue
            ways = self._ways(weaving.facts, known[person], of_person[person], links[person], group)
            weaving.person(person, self._relation(links[person]), ways)
        return Page(_finished(weaving), grouped=False)

    def of_group(self, group: Group, after: str | None) -> Page:
        """A page of the people of a group."""
        found = self.lists.people_in_group(self.enterprise, self.span, group, after, PAGE + 1)
        page = self.of_people(found[:PAGE], group)
        return replace(page, after=found[PAGE - 1] if len(found) > PAGE else None)

    def of_groups(self, after: str | None) -> Page:
        """A page of the groups, each with what is decided about one of its people."""
        found = self.lists.groups_around(self.enterprise, self.span)
        every = [one for one in found if one[0].right is None or one[0].right in self.policy.rights]
        begin = next((place + 1 for place, (group, _, _) in enumerate(every) if group.name == after), 0)
        shown = every[begin : begin + PAGE]
        samples = sorted({person for _, _, person in shown})
        grants = [one for one in self.lists.grants_among(self.enterprise, samples) if one.right in self.policy.rights]
        relations, known = self._relations(samples), self.lists.people(samples)
        weaving = self._weaving(grants, relations)
        of_person, links = _by(grants, lambda grant: grant.holder), _by(relations, lambda relation: relation.person)
        makers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for made in self.lists.makers_of_groups(self.enterprise, self.span):
            makers[made.right, made.context].append(made.by)
        for group, count, person in shown:
            ways = self._ways(weaving.facts, known[person], of_person[person], links[person], group)
            by = makers[group.right or "", group.context] if group.granted else ()
            weaving.group(group.name, count, ways, by)
        more = len(every) > begin + PAGE
        return Page(_finished(weaving), grouped=True, after=shown[-1][0].name if more and shown else None)

    # --- what decisions rest on ------------------------------------------------------------------------------

    def _weaving(self, grants: Sequence[Grant], relations: Sequence[WorkRelation]) -> Weaving:
        of_units = {one for one in self.policy.rights.values() if one.context_kind is ContextKind.ESTABLISHMENT}
        codes = {right.code for right in of_units}
        units = {context for grant in grants if grant.right in codes for context in grant.contexts}
        register, group = self.lists.register(self.enterprise, units)
        ask = Ask(action=Action.ENTER_SECURE_AREA, actor="", enterprise=self.enterprise)
        facts = Facts(
            ask=ask,
            at=self.span.at,
            actor=Person(""),
            register=register,
            target_group=group,
            appointments=tuple(self._appointments),
            work_relations=tuple(relations),
            four_eyes=self.policy.four_eyes,
        )
        weaving = Weaving(facts)
        weaving.begin()
        return weaving

    def _ways(
        self,
        common: Facts,
        person: Person,
        grants: Sequence[Grant],
        relations: Sequence[WorkRelation],
        group: Group | None,
    ) -> list[Way]:
        """What a person holds around the day, each decided as if they signed in with a key that is strong enough."""
        near = {(grant.right, context) for grant in grants if self._is_near(grant) for context in grant.contexts}
        if group is not None:
            near &= {(group.right or "", group.context)}
        ways = []
        for code, context in sorted(near):
            right = self.policy.rights[code]
            held = tuple(grant for grant in grants if grant.right == code)
            facts = replace(
                common,
                ask=replace(common.ask, actor=person.id, level=right.level, right=code, contexts=(context,)),
                actor=person,
                right=right,
                appointments=(),
                work_relations=tuple(relations),
                grants=held,
            )
            grant = grant_in_question(facts)
            decision = decide(facts, ABOUT[Action.ENTER_SECURE_AREA])
            ways.append(Way(code, context, tuple(complaints(decision, facts, grant)), grant))
        return ways

    def _is_near(self, grant: Grant) -> bool:
        """Whether a grant is looked at: as the query does for groups."""
        span, last = self.span, grant.period.last
        if grant.revoked_at is not None and grant.revoked_at <= span.since_moment:
            return False
        return grant.period.first <= span.until and (last is None or last >= span.since)

    def _relation(self, relations: Iterable[WorkRelation]) -> WorkRelation | None:
        """The one of the day, else the one that ended last."""
        day = self.span.day
        ranked = ((one.period.has(day), one.period.first <= day, one.period.first, one) for one in relations)
        return max(ranked, key=lambda each: each[:3], default=(False, False, day, None))[3]

    def _relations(self, people: Iterable[str]) -> Sequence[WorkRelation]:
        """The work relations of people, and of the local administrators, whose role counts only with one."""
        administrators = {one.holder for one in self._appointments if one.role is Role.LOCAL_ADMINISTRATOR}
        return self.lists.relations_among(self.enterprise, {*people, *administrators})

    @cached_property
    def _appointments(self) -> Sequence[Appointment]:
        return self.lists.appointments(enterprise=self.enterprise)


def _finished(weaving: Weaving) -> Whole:
    weaving.finish()
    return weaving.whole()


def _by(things: Iterable[Thing], of: Callable[[Thing], str]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        found[of(thing)].append(thing)
    return found
