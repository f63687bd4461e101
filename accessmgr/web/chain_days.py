"""The days over which one goes through the drawing of a chain: those on which something changed, and beside them."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accessmgr.core.days import day_of
from accessmgr.usecases.entering import Entrance
from accessmgr.usecases.world import Look
from accessmgr.web.moment_asked import TimeFrame

MOST_EACH_SIDE = 60
NEAREST = 4


@dataclass(frozen=True)
class Days:
    """The day that is shown, and the days of change around it, the earliest first.

    `stops` are those at which a slider halts: the days of change, today and the day that is shown.
    """

    shown: date
    stops: tuple[date, ...]
    changes: tuple[date, ...]

    @property
    def earlier(self) -> date:
        """The day before the one shown."""
        return self.shown - timedelta(days=1)

    @property
    def later(self) -> date:
        """The day after it."""
        return self.shown + timedelta(days=1)

    @property
    def index(self) -> int:
        """The place of the day that is shown among the stops."""
        return self.stops.index(self.shown)

    @property
    def nearest(self) -> tuple[date, ...]:
        """The days of change that are nearest to the one shown."""
        place = bisect_right(self.changes, self.shown)
        return self.changes[max(place - NEAREST, 0) : place + NEAREST]


def around(frame: TimeFrame, changes: Iterable[date]) -> Days:
    """The days of change around the one that a page shows: at most sixty on either side."""
    days = sorted(set(changes))
    place = bisect_right(days, frame.day)
    near = tuple(days[max(place - MOST_EACH_SIDE, 0) : place + MOST_EACH_SIDE])
    return Days(frame.day, tuple(sorted({*near, frame.day, day_of(frame.present)})), near)


def of_chains(frame: TimeFrame, chains: Iterable[Entrance]) -> Days:
    """The days on which the links of some chains began or were over, and on which their grants were revoked."""
    found = list(chains)
    grants = [chain.grant for chain in found if chain.grant is not None]
    periods = [(step.link.since, step.link.until) for chain in found for step in chain.steps]
    periods += [(grant.period.first, grant.period.last) for grant in grants]
    days = {first for first, _last in periods if first is not None}
    days |= {last + timedelta(days=1) for _first, last in periods if last is not None}
    return around(frame, days | {day_of(grant.revoked_at) for grant in grants if grant.revoked_at is not None})


def of_enterprise(frame: TimeFrame, seen: Look, enterprise: str) -> Days:
    """The days on which something of an enterprise began, was over or was done, around the one that a page shows."""
    days, moments = frame.lists(seen).days_of_change(enterprise)
    return around(frame, (*days, *map(day_of, moments)))
