"""Reports of an enterprise: who has which right, as a page at a time or as a whole, of which a part is in memory.

Whether somebody may see a report is decided before; nothing here decides that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from accessmgr.core.days import start_of
from accessmgr.core.model import Grant
from accessmgr.usecases.grant_lists import Sought
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.world import Look

MOST_BATCHES = 20
"""How many batches a page may read, whatever it finds: the next page goes on from there."""

AT_ONCE = 500
"""How many rows of a whole report are in memory."""

INSTANT = timedelta(microseconds=1)


class Order(StrEnum):
    """How a report is sorted."""

    NAME = "name"
    END = "end"


@dataclass(frozen=True, slots=True)
class Report:
    """What is asked: which grants, in which order, and whether only those not used since a day.

    Who never entered by a grant has not used it since it began.
    """

    sought: Sought
    order: Order = Order.NAME
    unused_since: date | None = None

    @property
    def candidates(self) -> Sought:
        """The grants among which those are that were not used: they began on that day or before."""
        return replace(self.sought, begun_by=self.unused_since)


@dataclass(frozen=True, slots=True)
class Part:
    """Some grants of a report in their order; `after` is where the next ones begin, None if these are the last."""

    grants: tuple[Grant, ...]
    after: str | None


def page(look: Look, report: Report, after: str | None) -> Part:
    """About fifty grants, or fewer if they are rare, after where the page before ended."""
    found: list[Grant] = []
    for _batch in range(MOST_BATCHES):
        part = _next(look, report, after, PAGE)
        found += part.grants
        after = part.after
        if after is None or len(found) >= PAGE:
            break
    return Part(tuple(found), after)


def count(look: Look, report: Report) -> int | None:
    """How many grants a report has; None where every use would have to be read to tell."""
    return None if report.unused_since else look.lists.count_sought(report.sought)


def whole(look: Look, report: Report) -> Iterator[tuple[Grant, ...]]:
    """The whole report, in parts that follow one another."""
    after: str | None = None
    while True:
        part = _next(look, report, after, AT_ONCE)
        yield part.grants
        after = part.after
        if after is None:
            return


def _next(look: Look, report: Report, after: str | None, limit: int) -> Part:
    part = (_by_end if report.order is Order.END else _by_name)(look, report.candidates, after, limit)
    if report.unused_since is None or not part.grants:
        return part
    since = look.size_at(start_of(report.unused_since) - INSTANT)
    used = look.lists.used(part.grants, since, look.size())
    return replace(part, grants=tuple(grant for grant in part.grants if grant.id not in used))


def _by_end(look: Look, sought: Sought, after: str | None, limit: int) -> Part:
    last = next(iter(look.lists.grants(enterprise=sought.enterprise, id_=after)), None) if after else None
    start = (last.period.last, last.id) if last and last.period.last else None
    found = look.lists.grants_sought(sought, start, limit + 1)
    return Part(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def _by_name(look: Look, sought: Sought, after: str | None, limit: int) -> Part:
    last = look.lists.names([after]).get(after) if after else None
    start = (last.family, last.given, last.id) if last else None
    people = look.lists.holders_sought(sought, start, limit + 1)
    order = {person: place for place, person in enumerate(people[:limit])}
    grants = sorted(look.lists.grants_sought_of(sought, list(order)), key=lambda grant: order[grant.holder])
    return Part(tuple(grants), people[limit - 1] if len(people) > limit else None)
