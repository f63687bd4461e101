"""Who loses the representation of an enterprise in which roles were given: by an entry of the register, or with a day.

What counts is who represents the enterprise tomorrow: that changes when something is recorded, or when a day begins.
So a function that is to end on a later day is told of on that day, and each loss has one day, however it came about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accessmgr.core.model import Function
from accessmgr.core.representation import representatives
from accessmgr.usecases.lists import Lists
from accessmgr.usecases.world import Look

A_DAY = timedelta(days=1)
AT_ONCE = 500
"""How many enterprises are compared in one go."""

Held = Sequence[Function] | None
"""The functions held in an enterprise; None if the register has no answer, of which nothing follows."""


@dataclass(frozen=True, order=True)
class Loss:
    """Somebody represents an enterprise up to and including a day, and no longer."""

    enterprise: str
    person: str
    last: date


def by_entry(look: Look, sequence: int, day: date, enterprise: str | None) -> Iterator[Loss]:
    """What an entry of the register, recorded on a day, takes away: in one enterprise, or wherever roles were given."""
    before, after = look.lists_at(sequence), look.lists_at(sequence + 1)
    for numbers in [[enterprise]] if enterprise else _with_roles(after):
        known, now_known = before.functions_in(numbers), after.functions_in(numbers)
        for number in numbers:
            yield from _losses(number, (known[number], day + A_DAY), (now_known[number], day + A_DAY), day)


def by_days(look: Look, before: date, today: date) -> Iterator[Loss]:
    """What the days after `before`, up to today, take away: functions end, and holders of an office come in."""
    for numbers in _with_roles(look.lists):
        for number, held in look.lists.functions_in(numbers).items():
            for day in sorted(_turns(held or (), before, today)):
                yield from _losses(number, (held, day), (held, day + A_DAY), day)


def _losses(number: str, was: tuple[Held, date], becomes: tuple[Held, date], last: date) -> Iterator[Loss]:
    (held, day), (still_held, next_day) = was, becomes
    if held is not None and still_held is not None:
        lost = representatives(held, day) - representatives(still_held, next_day)
        yield from (Loss(number, person, last) for person in sorted(lost))


def _turns(held: Sequence[Function], before: date, today: date) -> set[date]:
    """The days of a range after which a function is held no longer, or another one is."""
    days = {each.period.last for each in held} | {each.period.first - A_DAY for each in held}
    return {day for day in days if day is not None and before < day <= today}


def _with_roles(lists: Lists) -> Iterator[list[str]]:
    """The enterprises in which roles were given, some at a time."""
    numbers = lists.appointed_enterprises("", AT_ONCE)
    while numbers:
        yield numbers
        numbers = lists.appointed_enterprises(numbers[-1], AT_ONCE)
