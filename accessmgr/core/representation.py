"""Why a function makes its holder a legal representative on a day, or why it does not.

The rules decide by `rules.conditions.is_legal_representative`; this explains the same, function by function, for
the pages that show an enterprise as the public register does. A test holds the two against each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accessmgr.core.model import OFFICE_HOLDERS, REPRESENTING, Function


class Standing(StrEnum):
    """What a function comes to on a day: it represents, or the first reason why it does not."""

    REPRESENTS = "represents"
    NOT_REPRESENTING = "not_representing"
    NOT_YET = "not_yet"
    OVER = "over"
    DISPLACED = "displaced"
    NAMES_NOBODY = "names_nobody"
    NO_NUMBER = "no_number"


@dataclass(frozen=True, slots=True)
class Explained:
    """A function with what it comes to. `displaced_by` holds the office functions that displace it, if any do."""

    function: Function
    standing: Standing
    displaced_by: tuple[Function, ...] = ()

    @property
    def represents(self) -> bool:
        """Whether it makes its holder a legal representative."""
        return self.standing is Standing.REPRESENTS


def why_represents(functions: Iterable[Function], day: date) -> tuple[Explained, ...]:
    """What each function of one enterprise comes to on that day (rulebook, "Legal representative"), in their order."""
    functions = tuple(functions)
    office = tuple(function for function in functions if function.code in OFFICE_HOLDERS and function.period.has(day))
    return tuple(_explained(function, office, day) for function in functions)


def representatives(functions: Iterable[Function], day: date) -> frozenset[str]:
    """The people who are legal representatives of the enterprise with those functions on that day."""
    explained = why_represents(functions, day)
    return frozenset(each.function.holder for each in explained if each.represents and each.function.holder)


def _explained(function: Function, office: tuple[Function, ...], day: date) -> Explained:
    if function.code not in REPRESENTING:
        return Explained(function, Standing.NOT_REPRESENTING)
    if not function.period.has(day):
        return Explained(function, Standing.NOT_YET if day < function.period.first else Standing.OVER)
    if office and function not in office:
        return Explained(function, Standing.DISPLACED, office)
    if function.holder is None:
        return Explained(function, Standing.NAMES_NOBODY if function.held_by else Standing.NO_NUMBER)
    return Explained(function, Standing.REPRESENTS)
