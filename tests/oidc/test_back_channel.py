"""Clients are told at once when a sign-in ends, or when something ends on which their claims rested."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from sqlalchemy import text

from accessmgr.app import create_app
from accessmgr.config import Settings
from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.model import Domain, Key
from accessmgr.core.rules import ABOUT
from accessmgr.oidc.back_channel import EVENT, send_due
from accessmgr.usecases.outbox import Because, Stage
from accessmgr.usecases.relying_parties import Client, WrongRegistration, hashed
from accessmgr.usecases.verbs import VERBS
from tests.oidc.building import APP, SECRET, Application, World, a_world, world_of
from tests.oidc.receiver import Receiver, a_receiver
from tests.web.building import NETJES, advance, built_app, demo_chain, do, identity_of, post, product_of


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as listening:
        yield listening


def listening(receiver: Receiver, **more: Any) -> Client:
    """The application, which listens for logout tokens."""
    return replace(APP, backchannel_logout_uri=receiver.address, **more)


@pytest.fixture
def world(tmp_path: Path, receiver: Receiver) -> World:
    silent = replace(APP, id="silent", secret=hashed(SECRET))
    world = a_world(tmp_path, listening(receiver), silent)
    world.clock.advance(hours=1)  # what is written now is due
    return world


def grant_of(world: World, person: str) -> str:
    with world.provider.world.store.reading() as look:
        return look.lists.grants(holder=person)[0].id


def relation_of(world: World, person: str) -> str:
    with world.provider.world.store.reading() as look:
        return look.lists.work_relations(person=person)[0].id


def revoke(world: World) -> None:
    do(world.app, "nadia", Action.REVOKE_GRANT, grant=grant_of(world, "ines"))


def stages(world: World) -> list[tuple[str, Because, Stage]]:
    return [(each.client, each.because, each.stage) for each in world.provider.outbox.all()]


# --- what is sent -----------------------------------------------------------------------------------------


def test_a_revoked_right_brings_a_logout_token_of_the_standard(world: World, receiver: Receiver) -> None:
    app = Application(world)
    signed_in = app.claims("ines")
    revoke(world)
    counts = send_due(world.provider)

    assert counts == {"sent": 1, "failed": 0}
    told = app.verified(receiver.tokens[0])
    now = int(world.clock().timestamp())
    assert sorted(told) == ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]
    assert (told["iss"], told["aud"], told["sub"]) == ("http://127.0.0.1:8000/op", "app", "ines")
    assert told["sid"] == signed_in["sid"]
    assert told["events"] == {EVENT: {}}
    assert (told["iat"], told["exp"]) == (now, now + 120)
    header = jws.extract_compact(receiver.tokens[0].encode()).headers()
    assert (header["alg"], header["typ"]) == ("RS256", "logout+jwt")


def test_it_is_sent_once(world: World, receiver: Receiver) -> None:
    Application(world).tokens("ines")
    revoke(world)
    for _ in range(3):
        send_due(world.provider)

    assert len(receiver.tokens) == 1
    assert stages(world) == [("app", Because.CLAIMS, Stage.SENT)]


def test_one_sign_in_is_told_once_though_right_and_work_relation_both_end(world: World) -> None:
    Application(world).tokens("ines")
    revoke(world)
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation_of(world, "ines"), last_day=date(2026, 3, 2))
    advance(world.app, "2026-03-03T00:00")
    send_due(world.provider)

    assert stages(world) == [("app", Because.CLAIMS, Stage.SENT)]


def test_an_appointment_that_ends_takes_the_capacity_with_it(world: World, receiver: Receiver) -> None:
    wish: dict[str, Any] = {"enterprise": NETJES, "employee": True, "identity": identity_of("noah")}
    role = do(world.app, "nadia", Action.APPOINT_ACCESS_MANAGER, domain=Domain.FINANCE, **wish).events[-1].row.id
    do(world.app, "noah", Action.ACCEPT_APPOINTMENT, appointment=role)
    Application(world).tokens("noah", scope="openid vo")
    do(world.app, "nadia", Action.END_APPOINTMENT, appointment=role)
    send_due(world.provider)

    assert Application(world).verified(receiver.tokens[0])["sub"] == "noah"


def test_a_right_that_runs_out_by_itself_is_told_the_day_after(world: World) -> None:
    Application(world).tokens("ines")
    advance(world.app, "2027-03-01T23:59")
    assert send_due(world.provider) == {"sent": 0, "failed": 0}
    advance(world.app, "2027-03-02T00:00")
    assert send_due(world.provider) == {"sent": 1, "failed": 0}


def test_a_right_that_is_shortened_is_told_the_day_after_its_new_last_day(world: World) -> None:
    Application(world).tokens("ines")
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation_of(world, "ines"), last_day=date(2026, 3, 5))
    assert send_due(world.provider) == {"sent": 0, "failed": 0}
    advance(world.app, "2026-03-05T23:59")
    assert send_due(world.provider) == {"sent": 0, "failed": 0}
    advance(world.app, "2026-03-06T00:00")
    assert send_due(world.provider) == {"sent": 1, "failed": 0}


def test_signing_out_tells_the_clients_that_listen(world: World, receiver: Receiver) -> None:
    app, browser = Application(world), world.browser("ines")
    silent = Application(world, replace(APP, id="silent"))
    app.redeem(app.code(browser))
    silent.redeem(silent.code(browser))
    post(browser, "/sign-out")
    send_due(world.provider)

    assert stages(world) == [("app", Because.SESSION, Stage.SENT)]
    assert app.verified(receiver.tokens[0])["sub"] == "ines"


@pytest.mark.parametrize("address", ["/op/v1/logout", "/op/v1/logout?client_id=app", "/op/v1/logout?client_id=silent"])
def test_signing_out_at_the_provider_tells_them_whoever_asks(world: World, address: str) -> None:
    app, browser = Application(world), world.browser("ines")
    app.redeem(app.code(browser))
    browser.get(address)

    assert stages(world) == [("app", Because.SESSION, Stage.WAITING)]


def test_signing_out_on_all_devices_tells_of_each(world: World) -> None:
    app, browsers = Application(world), [world.browser("ines"), world.browser("ines")]
    for browser in browsers:
        app.redeem(app.code(browser))
    post(browsers[0], "/sign-out/everywhere")

    assert stages(world) == [("app", Because.SESSION, Stage.WAITING)] * 2


# --- what is not ------------------------------------------------------------------------------------------


def test_what_the_claims_did_not_rest_on_ends_in_silence(world: World) -> None:
    day = date(2026, 3, 2)
    wish: dict[str, Any] = {"enterprise": NETJES, "person": "ines", "period": Period(day, date(2026, 12, 31))}
    other = do(world.app, "hilde", Action.GRANT_RIGHT, right="subsidy_desk", contexts=("reader",), **wish)
    Application(world).tokens("ines")
    Application(world).tokens("hilde")
    do(world.app, "hilde", Action.REVOKE_GRANT, grant=other.events[-1].row.id)

    assert stages(world) == []


def test_claims_without_organisation_and_rights_rest_on_nothing(world: World) -> None:
    Application(world).tokens("ines", scope="openid profile")
    revoke(world)

    assert stages(world) == []


def test_a_client_that_does_not_listen_is_told_nothing(world: World) -> None:
    Application(world, replace(APP, id="silent")).tokens("ines")
    revoke(world)

    assert stages(world) == []


def test_a_code_that_was_never_redeemed_is_nothing_to_tell_of(world: World) -> None:
    browser = world.browser("ines")
    Application(world).code(browser)
    post(browser, "/sign-out")

    assert stages(world) == []


def test_a_refused_revocation_tells_nobody(world: World) -> None:
    Application(world).tokens("ines")
    post(world.browser("noah"), f"/users/grants/{grant_of(world, 'ines')}/revoke", {"reason": "No"})

    assert stages(world) == []


def test_switching_identity_ends_no_session(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    app.redeem(app.code(browser))
    browser.get("/op/v1/logout?switch&client_id=app")

    assert stages(world) == []


def test_a_new_sign_in_is_told_of_again(world: World) -> None:
    app = Application(world)
    tokens = app.tokens("ines")
    grant = grant_of(world, "ines")
    app.refresh(tokens["refresh_token"])
    do(world.app, "nadia", Action.REVOKE_GRANT, grant=grant)
    app.tokens("ines")
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation_of(world, "ines"), last_day=date(2026, 3, 2))
    advance(world.app, "2026-03-03T00:00")
    send_due(world.provider)

    assert stages(world) == [("app", Because.CLAIMS, Stage.SENT)] * 2


# --- what goes wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_client_that_does_not_take_it_is_tried_again_later(world: World, receiver: Receiver, status: int) -> None:
    app = Application(world)
    app.tokens("ines")
    revoke(world)
    receiver.status = status
    assert send_due(world.provider) == {"sent": 0, "failed": 1}
    assert send_due(world.provider) == {"sent": 0, "failed": 0}
    receiver.status = 204
    world.clock.advance(seconds=3)
    assert send_due(world.provider) == {"sent": 1, "failed": 0}

    first, second = (app.verified(token) for token in receiver.tokens)
    assert first["jti"] == second["jti"]
    assert second["iat"] > first["iat"]


def test_what_failed_leaves_no_secret_in_the_log(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    Application(world).tokens("ines")
    revoke(world)
    receiver.status = 500
    with caplog.at_level(logging.WARNING):
        send_due(world.provider)

    assert [record.getMessage() for record in caplog.records] == ["`app` did not take a logout token: status 500"]


def test_the_pauses_grow_and_end_after_a_day(world: World, receiver: Receiver) -> None:
    Application(world).tokens("ines")
    revoke(world)
    receiver.status = 500
    made = world.provider.outbox.all()[0].made_at
    tries = []
    while (message := world.provider.outbox.all()[0]).due_at is not None:
        world.clock.moment = message.due_at
        tries.append(round((world.clock() - made).total_seconds()))
        send_due(world.provider)

    assert tries[:5] == [0, 2, 6, 14, 30]
    assert len(tries) == 35
    assert stages(world) == [("app", Because.CLAIMS, Stage.GIVEN_UP)]
    assert len(receiver.tokens) == 35


def test_a_client_that_was_removed_is_given_up(world: World, receiver: Receiver) -> None:
    Application(world).tokens("ines")
    revoke(world)
    world.provider.clients.remove("app", world.clock())
    send_due(world.provider)

    assert (stages(world), receiver.tokens) == ([("app", Because.CLAIMS, Stage.GIVEN_UP)], [])


def test_what_is_long_over_goes_and_what_waits_stays(world: World, receiver: Receiver) -> None:
    Application(world).tokens("ines")
    revoke(world)
    send_due(world.provider)
    world.clock.advance(days=8)
    send_due(world.provider)

    assert stages(world) == []


@pytest.mark.parametrize(
    "address",
    ["http://app.example/logout", "http://127.0.0.1.example/x", "ftp://127.0.0.1/x", "https://app.example/x#y", "/x"],
)
def test_a_logout_token_goes_by_tls_or_stays_on_this_machine(address: str) -> None:
    assert replace(APP, backchannel_logout_uri="https://app.example/logout").backchannel_logout_uri is not None
    with pytest.raises(WrongRegistration):
        replace(APP, backchannel_logout_uri=address)


# --- what lasts -------------------------------------------------------------------------------------------


def test_a_message_survives_a_restart_in_either_database(tmp_path: Path, database_url: str) -> None:
    app = built_app(tmp_path, database_url=database_url)
    chain = demo_chain(app)
    with a_receiver() as gone:
        port = gone.port
    world = world_of(app, listening(gone))
    world.clock.advance(hours=1)
    signed_in = Application(world).claims("ines", Key.EID)
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant)
    assert send_due(world.provider) == {"sent": 0, "failed": 1}
    dispose(world)

    later = world_of(create_app(Settings(instance=str(tmp_path), database_url=database_url)))
    later.clock.moment += timedelta(hours=2)
    with a_receiver(port) as back:
        assert send_due(later.provider) == {"sent": 1, "failed": 0}
        told = Application(later).verified(back.tokens[0])
    assert (told["sub"], told["sid"]) == ("ines", signed_in["sid"])
    dispose(later)


def test_a_change_that_fails_leaves_no_message(world: World) -> None:
    Application(world).tokens("ines")
    grant = grant_of(world, "ines")
    store = product_of(world.app).world.store
    with store.reading() as look:
        row = look.connection.execute(text("SELECT count(*) FROM claim_ground")).scalar_one()  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError), store.writing() as tx:
        _revoke_and_fail(world, tx, grant)

    assert row == 2
    assert stages(world) == []


def _revoke_and_fail(world: World, tx: Any, grant: str) -> None:
    """Write what a revocation writes, and fail before it is kept."""
    ask = Ask(action=Action.REVOKE_GRANT, actor="nadia", level=500, grant=grant)
    facts = tx.facts(ask, world.provider.world.clock.now())
    what, verb = VERBS[ask.action]
    tx.record(decide(facts, ABOUT[ask.action]), facts, what, verb(facts, lambda: "id"))
    raise ZeroDivisionError


def dispose(world: World) -> None:
    """Let go of the connections of an application that is no more."""
    world.provider.tokens.engine.dispose()  # type: ignore[attr-defined]
