"""The scenario files as examples on the pages of the rules: each world in words, each step as a sentence."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from accessmgr.core.actions import Action
from accessmgr.core.days import BRUSSELS
from accessmgr.core.model import Domain, FunctionCode, Key, UserType
from accessmgr.resources import folder
from accessmgr.web import format as form

LABELS = {
    "enterprise": lazy_gettext("enterprise"),
    "person": lazy_gettext("person"),
    "about": lazy_gettext("about"),
    "employee": lazy_gettext("declared an employee"),
    "replaces": lazy_gettext("replaces the present one"),
    "without_successor": lazy_gettext("without a successor"),
    "domain": lazy_gettext("domain"),
    "user_type": lazy_gettext("user type"),
    "since": lazy_gettext("from"),
    "until": lazy_gettext("until"),
    "begin": lazy_gettext("from"),
    "end": lazy_gettext("until"),
    "last_day": lazy_gettext("last day"),
    "right": lazy_gettext("right"),
    "context": lazy_gettext("context"),
    "contexts": lazy_gettext("contexts"),
    "number": lazy_gettext("number"),
    "name": lazy_gettext("name"),
    "reason": lazy_gettext("reason"),
    "purpose": lazy_gettext("purpose"),
    "application": lazy_gettext("application"),
    "acr_values": lazy_gettext("keys asked for"),
    "key": lazy_gettext("signed in with"),
    "appointment": lazy_gettext("appointment"),
    "relation": lazy_gettext("work relation"),
    "grant": lazy_gettext("right given before"),
    "request": lazy_gettext("request"),
    "code": lazy_gettext("function"),
    "held_by": lazy_gettext("held by"),
    "permanent_representative": lazy_gettext("permanent representative"),
    "to": lazy_gettext("new owner"),
    "on": lazy_gettext("on"),
    "known_at": lazy_gettext("with what was known at"),
}
"""What the arguments of a step are called."""

CHANGES = {
    "start_function": lazy_gettext("somebody begins a function"),
    "end_function": lazy_gettext("somebody's function ends"),
    "close_enterprise": lazy_gettext("an enterprise is closed"),
    "end_recognition": lazy_gettext("a recognition ends"),
    "suspend_recognition": lazy_gettext("a recognition is suspended"),
    "close_establishment": lazy_gettext("an establishment unit is closed"),
    "move_establishment": lazy_gettext("an establishment unit gets another owner"),
    "record_death": lazy_gettext("a death is recorded"),
    "no_answer": lazy_gettext("there is no answer about the enterprise any more"),
    "answers": lazy_gettext("there are answers about the enterprise again"),
}
"""What the register can do in a step."""

_FRAME = {"do", "ask", "as", "expect", "because", "id", "register"}
_CODES: Mapping[str, Any] = {"domain": Domain, "user_type": UserType, "code": FunctionCode, "key": Key}


@dataclass(frozen=True)
class Step:
    """One step in words. `allowed` is None for one that decides nothing."""

    sentence: str
    details: list[tuple[str, str]]
    allowed: bool | None
    because: list[str]


@dataclass(frozen=True)
class Example:
    """One scenario file: where it lies, what it is called, what it says, and its text."""

    path: str
    title: str
    content: Mapping[str, Any]
    text: str

    @property
    def rules(self) -> set[str]:
        """The rules that its steps name."""
        return {rule for step in self.content["steps"] for rule in step.get("because", [])}

    @property
    def people(self) -> dict[str, str]:
        """The people by the short names of the steps."""
        return {key: " ".join(person["name"]) for key, person in self._world("persons").items()}

    @property
    def enterprises(self) -> dict[str, str]:
        """The enterprises by the short names of the steps."""
        return {key: enterprise["name"] for key, enterprise in self._world("enterprises").items()}

    @property
    def begins(self) -> str:
        """The moment at which its clock stands at first, as people write it."""
        return _written(self.content["at"])

    def steps(self) -> list[Step]:
        """The steps, in the reader's language."""
        return [_step(self, step) for step in self.content["steps"]]

    def _world(self, what: str) -> Mapping[str, Any]:
        world = self.content["world"]
        return world.get(what, {}) if isinstance(world, Mapping) else {}


@cache
def by_rule() -> Mapping[str, list[Example]]:
    """The examples of each rule: first those that are about it, then those in which it plays a part."""
    root = folder("seeds")
    found: dict[str, list[Example]] = defaultdict(list)
    for path in sorted((root / "scenarios").rglob("*.yaml")):
        example = _read(path, root)
        for rule in example.rules:
            found[rule].append(example)
    return {rule: sorted(examples, key=lambda each: _distance(rule, each)) for rule, examples in found.items()}


def _read(path: Path, root: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    content = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - the loader that makes nothing but text, lists and mappings
    return Example(path.relative_to(root).as_posix(), content["scenario"], content, text)


def _distance(rule: str, example: Example) -> tuple[bool, int, str]:
    return not Path(example.path).name.startswith(f"{rule}-"), len(example.content["steps"]), example.path


def _step(example: Example, step: Mapping[str, Any]) -> Step:
    if "at" in step:
        return Step(_("The clock shows %(moment)s.", moment=_written(step["at"])), [], None, [])
    if "advance" in step:
        return Step(_("Time passes: %(span)s.", span=step["advance"]), [], None, [])
    details = [(str(LABELS.get(name, name)), _value(example, name, step[name])) for name in step if name not in _FRAME]
    if "register" in step:
        change = CHANGES.get(step["register"], step["register"])
        return Step(_("In the register: %(change)s.", change=change), details, None, [])
    action = form.action(Action(step.get("do") or step["ask"]))
    who = example.people.get(step["as"], step["as"])
    sentence = (
        _("Could %(who)s do this: %(action)s?", who=who, action=action)
        if "ask" in step
        else _("%(who)s asks to: %(action)s.", who=who, action=action)
    )
    return Step(sentence, details, step.get("expect", "allowed") == "allowed", list(step.get("because", [])))


def _value(example: Example, name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(example, name, each) for each in value)
    if name in ("person", "about", "permanent_representative"):
        return example.people.get(value, value)
    if name in ("enterprise", "held_by", "to"):
        return example.enterprises.get(value, value)
    if name == "right":
        return form.right_name(value)
    if name in _CODES:
        naming = {"domain": form.domain, "user_type": form.user_type, "code": form.function, "key": form.key_name}
        return naming[name](_CODES[name](value))
    return {"true": _("yes"), "false": _("no")}.get(value) or _written(value)


def _written(text: str) -> str:
    """A day or a moment of a scenario file as people write it; any other text as it is."""
    try:
        return form.day(date.fromisoformat(text))
    except ValueError:
        pass
    try:
        return form.moment(datetime.fromisoformat(text).replace(tzinfo=BRUSSELS))
    except ValueError:
        return text
