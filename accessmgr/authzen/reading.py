"""Reading the members of a question strictly: what is of the wrong kind is told with its place."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core import days
from accessmgr.core.model import Domain, UserType

Value = TypeVar("Value")
Word = TypeVar("Word", bound=StrEnum)
Read = Callable[[Any, str], Value]
"""Makes a value of a JSON value; the text is the pointer to it."""

LONGEST_TEXT = 2000
MOST_ITEMS = 100
FIRST_YEAR, LAST_YEAR = 1000, 9000
"""A question about another year is taken for a mistake; and no sum with days leaves the calendar."""

_FRACTION = re.compile(r"(T[0-9:]{8}\.)([0-9]{1,9})(?=[Zz+-])")


def malformed(pointer: str, why: str) -> Problem:
    """What is told of a question that cannot be read."""
    return Problem(400, "the question is malformed", [Flaw(why, pointer)])


def part(value: Any, name: str, read: Read[Value], pointer: str = "") -> Value | None:
    """A member of an object, None if it is left out; `null` counts as left out.

    :raise Problem: it is of the wrong kind
    """
    found = value.get(name)
    return None if found is None else read(found, f"{pointer}/{name}")


def needed(value: Any, name: str, read: Read[Value], pointer: str = "") -> Value:
    """A member of an object that must be there.

    :raise Problem: it is missing, or of the wrong kind
    """
    found = part(value, name, read, pointer)
    if found is None:
        raise malformed(f"{pointer}/{name}", "is missing")
    return found


def mapping(value: Any, pointer: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise malformed(pointer, "not an object")
    return value


def items(value: Any, pointer: str, most: int = MOST_ITEMS) -> list[Any]:
    """A list that is not too long."""
    if not isinstance(value, list) or len(value) > most:
        raise malformed(pointer, f"not a list of at most {most} items")
    return value


def text(value: Any, pointer: str) -> str:
    """A text."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise malformed(pointer, f"not a text of at most {LONGEST_TEXT} characters")
    return value


def texts(value: Any, pointer: str) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(text(item, f"{pointer}/{index}") for index, item in enumerate(items(value, pointer)))


def contexts(value: Any, pointer: str) -> tuple[str, ...]:
    """Contexts: a list; a text of spaces means that none is given."""
    return () if isinstance(value, str) and not value.strip() else texts(value, pointer)


def whole(value: Any, pointer: str) -> int:
    """A whole number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise malformed(pointer, "not a whole number from 0 on")
    return value


def yes_or_no(value: Any, pointer: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise malformed(pointer, "neither true nor false")
    return value


def day(value: Any, pointer: str) -> date:
    """A calendar day."""
    try:
        return days.day(text(value, pointer))
    except ValueError as wrong:
        raise malformed(pointer, "not a day, written `YYYY-MM-DD`") from wrong


def moment(value: Any, pointer: str) -> datetime:
    """A moment, as RFC 3339 writes it, or by the wall clock in Brussels."""
    given = _FRACTION.sub(lambda found: f"{found[1]}{found[2][:6].ljust(6, '0')}", text(value, pointer))
    try:
        found = days.moment(given)
    except ValueError as wrong:
        raise malformed(pointer, "not a moment, written `YYYY-MM-DDTHH:MM:SSZ`") from wrong
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise malformed(pointer, f"not a moment of the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def word(kind: type[Word]) -> Read[Word]:
    """One word of a list of words."""

    def read(value: Any, pointer: str) -> Word:
        if not isinstance(value, str) or value not in set(kind):
            raise malformed(pointer, f"none of {', '.join(f'`{one}`' for one in kind)}")
        return kind(value)

    return read


ARGUMENT: Mapping[str, Read[Any]] = {
    **dict.fromkeys(("enterprise", "person", "about", "right", "application", "context", "number"), text),
    **dict.fromkeys(("appointment", "relation", "grant", "request", "reason", "purpose"), text),
    **dict.fromkeys(("employee", "replaces", "without_successor"), yes_or_no),
    **dict.fromkeys(("since", "until", "begin", "end", "last_day"), day),
    "contexts": contexts,
    "name": texts,
    "acr_values": texts,
    "domain": word(Domain),
    "user_type": word(UserType),
}
"""How each argument of an action is read (`core.arguments.ARGUMENTS`)."""
