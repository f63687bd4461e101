"""Who could enter on a day and by which chain, what changed between two days, and what two people may do."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from accessmgr.core.actions import Action, Ask
from accessmgr.core.chain import Place, Standing
from accessmgr.core.chain_causes import Cause
from accessmgr.core.days import Period, moment
from accessmgr.core.model import FunctionCode
from accessmgr.usecases import register
from accessmgr.usecases.audit import Difference, compare, compare_people, may, what_one_could_enter, who_could_enter
from accessmgr.usecases.entering import Entering, Entrance
from accessmgr.usecases.perform import consider
from accessmgr.usecases.traces import Kind, Thing, Wanted
from tests.builders import (
    ENTERPRISE,
    ESTABLISHMENT,
    MAIN,
    NEWCOMER,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    WORKER,
)
from tests.usecases.stage import Stage, a_stage, identity_of

WAY = (WORKER, "service_vouchers", RECOGNITION)
OFFERED, ACCEPTED, GRANTED, FUNCTION_ENDED, REVOKED, RECOGNITION_ENDED = range(6)
"""The entries of the story, in their order."""


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, in which the main manager appoints a newcomer, who grants the worker a right.

    The right runs from 11 March to 10 April. On 15 March the register says that the representative's function
    ended on the 12th. On 20 March the right is revoked. On 25 March the register says that the recognition ended
    on the 13th.
    """
    with a_stage(stage_url) as stage:
        tell(stage)
        yield stage


def tell(stage: Stage) -> None:
    stage.clock.moment = moment("2026-03-10T12:00")
    offered = stage.find_and(Action.APPOINT_CO_MAIN_ACCESS_MANAGER, identity_of(NEWCOMER)).or_refuse()
    offer = offered.events[-1].row.id
    stage.perform(Action.ACCEPT_APPOINTMENT, actor=NEWCOMER, appointment=offer).or_refuse()
    period = Period(date(2026, 3, 11), date(2026, 4, 10))
    granted = stage.perform(Action.GRANT_RIGHT, actor=NEWCOMER, period=period).or_refuse()
    stage.clock.moment = moment("2026-03-15T09:00")
    register.end_function(stage.world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, date(2026, 3, 12))
    stage.clock.moment = moment("2026-03-20T10:00")
    stage.perform(Action.REVOKE_GRANT, actor=NEWCOMER, grant=granted.events[-1].row.id).or_refuse()
    stage.clock.moment = moment("2026-03-25T09:00")
    register.end_recognition(stage.world, RECOGNITION, date(2026, 3, 13))


def who(stage: Stage, on: str, known_at: str | None = None, **rest: object) -> list[Entrance]:
    with stage.store.reading() as look:
        known = moment(known_at) if known_at else None
        return who_could_enter(stage.world, look, ENTERPRISE, moment(on), known, **rest)  # type: ignore[arg-type]


def entries(entrance: Entrance) -> dict[Place, tuple[int, ...]]:
    return {step.place: step.entries for step in entrance.steps}


@pytest.mark.parametrize(
    ("on", "known_at", "ways"),
    [
        ("2026-03-10T13:00", None, []),
        ("2026-03-11T00:00", None, [WAY]),
        ("2026-03-13T12:00", None, [WAY]),
        ("2026-03-14T12:00", None, []),
        ("2026-03-14T12:00", "2026-03-14T12:00", [WAY]),
        ("2026-03-14T12:00", "2026-03-25T08:59", [WAY]),
        ("2026-03-14T12:00", "2026-03-25T09:00", []),
        ("2026-03-20T09:59", "2026-03-20T10:00", [WAY]),
        ("2026-03-20T10:00", "2026-03-20T10:00", []),
        ("2026-03-20T10:00", "2026-03-20T09:59", [WAY]),
        ("2026-03-13T12:00", "2026-03-10T11:00", []),
    ],
)
def test_who_could_enter_follows_the_day_asked_about_and_what_was_known(
    stage: Stage, on: str, known_at: str | None, ways: list[tuple[str, str, str]]
) -> None:
    assert [entrance.way for entrance in who(stage, on, known_at)] == ways


def test_each_link_names_the_entries_that_made_it(stage: Stage) -> None:
    [found] = who(stage, "2026-03-13T12:00")

    assert found.decision.because == ("ENTER-1",)
    assert entries(found) == {
        Place.REGISTER: (RECOGNITION_ENDED,),
        Place.REPRESENTATIVE: (),
        Place.MANAGER: (OFFERED, ACCEPTED),
        Place.USER: (),
        Place.GRANT: (GRANTED, REVOKED),
        Place.CONTEXT: (RECOGNITION_ENDED,),
    }


def test_no_link_names_an_entry_that_was_made_after_what_was_known(stage: Stage) -> None:
    [found] = who(stage, "2026-03-13T12:00", "2026-03-15T10:00")

    assert found.entries == (OFFERED, ACCEPTED, GRANTED)


def test_the_chain_goes_from_the_grant_to_whoever_made_each_link(stage: Stage) -> None:
    [found] = who(stage, "2026-03-11T12:00")

    people = {step.place: [holder.person for holder in step.link.holders] for step in found.steps}
    assert people[Place.MANAGER] == [MAIN, NEWCOMER]
    assert people[Place.USER] == [WORKER]
    assert found.grant is not None
    assert found.grant.by == NEWCOMER


def test_a_representative_who_left_the_register_made_what_still_stands(stage: Stage) -> None:
    [before] = who(stage, "2026-03-12T12:00")
    [after] = who(stage, "2026-03-13T12:00")
    [unaware] = who(stage, "2026-03-13T12:00", "2026-03-13T12:00")

    standings = [one.steps[1].link.standing for one in (before, after, unaware)]
    assert standings == [Standing.HOLDS, Standing.NOBODY, Standing.HOLDS]


MOMENTS = [moment(f"2026-03-{day:02d}T{hour:02d}:00") for day in range(9, 28, 2) for hour in (0, 10)]


@pytest.mark.parametrize("known_at", [None, moment("2026-03-12T12:00"), moment("2026-03-21T12:00")])
def test_the_list_says_what_each_decision_by_itself_says(stage: Stage, known_at: datetime | None) -> None:
    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=WORKER,
        level=400,
        enterprise=ENTERPRISE,
        right="service_vouchers",
        contexts=(RECOGNITION,),
    )
    listed, single = [], []
    for on in MOMENTS:
        decision = consider(stage.world, ask, on=on, known_at=known_at).decision
        single += [(on, decision.because)] if decision.allowed else []
        with stage.store.reading() as look:
            found = who_could_enter(stage.world, look, ENTERPRISE, on, known_at)
        listed += [(on, entrance.decision.because) for entrance in found]

    assert listed == single
    assert listed[0] == (moment("2026-03-11T00:00"), ("ENTER-1",))


def test_decisions_made_together_rest_on_the_facts_of_each_alone(stage: Stage) -> None:
    stage.clock.moment = moment("2026-03-26T09:00")
    period = Period(date(2026, 3, 26), date(2026, 4, 10))
    stage.perform(Action.GRANT_RIGHT, right="energy_audit", contexts=(ESTABLISHMENT,), period=period).or_refuse()
    with stage.store.reading() as look:
        entering = Entering(stage.world, look, ENTERPRISE, stage.clock.now())
        together = {way: entering.facts(way) for way in entering.ways}
        alone = {way: look.facts(facts.ask, stage.clock.now()) for way, facts in together.items()}

    assert list(together) == [(WORKER, "energy_audit", ESTABLISHMENT), WAY]
    assert together == alone


def test_the_dead_enter_nowhere_and_the_entry_is_named(stage: Stage) -> None:
    stage.clock.moment = moment("2026-03-26T09:00")
    died = register.record_death(stage.world, WORKER, date(2026, 3, 12))
    with stage.store.reading() as look:
        entering = Entering(stage.world, look, ENTERPRISE, moment("2026-03-12T12:00"))
        [found] = entering.entrances([WAY])

    assert who(stage, "2026-03-12T12:00") == []
    assert found.decision.because == ("PERSON-3",)
    assert entries(found)[Place.USER] == (died,)


def test_a_page_goes_on_after_the_last_of_the_page_before(stage: Stage) -> None:
    assert [one.way for one in who(stage, "2026-03-12T12:00", limit=1)] == [WAY]
    assert who(stage, "2026-03-12T12:00", after=WAY) == []
    assert [one.way for one in who(stage, "2026-03-12T12:00", after=("", "", ""))] == [WAY]


def test_one_right_and_one_person_can_be_asked_for(stage: Stage) -> None:
    on = "2026-03-12T12:00"

    assert [one.way for one in who(stage, on, right="service_vouchers")] == [WAY]
    assert who(stage, on, right="energy_audit") == []
    assert [one.way for one in who(stage, on, person=WORKER)] == [WAY]
    assert who(stage, on, person=NEWCOMER) == []


def test_one_learns_what_one_could_enter_oneself(stage: Stage) -> None:
    on = moment("2026-03-12T12:00")
    with stage.store.reading() as look:
        found = {person: what_one_could_enter(stage.world, look, person, on) for person in (WORKER, NEWCOMER)}

    assert [one.way for one in found[WORKER][ENTERPRISE]] == [WAY]
    assert found[NEWCOMER] == {}


def differences(stage: Stage, first: str, second: str, *, known_then: bool = False) -> list[Difference]:
    with stage.store.reading() as look:
        return compare(stage.world, look, ENTERPRISE, moment(first), moment(second), known_then=known_then)


@pytest.mark.parametrize(
    ("first", "second", "known_then", "found"),
    [
        ("2026-03-10T00:00", "2026-03-12T12:00", True, [(True, (GRANTED,))]),
        ("2026-03-11T00:00", "2026-03-12T12:00", True, []),
        ("2026-03-18T00:00", "2026-03-21T12:00", True, [(False, (REVOKED,))]),
        ("2026-03-12T00:00", "2026-03-14T12:00", False, [(False, (RECOGNITION_ENDED,))]),
        ("2026-03-12T00:00", "2026-03-14T12:00", True, []),
        ("2026-03-18T00:00", "2026-03-21T12:00", False, []),
    ],
)
def test_two_days_are_compared_with_the_entries_in_between(
    stage: Stage, first: str, second: str, known_then: bool, found: list[tuple[bool, tuple[int, ...]]]
) -> None:
    compared = differences(stage, first, second, known_then=known_then)

    assert [(one.gained, one.entries) for one in compared] == found


def test_what_ended_by_itself_has_no_entry_and_says_so_in_its_chain(stage: Stage) -> None:
    stage.clock.moment = moment("2026-03-26T09:00")
    period = Period(date(2026, 3, 26), date(2026, 3, 31))
    stage.perform(Action.GRANT_RIGHT, right="energy_audit", contexts=(ESTABLISHMENT,), period=period).or_refuse()
    [found] = differences(stage, "2026-03-31T12:00", "2026-04-01T12:00")

    assert (found.gained, found.entries) == (False, ())
    assert found.after is not None
    complaints = [one for step in found.after.steps for one in step.link.complaints]
    assert [(one.rule, one.cause, one.since) for one in complaints] == [("ENTER-1", Cause.ENDED, date(2026, 4, 1))]


def test_a_register_change_in_between_makes_the_difference(stage: Stage) -> None:
    stage.clock.moment = moment("2026-03-26T09:00")
    period = Period(date(2026, 3, 26), date(2026, 4, 10))
    stage.perform(Action.GRANT_RIGHT, right="energy_audit", contexts=(ESTABLISHMENT,), period=period).or_refuse()
    stage.clock.moment = moment("2026-03-28T09:00")
    moved = register.move_establishment(stage.world, ESTABLISHMENT, OTHER_ENTERPRISE, date(2026, 3, 28))
    [found] = differences(stage, "2026-03-27T12:00", "2026-03-29T12:00", known_then=True)

    assert (found.gained, found.entries) == (False, (moved,))


@pytest.mark.parametrize("second", ["2026-03-12T12:00", "2026-03-12T11:59"])
def test_the_second_day_lies_after_the_first(stage: Stage, second: str) -> None:
    with pytest.raises(ValueError, match="after the first"):
        differences(stage, "2026-03-12T12:00", second)


def test_two_people_are_told_apart_by_rules(stage: Stage) -> None:
    with stage.store.reading() as look:
        found = compare_people(stage.world, look, ENTERPRISE, WORKER, NEWCOMER, moment("2026-03-12T12:00"))

    told = [(str(one.action), one.right, one.context, may(one.one), may(one.other)) for one in found]
    assert told == [
        ("appoint_access_manager", None, None, False, True),
        ("claim_main_local_administrator", None, None, False, True),
        ("link_person", None, None, False, True),
        ("grant_right", "energy_audit", None, False, True),
        ("grant_right", "service_vouchers", None, False, True),
        ("enter_secure_area", "service_vouchers", RECOGNITION, True, False),
    ]
    assert found[-1].other.because == ("ENTER-2",)


def test_two_people_who_may_do_the_same_are_not_told_apart(stage: Stage) -> None:
    with stage.store.reading() as look:
        assert compare_people(stage.world, look, ENTERPRISE, OUTSIDER, OUTSIDER, moment("2026-03-12T12:00")) == []


def test_a_thing_that_was_always_known_was_made_by_no_entry(stage: Stage) -> None:
    things = [Thing(Kind.APPOINTMENT, f"main_access_manager of {MAIN}"), Thing(Kind.RECOGNITION, RECOGNITION)]
    with stage.store.reading() as look:
        assert look.lists.changes(things) == {things[0]: (), things[1]: (RECOGNITION_ENDED,)}


def test_entries_are_found_by_subject_type_and_place(stage: Stage) -> None:
    def found(**wanted: object) -> list[int]:
        with stage.store.reading() as look:
            rows = look.lists.wanted(Wanted([ENTERPRISE], **wanted), 10)  # type: ignore[arg-type]
            return [row.sequence for row in rows]

    assert found() == [5, 4, 3, 2, 1, 0]
    assert found(types=["right.granted", "grant.revoked"]) == [REVOKED, GRANTED]
    assert found(since=1, before=4) == [3, 2, 1]
