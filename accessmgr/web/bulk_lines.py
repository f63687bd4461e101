"""What the lines of a file ask for: each mistake is told by line and column, and people are found at the end."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period, day
from accessmgr.core.numbers import InvalidNumber, NationalNumber
from accessmgr.usecases.perform import Identity
from accessmgr.web.bulk_file import Column, Mistake, Row, Unreadable, read_rows
from accessmgr.web.fields import MISTAKES, plain_text, typed_day

NEEDED: Mapping[Action, tuple[Column, ...]] = {
    Action.GRANT_RIGHT: (Column.RIGHT, Column.CONTEXTS, Column.FIRST, Column.LAST),
    Action.EXTEND_GRANT: (Column.GRANT, Column.LAST),
    Action.REVOKE_GRANT: (Column.GRANT,),
}
"""The columns that a file must have, by what it asks for."""

WHO = (Column.NUMBER, Column.GIVEN, Column.FAMILY, Column.PERSON)
"""The columns that tell whom a right is for: number and names, or the id."""

WHAT = (Column.GIVEN, Column.FAMILY, Column.RIGHT, Column.CONTEXTS, Column.FIRST)

OPTIONAL: Mapping[Action, tuple[Column, ...]] = {
    Action.GRANT_RIGHT: WHO,
    Action.EXTEND_GRANT: WHAT,
    Action.REVOKE_GRANT: (*WHAT, Column.LAST),
}
"""The columns that a file may have besides; who a right is extended or revoked of is only there to be read."""

LONGEST_NAME = 200
MOST_CONTEXTS = 50
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTEXT = re.compile(r"[\w. -]{1,40}")

Find = Callable[[Sequence[Identity]], Sequence[str | None]]
"""Finds people of the enterprise by number and names."""


@dataclass(frozen=True)
class Wish:
    """What a line asks for, by ids: so a national number goes no further than the file."""

    line: int
    person: str | None = None
    right: str | None = None
    contexts: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    grant: str | None = None
    request: str | None = None

    def ask(self, action: Action, actor: str, level: int, enterprise: str, *, reason: bool = False) -> Ask:
        """The question that the line asks; `reason` tells whether one is given with all lines."""
        last = day(self.last) if self.last else None
        period = Period(day(self.first), last) if self.first else None
        if self.grant is not None:
            return Ask(action=action, actor=actor, level=level, grant=self.grant, last_day=last, reason=reason)
        if self.request is not None:
            return Ask(action=action, actor=actor, level=level, request=self.request, period=period, reason=reason)
        return Ask(
            action=action,
            actor=actor,
            level=level,
            enterprise=enterprise,
            person=self.person,
            right=self.right,
            contexts=self.contexts,
            period=period,
        )

    def kept(self) -> dict[str, Any]:
        """Itself, as JSON."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> "Wish":
        """The wish that `kept` gave."""
        return cls(**{**kept, "contexts": tuple(kept.get("contexts", ()))})


def read_wishes(content: bytes, action: Action, rights: Mapping[str, str], find: Find) -> list[Wish]:
    """What the lines of a file ask for. `rights` are codes by name, which may be the code or what people call it.

    :raise Unreadable: something in it is wrong; then all that is wrong is told, and nothing was read
    :raise TooManyLookups: the person looked up too many people who were not found
    """
    rows = read_rows(content, NEEDED[action], OPTIONAL[action])
    reading = _Reading(rights)
    wishes = [reading.line(row, action) for row in rows]
    if reading.mistakes:
        raise Unreadable(*reading.mistakes)
    if not reading.identities:
        return wishes
    found = dict(zip(reading.identities, find(list(reading.identities.values())), strict=True))
    missing = [
        Mistake(_("Nobody with this number and these names is linked to the enterprise."), line, Column.NUMBER)
        for line, person in found.items()
        if person is None
    ]
    if missing:
        raise Unreadable(*missing)
    return [replace(each, person=found.get(each.line, each.person)) for each in wishes]


class _Reading:
    """Reads cells, and gathers what is wrong and who is to be found."""

    def __init__(self, rights: Mapping[str, str]) -> None:
        self.rights = {name.casefold(): code for name, code in rights.items()}
        self.mistakes: list[Mistake] = []
        self.identities: dict[int, Identity] = {}
        self.row = Row(0, {})

    def line(self, row: Row, action: Action) -> Wish:
        """What a line asks for; what is wrong in it stands among the mistakes."""
        self.row = row
        if action is Action.GRANT_RIGHT:
            person = self._who()
            right, contexts = self._right(), self._contexts()
            first, last = self._day(Column.FIRST), self._day(Column.LAST)
            if first and last and last < first:
                self._wrong(Column.LAST, _("The last day is before the first day."))
            return Wish(row.line, person, right, contexts, _iso(first), _iso(last))
        grant = self._id(Column.GRANT)
        until = self._day(Column.LAST) if action is Action.EXTEND_GRANT else None
        return Wish(row.line, grant=grant, last=_iso(until))

    def _wrong(self, column: Column, says: str) -> None:
        self.mistakes.append(Mistake(says, self.row.line, column))

    def _cell(self, column: Column) -> str:
        text = self.row.cells.get(column, "")
        if not text:
            self._wrong(column, _("This cell is empty."))
        return text

    def _who(self) -> str | None:
        cells = self.row.cells
        if cells.get(Column.PERSON):
            if any(cells.get(each) for each in WHO[:3]):
                self._wrong(Column.PERSON, _("Give either the id of the person, or their number and names."))
            return self._id(Column.PERSON)
        if not any(cells.get(each) for each in WHO[:3]):
            self._wrong(Column.NUMBER, _("Give the number and the names of the person, or their id."))
            return None
        number, given, family = self._number(), self._name(Column.GIVEN), self._name(Column.FAMILY)
        if number is not None:
            self.identities[self.row.line] = Identity(number, (given, family))
        return None

    def _number(self) -> NationalNumber | None:
        text = self._cell(Column.NUMBER)
        try:
            return NationalNumber.parse(text) if text else None
        except InvalidNumber as wrong:
            self._wrong(Column.NUMBER, str(MISTAKES[wrong.reason]))
            return None

    def _name(self, column: Column) -> str:
        text = self._cell(column)
        try:
            return plain_text(text, LONGEST_NAME)
        except ValueError as wrong:
            self._wrong(column, str(wrong))
            return ""

    def _right(self) -> str | None:
        text = self._cell(Column.RIGHT)
        code = self.rights.get(text.casefold())
        if text and code is None:
            self._wrong(Column.RIGHT, _("There is no right of this name."))
        return code

    def _contexts(self) -> tuple[str, ...]:
        values = tuple(value.strip() for value in self._cell(Column.CONTEXTS).split("|") if value.strip())
        if len(values) > MOST_CONTEXTS or not all(map(_CONTEXT.fullmatch, values)):
            self._wrong(Column.CONTEXTS, _("Write contexts as the product shows them, with | between them."))
        return values

    def _day(self, column: Column) -> date | None:
        text = self._cell(column)
        try:
            return typed_day(text) if text else None
        except ValueError as wrong:
            self._wrong(column, str(wrong))
            return None

    def _id(self, column: Column) -> str | None:
        text = self._cell(column)
        if text and not _ID.fullmatch(text):
            self._wrong(column, _("This is no id: it has letters, digits, - and _ only."))
            return None
        return text or None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
