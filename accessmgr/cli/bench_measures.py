"""What `accessmgr bench` measures besides pages: questions to the rules with their queries, and acts on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from statistics import median, quantiles
from time import perf_counter_ns
from typing import Any

from sqlalchemy import Engine, bindparam, event, select

from accessmgr.cli.bench_world import AT, SERVICE_VOUCHERS, YEAR, Built, Worker
from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period, day_of
from accessmgr.core.model import Grant, Key, UserType
from accessmgr.store import rows
from accessmgr.store.clock import RealClock
from accessmgr.store.look import Look
from accessmgr.store.store import Store
from accessmgr.store.tables import OPEN
from accessmgr.usecases.perform import Done, Identity, consider_in, perform
from accessmgr.usecases.world import World

ROUNDS = 300
WARM_UP = 20
ACTS = 40
TODAY = day_of(AT)


@dataclass(frozen=True)
class Measured:
    """Times in microseconds. `queries` is the most that one of them took, None where they were not counted."""

    name: str
    queries: int | None
    best: float
    median: float
    p95: float


@dataclass(frozen=True)
class Question:
    """A question that is asked of many workers or their managers, and what is to come of it."""

    name: str
    allowed: bool
    about: Callable[[Worker, Worker], tuple[Ask, Identity | None]]


def measured(name: str, queries: int | None, nanoseconds: list[int]) -> Measured:
    """The best, the median and the 95th percentile of some times."""
    best, middle, p95 = min(nanoseconds), median(nanoseconds), quantiles(nanoseconds, n=20)[-1]
    return Measured(name, queries, best / 1000, middle / 1000, p95 / 1000)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """A list that fills with the statements that are executed."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def decisions(store: Store, built: Built) -> list[Measured]:
    """One bare SELECT, and each question decided in an open look, in turn."""
    world = World(store, RealClock(), store.policy)
    pairs = _pairs(built)
    with store.reading() as look:
        most = [max(_queries(store, world, look, question, pair) for pair in pairs[:30]) for question in QUESTIONS]
        times: list[list[int]] = [[] for _ in range(len(QUESTIONS) + 1)]
        for pair in pairs:
            times[0].append(_timed(lambda worker=pair[0]: look.connection.execute(_ONE, {"id": worker.grant}).one()))  # type: ignore[misc]
            for position, question in enumerate(QUESTIONS, start=1):
                asked = question.about(*pair)
                times[position].append(_timed(lambda asked=asked: _considered(world, look, *asked)))  # type: ignore[misc]
    names = ["one bare SELECT", *(question.name for question in QUESTIONS)]
    return [
        measured(name, queries, taken[WARM_UP:]) for name, queries, taken in zip(names, [1, *most], times, strict=True)
    ]


def recordings(world: World, built: Built) -> list[Measured]:
    """Whole acts: with the look-up of the clock, the entry in the history, and the commit."""
    pairs = [pair for pair in _pairs(built) if pair[0].request]
    found = []
    for question in (ENTERS, APPROVES):
        distinct = {pair[0].person: question.about(*pair) for pair in pairs}
        taken = [_timed(lambda asked=asked: _performed(world, *asked)) for asked in list(distinct.values())[:ACTS]]  # type: ignore[misc]
        found.append(measured(f"on record: {question.name}", None, taken))
    return found


def _pairs(built: Built) -> list[tuple[Worker, Worker]]:
    """Workers, each with one of another enterprise; the first of each pair has a pending request."""
    random = Random(7)  # noqa: S311  # the same at every run, no secret
    asking = [worker for worker in built.workers if worker.request]
    chosen = [(random.choice(asking), random.choice(built.workers)) for _ in range(ROUNDS + WARM_UP)]
    return [(one, other) for one, other in chosen if one.workplace != other.workplace]


def _queries(store: Store, world: World, look: Look, question: Question, pair: tuple[Worker, Worker]) -> int:
    with counting(store.engine) as statements:
        done = _considered(world, look, *question.about(*pair))
    if done.decision.allowed is not question.allowed:
        raise RuntimeError(f"`{question.name}` came out otherwise, because of {', '.join(done.decision.because)}")
    return len(statements)


def _considered(world: World, look: Look, ask: Ask, identity: Identity | None) -> Done:
    return consider_in(world, look, ask, identity=identity, on=AT)


def _performed(world: World, ask: Ask, identity: Identity | None) -> Done:
    return perform(world, ask, identity=identity).or_refuse()


def _timed(run: Callable[[], object]) -> int:
    began = perf_counter_ns()
    run()
    return perf_counter_ns() - began


_GRANT = rows.TABLES[Grant]
_ONE = select(*rows.selected(Grant, _GRANT)).where(_GRANT.c.id == bindparam("id"), _GRANT.c.recorded_to == OPEN)


# --- the questions ------------------------------------------------------------------------------------------


def _ask(action: Action, actor: str, **given: Any) -> Ask:
    return Ask(action=action, actor=actor, level=Key.EID.level, **given)


def _enter(worker: Worker, recognition: int, actor: str) -> Ask:
    place = worker.workplace
    contexts = (place.recognitions[recognition],)
    return _ask(Action.ENTER_SECURE_AREA, actor, enterprise=place.number, right=SERVICE_VOUCHERS, contexts=contexts)


def _grant(worker: Worker, actor: str) -> Ask:
    place = worker.workplace
    return _ask(
        Action.GRANT_RIGHT,
        actor,
        enterprise=place.number,
        person=worker.person,
        right=SERVICE_VOUCHERS,
        contexts=(place.recognitions[1],),
        period=Period(TODAY, YEAR.last),
    )


def _of_grant(action: Action, worker: Worker, **given: Any) -> Ask:
    return _ask(action, worker.workplace.manager, grant=worker.grant, **given)


def _newcomer(worker: Worker) -> Identity:
    return Identity(worker.workplace.newcomer_number, worker.workplace.newcomer_names)


def _link(worker: Worker) -> tuple[Ask, Identity]:
    place = worker.workplace
    given = {"enterprise": place.number, "user_type": UserType.EMPLOYEE, "period": Period(TODAY, None)}
    return _ask(Action.LINK_PERSON, place.manager, **given), _newcomer(worker)


def _appoint(worker: Worker) -> tuple[Ask, Identity]:
    place = worker.workplace
    given = {"enterprise": place.number, "employee": True, "replaces": True}
    return _ask(Action.APPOINT_MAIN_ACCESS_MANAGER, place.representative, **given), _newcomer(worker)


def _approve(worker: Worker) -> Ask:
    return _ask(
        Action.APPROVE_REQUEST, worker.workplace.manager, request=worker.request, period=Period(TODAY, YEAR.last)
    )


ENTERS = Question("enter_secure_area", True, lambda one, _: (_enter(one, 0, one.person), None))
APPROVES = Question("approve_request", True, lambda one, _: (_approve(one), None))
LATER = YEAR.last + timedelta(days=90) if YEAR.last else None

QUESTIONS = (
    ENTERS,
    Question("enter_secure_area, without grant", False, lambda one, _: (_enter(one, 1, one.person), None)),
    Question("enter_secure_area, by an outsider", False, lambda one, other: (_enter(one, 0, other.person), None)),
    Question("grant_right", True, lambda one, _: (_grant(one, one.workplace.manager), None)),
    Question("grant_right, by an outsider", False, lambda one, other: (_grant(one, other.person), None)),
    Question("extend_grant", True, lambda one, _: (_of_grant(Action.EXTEND_GRANT, one, last_day=LATER), None)),
    Question("revoke_grant", True, lambda one, _: (_of_grant(Action.REVOKE_GRANT, one), None)),
    APPROVES,
    Question("link_person, looked up", True, lambda one, _: _link(one)),
    Question("appoint_main_access_manager, looked up", True, lambda one, _: _appoint(one)),
    Question(
        "read_history",
        True,
        lambda one, _: (_ask(Action.READ_HISTORY, one.workplace.manager, enterprise=one.workplace.number), None),
    ),
)
"""Each by somebody who may, and the refusals that people meet most."""
