"""A person's own page: doors, keys, sessions, and how they are reached."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.app import NOTIFIER
from accessmgr.core.actions import Action
from accessmgr.core.model import Key
from accessmgr.usecases.notices import Kind, Notice
from accessmgr.usecases.notifying import Notifier
from tests.web.building import START, Chain, built_app, demo_chain, do, post, product_of, signed_in_client


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


def test_the_page_shows_no_number_and_nobody_else(app: Flask, chain: Chain) -> None:
    page = me(signed_in_client(app, chain.ines))
    assert "95.08.17" not in page
    assert "95081700086" not in page
    assert "Nadia" not in page


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
