"""The product on a database that was put back to an older state: it is read, not written to, and says why."""

import logging
from pathlib import Path

import pytest
from flask import Flask

from accessmgr.store.engine import begin
from accessmgr.store.store import Store
from tests.history.rolled_back import rolled_back
from tests.web.building import (
    NETJES,
    START,
    Chain,
    anonymous_client,
    built_app,
    demo_chain,
    post,
    product_of,
    signed_in_client,
)

ALARM = "Read-only:"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The demo chain in an application of its own."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain, all of whose entries are signed."""
    made = demo_chain(app)
    with store_of(app).writing() as tx:
        tx.append("clock.set", START)
        tx.append("appointment.ended", START)
    return made


def store_of(app: Flask) -> Store:
    store = product_of(app).world.store
    assert isinstance(store, Store)
    return store


def roll_back(app: Flask) -> None:
    with begin(store_of(app).engine, writing=True) as connection, connection.begin():
        rolled_back(connection, 3)


def test_every_page_says_that_the_history_is_behind_and_why(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.nadia)
    with store_of(app).reading() as look:
        signed = look.size()
    assert ALARM not in client.get("/").get_data(as_text=True)
    roll_back(app)
    for path in ("/", "/rules/", f"/users/{NETJES}/", "/simulator/", "/nothing"):
        page = client.get(path).get_data(as_text=True)
        assert ALARM in page, path
        assert f"the history here has 3 entries, but {signed} were signed before" in page, path


def test_a_form_is_answered_that_nothing_was_recorded_and_the_log_names_the_sizes(
    app: Flask, chain: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    roll_back(app)
    now = product_of(app).world.clock.now()
    with caplog.at_level(logging.ERROR):
        answer = post(anonymous_client(app), "/simulator/clock", {"step": "30"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "Nothing was recorded, and nothing was done." in page
    assert ALARM in page
    assert "the history has 3 entries, and the checkpoint in" in caplog.text
    assert (product_of(app).world.clock.now() - now).days == 0
    with store_of(app).reading() as look:
        assert look.size() == 3


def test_whoever_watches_is_told(app: Flask, chain: Chain) -> None:
    assert anonymous_client(app).get("/readyz").get_data(as_text=True) == "ready\n"
    roll_back(app)
    told = anonymous_client(app).get("/readyz")
    assert told.status_code == 200
    assert told.get_data(as_text=True).startswith("ready to read only: the history has 3 entries, and the checkpoint")
