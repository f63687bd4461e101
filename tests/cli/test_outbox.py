"""The outbox on the command line: what waits, what is sent, and what nobody ever took."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, update

from accessmgr.store.outbox import message_t
from accessmgr.usecases.outbox import GIVEN_UP_AFTER
from tests.cli.commands import Commands
from tests.oidc.building import APP, Application, a_world
from tests.oidc.receiver import Receiver, a_receiver
from tests.web.building import post


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(tmp_path, monkeypatch, capsys)


def ended_sign_in(folder: Path, receiver: Receiver) -> None:
    """A sign-in at a client that listens, which ended."""
    world = a_world(folder, replace(APP, backchannel_logout_uri=receiver.address))
    browser, app = world.browser("ines"), Application(world)
    app.redeem(app.code(browser))
    post(browser, "/sign-out")


def test_what_waits_is_listed_and_sent(run: Commands) -> None:
    with a_receiver() as receiver:
        ended_sign_in(run.folder, receiver)
        listed = run("outbox", "list", "--format", "json")
        assert [(each["client"], each["because"], each["stage"]) for each in json.loads(listed.out)] == [
            ("app", "session", "waiting")
        ]
        sent = run("outbox", "send")
    assert (listed.status, sent.status, sent.out) == (0, 0, "1 sent, 0 failed\n")
    assert len(receiver.tokens) == 1
    assert run("outbox", "list").out.endswith("  app  session  sent\n")


def test_what_was_not_taken_is_told(run: Commands) -> None:
    with a_receiver() as receiver:
        ended_sign_in(run.folder, receiver)
    sent = run("outbox", "send")
    assert (sent.status, sent.out) == (1, "0 sent, 1 failed\n")
    listed = run("outbox", "list")
    assert (listed.status, listed.out.rstrip().endswith("app  session  waiting  (URLError)")) == (0, True)


def test_what_was_given_up_is_an_alarm(run: Commands) -> None:
    with a_receiver() as receiver:
        ended_sign_in(run.folder, receiver)
    a_day_ago = datetime.now(UTC) - GIVEN_UP_AFTER - timedelta(minutes=1)
    engine = create_engine(f"sqlite:///{run.folder / 'accessmgr.sqlite'}")
    with engine.begin() as connection:
        connection.execute(update(message_t).values(made_at=a_day_ago))
    engine.dispose()
    run("outbox", "send")
    listed = run("outbox", "list")
    assert (listed.status, listed.out.startswith("ALARM: ")) == (1, True)
