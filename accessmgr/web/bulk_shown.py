"""Lines as pages show them: what came or would come of each, kept until its sender has read it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from accessmgr.core.days import Period, day
from accessmgr.core.numbers import NationalNumber
from accessmgr.usecases.bulk import Line, Outcome
from accessmgr.usecases.lists import Named
from accessmgr.web.bulk_lines import Wish
from accessmgr.web.naming import OUTCOMES
from accessmgr.web.sheets import Table


@dataclass(frozen=True)
class ShownLine:
    """A line with what came or would come of it; people by id."""

    line: int
    outcome: Outcome
    rules: tuple[str, ...] = ()
    sequence: int | None = None
    person: str | None = None
    right: str | None = None
    contexts: tuple[str, ...] = ()
    period: Period | None = None


def shown_lines(wishes: Sequence[Wish], lines: Sequence[Line]) -> list[ShownLine]:
    """Each line with what came of it."""
    return [_shown(*pair) for pair in zip(wishes, lines, strict=True)]


def _shown(wish: Wish, line: Line) -> ShownLine:
    """A line with what the decision was about; without one, with what it asked for."""
    if line.done is None:
        asked_for = Period(day(wish.first), day(wish.last)) if wish.first and wish.last else None
        return ShownLine(wish.line, line.outcome, (), None, wish.person, wish.right, wish.contexts, asked_for)
    facts = line.done.facts
    return ShownLine(
        wish.line,
        line.outcome,
        tuple(finding.rule.id for finding in line.done.told),
        line.sequence,
        facts.concerned.id if facts.concerned else None,
        facts.right.code if facts.right else None,
        facts.contexts,
        facts.grant_period or (facts.grant.period if facts.grant else None),
    )


def kept(lines: Sequence[ShownLine]) -> str:
    """Lines as text."""
    return json.dumps([{**vars(each), "period": [*_ends(each.period)]} for each in lines])


def of_kept(text: str) -> list[ShownLine]:
    """The lines that `kept` gave."""
    return [_of_kept(each) for each in json.loads(text)]


def _ends(period: Period | None) -> Iterator[str | None]:
    for end in (period.first, period.last) if period else ():
        yield end.isoformat() if end else None


def _of_kept(one: Mapping[str, Any]) -> ShownLine:
    ends = [day(each) if each else None for each in one["period"]]
    period = Period(ends[0], ends[1]) if ends and ends[0] else None
    lists = {name: tuple(one[name]) for name in ("rules", "contexts")}
    return ShownLine(**{**one, **lists, "outcome": Outcome(one["outcome"]), "period": period})


def as_table(lines: Sequence[ShownLine], names: Mapping[str, Named], numbers: Mapping[str, NationalNumber]) -> Table:
    """What came of each line, as a file has it: the numbers of people masked."""
    head = (
        _("Line"),
        _("Person"),
        _("National number"),
        _("Right"),
        _("Contexts"),
        _("First day"),
        _("Last day"),
        _("What came of it"),
        _("Rules"),
        _("Entry in the history"),
    )
    return Table(head, [_cells(each, names, numbers) for each in lines])


def _cells(each: ShownLine, names: Mapping[str, Named], numbers: Mapping[str, NationalNumber]) -> tuple[str | int, ...]:
    first, last = [*_ends(each.period)] or (None, None)
    person = each.person or ""
    return (
        each.line,
        names[person].name if person in names else "",
        numbers[person].masked if person in numbers else "",
        each.right or "",
        "|".join(each.contexts),
        first or "",
        last or "",
        str(OUTCOMES[each.outcome]),
        " ".join(each.rules),
        "" if each.sequence is None else each.sequence,
    )
