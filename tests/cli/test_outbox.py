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
from tests.signals.building import SERVICE, Service, an_inbox
from tests.signals.test_sent import revoke, send
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


def test_a_stream_whose_receiver_took_nothing_for_a_day_is_an_alarm(run: Commands) -> None:
    world = a_world(run.folder, SERVICE)
    with an_inbox() as inbox:
        stream = Service(world).stream(inbox)
        inbox.statuses = [500]
        revoke(world)
        assert run("outbox", "streams").out == f"{stream}  app  enabled  0 waiting\n"
        send(world)
        world.clock.advance(days=1)
        send(world)
    listed = run("outbox", "streams")
    assert listed.status == 1
    assert listed.out == f"ALARM: {stream}  app  paused  1 waiting  (the receiver took nothing for a day: status 500)\n"
    told = json.loads(run("outbox", "streams", "--format", "json").out)
    assert [(each["id"], each["waiting"], each["failures"]) for each in told] == [(stream, 1, 2)]


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
