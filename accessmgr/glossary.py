"""The words of the product in its four languages, as `seeds/glossary.yaml` has them, for pages and docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from accessmgr.resources import folder

OPENING = """# Glossary

The words of the product, in code and on pages. Dutch and French terms are those of the real services where sources have
them; German ones are this project's.

This page is made from `seeds/glossary.yaml` by `accessmgr rules docs`; change that file, not this page.
"""
COLUMNS = {"en": "English", "nl": "Nederlands", "fr": "Français", "de": "Deutsch"}


@dataclass(frozen=True)
class Term:
    """A word of the product: its name in code, and how it is called and what it means, by language."""

    id: str
    code: str
    called: Mapping[str, str]
    means: Mapping[str, str]

    @property
    def anchor(self) -> str:
        """Where it stands on the page of words."""
        return self.id.replace("_", "-")


@cache
def glossary() -> tuple[Term, ...]:
    """The words, in the order of their file."""
    text = (folder("seeds") / "glossary.yaml").read_text(encoding="utf-8")
    return tuple(Term(each["id"], each["code"], each["called"], each["means"]) for each in yaml.safe_load(text))


def term(id_: str) -> Term | None:
    """A word by its id, None if there is none."""
    return next((each for each in glossary() if each.id == id_), None)


def as_markdown() -> str:
    """The page `docs/glossary.md`: a table of the words, then what each means in English."""
    head = f"| {' | '.join(COLUMNS.values())} | In code |\n|{'---|' * (len(COLUMNS) + 1)}\n"
    rows = "".join(f"| {' | '.join(each.called[code] for code in COLUMNS)} | `{each.code}` |\n" for each in glossary())
    meanings = "".join(f"- **{each.called['en']}**: {each.means['en']}\n" for each in glossary())
    return f"{OPENING}\n{head}{rows}\n## What each means\n\n{meanings}"
