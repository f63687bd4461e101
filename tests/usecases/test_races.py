"""Two people act at the same moment: the outcome is that of one after the other, and nothing is half done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from accessmgr.core.actions import Action, Ask
from accessmgr.core.events import Noun
from accessmgr.core.model import Role
from accessmgr.store import tables
from accessmgr.store.tables import OPEN
from accessmgr.usecases.perform import Done
from tests.builders import (
    LONG_AGO,
    MAIN,
    NEWCOMER,
    OUTSIDER,
    REPRESENTATIVE,
    WORKER,
    a_grant,
    a_work_relation,
    an_appointment,
    an_ask,
    an_offer,
)
from tests.usecases.stage import Stage, a_stage, put

ROUNDS = range(100)
MAIN_ROLE = Role.MAIN_ACCESS_MANAGER
MAIN_MANAGER, RELATION, GRANT, OFFER = "main manager", "relation", "grant", "offer"


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(stage_url) as stage:
        yield stage


def enterprise_of(round_: int) -> str:
    return f"09{round_:08d}"


def prepare(stage: Stage, round_: int, *nouns: Noun) -> None:
    """An enterprise of its own for a round, with two directors, a recognition, and what is to be raced about."""
    number = enterprise_of(round_)
    with stage.writing() as connection:

        def add(table: Any, **values: Any) -> None:
            connection.execute(table.__table__.insert().values(first=LONG_AGO, **values))

        add(tables.Enterprise, id=number, target_group="EA")
        add(tables.Recognition, id=f"r{round_}", enterprise=number)
        for holder in (REPRESENTATIVE, OUTSIDER):
            function = {"id": f"{holder} {round_}", "enterprise": number, "code": "director", "holder": holder}
            add(tables.Function, **function)
        put(connection, *nouns)


def of(round_: int, name: str) -> dict[str, str]:
    """Which enterprise and which thing."""
    return {"enterprise": enterprise_of(round_), "id": f"{name} {round_}"}


def at_once(stage: Stage, first: Ask, second: Ask) -> tuple[Done, Done]:
    """Perform two questions at the same moment, and give what came of each."""
    start = Barrier(2)

    def do(ask: Ask) -> Done:
        start.wait()
        return stage.do(ask)

    with ThreadPoolExecutor(2) as people:
        one, other = people.submit(do, first), people.submit(do, second)
        return one.result(), other.result()


def each_round(stage: Stage, race: Callable[[int], tuple[Done, Done]]) -> list[tuple[Done, Done]]:
    """Run a race a hundred times, and see that the history tells all of it, in one sequence."""
    before = len(stage.entries())
    done = [race(round_) for round_ in ROUNDS]
    sequences = sorted(one.sequence for pair in done for one in pair if one.sequence is not None)
    assert sequences == list(range(before, before + 200))
    assert [entry["sequence"] for entry in stage.entries()] == list(range(before + 200))
    written = [[change["row"]["id"] for change in entry["data"].get("changes", [])] for entry in stage.entries()]
    told = {one.sequence: [event.row.id for event in one.events] for pair in done for one in pair}
    assert [told[sequence] for sequence in sequences] == written
    return done


def outcomes(done: list[tuple[Done, Done]]) -> set[tuple[bool, tuple[str, ...]]]:
    return {(one.decision.allowed, one.decision.because) for pair in done for one in pair}


def winners(done: list[tuple[Done, Done]]) -> list[int]:
    """How many of the two were allowed, for each round."""
    return [first.decision.allowed + second.decision.allowed for first, second in done]


def came_first(one: Done, other: Done) -> bool:
    assert one.sequence is not None
    assert other.sequence is not None
    return one.sequence < other.sequence


def known_now(stage: Stage, table: Any, *conditions: Any) -> int:
    with stage.looking() as connection:
        return len(connection.execute(select(table.row).where(table.recorded_to == OPEN, *conditions)).all())


def test_two_people_who_take_the_main_role_for_themselves_do_not_both_get_it(stage: Stage) -> None:
    def race(round_: int) -> tuple[Done, Done]:
        prepare(stage, round_)
        taking = [
            an_ask(
                Action.APPOINT_MAIN_ACCESS_MANAGER,
                actor=person,
                person=person,
                employee=False,
                enterprise=enterprise_of(round_),
            )
            for person in (REPRESENTATIVE, OUTSIDER)
        ]
        return at_once(stage, *taking)

    done = each_round(stage, race)
    assert winners(done) == [1] * 100
    assert outcomes(done) == {(True, ("APPOINT-1",)), (False, ("APPOINT-3",))}
    assert known_now(stage, tables.Appointment, tables.Appointment.enterprise.like("09%")) == 100


def test_one_grant_that_two_people_give_is_given_once(stage: Stage) -> None:
    def race(round_: int) -> tuple[Done, Done]:
        of_co_main = an_appointment(Role.CO_MAIN_ACCESS_MANAGER, NEWCOMER, **of(round_, "co-main"))
        of_main = an_appointment(MAIN_ROLE, MAIN, **of(round_, MAIN_MANAGER))
        prepare(stage, round_, of_main, of_co_main, a_work_relation(**of(round_, RELATION)))
        number = enterprise_of(round_)
        giving = [
            an_ask(Action.GRANT_RIGHT, actor=actor, enterprise=number, contexts=(f"r{round_}",))
            for actor in (MAIN, NEWCOMER)
        ]
        return at_once(stage, *giving)

    done = each_round(stage, race)
    assert winners(done) == [1] * 100
    assert outcomes(done) == {(True, ("GRANT-1",)), (False, ("GRANT-10",))}
    assert known_now(stage, tables.Grant) == 100


def test_one_person_whom_two_people_link_is_linked_once(stage: Stage) -> None:
    def race(round_: int) -> tuple[Done, Done]:
        of_co_main = an_appointment(Role.CO_MAIN_ACCESS_MANAGER, WORKER, **of(round_, "co-main"))
        prepare(stage, round_, an_appointment(MAIN_ROLE, MAIN, **of(round_, MAIN_MANAGER)), of_co_main)
        number = enterprise_of(round_)
        linking = [an_ask(Action.LINK_PERSON, actor=actor, enterprise=number) for actor in (MAIN, WORKER)]
        return at_once(stage, *linking)

    done = each_round(stage, race)
    assert winners(done) == [1] * 100
    assert outcomes(done) == {(True, ("LINK-1",)), (False, ("LINK-2",))}
    assert known_now(stage, tables.WorkRelation, tables.WorkRelation.person == NEWCOMER) == 100


def test_granting_while_the_old_grant_is_revoked_comes_out_as_one_after_the_other(stage: Stage) -> None:
    def race(round_: int) -> tuple[Done, Done]:
        contexts = (f"r{round_}",)
        prepare(
            stage,
            round_,
            an_appointment(MAIN_ROLE, MAIN, **of(round_, MAIN_MANAGER)),
            a_work_relation(**of(round_, RELATION)),
            a_grant(contexts=contexts, **of(round_, GRANT) | {"relation": f"{RELATION} {round_}"}),
        )
        grant = an_ask(Action.GRANT_RIGHT, enterprise=enterprise_of(round_), contexts=contexts)
        return at_once(stage, grant, an_ask(Action.REVOKE_GRANT, grant=f"{GRANT} {round_}"))

    done = each_round(stage, race)
    assert {revoked.decision.allowed for _, revoked in done} == {True}
    assert {granted.decision.because for granted, _ in done} <= {("GRANT-1",), ("GRANT-10",)}
    revoked_first = [came_first(revoked, granted) for granted, revoked in done]
    assert [granted.decision.allowed for granted, _ in done] == revoked_first
    assert known_now(stage, tables.Grant, tables.Grant.revoked_at.is_(None)) == sum(winners(done)) - 100


def test_accepting_an_offer_while_a_newer_one_is_made_comes_out_as_one_after_the_other(stage: Stage) -> None:
    def race(round_: int) -> tuple[Done, Done]:
        offer = an_offer(MAIN_ROLE, NEWCOMER, **of(round_, OFFER) | {"by": REPRESENTATIVE})
        prepare(stage, round_, an_appointment(MAIN_ROLE, MAIN, **of(round_, MAIN_MANAGER)), offer)
        newer = an_ask(
            Action.APPOINT_MAIN_ACCESS_MANAGER, enterprise=enterprise_of(round_), person=WORKER, replaces=True
        )
        return at_once(stage, an_ask(Action.ACCEPT_APPOINTMENT, appointment=offer.id), newer)

    done = each_round(stage, race)
    assert {newer.decision.because for _, newer in done} == {("APPOINT-1",)}
    assert {accepted.decision.because for accepted, _ in done} <= {("ACCEPT-1",), ("ACCEPT-2",)}
    accepted_first = [came_first(*pair) for pair in done]
    assert [accepted.decision.allowed for accepted, _ in done] == accepted_first
    active = (
        tables.Appointment.enterprise.like("09%"),
        tables.Appointment.accepted_at.is_not(None),
        tables.Appointment.closed_at.is_(None),
    )
    assert known_now(stage, tables.Appointment, *active) == 100
