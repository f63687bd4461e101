"""Answers to questions, any number of them within one look, so that all are about one state."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from accessmgr.authzen.point import DecisionPoint
from accessmgr.authzen.questions import NATIONAL_NUMBER, Circumstances, Question, Subject
from accessmgr.calls.answers import explained
from accessmgr.calls.problems import Problem
from accessmgr.core.actions import FINDS_PERSON, Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Key
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber, NationalNumber
from accessmgr.core.rules import ABOUT
from accessmgr.usecases.decision_log import Asked, Basis, basis_of, line_of
from accessmgr.usecases.means import keys_named
from accessmgr.usecases.perform import Done, Identity, consider_in
from accessmgr.usecases.relying_parties import Client
from accessmgr.usecases.world import Look, Policy, Unknown

AS_THEY_ARE = (
    *("employee", "replaces", "domain", "without_successor", "user_type", "right", "application"),
    *("appointment", "relation", "grant", "request"),
)
"""The arguments that a question of the engine has under the same name, as they are given."""

_OPAQUE = re.compile(r"[0-9a-f]{32}")
"""What ids of people look like (`usecases.perform.new_id`); no persona has such a name."""


class Deciding:
    """Decisions within one look, for one client; `lines` are for the log once the look is closed."""

    def __init__(self, point: DecisionPoint, look: Look, client: Client) -> None:
        self.point = point
        self.look = look
        self.client = client
        self.lines: list[Asked] = []
        self._bases: dict[tuple[str | None, int | None], Basis] = {}

    def answer(self, question: Question) -> dict[str, Any]:
        """The answer to a question, as JSON; one about something unknown is refused.

        :raise Problem: 403 the client may not ask so, 503 the state asked for is not reached
        """
        self.check_type(question.resource_type)
        self.check_reached(question.circumstances)
        try:
            done, line = self.decide(question)
        except Unknown:
            return {"decision": False, "context": {"because": [], "token": str(self.look.size())}}
        self.lines.append(line)
        return {"decision": done.decision.allowed, "context": self._explained(done, line, question.circumstances)}

    def _explained(self, done: Done, line: Asked, when: Circumstances) -> dict[str, Any]:
        return explained(
            done,
            self.look,
            full=self.client.reasons,
            link=self.point.link,
            basis=line.basis,
            known=self.size_at(when.known_at),
        )

    def check_type(self, resource_type: str) -> None:
        """:raise Problem: 403 the client may not ask about things of that type"""
        if not self.client.may_ask_of(resource_type):
            raise Problem(403, f"the client may not ask about a resource of type `{resource_type}`")

    def check_reached(self, circumstances: Circumstances) -> None:
        """:raise Problem: 503 the history is not so long yet"""
        if circumstances.at_least and self.look.size() < circumstances.at_least:
            raise Problem(503, "the state asked for is not reached", headers={"Retry-After": "1"})

    def decide(self, question: Question) -> tuple[Done, Asked]:
        """What is decided, with its line for the log.

        :raise Unknown: something in the question does not exist, was not known then, or is not for the client
        """
        done = self._done(question)
        return done, self._line(done, question.circumstances)

    def would_allow(self, question: Question, facts: Facts | None = None) -> bool:
        """Whether a question is decided so that it may be done; then that goes to the log, for it is told.

        :param facts: those of the question, if they were read already
        """
        try:
            done = self._done(question) if facts is None else self._of_facts(facts)
        except Unknown:
            return False
        if done.decision.allowed:
            self.lines.append(self._line(done, question.circumstances))
        return done.decision.allowed

    def _done(self, question: Question) -> Done:
        """:raise Unknown: something in the question does not exist, was not known then, or is not for the client"""
        when = question.circumstances
        ask, identity = self.ask(question)
        done = consider_in(self.point.world, self.look, ask, identity=identity, on=when.on, known_at=when.known_at)
        if not self.client.may_ask_in(done.facts.enterprise):
            raise Unknown("enterprise")
        return done

    def _of_facts(self, facts: Facts) -> Done:
        """:raise Unknown: it is not for the client"""
        if not self.client.may_ask_in(facts.enterprise):
            raise Unknown("enterprise")
        return Done(decide(facts, ABOUT[facts.ask.action]), facts, tied=True)

    def _line(self, done: Done, when: Circumstances) -> Asked:
        """What the log keeps of a decision; what decisions have in common is read once."""
        known = self.size_at(when.known_at)
        is_entering = done.decision.action is Action.ENTER_SECURE_AREA
        shared = (done.facts.enterprise if is_entering else None, known)
        if shared not in self._bases:
            self._bases[shared] = basis_of(self.look, done, known)
        basis = self._bases[shared]
        if not is_entering:
            basis = replace(basis, appointments=done.facts.appointments)
        return line_of(self.point.world, done, basis, on=when.on, known=known, client=self.client.id)

    def size_at(self, moment: datetime | None) -> int | None:
        """The size of the history at a moment; None if none is asked about."""
        return None if moment is None else self.look.size_at(moment)

    def ask(self, question: Question) -> tuple[Ask, Identity | None]:
        """The question as the engine takes it, and by what its person is found, if by anything.

        :raise Unknown: something in it cannot exist
        """
        action, given, when = question.action, question.given, question.circumstances
        refuse_impossible(given)
        first, last = given.get("since", given.get("begin")), given.get("until", given.get("end"))
        person = given.get("about", given.get("person"))
        ask = Ask(
            action=action,
            actor=self.actor(question.subject),
            level=when.level,
            key=when.key,
            enterprise=self.enterprise(given.get("enterprise")),
            person=None if person is None else self.person(person),
            contexts=_contexts(given),
            period=Period(first, last) if first is not None else None,
            last_day=given.get("last_day", last if "grant" in given else None),
            reason=bool(given.get("reason", "").strip()),
            purpose=bool(given.get("purpose", "").strip()),
            acr_values=_keys(given.get("acr_values", ())),
            **{name: given[name] for name in AS_THEY_ARE if name in given},
        )
        return ask, self._identity(action, ask, given)

    def actor(self, subject: Subject) -> str:
        """The id of who would act.

        :raise Unknown: nobody is known by that
        :raise Problem: 403 the client may not name people so
        """
        refuse_impossible({"id": subject.id})
        if subject.type != NATIONAL_NUMBER:
            return self.person(subject.id)
        self._need_numbers()
        try:
            found = self.look.person_with(NationalNumber.parse(subject.id))
        except InvalidNumber as wrong:
            raise Unknown("person") from wrong
        if found is None:
            raise Unknown("person")
        return found

    def person(self, id_: str) -> str:
        """The id of a person who may be given by short name in simulation."""
        is_short = self.point.simulation and not _OPAQUE.fullmatch(id_)
        return self._personas.get(id_, id_) if is_short else id_

    @staticmethod
    def enterprise(number: str | None) -> str | None:
        """The ten digits of an enterprise number.

        :raise Unknown: no enterprise can have that number
        """
        if number is None:
            return None
        try:
            return EnterpriseNumber.parse(number).digits
        except InvalidNumber as wrong:
            raise Unknown("enterprise") from wrong

    def policy(self, size: int | None) -> Policy:
        """The policy as known at a size of the history (None: now)."""
        return self.point.world.policy if size is None else self.look.policy_at(size)

    def context(self, right: str, value: str, size: int | None) -> str:
        """A context of a right as it is kept."""
        known = self.policy(size).rights.get(right)
        return value if known is None else known.context(value)

    @cached_property
    def _personas(self) -> Mapping[str, str]:
        return self.look.lists.personas()

    def _identity(self, action: Action, ask: Ask, given: Mapping[str, Any]) -> Identity | None:
        """The number and names to find a person by, where they are given: else it is the person of that id."""
        if action not in FINDS_PERSON or not {"number", "name"} & set(given):
            return None
        self._need_numbers()
        named = self.look.lists.names([ask.person]).get(ask.person or "")
        if named is None:
            raise Unknown("person")
        names = given.get("name", (named.given, named.family))
        try:
            own = self.look.number_of(named.id)
            return Identity(NationalNumber.parse(given["number"]) if "number" in given else own, names)
        except InvalidNumber:
            return Identity(None, names)

    def _need_numbers(self) -> None:
        if not self.client.rrn:
            raise Problem(403, "the client is not registered for national numbers")


def refuse_impossible(given: Mapping[str, Any]) -> None:
    """:raise Unknown: a text holds a character that no id or context has, and no database takes"""
    values = (value for value in given.values() if isinstance(value, str | tuple))
    if any("\0" in part for value in values for part in ((value,) if isinstance(value, str) else value)):
        raise Unknown("text")


def _contexts(given: Mapping[str, Any]) -> tuple[str, ...]:
    context = given.get("context", "")
    return (context,) if context.strip() else tuple(given.get("contexts", ()))


def _keys(named: tuple[str, ...]) -> frozenset[Key]:
    """Digital keys, by their words or URNs.

    :raise Unknown: there is none such; to leave it out would ask for less
    """
    keys = {name: {Key(name)} if name in set(Key) else keys_named([name]) for name in named}
    if not all(keys.values()):
        raise Unknown("key")
    return frozenset[Key]().union(*keys.values())
