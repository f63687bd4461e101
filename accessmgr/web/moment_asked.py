"""Any day: the moment that a page is asked to show (`?on=`), and the moment whose knowledge counts (`?known=`).

Both are a day, or a day with a time (`2026-05-03` or `2026-05-03T12:00`), by the clock in Brussels. A day alone
stands for its end. Without them the page shows what is so now, as known now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as data_field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import abort, make_response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form, ValidationError
from wtforms.validators import Optional

from accessmgr.core.days import day_of, moment, start_of
from accessmgr.usecases.lists import Lists
from accessmgr.usecases.world import Look
from accessmgr.web.fields import ClockField, DayField
from accessmgr.web.format import day as day_in_words
from accessmgr.web.format import moment as moment_in_words

OF_THE_FRAME = ("on", "on_time", "known", "known_time")
OF_A_PAGE_OF_A_LIST = ("after", "before")
"""Where a list was continued: another moment has another list, which is shown from its beginning."""

INSTANT = timedelta(microseconds=1)


_clock_field = partial(ClockField, format=["%H:%M", "%H:%M:%S"], validators=[Optional()])


class KnownForm(Form):
    """The moment whose knowledge counts, as a day and a time."""

    known = DayField(_("As known on"))
    known_time = _clock_field(_("Time at which it was known"))

    def validate_known_time(self, field: ClockField) -> None:
        """A time needs its day, and the clock must have shown it."""
        _check(self.known, field)


class StateForm(KnownForm):
    """The moment that is shown too."""

    on = DayField(_("Situation on"))
    on_time = _clock_field(_("Time of that day"))

    def validate_on_time(self, field: ClockField) -> None:
        """A time needs its day, and the clock must have shown it."""
        _check(self.on, field)


@dataclass(frozen=True)
class TimeFrame:
    """What a page shows: the state `on` a moment, with what was `known_at` a moment; None is now.

    `present` is the present moment, and `form` what was asked, to be shown again.
    """

    form: KnownForm
    present: datetime
    on: datetime | None = None
    known_at: datetime | None = None
    address: Mapping[str, Any] = data_field(default_factory=dict)

    @property
    def is_now(self) -> bool:
        """Whether the page shows the present, in which one can act."""
        return self.on is None and self.known_at is None

    @property
    def at(self) -> datetime:
        """The moment whose state is shown."""
        return self.on or self.present

    @property
    def day(self) -> date:
        """Its day in Brussels."""
        return day_of(self.at)

    @property
    def begun(self) -> date | None:
        """The day on which what is shown must have begun; None to show what begins later too, as for the present."""
        return None if self.on is None else day_of(self.on)

    def lists(self, seen: Look) -> Lists:
        """The lists with what was known."""
        return seen.lists if self.known_at is None else seen.lists_at(self.size(seen))

    def size(self, seen: Look) -> int | None:
        """The size that the history had when that was known; None for now."""
        return None if self.known_at is None else seen.size_at(self.known_at)

    def told(self) -> str:
        """The sentence that says what one looks at."""
        on, known = (self._words(name) for name in ("on", "known"))
        if self.known_at is None:
            return gettext("You look at %(on)s, with what is known now.", on=on)
        if self.on is None:
            return gettext("You look at the present as it was known on %(known)s.", known=known)
        return gettext("You look at %(on)s, as it was known on %(known)s.", on=on, known=known)

    def others(self) -> Iterator[tuple[str, str]]:
        """What else stands in the address of the page, to be kept when another moment is asked."""
        left_out = (*OF_THE_FRAME, *OF_A_PAGE_OF_A_LIST)
        return ((name, value) for name, value in request.args.items(multi=True) if name not in left_out)

    def _words(self, name: str) -> str:
        chosen, has_time = self.on if name == "on" else self.known_at, "T" in self.address.get(name, "")
        return moment_in_words(chosen) if has_time else day_in_words(chosen and day_of(chosen))


def time_frame(present: datetime, *, of_entries: bool = False) -> TimeFrame:
    """What the address of the page asks for, at the present moment. A wrong day or time is answered with the form.

    A page `of_entries` shows the history as it was known, and nothing that is so on a day.
    What is known now is known at every later moment; the present day without a time is now.
    """
    asked: KnownForm = KnownForm(_given()) if of_entries else StateForm(_given())
    if not asked.validate():
        abort(make_response(render_template("moment.html", form=asked, frame=TimeFrame(asked, present)), 422))
    chosen, address = {}, {}
    for name in ("on", "known"):
        day, clock = asked._fields.get(name), asked._fields.get(f"{name}_time")
        moment_chosen = _moment(day, clock, present) if day else None
        if moment_chosen is not None and (name == "on" or moment_chosen < present):
            chosen[name], address[name] = moment_chosen, _written(day, clock)
    return TimeFrame(asked, present, chosen.get("on"), chosen.get("known"), address)


def _given() -> MultiDict[str, str]:
    """The moments in the address, day and time apart, however they were given."""
    given = MultiDict({name: request.args[name].strip() for name in OF_THE_FRAME if request.args.get(name)})
    for name in ("on", "known"):
        day, between, clock = given.get(name, "").partition("T")
        if between:
            given[name], given[f"{name}_time"] = day, clock
    return given


def _check(day: DayField, clock: ClockField) -> None:
    if clock.data is None or day.errors:
        return
    if day.data is None:
        raise ValidationError(_("Choose the day too."))
    try:
        moment(_written(day, clock))
    except ValueError:
        raise ValidationError(_("The clock in Belgium never showed this time on that day.")) from None


def _moment(day: DayField, clock: ClockField, present: datetime) -> datetime | None:
    if day.data is None:
        return None
    if clock.data is not None:
        return moment(_written(day, clock))
    return None if day.data == day_of(present) else start_of(day.data + timedelta(days=1)) - INSTANT


def _written(day: DayField, clock: ClockField) -> str:
    """As it stands in an address."""
    return day.chosen.isoformat() if clock.clock is None else f"{day.chosen.isoformat()}T{clock.clock}"
