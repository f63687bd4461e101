"""Following the history: imports, several processes at once, faults, and a queue that does not grow without end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask

from accessmgr.app import create_app
from accessmgr.config import Settings
from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.signals import following, sending
from accessmgr.signals.following import follow_all
from accessmgr.signals.transmitter import EXTENSION, Transmitter
from accessmgr.usecases import register, streams
from accessmgr.usecases.streams import CLAIMS_CHANGE, Delivery, Stream
from tests.oidc.building import SECRET, World, a_world, hashed, provider_of, world_of
from tests.signals.building import SERVICE, Inbox, Service, an_inbox, transmitter_of, verified
from tests.signals.test_sent import give, revoke
from tests.web.building import NETJES, PROPRE, START, advance, built_app, demo_chain, do, product_of

WITHIN = 60
"""Seconds that a busy machine may take before a token counts as lost."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with an_inbox() as listening:
        yield listening


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, SERVICE)


def imported(world: World, table: str, row: str, **values: Any) -> None:
    """Let an extract of the register bring something new."""
    with product_of(world.app).world.store.writing() as tx:
        tx.change_fact(table, row, **values)
        tx.append("register.imported", START, data={"extract": 144})


def told(world: World, stream: str) -> list[tuple[str, Any]]:
    """Whom the tokens that wait are about, with what the person may do."""
    sets = Service(world).fetch(stream)["sets"]
    claims = [verified(world, token) for token in sets.values()]
    return [(each["sub_id"]["sub"], each["events"][CLAIMS_CHANGE]["claims"]) for each in claims]


def test_an_import_is_told_of_everybody_with_the_right_in_an_enterprise_that_it_changed(world: World) -> None:
    stream = Service(world).stream()
    imported(world, "recognition", "V99901", last=date(2026, 3, 1))

    assert told(world, stream) == [("ines", {"dienstencheques_rol_3d": []})]


def test_an_import_that_changes_nothing_there_is_told_of_nobody(world: World) -> None:
    stream = Service(world).stream()
    imported(world, "function", "f-karel", last=date(2026, 3, 1))

    assert told(world, stream) == []


def test_a_stream_is_about_the_enterprises_that_its_client_may_ask_about(world: World) -> None:
    near, far = (
        replace(SERVICE, id=name, secret=hashed(SECRET), enterprises=frozenset({number}))
        for name, number in (("near", NETJES), ("far", PROPRE))
    )
    world.add(near, far)
    made = {client.id: Service(world, client).stream() for client in (near, far)}
    imported(world, "recognition", "V99902", last=date(2026, 3, 1))
    register.record_death(product_of(world.app).world, "ines", date(2026, 3, 1))
    advance(world.app, "2027-03-03T09:00")
    sets = {client.id: Service(world, client).fetch(made[client.id])["sets"] for client in (near, far)}

    assert [len(sets["near"]), sets["far"]] == [4, {}]


def test_the_claims_of_a_stream_leave_out_what_its_client_may_not_ask_about(world: World) -> None:
    far = replace(SERVICE, id="far", secret=hashed(SECRET), enterprises=frozenset({PROPRE}))
    world.add(far)
    whole, part = (transmitter_of(world).claims("ines", client) for client in (SERVICE, far))

    assert whole == {"dienstencheques_rol_3d": ["DienstenchequesErkendeOnderneming-V99901:1999000150"]}
    assert part == {"dienstencheques_rol_3d": []}


def test_a_long_queue_is_not_filled_further_and_nothing_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accessmgr.store.streams.MOST_WAITING", 2)
    service = Service(world)
    stream = service.stream()
    for _ in range(3):
        revoke(world)
        follow_all(transmitter_of(world))
        give(world, "ines", "V99901")
        follow_all(transmitter_of(world))
    assert transmitter_of(world).streams.how_many_wait(stream) == 2

    got: list[str] = []
    while sets := service.fetch(stream, ack=got)["sets"]:
        got += list(sets)
    assert len(got) == 6
    assert streams.MOST_WAITING == 1_000


def test_pages_of_a_long_history_follow_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAGE", 2)
    stream = Service(world).stream()
    for _ in range(3):
        revoke(world)
        give(world, "ines", "V99901")

    assert len(told(world, stream)) == 6
    assert told(world, stream) == told(world, stream)


def test_what_cannot_be_told_now_is_told_later(world: World) -> None:
    stream = Service(world).stream()
    revoke(world)

    def fail(*_: object) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        follow_all(replace(transmitter_of(world), claims=fail))
    assert transmitter_of(world).streams.how_many_wait(stream) == 0
    assert told(world, stream) == [("ines", {"dienstencheques_rol_3d": []})]


def test_two_processes_send_each_token_once_and_in_order(tmp_path: Path, database_url: str, inbox: Inbox) -> None:
    app = built_app(tmp_path, database_url=database_url)
    chain = demo_chain(app)
    world = world_of(app, SERVICE)
    other = create_app(Settings(instance=str(tmp_path), database_url=database_url))
    stop, first = Event(), world.size()
    made = transmitter(app)
    stream = Stream(id="s", client="app", delivery=Delivery.PUSH, endpoint=inbox.address, day=made.today())
    made.streams.add(replace(stream, authorization="Bearer x"), made.now())
    threads = [sending.start(transmitter(each), stop) for each in (app, other)]
    grant = chain.grant
    for turn in range(10):
        do((app, other)[turn % 2], "nadia", Action.REVOKE_GRANT, grant=grant)
        grant = again((app, other)[turn % 2])
    assert inbox.has(20, WITHIN)
    stop.set()
    for thread in threads:
        thread.join()

    got = [verified(world, token) for token in inbox.tokens]
    assert [int(each["txn"]) for each in got] == list(range(first, first + 20))
    assert {headers["Authorization"] for headers in inbox.headers} == {"Bearer x"}
    for each in (app, other):
        product_of(each).world.store.engine.dispose()  # type: ignore[attr-defined]


def transmitter(app: Flask) -> Transmitter:
    """The transmitter of a process, which sends as its provider's clock says."""
    made: Transmitter = app.extensions[EXTENSION]
    return replace(made, clients=provider_of(app).clients)


def again(app: Flask) -> str:
    """Give Inès the right again."""
    period = Period(date(2026, 3, 2), date(2026, 12, 31))
    wish: dict[str, Any] = {"enterprise": NETJES, "person": "ines", "period": period, "contexts": ("V99901",)}
    return do(app, "nadia", Action.GRANT_RIGHT, right="service_vouchers", **wish).events[-1].row.id
