"""What was known then: for each table, a question is decided by the rows that were known at the moment named."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode, Key
from accessmgr.usecases import register
from accessmgr.usecases.perform import consider
from accessmgr.usecases.world import Unknown
from tests.builders import (
    AUDITOR,
    DAY,
    ENTERPRISE,
    ESTABLISHMENT,
    IN_A_MONTH,
    MAIN,
    NOW,
    OTHER_ENTERPRISE,
    RECOGNITION,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    WORKER,
    YESTERDAY,
    an_ask,
)
from tests.usecases.stage import ALWAYS, Stage, a_stage

Outcome = tuple[bool, tuple[str, ...]]
GRANT = Action.GRANT_RIGHT
FOR_UNIT = {"right": "energy_audit", "contexts": (ESTABLISHMENT,)}


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(stage_url) as stage:
        yield stage


def auditor_no_more(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.end_fact("auditor", AUDITOR)
        tx.append("auditor.changed", stage.clock.now())


def itsme_activated(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.add_fact("digital_key", person=WORKER, key="itsme")
        tx.append("key.activated", stage.clock.now())


CHANGES: dict[str, tuple[Callable[[Stage], Any], Action, dict[str, Any], Outcome, Outcome]] = {
    "enterprise": (
        lambda stage: register.close_enterprise(stage.world, ENTERPRISE, YESTERDAY),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("REG-1",)),
    ),
    "silence": (
        lambda stage: register.fall_silent(stage.world, ENTERPRISE),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("REG-2",)),
    ),
    "function": (
        lambda stage: register.end_function(stage.world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, YESTERDAY),
        Action.READ_HISTORY,
        {"actor": REPRESENTATIVE},
        (True, ("HISTORY-2",)),
        (False, ("HISTORY-1", "HISTORY-2", "HISTORY-3")),
    ),
    "recognition": (
        lambda stage: register.end_recognition(stage.world, RECOGNITION, YESTERDAY),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("GRANT-5", "GRANT-9")),
    ),
    "suspension": (
        lambda stage: register.suspend_recognition(stage.world, RECOGNITION, TODAY, None),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("GRANT-9",)),
    ),
    "establishment": (
        lambda stage: register.close_establishment(stage.world, ESTABLISHMENT, YESTERDAY),
        GRANT,
        FOR_UNIT,
        (True, ("GRANT-1",)),
        (False, ("GRANT-5",)),
    ),
    "establishment_move": (
        lambda stage: register.move_establishment(stage.world, ESTABLISHMENT, OTHER_ENTERPRISE, TODAY),
        GRANT,
        FOR_UNIT,
        (True, ("GRANT-1",)),
        (False, ("GRANT-5",)),
    ),
    "death": (
        lambda stage: register.record_death(stage.world, WORKER, TODAY),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("PERSON-1",)),
    ),
    "appointment": (
        lambda stage: stage.perform(
            Action.END_APPOINTMENT, appointment=ALWAYS[0].id, actor=MAIN, without_successor=True
        ).or_refuse(),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("GRANT-1",)),
    ),
    "work_relation": (
        lambda stage: stage.perform(Action.END_WORK_RELATION, last_day=TODAY).or_refuse(),
        GRANT,
        {},
        (True, ("GRANT-1",)),
        (False, ("GRANT-2",)),
    ),
    "right_grant": (
        lambda stage: stage.perform(GRANT).or_refuse(),
        Action.ENTER_SECURE_AREA,
        {},
        (False, ("ENTER-1",)),
        (True, ("ENTER-1",)),
    ),
    "right_request": (
        lambda stage: stage.perform(Action.REQUEST_RIGHT).or_refuse(),
        Action.REQUEST_RIGHT,
        {},
        (True, ("REQUEST-1",)),
        (False, ("REQUEST-3",)),
    ),
    "auditor": (
        auditor_no_more,
        Action.EXPORT_HISTORY,
        {"actor": AUDITOR, "purpose": True},
        (True, ("HISTORY-1",)),
        (False, ("HISTORY-1", "HISTORY-2")),
    ),
    "digital_key": (
        itsme_activated,
        Action.SIGN_IN,
        {"key": Key.ITSME, "application": None},
        (False, ("SIGNIN-1",)),
        (True, ("SIGNIN-1",)),
    ),
}


@pytest.mark.parametrize("table", CHANGES)
def test_a_change_counts_from_the_moment_at_which_it_was_recorded(stage: Stage, table: str) -> None:
    change, action, spoilt, before, after = CHANGES[table]
    stage.perform(Action.REVEAL_NUMBER)
    stage.clock.moment = NOW + 2 * SECOND
    change(stage)
    asked = [
        consider(stage.world, an_ask(action, **spoilt), known_at=moment).decision
        for moment in (NOW - SECOND, NOW, NOW + SECOND, NOW + 2 * SECOND, NOW + 3 * SECOND, None)
    ]
    assert [(decision.allowed, decision.because) for decision in asked] == [before] * 3 + [after] * 3


def test_a_thing_that_was_not_known_then_is_unknown(stage: Stage) -> None:
    stage.clock.moment = NOW + SECOND
    (granted,) = stage.perform(GRANT).events
    ask = an_ask(Action.REVOKE_GRANT, grant=granted.row.id)
    assert consider(stage.world, ask, known_at=NOW + SECOND).decision.allowed is True
    with pytest.raises(Unknown):
        consider(stage.world, ask, known_at=NOW)


def test_the_day_asked_about_and_the_moment_known_are_two_things(stage: Stage) -> None:
    stage.perform(GRANT, period=Period(TODAY + DAY, IN_A_MONTH))
    stage.clock.moment = NOW + SECOND
    stage.perform(Action.END_WORK_RELATION, last_day=TODAY)
    enter = an_ask(Action.ENTER_SECURE_AREA)
    tomorrow = NOW + DAY
    assert consider(stage.world, enter, on=tomorrow, known_at=NOW).decision.because == ("ENTER-1",)
    assert consider(stage.world, enter, on=tomorrow, known_at=NOW).decision.allowed is True
    assert consider(stage.world, enter, on=tomorrow).decision.because == ("ENTER-2",)
    assert consider(stage.world, enter, known_at=NOW).decision.because == ("ENTER-1",)
    assert consider(stage.world, enter, known_at=NOW).decision.allowed is False


def test_what_is_rewritten_in_the_register_leaves_what_was_known_before(stage: Stage) -> None:
    register.record_death(stage.world, WORKER, TODAY - DAY)
    stage.clock.moment = NOW + SECOND
    register.record_death(stage.world, WORKER, TODAY + DAY)
    ask = an_ask(GRANT)
    assert consider(stage.world, ask, known_at=NOW).decision.because == ("PERSON-1",)
    assert consider(stage.world, ask).decision.because == ("GRANT-1",)
