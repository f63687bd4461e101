"""Reviews: what is chosen, what an answer does, and what happens after the last day, in both databases."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.ledger.note import VerifierKey
from accessmgr.core.model import Role
from accessmgr.store.reviews import StoredReviews
from accessmgr.store.verification import verify_database
from accessmgr.usecases.perform import Done
from accessmgr.usecases.reviews import (
    CLOSED,
    OPENED,
    Item,
    Outcome,
    Reply,
    Review,
    Settled,
    Wanted,
    close_due,
    open_review,
    reply,
    reply_to_many,
    statement,
)
from accessmgr.usecases.world import Unknown, Writing
from accessmgr.vault.vault import is_signature
from tests.builders import (
    DAY,
    ENTERPRISE,
    ESTABLISHMENT,
    MAIN,
    NEWCOMER,
    NOW,
    OUTSIDER,
    TODAY,
    WORKER,
    a_grant,
    an_appointment,
)
from tests.usecases.stage import Stage, a_stage

IN_A_WEEK = TODAY + timedelta(days=7)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@dataclass
class Reviewed:
    """A world whose grants are reviewed."""

    stage: Stage
    reviews: StoredReviews

    def open(self, **spoilt: Any) -> Review:
        wanted = replace(Wanted(ENTERPRISE, IN_A_WEEK, ends=True), **spoilt)
        found = open_review(self.stage.world, self.reviews, wanted, MAIN, 500)
        assert found is not None
        return found

    def reply(self, review: Review, grant: str, answer: Outcome, by: str = MAIN, last: date | None = None) -> Done:
        return reply(self.stage.world, self.reviews, review.id, grant, Reply(answer, by, 500, last))

    def close(self) -> int:
        return close_due(self.stage.world, self.reviews)

    def pass_by(self) -> None:
        self.stage.clock.moment = NOW + DAY * 8

    def items(self, review: Review) -> list[Item]:
        return list(self.reviews.items(review.id, self.today))

    def outcomes(self, review: Review) -> dict[str, str]:
        return {item.grant.id: str(item.standing(self.today)) for item in self.items(review)}

    @property
    def today(self) -> date:
        return (self.stage.clock.moment + timedelta(hours=1)).date()

    def told(self, type_: str) -> list[dict[str, Any]]:
        return [entry for entry in self.stage.entries() if entry["type"] == type_]


@pytest.fixture
def reviewed(database_url: str) -> Iterator[Reviewed]:
    with a_stage(database_url) as stage:
        yield Reviewed(stage, StoredReviews(stage.store.engine))


VALID: dict[str, dict[str, Any]] = {"b": {"right": "energy_audit", "contexts": (ESTABLISHMENT,)}}
OF_NOBODY = {"contexts": ("V99999",)}
"""A context that does not belong to the enterprise: so a grant that rules out no other one, and cannot be confirmed."""


def put(reviewed: Reviewed, *ids: str, **spoilt: Any) -> None:
    """Grants of the worker, until the end of the year: `a` and `b` could be extended as they are."""
    for id_ in ids:
        own = {} if id_ == "a" else VALID.get(id_, {"contexts": (f"C{id_}",)})
        reviewed.stage.put(a_grant(**{"id": id_, "period": YEAR, **own, **spoilt}))


def test_a_review_holds_what_is_in_force_and_the_history_tells_of_it(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    put(reviewed, "revoked", revoked_at=NOW)
    put(reviewed, "over", period=Period(YEAR.first, TODAY - DAY))
    put(reviewed, "future", period=Period(TODAY + DAY, YEAR.last))
    review = reviewed.open()
    assert reviewed.outcomes(review) == {"a": "open", "b": "open"}
    [entry] = reviewed.told(OPENED)
    assert (entry["actor"], entry["data"]["count"], entry["data"]["ends"]) == (MAIN, 2, True)
    assert entry["sequence"] == review.opened


def test_without_a_grant_in_force_there_is_nothing_to_review(reviewed: Reviewed) -> None:
    put(reviewed, "revoked", revoked_at=NOW)
    wanted = Wanted(ENTERPRISE, IN_A_WEEK, ends=True)
    assert open_review(reviewed.stage.world, reviewed.reviews, wanted, MAIN, 500) is None
    assert reviewed.told(OPENED) == []


def test_a_review_ends_today_at_the_earliest(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    assert reviewed.open(last_day=TODAY).last_day == TODAY
    with pytest.raises(ValueError, match="before today"):
        reviewed.open(last_day=TODAY - DAY)


def test_a_sample_takes_the_ones_unused_for_longest(reviewed: Reviewed) -> None:
    reviewed.stage.perform(Action.GRANT_RIGHT).or_refuse()
    put(reviewed, "unused", right="energy_audit")
    reviewed.stage.perform(Action.ENTER_SECURE_AREA).or_refuse()
    reviewed.stage.clock.moment += DAY
    review = reviewed.open()
    assert [item.used for item in reviewed.items(review)] == [None, TODAY]
    assert [item.grant.id for item in reviewed.items(reviewed.open(sample=1))] == ["unused"]


def test_confirming_leaves_the_grant_as_it_is_and_says_who_answered_for_it(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    review = reviewed.open()
    done = reviewed.reply(review, "a", Outcome.CONFIRMED)
    [item] = reviewed.items(review)
    assert (item.outcome, item.by, item.entry, item.grant.period) == (Outcome.CONFIRMED, MAIN, done.sequence, YEAR)
    entry = reviewed.stage.entries()[done.sequence or 0]
    assert (entry["actor"], entry["type"], entry["decision"]["because"]) == (MAIN, "grant.extended", ["GRANT-1"])


def test_another_last_day_and_an_end_are_what_they_are_elsewhere(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    review = reviewed.open()
    reviewed.reply(review, "a", Outcome.CHANGED, last=TODAY + DAY)
    reviewed.reply(review, "b", Outcome.ENDED)
    first, second = reviewed.items(review)
    assert (first.outcome, first.grant.period.last, first.was) == (Outcome.CHANGED, TODAY + DAY, YEAR.last)
    assert (second.outcome, second.grant.revoked_at) == (Outcome.ENDED, NOW)


def test_the_same_last_day_is_a_confirmation(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    review = reviewed.open()
    reviewed.reply(review, "a", Outcome.CHANGED, last=YEAR.last)
    assert reviewed.outcomes(review) == {"a": "confirmed"}


def test_what_the_rules_refuse_is_on_record_and_stays_open(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    review = reviewed.open()
    refused = reviewed.reply(review, "a", Outcome.CONFIRMED, by=OUTSIDER)
    assert refused.decision.allowed is False
    assert reviewed.outcomes(review) == {"a": "open"}
    assert reviewed.reply(review, "a", Outcome.CONFIRMED).decision.allowed is True


def test_what_could_not_be_extended_cannot_be_confirmed_but_ended(reviewed: Reviewed) -> None:
    put(reviewed, "a", **OF_NOBODY)
    review = reviewed.open()
    assert reviewed.reply(review, "a", Outcome.CONFIRMED).decision.because == ("GRANT-5",)
    assert reviewed.reply(review, "a", Outcome.ENDED).decision.allowed is True


def test_each_grant_is_answered_once(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    review = reviewed.open()
    reviewed.reply(review, "a", Outcome.CONFIRMED)
    size = len(reviewed.stage.entries())
    with pytest.raises(Settled):
        reviewed.reply(review, "a", Outcome.ENDED)
    assert len(reviewed.stage.entries()) == size


def test_what_ended_otherwise_waits_for_nobody(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    review = reviewed.open()
    reviewed.stage.perform(Action.REVOKE_GRANT, grant="a").or_refuse()
    assert reviewed.outcomes(review) == {"a": "over", "b": "open"}
    assert reviewed.reviews.count([review.id], TODAY) == {review.id: {Outcome.OVER: 1, Outcome.OPEN: 1}}
    assert [item.grant.id for item in reviewed.reviews.items(review.id, TODAY, {Outcome.OPEN})] == ["b"]
    assert [item.grant.id for item in reviewed.reviews.items(review.id, TODAY, {Outcome.OVER})] == ["a"]
    with pytest.raises(Settled):
        reviewed.reply(review, "a", Outcome.CONFIRMED)


def test_a_grant_of_no_review_is_unknown(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    review = reviewed.open()
    put(reviewed, "later")
    with pytest.raises(Unknown):
        reviewed.reply(review, "later", Outcome.CONFIRMED)


def test_many_are_answered_each_by_itself(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    put(reviewed, "lost", **OF_NOBODY)
    review = reviewed.open()
    reviewed.reply(review, "b", Outcome.ENDED)
    given = Reply(Outcome.CONFIRMED, MAIN, 500)
    told = reply_to_many(reviewed.stage.world, reviewed.reviews, review.id, ["a", "b", "lost", "none"], given)
    assert [(id_, done and done.decision.allowed) for id_, done in told] == [
        ("a", True),
        ("b", None),
        ("lost", False),
        ("none", None),
    ]


def test_until_the_end_of_its_last_day_a_review_takes_answers(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    review = reviewed.open()
    reviewed.stage.clock.moment = NOW + DAY * 7
    assert reviewed.close() == 0
    assert reviewed.reply(review, "a", Outcome.CONFIRMED).decision.allowed is True
    reviewed.stage.clock.moment = NOW + DAY * 8
    with pytest.raises(Settled):
        reviewed.reply(review, "b", Outcome.CONFIRMED)


def test_what_nobody_confirmed_ends_after_the_last_day_by_order_of_who_opened_it(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b", "c")
    review = reviewed.open()
    reviewed.reply(review, "a", Outcome.CONFIRMED)
    reviewed.stage.perform(Action.REVOKE_GRANT, grant="b").or_refuse()
    reviewed.pass_by()
    assert reviewed.close() == 1
    assert reviewed.outcomes(review) == {"a": "confirmed", "b": "over", "c": "lapsed"}
    [lapsed] = [item for item in reviewed.items(review) if item.outcome is Outcome.LAPSED]
    assert (lapsed.by, lapsed.grant.revoked_at) == (MAIN, NOW + DAY * 8)
    assert reviewed.close() == 0


def test_what_nobody_confirmed_goes_on_if_that_was_chosen(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    review = reviewed.open(ends=False)
    reviewed.pass_by()
    reviewed.close()
    assert reviewed.outcomes(review) == {"a": "unanswered"}
    assert reviewed.items(review)[0].grant.revoked_at is None


def test_whoever_opened_it_and_manages_no_more_ends_nothing_and_the_result_says_why(reviewed: Reviewed) -> None:
    co_main = an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER, id="co-main")
    reviewed.stage.put(co_main)
    put(reviewed, "a")
    wanted = Wanted(ENTERPRISE, IN_A_WEEK, ends=True)
    review = open_review(reviewed.stage.world, reviewed.reviews, wanted, NEWCOMER, 500)
    assert review is not None
    reviewed.stage.perform(Action.END_APPOINTMENT, appointment=co_main.id).or_refuse()
    reviewed.pass_by()
    reviewed.close()
    [item] = reviewed.items(review)
    assert (item.outcome, item.because, item.grant.revoked_at) == (Outcome.NOT_ENDED, ("GRANT-1", "GRANT-13"), None)


def test_a_key_too_weak_at_the_opening_is_too_weak_at_the_end(reviewed: Reviewed) -> None:
    put(reviewed, "a")
    wanted = Wanted(ENTERPRISE, IN_A_WEEK, ends=True)
    review = open_review(reviewed.stage.world, reviewed.reviews, wanted, MAIN, 300)
    assert review is not None
    reviewed.pass_by()
    reviewed.close()
    [item] = reviewed.items(review)
    assert item.outcome is Outcome.NOT_ENDED
    assert [rule for rule in item.because if rule.startswith("KEY-")] != []


class Killed(Exception):
    """The process died."""


@pytest.mark.parametrize("lives", [0, 1, 2])
def test_a_process_that_dies_while_it_closes_leaves_the_rest_to_the_next(
    reviewed: Reviewed, lives: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accessmgr.usecases.reviews.AT_ONCE", 1)
    put(reviewed, "a", "b")
    review = reviewed.open()
    reviewed.pass_by()

    class Dying(StoredReviews):
        """Dies within a transaction, after so many answers were kept."""

        lived = 0

        def answer(self, tx: Writing, item: Item) -> None:
            super().answer(tx, item)
            if self.lived == lives:
                raise Killed
            self.lived += 1

        def close(self, *_: Any) -> None:
            raise Killed

    with pytest.raises(Killed):
        close_due(reviewed.stage.world, Dying(reviewed.stage.store.engine))
    assert [str(outcome) for outcome in reviewed.outcomes(review).values()].count("lapsed") == lives
    assert reviewed.close() == 1
    assert reviewed.outcomes(review) == {"a": "lapsed", "b": "lapsed"}
    assert len(reviewed.told("grant.revoked")) == 2
    assert len(reviewed.told(CLOSED)) == 1


def test_two_processes_that_close_at_once_end_each_grant_once(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    review = reviewed.open()
    reviewed.pass_by()

    class Meanwhile(StoredReviews):
        """What another process found due, before this one closed all of it."""

        def going_on(self, enterprises: Any = None) -> Any:
            found = super().going_on(enterprises)
            assert reviewed.close() == 1
            return found

    assert close_due(reviewed.stage.world, Meanwhile(reviewed.stage.store.engine)) == 0
    assert reviewed.outcomes(review) == {"a": "lapsed", "b": "lapsed"}
    assert len(reviewed.told("grant.revoked")) == 2
    assert len(reviewed.told(CLOSED)) == 1


def test_the_history_holds_the_digest_of_the_whole_result(reviewed: Reviewed) -> None:
    put(reviewed, "a", "b")
    review = reviewed.open(ends=False)
    reviewed.reply(review, "a", Outcome.CONFIRMED)
    reviewed.pass_by()
    reviewed.close()
    [entry] = reviewed.told(CLOSED)
    told = statement(review, reviewed.items(review))
    assert entry["data"]["digest"] == sha256(told).hexdigest()
    assert entry["data"]["counts"] == {"confirmed": 1, "unanswered": 1}
    assert [each["outcome"] for each in json.loads(told)["grants"]] == ["confirmed", "unanswered"]
    assert [each["holder"] for each in json.loads(told)["grants"]] == [WORKER, WORKER]
    assert reviewed.reviews.going_on() == []
    assert [each.closed for each in reviewed.reviews.of(ENTERPRISE)] == [entry["sequence"]]


def test_a_history_with_reviews_is_decided_again_to_the_same(reviewed: Reviewed) -> None:
    with reviewed.stage.store.writing() as tx:  # the first entry tells what was always so
        tx.append("world.opened", NOW)
    reviewed.stage.perform(Action.GRANT_RIGHT).or_refuse()
    review = reviewed.open()
    [item] = reviewed.items(review)
    reviewed.reply(review, item.grant.id, Outcome.CONFIRMED)
    second = reviewed.open()
    reviewed.pass_by()
    assert reviewed.close() == 2
    assert reviewed.outcomes(second) == {item.grant.id: "lapsed"}
    store = reviewed.stage.store
    key = VerifierKey.parse(store.verifier_key())
    with store.reading() as look:
        found = verify_database(look, is_signature, key=key)
    assert str(found).startswith("VALID")
