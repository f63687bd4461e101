"""Long lists on pages: some rows at a time, and enterprises by name with a box to look one up when they are many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from flask import Flask, request, url_for

from accessmgr.core.names import folded

ON_A_PAGE = 20
"""How many rows of a list a page shows that holds other lists too; with more enterprises, one can look one up."""

LONGEST = 100
_BETWEEN_DIGITS = str.maketrans("", "", " .-")


class HasId(Protocol):
    """A row that is known by an id."""

    @property
    def id(self) -> str:
        """Its id."""


Row = TypeVar("Row", bound=HasId)


@dataclass(frozen=True)
class Enterprises:
    """A page of a list of enterprises, with the names of all of them, and what was looked up."""

    numbers: Sequence[str]
    names: Mapping[str, str]
    text: str
    after: str | None

    @property
    def are_many(self) -> bool:
        """Whether there are so many that one wants to look one up."""
        return len(self.names) > ON_A_PAGE


def enterprises_shown(names: Mapping[str, str]) -> Enterprises:
    """The page that the address asks for (`q`, `after`) of enterprises given by number with their names, by name."""
    text = request.args.get("q", "")[:LONGEST].strip()
    fitting = [number for number, name in names.items() if not text or _fits(text, number, name)]
    fitting.sort(key=lambda number: (folded([names[number]]), number))
    after = request.args.get("after", "")
    start = fitting.index(after) + 1 if after in fitting else 0
    page = fitting[start : start + ON_A_PAGE]
    return Enterprises(page, names, text, page[-1] if len(fitting) > start + ON_A_PAGE else None)


def cut(found: list[Row], limit: int = ON_A_PAGE) -> tuple[list[Row], str | None]:
    """The rows of a page, of which one more was read; and the id after which the next page begins, if one does."""
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _fits(text: str, number: str, name: str) -> bool:
    digits = text.translate(_BETWEEN_DIGITS).upper().removeprefix("BE")
    return folded([text]) in folded([name]) or (digits.isdigit() and digits in number)


def here_with(**changed: str | None) -> str:
    """The address of this page, with some of what it asks for changed, or left out where it is None."""
    asked = {name: value for name, value in request.args.items() if name not in changed}
    given = {name: value for name, value in changed.items() if value is not None}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **asked, **given})


def init_app(app: Flask) -> None:
    """Let templates write the addresses of the pages of a list."""
    app.jinja_env.globals["here_with"] = here_with
