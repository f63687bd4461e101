"""Every query of a decision goes by index, and a decision takes few of them, at whatever size."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from accessmgr.cli.bench_measures import QUESTIONS, Question, counting
from accessmgr.cli.bench_world import AT, SERVICE_VOUCHERS, Built, Worker, fill
from accessmgr.core.actions import Action, Ask
from accessmgr.scenarios.rights import catalogue
from accessmgr.store.asked import lines_asked
from accessmgr.store.clock import RealClock
from accessmgr.store.engine import begin, create_schema, prepare
from accessmgr.store.look import Look
from accessmgr.store.reviews import StoredReviews
from accessmgr.store.store import Store
from accessmgr.store.tables import Base, Moment
from accessmgr.usecases.changes import QUIET
from accessmgr.usecases.drawn import Group, Span
from accessmgr.usecases.grant_lists import Sought
from accessmgr.usecases.perform import consider_in
from accessmgr.usecases.reviews import Outcome
from accessmgr.usecases.traces import Kind, Thing, Wanted
from accessmgr.usecases.world import Policy, World
from accessmgr.vault.keyring import KeyFile, KeyRing
from accessmgr.vault.vault import Vault

SOON = AT.date() + timedelta(days=7)
HOLDING = Group(SERVICE_VOUCHERS, "V100000", granted=True, linked=True, alive=True)
SMALL = frozenset({"auditor", "log_head", "simulator_clock", "register_import", "persona", "code", "notices_reached"})
"""Tables that stay small, or are read whole."""

BIG = frozenset(table.name for table in Base.metadata.sorted_tables) - SMALL

MOST_QUERIES = {
    "enter_secure_area": 3,
    "enter_secure_area, without grant": 3,
    "enter_secure_area, by an outsider": 4,
    "grant_right": 4,
    "grant_right, by an outsider": 5,
    "extend_grant": 4,
    "revoke_grant": 4,
    "approve_request": 4,
    "link_person, looked up": 4,
    "appoint_main_access_manager, looked up": 4,
    "read_history": 3,
}
"""For somebody without a tie to the enterprise, one of them finds that out: it decides what they are told."""


class Small:
    """A world of two thousand grants in SQLite, never analysed, with a look at it."""

    def __init__(self, engine: Engine, look: Look, world: World, built: Built) -> None:
        self.engine = engine
        self.look = look
        self.world = world
        self.built = built

    @property
    def worker(self) -> Worker:
        return next(worker for worker in self.built.workers if worker.request)

    @property
    def outsider(self) -> Worker:
        return next(worker for worker in self.built.workers if worker.workplace != self.worker.workplace)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    folder: Path = tmp_path_factory.mktemp("plans")
    keys = folder / "keys.json"
    KeyRing.load_or_create(keys)
    vault, policy = Vault(KeyFile(keys)), Policy(catalogue())
    engine = prepare(create_engine(f"sqlite:///{folder / 'plans.sqlite'}"))
    with begin(engine, writing=True) as connection, connection.begin():
        create_schema(connection)
        built = fill(connection, vault, 2000)
    store = Store(engine, vault, policy)
    with store.reading() as look:
        yield Small(engine, look, World(store, RealClock(), policy), built)
    engine.dispose()


def _sought(it: Worker) -> Sought:
    """Every condition that a report can have."""
    return Sought(it.workplace.number, AT.date(), AT, SERVICE_VOUCHERS, "V100000", "aerts", SOON, SOON)


def scans(small: Small, run: Any) -> list[str]:
    """The steps by which SQLite would read a whole big table for what `run` asks."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(small.engine, "before_cursor_execute", note)
    run()
    event.remove(small.engine, "before_cursor_execute", note)
    assert asked != []
    steps = [
        str(step[3])
        for statement, parameters in asked
        for step in small.look.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    return [step for step in steps if step.startswith("SCAN") and step.split()[1] in BIG]


def test_a_scan_is_noticed(small: Small) -> None:
    unindexed = text("SELECT id FROM person WHERE given = 'Ada'")
    assert len(scans(small, lambda: small.look.connection.execute(unindexed).all())) == 1


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_decision_reads_by_index_alone(small: Small, question: Question) -> None:
    ask, identity = question.about(small.worker, small.outsider)
    assert scans(small, lambda: consider_in(small.world, small.look, ask, identity=identity, on=AT)) == []


def test_a_decision_about_what_was_known_reads_by_index_alone(small: Small) -> None:
    ask, _ = QUESTIONS[0].about(small.worker, small.outsider)
    assert scans(small, lambda: consider_in(small.world, small.look, ask, on=AT, known_at=AT)) == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_decision_takes_few_queries(small: Small, question: Question) -> None:
    ask, identity = question.about(small.worker, small.outsider)
    with counting(small.engine) as statements:
        done = consider_in(small.world, small.look, ask, identity=identity, on=AT)
    assert done.decision.allowed is question.allowed
    assert len(statements) == MOST_QUERIES[question.name]


@pytest.mark.parametrize(
    "asks",
    [
        lambda lists, it: lists.names([it.person]),
        lambda lists, it: lists.enterprise_names([it.workplace.number], "nl"),
        lambda lists, it: lists.enterprise_card(it.workplace.number, "nl"),
        lambda lists, it: lists.target_groups([it.workplace.number]),
        lambda lists, it: lists.functions_in([it.workplace.number]),
        lambda lists, it: lists.establishments(it.workplace.number),
        lambda lists, it: lists.denominations([it.workplace.number]),
        lambda lists, it: lists.enterprises_of(it.person),
        lambda lists, it: lists.functions_of(it.workplace.representative),
        lambda lists, it: lists.appointments(enterprise=it.workplace.number),
        lambda lists, it: lists.appointments(holder=it.workplace.manager),
        lambda lists, it: lists.appointments(id_=it.workplace.offer),
        lambda lists, it: lists.work_relations(person=it.person),
        lambda lists, it: lists.work_relations(enterprise=it.workplace.number, person=it.person),
        lambda lists, it: lists.work_relations(id_=it.relation),
        lambda lists, it: lists.people_of(it.workplace.number),
        lambda lists, it: lists.people_of(it.workplace.number, begun=AT.date()),
        lambda lists, it: lists.people_of(it.workplace.number, search="aerts"),
        lambda lists, it: lists.people_of(it.workplace.number, after=("Aerts", "Ada", "")),
        lambda lists, it: lists.grants_sought(Sought(it.workplace.number, AT.date(), AT), None, 10),
        lambda lists, it: lists.grants_sought(_sought(it), (AT.date(), it.grant), 10),
        lambda lists, it: lists.count_sought(_sought(it)),
        lambda lists, it: lists.holders_sought(_sought(it), ("Aerts", "Ada", ""), 10),
        lambda lists, it: lists.grants_sought_of(_sought(it), [it.person]),
        lambda lists, it: lists.held_in(it.person, [it.workplace.number]),
        lambda lists, it: lists.role_places(it.workplace.manager, AT, AT.date()),
        lambda lists, it: lists.places_of_grants(it.person),
        lambda lists, it: lists.with_main([it.workplace.number], AT),
        lambda lists, it: lists.offers_to(it.workplace.representative, AT, 10),
        lambda lists, it: lists.own_grants(it.person, limit=10),
        lambda lists, it: lists.own_grants(
            it.person, after=it.grant, limit=10, enterprises=[it.workplace.number], begun=SOON
        ),
        lambda lists, it: lists.own_relations(it.person, after=it.relation, limit=10, begun=SOON),
        lambda lists, it: lists.own_requests(it.person, AT, after=it.request, limit=10),
        lambda lists, it: lists.own_endings(it.person, AT, AT.date(), SOON, 10),
        lambda lists, it: lists.requests_to_answer(
            it.workplace.number, AT, [SERVICE_VOUCHERS], after=it.request, limit=10
        ),
        lambda lists, it: lists.pending_in([it.workplace.number], AT, it.person),
        lambda lists, it: lists.ending_in([it.workplace.number], AT, AT.date(), SOON),
        lambda lists, it: lists.keys_since(it.person),
        lambda lists, it: lists.keys_used(it.person),
        lambda lists, it: lists.decided_about(it.person, (5, 5), 10),
        lambda lists, it: lists.relations_among(it.workplace.number, [it.person]),
        lambda lists, it: lists.grants_among(it.workplace.number, [it.person]),
        lambda lists, it: lists.grants_ending([(AT.date(), AT.date()), (SOON, SOON)]),
        lambda lists, it: lists.language_of(it.person),
        lambda lists, it: lists.count_grants(it.workplace.number),
        lambda lists, it: lists.pending_requests(it.workplace.number, AT),
        lambda lists, it: lists.addresses([it.workplace.number]),
        lambda lists, it: lists.grants(holder=it.person),
        lambda lists, it: lists.grants(enterprise=it.workplace.number, right=SERVICE_VOUCHERS),
        lambda lists, it: lists.grants(id_=it.grant),
        lambda lists, it: lists.requests(enterprise=it.workplace.number),
        lambda lists, it: lists.requests(requester=it.person),
        lambda lists, it: lists.entries(subject=it.workplace.number),
        lambda lists, it: lists.entries(subject=it.person, before=5),
        lambda lists, it: lists.entries(before=500, since=100),
        lambda lists, it: lists.grants_after(None, "", 10),
        lambda lists, it: lists.grants_after(it.workplace.number, it.grant, 10),
        lambda lists, it: lists.appointments_after(None, "", 10),
        lambda lists, it: lists.appointments_after(it.workplace.number, "", 10),
        lambda lists, it: lists.leaves_before(None, ["right.granted"], 0, 1500, 100),
        lambda lists, it: lists.leaves_before(it.workplace.number, ["right.granted"], 0, 1500, 100),
        lambda lists, it: lists.representing([it.workplace.number]),
        lambda lists, it: lists.roles_of([it.workplace.manager]),
        lambda lists, it: lists.grants_of([it.person]),
        lambda lists, it: lists.moments([1, 2]),
        lambda lists, it: lists.used(lists.grants(holder=it.person), 0, 2000),
        lambda lists, it: list(lists.sequences(Wanted((it.workplace.number, it.person), ("right.granted",)))),
        lambda lists, it: lists.entries_after(5, before=500, without=QUIET, limit=100),
        lambda lists, it: lists.entries_at_once_about([it.workplace.number, it.person]),
        lambda lists, it: lists.people([it.person]),
        lambda lists, it: lists.people_after(it.person, 10),
        lambda lists, it: lists.enterprises_after(it.workplace.number, 10),
        lambda lists, it: lists.appointed_enterprises(it.workplace.number, 10),
        lambda lists, it: lists.auditors(),
        lambda lists, it: lists.changes([Thing(kind, it.grant) for kind in Kind]),
        lambda lists, it: lists.leaves([0, 5]),
        lambda lists, it: lists.register(it.workplace.number, [it.workplace.establishment]),
        lambda lists, it: lists.people_around(it.workplace.number, Span(AT), 41),
        lambda lists, it: lists.groups_around(it.workplace.number, Span(AT)),
        lambda lists, it: lists.makers_of_groups(it.workplace.number, Span(AT)),
        lambda lists, it: lists.people_in_group(it.workplace.number, Span(AT), Group.without_right(), None, 51),
        lambda lists, it: lists.people_in_group(it.workplace.number, Span(AT), HOLDING, it.person, 51),
        lambda lists, it: lists.days_of_change(it.workplace.number),
        lambda lists, it: lists.wanted(Wanted([it.workplace.number, it.person], ["right.granted"], 1, 9), 5),
        lambda lists, it: lists.wanted(Wanted([it.person], ["right.granted"], actor=it.person), 5),
    ],
)
def test_a_list_reads_by_index_alone(small: Small, asks: Any) -> None:
    assert scans(small, lambda: asks(small.look.lists, small.worker)) == []
    assert scans(small, lambda: asks(small.look.lists_at(10), small.worker)) == []


@pytest.mark.parametrize("subjects", [[], ["person"], ["person", "enterprise"]])
def test_the_decision_log_is_read_by_index_alone(small: Small, subjects: list[str]) -> None:
    assert scans(small, lambda: list(lines_asked(small.look.connection, subjects))) == []


@pytest.mark.parametrize(
    "asks",
    [
        lambda reviews, look, number: reviews.find("none"),
        lambda reviews, look, number: reviews.of(number),
        lambda reviews, look, number: reviews.going_on([number]),
        lambda reviews, look, number: reviews.going_on(),
        lambda reviews, look, number: reviews.count(["none"], SOON),
        lambda reviews, look, number: reviews.items("none", SOON, {Outcome.OPEN}, rights=[SERVICE_VOUCHERS], limit=51),
        lambda reviews, look, number: reviews.item("none", "none"),
        lambda reviews, look, number: reviews.one_of_each_right("none", SOON),
        lambda reviews, look, number: reviews.last_uses(look, number, 0),
    ],
)
def test_what_a_review_asks_is_read_by_index_alone(small: Small, asks: Any) -> None:
    reviews, number = StoredReviews(small.engine), small.worker.workplace.number
    assert scans(small, lambda: asks(reviews, small.look, number)) == []


def test_the_size_that_the_history_had_is_found_by_index_alone(small: Small) -> None:
    assert scans(small, lambda: small.look.size_at(AT)) == []
    assert small.look.size_at(AT) == sum(row.recorded_at <= AT for row in entries_of(small))


def entries_of(small: Small) -> Any:
    """Every entry, with the moment at which it was recorded."""
    return small.look.connection.execute(text("SELECT recorded_at FROM entry").columns(recorded_at=Moment())).all()


def test_the_whole_history_is_read_from_its_newest_entry(small: Small) -> None:
    found = small.look.lists.entries(limit=2)
    assert [row.sequence for row in found] == [1999, 1998]


def test_the_tie_of_an_outsider_is_looked_up_by_index_alone(small: Small) -> None:
    ask = Ask(
        action=Action.READ_HISTORY, actor=small.outsider.person, level=500, enterprise=small.worker.workplace.number
    )
    done = consider_in(small.world, small.look, ask, on=AT)
    assert done.tied is False
    assert scans(small, lambda: consider_in(small.world, small.look, ask, on=AT)) == []


def test_whom_the_retention_lets_go_is_found_by_index_for_each_person(small: Small) -> None:
    read_whole = scans(small, lambda: small.look.expired(AT.date()))
    assert {step.split()[1] for step in read_whole} <= {"person"}
    assert scans(small, lambda: small.look.expired(AT.date(), small.worker.person)) == []


def test_what_ties_a_person_is_looked_up_by_index_alone(small: Small) -> None:
    assert scans(small, lambda: small.look.ties(small.worker.person, AT.date(), AT)) == []
