"""Limits: a client makes so many calls in a minute and no more, whatever process takes them; none lasts for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from accessmgr.app import LARGEST_FORM
from accessmgr.calls import limits
from accessmgr.calls.limits import Limits
from accessmgr.calls.problems import Problem
from accessmgr.cli.bench_measures import counting
from accessmgr.oidc.provider import EXTENSION
from accessmgr.store.deadlines import keep, limit_statements
from accessmgr.store.engine import create_schema, prepare
from accessmgr.store.quotas import StoredQuotas
from accessmgr.usecases import deadlines
from accessmgr.usecases.relying_parties import Client, WrongRegistration
from tests.authzen.building import EVALUATION, Service, entering
from tests.oidc.building import APP, SECRET, World, a_world, json_of

NOON = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)
SLOW = {
    "sqlite": "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number) SELECT count(*) FROM number",
    "postgresql": "SELECT pg_sleep(60)",
}
ONE = replace(APP, id="one", calls_per_minute=4)
OTHER = replace(APP, id="other")


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        """The present moment."""
        return self.moment


@contextmanager
def an_engine(url: str, *, empty: bool = False) -> Iterator[Engine]:
    """An engine as a process has it, on an empty database or one that another made."""
    engine = prepare(create_engine(url))
    keep(engine)
    if empty:
        with engine.connect() as connection, connection.begin():
            create_schema(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> World:
    """Clients of which `one` may make four calls in a minute; the first of each asks for its token."""
    world = a_world(tmp_path / "world", ONE, OTHER)
    kept: Limits = world.app.extensions[limits.EXTENSION]
    world.app.extensions[limits.EXTENSION] = replace(kept, now=clock, calls=6)
    return world


def statuses(service: Service, calls: int) -> list[int]:
    """What becomes of so many questions."""
    return [service.post(EVALUATION, entering()).status_code for _ in range(calls)]


def passed(kept: Limits, client: Client, calls: int) -> int:
    """How many of so many calls pass."""
    through = 0
    for _ in range(calls):
        with suppress(Problem):
            kept.count(client)
            through += 1
    return through


def test_the_last_call_of_a_quota_passes_the_next_is_refused_and_the_next_minute_passes(
    world: World, clock: Clock
) -> None:
    service = Service(world, ONE)
    assert statuses(service, 4) == [200, 200, 200, 429]
    clock.moment += timedelta(seconds=39)
    assert statuses(service, 1) == [429]
    clock.moment += timedelta(seconds=1)
    assert statuses(service, 5) == [200, 200, 200, 200, 429]


def test_who_made_too_many_calls_is_told_when_to_come_back(world: World, clock: Clock) -> None:
    service = Service(world, ONE)
    statuses(service, 3)
    answer = service.post(EVALUATION, entering())
    assert (answer.status_code, answer.content_type) == (429, "application/problem+json")
    assert answer.headers["Retry-After"] == "40"
    assert json_of(answer)["detail"] == "the client has made the 4 calls that it may make in a minute"
    assert "decision" not in json_of(answer)


def test_a_client_without_a_quota_of_its_own_has_that_of_the_settings(world: World) -> None:
    assert statuses(Service(world, OTHER), 6) == [200, 200, 200, 200, 200, 429]


def test_one_client_does_not_use_up_what_another_may(world: World) -> None:
    one, other = Service(world, ONE), Service(world, OTHER)
    assert statuses(one, 4)[-1] == 429
    assert statuses(other, 1) == [200]


def test_the_token_endpoint_counts_as_well(world: World) -> None:
    service = Service(world, ONE)
    statuses(service, 3)
    form = {"grant_type": "client_credentials", "client_id": "one", "client_secret": SECRET}
    assert world.app.test_client().post("/op/v1/token", data=form).status_code == 429


def test_a_wrong_secret_uses_up_no_call_of_the_client(world: World) -> None:
    service = Service(world, ONE)
    wrong = {"grant_type": "client_credentials", "client_id": "one", "client_secret": "wrong"}
    assert {world.app.test_client().post("/op/v1/token", data=wrong).status_code for _ in range(5)} == {401}
    assert statuses(service, 3) == [200, 200, 200]


def test_a_quota_of_nothing_is_no_quota() -> None:
    assert replace(ONE, calls_per_minute=1).calls_per_minute == 1
    with pytest.raises(WrongRegistration, match="at least one call in a minute"):
        replace(ONE, calls_per_minute=0)


def test_processes_share_a_quota_to_the_last_call(database_url: str, clock: Clock) -> None:
    client = replace(ONE, calls_per_minute=200)
    with an_engine(database_url, empty=True) as first, an_engine(database_url) as second:
        processes = [Limits(StoredQuotas(engine), 1, 10, clock) for engine in (first, second) for _ in range(2)]
        with ThreadPoolExecutor(4) as threads:
            through = list(threads.map(lambda process: passed(process, client, 210), processes))
        assert sum(through) == 200
        clock.moment += timedelta(minutes=1)
        assert passed(processes[0], client, 1) == 1


def test_a_process_that_needs_no_more_keeps_few_calls_from_the_others(database_url: str, clock: Clock) -> None:
    client = replace(ONE, calls_per_minute=320)
    with an_engine(database_url, empty=True) as engine:
        quotas = StoredQuotas(engine)
        assert passed(Limits(quotas, 1, 10, clock), client, 1) == 1
        assert passed(Limits(quotas, 1, 10, clock), client, 400) == 300


def test_a_clock_that_is_behind_begins_no_minute_anew(database_url: str, clock: Clock) -> None:
    behind = Clock()
    behind.moment -= timedelta(seconds=21)
    with an_engine(database_url, empty=True) as engine:
        quotas = StoredQuotas(engine)
        assert passed(Limits(quotas, 1, 10, clock), ONE, 5) == 4
        assert passed(Limits(quotas, 1, 10, behind), ONE, 5) == 0


def test_counting_goes_to_the_database_once_for_many_calls(database_url: str, clock: Clock) -> None:
    client = replace(ONE, calls_per_minute=16_000)
    with an_engine(database_url, empty=True) as engine:
        kept = Limits(StoredQuotas(engine), 1, 10, clock)
        with counting(engine) as statements:
            assert passed(kept, client, 1000) == 1000
        assert len([one for one in statements if one.startswith("UPDATE")]) == 1


@pytest.mark.parametrize("path", [EVALUATION, "/op/v1/token"])
def test_an_answer_that_comes_too_late_is_503(world: World, path: str) -> None:
    service = Service(world, OTHER)
    kept: Limits = world.app.extensions[limits.EXTENSION]
    world.app.extensions[limits.EXTENSION] = replace(kept, seconds=0)
    form = {"grant_type": "client_credentials", "client_id": "other", "client_secret": SECRET}
    body = {EVALUATION: {"json": entering()}, "/op/v1/token": {"data": form}}[path]
    headers = {EVALUATION: {"Authorization": f"Bearer {service.token}"}, "/op/v1/token": {}}[path]
    answer = world.app.test_client().post(path, headers=headers, **body)
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    world.app.extensions[limits.EXTENSION] = kept
    assert statuses(service, 1) == [200]


def test_a_statement_that_takes_for_ever_is_ended(database_url: str) -> None:
    with an_engine(database_url) as engine:
        limit_statements(engine, 1)
        deadlines.begin(0.2)
        try:
            with pytest.raises(OperationalError), engine.connect() as connection:
                connection.execute(text(SLOW[engine.dialect.name]))
        finally:
            deadlines.end()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1


def test_no_statement_begins_after_its_deadline(database_url: str) -> None:
    with an_engine(database_url) as engine:
        deadlines.begin(0)
        try:
            with pytest.raises(deadlines.TooLate), engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        finally:
            deadlines.end()


def test_what_is_no_call_of_a_program_takes_as_long_as_it_takes(world: World) -> None:
    Service(world, OTHER)
    assert deadlines.passed() is False
    assert world.app.extensions[EXTENSION].clients.find("other") is not None


@pytest.mark.parametrize("path", ["/op/v1/token", "/op/v1/introspect", "/op/v1/revoke", "/op/v1/userinfo"])
def test_a_form_is_taken_up_to_its_largest_size_and_not_beyond(world: World, path: str) -> None:
    filled = {size: "a=" + "x" * (size - 2) for size in (LARGEST_FORM, LARGEST_FORM + 1)}
    kind = "application/x-www-form-urlencoded"
    found = [world.app.test_client().post(path, data=form, content_type=kind).status_code for form in filled.values()]
    assert found[0] in (400, 401)
    assert found[1] == 413
