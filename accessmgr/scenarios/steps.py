"""The steps of a scenario file, read and checked against its world."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.arguments import ARGUMENTS
from accessmgr.core.model import Domain, FunctionCode, Key, UserType
from accessmgr.scenarios.document import Change, ClockStep, DecidingStep, GivenWorld, RegisterStep, Step
from accessmgr.scenarios.fields import Convert, Fields, boolean, day, list_of, moment, text, word, words
from accessmgr.scenarios.given import establishment_number, holder, one_of, period, person_names, recognition_number
from accessmgr.scenarios.nodes import Entries, Items, Mistake, Node, Scalar

KINDS = ("do", "ask", "at", "advance", "register")
FRAME = "as key id expect because"

CHANGES: Mapping[Change, tuple[str, str]] = {
    Change.START_FUNCTION: ("enterprise code since", "until person held_by permanent_representative"),
    Change.END_FUNCTION: ("enterprise person code until", ""),
    Change.CLOSE_ENTERPRISE: ("enterprise until", ""),
    Change.END_RECOGNITION: ("number until", ""),
    Change.SUSPEND_RECOGNITION: ("number since", "until"),
    Change.CLOSE_ESTABLISHMENT: ("number until", ""),
    Change.MOVE_ESTABLISHMENT: ("number to since", ""),
    Change.RECORD_DEATH: ("person on", ""),
    Change.NO_ANSWER: ("enterprise", ""),
    Change.ANSWERS: ("enterprise", ""),
}
"""What every change of the register needs, and what it takes besides."""

MAKES: Mapping[Action, str] = {
    **dict.fromkeys(APPOINTS, "appointment"),
    Action.LINK_PERSON: "relation",
    Action.GRANT_RIGHT: "grant",
    Action.APPROVE_REQUEST: "grant",
    Action.REQUEST_RIGHT: "request",
}
"""What the steps make that can have an `id`."""


class Expectation(StrEnum):
    """What a step can expect."""

    ALLOWED = "allowed"
    REFUSED = "refused"


class StepReader:
    """Reads the steps of one file in their order, with the clock as it goes."""

    def __init__(self, world: GivenWorld, at: datetime) -> None:
        self._now = at
        self._arguments = _converters(world)
        self._numbers = {
            "recognition": {one.number for enterprise in world.enterprises.values() for one in enterprise.recognitions},
            "establishment": {
                one.number for enterprise in world.enterprises.values() for one in enterprise.establishments
            },
        }

    def read(self, node: Node, _what: str) -> Step:
        """One step.

        :raise Mistake: something in it is wrong
        """
        entries = node.entries if isinstance(node, Entries) else {}
        kinds = [kind for kind in KINDS if kind in entries]
        if len(kinds) != 1:
            raise Mistake(node.line, "a step has exactly one of `do`, `ask`, `at`, `advance` and `register`")
        kind = kinds[0]
        if kind in ("at", "advance"):
            return self._clock(Fields(node, "a step of the clock", kind, "id"), kind)
        value = entries[kind][1]
        if kind == "register":
            return self._register(node, word(Change)(value, kind))
        return self._deciding(node, word(Action)(value, kind), kind)

    def _clock(self, fields: Fields, kind: str) -> ClockStep:
        fields.take("id", words, None)
        if kind == "at":
            to = fields.take("at", moment)
        else:
            try:
                to = self._now + fields.take("advance", _span)
            except OverflowError:
                raise Mistake(fields.line_of("advance"), "`advance` goes beyond the calendar") from None
        if to < self._now:
            raise Mistake(fields.line_of(kind), "the clock does not go backwards")
        self._now = to
        return ClockStep(fields.line, kind, to)

    def _register(self, node: Node, change: Change) -> RegisterStep:
        needed, optional = CHANGES[change]
        fields = Fields(node, f"`{change}`", f"register {needed}", f"id {optional}")
        fields.take("id", words, None)
        arguments = self._taken(fields, f"{needed} {optional}".replace("number", ""))
        if change is Change.START_FUNCTION:
            arguments["person"] = arguments.get(holder(fields, "held_by", "`start_function`"))
        for kind, convert in (("recognition", recognition_number), ("establishment", establishment_number)):
            if kind in change:
                arguments["number"] = fields.take("number", convert)
                if arguments["number"] not in self._numbers[kind]:
                    raise Mistake(fields.line_of("number"), f"`number`: the file has no such {kind}")
        return RegisterStep(fields.line, change, arguments)

    def _deciding(self, node: Node, action: Action, kind: str) -> DecidingStep:
        needed, optional = ARGUMENTS[action]
        moments = "on known_at" if kind == "ask" else ""
        fields = Fields(node, f"`{action}`", f"{kind} as key {needed}", f"id expect because {optional} {moments}")
        return DecidingStep(
            line=fields.line,
            action=action,
            actor=fields.take("as", self._arguments["person"]),
            key=fields.take("key", word(Key)),
            arguments=self._taken(fields, f"{needed} {optional}"),
            id=fields.take("id", words, None),
            expected=fields.take("expect", word(Expectation), Expectation.ALLOWED) is Expectation.ALLOWED,
            because=fields.take("because", list_of(text), None),
            asks=kind == "ask",
            on=fields.take("on", moment, None) if moments else None,
            known_at=fields.take("known_at", moment, None) if moments else None,
        )

    def _taken(self, fields: Fields, names: str) -> dict[str, Any]:
        """The arguments that are given, by name; `period` for the two days of one."""
        taken = {name: fields.take(name, self._arguments[name]) for name in names.split() if name in fields}
        for first, last in (("since", "until"), ("begin", "end")):
            if first in taken:
                taken["period"] = period(fields, first, last)
        return taken


def _converters(world: GivenWorld) -> dict[str, Convert[Any]]:
    """How every argument is read."""
    person, enterprise = one_of(world.persons), one_of(world.enterprises)
    days = dict.fromkeys(("since", "until", "begin", "end", "last_day", "on"), day)
    switches = dict.fromkeys(("employee", "replaces", "without_successor"), boolean)
    ids = dict.fromkeys(("appointment", "relation", "grant", "request"), words)
    return {
        **dict.fromkeys(("person", "about", "permanent_representative"), person),
        **dict.fromkeys(("enterprise", "held_by", "to"), enterprise),
        **dict.fromkeys(("reason", "purpose", "context"), _unless_blank),
        **days,
        **switches,
        **ids,
        "right": one_of(world.rights),
        "domain": word(Domain),
        "user_type": word(UserType),
        "code": word(FunctionCode),
        "contexts": _contexts,
        "number": text,
        "name": person_names,
        "application": text,
        "acr_values": list_of(word(Key)),
    }


def _unless_blank(node: Node, what: str) -> str | None:
    return text(node, what) if text(node, what).strip() else None


def _contexts(node: Node, what: str) -> tuple[str, ...]:
    """Contexts; a blank in the list stays, and belongs to no enterprise."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and not node.value.strip():
        return ()
    if not isinstance(node, Items):
        raise Mistake(node.line, f"`{what}` must be a list")
    return list_of(text)(node, what)


def _span(node: Node, what: str) -> timedelta:
    value = text(node, what)
    amount, unit = value[:-1], value[-1:]
    if not (amount.isascii() and amount.isdecimal() and len(amount) < 10 and unit in ("d", "h")):
        raise Mistake(node.line, f"`{what}` must be a number of days or hours, such as `30d` or `12h`")
    return timedelta(hours=int(amount) * (24 if unit == "d" else 1))
