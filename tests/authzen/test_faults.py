"""Whatever fails while a question is answered, at whatever statement: it is never answered with true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from accessmgr.authzen.point import EVALUATIONS, EXTENSION
from accessmgr.usecases.decision_log import DecisionLog
from tests.authzen.building import EVALUATION, Service, entering
from tests.oidc.building import APP, World, json_of, world_of
from tests.web.building import built_app, demo_chain

FAULTS: dict[str, Callable[[], Exception]] = {
    "database": lambda: OperationalError("a statement", None, Exception("the disk is gone")),
    "bug": lambda: LookupError("a bug"),
}
BODIES = {EVALUATION: entering(), EVALUATIONS: {"evaluations": [entering(), entering()]}}


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The demo chain, where each decision is written to the log at once."""
    app = built_app(tmp_path, database_url=database_url)
    demo_chain(app)
    point = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(point, log=DecisionLog(point.world, at_once=1))
    world = world_of(app, APP)
    yield world
    engine_of(world).dispose()


@contextmanager
def failing(engine: Engine, moment: str, at: int, fault: Exception) -> Iterator[list[int]]:
    """Let what happens for that many-th time fail; the list holds how often it happened."""
    happened = [0]

    def count(*_: Any) -> None:
        happened[0] += 1
        if happened[0] == at:
            raise fault

    event.listen(engine, moment, count)
    try:
        yield happened
    finally:
        event.remove(engine, moment, count)


def engine_of(world: World) -> Engine:
    """The engine of the application."""
    engine: Engine = world.provider.world.store.engine  # type: ignore[attr-defined]
    return engine


def answers(world: World, service: Service, path: str, moment: str, fault: str) -> list[TestResponse]:
    """The answers with a fault at the first statement, at the second, and so on; the last is without a fault."""
    found: list[TestResponse] = []
    reached = True
    while reached:
        at = len(found) + 1
        with failing(engine_of(world), moment, at, FAULTS[fault]()) as happened:
            found.append(service.post(path, BODIES[path]))
        reached = happened[0] >= at
    return found


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", BODIES)
def test_a_fault_at_any_statement_is_never_answered_with_true(world: World, path: str, fault: str) -> None:
    *faulty, clean = answers(world, Service(world), path, "before_cursor_execute", fault)
    assert len(faulty) > 10
    assert {answer.status_code // 100 for answer in faulty} == {5}
    assert [answer for answer in faulty if '"decision"' in answer.get_data(as_text=True)] == []
    assert {answer.content_type for answer in faulty} == {"application/problem+json"}
    assert clean.status_code == 200
    decided = json_of(clean).get("evaluations", [json_of(clean)])
    assert {one["decision"] for one in decided} == {True}


@pytest.mark.parametrize("moment", ["begin", "commit"])
def test_a_fault_where_a_transaction_begins_or_ends_is_never_answered_with_true(world: World, moment: str) -> None:
    *faulty, clean = answers(world, Service(world), EVALUATION, moment, "database")
    assert faulty != []
    assert {answer.status_code // 100 for answer in faulty} == {5}
    assert [answer for answer in faulty if '"decision"' in answer.get_data(as_text=True)] == []
    assert (clean.status_code, json_of(clean)["decision"]) == (200, True)


def test_what_the_log_cannot_keep_is_not_told(world: World) -> None:
    service = Service(world)
    kept = world.kept("asked_decision")
    point = world.app.extensions[EXTENSION]
    full = DecisionLog(point.world, at_once=2, most=1)
    world.app.extensions[EXTENSION] = replace(point, log=full)
    assert service.post(EVALUATION, entering()).status_code == 200
    answer = service.post(EVALUATION, entering())
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "decision" not in json_of(answer)
    full.flush()
    assert world.kept("asked_decision") == kept + 1
