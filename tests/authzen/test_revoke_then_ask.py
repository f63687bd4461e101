"""Two workers on one PostgreSQL: who asks after a revocation was acknowledged is refused, at whichever worker."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from accessmgr.app import create_app
from accessmgr.authzen.point import EVALUATIONS
from accessmgr.cli.bench_world import AT, SERVICE_VOUCHERS, Worker, fill
from accessmgr.config import Settings
from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.store.engine import create_schema
from accessmgr.store.store import Store
from accessmgr.usecases.bulk import Outcome, perform_many
from tests.authzen.building import ITSME, Service
from tests.oidc.building import APP, World, provider_of, world_of
from tests.web.building import product_of

PAIRS = 10_000
AT_ONCE = 50
"""Revocations in one transaction, and questions in one call once they are acknowledged: so many pairs take long."""

SERVICE = replace(APP, reasons=False)
"""Who asks, and is not told why: reasons are tested elsewhere, and take time."""

_service: list[Service] = []
Told = tuple[list[bool], list[Outcome], list[bool]]
"""What is decided before a revocation, what comes of the revocation, and what is decided after it."""


@dataclass(frozen=True)
class Held:
    """A right that somebody holds, and who may revoke it."""

    person: str
    enterprise: str
    context: str
    grant: str
    manager: str

    @classmethod
    def of(cls, worker: Worker) -> "Held":
        """The right of one of many workers."""
        place = worker.workplace
        return cls(worker.person, place.number, place.recognitions[0], worker.grant, place.manager)


def start(folder: str, url: str) -> None:
    """Be a worker: the whole application in a process of its own, and a token of the service."""
    world = World(create_app(Settings(instance=folder, database_url=url)), lambda: datetime.now(UTC))  # type: ignore[arg-type]
    _service.append(Service(world, SERVICE))


def revoke(rights: Sequence[Held]) -> list[Outcome]:
    """Revoke rights; when this is told they are revoked."""
    asks = [Ask(action=Action.REVOKE_GRANT, actor=one.manager, level=Key.EID.level, grant=one.grant) for one in rights]
    world = _service[0].world.provider.world
    return [line.outcome for line in perform_many(world, asks, all_or_nothing=False)]


def ask(rights: Sequence[Held]) -> list[bool]:
    """What is decided about each right, begun after this was called."""
    questions = [
        {
            "subject": {"type": "person", "id": one.person},
            "resource": {
                "type": "right",
                "id": SERVICE_VOUCHERS,
                "properties": {"enterprise": one.enterprise, "context": one.context},
            },
        }
        for one in rights
    ]
    shared = {"action": {"name": "enter_secure_area"}, "context": {"acr": ITSME}}
    told = _service[0].answer(EVALUATIONS, {**shared, "evaluations": questions})["evaluations"]
    return [one["decision"] for one in told]


def filled(folder: Path, url: str) -> list[Held]:
    """A database in which very many people hold a right each, and the service is registered."""
    app = create_app(Settings(instance=str(folder), database_url=url))
    store = product_of(app).world.store
    assert isinstance(store, Store)
    with store.engine.connect() as connection, connection.begin():
        create_schema(connection)
        built = fill(connection, store.vault, 2 * PAIRS)
        connection.exec_driver_sql("ANALYZE")
    set_clock = product_of(app).set_clock
    assert set_clock is not None
    set_clock(AT)
    provider_of(app).keys.current()
    world_of(app, SERVICE)
    store.engine.dispose()
    return [Held.of(worker) for worker in built.workers]


@contextmanager
def workers(folder: Path, url: str) -> Iterator[tuple[ProcessPoolExecutor, ProcessPoolExecutor]]:
    """Two processes, each with the whole application."""
    with ExitStack() as stack:
        pools = [
            ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), start, (str(folder), url)) for _ in range(2)
        ]
        for pool in pools:
            stack.enter_context(pool)
        yield pools[0], pools[1]


def test_who_asks_after_a_revocation_was_acknowledged_is_refused(tmp_path: Path, postgres_url: str) -> None:
    rights = filled(tmp_path, postgres_url)
    chunks = [rights[first : first + AT_ONCE] for first in range(0, PAIRS, AT_ONCE)]
    with workers(tmp_path, postgres_url) as pair:

        def revoked_then_asked(number: int) -> Told:
            revoking, asking = pair[number % 2], pair[1 - number % 2]
            chunk = chunks[number]
            before = asking.submit(ask, chunk[:1]).result()
            acknowledged = revoking.submit(revoke, chunk).result()
            return before, acknowledged, asking.submit(ask, chunk).result()

        with ThreadPoolExecutor(4) as lanes:
            told = list(lanes.map(revoked_then_asked, range(len(chunks))))
    assert {tuple(outcomes) for _, outcomes, _ in told} == {(Outcome.DONE,) * AT_ONCE}
    assert [before for before, _, _ in told] == [[True]] * len(chunks)
    assert [decision for _, _, after in told for decision in after] == [False] * PAIRS
