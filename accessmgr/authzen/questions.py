"""Questions as programs put them: may this subject do this action on this resource, in these circumstances?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accessmgr.authzen.reading import ARGUMENT, malformed, mapping, moment, needed, part, text, whole
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.actions import Action
from accessmgr.core.arguments import ARGUMENTS, THINGS
from accessmgr.core.model import Key
from accessmgr.usecases.means import keys_named

PERSON, NATIONAL_NUMBER = "person", "national_number"
"""The types of subjects: a person by id, or by national number."""

_SIZE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Subject:
    """Who would act; the id is not shown, as it may be a national number."""

    type: str
    id: str = ""

    def __repr__(self) -> str:
        return f"Subject({self.type})"


@dataclass(frozen=True)
class Circumstances:
    """With which level and key somebody acts, and about which moment, known when, is asked.

    `at_least` is the size of the history from which on an answer counts.
    """

    level: int = 0
    key: Key | None = None
    on: datetime | None = None
    known_at: datetime | None = None
    at_least: int = 0


@dataclass(frozen=True)
class Resource:
    """What is acted on: its type, its id (empty if it is searched for), and what else is given, not yet read."""

    type: str
    id: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A whole question; `given` are the arguments of the action."""

    subject: Subject
    action: Action
    resource_type: str
    given: Mapping[str, Any]
    circumstances: Circumstances


def question_in(body: Mapping[str, Any]) -> Question:
    """The question that a body puts.

    :raise Problem: 400 it is malformed
    """
    subject, action, resource = subject_in(body), action_in(body), resource_in(body)
    given = arguments(action, resource, action_properties(body))
    check_complete(action, given)
    return Question(subject, action, resource.type, given, circumstances_in(body))


class UnknownType(Problem):
    """There are no subjects or resources of that type, or the action is not done to such resources."""


def subject_in(body: Mapping[str, Any], *, with_id: bool = True) -> Subject:
    """The subject; without an id where subjects are searched for.

    :raise UnknownType: 400 there are no such subjects
    :raise Problem: 400 it is malformed
    """
    told = needed(body, "subject", mapping)
    type_ = needed(told, "type", text, "/subject")
    id_ = needed(told, "id", text, "/subject") if with_id else ""
    part(told, "properties", mapping, "/subject")
    if type_ not in (PERSON, NATIONAL_NUMBER):
        raise unknown_type("/subject/type", f"neither `{PERSON}` nor `{NATIONAL_NUMBER}`")
    return Subject(type_, id_)


def action_in(body: Mapping[str, Any]) -> Action:
    """The action.

    :raise Problem: 400 there is none such
    """
    name = needed(needed(body, "action", mapping), "name", text, "/action")
    if name not in set(Action):
        raise malformed("/action/name", "there is no such action")
    return Action(name)


def action_properties(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is given with the action."""
    return part(needed(body, "action", mapping), "properties", mapping, "/action") or {}


def resource_in(body: Mapping[str, Any], *, with_id: bool = True) -> Resource:
    """The resource; without an id where resources are searched for.

    :raise UnknownType: 400 there are no such resources
    :raise Problem: 400 it is malformed
    """
    told = needed(body, "resource", mapping)
    type_ = needed(told, "type", text, "/resource")
    id_ = needed(told, "id", text, "/resource") if with_id else ""
    properties = part(told, "properties", mapping, "/resource") or {}
    if type_ not in THINGS:
        raise unknown_type("/resource/type", f"none of {', '.join(f'`{one}`' for one in THINGS)}")
    return Resource(type_, id_, properties)


def arguments(action: Action, resource: Resource, of_action: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an action that are given: those of the resource, else of the action, by name.

    What the action does not take is left aside; the id of the resource is the argument that its type names.

    :raise UnknownType: 400 the action is not done to such a resource
    :raise Problem: 400 one is malformed
    """
    takes = " ".join(ARGUMENTS[action]).split()
    if resource.type not in takes:
        raise unknown_type("/resource/type", f"`{action}` is not done to such a resource")
    given = _read_all(takes, of_action, "/action") | _read_all(takes, resource.properties, "/resource")
    if resource.id:
        if given.get(resource.type, resource.id) != resource.id:
            raise malformed(f"/resource/properties/{resource.type}", "differs from the id of the resource")
        given[resource.type] = resource.id
    return given


def check_complete(action: Action, given: Mapping[str, Any]) -> None:
    """:raise Problem: 400 the action needs something that is not given"""
    missing = _missing(action, given)
    if missing:
        raise malformed(f"/resource/properties/{missing[0]}", "is missing")


def is_complete(action: Action, given: Mapping[str, Any]) -> bool:
    """Whether everything is given that the action needs."""
    return not _missing(action, given)


def circumstances_in(body: Mapping[str, Any]) -> Circumstances:
    """The circumstances; a level or `acr` that is not known counts as the weakest, as one that is not given does.

    :raise Problem: 400 they are malformed
    """
    told = part(body, "context", mapping) or {}
    acr = part(told, "acr", text, "/context")
    level = part(told, "level", whole, "/context")
    keys: frozenset[Key] = keys_named([acr]) if acr is not None else frozenset(Key)
    if level is not None:
        keys = frozenset(key for key in keys if key.level == level)
    is_told = acr is not None or level is not None
    return Circumstances(
        level=min((key.level for key in keys), default=0) if is_told else 0,
        key=next(iter(keys)) if len(keys) == 1 else None,
        on=part(told, "on", moment, "/context"),
        known_at=part(told, "known_at", moment, "/context"),
        at_least=part(told, "at_least", _size, "/context") or 0,
    )


def unknown_type(pointer: str, why: str) -> UnknownType:
    """What is told of a question about such things."""
    return UnknownType(400, "the question is malformed", [Flaw(why, pointer)])


def _missing(action: Action, given: Mapping[str, Any]) -> list[str]:
    return [name for name in ARGUMENTS[action][0].split() if name not in given]


def _read_all(names: list[str], properties: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    read = ((name, part(properties, name, ARGUMENT[name], f"{pointer}/properties")) for name in names)
    return {name: value for name, value in read if value is not None}


def _size(value: Any, pointer: str) -> int:
    """A token of an answer: the size of the history at which it was decided."""
    if isinstance(value, str) and _SIZE.fullmatch(value):
        return int(value)
    if isinstance(value, str):
        raise malformed(pointer, "not a token of an answer")
    return whole(value, pointer)
