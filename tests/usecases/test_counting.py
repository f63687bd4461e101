"""What operators count: each entry of the history once, by whichever process, and the same after a kill."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import text

from accessmgr.core.actions import Action
from accessmgr.store.counts import StoredCounts
from accessmgr.usecases import counting
from accessmgr.usecases.counting import NO_LABEL, Counted, Counting
from accessmgr.usecases.decision_log import DecisionLog, ask_about
from tests.builders import OUTSIDER, an_ask
from tests.usecases.stage import Stage, a_stage


@dataclass
class Office:
    """An ordinary world and what is counted of it."""

    stage: Stage
    counts: StoredCounts

    def count(self) -> dict[tuple[Counted, tuple[str, str]], int]:
        Counting(self.stage.world, self.counts).follow()
        return dict(self.counts.totals())


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with a_stage(database_url) as stage:
        yield Office(stage, StoredCounts(stage.store.engine))


def test_an_empty_history_counts_nothing(office: Office) -> None:
    assert office.count() == {}
    assert office.counts.reached() == 0


def test_what_is_done_and_what_is_refused_is_counted_with_its_rules(office: Office) -> None:
    office.stage.perform(Action.GRANT_RIGHT, actor=OUTSIDER)
    office.stage.perform(Action.GRANT_RIGHT).or_refuse()
    office.stage.perform(Action.GRANT_RIGHT, level=350)
    found = office.count()
    assert found.pop((Counted.ENTRIES, ("right.granted", ""))) == 1
    assert found.pop((Counted.ENTRIES, ("action.refused", ""))) == 2
    assert found == {
        (Counted.DECISIONS, ("grant_right", "allowed")): 1,
        (Counted.DECISIONS, ("grant_right", "refused")): 2,
        (Counted.REFUSALS, ("GRANT-1", "")): 1,
        (Counted.REFUSALS, ("GRANT-10", "")): 1,
        (Counted.REFUSALS, ("KEY-2", "")): 1,
    }


def test_sign_ins_are_counted_by_key(office: Office) -> None:
    assert office.stage.perform(Action.SIGN_IN).decision.because == ("SIGNIN-3",)
    assert office.stage.perform(Action.SIGN_IN, application=None).decision.allowed
    counted = {label: count for (what, label), count in office.count().items() if what is Counted.SIGN_INS}
    assert counted == {("eid", "allowed"): 1, ("eid", "refused"): 1}


def test_what_is_only_asked_about_is_counted_by_the_batch(office: Office) -> None:
    log = DecisionLog(office.stage.world)
    for _ in range(3):
        ask_about(office.stage.world, log, an_ask(Action.ENTER_SECURE_AREA))
    log.close()
    assert office.count()[Counted.ASKED, NO_LABEL] == 3


def test_nothing_is_counted_twice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "AT_ONCE", 2)  # so that it takes several rounds
    for _ in range(5):
        office.stage.perform(Action.READ_HISTORY)
    first = office.count()
    assert sum(count for (what, _label), count in first.items() if what is Counted.ENTRIES) == 5
    assert office.count() == first
    office.stage.perform(Action.READ_HISTORY)
    assert office.count()[Counted.DECISIONS, ("read_history", "allowed")] == 6


def test_of_two_processes_that_count_the_same_entries_one_is_told_so(office: Office) -> None:
    one = {(Counted.DECISIONS, ("grant_right", "allowed")): 1}
    assert office.counts.add(0, 1, one)
    assert not office.counts.add(0, 1, one)
    assert dict(office.counts.totals()) == one


def test_how_things_stand_is_told_with_what_waits(office: Office) -> None:
    office.stage.perform(Action.GRANT_RIGHT)
    with office.stage.writing() as connection:
        connection.execute(text("INSERT INTO register_import VALUES (0, 77, '2026-02-27', 'full')"))
    now = office.counts.standing()
    assert (now.entries, now.extract, now.snapshot) == (1, 77, date(2026, 2, 27))
    assert now.waiting == {"letters": 0, "sign_outs": 0, "streams": 0}
