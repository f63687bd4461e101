"""What was known then, in lists: a later change is not seen in a list as it was known, whichever list it is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from inspect import isfunction
from itertools import groupby, product
from typing import Any

import pytest
from sqlalchemy import Engine

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period, start_of
from accessmgr.core.model import FunctionCode, Role
from accessmgr.scenarios.databases import databases, in_memory
from accessmgr.scenarios.document import ClockStep
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import play
from accessmgr.scenarios.world import Stage as ScenarioStage
from accessmgr.scenarios.world import build
from accessmgr.store.chain_lists import ChainLists
from accessmgr.store.history_lists import HistoryLists
from accessmgr.store.people_lists import PeopleLists
from accessmgr.store.register_lists import RegisterLists
from accessmgr.store.rows import columns_of
from accessmgr.store.search_lists import SearchLists
from accessmgr.usecases import register
from accessmgr.usecases.entering import Entering
from accessmgr.usecases.lists import Lists
from accessmgr.usecases.perform import consider_in
from accessmgr.usecases.world import Look
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault
from tests.builders import (
    AUDITOR,
    ENTERPRISE,
    ESTABLISHMENT,
    IN_A_MONTH,
    MAIN,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    an_appointment,
)
from tests.random_worlds import random_document
from tests.usecases.stage import Stage, a_stage, identity_of

LATER = NOW + 2 * SECOND
GRANTED = Period(TODAY, IN_A_MONTH)


@dataclass(frozen=True)
class Case:
    """A change, a list in few words, and those words before and after the change."""

    change: Callable[[Stage], Any]
    shown: Callable[[Lists], Any]
    before: Any
    after: Any


def brings(table: str, **values: Any) -> Callable[[Stage], None]:
    """A row more."""

    def change(stage: Stage) -> None:
        with stage.store.writing() as tx:
            tx.add_fact(table, **values)
            tx.append("register.changed", stage.clock.now(), subjects=[WORKER])

    return change


def renames(stage: Stage) -> None:
    """Another given name of the worker."""
    with stage.store.writing() as tx:
        tx.change_fact("person", WORKER, given="Renamed")
        tx.append("register.changed", stage.clock.now())


def speaks_dutch(stage: Stage) -> None:
    """Another language of the worker."""
    with stage.store.writing() as tx:
        tx.change_fact("person", WORKER, language="nl")
        tx.append("register.changed", stage.clock.now())


def links(stage: Stage) -> None:
    """The newcomer is linked."""
    stage.find_and(Action.LINK_PERSON, identity_of(NEWCOMER)).or_refuse()


def grants(stage: Stage) -> None:
    """The worker is granted a right."""
    stage.perform(Action.GRANT_RIGHT, period=GRANTED).or_refuse()


def requests(stage: Stage) -> None:
    """The worker requests a right."""
    stage.perform(Action.REQUEST_RIGHT).or_refuse()


def offers(stage: Stage) -> None:
    """The newcomer is offered a role."""
    stage.find_and(Action.APPOINT_CO_MAIN_ACCESS_MANAGER, identity_of(NEWCOMER)).or_refuse()


def ends_function(stage: Stage) -> None:
    """The representative's function ended yesterday, as is told today."""
    register.end_function(stage.world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, YESTERDAY)


def closes(stage: Stage) -> None:
    """The enterprise ended yesterday, as is told today."""
    register.close_enterprise(stage.world, ENTERPRISE, YESTERDAY)


def last_of(things: Any) -> Any:
    """The last day of the first thing."""
    return things[0].period.last


def of_people(found: Any) -> list[str]:
    """The ids of people."""
    return [named.id for named in found]


def types(rows: Any) -> list[str]:
    """The types of entries."""
    return [json.loads(row.leaf)["type"] for row in rows]


NEW_NUMBER = "0200000241"
NAME = {"entity": ENTERPRISE, "language": "2", "type_code": "001", "name": "Netjes"}
SEAT = {"entity": ENTERPRISE, "type_code": "REGO", "zipcode": "2000", "municipality_nl": "Antwerpen"}
MEANING = {"category": "JuridicalForm", "code": "610", "language": "NL", "description": "BV"}
FIRST, SECOND_TYPE = "number.revealed", "register.changed"

CASES: dict[str, Case] = {
    "names": Case(renames, lambda it: it.names([WORKER])[WORKER].given, "Given", "Renamed"),
    "enterprise_names": Case(
        brings("denomination", **NAME),
        lambda it: it.enterprise_names([ENTERPRISE], "nl"),
        {ENTERPRISE: ENTERPRISE},
        {ENTERPRISE: "Netjes"},
    ),
    "enterprise_card": Case(closes, lambda it: last_of([it.enterprise_card(ENTERPRISE, "nl")]), None, YESTERDAY),
    "target_groups": Case(
        brings("enterprise", id=NEW_NUMBER, target_group="LB", first=TODAY),
        lambda it: list(it.target_groups([NEW_NUMBER]).values()),
        [],
        ["LB"],
    ),
    "functions_in": Case(ends_function, lambda it: last_of(it.functions_in([ENTERPRISE])[ENTERPRISE]), None, YESTERDAY),
    "functions_in, silent": Case(
        lambda stage: register.fall_silent(stage.world, ENTERPRISE),
        lambda it: it.functions_in([ENTERPRISE])[ENTERPRISE] is None,
        False,
        True,
    ),
    "functions_of": Case(ends_function, lambda it: last_of(it.functions_of(REPRESENTATIVE)), None, YESTERDAY),
    "establishments": Case(
        lambda stage: register.move_establishment(stage.world, ESTABLISHMENT, OTHER_ENTERPRISE, TODAY),
        lambda it: [row.id for row in it.establishments(OTHER_ENTERPRISE)],
        [],
        [ESTABLISHMENT],
    ),
    "denominations": Case(
        brings("denomination", **NAME), lambda it: [row.name for row in it.denominations([ENTERPRISE])], [], ["Netjes"]
    ),
    "addresses": Case(brings("address", **SEAT), lambda it: sorted(it.addresses([ENTERPRISE])), [], [ENTERPRISE]),
    "search_enterprises": Case(
        brings("denomination", **NAME), lambda it: it.search_enterprises("netj"), [], [ENTERPRISE]
    ),
    "meanings": Case(brings("code", **MEANING), lambda it: it.meanings("nl"), {}, {("JuridicalForm", "610"): "BV"}),
    "enterprises_of": Case(links, lambda it: it.enterprises_of(NEWCOMER), [], [ENTERPRISE]),
    "sign_in_people": Case(
        brings("digital_key", person=WORKER, key="itsme"),
        lambda it: of_people(it.sign_in_people("itsme")),
        [],
        [WORKER],
    ),
    "appointments": Case(
        offers,
        lambda it: [each.role for each in it.appointments(enterprise=ENTERPRISE)],
        [Role.MAIN_ACCESS_MANAGER],
        [Role.CO_MAIN_ACCESS_MANAGER, Role.MAIN_ACCESS_MANAGER],
    ),
    "appointments of a person": Case(offers, lambda it: len(it.appointments(holder=NEWCOMER)), 0, 1),
    "work_relations": Case(
        lambda stage: stage.perform(Action.END_WORK_RELATION, last_day=TOMORROW).or_refuse(),
        lambda it: [each.period.last for each in it.work_relations(person=WORKER)],
        [None],
        [TOMORROW],
    ),
    "people_of": Case(links, lambda it: of_people(it.people_of(ENTERPRISE)), [WORKER], [NEWCOMER, WORKER]),
    "relations_among": Case(links, lambda it: len(it.relations_among(ENTERPRISE, [NEWCOMER, WORKER])), 1, 2),
    "grants": Case(grants, lambda it: [each.period for each in it.grants(enterprise=ENTERPRISE)], [], [GRANTED]),
    "grants of a person": Case(grants, lambda it: len(it.grants(holder=WORKER, limit=5)), 0, 1),
    "grants_among": Case(grants, lambda it: len(it.grants_among(ENTERPRISE, [WORKER])), 0, 1),
    "count_grants": Case(grants, lambda it: it.count_grants(ENTERPRISE), 0, 1),
    "grants_ending": Case(grants, lambda it: len(it.grants_ending([(TODAY, IN_A_MONTH)])), 0, 1),
    "grants_ending, on another day": Case(grants, lambda it: len(it.grants_ending([(TODAY, TODAY)])), 0, 0),
    "enterprises_after": Case(
        brings("enterprise", id="1999000447", target_group="EA", first=TODAY),
        lambda it: len(it.enterprises_after("", 9)),
        2,
        3,
    ),
    "appointed_enterprises": Case(
        brings("appointment", **columns_of(an_appointment(enterprise=OTHER_ENTERPRISE))),
        lambda it: it.appointed_enterprises("", 9),
        [ENTERPRISE],
        [ENTERPRISE, OTHER_ENTERPRISE],
    ),
    "auditors": Case(brings("auditor", id=WORKER), lambda it: it.auditors(), [AUDITOR], [AUDITOR, WORKER]),
    "language_of": Case(speaks_dutch, lambda it: it.language_of(WORKER), None, "nl"),
    "entries_after": Case(
        closes,
        lambda it: types(it.entries_after(-1, before=9, without=(), limit=9)),
        [FIRST],
        [FIRST, SECOND_TYPE],
    ),
    "requests": Case(
        requests, lambda it: [each.requester for each in it.requests(enterprise=ENTERPRISE)], [], [WORKER]
    ),
    "pending_requests": Case(requests, lambda it: len(it.pending_requests(ENTERPRISE, LATER)), 0, 1),
    "entries": Case(closes, lambda it: types(it.entries()), [FIRST], [SECOND_TYPE, FIRST]),
    "entries about one": Case(closes, lambda it: types(it.entries(subject=ENTERPRISE)), [], [SECOND_TYPE]),
    "entries_at_once_about": Case(
        grants, lambda it: types(it.entries_at_once_about([ENTERPRISE, WORKER])), [], ["right.granted"]
    ),
    "entry": Case(closes, lambda it: it.entry(1) is None, True, False),
    "about": Case(closes, lambda it: it.about([1], ENTERPRISE), frozenset(), frozenset({1})),
    "last_recorded": Case(closes, lambda it: it.last_recorded(), (1, NOW), (2, LATER)),
}


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(stage_url) as stage:
        yield stage


@pytest.mark.parametrize("name", CASES)
def test_a_list_shows_a_change_from_the_moment_at_which_it_was_recorded(stage: Stage, name: str) -> None:
    case = CASES[name]
    stage.perform(Action.REVEAL_NUMBER)
    stage.clock.moment = LATER
    case.change(stage)
    moments = [NOW, NOW + SECOND, LATER - timedelta(microseconds=1), LATER, LATER + SECOND]
    with stage.store.reading() as look:
        shown = [case.shown(look.lists_at(look.size_at(moment))) for moment in moments]
        assert shown == [case.before] * 3 + [case.after] * 2
        assert case.shown(look.lists_at(None)) == case.shown(look.lists) == case.after


def test_every_list_is_asked_about(stage: Stage) -> None:
    modules = (PeopleLists, RegisterLists, ChainLists, HistoryLists, SearchLists)
    lists = {name for each in modules for name, what in vars(each).items() if isfunction(what) and name[0] != "_"}
    assert lists - {name.split()[0].rstrip(",") for name in CASES} == {"personas", "people_after"}


def test_an_offer_that_waited_then_waits_in_the_list_of_then(stage: Stage) -> None:
    requests(stage)
    with stage.store.reading() as look:
        (request,) = look.lists.requests(requester=WORKER)
    stage.clock.moment = LATER
    stage.perform(Action.REFUSE_REQUEST, request=request.id, actor=MAIN).or_refuse()
    with stage.store.reading() as look:
        for moment, waiting in ((NOW, 1), (LATER - timedelta(microseconds=1), 1), (LATER, 0)):
            assert len(look.lists.pending_requests(ENTERPRISE, moment)) == waiting
        assert look.lists.pending_requests(ENTERPRISE, NOW - timedelta(microseconds=1)) == []
        assert len(look.lists_at(look.size_at(NOW)).pending_requests(ENTERPRISE, LATER)) == 1


def test_of_the_people_linked_only_those_are_shown_whose_link_had_begun(stage: Stage) -> None:
    stage.find_and(Action.LINK_PERSON, identity_of(NEWCOMER), period=Period(TOMORROW, None)).or_refuse()
    with stage.store.reading() as look:
        people = [of_people(look.lists.people_of(ENTERPRISE, begun=day)) for day in (None, TODAY, TOMORROW)]
    assert people == [[NEWCOMER, WORKER], [WORKER], [NEWCOMER, WORKER]]


# --- random worlds ------------------------------------------------------------------------------------------


def everything(lists: Lists, stage: ScenarioStage) -> dict[str, Any]:
    """What every list of the chain and of the register holds, for all people and enterprises of a scenario."""
    people, numbers = sorted(stage.persons.values()), sorted(stage.enterprises.values())
    at = stage.clock.moment
    return {
        "names": lists.names(people),
        "functions": lists.functions_in(numbers),
        "last": lists.last_recorded(),
        "entries": [row.sequence for row in lists.entries(limit=1000)],
        **{f"of {person}": _of_person(lists, person) for person in people},
        **{f"in {number}": _in_enterprise(lists, number, people) for number in numbers},
        "pending": {(number, at): lists.pending_requests(number, at) for number in numbers},
    }


def _of_person(lists: Lists, person: str) -> list[Any]:
    return [
        lists.enterprises_of(person),
        lists.functions_of(person),
        lists.appointments(holder=person),
        lists.work_relations(person=person),
        lists.grants(holder=person),
        lists.requests(requester=person),
        [row.sequence for row in lists.entries(subject=person, limit=1000)],
    ]


def _in_enterprise(lists: Lists, number: str, people: list[str]) -> list[Any]:
    return [
        lists.enterprise_card(number, "nl"),
        lists.establishments(number),
        lists.appointments(enterprise=number),
        lists.people_of(number),
        lists.relations_among(number, people),
        lists.grants(enterprise=number),
        lists.grants_among(number, people),
        lists.requests(enterprise=number),
    ]


def played(engine: Engine, seed: int) -> int:
    """Play a random scenario, note what every list holds at each moment, and compare when all has happened.

    :return: at how many moments
    """
    scenario = read_bytes(json.dumps(random_document(seed, 80)).encode(), f"seed {seed}")
    stage = build(scenario, engine, Vault(KeyRing.fresh()))
    noted: dict[Any, tuple[int, Any]] = {}
    play(replace(scenario, steps=()), stage)
    for passes, group in groupby(scenario.steps, key=lambda step: isinstance(step, ClockStep)):
        play(replace(scenario, steps=tuple(group), at=stage.clock.moment), stage)
        if not passes:
            with stage.world.store.reading() as look:
                noted[stage.clock.moment] = look.size(), everything(look.lists, stage)
    with stage.world.store.reading() as look:
        for moment, (size, then) in noted.items():
            stage.clock.moment = moment
            assert look.size_at(moment) == size
            assert everything(look.lists_at(size), stage) == then, f"seed {seed}, {moment}"
    return len(noted)


@pytest.mark.parametrize("seed", range(900, 906))
def test_what_a_list_was_then_is_what_it_is_as_known_then(seed: int) -> None:
    with in_memory() as engine:
        assert played(engine, seed) >= 3


def test_what_a_list_was_then_is_what_it_is_as_known_then_in_postgresql(postgres_url: str) -> None:
    with databases(postgres_url) as new_database, new_database() as engine:
        assert played(engine, 906) >= 3


def everybody_who_enters(stage: ScenarioStage, look: Look, on: datetime, known_at: datetime) -> list[set[Any]]:
    """Who can enter where, by the list and by a question for each person, right and context."""
    listed, asked = set[Any](), set[Any]()
    for number in stage.enterprises.values():
        entering = Entering(stage.world, look, number, on, look.size_at(known_at))
        listed |= {(number, *way) for way in entering.ways if entering.decision(way).allowed}
        granted = look.lists.grants(enterprise=number)
        for person, grant in product(stage.persons.values(), granted):
            for context in grant.contexts:
                ask = Ask(
                    action=Action.ENTER_SECURE_AREA,
                    actor=person,
                    level=stage.world.policy.rights[grant.right].level,
                    enterprise=number,
                    right=grant.right,
                    contexts=(context,),
                )
                if consider_in(stage.world, look, ask, on=on, known_at=known_at).decision.allowed:
                    asked.add((number, person, grant.right, context))
    return [listed, asked]


def test_the_list_of_who_enters_holds_whom_a_question_lets_in_and_nobody_else() -> None:
    found, fewer = 0, 0
    for seed in range(910, 920):
        scenario = read_bytes(json.dumps(random_document(seed, 80)).encode(), f"seed {seed}")
        with in_memory() as engine:
            stage = build(scenario, engine, Vault(KeyRing.fresh()))
            play(scenario, stage)
            last = stage.clock.moment
            with stage.world.store.reading() as look:
                granted = [
                    grant for number in stage.enterprises.values() for grant in look.lists.grants(enterprise=number)
                ]
                for day in sorted({grant.period.first for grant in granted})[:3]:
                    on = start_of(day)
                    now, then = (everybody_who_enters(stage, look, on, known) for known in (last, on))
                    assert now[0] == now[1], f"seed {seed}, on {on}"
                    assert then[0] == then[1], f"seed {seed}, on {on}, as known then"
                    found += len(now[0])
                    fewer += len(now[0] - then[0])
    assert found >= 10
    assert fewer >= 1
