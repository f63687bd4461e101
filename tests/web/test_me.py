"""A person's own page: doors, keys, sessions, and how they are reached."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.app import NOTIFIER
from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.usecases.decision_log import ask_about
from accessmgr.usecases.notices import Kind, Notice
from accessmgr.usecases.notifying import Notifier
from tests.web.building import NETJES, START, Chain, built_app, demo_chain, do, post, product_of, signed_in_client


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def part(page: str, title: str) -> str:
    """What stands under a title of the page."""
    return page.partition(f"{title}</h2>")[2].partition("<h2")[0]


def me(client: FlaskClient) -> str:
    answer = client.get("/me/")
    assert answer.status_code == 200
    return answer.text


def test_a_door_that_is_open_says_so_with_its_rule_and_its_chain(app: Flask, chain: Chain) -> None:
    doors = part(me(signed_in_client(app, chain.ines)), "What you may enter")
    assert "open to you" in doors
    assert "/rules/ENTER-1" in doors
    assert f"/history/{chain.enterprise}/grants/{chain.grant}" in doors


def test_a_door_is_not_open_with_a_key_that_is_too_weak(app: Flask, chain: Chain) -> None:
    doors = part(me(signed_in_client(app, chain.ines, Key.SMS)), "What you may enter")
    assert "not open now" in doors
    assert "/rules/KEY-3" in doors


def test_a_right_that_was_revoked_is_no_door(app: Flask, chain: Chain) -> None:
    do(app, chain.nadia, Action.REVOKE_GRANT, grant=chain.grant)
    assert "You hold no right now." in part(me(signed_in_client(app, chain.ines)), "What you may enter")


def test_the_page_shows_no_number_and_of_others_only_who_did_something_to_the_person(app: Flask, chain: Chain) -> None:
    page = me(signed_in_client(app, chain.ines))
    assert "95.08.17" not in page
    assert "95081700086" not in page
    assert "Karel" not in page
    assert "Nadia" not in page.partition('id="record"')[0]


def test_a_session_on_another_device_can_be_ended_and_this_one_goes_on(app: Flask, chain: Chain) -> None:
    here, there = signed_in_client(app, chain.ines), signed_in_client(app, chain.ines, Key.EID)
    listed = part(me(here), "Where you are signed in")
    assert listed.count("End this session") == 1
    [name] = re.findall(r'name="session" value="([^"]+)"', listed)
    post(here, "/me/sessions/end", {"session": name})
    assert there.get("/me/").status_code == 302
    assert here.get("/me/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(app: Flask, chain: Chain) -> None:
    own, other = signed_in_client(app, chain.ines), signed_in_client(app, chain.nadia)
    [listed] = product_of(app).sessions.open_of(chain.ines)
    post(other, "/me/sessions/end", {"session": listed.name})
    post(other, "/me/sessions/end", {"session": ""})
    post(other, "/me/sessions/end", {"session": "%"})
    assert own.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 200


def test_each_key_tells_its_level_since_when_and_its_last_use(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.ines, Key.ITSME)
    keys = part(me(client), "Your digital keys")
    assert re.findall(r"level (\d+)", keys) == ["500", "500", "450", "400", "400", "400", "350", "300"]
    itsme = keys.partition("itsme")[2].partition("</li>")[0]
    assert "since 2 March 2026, 09:00" in itsme
    assert "last used:" in itsme
    eid = keys.partition("eID")[2].partition("</li>")[0]
    assert "not used yet" in eid
    app_code = keys.partition("security code by mobile app")[2].partition("</li>")[0]
    assert "You have not set this up." in app_code
    assert "/sign-in/app/enrol" in app_code


def enter(app: Flask, person: str, context: str = "V99901") -> None:
    """Ask whether somebody may enter, so that the decision log tells it."""
    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=person,
        level=500,
        enterprise=NETJES,
        right="service_vouchers",
        contexts=(context,),
    )
    ask_about(product_of(app).world, product_of(app).decision_log, ask)


def test_the_newest_entries_about_the_person_stand_on_the_page(app: Flask, chain: Chain) -> None:
    record = part(me(signed_in_client(app, chain.ines)), "What is on record about you")
    assert "granted a right" in record
    assert "10 years" in record
    assert "/me/decisions" in record


def test_an_auditor_says_first_for_what_they_read_about_themself(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.mila)
    assert "Say for what you read" in part(me(client), "What is on record about you")
    assert [client.get(path).status_code for path in ("/me/decisions", "/me/data")] == [403, 403]
    given = {"purpose": "My own", "case": "2026/14", "next": "/me/decisions"}
    assert post(client, "/history/me", given).location == "/me/decisions"
    assert [client.get(path).status_code for path in ("/me/decisions", "/me/data")] == [200, 200]


def test_what_was_decided_about_the_person_is_told_with_its_rules_and_to_them_alone(app: Flask, chain: Chain) -> None:
    enter(app, chain.ines)
    enter(app, chain.ines, "V99902")
    enter(app, chain.noah)
    product_of(app).decision_log.flush()
    page = signed_in_client(app, chain.ines).get("/me/decisions").text.partition("<tbody>")[2].partition("</tbody>")[0]
    refused, allowed = page.split("<tr>")[1:]
    assert "V99902" in refused
    assert "refused" in refused
    assert "V99901" in allowed
    assert "allowed" in allowed
    assert "/rules/ENTER-1" in allowed
    assert "accessmgr itself" in allowed
    other = signed_in_client(app, chain.noah).get("/me/decisions").text
    assert other.partition("<tbody>")[2].count("<tr>") == 1
    assert "Nothing was asked about you yet" in signed_in_client(app, chain.nadia).get("/me/decisions").text


def test_many_decisions_come_in_pages(app: Flask, chain: Chain) -> None:
    for _batch in range(3):
        for _time in range(10):
            enter(app, chain.ines)
            enter(app, chain.noah)
        product_of(app).decision_log.flush()
    client = signed_in_client(app, chain.ines)
    first = client.get("/me/decisions").text
    assert first.partition("<tbody>")[2].count("<tr>") == 25
    [further] = re.findall(r'href="(/me/decisions\?before=[^"]+)"', first)
    second = client.get(further).text
    assert second.partition("<tbody>")[2].count("<tr>") == 5
    assert "Earlier decisions" not in second
    assert client.get("/me/decisions?before=x").text.partition("<tbody>")[2].count("<tr>") == 25


def test_all_that_is_kept_about_the_person_can_be_taken_along(app: Flask, chain: Chain) -> None:
    enter(app, chain.ines)
    product_of(app).decision_log.flush()
    client = signed_in_client(app, chain.ines)
    post(client, "/me/contact", {"email": "ines@example.be", "phone": "", "language": "fr"})
    answer = client.get("/me/data")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    told = json.loads(answer.text)
    assert told["person"] == {"id": "ines", "given_name": "Inès", "family_name": "Dubois"}
    assert told["contact"]["email"] == "ines@example.be"
    assert [right["id"] for right in told["rights"]] == [chain.grant]
    assert [relation["id"] for relation in told["work_relations"]] == [chain.relation]
    assert [one["because"] for one in told["decisions"]] == [["ENTER-1"]]
    assert [entry["type"] for entry in told["history"]][:3] == ["contact.changed", "right.granted", "person.linked"]
    assert "95081700086" not in answer.text
    assert "Nadia" not in answer.text


def test_letters_go_where_and_in_the_language_that_the_person_chose(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.ines)
    answer = post(client, "/me/contact", {"email": "ines@example.be", "phone": "", "language": "fr"})
    assert answer.status_code == 303
    assert 'value="ines@example.be"' in me(client)
    notifier: Notifier = app.extensions[NOTIFIER]
    notice = Notice(id="1", person=chain.ines, kind=Kind.LOOKED_AT, made_at=START)
    assert notifier.write(notice, "ines@example.be").text.startswith("Bonjour Inès Dubois,")
    assert "ines@example.be" not in me(signed_in_client(app, chain.nadia))


@pytest.mark.parametrize(
    "wrong", [{"email": "nobody"}, {"phone": "call me"}, {"language": "it"}], ids=["email", "phone", "language"]
)
def test_what_is_wrong_is_told_at_the_field_and_nothing_is_kept(
    app: Flask, chain: Chain, wrong: dict[str, str]
) -> None:
    client = signed_in_client(app, chain.ines)
    answer = post(client, "/me/contact", {"email": "ines@example.be", "phone": "", "language": "fr", **wrong})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert 'value="ines@example.be"' not in me(client)
