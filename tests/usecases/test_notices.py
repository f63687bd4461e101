"""Who is told what: of each thing that happens, of what ends by itself, once, in whatever order processes die."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode, Role
from accessmgr.store.notices import FIRST_PAUSE, StoredNotices
from accessmgr.store.reviews import StoredReviews
from accessmgr.usecases import register
from accessmgr.usecases.changes import IMPORTED
from accessmgr.usecases.contacts import keep_contact
from accessmgr.usecases.notices import Kind, Notice, Posted, Stage
from accessmgr.usecases.notifying import MOST_TRIES, Letter, Notifier, NotTaken
from tests.builders import (
    AUDITOR,
    DAY,
    ENTERPRISE,
    MAIN,
    NEWCOMER,
    OUTSIDER,
    REPRESENTATIVE,
    TODAY,
    WORKER,
    a_grant,
    a_request,
    an_appointment,
    an_offer,
)
from tests.usecases.stage import Stage as World
from tests.usecases.stage import a_stage, identity_of

REAL = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""What the clock of the letters shows first."""


@dataclass
class Post:
    """A post office that takes letters, unless it is closed."""

    taken: list[Letter] = field(default_factory=list)
    closed: bool = False

    def take(self, letter: Letter) -> None:
        if self.closed:
            raise NotTaken("it is closed")
        self.taken.append(letter)


@dataclass
class Told:
    """A world whose people are told, from its beginning on."""

    stage: World
    notices: StoredNotices
    post: Post
    at: datetime = REAL

    def another(self) -> Notifier:
        """What another process would tell people with."""
        return Notifier(
            self.stage.world,
            self.notices,
            lambda notice, to: Letter(notice.id, to, str(notice.kind), ""),
            self.post.take,
            lambda: self.at,
            StoredReviews(self.stage.store.engine),
        )

    def new(self) -> list[tuple[str, Kind]]:
        """Whom the next look tells of what."""
        before = {posted.notice.id for posted in self.notices.all(1000)}
        self.another().follow()
        found = [posted.notice for posted in self.notices.all(1000) if posted.notice.id not in before]
        return sorted((notice.person, notice.kind) for notice in found)

    def newest(self, person: str) -> Notice:
        return self.notices.of(person, 1)[0].notice


@pytest.fixture
def told(database_url: str) -> Iterator[Told]:
    with a_stage(database_url) as stage:
        told = Told(stage, StoredNotices(stage.store.engine), Post())
        told.another().follow()
        yield told


def test_of_what_happened_before_the_first_look_nobody_is_told(database_url: str) -> None:
    with a_stage(database_url) as stage:
        stage.perform(Action.GRANT_RIGHT)
        told = Told(stage, StoredNotices(stage.store.engine), Post())
        assert told.new() == []
        assert told.new() == []
        stage.perform(Action.END_WORK_RELATION)
        assert told.new() == [(WORKER, Kind.UNLINKED)]


THINGS: dict[str, tuple[Any, ...]] = {
    "offer": (an_offer(),),
    "grant": (a_grant(),),
    "request": (a_request(),),
    "co-main": (an_appointment(),),
}

HAPPENINGS = [
    (Action.APPOINT_CO_MAIN_ACCESS_MANAGER, "", [(NEWCOMER, Kind.OFFERED)]),
    (Action.ACCEPT_APPOINTMENT, "offer", [(MAIN, Kind.ACCEPTED)]),
    (Action.REFUSE_APPOINTMENT, "offer", [(MAIN, Kind.DECLINED)]),
    (Action.END_APPOINTMENT, "co-main", [(NEWCOMER, Kind.ROLE_ENDED)]),
    (Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, "", []),
    (Action.GRANT_RIGHT, "", [(WORKER, Kind.GRANTED)]),
    (Action.EXTEND_GRANT, "grant", [(WORKER, Kind.CHANGED)]),
    (Action.REVOKE_GRANT, "grant", [(WORKER, Kind.REVOKED)]),
    (Action.END_WORK_RELATION, "grant", [(WORKER, Kind.CHANGED), (WORKER, Kind.UNLINKED)]),
    (Action.REQUEST_RIGHT, "", [(MAIN, Kind.REQUESTED)]),
    (Action.APPROVE_REQUEST, "request", [(WORKER, Kind.APPROVED)]),
    (Action.REFUSE_REQUEST, "request", [(WORKER, Kind.REFUSED)]),
    (Action.WITHDRAW_REQUEST, "request", []),
    (Action.ENTER_SECURE_AREA, "grant", []),
    (Action.READ_HISTORY, "", []),
]


@pytest.mark.parametrize(("action", "thing", "expected"), HAPPENINGS, ids=[str(each[0]) for each in HAPPENINGS])
def test_what_somebody_does_is_told_to_those_whom_it_concerns_and_not_to_who_did_it(
    told: Told, action: Action, thing: str, expected: list[tuple[str, Kind]]
) -> None:
    told.stage.put(*THINGS.get(thing, ()))
    assert told.stage.perform(action).decision.allowed
    assert told.new() == expected


def test_a_refused_action_is_told_to_nobody(told: Told) -> None:
    assert not told.stage.perform(Action.GRANT_RIGHT, actor=OUTSIDER).decision.allowed
    assert told.new() == []


def test_whoever_is_linked_is_told(told: Told) -> None:
    told.stage.find_and(Action.LINK_PERSON, identity_of(NEWCOMER))
    assert told.new() == [(NEWCOMER, Kind.LINKED)]


def test_who_is_replaced_is_told_so_and_the_appointer_that_it_was_accepted(told: Told) -> None:
    offered = told.stage.perform(Action.APPOINT_MAIN_ACCESS_MANAGER, replaces=True).or_refuse()
    assert told.new() == [(NEWCOMER, Kind.OFFERED)]
    told.stage.perform(Action.ACCEPT_APPOINTMENT, appointment=offered.events[-1].row.id).or_refuse()
    assert told.new() == [(MAIN, Kind.REPLACED), (REPRESENTATIVE, Kind.ACCEPTED)]
    assert told.newest(MAIN).role is Role.MAIN_ACCESS_MANAGER


def test_a_request_is_told_to_whom_the_rules_let_answer_it_and_to_no_other_with_a_role(told: Told) -> None:
    told.stage.put(
        an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER), an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER)
    )
    told.stage.perform(Action.REQUEST_RIGHT)
    assert told.new() == [(MAIN, Kind.REQUESTED), (NEWCOMER, Kind.REQUESTED)]


LOST = [(MAIN, Kind.REPRESENTATION_LOST), (REPRESENTATIVE, Kind.REPRESENTATION_LOST)]


def test_the_end_of_a_function_is_told_to_its_holder_and_to_the_main_access_manager(told: Told) -> None:
    register.end_function(told.stage.world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, TODAY)
    assert told.new() == LOST
    assert told.newest(MAIN).last == TODAY
    told.stage.clock.moment += DAY
    assert told.new() == []


def test_a_function_that_is_to_end_later_is_told_of_on_its_last_day(told: Told) -> None:
    register.end_function(told.stage.world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, TODAY + DAY * 2)
    assert told.new() == []
    told.stage.clock.moment += DAY
    assert told.new() == []
    told.stage.clock.moment += DAY
    assert told.new() == LOST
    told.stage.clock.moment += DAY
    assert told.new() == []


def test_an_extract_that_ends_a_function_is_told_of_in_the_enterprises_where_roles_were_given(told: Told) -> None:
    world = told.stage.world
    with world.store.writing() as tx:
        [held] = tx.functions_held(ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, TODAY)
        tx.change_fact("function", held, last=TODAY)
        tx.append(IMPORTED, world.clock.now(), data={"extract": 2}, subjects=[])
    assert told.new() == LOST


def test_an_extract_that_changes_nobody_who_represents_is_told_to_nobody(told: Told) -> None:
    world = told.stage.world
    with world.store.writing() as tx:
        tx.append(IMPORTED, world.clock.now(), data={"extract": 2}, subjects=[])
    assert told.new() == []


def test_a_trustee_who_comes_in_displaces_and_another_director_does_not(told: Told) -> None:
    world, period = told.stage.world, Period(TODAY, None)
    register.start_function(world, ENTERPRISE, FunctionCode.DIRECTOR, period, person=NEWCOMER)
    assert told.new() == []
    register.start_function(world, ENTERPRISE, FunctionCode.TRUSTEE, period, person=OUTSIDER)
    assert told.new() == sorted([*LOST, (MAIN, Kind.REPRESENTATION_LOST), (NEWCOMER, Kind.REPRESENTATION_LOST)])


def test_an_auditor_who_looks_is_told_of_once_a_day(told: Told) -> None:
    looking: dict[str, Any] = {"actor": AUDITOR, "purpose": True, "note": "a case"}
    for _ in range(3):
        told.stage.perform(Action.READ_HISTORY, **looking).or_refuse()
    assert told.new() == [(MAIN, Kind.LOOKED_AT)]
    told.stage.perform(Action.READ_HISTORY, **looking).or_refuse()
    assert told.new() == []
    told.stage.clock.moment += DAY
    told.stage.perform(Action.READ_HISTORY, **looking).or_refuse()
    assert told.new() == [(MAIN, Kind.LOOKED_AT)]


def ends_on(last: date | None, **spoilt: Any) -> Any:
    return a_grant(period=Period(date(2026, 1, 1), last), **spoilt)


ENDINGS = [
    (31, 1, [(WORKER, Kind.ENDING)]),
    (30, 1, []),
    (32, 1, []),
    (8, 1, [(WORKER, Kind.ENDING)]),
    (9, 1, []),
    (0, 1, [(WORKER, Kind.ENDED)]),
    (1, 1, []),
    (-1, 1, []),
    (20, 15, [(WORKER, Kind.ENDING)]),
    (20, 40, [(WORKER, Kind.ENDED)]),
    (40, 41, [(WORKER, Kind.ENDED)]),
    (40, 35, [(WORKER, Kind.ENDING)]),
]


@pytest.mark.parametrize(("ends_in", "days_on", "expected"), ENDINGS)
def test_what_ends_in_30_days_in_7_days_or_yesterday_is_told_when_that_day_begins(
    told: Told, ends_in: int, days_on: int, expected: list[tuple[str, Kind]]
) -> None:
    told.stage.put(ends_on(TODAY + timedelta(days=ends_in)))
    told.stage.clock.moment += DAY * days_on
    assert told.new() == expected
    assert told.new() == []


def test_a_grant_that_was_revoked_ends_no_more(told: Told) -> None:
    told.stage.put(ends_on(TODAY, revoked_at=told.stage.clock.moment))
    told.stage.clock.moment += DAY
    assert told.new() == []


def test_a_grant_without_a_last_day_never_ends(told: Told) -> None:
    told.stage.put(ends_on(None))
    told.stage.clock.moment += DAY * 400
    assert told.new() == []


def test_two_processes_that_follow_at_once_tell_each_thing_once(told: Told) -> None:
    told.stage.perform(Action.GRANT_RIGHT)
    before = told.notices.reached()
    assert before is not None
    assert told.new() == [(WORKER, Kind.GRANTED)]
    own = told.newest(WORKER)
    assert not told.notices.follow(before, replace(before, seen=before.seen + 1), [replace(own, id="another")], REAL)
    assert [posted.notice for posted in told.notices.all(10)] == [own]


def reachable(told: Told) -> None:
    keep_contact(told.stage.world, WORKER, "worker@example.be", "", by=WORKER)


def only(told: Told) -> Posted:
    [posted] = told.notices.of(WORKER, 10)
    return posted


def test_a_letter_goes_out_once(told: Told) -> None:
    reachable(told)
    told.stage.perform(Action.GRANT_RIGHT)
    told.another().follow()
    assert told.another().send()[Stage.SENT] == 1
    told.at += timedelta(days=2)
    assert told.another().send()[Stage.SENT] == 0
    assert [(letter.to, letter.subject) for letter in told.post.taken] == [("worker@example.be", "granted")]
    assert only(told).stage is Stage.SENT


def test_without_an_address_nothing_goes_out_and_the_notice_says_so(told: Told) -> None:
    told.stage.perform(Action.GRANT_RIGHT)
    told.another().follow()
    told.another().send()
    assert told.post.taken == []
    assert only(told).stage is Stage.NO_ADDRESS


def test_a_process_that_dies_between_the_change_and_the_letter_leaves_it_to_the_next(told: Told) -> None:
    reachable(told)
    told.stage.perform(Action.GRANT_RIGHT)
    told.another().follow()
    assert len(told.notices.take(told.at, 10)) == 1  # and then it died, with the letter in its hand
    assert told.another().send()[Stage.SENT] == 0
    told.at += FIRST_PAUSE
    assert told.another().send()[Stage.SENT] == 1
    assert len(told.post.taken) == 1


def test_a_letter_that_is_not_taken_is_tried_later_and_given_up_in_the_end(told: Told) -> None:
    reachable(told)
    told.stage.perform(Action.GRANT_RIGHT)
    told.another().follow()
    told.post.closed = True
    for _ in range(MOST_TRIES - 1):
        assert told.another().send()[Stage.WAITING] == 1
        told.at += timedelta(hours=1)
    assert (only(told).stage, only(told).fault) == (Stage.WAITING, "it is closed")
    assert told.another().send()[Stage.GIVEN_UP] == 1
    told.at += timedelta(days=2)
    told.post.closed = False
    assert told.another().send()[Stage.SENT] == 0
    assert only(told).stage is Stage.GIVEN_UP
