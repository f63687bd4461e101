"""Many lines at once: each as if it came alone, all or nothing or each by itself; and what is shown before is done."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.usecases.bulk import AT_ONCE, MOST, Line, Outcome, TooMany, consider_many, perform_many
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Conflict
from tests.builders import (
    ENTERPRISE,
    IN_A_MONTH,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    TODAY,
    TOMORROW,
    WORKER,
    a_grant,
    a_work_relation,
    an_ask,
)
from tests.store.eventful import whole_verdict
from tests.usecases.stage import MovableClock, Stage, a_stage

GRANT, EXTEND, REVOKE = Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.REVOKE_GRANT
DONE, REFUSED, UNKNOWN, NOT_DONE = Outcome.DONE, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.NOT_DONE
YESTERDAY = TODAY - timedelta(days=1)
TWO_YEARS_ON = TODAY + timedelta(days=730)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The ordinary world, where the kind of database makes no difference."""
    with a_stage("sqlite://") as stage:
        yield stage


@pytest.fixture
def either(database_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(database_url) as stage:
        yield stage


def day_from_now(days: int) -> Ask:
    """A right for one day, so many days from now: such lines do not touch each other."""
    day = TODAY + timedelta(days=days)
    return an_ask(GRANT, period=Period(day, day))


def days(count: int) -> list[Ask]:
    return [day_from_now(number) for number in range(count)]


def told(lines: list[Line]) -> list[tuple[str, tuple[str, ...], int | None]]:
    return [(str(line.outcome), line.because, line.sequence) for line in lines]


def grants(stage: Stage) -> int:
    with stage.store.reading() as look:
        return len(look.lists.grants(enterprise=ENTERPRISE))


def is_whole(stage: Stage) -> bool:
    """Whether state and history agree, once a checkpoint is over all of it."""
    with stage.store.writing() as tx:
        tx.checkpoint()
    return whole_verdict(stage) == f"VALID {len(stage.entries())}: "


def each(stage: Stage, asks: list[Ask], **rest: Any) -> list[Line]:
    return perform_many(stage.world, asks, all_or_nothing=False, **rest)


def all_or_none(stage: Stage, asks: list[Ask], **rest: Any) -> list[Line]:
    return perform_many(stage.world, asks, all_or_nothing=True, **rest)


# --- each by itself -----------------------------------------------------------------------------------------


def test_each_line_is_done_or_refused_by_itself_and_on_record(either: Stage) -> None:
    either.put(a_grant(period=Period(TODAY, IN_A_MONTH), contexts=("99999",)))
    lines = each(
        either,
        [
            day_from_now(1),
            an_ask(GRANT, contexts=()),
            an_ask(EXTEND, last_day=TWO_YEARS_ON),
            an_ask(REVOKE),
            an_ask(REVOKE),
            an_ask(REVOKE, grant="none"),
            an_ask(GRANT, person="nobody"),
            an_ask(GRANT, right="none"),
            day_from_now(2),
        ],
    )
    assert told(lines) == [
        ("done", ("GRANT-1",), 0),
        ("refused", ("GRANT-4",), 1),
        ("refused", ("GRANT-5", "GRANT-8"), 2),
        ("done", ("GRANT-1",), 3),
        ("refused", ("GRANT-12",), 4),
        ("unknown", (), None),
        ("unknown", (), None),
        ("unknown", (), None),
        ("done", ("GRANT-1",), 5),
    ]
    assert [entry["type"] for entry in either.entries()] == [
        "right.granted",
        "action.refused",
        "action.refused",
        "grant.revoked",
        "action.refused",
        "right.granted",
    ]


@pytest.mark.parametrize("all_or_nothing", [True, False])
def test_what_one_line_brings_about_the_next_one_sees(stage: Stage, all_or_nothing: bool) -> None:
    stage.put(a_grant())
    asks = [an_ask(GRANT), an_ask(REVOKE), an_ask(GRANT)]
    one_less = [asks[1], asks[2]]
    assert [line.because for line in consider_many(stage.world, asks)] == [("GRANT-10",), ("GRANT-1",), ("GRANT-1",)]
    lines = perform_many(stage.world, one_less, all_or_nothing=all_or_nothing)
    assert told(lines) == [("done", ("GRANT-1",), 0), ("done", ("GRANT-1",), 1)]


def test_the_same_line_twice_is_refused_the_second_time(stage: Stage) -> None:
    assert told(each(stage, [an_ask(GRANT), an_ask(GRANT)])) == [
        ("done", ("GRANT-1",), 0),
        ("refused", ("GRANT-10",), 1),
    ]


def test_a_line_about_another_enterprise_names_what_does_not_exist(stage: Stage) -> None:
    stage.put(a_grant(), a_grant(id="elsewhere", enterprise=OTHER_ENTERPRISE))
    asks = [an_ask(REVOKE, grant="elsewhere", actor=WORKER), an_ask(REVOKE, actor=WORKER)]
    assert told(each(stage, asks, enterprise=ENTERPRISE)) == [("unknown", (), None), ("done", ("GRANT-13",), 0)]
    assert told(each(stage, asks[:1])) == [("done", ("GRANT-13",), 1)]


def test_somebody_without_a_tie_is_not_told_from_somebody_who_does_not_exist(stage: Stage) -> None:
    lines = each(stage, [an_ask(GRANT, person=NEWCOMER), an_ask(GRANT, person="nobody")], enterprise=ENTERPRISE)
    assert told(lines) == [("unknown", (), None), ("unknown", (), None)]
    stage.put(a_work_relation(NEWCOMER, period=Period(YESTERDAY, YESTERDAY)))
    (line,) = each(stage, [an_ask(GRANT, person=NEWCOMER)], enterprise=ENTERPRISE)
    assert (line.outcome, line.because) == (REFUSED, ("GRANT-2",))


def test_many_lines_are_done_in_several_transactions(stage: Stage) -> None:
    lines = each(stage, days(2 * AT_ONCE + 1))
    assert [line.sequence for line in lines] == list(range(2 * AT_ONCE + 1))
    assert is_whole(stage)


@dataclass
class FailingClock(MovableClock):
    """A clock that fails when it is looked at for the so many'th time; each line looks at it once."""

    fails_at: tuple[int, ...] = ()
    fault: BaseException | None = None
    looks: int = 0

    def now(self) -> datetime:
        """The present moment, or the fault."""
        self.looks += 1
        if self.fault is not None and self.looks in self.fails_at:
            raise self.fault
        return self.moment


def failing(stage: Stage, fault: BaseException, *at: int) -> Stage:
    clock = FailingClock(NOW, at, fault)
    return replace(stage, world=replace(stage.world, clock=clock), clock=clock)


@pytest.mark.parametrize(("fault", "outcome"), [(RuntimeError(), "failed"), (Conflict(), "conflict")])
def test_a_fault_in_a_line_takes_nothing_from_the_others(either: Stage, fault: Exception, outcome: str) -> None:
    # The third line fails among the others, and then in a transaction of its own.
    lines = each(failing(either, fault, 3, 6), days(5))
    assert [str(line.outcome) for line in lines] == ["done", "done", outcome, "done", "done"]
    assert (grants(either), is_whole(either)) == (4, True)


def test_a_fault_that_is_over_when_the_line_is_tried_by_itself_is_none(stage: Stage) -> None:
    lines = each(failing(stage, RuntimeError(), 3), days(4))
    assert [line.outcome for line in lines] == [DONE] * 4


def test_stopped_midway_state_and_history_agree(either: Stage) -> None:
    with pytest.raises(SystemExit):
        each(failing(either, SystemExit(), AT_ONCE + 7), days(2 * AT_ONCE))
    assert (grants(either), len(either.entries())) == (AT_ONCE, AT_ONCE)
    assert is_whole(either)


def test_when_the_history_cannot_be_written_any_more_the_lines_before_stay_told(stage: Stage) -> None:
    lines = each(failing(stage, Unrecorded("no room"), AT_ONCE + 7), days(AT_ONCE + 10))
    assert [line.outcome for line in lines] == [DONE] * AT_ONCE + [Outcome.FAILED] * 10
    assert is_whole(stage)


def test_when_the_history_cannot_be_written_at_all_that_is_what_one_gets(stage: Stage) -> None:
    with pytest.raises(Unrecorded):
        each(failing(stage, Unrecorded("no room"), 3), days(5))
    assert stage.entries() == []


# --- all or nothing -----------------------------------------------------------------------------------------


def test_all_or_nothing_does_all(stage: Stage) -> None:
    lines = all_or_none(stage, days(AT_ONCE + 5))
    assert [line.sequence for line in lines] == list(range(AT_ONCE + 5))
    assert (grants(stage), is_whole(stage)) == (AT_ONCE + 5, True)


def test_one_refused_line_undoes_all_and_is_on_record(either: Stage) -> None:
    asks = [
        day_from_now(1),
        an_ask(GRANT, contexts=()),
        day_from_now(3),
        an_ask(GRANT, period=Period(TODAY, YESTERDAY)),
    ]
    assert told(all_or_none(either, asks)) == [
        ("not_done", (), None),
        ("refused", ("GRANT-4",), 0),
        ("not_done", (), None),
        ("refused", ("GRANT-7",), 1),
    ]
    assert grants(either) == 0
    assert [entry["type"] for entry in either.entries()] == ["action.refused", "action.refused"]
    assert is_whole(either)


def test_a_line_refused_for_what_an_earlier_one_would_have_done_leaves_no_entry(stage: Stage) -> None:
    assert told(all_or_none(stage, [an_ask(GRANT), an_ask(GRANT)])) == [
        ("not_done", (), None),
        ("refused", ("GRANT-10",), None),
    ]
    assert (grants(stage), stage.entries()) == (0, [])


def test_the_entry_of_a_refusal_tells_what_holds_without_the_lines_before(stage: Stage) -> None:
    stage.put(a_grant())
    lines = all_or_none(stage, [an_ask(REVOKE), an_ask(EXTEND, last_day=YESTERDAY)])
    assert told(lines) == [("not_done", (), None), ("refused", ("GRANT-12", "GRANT-7"), 0)]
    assert [entry["decision"]["because"] for entry in stage.entries()] == [["GRANT-7"]]
    assert is_whole(stage)


def test_a_line_that_names_nothing_undoes_all(stage: Stage) -> None:
    assert told(all_or_none(stage, [an_ask(GRANT), an_ask(REVOKE, grant="none")])) == [
        ("not_done", (), None),
        ("unknown", (), None),
    ]
    assert (grants(stage), stage.entries()) == (0, [])


@pytest.mark.parametrize("fault", [Conflict(), SystemExit()])
def test_a_fault_undoes_all(either: Stage, fault: BaseException) -> None:
    with pytest.raises(type(fault)):
        all_or_none(failing(either, fault, 3), days(5))
    assert (grants(either), either.entries()) == (0, [])


# --- how many -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_no_line_or_too_many_are_not_taken(count: int) -> None:
    with a_stage("sqlite://") as stage:
        asks = [an_ask(GRANT)] * count
        for take in (each, all_or_none, lambda stage, asks: consider_many(stage.world, asks)):
            with pytest.raises(TooMany):
                take(stage, asks)
        assert stage.entries() == []


def test_a_thousand_lines_are_taken(stage: Stage) -> None:
    lines = each(stage, [an_ask(REVOKE, grant="none")] * MOST)
    assert [line.outcome for line in lines] == [UNKNOWN] * MOST


# --- what is shown before ------------------------------------------------------------------------------------

HELD = ("one", "two")
LINES = st.one_of(
    st.builds(
        lambda first, length, contexts, actor, person: an_ask(
            GRANT,
            period=Period(TODAY + timedelta(days=first), TODAY + timedelta(days=first + length)),
            contexts=contexts,
            actor=actor,
            person=person,
        ),
        st.integers(-1, 6),
        st.integers(-1, 4),
        st.sampled_from([(RECOGNITION,), (), ("none",)]),
        st.sampled_from([an_ask(GRANT).actor] * 4 + [OUTSIDER]),
        st.sampled_from([WORKER] * 4 + [OUTSIDER, "nobody"]),
    ),
    st.builds(
        lambda grant, days: an_ask(EXTEND, grant=grant, last_day=TODAY + timedelta(days=days)),
        st.sampled_from([*HELD, "none"]),
        st.integers(-1, 12),
    ),
    st.builds(lambda grant: an_ask(REVOKE, grant=grant), st.sampled_from([*HELD, "none"])),
)


@settings(max_examples=30, phases=[Phase.generate])  # each example is a database: too slow to shrink
@given(asks=st.lists(LINES, min_size=1, max_size=8), all_or_nothing=st.booleans())
def test_what_is_shown_before_is_what_then_happens(asks: list[Ask], all_or_nothing: bool) -> None:
    with a_stage("sqlite://") as stage:
        stage.put(
            a_grant(id="one", period=Period(TODAY, TOMORROW)),
            a_grant(id="two", period=Period(TODAY + timedelta(days=4), TODAY + timedelta(days=6))),
        )
        before = stage.content()
        shown = consider_many(stage.world, asks)
        assert stage.content() == before
        lines = perform_many(stage.world, asks, all_or_nothing=all_or_nothing)
    expected = [(line.outcome, line.because) for line in shown]
    if all_or_nothing and {line.outcome for line in shown} != {DONE}:
        expected = [(NOT_DONE, ()) if outcome is DONE else (outcome, because) for outcome, because in expected]
    assert [(line.outcome, line.because) for line in lines] == expected


def test_what_is_shown_before_changes_nothing_and_names_no_entry(either: Stage) -> None:
    either.put(a_grant())
    before = either.content()
    shown = consider_many(either.world, [an_ask(REVOKE), an_ask(GRANT), an_ask(GRANT), an_ask(EXTEND)])
    assert told(shown) == [
        ("done", ("GRANT-1",), None),
        ("done", ("GRANT-1",), None),
        ("refused", ("GRANT-10",), None),
        ("refused", ("GRANT-10", "GRANT-12"), None),
    ]
    assert either.content() == before
