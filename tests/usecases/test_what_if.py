"""Who would lose or gain what if something changed: said by the same rules, and nothing of it stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode, Role
from accessmgr.usecases.hypothetical import (
    Change,
    Doing,
    EnterpriseEnds,
    FunctionEnds,
    PersonDies,
    RecognitionSuspended,
    RightChanges,
)
from accessmgr.usecases.perform import decided, recorded
from accessmgr.usecases.shifts import Able, Shift
from accessmgr.usecases.what_if import Difference, may_make, what_if
from accessmgr.usecases.world import Conflict, Unknown
from tests.builders import (
    AUDITOR,
    ENTERPRISE,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    WORKER,
    a_grant,
    an_appointment,
    an_offer,
)
from tests.usecases.stage import PEOPLE, Stage, a_stage

TODAY = date(2026, 3, 10)
APRIL_FOOLS, LAST_OF_MARCH = date(2026, 4, 1), date(2026, 3, 31)
UNTIL_YEAR_END = Period(TODAY, date(2026, 12, 31))
ALWAYS = Period(TODAY, None)
ENTER = Able(WORKER, Action.ENTER_SECURE_AREA, "service_vouchers", RECOGNITION)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    """The ordinary world, in which the worker holds a right until the end of the year."""
    with a_stage(database_url) as stage:
        stage.put(a_grant())
        yield stage


def tried(stage: Stage, change: Change, asker: str = MAIN) -> Difference:
    return what_if(stage.world, ENTERPRISE, change, asker)


def doing(action: Action, actor: str = MAIN, **given: Any) -> Doing:
    return Doing(Ask(action=action, actor=actor, level=500, **given))


def lost(found: Difference) -> dict[Able, tuple[Period, ...]]:
    return {shift.able: shift.lost for shift in found.shifts if shift.lost}


def actions(found: Difference, person: str) -> set[tuple[str, str]]:
    return {(str(shift.able.action), shift.able.right) for shift in found.shifts if shift.able.person == person}


REVOKE = doing(Action.REVOKE_GRANT, grant="grant")
CHANGES: tuple[Change, ...] = (
    REVOKE,
    doing(Action.END_WORK_RELATION, relation=f"relation of {WORKER}", last_day=LAST_OF_MARCH),
    doing(Action.END_APPOINTMENT, appointment=f"{Role.MAIN_ACCESS_MANAGER} of {MAIN}", without_successor=True),
    FunctionEnds(FunctionCode.DIRECTOR, REPRESENTATIVE, LAST_OF_MARCH),
    EnterpriseEnds(LAST_OF_MARCH),
    RecognitionSuspended(RECOGNITION, Period(TODAY, LAST_OF_MARCH)),
    PersonDies(WORKER, TODAY),
    RightChanges("service_vouchers", max_days=10, level=500),
)


def test_a_revoked_right_is_lost_from_today_until_its_last_day(stage: Stage) -> None:
    assert tried(stage, REVOKE).shifts == (Shift(ENTER, (UNTIL_YEAR_END,), (), (UNTIL_YEAR_END,), (), ("ENTER-1",)),)


def test_a_right_that_is_shortened_is_lost_after_its_new_last_day(stage: Stage) -> None:
    found = tried(stage, doing(Action.EXTEND_GRANT, grant="grant", last_day=LAST_OF_MARCH))
    after = Period(TODAY, LAST_OF_MARCH)
    rest = Period(APRIL_FOOLS, date(2026, 12, 31))
    assert found.shifts == (Shift(ENTER, (UNTIL_YEAR_END,), (after,), (rest,), (), ("ENTER-1",)),)


def test_a_right_that_is_extended_is_gained_after_its_old_last_day(stage: Stage) -> None:
    (shift,) = tried(stage, doing(Action.EXTEND_GRANT, grant="grant", last_day=date(2027, 1, 15))).shifts
    assert (shift.gained, shift.lost) == ((Period(date(2027, 1, 1), date(2027, 1, 15)),), ())


def test_an_ended_work_relation_takes_the_right_with_it(stage: Stage) -> None:
    found = tried(stage, doing(Action.END_WORK_RELATION, relation=f"relation of {WORKER}", last_day=LAST_OF_MARCH))
    (shift,) = found.shifts
    assert (shift.able, shift.lost) == (ENTER, (Period(APRIL_FOOLS, date(2026, 12, 31)),))
    assert shift.because == ("ENTER-2",)


def test_without_the_only_manager_nobody_grants_links_or_appoints_a_co_manager(stage: Stage) -> None:
    stage.put(an_offer(by=MAIN))
    ending = doing(Action.END_APPOINTMENT, appointment=f"{Role.MAIN_ACCESS_MANAGER} of {MAIN}", without_successor=True)
    found = tried(stage, ending)
    assert lost(found) == {
        Able(MAIN, Action.APPOINT_CO_MAIN_ACCESS_MANAGER): (ALWAYS,),
        Able(MAIN, Action.APPOINT_ACCESS_MANAGER): (ALWAYS,),
        Able(MAIN, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR): (ALWAYS,),
        Able(MAIN, Action.LINK_PERSON): (ALWAYS,),
        Able(MAIN, Action.READ_HISTORY): (ALWAYS,),
        Able(MAIN, Action.GRANT_RIGHT, "service_vouchers"): (ALWAYS,),
        Able(MAIN, Action.GRANT_RIGHT, "energy_audit"): (ALWAYS,),
        Able(NEWCOMER, Action.ACCEPT_APPOINTMENT, offer=f"{Role.CO_MAIN_ACCESS_MANAGER} of {NEWCOMER}"): (
            Period(TODAY, date(2026, 4, 8)),
        ),
    }


def test_a_manager_who_is_no_representative_loses_nothing_of_what_a_representative_does(stage: Stage) -> None:
    ending = doing(Action.END_APPOINTMENT, appointment=f"{Role.MAIN_ACCESS_MANAGER} of {MAIN}", without_successor=True)
    assert actions(tried(stage, ending), REPRESENTATIVE) == set()


def test_when_the_last_representative_goes_nobody_appoints_a_main_manager(stage: Stage) -> None:
    found = tried(stage, FunctionEnds(FunctionCode.DIRECTOR, REPRESENTATIVE, LAST_OF_MARCH))
    then = (Period(APRIL_FOOLS, None),)
    assert lost(found) == {
        Able(REPRESENTATIVE, Action.APPOINT_MAIN_ACCESS_MANAGER): then,
        Able(REPRESENTATIVE, Action.READ_HISTORY): then,
    }


def test_a_suspended_recognition_closes_the_area_for_as_long_as_it_lasts(stage: Stage) -> None:
    during = Period(date(2026, 3, 20), LAST_OF_MARCH)
    (shift,) = tried(stage, RecognitionSuspended(RECOGNITION, during)).shifts
    assert (shift.able, shift.lost, shift.because) == (ENTER, (during,), ("ENTER-3", "ENTER-4"))
    assert shift.after == (Period(TODAY, date(2026, 3, 19)), Period(APRIL_FOOLS, date(2026, 12, 31)))


def test_when_the_enterprise_ends_nobody_enters_and_nobody_manages(stage: Stage) -> None:
    found = lost(tried(stage, EnterpriseEnds(LAST_OF_MARCH)))
    assert found[ENTER] == (Period(APRIL_FOOLS, date(2026, 12, 31)),)
    assert found[Able(MAIN, Action.LINK_PERSON)] == (Period(APRIL_FOOLS, None),)
    assert Able(MAIN, Action.READ_HISTORY) not in found


def test_who_dies_neither_enters_nor_manages(stage: Stage) -> None:
    stage.put(an_appointment(Role.LOCAL_ADMINISTRATOR, WORKER))
    found = tried(stage, PersonDies(WORKER, LAST_OF_MARCH))
    assert lost(found) == {
        ENTER: (Period(LAST_OF_MARCH, date(2026, 12, 31)),),
        Able(WORKER, Action.LINK_PERSON): (Period(LAST_OF_MARCH, None),),
    }
    assert {shift.because for shift in found.shifts} == {("PERSON-3",)}


def test_a_higher_level_shuts_out_the_key_that_was_strong_enough(stage: Stage) -> None:
    (shift,) = tried(stage, RightChanges("service_vouchers", level=500)).shifts
    assert (shift.able, shift.lost, shift.because) == (ENTER, (UNTIL_YEAR_END,), ("KEY-3",))


def test_a_shorter_longest_period_takes_nothing_but_forbids_to_give_it_anew(stage: Stage) -> None:
    found = tried(stage, RightChanges("service_vouchers", max_days=295))
    assert found.shifts == ()
    assert [(renewal.grant.id, renewal.because) for renewal in found.renewals] == [("grant", ("GRANT-8",))]
    assert tried(stage, RightChanges("service_vouchers", max_days=296)).renewals == ()


def test_a_right_that_comes_to_need_a_recognition_is_lost_where_there_is_none(stage: Stage) -> None:
    audit = a_grant(id="audit", right="energy_audit", contexts=("2000000042",))
    stage.put(audit)
    change = RightChanges("energy_audit", needs_recognition=True)
    assert tried(stage, change).shifts == ()
    with stage.store.writing() as tx:
        tx.change_fact("recognition", RECOGNITION, last=LONG_AGO)
        tx.append("register.changed", stage.clock.moment)
    (shift,) = tried(stage, change).shifts
    assert (shift.able.right, shift.because) == ("energy_audit", ("ENTER-3",))


def test_what_the_rules_refuse_changes_nothing_and_says_why(stage: Stage) -> None:
    found = tried(stage, doing(Action.REVOKE_GRANT, OUTSIDER, grant="grant"), OUTSIDER)
    assert (found.happens, found.shifts) == (False, ())
    assert found.done is not None
    assert found.done.decision.because == ("GRANT-1", "GRANT-13")


def test_it_can_be_asked_what_follows_when_somebody_who_may_does_it(stage: Stage) -> None:
    ending = Ask(action=Action.REVOKE_GRANT, actor=AUDITOR, level=500, grant="grant")
    found = tried(stage, Doing(ending, by_whoever_may=True), AUDITOR)
    assert (found.happens, lost(found)) == (True, {ENTER: (UNTIL_YEAR_END,)})


@pytest.mark.parametrize(
    "change",
    [
        doing(Action.REVOKE_GRANT, grant="no such"),
        FunctionEnds(FunctionCode.DIRECTOR, OUTSIDER, TODAY),
        RecognitionSuspended("V99999", ALWAYS),
        PersonDies(OUTSIDER, TODAY),
        RightChanges("no_such_right", level=500),
    ],
)
def test_what_is_not_there_cannot_be_tried(stage: Stage, change: Change) -> None:
    with pytest.raises(Unknown):
        tried(stage, change)


def test_what_is_another_enterprises_cannot_be_tried(stage: Stage) -> None:
    for change in (REVOKE, RecognitionSuspended(RECOGNITION, ALWAYS), PersonDies(WORKER, TODAY)):
        with pytest.raises(Unknown):
            what_if(stage.world, OTHER_ENTERPRISE, change, MAIN)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__)
def test_nothing_of_it_stays(stage: Stage, change: Change) -> None:
    before = stage.content()
    found = tried(stage, change)
    assert (found.happens, len(found.shifts) > 0) == (True, True)
    assert stage.content() == before


def fail_while_trying(stage: Stage) -> None:
    with stage.store.trying() as tx:
        tx.add_fact("suspension", id="new", recognition=RECOGNITION, first=TODAY)
        raise ZeroDivisionError


def test_nothing_stays_when_it_fails(stage: Stage) -> None:
    before = stage.content()
    with pytest.raises(ZeroDivisionError):
        fail_while_trying(stage)
    assert stage.content() == before


def test_whoever_a_permit_lets_make_a_change_may_ask_about_it(stage: Stage) -> None:
    def may(person: str, change: Change, enterprise: str = ENTERPRISE) -> bool:
        with stage.store.reading() as look:
            return may_make(stage.world, look, enterprise, change, person)

    asked = {person: may(person, doing(Action.REVOKE_GRANT, person, grant="grant")) for person in PEOPLE}
    assert [person for person, may_ask in asked.items() if may_ask] == [MAIN, WORKER]
    assert may(MAIN, REVOKE, OTHER_ENTERPRISE) is False
    assert may(WORKER, REVOKE) is False
    assert may(MAIN, CHANGES[-1]) is False


def test_a_trial_and_a_writer_do_not_wait_for_each_other(postgres_url: str) -> None:
    with a_stage(postgres_url) as stage:
        stage.put(a_grant(), a_grant(NEWCOMER, id="other"))
        with stage.store.writing() as tx:
            tx.append("register.changed", stage.clock.moment)
            assert lost(tried(stage, REVOKE)) == {ENTER: (UNTIL_YEAR_END,)}
        with stage.store.trying() as trial:
            trial.add_fact("suspension", id="new", recognition=RECOGNITION, first=TODAY)
            assert stage.do(replace(REVOKE.ask, grant="other")).decision.allowed is True


def test_a_trial_gives_way_to_whoever_changes_the_same_thing(postgres_url: str) -> None:
    with a_stage(postgres_url) as stage:
        stage.put(a_grant())
        with stage.store.writing() as tx:
            recorded(tx, *decided(stage.world, tx, REVOKE.ask))
            with pytest.raises(Conflict):
                tried(stage, REVOKE)
        assert tried(stage, REVOKE).happens is False
