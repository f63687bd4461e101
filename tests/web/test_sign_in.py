"""Signing in with each digital key, in the person's own session, and out of it again."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from accessmgr.core.model import Key
from accessmgr.store.key_tables import TextMessage
from accessmgr.store.tables import db
from accessmgr.usecases.contacts import keep_contact
from accessmgr.web.sign_in_forms import pin_of
from tests.web.building import (
    add_fact,
    add_people,
    anonymous_client,
    built_app,
    post,
    product_of,
    signed_in_client,
    token_of,
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application that knows Hilde, with every key, and Noah, with the app alone."""
    app = built_app(tmp_path)
    add_people(app, "hilde")
    add_people(app, "noah", keys=(Key.APP,))
    return app


def who(client: FlaskClient) -> str:
    """The name and key in the frame of the page about the product; empty for nobody."""
    page = client.get("/about").get_data(as_text=True)
    shown = re.search(r"<strong><a href=\"/me/\">([^<]*)</a></strong><br>\s*<span class=\"muted\">([^<]*)<", page)
    return f"{shown[1]} {shown[2]}" if shown else ""


def entries(app: Flask) -> list[str]:
    """The types of all entries of the history, with the rules of refusals."""
    with product_of(app).world.store.reading() as seen:
        rows = seen.lists.entries()
    found = [re.search(rb'"because":\[([^]]*)\].*"type":"([^"]*)"', row.leaf) for row in reversed(rows)]
    return [f"{match[2].decode()} {match[1].decode()}" for match in found if match]


def test_the_page_offers_each_key_with_its_level(app: Flask) -> None:
    page = anonymous_client(app).get("/sign-in").get_data(as_text=True)
    offered = re.findall(r'<li><a href="([^"]*)"><span><strong>.*?<span class="level">level (\d+)', page, re.DOTALL)
    assert offered == [
        ("/sign-in/eid", "500"),
        ("/sign-in/itsme", "450"),
        ("/sign-in/app", "400"),
        ("/sign-in/passkey", "400"),
        ("/sign-in/sms", "350"),
        ("/sign-in/eidas", "300"),
    ]


def test_outside_simulation_there_are_no_imitated_keys(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    app = built_app(
        tmp_path,
        simulation=False,
        base_url="https://access.example",
        secret_key="a secret of more than thirty-two characters",
        database_url=f"sqlite:///{tmp_path / 'data' / 'live.sqlite'}",
    )
    client = app.test_client()
    client.set_cookie("language", "en")
    page = client.get("/sign-in", base_url="https://access.example").get_data(as_text=True)
    assert "No identity provider is connected" in page
    assert "eID" not in page
    assert client.get("/sign-in/eid", base_url="https://access.example").status_code == 404
    assert client.get("/simulator/", base_url="https://access.example").status_code == 404


def test_eid_with_the_pin_of_the_test_card(app: Flask) -> None:
    client = anonymous_client(app)
    fields = {"person": "hilde", "pin": pin_of("hilde"), "next": "/about"}
    response = post(client, "/sign-in/eid", fields)
    assert (response.status_code, response.location) == (303, "/about")
    assert who(client) == "Hilde Vermeulen with eID, level 500"
    assert entries(app) == ['person.signed_in "SIGNIN-1"']


def test_the_pin_and_the_masked_number_are_shown_beside_the_card(app: Flask) -> None:
    page = anonymous_client(app).get("/sign-in/eid").get_data(as_text=True)
    assert f"Hilde Vermeulen, ••.••.••-•••.46 – PIN {pin_of('hilde')}" in page
    assert "Noah" not in page
    assert "72.03.14" not in page


def test_three_wrong_pins_block_the_card_for_the_right_one_too(app: Flask) -> None:
    client = anonymous_client(app)
    wrong = "0000" if pin_of("hilde") != "0000" else "0001"
    told = [
        post(client, "/sign-in/eid", {"person": "hilde", "pin": pin}).get_data(as_text=True)
        for pin in (wrong, wrong, wrong, pin_of("hilde"))
    ]
    assert "Tries left: 2" in told[0]
    assert "Tries left: 1" in told[1]
    assert "Too many wrong tries" in told[2]
    assert "Too many wrong tries" in told[3]
    assert who(client) == ""


def test_a_right_pin_makes_good_for_wrong_ones_before(app: Flask) -> None:
    client = anonymous_client(app)
    for _round in range(2):
        post(client, "/sign-in/eid", {"person": "hilde", "pin": "x"})
        post(client, "/sign-in/eid", {"person": "hilde", "pin": "x"})
        response = post(client, "/sign-in/eid", {"person": "hilde", "pin": pin_of("hilde")})
        assert response.status_code == 303


def test_a_person_who_is_not_in_the_list_cannot_be_chosen(app: Flask) -> None:
    response = post(anonymous_client(app), "/sign-in/eid", {"person": "nobody", "pin": pin_of("nobody")})
    assert response.status_code == 422
    assert "Choose one of the people in the list" in response.get_data(as_text=True)


def test_a_key_that_is_not_activated_is_refused_by_its_rule(app: Flask) -> None:
    client = anonymous_client(app)
    response = post(client, "/sign-in/eid", {"person": "noah", "pin": pin_of("noah")})
    page = response.get_data(as_text=True)
    assert response.status_code == 403
    assert "/rules/SIGNIN-1" in page
    assert who(client) == ""
    assert entries(app) == ['action.refused "SIGNIN-1"']


def test_nobody_signs_in_after_a_death(app: Flask) -> None:
    add_fact(app, "death", id="hilde", day=datetime(2026, 3, 2).date())
    client = anonymous_client(app)
    response = post(client, "/sign-in/eid", {"person": "hilde", "pin": pin_of("hilde")})
    assert response.status_code == 403
    assert "/rules/SIGNIN-2" in response.get_data(as_text=True)
    assert who(client) == ""


def test_itsme_shows_on_the_phone_what_is_confirmed(app: Flask) -> None:
    client = anonymous_client(app)
    response = post(client, "/sign-in/itsme", {"person": "hilde", "next": "/about"})
    assert response.location == "/sign-in/itsme/phone"
    shown = client.get("/sign-in/itsme/phone").get_data(as_text=True)
    assert "Hilde Vermeulen" in shown
    assert "2 March 2026" in shown
    assert who(client) == ""
    response = post(client, "/sign-in/itsme/phone", {"answer": "confirm"})
    assert response.location == "/about"
    assert who(client) == "Hilde Vermeulen with itsme, level 450"


def test_what_was_refused_on_the_phone_signs_nobody_in_and_cannot_be_confirmed_later(app: Flask) -> None:
    client = anonymous_client(app)
    post(client, "/sign-in/itsme", {"person": "hilde"})
    post(client, "/sign-in/itsme/phone", {"answer": "refuse"})
    post(client, "/sign-in/itsme/phone", {"answer": "confirm"})
    assert who(client) == ""
    assert entries(app) == []


def code_sent(app: Flask) -> str:
    """The code of the newest text message, read in the outbox by somebody else."""
    outbox = anonymous_client(app).get("/simulator/messages/").text
    shown = re.search(r'shown-code">(\d{6})<', outbox)
    assert shown is not None
    return shown[1]


def other_than(code: str) -> str:
    """A code of six digits that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_goes_by_text_message_and_the_page_does_not_show_it(app: Flask) -> None:
    client = anonymous_client(app)
    where = post(client, "/sign-in/sms", {"person": "hilde", "next": "/about"}).location
    page, code = client.get(where).text, code_sent(app)
    assert code not in page
    assert "/simulator/messages/" in page
    assert post(client, where, {"code": other_than(code)}).status_code == 422
    assert who(client) == ""
    answer = post(client, where, {"code": code})
    assert (answer.status_code, answer.location) == (303, "/about")
    assert who(client) == "Hilde Vermeulen with security code by text message, level 350"


def test_a_code_by_text_message_is_good_once(app: Flask) -> None:
    client = anonymous_client(app)
    where = post(client, "/sign-in/sms", {"person": "hilde"}).location
    before, code = client.get_cookie("accessmgr"), code_sent(app)
    assert before is not None
    assert post(client, where, {"code": code}).location == "/"
    again = anonymous_client(app)
    again.set_cookie("accessmgr", before.value)
    assert post(again, where, {"code": code}).location == "/sign-in"
    assert who(again) == ""


@pytest.mark.parametrize(("seconds", "leads_to"), [(298, "/"), (302, "/sign-in")])
def test_a_code_by_text_message_is_good_for_five_minutes(app: Flask, seconds: int, leads_to: str) -> None:
    client = anonymous_client(app)
    where = post(client, "/sign-in/sms", {"person": "hilde"}).location
    earlier = datetime.now(UTC) - timedelta(seconds=seconds)
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(update(TextMessage.__table__).values(sent_at=earlier))
    assert post(client, where, {"code": code_sent(app)}).location == leads_to


def test_three_wrong_codes_stop_the_right_one_too_even_one_that_is_sent_anew(app: Flask) -> None:
    client = anonymous_client(app)
    where = post(client, "/sign-in/sms", {"person": "hilde"}).location
    for _time in range(3):
        post(client, where, {"code": other_than(code_sent(app))})
    where = post(client, "/sign-in/sms", {"person": "hilde"}).location
    assert "Too many wrong tries" in post(client, where, {"code": code_sent(app)}).text
    assert who(client) == ""


def test_the_outbox_shows_the_end_of_the_telephone_number_alone(app: Flask) -> None:
    keep_contact(product_of(app).world, "hilde", "", "+32 2 555 01 23", by="hilde")
    post(anonymous_client(app), "/sign-in/sms", {"person": "hilde"})
    outbox = anonymous_client(app).get("/simulator/messages/").text
    assert "•••\xa0••\xa023" in outbox
    assert "555" not in outbox


@pytest.mark.parametrize(
    ("scheme", "told"),
    [
        ("de-eid", "Hilde Vermeulen with European key (eIDAS), level high, level 500"),
        ("nl-digid-substantial", "Hilde Vermeulen with European key (eIDAS), level substantial, level 400"),
        ("it-spid-1", "Hilde Vermeulen with European key (eIDAS), level low, level 300"),
    ],
)
def test_a_scheme_of_another_country_gives_its_level(app: Flask, scheme: str, told: str) -> None:
    client = anonymous_client(app)
    where = post(client, f"/sign-in/eidas/{scheme}", {"person": "hilde", "next": "/about"}).location
    assert "Hilde Vermeulen" in client.get(where).text
    assert who(client) == ""
    assert post(client, where, {"answer": "confirm"}).location == "/about"
    assert who(client) == told


def test_what_was_refused_abroad_signs_nobody_in_and_cannot_be_confirmed_later(app: Flask) -> None:
    client = anonymous_client(app)
    where = post(client, "/sign-in/eidas/ee-id", {"person": "hilde"}).location
    assert post(client, where, {"answer": "refuse"}).location == "/sign-in?next=/"
    assert post(client, where, {"answer": "confirm"}).location == "/sign-in"
    assert who(client) == ""


def test_what_was_begun_in_one_scheme_is_none_for_another(app: Flask) -> None:
    client = anonymous_client(app)
    post(client, "/sign-in/eidas/it-spid-1", {"person": "hilde"})
    for other in ("it-spid-3", "it-spid-2"):
        assert post(client, f"/sign-in/eidas/{other}/abroad", {"answer": "confirm"}).location == "/sign-in"
    assert who(client) == ""


def test_only_schemes_whose_level_will_do_are_offered(app: Flask) -> None:
    page = anonymous_client(app).get("/sign-in/eidas?keys=eidas_low").text
    assert re.findall(r'href="/sign-in/eidas/([^"?]*)', page) == ["it-spid-1"]
    stronger = signed_in_client(app, "hilde", Key.EIDAS_SUBSTANTIAL).get("/sign-in/eidas?step_up=1").text
    assert "/sign-in/eidas/nl-digid-high?" in stronger
    assert "/sign-in/eidas/nl-digid-substantial" not in stronger


def test_a_scheme_that_is_none_has_no_page(app: Flask) -> None:
    client = anonymous_client(app)
    assert [client.get(f"/sign-in/eidas/{scheme}").status_code for scheme in ("be-eid", "x")] == [404, 404]


def enrolled(app: Flask, person: str) -> pyotp.TOTP:
    """The app of a person, set up on the page with the QR code."""
    client = signed_in_client(app, person, Key.ITSME)
    page = post(client, "/sign-in/app/enrol").get_data(as_text=True)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret is not None
    assert 'role="img"' in page
    return pyotp.TOTP(secret[1])


def test_the_app_is_good_for_a_code_once(app: Flask) -> None:
    code = enrolled(app, "noah").now()
    client = anonymous_client(app)
    assert post(client, "/sign-in/app", {"person": "noah", "code": code}).status_code == 303
    assert who(client) == "Noah Peeters with security code by mobile app, level 400"
    other = anonymous_client(app)
    assert post(other, "/sign-in/app", {"person": "noah", "code": code}).status_code == 422
    assert who(other) == ""


def test_a_wrong_code_of_the_app_signs_nobody_in(app: Flask) -> None:
    totp = enrolled(app, "noah")
    near = {totp.at(datetime.now(UTC) + timedelta(seconds=30 * step)) for step in range(-3, 4)}
    wrong = next(code for code in map(str, range(400000, 400009)) if code not in near)
    client = anonymous_client(app)
    assert post(client, "/sign-in/app", {"person": "noah", "code": wrong}).status_code == 422
    assert who(client) == ""


def test_without_an_app_one_is_told_to_sign_in_with_a_stronger_key_first(app: Flask) -> None:
    response = post(anonymous_client(app), "/sign-in/app", {"person": "noah", "code": "123456"})
    assert response.status_code == 422
    assert "Sign in with eID or itsme first" in response.get_data(as_text=True)


def test_setting_up_the_app_asks_for_eid_or_itsme(app: Flask) -> None:
    client = signed_in_client(app, "hilde", Key.APP)
    response = post(client, "/sign-in/app/enrol")
    assert response.status_code == 403
    assert 'role="img"' not in response.get_data(as_text=True)
    assert product_of(app).totp.enrolled("hilde") is False


def test_signing_out_ends_the_session_itself(app: Flask) -> None:
    client = signed_in_client(app, "hilde")
    kept = client.get_cookie("accessmgr")
    assert kept is not None
    response = post(client, "/sign-out")
    assert (response.status_code, response.location) == (303, "/")
    assert who(client) == ""
    client.set_cookie("accessmgr", kept.value)
    assert who(client) == ""


def test_signing_out_everywhere_ends_the_sessions_of_other_devices_too(app: Flask) -> None:
    here, there, other = (signed_in_client(app, person) for person in ("hilde", "hilde", "noah"))
    post(here, "/sign-out/everywhere")
    assert [who(client) for client in (here, there)] == ["", ""]
    assert who(other) == "Noah Peeters with itsme, level 450"


def test_a_session_ends_after_two_hours(app: Flask) -> None:
    client = signed_in_client(app, "hilde")
    set_back(app, timedelta(minutes=119))
    assert who(client) == "Hilde Vermeulen with itsme, level 450"
    set_back(app, timedelta(minutes=1))
    assert who(client) == ""


def set_back(app: Flask, by: timedelta) -> None:
    """Let every session have begun earlier."""
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for session, began in connection.execute(text("SELECT id, created_at FROM session")).all():
            earlier = (datetime.fromisoformat(began) - by).isoformat(timespec="microseconds").replace("+00:00", "Z")
            connection.execute(
                text("UPDATE session SET created_at = :at WHERE id = :id"), {"at": earlier, "id": session}
            )


def test_each_sign_in_is_a_new_session_and_ends_the_one_before(app: Flask) -> None:
    client = signed_in_client(app, "hilde", Key.ITSME)
    before = cookie_session(client)
    with client.session_transaction() as session:
        session["left"] = "over"
    post(client, "/sign-in/eid", {"person": "noah", "pin": pin_of("noah")})
    assert cookie_session(client)["_user_id"] == before["_user_id"]
    post(client, "/sign-in/eid", {"person": "hilde", "pin": pin_of("hilde")})
    after = cookie_session(client)
    assert after["_user_id"] != before["_user_id"]
    assert "left" not in after
    assert product_of(app).sessions.find(before["_user_id"]) is None


def cookie_session(client: FlaskClient) -> dict[str, Any]:
    """What the cookie holds."""
    with client.session_transaction() as session:
        return dict(session)


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil.example", "/sign-in/eid"])
def test_signing_in_never_leads_elsewhere(app: Flask, next_: str) -> None:
    fields = {"person": "hilde", "pin": pin_of("hilde"), "next": next_}
    assert post(anonymous_client(app), "/sign-in/eid", fields).location == "/"


def test_a_page_that_needs_a_sign_in_leads_back_to_itself(app: Flask) -> None:
    client = anonymous_client(app)
    asked = client.get("/history/")
    assert asked.status_code == 302
    page = client.get(asked.location).get_data(as_text=True)
    assert "/sign-in/eid?next=/history/" in page
    assert "Sign in first" in page
    response = client.post(
        "/sign-in/eid",
        data={"csrf_token": token_of(page), "person": "hilde", "pin": pin_of("hilde"), "next": "/history/"},
    )
    assert response.location == "/history/"
