"""Brussels days, periods of days, and moments: the only places where a clock's time becomes a calendar day.

The rulebook's words are meant exactly (its "Day", "Moment" and "Thirty days"). Nothing here knows what time it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")

THIRTY_DAYS = timedelta(hours=30 * 24)
"""How long an offer or a request stays pending: elapsed time, whatever the wall clock does meanwhile."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"(?P<wall>[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{6}(?=[Z+-]))?)?)"
    r"(?P<offset>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; `last` is None for a period that does not end.

    A period whose end lies before its beginning has no day: it covers nothing and overlaps nothing.
    """

    first: date
    last: date | None

    @property
    def is_empty(self) -> bool:
        """Whether it has no day at all."""
        return self.last is not None and self.last < self.first

    def has(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.first <= day and (self.last is None or day <= self.last)

    def covers(self, other: Period) -> bool:
        """Whether it has a day, begins no later than `other` and ends no earlier.

        So it covers an empty one too that stands within its ends: that one is wrong for another reason.
        """
        if self.is_empty or other.first < self.first:
            return False
        return self.last is None or (other.last is not None and other.last <= self.last)

    def overlaps(self, other: Period) -> bool:
        """Whether the two have a day in common."""
        if self.is_empty or other.is_empty:
            return False
        return self.has(other.first) or other.has(self.first)

    def cut_to(self, day: date) -> Period:
        """The period with `day` as its last, unless it ended earlier: it never lengthens.

        Cut to a day before its first, it is empty.
        """
        return Period(self.first, day if self.last is None else min(self.last, day))


def day(text: str) -> date:
    """The day that a text names.

    :raise ValueError: it is not `YYYY-MM-DD`, or there is no such day
    """
    if not _DAY.fullmatch(text):
        raise ValueError(f"`{text}` is not a day, written `YYYY-MM-DD`")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a day: the calendar has none such") from None


def moment(text: str) -> datetime:
    """The moment that a text names, in UTC: by the wall clock in Brussels, or with an offset from UTC.

    A time that the wall clock shows twice is the first of the two. What `rfc3339` writes is read back.

    :raise ValueError: it is not `YYYY-MM-DDTHH:MM[:SS]` with or without an offset, or there is no such moment
    """
    parts = _MOMENT.fullmatch(text)
    if not parts:
        raise ValueError(f"`{text}` is not a moment, written `YYYY-MM-DDTHH:MM[:SS]`, in Brussels or with an offset")
    try:
        if parts["offset"]:
            return datetime.fromisoformat(text).astimezone(UTC)
        wall = datetime.fromisoformat(parts["wall"])
        found = wall.replace(tzinfo=BRUSSELS).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"`{text}` is not a moment: calendar or clock have none such") from None
    if found.astimezone(BRUSSELS).replace(tzinfo=None) != wall:
        raise ValueError(f"`{text}` never was: the clock in Brussels was set forward over that time")
    return found


def day_of(moment: datetime) -> date:
    """The calendar day in Brussels at a moment.

    :raise ValueError: the moment does not say its offset from UTC
    """
    return _aware(moment).astimezone(BRUSSELS).date()


def start_of(day: date) -> datetime:
    """The moment, in UTC, at which a day begins in Brussels."""
    return datetime.combine(day, time(), BRUSSELS).astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """A moment as the history writes it: UTC, six decimals, `Z`.

    :raise ValueError: the moment does not say its offset from UTC
    """
    return _aware(moment).astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"`{moment.isoformat()}` has no offset from UTC, so it is not one moment")
    return moment
