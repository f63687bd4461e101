"""Who and what a search goes through: never fewer than those for whom a rule could hold, in one order.

Nothing here decides: each candidate is decided by the one engine, and only then told.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from accessmgr.authzen.deciding import Deciding, refuse_impossible
from accessmgr.authzen.pages import Place
from accessmgr.authzen.questions import PERSON, Question, Subject
from accessmgr.authzen.reading import malformed
from accessmgr.core.actions import Action
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, Grant, Request, WorkRelation
from accessmgr.usecases.entering import Entering
from accessmgr.usecases.lists import Lists

BATCH = 100
"""How many people or enterprises are read at once."""

ANYBODY = frozenset({Action.SIGN_IN, Action.REQUEST_RIGHT})
"""Actions that people may do who are nothing in the enterprise."""

OF_AUDITORS = frozenset({Action.READ_HISTORY, Action.EXPORT_HISTORY, Action.REVEAL_NUMBER})
"""Actions that auditors may do in every enterprise, and others about themselves."""

AMONG_COLLEAGUES = frozenset({Action.GRANT_RIGHT, Action.APPOINT_LOCAL_ADMINISTRATOR})
"""Actions done to people who are linked to the enterprise. Who is not linked is found by number alone."""


@dataclass(frozen=True)
class Candidate:
    """Something that a search may find: its place in the order, how it is told, and the question that decides.

    `facts` are those of the question, where they were read for many candidates at once.
    """

    place: Place
    told: Mapping[str, Any]
    question: Question
    facts: Facts | None = None


class Candidates:
    """The candidates of a search, as known at the moment that its circumstances name."""

    def __init__(self, deciding: Deciding, question: Question) -> None:
        self.deciding = deciding
        self.question = question
        self.given = question.given
        self.size = deciding.size_at(question.circumstances.known_at)
        self.lists: Lists = deciding.look.lists_at(self.size)

    # --- subjects -----------------------------------------------------------------------------------------

    def subjects(self, after: Place) -> Iterator[Candidate]:
        """The people after a place who might do it.

        :raise Unknown: something in the question cannot exist
        """
        refuse_impossible(self.given)
        if self.question.action is Action.ENTER_SECURE_AREA:
            yield from self._holders(after)
            return
        for person in self._people(after[0] if after else ""):
            told = {"type": PERSON, "id": person}
            yield Candidate((person,), told, replace(self.question, subject=Subject(PERSON, person)))

    def _holders(self, after: Place) -> Iterator[Candidate]:
        """The people who were ever granted the right for the context, with the facts of each."""
        when, world = self.question.circumstances, self.deciding.point.world
        enterprise, right = self._enterprise() or "", self.given["right"]
        entering = Entering(world, self.deciding.look, enterprise, when.on or world.clock.now(), self.size)
        context = self.deciding.context(right, self.given.get("context", ""), self.size)
        for way in entering.ways:
            if (way[1], way[2]) == (right, context) and (way[0],) > after:
                facts = entering.facts(way)
                facts = replace(facts, ask=replace(facts.ask, level=when.level, key=when.key))
                told = {"type": PERSON, "id": way[0]}
                yield Candidate((way[0],), told, replace(self.question, subject=Subject(**told)), facts)

    def _people(self, after: str) -> Iterator[str]:
        action = self.question.action
        if action in ANYBODY:
            return _walk(self.lists.people_after, after)
        named = (self.given[name] for name in ("person", "about") if name in self.given)
        thing = self._thing()
        enterprise = thing.enterprise if thing is not None else self._enterprise()
        holders = self._office_holders(enterprise) if enterprise is not None else ()
        auditors = self.lists.auditors() if action in OF_AUDITORS else ()
        concerned = () if thing is None else (_whose(thing),)
        return _after({*map(self.deciding.person, named), *holders, *auditors, *concerned}, after)

    def _office_holders(self, enterprise: str) -> Iterator[str]:
        yield from (one.holder for one in self.lists.appointments(enterprise=enterprise))
        functions = self.lists.functions_in([enterprise])[enterprise] or ()
        yield from (one.holder for one in functions if one.holder is not None)

    def _thing(self) -> Appointment | WorkRelation | Grant | Request | None:
        reads: Mapping[str, Callable[..., list[Any]]] = {
            "appointment": self.lists.appointments,
            "relation": self.lists.work_relations,
            "grant": self.lists.grants,
            "request": self.lists.requests,
        }
        found = (one for name, read in reads.items() if name in self.given for one in read(id_=self.given[name]))
        return next(found, None)

    def _enterprise(self) -> str | None:
        return self.deciding.enterprise(self.given.get("enterprise"))

    # --- resources ----------------------------------------------------------------------------------------

    def resources(self, after: Place) -> Iterator[Candidate]:
        """The things after a place that the subject might do it to.

        :raise Problem: 400 such things are not searched for
        :raise Unknown: the subject is unknown, or something in the question cannot exist
        """
        refuse_impossible(self.given)
        actor = self.deciding.actor(self.question.subject)
        type_ = self.question.resource_type
        if type_ == "right":
            found = self._rights(actor, after)
        elif type_ == "enterprise":
            found = ({"enterprise": number} for number in self._enterprises(actor, after[0] if after else ""))
        elif type_ == "person":
            found = ({"person": person} for person in self._concerned(actor, after[0] if after else ""))
        elif type_ == "application":
            policy = self.deciding.policy(self.size)
            known = {right.application for right in policy.rights.values()} | set(policy.applications)
            found = ({"application": name} for name in sorted(known))
        else:
            found = ({type_: id_} for id_ in sorted(self._things(actor, type_)))
        for one in found:
            place = (one[type_], *(one[name] for name in ("enterprise", "context") if name in one and name != type_))
            if place > after:
                told = {"type": type_, "id": one[type_]}
                rest = {name: value for name, value in one.items() if name != type_}
                row = {**told, "properties": rest} if rest else told
                yield Candidate(place, row, replace(self.question, given={**self.given, **one}))

    def _rights(self, actor: str, after: Place) -> Iterable[Mapping[str, str]]:
        """Rights in an enterprise, and where they are used for a context, by right and enterprise."""
        wanted = self._enterprise()
        if self.question.action is Action.ENTER_SECURE_AREA:
            held = [one for one in self.lists.grants(holder=actor) if wanted in (None, one.enterprise)]
            ways = {(one.right, one.enterprise, context) for one in held for context in one.contexts}
            context = self.given.get("context", "")
            return (
                {"right": right, "enterprise": enterprise, "context": value}
                for right, enterprise, value in sorted(ways)
                if not context.strip() or value == self.deciding.context(right, context, self.size)
            )
        rights = sorted(self.deciding.policy(self.size).rights)
        return (
            {"right": right, "enterprise": enterprise}
            for right in rights
            if not after or right >= after[0]
            for enterprise in (
                [wanted] if wanted else self._enterprises(actor, after[1] if after and right == after[0] else "")
            )
        )

    def _enterprises(self, actor: str, after: str) -> Iterator[str]:
        action, about = self.question.action, self.given.get("about")
        is_own = about is not None and self.deciding.person(about) == actor
        everywhere = action in ANYBODY or (action in OF_AUDITORS and (is_own or actor in self.lists.auditors()))
        if everywhere:
            return _walk(self.lists.enterprises_after, after)
        return _after(self.lists.enterprises_of(actor), after)

    def _concerned(self, actor: str, after: str) -> Iterator[str]:
        action, enterprise = self.question.action, self._enterprise()
        if action is Action.REVEAL_NUMBER:
            return _walk(self.lists.people_after, after) if actor in self.lists.auditors() else _after([actor], after)
        if action not in AMONG_COLLEAGUES:
            raise malformed("/resource/type", f"people are not searched for to do `{action}`")
        return _after({one.person for one in self.lists.work_relations(enterprise=enterprise)}, after)

    def _things(self, actor: str, type_: str) -> Iterable[str]:
        """The things of the subject, and those of the enterprises in which they hold a function or role."""
        lists = self.lists
        reads: Mapping[str, tuple[Callable[..., list[Any]], str]] = {
            "appointment": (lists.appointments, "holder"),
            "relation": (lists.work_relations, "person"),
            "grant": (lists.grants, "holder"),
            "request": (lists.requests, "requester"),
        }
        read, whose = reads[type_]
        offices = {role.enterprise for role in lists.roles_of([actor])}
        offices |= {function.enterprise for function in lists.functions_of(actor)}
        found = chain(read(**{whose: actor}), *(read(enterprise=enterprise) for enterprise in sorted(offices)))
        return {one.id for one in found}


def _whose(thing: Any) -> str:
    """The person of a thing."""
    match thing:
        case WorkRelation():
            return thing.person
        case Request():
            return thing.requester
    return str(thing.holder)


def _after(ids: Collection[str], after: str) -> Iterator[str]:
    return (id_ for id_ in sorted(ids) if id_ > after)


def _walk(read: Callable[[str, int], list[str]], after: str) -> Iterator[str]:
    while batch := read(after, BATCH):
        yield from batch
        after = batch[-1]
