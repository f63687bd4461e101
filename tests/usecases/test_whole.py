"""The chain of a whole enterprise: what is broken in it is broken by the very rules that decide about entering."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from accessmgr.core.actions import Action, Ask
from accessmgr.core.chain import Place, Standing, build
from accessmgr.core.days import Period, moment
from accessmgr.core.model import FunctionCode, Role
from accessmgr.core.whole import Tie, Whole
from accessmgr.usecases import register
from accessmgr.usecases.drawn import Group, Span
from accessmgr.usecases.perform import consider_in
from accessmgr.usecases.whole import Page, drawn
from tests.builders import (
    ENTERPRISE,
    MAIN,
    NEWCOMER,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    WORKER,
    a_grant,
    a_work_relation,
    an_appointment,
)
from tests.usecases.stage import Stage, a_stage, identity_of

RIGHT = f"r:service_vouchers:{RECOGNITION}"
DAYS = ("2026-03-11", "2026-03-13", "2026-03-14", "2026-03-19", "2026-03-20", "2026-04-08", "2026-04-18")
"""Days on which the story below stands differently."""


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, in which a newcomer becomes co-main manager and grants the worker a right.

    The right runs from 11 March to 10 April and is revoked on 20 March; the representative's function ends on the
    12th and the recognition on the 13th.
    """
    with a_stage(stage_url) as stage:
        tell(stage)
        yield stage


def tell(stage: Stage) -> None:
    stage.clock.moment = moment("2026-03-10T12:00")
    offered = stage.find_and(Action.APPOINT_CO_MAIN_ACCESS_MANAGER, identity_of(NEWCOMER)).or_refuse()
    stage.perform(Action.ACCEPT_APPOINTMENT, actor=NEWCOMER, appointment=offered.events[-1].row.id).or_refuse()
    period = Period(date(2026, 3, 11), date(2026, 4, 10))
    granted = stage.perform(Action.GRANT_RIGHT, actor=NEWCOMER, period=period).or_refuse()
    stage.clock.moment = moment("2026-03-15T09:00")
    register.end_function(stage.world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, date(2026, 3, 12))
    stage.clock.moment = moment("2026-03-20T10:00")
    stage.perform(Action.REVOKE_GRANT, actor=NEWCOMER, grant=granted.events[-1].row.id).or_refuse()
    stage.clock.moment = moment("2026-03-25T09:00")
    register.end_recognition(stage.world, RECOGNITION, date(2026, 3, 13))


def noon(day: str) -> datetime:
    return moment(f"{day}T12:00")


def page(stage: Stage, day: str, *, most: int = 40, size: int | None = None, group: Group | None = None) -> Page:
    with stage.store.reading() as look:
        return drawn(stage.world, look, ENTERPRISE, noon(day), size, group=group, most=most)


def standings(whole: Whole) -> dict[str, Standing]:
    return {knot.id: knot.standing for knot in whole.knots}


def rules(whole: Whole) -> dict[tuple[str, str, str], set[str]]:
    """The rules that break each way, by person, right and context."""
    return {
        (knot.id.removeprefix("p:"), way.right, way.context): {one.rule for one in way.complaints}
        for knot in whole.knots
        for way in knot.ways
    }


def decided(stage: Stage, day: str, way: tuple[str, str, str]) -> set[str]:
    """The rules that break the chain to one person, from the decision that is made when they enter."""
    person, right, context = way
    level = stage.world.policy.rights[right].level
    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=person,
        level=level,
        enterprise=ENTERPRISE,
        right=right,
        contexts=(context,),
    )
    with stage.store.reading() as look:
        done = consider_in(stage.world, look, ask, on=noon(day))
        chain = build(done.decision, done.facts, look.lists.appointments(enterprise=ENTERPRISE), ())
    assert done.decision.allowed is chain.unbroken
    return {one.rule for link in chain.links for one in link.complaints}


@pytest.mark.parametrize("day", DAYS)
def test_a_way_is_broken_by_the_rules_that_keep_its_person_out(stage: Stage, day: str) -> None:
    found = rules(page(stage, day).whole)
    assert (WORKER, "service_vouchers", RECOGNITION) in found
    assert found == {way: decided(stage, day, way) for way in found}


def test_the_story_breaks_where_it_is_told_to(stage: Stage) -> None:
    way = (WORKER, "service_vouchers", RECOGNITION)
    assert [rules(page(stage, day).whole)[way] for day in DAYS[:5]] == [
        set(),
        set(),
        {"ENTER-3", "ENTER-4"},
        {"ENTER-3", "ENTER-4"},
        {"ENTER-1", "ENTER-3", "ENTER-4"},
    ]


def test_what_breaks_a_right_for_everybody_is_said_of_the_right(stage: Stage) -> None:
    before, after = page(stage, "2026-03-13").whole, page(stage, "2026-03-14").whole
    assert standings(before)[RIGHT] is Standing.HOLDS
    assert standings(after)[RIGHT] is Standing.BROKEN
    assert standings(after)["register"] is Standing.HOLDS


def test_whoever_made_what_stands_is_drawn_after_they_lost_office(stage: Stage) -> None:
    before, after = page(stage, "2026-03-12").whole, page(stage, "2026-03-13").whole
    assert [each.standing for each in before.knots if each.place is Place.REPRESENTATIVE] == [Standing.HOLDS]
    assert Standing.HOLDS not in {each.standing for each in after.knots if each.place is Place.REPRESENTATIVE}


def test_threads_say_who_appointed_linked_and_granted(stage: Stage) -> None:
    whole = page(stage, "2026-03-11").whole
    by_id = {knot.id: knot.holder.person for knot in whole.knots if knot.holder}
    tied = {(by_id.get(each.start), by_id.get(each.end), tie) for each in whole.threads for tie in each.ties}
    assert (MAIN, NEWCOMER, Tie.APPOINTED) in tied
    assert (NEWCOMER, WORKER, Tie.GRANTED) in tied
    assert (MAIN, WORKER, Tie.LINKED) in tied
    assert (NEWCOMER, WORKER, Tie.LINKED) not in tied


def test_every_thread_joins_two_knots(stage: Stage) -> None:
    for day in DAYS:
        whole = page(stage, day).whole
        named = {knot.id for knot in whole.knots}
        assert {end for each in whole.threads for end in (each.start, each.end)} <= named


@pytest.mark.parametrize(("day", "shown"), [("2026-04-19", True), ("2026-04-20", False)])
def test_a_right_that_ended_is_drawn_for_thirty_days(stage: Stage, day: str, shown: bool) -> None:
    assert (RIGHT in standings(page(stage, day).whole)) is shown


def test_what_was_not_known_is_not_drawn(stage: Stage) -> None:
    with stage.store.reading() as look:
        size = look.size_at(moment("2026-03-14T12:00"))
    known_then = page(stage, "2026-03-19", size=size).whole
    assert rules(known_then)[WORKER, "service_vouchers", RECOGNITION] == set()


@pytest.mark.parametrize("day", DAYS)
def test_a_group_is_broken_as_each_of_its_people_is(stage: Stage, day: str) -> None:
    stage.put(
        a_work_relation(id="w-newcomer", person=NEWCOMER),
        a_work_relation(id="w-over", person=OUTSIDER, period=Period(date(2025, 1, 1), date(2026, 3, 18))),
        a_grant(id="g-newcomer", holder=NEWCOMER, relation="w-newcomer"),
        a_grant(id="g-over", holder=OUTSIDER, relation="w-over"),
    )
    groups, each = page(stage, day, most=0), rules(page(stage, day).whole)
    assert groups.grouped is True
    told = {knot.group: knot for knot in groups.whole.knots if knot.group and knot.ways}
    counted = 0
    for name, knot in told.items():
        one_by_one = page(stage, day, group=Group.named(name or "")).whole
        of_people = rules(one_by_one)
        assert len(of_people) == knot.count
        for way, broken in of_people.items():
            assert broken == each[way] == {one.rule for one in knot.ways[0].complaints}
            counted += 1
    assert counted == len(each)


def test_a_group_without_a_right_holds_who_is_linked_and_holds_none(stage: Stage) -> None:
    stage.put(a_work_relation(id="w-newcomer", person=NEWCOMER))
    groups = page(stage, "2026-03-11", most=0).whole
    alone = next(knot for knot in groups.knots if knot.group == "linked")
    opened = page(stage, "2026-03-11", group=Group.without_right()).whole
    assert alone.count == 1
    assert [knot.id for knot in opened.knots if knot.place is Place.USER] == [f"p:{NEWCOMER}"]


def test_a_local_administrator_counts_only_with_a_work_relation(stage: Stage) -> None:
    claim = an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, MAIN, id="claim", by=MAIN)
    local = an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER, id="local", by=MAIN)
    stage.put(claim, local)
    assert standings(page(stage, "2026-03-11").whole)["a:local"] is Standing.BROKEN
    stage.put(a_work_relation(id="w-outsider", person=OUTSIDER))
    assert standings(page(stage, "2026-03-11").whole)["a:local"] is Standing.HOLDS


def test_the_days_of_change_are_those_on_which_something_begins_or_is_over(stage: Stage) -> None:
    with stage.store.reading() as look:
        days, moments = look.lists.days_of_change(ENTERPRISE)
    assert {date(2026, 3, 11), date(2026, 4, 11), date(2026, 3, 13), date(2026, 3, 14)} <= set(days)
    assert moment("2026-03-20T10:00") in moments


def test_people_of_a_group_come_in_pages(stage: Stage) -> None:
    people = [NEWCOMER, OUTSIDER, WORKER]
    stage.put(*(a_work_relation(id=f"w-{person}", person=person) for person in people[:2]))
    grants = (a_grant(id=f"g-{person}", holder=person, relation=f"w-{person}") for person in people[:2])
    stage.put(*grants)
    group, span = Group("service_vouchers", RECOGNITION, True, True, True), Span(noon("2026-03-11"))
    with stage.store.reading() as look:
        first = look.lists.people_in_group(ENTERPRISE, span, group, None, 2)
        then = look.lists.people_in_group(ENTERPRISE, span, group, first[-1], 2)
    assert len(first) == 2
    assert sorted([*first, *then]) == sorted(people)


def test_a_span_looks_thirty_days_back_and_ahead() -> None:
    span = Span(noon("2026-03-31"))
    assert (span.since, span.until) == (date(2026, 3, 1), span.day + timedelta(days=30))


@pytest.mark.parametrize("text", ["", "x", "x.yyy.", "x.yy.V1", "x.yyz.V1", ".yyy.V1"])
def test_an_address_that_names_no_group_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no group"):
        Group.named(text)


@pytest.mark.parametrize("group", [Group.without_right(), Group("a", "b.c", True, False, True)])
def test_a_group_is_named_in_an_address(group: Group) -> None:
    assert Group.named(group.name) == group
