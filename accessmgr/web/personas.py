"""The people of the demo world as their file tells them, with the ids they have in this database."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from accessmgr.core.model import Key
from accessmgr.core.numbers import EnterpriseNumber
from accessmgr.resources import folder
from accessmgr.web.current import look

WORLD = "worlds/demo/personas.yaml"


@dataclass(frozen=True)
class Persona:
    """A fictional person whom anybody can be: short name, id, names, national number, usual key, story by language."""

    short: str
    person: str
    given: str
    family: str
    number: str
    key: Key
    story: Mapping[str, str]

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given} {self.family}"

    def told(self, language: str) -> str:
        """The story in a language, in English if it was not told in that one."""
        return self.story.get(language) or self.story.get("en", "")


def personas() -> list[Persona]:
    """The personas that this database knows, in the order of their file."""
    with look() as seen:
        ids = seen.lists.personas()
    return [_persona(short, ids[short], told) for short, told in _file()["personas"].items() if short in ids]


def _persona(short: str, person: str, told: Mapping[str, Any]) -> Persona:
    given, family = told["name"]
    return Persona(short, person, given, family, told["number"], Key(told["key"]), told.get("story", {}))


def demo_enterprises() -> list[str]:
    """The numbers of the enterprises of the demo world."""
    return [EnterpriseNumber.parse(number).digits for number in _file()["enterprises"].values()]


@cache
def _file() -> Mapping[str, Any]:
    text = (folder("seeds") / WORLD).read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506  # texts only: no number is guessed
    return content
