"""The decision log: what a line tells, when batches are written, and that nothing is told which cannot be logged."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from accessmgr.core.actions import Action
from accessmgr.store import tables
from accessmgr.store.asked import check_asked, lines_asked
from accessmgr.usecases.decision_log import DecisionLog, ask_about, ask_in
from accessmgr.usecases.unrecorded import Unrecorded
from tests.builders import ENTERPRISE, MAIN, NOW, OUTSIDER, RECOGNITION, WORKER, a_grant, an_ask
from tests.usecases.stage import Stage, a_stage

asked_t = tables.AskedDecision.__table__
ENTERS = an_ask(Action.ENTER_SECURE_AREA, actor=WORKER)


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, in which the worker has a grant, and one entry stands in the history."""
    with a_stage(stage_url) as ready:
        ready.put(a_grant())
        ready.perform(Action.SIGN_IN, actor=MAIN)
        yield ready


def asks(stage: Stage, log: DecisionLog, **different: Any) -> bool:
    """Ask whether the worker may enter, or something else, and give the answer."""
    ask = an_ask(Action.ENTER_SECURE_AREA, **{"actor": WORKER, **different})
    return ask_about(stage.world, log, ask).decision.allowed


def lines(stage: Stage, *subjects: str) -> list[dict[str, Any]]:
    """The lines of the log, the newest first."""
    with stage.looking() as connection:
        return [json.loads(line) for line in lines_asked(connection, subjects)]


def batches(stage: Stage) -> list[dict[str, Any]]:
    """The entries that tell of batches."""
    return stage.entries()[1:]


def flaws(stage: Stage) -> list[tuple[int, str]]:
    """What is wrong in the log."""
    with stage.looking() as connection:
        return list(check_asked(connection))


def until(so: Callable[[], bool]) -> None:
    """Wait until something is so, which the thread of the log brings about."""
    waits = threading.Event()
    for _ in range(3000):
        if so():
            return
        waits.wait(0.01)
    raise AssertionError("it did not come about")


def test_a_line_names_all_on_which_the_decision_rested(stage: Stage) -> None:
    log = DecisionLog(stage.world)
    imported = {"sequence": 0, "extract_number": 140, "snapshot": date(2026, 3, 1), "kind": "full"}
    with stage.writing() as connection:
        connection.execute(tables.RegisterImport.__table__.insert(), imported)
    assert asks(stage, log) is True
    log.flush()
    assert lines(stage) == [
        {
            "action": "enter_secure_area",
            "allowed": True,
            "because": ["ENTER-1"],
            "person": WORKER,
            "enterprise": ENTERPRISE,
            "grant": a_grant().id,
            "appointments": ["main_access_manager of main manager"],
            "register": 0,
            "asked": {
                "enterprise": ENTERPRISE,
                "right": "service_vouchers",
                "contexts": [RECOGNITION],
                "contexts_asked": 1,
                "level": 500,
            },
            "at": "2026-03-10T11:00:00.000000Z",
            "asked_at": "2026-03-10T11:00:00.000000Z",
            "token": 1,
        }
    ]


def test_a_line_about_another_moment_tells_both_moments_and_what_was_known(stage: Stage) -> None:
    later = NOW + timedelta(days=30)
    with stage.store.reading() as look:
        _, asked = ask_in(stage.world, look, ENTERS, on=later, known_at=NOW)
    told = json.loads(asked.line)
    assert (told["at"][:10], told["asked_at"][:10], told["known"], told["token"]) == ("2026-04-09", "2026-03-10", 1, 1)


def test_words_that_somebody_typed_are_not_in_a_line(stage: Stage) -> None:
    log = DecisionLog(stage.world)
    assert asks(stage, log, contexts=("Mrs Janssens",)) is False
    log.flush()
    asked = lines(stage)[0]["asked"]
    assert (asked["contexts"], asked["contexts_asked"]) == ([], 1)


def test_the_digest_of_a_batch_is_in_the_history(stage: Stage) -> None:
    log = DecisionLog(stage.world)
    asks(stage, log)
    stage.clock.moment = NOW + timedelta(seconds=3)
    asks(stage, log, actor=OUTSIDER)
    assert batches(stage) == []
    log.flush()
    log.flush()
    with stage.looking() as connection:
        kept = connection.execute(select(asked_t.c.line).order_by(asked_t.c.position)).scalars().all()
    (entry,) = batches(stage)
    assert (entry["type"], entry["actor"], entry["decision"]) == ("decisions.asked", "system", {})
    assert entry["data"] == {
        "count": 2,
        "digest": hashlib.sha256(b"".join(bytes(line) + b"\n" for line in kept)).hexdigest(),
        "first": "2026-03-10T11:00:00.000000Z",
        "last": "2026-03-10T11:00:03.000000Z",
    }
    assert flaws(stage) == []


def test_lines_are_found_by_person_and_enterprise_over_batches_and_not_in_a_timeline(stage: Stage) -> None:
    log = DecisionLog(stage.world)
    for actor in (WORKER, OUTSIDER, WORKER):
        asks(stage, log, actor=actor)
        log.flush()
    asks(stage, log, actor=OUTSIDER)
    asks(stage, log)
    log.flush()
    assert [line["token"] for line in lines(stage, WORKER)] == [4, 3, 1]
    assert [line["token"] for line in lines(stage, OUTSIDER, ENTERPRISE)] == [4, 2]
    assert [line["token"] for line in lines(stage)] == [4, 4, 3, 2, 1]
    assert lines(stage, MAIN) == []
    with stage.store.reading() as look:
        assert [list(look.lists.entries(subject=subject)) for subject in (WORKER, ENTERPRISE)] == [[], []]


def test_a_batch_is_written_when_enough_decisions_wait(stage: Stage) -> None:
    log = DecisionLog(stage.world, at_once=3)
    sizes = []
    for _ in range(7):
        asks(stage, log)
        sizes.append(len(lines(stage)))
    assert sizes == [0, 0, 3, 3, 3, 6, 6]
    log.close()
    assert [entry["data"]["count"] for entry in batches(stage)] == [3, 3, 1]


def test_while_it_runs_a_thread_writes_after_a_while_and_the_rest_at_the_end(stage: Stage) -> None:
    log = DecisionLog(stage.world, within=0.01)
    log.start()
    asks(stage, log)
    until(lambda: lines(stage) != [])
    assert len(lines(stage)) == 1
    asks(stage, log)
    log.close()
    assert len(lines(stage)) == 2
    assert flaws(stage) == []


def test_from_many_threads_each_decision_is_written_once(stage: Stage) -> None:
    log = DecisionLog(stage.world, at_once=7, within=0.02)
    with stage.store.reading() as look:
        _, asked = ask_in(stage.world, look, ENTERS)
    log.start()

    def ask_often() -> None:
        for _ in range(50):
            log.add(asked)

    threads = [threading.Thread(target=ask_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert sum(entry["data"]["count"] for entry in batches(stage)) == 400
    assert flaws(stage) == []


def test_what_cannot_be_logged_is_not_told_until_it_can(stage: Stage) -> None:
    log = DecisionLog(stage.world, at_once=2)
    asks(stage, log)
    with stage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE asked_decision RENAME TO away")
    for _ in range(3):
        with pytest.raises(Exception, match="asked_decision"):
            asks(stage, log)
    with stage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO asked_decision")
    assert asks(stage, log) is True
    log.flush()
    assert flaws(stage) == []


def test_while_its_thread_cannot_write_nothing_is_told_and_nothing_lost(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    log = DecisionLog(stage.world, within=0.01)
    with stage.store.reading() as look:
        _, asked = ask_in(stage.world, look, ENTERS)
    with stage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE asked_decision RENAME TO away")
    log.start()
    log.add(asked)
    until(lambda: "the decision log cannot be written" in caplog.text)
    with pytest.raises(Unrecorded, match="the decision log cannot be written"):
        log.add(asked)
    with stage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO asked_decision")
    until(lambda: lines(stage) != [])
    log.close()
    log.add(asked)
    log.close()
    assert [entry["data"]["count"] for entry in batches(stage)] == [1, 1]


def test_no_more_wait_than_may(stage: Stage) -> None:
    log = DecisionLog(stage.world, at_once=100, most=2)
    asks(stage, log)
    asks(stage, log)
    with pytest.raises(Unrecorded, match="the decision log cannot be written"):
        asks(stage, log)
    log.flush()
    assert asks(stage, log) is True


@pytest.fixture
def two_batches(stage: Stage) -> Stage:
    """A log of two batches of two lines, whose tables do not resist."""
    log = DecisionLog(stage.world, at_once=2)
    for actor in (WORKER, OUTSIDER, WORKER, MAIN):
        asks(stage, log, actor=actor)
    with stage.writing() as connection:
        for what in ("update", "delete"):
            on = " ON asked_decision" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER asked_decision_refuses_{what}{on}")
    return stage


def test_an_untouched_log_has_no_flaw(two_batches: Stage) -> None:
    assert flaws(two_batches) == []


@pytest.mark.parametrize("position", [0, 1])
def test_a_line_that_was_edited_deleted_or_added_is_found(two_batches: Stage, position: int) -> None:
    here = (asked_t.c.batch == 2) & (asked_t.c.position == position)
    with two_batches.writing() as connection:
        line = connection.execute(select(asked_t.c.line).where(here)).scalar_one()
        connection.execute(update(asked_t).where(here).values(line=bytes(line).replace(b"true", b"false") + b" "))
    assert flaws(two_batches) == [(2, "the decision log has other lines here")]
    with two_batches.writing() as connection:
        connection.execute(delete(asked_t).where(here))
    assert flaws(two_batches) == [(2, "the decision log has 1 lines here, not 2")]
    with two_batches.writing() as connection:
        connection.execute(asked_t.insert().values(batch=2, position=position, line=line))
        connection.execute(asked_t.insert().values(batch=1, position=2, line=line))
    assert flaws(two_batches) == [(1, "the decision log has 3 lines here, not 2")]


def test_two_lines_that_were_swapped_are_found(two_batches: Stage) -> None:
    with two_batches.writing() as connection:
        for old, new in ((0, 9), (1, 0), (9, 1)):
            here = (asked_t.c.batch == 1) & (asked_t.c.position == old)
            connection.execute(update(asked_t).where(here).values(position=new))
    assert flaws(two_batches) == [(1, "the decision log has other lines here")]


def test_a_line_that_was_moved_out_of_its_place_is_found(two_batches: Stage) -> None:
    with two_batches.writing() as connection:
        here = (asked_t.c.batch == 1) & (asked_t.c.position == 1)
        connection.execute(update(asked_t).where(here).values(position=2))
    assert flaws(two_batches) == [(1, "the decision log has lines out of their place here")]


def test_a_batch_without_an_entry_and_an_entry_without_its_batch_are_found(two_batches: Stage) -> None:
    with two_batches.writing() as connection:
        connection.execute(update(asked_t).where(asked_t.c.batch == 2).values(batch=5))
    assert flaws(two_batches) == [
        (2, "the decision log has 0 lines here, not 2"),
        (5, "the decision log has lines here, and the history no entry about them"),
    ]
