"""Brussels days and periods: the rulebook's "Day", and the two nights on which the clock is changed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accessmgr.core import days
from accessmgr.core.days import Period

ORIGIN = date(2026, 3, 1)
few_days = st.integers(0, 12).map(lambda n: ORIGIN + timedelta(days=n))
periods = st.builds(Period, few_days, st.none() | few_days)
every_day = {ORIGIN + timedelta(days=n) for n in range(14)}
"""Two days past the last day that `periods` name, so that an open end shows."""


def days_in(period: Period) -> set[date]:
    return {day for day in every_day if period.first <= day and (period.last is None or day <= period.last)}


class TestPeriod:
    MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
    BACKWARDS = Period(date(2026, 3, 2), date(2026, 3, 1))

    @pytest.mark.parametrize(
        ("day", "within"),
        [("2026-02-28", False), ("2026-03-01", True), ("2026-03-31", True), ("2026-04-01", False)],
    )
    def test_both_ends_are_included(self, day, within):
        assert self.MARCH.has(days.day(day)) is within

    def test_an_empty_end_is_open(self):
        assert Period(date(2026, 3, 1), None).has(date(9999, 12, 31)) is True

    def test_a_period_of_one_day_is_not_empty(self):
        assert Period(date(2026, 3, 1), date(2026, 3, 1)).is_empty is False

    def test_a_period_that_ends_before_it_begins_has_no_day(self):
        assert self.BACKWARDS.is_empty is True
        assert self.BACKWARDS.has(date(2026, 3, 1)) is False
        assert self.BACKWARDS.has(date(2026, 3, 2)) is False

    def test_an_empty_period_covers_nothing(self):
        assert self.BACKWARDS.covers(self.BACKWARDS) is False
        assert self.BACKWARDS.covers(Period(date(2026, 3, 1), date(2026, 3, 1))) is False

    def test_an_empty_period_overlaps_nothing(self):
        assert self.MARCH.overlaps(self.BACKWARDS) is False
        assert self.BACKWARDS.overlaps(self.MARCH) is False

    def test_a_period_covers_itself(self):
        assert self.MARCH.covers(self.MARCH) is True

    @pytest.mark.parametrize(
        "other",
        [
            Period(date(2026, 2, 28), date(2026, 3, 31)),
            Period(date(2026, 3, 1), date(2026, 4, 1)),
            Period(date(2026, 3, 1), None),
        ],
    )
    def test_a_period_one_day_longer_at_either_end_is_not_covered(self, other):
        assert self.MARCH.covers(other) is False

    def test_periods_that_touch_on_one_day_overlap_and_neighbours_do_not(self):
        assert self.MARCH.overlaps(Period(date(2026, 3, 31), None)) is True
        assert self.MARCH.overlaps(Period(date(2026, 4, 1), None)) is False

    @pytest.mark.parametrize(
        ("period", "cut", "last"),
        [
            (Period(date(2026, 3, 1), None), "2026-03-10", "2026-03-10"),
            (MARCH, "2026-03-10", "2026-03-10"),
            (MARCH, "2026-03-31", "2026-03-31"),
            (MARCH, "2026-04-10", "2026-03-31"),
            (MARCH, "2026-02-10", "2026-02-10"),
        ],
    )
    def test_cutting_makes_the_day_the_last_unless_it_ended_earlier(self, period, cut, last):
        assert period.cut_to(days.day(cut)) == Period(date(2026, 3, 1), days.day(last))

    def test_a_period_does_not_change(self):
        with pytest.raises(AttributeError):
            self.MARCH.last = None

    @given(periods, few_days)
    def test_has_agrees_with_the_set_of_its_days(self, period, day):
        assert period.has(day) is (day in days_in(period))

    @given(periods)
    def test_empty_means_that_there_is_no_day(self, period):
        assert period.is_empty is (days_in(period) == set())

    def test_an_empty_period_is_covered_by_one_that_begins_no_later_and_ends_no_earlier(self):
        assert self.MARCH.covers(self.BACKWARDS) is True
        assert self.MARCH.covers(Period(date(2026, 4, 1), date(2026, 3, 31))) is True
        assert self.MARCH.covers(Period(date(2026, 4, 2), date(2026, 4, 1))) is False
        assert self.MARCH.covers(Period(date(2026, 2, 28), date(2026, 2, 27))) is False

    @given(periods, periods)
    def test_covers_means_that_all_days_of_a_period_with_days_are_in_it(self, one, other):
        assume(not other.is_empty)
        assert one.covers(other) is (days_in(other) <= days_in(one))

    @given(periods, periods)
    def test_overlaps_means_a_day_in_common_and_is_mutual(self, one, other):
        assert one.overlaps(other) is bool(days_in(one) & days_in(other))
        assert one.overlaps(other) is other.overlaps(one)

    @given(periods, few_days)
    def test_a_cut_keeps_exactly_the_days_up_to_the_cut(self, period, day):
        assert days_in(period.cut_to(day)) == {kept for kept in days_in(period) if kept <= day}


class TestMoment:
    @pytest.mark.parametrize(
        ("text", "utc"),
        [
            ("2026-03-02T09:00", "2026-03-02T08:00:00.000000Z"),
            ("2026-07-02T09:00:05", "2026-07-02T07:00:05.000000Z"),
            ("2026-03-02T09:00Z", "2026-03-02T09:00:00.000000Z"),
            ("2026-03-02T09:00:00+02:00", "2026-03-02T07:00:00.000000Z"),
            ("2026-03-29T01:59:59", "2026-03-29T00:59:59.000000Z"),
            ("2026-03-29T03:00", "2026-03-29T01:00:00.000000Z"),
            ("2026-03-29T02:30+01:00", "2026-03-29T01:30:00.000000Z"),
            ("2026-10-25T01:59:59", "2026-10-24T23:59:59.000000Z"),
            ("2026-10-25T02:00", "2026-10-25T00:00:00.000000Z"),
            ("2026-10-25T02:59:59", "2026-10-25T00:59:59.000000Z"),
            ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00.000000Z"),
            ("2026-10-25T03:00", "2026-10-25T02:00:00.000000Z"),
        ],
    )
    def test_a_text_is_a_moment_by_the_clock_in_brussels_or_by_its_offset(self, text, utc):
        assert days.rfc3339(days.moment(text)) == utc

    @pytest.mark.parametrize("text", ["2026-03-29T02:00", "2026-03-29T02:30:00", "2026-03-29T02:59:59"])
    def test_a_time_that_the_clock_never_shows_is_refused_with_the_reason(self, text):
        with pytest.raises(ValueError, match=f"^`{text}` never was: the clock in Brussels was set forward"):
            days.moment(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-03-02",
            "2026-03-02 09:00",
            "2026-03-02T9:00",
            "2026-03-02T09",
            "2026-03-02T09:00 ",
            "2026-03-02T09:00\n",
            "2026-03-02T09:00:00.5",
            "2026-03-02T09:00:00.123456",
            "2026-03-02T09:60",
            "2026-03-02T24:00",
            "2026-03-02T09:00:60",
            "2026-02-29T09:00",
            "2026-03-02T09:00+0100",
            "2026-03-02T09:00+24:00",
            "2026-03-02T09:00+01:60",
            "20260302T0900",
            "٢٠٢٦-03-02T09:00",
            "0001-01-01T00:00",
            "9999-12-31T23:59-01:00",
        ],
    )
    def test_what_is_no_moment_is_refused(self, text):
        with pytest.raises(ValueError, match="is not a moment"):
            days.moment(text)

    @given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
    def test_what_is_written_is_read_back(self, moment):
        assert days.moment(days.rfc3339(moment)) == moment

    @given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0)))
    def test_a_wall_time_is_read_as_the_first_moment_that_shows_it(self, wall):
        candidates = [(wall - timedelta(hours=hours)).replace(tzinfo=UTC) for hours in (2, 1)]
        shown = [at for at in candidates if at.astimezone(days.BRUSSELS).replace(tzinfo=None) == wall]
        assume(shown)
        assert days.moment(wall.isoformat()) == shown[0]


class TestDay:
    def test_a_day_is_read_strictly(self):
        assert days.day("2028-02-29") == date(2028, 2, 29)

    @pytest.mark.parametrize(
        "text",
        ["", "2026-2-01", "20260201", "2026-W01-1", "01-02-2026", "2026-02-29", "2026-13-01", "2026-02-01T00:00"],
    )
    def test_what_is_no_day_is_refused(self, text):
        with pytest.raises(ValueError, match=f"^`{text}` is not a day"):
            days.day(text)

    @pytest.mark.parametrize(
        ("utc", "day"),
        [
            ("2026-03-01T22:59:59Z", "2026-03-01"),
            ("2026-03-01T23:00:00Z", "2026-03-02"),
            ("2026-03-28T22:59:59Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T21:59:59Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
            ("2026-10-24T21:59:59Z", "2026-10-24"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:59:59Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-26"),
        ],
    )
    def test_the_day_changes_at_midnight_in_brussels(self, utc, day):
        assert days.day_of(days.moment(utc)).isoformat() == day

    @given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
    def test_a_day_begins_at_its_first_moment(self, day):
        start = days.start_of(day)
        assert days.day_of(start) == day
        assert days.day_of(start - timedelta(microseconds=1)) == day - timedelta(days=1)

    def test_the_days_of_the_clock_change_have_23_and_25_hours(self):
        assert days.start_of(date(2026, 3, 30)) - days.start_of(date(2026, 3, 29)) == timedelta(hours=23)
        assert days.start_of(date(2026, 10, 26)) - days.start_of(date(2026, 10, 25)) == timedelta(hours=25)

    def test_a_moment_without_offset_has_no_day_and_is_not_written(self):
        with pytest.raises(ValueError, match=r"^`2026-03-02T09:00:00` has no offset from UTC"):
            days.day_of(datetime(2026, 3, 2, 9))
        with pytest.raises(ValueError, match=r"^`2026-03-02T09:00:00` has no offset from UTC"):
            days.rfc3339(datetime(2026, 3, 2, 9))


def test_thirty_days_are_elapsed_time_over_a_clock_change():
    made = days.moment("2026-03-02T09:00")
    assert days.rfc3339(made + days.THIRTY_DAYS) == "2026-04-01T08:00:00.000000Z"
    assert (made + days.THIRTY_DAYS).astimezone(days.BRUSSELS).isoformat() == "2026-04-01T10:00:00+02:00"


def test_a_moment_of_an_early_year_is_written_with_four_digits():
    assert days.rfc3339(datetime(999, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "0999-01-02T03:04:05.000006Z"
