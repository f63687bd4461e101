"""Who is told of a review: of its opening, seven days ahead, on its last day and when it is closed, once each."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.model import Role
from accessmgr.store.notices import StoredNotices
from accessmgr.store.reviews import StoredReviews
from accessmgr.usecases.notices import Kind
from accessmgr.usecases.reviews import Outcome, Reply, Review, Wanted, open_review, reply
from tests.builders import DAY, ENTERPRISE, MAIN, NEWCOMER, OUTSIDER, TODAY, WORKER, a_grant, an_appointment
from tests.usecases.stage import a_stage
from tests.usecases.test_notices import Post, Told

IN_TEN_DAYS = TODAY + timedelta(days=10)


@pytest.fixture
def told(database_url: str) -> Iterator[Told]:
    with a_stage(database_url) as stage:
        stage.put(
            a_grant(),
            an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER, id="co-main"),
            an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER, id="local"),
        )
        told = Told(stage, StoredNotices(stage.store.engine), Post())
        told.another().follow()
        yield told


def opened(told: Told, **spoilt: Any) -> Review:
    wanted = Wanted(ENTERPRISE, **{"last_day": IN_TEN_DAYS, "ends": True, **spoilt})
    found = open_review(told.stage.world, StoredReviews(told.stage.store.engine), wanted, MAIN, 500)
    assert found is not None
    return found


def answered(told: Told, review: Review, answer: Outcome = Outcome.CONFIRMED, **given: Any) -> None:
    reviews = StoredReviews(told.stage.store.engine)
    done = reply(told.stage.world, reviews, review.id, "grant", Reply(answer, MAIN, 500, **given))
    assert done.decision.allowed


def test_an_opening_is_told_to_those_who_may_answer_by_the_rules_but_not_to_who_did_it(told: Told) -> None:
    review = opened(told)
    assert told.new() == [(NEWCOMER, Kind.REVIEW_OPENED)]
    assert told.new() == []
    newest = told.newest(NEWCOMER)
    assert (newest.enterprise, newest.thing, newest.last) == (ENTERPRISE, review.id, IN_TEN_DAYS)


def test_whoever_keeps_a_right_is_not_told_of_a_change_that_is_none(told: Told) -> None:
    review = opened(told)
    told.new()
    answered(told, review)
    assert told.new() == []


def test_whoever_keeps_a_right_for_shorter_is_told_so(told: Told) -> None:
    review = opened(told)
    told.new()
    answered(told, review, Outcome.CHANGED, last=TODAY + DAY)
    assert told.new() == [(WORKER, Kind.CHANGED)]


WAITS = [(MAIN, Kind.REVIEW_WAITS), (NEWCOMER, Kind.REVIEW_WAITS)]


def test_managers_are_reminded_seven_days_ahead_and_on_the_last_day(told: Told) -> None:
    opened(told)
    told.new()
    days = []
    for day in range(1, 11):
        told.stage.clock.moment += DAY
        new = told.new()
        assert told.new() == []
        if new:
            days.append((day, new))
    assert days == [(3, WAITS), (10, WAITS)]


def test_whoever_comes_late_is_reminded_once(told: Told) -> None:
    opened(told)
    told.new()
    told.stage.clock.moment += DAY * 10
    assert told.new() == WAITS


def test_when_all_is_answered_nobody_is_reminded(told: Told) -> None:
    review = opened(told)
    told.new()
    answered(told, review)
    told.stage.clock.moment += DAY * 3
    assert told.new() == []


def test_the_end_is_told_to_who_opened_the_review_and_a_lost_right_to_its_holder(told: Told) -> None:
    opened(told)
    told.stage.clock.moment += DAY * 11
    told.new()
    assert told.another().close_reviews() == 1
    assert told.new() == [(MAIN, Kind.REVIEW_CLOSED), (WORKER, Kind.REVOKED)]
    assert told.another().close_reviews() == 0
    assert told.new() == []


def test_a_review_of_one_day_reminds_nobody_on_the_day_of_its_opening(told: Told) -> None:
    opened(told, last_day=TODAY)
    assert told.new() == [(NEWCOMER, Kind.REVIEW_OPENED)]
    told.stage.perform(Action.REVOKE_GRANT, grant="grant").or_refuse()
    assert told.new() == [(WORKER, Kind.REVOKED)]
