"""A revocation reaches the services that registered for it, once and in order, whatever stops in between."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period, moment
from accessmgr.signals.sending import send_due
from accessmgr.usecases import register
from accessmgr.usecases.streams import CLAIMS_CHANGE, SESSION_REVOKED, Status
from tests.oidc.building import SECRET, Application, World, a_world, hashed
from tests.signals.building import SERVICE, Inbox, Service, an_inbox, transmitter_of, verified
from tests.web.building import NETJES, advance, do, identity_of, post

DESK = replace(SERVICE, id="desk", application="subsidy_desk", secret=hashed(SECRET))
"""A client of another application."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with an_inbox() as listening:
        yield listening


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = a_world(tmp_path, SERVICE, DESK)
    world.clock.advance(hours=1)  # what is written now is due
    return world


def send(world: World) -> int:
    return send_due(transmitter_of(world))


def grant_of(world: World, person: str) -> str:
    with world.provider.world.store.reading() as look:
        return next(grant.id for grant in look.lists.grants(holder=person) if grant.revoked_at is None)


def relation_of(world: World, person: str) -> str:
    with world.provider.world.store.reading() as look:
        return look.lists.work_relations(person=person)[0].id


def revoke(world: World, person: str = "ines") -> None:
    do(world.app, "nadia", Action.REVOKE_GRANT, grant=grant_of(world, person))


def give(world: World, person: str, context: str = "V99902", right: str = "service_vouchers", by: str = "nadia") -> str:
    period = Period(date(2026, 3, 2), date(2026, 12, 31))
    wish: dict[str, Any] = {"enterprise": NETJES, "person": person, "period": period, "contexts": (context,)}
    return do(world.app, by, Action.GRANT_RIGHT, right=right, **wish).events[-1].row.id


def events(world: World, inbox: Inbox) -> list[tuple[str, str]]:
    """The events that a receiver was sent, each with the person whom it is about."""
    told = [verified(world, token) for token in inbox.tokens]
    return [(next(iter(each["events"])), each["sub_id"].get("sub", "")) for each in told]


# --- what is sent -----------------------------------------------------------------------------------------


def test_a_revoked_right_brings_a_token_of_the_standard(world: World, inbox: Inbox) -> None:
    stream = Service(world).stream(inbox)
    revoke(world)
    assert send(world) == 1

    told = verified(world, inbox.tokens[0])
    content = told["events"].pop(CLAIMS_CHANGE)
    assert sorted(told) == ["aud", "events", "iat", "iss", "jti", "sub_id", "txn"]
    assert (told["iss"], told["aud"], told["events"]) == ("http://127.0.0.1:8000", "app", {})
    assert told["sub_id"] == {"format": "iss_sub", "iss": "http://127.0.0.1:8000/op", "sub": "ines"}
    assert told["iat"] == int(world.clock().timestamp())
    assert told["txn"] == str(world.size() - 1)
    assert content["claims"] == {"dienstencheques_rol_3d": []}
    assert (content["initiating_entity"], content["reason_admin"]) == ("admin", {"en": "grant.revoked"})
    assert [each["type"] for each in content["changes"]] == ["grant.revoked"]
    assert inbox.headers[0]["Content-Type"] == "application/secevent+jwt"
    assert transmitter_of(world).streams.how_many_wait(stream) == 0


def test_a_right_that_is_given_is_told_with_what_the_person_may_do_now(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    give(world, "ines")
    send(world)

    claims = verified(world, inbox.tokens[0])["events"][CLAIMS_CHANGE]["claims"]
    assert claims == {
        "dienstencheques_rol_3d": [
            "DienstenchequesErkendeOnderneming-V99901:1999000150",
            "DienstenchequesErkendeOnderneming-V99902:1999000150",
        ]
    }


def test_a_work_relation_that_will_end_tells_the_last_day_in_one_token(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation_of(world, "ines"), last_day=date(2026, 3, 5))
    send(world)

    assert events(world, inbox) == [(CLAIMS_CHANGE, "ines")]
    changes = verified(world, inbox.tokens[0])["events"][CLAIMS_CHANGE]["changes"]
    assert [(each["type"], each["last"]) for each in changes] == [
        ("work_relation.ended", "2026-03-05"),
        ("grant.shortened", "2026-03-05"),
    ]


def test_what_the_register_takes_from_an_enterprise_is_told_of_everybody_who_has_the_right(
    world: World, inbox: Inbox
) -> None:
    do(world.app, "nadia", Action.LINK_PERSON, **link("noah"))
    give(world, "noah")
    Service(world).stream(inbox)
    register.suspend_recognition(world.provider.world, "V99901", date(2026, 3, 2), None)
    send(world)

    assert events(world, inbox) == [(CLAIMS_CHANGE, "ines"), (CLAIMS_CHANGE, "noah")]
    told = [verified(world, token)["events"][CLAIMS_CHANGE] for token in inbox.tokens]
    assert [each["claims"]["dienstencheques_rol_3d"] for each in told] == [
        [],
        ["DienstenchequesErkendeOnderneming-V99902:1999000150"],
    ]
    assert told[0]["initiating_entity"] == "system"


def test_a_right_that_runs_out_by_itself_is_told_the_day_after(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    advance(world.app, "2027-03-01T23:59")
    assert send(world) == 0
    advance(world.app, "2027-03-02T00:00")
    assert send(world) == 1

    told = verified(world, inbox.tokens[0])
    assert "txn" not in told
    content = told["events"][CLAIMS_CHANGE]
    assert (content["claims"], content["changes"]) == ({"dienstencheques_rol_3d": []}, [])
    assert content["event_timestamp"] == int(moment("2027-03-02T00:00").timestamp())
    assert send(world) == 0


def test_what_the_register_told_of_a_later_day_is_told_again_on_that_day(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    register.suspend_recognition(world.provider.world, "V99901", date(2026, 3, 9), date(2026, 3, 10))
    assert send(world) == 1
    for wall_clock in ("2026-03-08T23:59", "2026-03-09T00:00", "2026-03-10T23:59", "2026-03-11T00:00"):
        advance(world.app, wall_clock)
        send(world)

    told = [verified(world, token)["events"][CLAIMS_CHANGE] for token in inbox.tokens]
    held = ["DienstenchequesErkendeOnderneming-V99901:1999000150"]
    assert [each["claims"]["dienstencheques_rol_3d"] for each in told] == [held, [], held]
    assert [each.get("since") for each in told[0]["changes"]] == ["2026-03-09"]


def test_a_death_ends_sessions_and_rights(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    register.record_death(world.provider.world, "ines", date(2026, 3, 2))
    send(world)

    assert events(world, inbox) == [(SESSION_REVOKED, "ines"), (CLAIMS_CHANGE, "ines")]


def test_a_death_ends_the_sessions_of_somebody_without_rights_too(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    Application(world, SERVICE).tokens("karel")
    for person in ("karel", "hilde"):
        register.record_death(world.provider.world, person, date(2026, 3, 2))
    send(world)

    assert events(world, inbox) == [(SESSION_REVOKED, "karel"), (CLAIMS_CHANGE, "karel")]


def test_signing_out_ends_the_session_that_the_id_token_named(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    app, browser = Application(world, SERVICE), world.browser("ines")
    sid = app.verified(app.redeem(app.code(browser)).get_json()["id_token"])["sid"]
    post(browser, "/sign-out")
    assert send(world) == 1

    told = verified(world, inbox.tokens[0])
    assert told["sub_id"]["session"] == {"format": "opaque", "id": sid}
    assert told["sub_id"]["user"]["sub"] == "ines"
    assert told["events"][SESSION_REVOKED]["initiating_entity"] == "user"


# --- what is not ------------------------------------------------------------------------------------------


def test_rights_of_other_applications_are_not_told(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox)
    give(world, "ines", "reader", "subsidy_desk", by="hilde")
    assert send(world) == 0
    with an_inbox() as of_desk:
        Service(world, DESK).stream(of_desk)
        give(world, "ines", "editor", "subsidy_desk", by="hilde")
        assert send(world) == 1
    assert inbox.tokens == []


def test_what_happened_before_the_stream_is_not_told(world: World, inbox: Inbox) -> None:
    revoke(world)
    Service(world).stream(inbox)

    assert send(world) == 0


def test_events_that_the_receiver_did_not_request_are_not_sent(world: World, inbox: Inbox) -> None:
    Service(world).stream(inbox, events_requested=[SESSION_REVOKED])
    revoke(world)

    assert send(world) == 0


def test_a_removed_client_gets_nothing_more(world: World, inbox: Inbox) -> None:
    stream = Service(world).stream(inbox)
    world.provider.clients.remove("app", world.clock())
    revoke(world)

    assert send(world) == 0
    found = transmitter_of(world).streams.find(stream)
    assert found is not None
    assert found.status is Status.DISABLED


# --- what goes wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_token_that_is_not_taken_comes_once_more_and_no_later_one_before_it(
    world: World, inbox: Inbox, status: int
) -> None:
    Service(world).stream(inbox)
    inbox.statuses = [status, 202]
    revoke(world)
    give(world, "ines")
    assert (send(world), send(world)) == (0, 0)
    world.clock.advance(seconds=2)
    assert send(world) == 2

    first, again, then = (verified(world, token) for token in inbox.tokens)
    assert (first["jti"], first["txn"]) == (again["jti"], again["txn"])
    assert int(then["txn"]) == int(first["txn"]) + 1
    world.clock.advance(hours=1)
    assert send(world) == 0


@pytest.mark.parametrize("answer", [b"no status line\r\n\r\n", b"HTTP/1.1 202 Accepted\r\n" + b"a: b\r\n" * 200])
def test_a_receiver_that_answers_what_is_no_http_is_tried_again_later(world: World, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_answer_once, args=(listening, answer), daemon=True)
        thread.start()
        stream = Service(world).stream(Inbox(listening.getsockname()[1]))
        revoke(world)
        assert send(world) == 0
        thread.join()
    kept = transmitter_of(world).streams.find(stream)
    assert kept is not None
    assert kept.failures == 1


def _answer_once(listening: socket.socket, answer: bytes) -> None:
    connection, _address = listening.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


def test_a_receiver_that_is_away_for_a_day_is_paused_and_loses_nothing(world: World, inbox: Inbox) -> None:
    service = Service(world)
    stream = service.stream(inbox)
    inbox.statuses = [500]
    revoke(world)
    send(world)
    world.clock.advance(days=1)
    send(world)
    service = Service(world)
    paused = service.call("GET", "/ssf/v1/status", stream_id=stream).get_json()
    assert paused == {
        "stream_id": stream,
        "status": "paused",
        "reason": "the receiver took nothing for a day: status 500",
    }
    give(world, "ines")
    world.clock.advance(days=1)
    assert send(world) == 0

    inbox.statuses = [202]
    Service(world).call("POST", "/ssf/v1/status", {"stream_id": stream, "status": "enabled"})
    assert send(world) == 2


def test_what_was_written_before_a_stop_is_sent_after_it(world: World, inbox: Inbox) -> None:
    stream = Service(world).stream(inbox)
    revoke(world)
    streams = transmitter_of(world).streams
    stopped_at = world.clock()
    assert streams.take(stream, stopped_at, stopped_at + timedelta(seconds=5))

    assert send(world) == 0
    world.clock.advance(seconds=6)
    assert send(world) == 1


def test_following_twice_makes_one_token(world: World, inbox: Inbox) -> None:
    stream = Service(world).stream(inbox)
    revoke(world)
    made = transmitter_of(world)
    before = made.streams.find(stream)
    assert before is not None
    assert send(world) == 1

    assert made.streams.follow(before, world.size() - 1, before.day, []) is False


def link(person: str) -> dict[str, Any]:
    period = Period(date(2026, 3, 2), None)
    return {"enterprise": NETJES, "identity": identity_of(person), "period": period, "user_type": "employee"}
