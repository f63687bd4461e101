"""Each saved question: something that it finds, and near misses that it does not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.model import AppointmentState, Role
from accessmgr.store import tables
from accessmgr.usecases import questions
from accessmgr.usecases.perform import perform
from accessmgr.usecases.questions import QUESTIONS, Hit, Inquiry, answer, whole
from accessmgr.usecases.sampling import Draw, draws, sample
from tests.builders import (
    AUDITOR,
    ENTERPRISE,
    LAST_YEAR,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    REPRESENTATIVE,
    TODAY,
    WORKER,
    a_grant,
    an_appointment,
)
from tests.usecases.stage import Stage, a_stage

YEAR = Period(TODAY - timedelta(days=365), TODAY)


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    with a_stage(stage_url) as stage:
        yield stage


def found(stage: Stage, question: str, enterprise: str | None = ENTERPRISE, **asked: Any) -> list[Hit]:
    """The whole answer to a question about the year until the day of the clock."""
    today = stage.clock.moment.date()
    period = asked.pop("period", Period(today - timedelta(days=365), today))
    with stage.store.reading() as look:
        return list(whole(QUESTIONS[question], Inquiry(stage.world, look, enterprise, period, **asked)))


def told(hits: list[Hit]) -> list[tuple[str, tuple[str, ...]]]:
    """Enterprise and people of each hit."""
    return [(hit.enterprise, hit.people) for hit in hits]


def fact(stage: Stage, table: Any, **values: Any) -> None:
    """Add a row that was always known."""
    with stage.writing() as connection:
        connection.execute(table.__table__.insert().values(**values))


def test_a_right_that_one_grants_to_oneself_is_found_and_one_that_another_grants_is_not(stage: Stage) -> None:
    stage.put(a_grant(id="own", holder=MAIN, by=MAIN), a_grant(id="other", holder=WORKER, by=MAIN))

    assert told(found(stage, "self-grants")) == [(ENTERPRISE, (MAIN,))]
    assert told(found(stage, "self-grants", None)) == [(ENTERPRISE, (MAIN,))]
    assert found(stage, "self-grants", OTHER_ENTERPRISE) == []


def test_the_entry_that_made_it_is_told(stage: Stage) -> None:
    stage.put(an_appointment(Role.CO_MAIN_ACCESS_MANAGER, WORKER))
    granted = stage.perform(Action.GRANT_RIGHT, actor=WORKER, person=WORKER).or_refuse()

    assert [(hit.people, hit.entries) for hit in found(stage, "self-grants")] == [((WORKER,), (granted.sequence,))]


def test_a_right_that_ended_before_the_period_is_not_found(stage: Stage) -> None:
    stage.put(a_grant(holder=MAIN, by=MAIN))

    assert found(stage, "self-grants", period=Period(date(2019, 1, 1), date(2019, 12, 31))) == []


def everything_in_main(stage: Stage, **spoilt: Any) -> None:
    """The main manager represents the enterprise and holds a right, as far as it is not spoilt."""
    fact(
        stage,
        tables.Function,
        **{"id": "f-main", "enterprise": ENTERPRISE, "code": "director", "holder": MAIN, "first": LONG_AGO, **spoilt},
    )
    stage.put(a_grant(holder=MAIN, by="somebody"))


def test_one_person_with_every_role_is_found_once(stage: Stage) -> None:
    everything_in_main(stage)
    stage.put(an_appointment(Role.CO_MAIN_ACCESS_MANAGER, MAIN, id="zz second role"))

    assert told(found(stage, "every-role")) == [(ENTERPRISE, (MAIN,))]
    assert told(found(stage, "every-role", None)) == [(ENTERPRISE, (MAIN,))]


@pytest.mark.parametrize(
    "spoilt", [{"last": TODAY - timedelta(days=1)}, {"code": "auditor"}, {"enterprise": OTHER_ENTERPRISE}]
)
def test_somebody_who_does_not_represent_the_enterprise_has_not_every_role(
    stage: Stage, spoilt: dict[str, Any]
) -> None:
    everything_in_main(stage, **spoilt)

    assert found(stage, "every-role") == []


def test_somebody_whose_right_ended_has_not_any_more_every_role(stage: Stage) -> None:
    everything_in_main(stage)
    assert told(found(stage, "every-role")) == [(ENTERPRISE, (MAIN,))]

    stage.clock.moment += timedelta(days=400)
    assert found(stage, "every-role") == []


def test_a_manager_whose_death_is_recorded_is_found(stage: Stage) -> None:
    fact(stage, tables.Death, id=MAIN, day=TODAY - timedelta(days=1))

    hits = found(stage, "managers-who-left")
    assert [(hit.people[0], hit.since) for hit in hits] == [(MAIN, TODAY - timedelta(days=1))]


def test_a_manager_whose_death_lies_ahead_or_whose_role_ended_is_not_found(stage: Stage) -> None:
    fact(stage, tables.Death, id=MAIN, day=TODAY + timedelta(days=1))
    fact(stage, tables.Death, id=NEWCOMER, day=TODAY - timedelta(days=9))
    ended = an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER)
    stage.put(replace(ended, closed_at=NOW - timedelta(days=1), outcome=AppointmentState.ENDED))

    assert found(stage, "managers-who-left") == []


def test_a_manager_whose_representative_left_is_found_and_not_while_they_stay(stage: Stage) -> None:
    stage.put(an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER, by="left"))
    function = {"enterprise": ENTERPRISE, "code": "director", "holder": "left", "first": LONG_AGO}
    yesterday = TODAY - timedelta(days=1)
    fact(stage, tables.Function, id="f-left", last=yesterday, **function)

    assert [(hit.people, hit.since) for hit in found(stage, "managers-who-left")] == [((NEWCOMER, "left"), yesterday)]

    fact(stage, tables.Function, id="f-back", **{**function, "first": TODAY})
    assert found(stage, "managers-who-left") == []


@pytest.mark.parametrize(
    ("first", "hits"),
    [
        (TODAY, 1),
        (TODAY - timedelta(days=1), 1),
        (TODAY - timedelta(days=2), 0),
        (TODAY + timedelta(days=2), 1),
        (TODAY + timedelta(days=3), 0),
    ],
)
def test_a_right_granted_near_a_change_of_representative_is_found(stage: Stage, first: date, hits: int) -> None:
    """It is noon on the day of the grant: a change of that day began twelve hours ago."""
    granted = stage.perform(Action.GRANT_RIGHT)
    fact(stage, tables.Function, id="new", enterprise=ENTERPRISE, code="director", holder=NEWCOMER, first=first)

    near = found(stage, "near-a-change")
    assert [hit.entries for hit in near] == [(granted.sequence,)] * hits


def test_a_function_that_represents_nobody_is_no_change_of_representative(stage: Stage) -> None:
    stage.perform(Action.GRANT_RIGHT)
    fact(stage, tables.Function, id="new", enterprise=ENTERPRISE, code="founder", holder=NEWCOMER, first=TODAY)

    assert found(stage, "near-a-change") == []


def old_right(stage: Stage, **spoilt: Any) -> None:
    """A right that began two years ago and goes on."""
    period = Period(TODAY - timedelta(days=730), TODAY + timedelta(days=30))
    stage.put(a_grant(**{"period": period, "by": MAIN, **spoilt}))


def test_a_right_that_nobody_used_for_a_year_is_found(stage: Stage) -> None:
    old_right(stage)

    assert told(found(stage, "unused")) == [(ENTERPRISE, (WORKER,))]


def test_a_right_that_was_used_is_not_found_until_a_year_later(stage: Stage) -> None:
    old_right(stage, period=Period(TODAY - timedelta(days=730), TODAY + timedelta(days=900)))
    stage.perform(Action.ENTER_SECURE_AREA)
    assert found(stage, "unused") == []

    stage.clock.moment += timedelta(days=364)
    assert found(stage, "unused") == []
    stage.clock.moment += timedelta(days=2)
    assert told(found(stage, "unused")) == [(ENTERPRISE, (WORKER,))]


def test_another_right_that_was_used_does_not_count(stage: Stage) -> None:
    old_right(stage)
    old_right(stage, id="unused", right="energy_audit")
    stage.perform(Action.ENTER_SECURE_AREA)

    assert [hit.right for hit in found(stage, "unused")] == ["energy_audit"]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"period": Period(TODAY - timedelta(days=364), TODAY)},
        {"period": Period(TODAY - timedelta(days=730), TODAY - timedelta(days=1))},
        {"revoked_at": LAST_YEAR},
    ],
)
def test_a_right_that_is_younger_or_over_is_not_unused(stage: Stage, spoilt: dict[str, Any]) -> None:
    old_right(stage, **spoilt)

    assert found(stage, "unused") == []


def test_a_right_whose_maker_manages_no_more_is_found(stage: Stage) -> None:
    stage.put(a_grant(id="gone", by=NEWCOMER))
    assert told(found(stage, "maker-gone")) == [(ENTERPRISE, (NEWCOMER, WORKER))]
    assert told(found(stage, "maker-gone", None)) == [(ENTERPRISE, (NEWCOMER, WORKER))]

    stage.put(an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER))
    assert found(stage, "maker-gone") == []


def test_a_right_whose_maker_manages_is_not_found(stage: Stage) -> None:
    stage.put(a_grant(by=MAIN))

    assert found(stage, "maker-gone") == []


def read_history(stage: Stage, wall_clock: datetime) -> None:
    """An auditor reads the history of the enterprise."""
    stage.clock.moment = wall_clock
    ask = Ask(action=Action.READ_HISTORY, actor=AUDITOR, level=500, enterprise=ENTERPRISE, purpose=True)
    perform(stage.world, ask).or_refuse()


@pytest.mark.parametrize(
    ("at", "hits"),
    [
        (datetime(2026, 3, 10, 17, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 10, 18, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 11, 5, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 11, 6, 0, tzinfo=UTC), 0),
        (datetime(2026, 3, 14, 11, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 13, 11, 0, tzinfo=UTC), 0),
        (datetime(2026, 7, 10, 16, 59, tzinfo=UTC), 0),
        (datetime(2026, 7, 10, 17, 0, tzinfo=UTC), 1),
    ],
)
def test_looks_outside_office_hours_in_brussels_are_found(stage: Stage, at: datetime, hits: int) -> None:
    read_history(stage, at)

    assert told(found(stage, "odd-hours")) == [(ENTERPRISE, (AUDITOR,))] * hits
    assert told(found(stage, "odd-hours", None)) == [(ENTERPRISE, (AUDITOR,))] * hits
    assert found(stage, "odd-hours", OTHER_ENTERPRISE) == []


def test_a_look_up_that_found_nobody_is_found_and_another_refusal_is_not(stage: Stage) -> None:
    stage.clock.moment = NOW + timedelta(hours=10)
    nobody = stage.perform(Action.LINK_PERSON, person=None)
    other = stage.perform(Action.GRANT_RIGHT, actor=NEWCOMER)

    assert "PERSON-2" in nobody.decision.because
    assert other.decision.allowed is False
    assert [hit.entries for hit in found(stage, "odd-hours")] == [(nobody.sequence,)]


def test_an_answer_goes_on_page_by_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "BATCH", 2)
    stage.put(*(a_grant(id=f"g{n}", holder=MAIN, by=MAIN, contexts=(str(n),)) for n in range(5)))
    with stage.store.reading() as look:
        inquiry = Inquiry(stage.world, look, ENTERPRISE, YEAR)
        first = answer(QUESTIONS["self-grants"], inquiry, most=2)
        second = answer(QUESTIONS["self-grants"], inquiry, first.after, most=2)
        third = answer(QUESTIONS["self-grants"], inquiry, second.after, most=2)

    pages = [[hit.grant for hit in page.hits] for page in (first, second, third)]
    assert pages == [["g0", "g1"], ["g2", "g3"], ["g4"]]
    assert third.after is None


def test_windows_of_entries_miss_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "WINDOW", 2)
    late = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
    for minutes in range(5):
        read_history(stage, late + timedelta(minutes=minutes))

    for enterprise in (ENTERPRISE, None):
        assert [hit.entries for hit in found(stage, "odd-hours", enterprise)] == [(4,), (3,), (2,), (1,), (0,)]


def test_a_question_can_be_asked_of_what_was_known(stage: Stage) -> None:
    stage.perform(Action.GRANT_RIGHT)
    ended = stage.clock.moment
    stage.clock.moment += timedelta(hours=1)
    role = an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN).id
    stage.perform(Action.END_APPOINTMENT, actor=REPRESENTATIVE, appointment=role, without_successor=True).or_refuse()

    assert told(found(stage, "maker-gone")) == [(ENTERPRISE, (MAIN, WORKER))]
    assert found(stage, "maker-gone", known_at=ended) == []


def test_the_questions_have_sentences_and_ids_for_addresses() -> None:
    assert all(re.fullmatch(r"[a-z-]+", id_) for id_ in QUESTIONS)
    assert [question.says[-1] for question in QUESTIONS.values()] == ["?"] * 7


def test_draws_are_those_of_the_documented_hash() -> None:
    assert list(draws("seed", 5)) == [0, 1, 4, 3, 2]
    assert sorted(draws("another", 100)) == list(range(100))
    assert list(draws("seed", 0)) == []


def test_a_sample_is_the_same_for_everybody_and_another_for_another_seed(stage: Stage) -> None:
    for minutes in range(20):
        read_history(stage, NOW + timedelta(minutes=minutes))
    with stage.store.reading() as look:
        of_all, of_one = (
            [sample(look, Draw(seed, 5, enterprise, 0, 20)) for seed in ("a", "a", "b")]
            for enterprise in (None, ENTERPRISE)
        )
        nothing = sample(look, Draw("a", 5, OTHER_ENTERPRISE, 0, 20))

    assert of_all == of_one
    assert of_all[0] == of_all[1]
    assert of_all[0] != of_all[2]
    assert len(set(of_all[0])) == 5
    assert nothing == []


def test_a_sample_of_rights_holds_nothing_else(stage: Stage) -> None:
    read_history(stage, NOW)
    granted = stage.perform(Action.GRANT_RIGHT)
    read_history(stage, NOW)
    with stage.store.reading() as look:
        assert sample(look, Draw("a", 5, None, 0, 3, of_grants=True)) == [granted.sequence]
        assert sample(look, Draw("a", 5, None, 0, 1, of_grants=True)) == []
