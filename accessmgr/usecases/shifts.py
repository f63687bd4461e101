"""Shifts: on which days somebody may do something before a change and after it, by deciding on the days that count."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from accessmgr.core.actions import Action
from accessmgr.core.days import THIRTY_DAYS, Period, day_of, start_of
from accessmgr.core.decide import Decision, Rule, decide
from accessmgr.core.facts import Facts

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Able:
    """What somebody may do: an action, with its right and context, or the offer that it is about."""

    person: str
    action: Action
    right: str = ""
    context: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody may do something on other days than before.

    `because` are the rules that decide so on the first of these days, when the change has happened. Today counts as it
    is now, a later day as it is when it begins.
    """

    able: Able
    before: tuple[Period, ...]
    after: tuple[Period, ...]
    lost: tuple[Period, ...]
    gained: tuple[Period, ...]
    because: tuple[str, ...]


def shift(able: Able, was: Facts | None, will: Facts | None, rules: Sequence[Rule]) -> Iterator[Shift]:
    """The shift between two sides of one ability, if there is any; None is a side on which nothing is known of it."""
    known = [facts for facts in (was, will) if facts is not None]
    now = known[0].at
    days = [day_of(now), *sorted({day for facts in known for day in turning_days(facts)})]
    moments = [now, *map(start_of, days[1:])]
    then, later = (_decisions(facts, moments, rules) for facts in (was, will))
    may, might = ([decision is not None and decision.allowed for decision in side] for side in (then, later))
    if may == might:
        return
    first = next(at for at, (old, new) in enumerate(zip(may, might, strict=True)) if old is not new)
    decided = later[first]
    yield Shift(
        able,
        before=_periods(days, may),
        after=_periods(days, might),
        lost=_periods(days, [old and not new for old, new in zip(may, might, strict=True)]),
        gained=_periods(days, [new and not old for old, new in zip(may, might, strict=True)]),
        because=decided.because if decided is not None else (),
    )


def _decisions(facts: Facts | None, moments: Iterable[datetime], rules: Sequence[Rule]) -> list[Decision | None]:
    return [None if facts is None else decide(replace(facts, at=moment), rules) for moment in moments]


def turning_days(facts: Facts) -> set[date]:
    """The days after today from which on the same facts may be decided otherwise."""
    register = facts.register
    periods = [*(each.period for each in facts.work_relations), *(each.period for each in facts.grants)]
    days = {facts.actor.deceased, facts.concerned.deceased if facts.concerned else None}
    if facts.appointment is not None:
        days.add(day_of(facts.appointment.offered_at + THIRTY_DAYS) + DAY)
    if register is not None:
        periods += [register.period, *(each.period for each in register.functions)]
        periods += [period for each in register.recognitions for period in (each.period, *each.suspensions)]
        periods += [each.period for each in register.establishments]
        days |= {since for each in register.establishments for since, _owner in each.owners}
    days |= {period.first for period in periods} | {_after(period) for period in periods}
    return {day for day in days if day is not None and day > facts.today}


def _after(period: Period) -> date | None:
    """The day after the last one, None if there is no last or none after it."""
    return period.last + DAY if period.last is not None and period.last < date.max else None


def _periods(days: Sequence[date], so: Sequence[bool]) -> tuple[Period, ...]:
    """The periods in which something is so that is so or not from each of these days until the next."""
    found: list[Period] = []
    ends = [*(day - DAY for day in days[1:]), None]
    for first, last, holds in zip(days, ends, so, strict=True):
        if holds and found and found[-1].last == first - DAY:
            found[-1] = Period(found[-1].first, last)
        elif holds:
            found.append(Period(first, last))
    return tuple(found)
