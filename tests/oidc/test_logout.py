"""Signing out at the provider: as ACM does it, and as the standard does it for clients that want that."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from accessmgr.usecases.relying_parties import Mode, hashed
from tests.oidc.building import AFTERWARDS, APP, SECRET, Application, World, a_world, json_of, parameters
from tests.web.building import token_of

OTHER = replace(APP, id="other", secret=hashed(SECRET))
STRICT = replace(APP, id="strict", mode=Mode.STRICT)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, APP, OTHER, STRICT)


def logout(browser: FlaskClient, **fields: str) -> Any:
    return browser.get("/op/v1/logout", query_string=fields)


def is_signed_in(browser: FlaskClient) -> bool:
    return browser.get("/managers/").status_code == 200


def tokens_in(world: World, browser: FlaskClient, app: Application) -> dict[str, Any]:
    return json_of(app.redeem(app.code(browser)))


def test_acm_signs_out_by_client_id_without_a_hint_and_leads_back_with_the_state(world: World) -> None:
    browser = world.browser("ines")
    answer = logout(browser, client_id="app", post_logout_redirect_uri=AFTERWARDS, state="x y")
    assert answer.location.startswith(f"{AFTERWARDS}?")
    assert parameters(answer) == {"state": "x y"}
    assert is_signed_in(browser) is False


def test_without_an_address_a_page_says_that_it_is_done(world: World) -> None:
    for fields in ({}, {"client_id": "app"}):
        browser = world.browser("ines")
        answer = logout(browser, **fields)
        assert (answer.status_code, "You are signed out" in answer.get_data(as_text=True)) == (200, True)
        assert is_signed_in(browser) is False


def test_other_applications_stay_signed_in_and_new_ones_ask_again(world: World) -> None:
    browser = world.browser("ines")
    app, other = Application(world), Application(world, OTHER)
    own, others = tokens_in(world, browser, app), tokens_in(world, browser, other)
    logout(browser, client_id="app")
    assert app.introspect(own["access_token"]) == {"active": False}
    assert app.refresh(own["refresh_token"]).status_code == 400
    assert other.introspect(others["access_token"])["active"] is True
    assert other.refresh(others["refresh_token"]).status_code == 200
    assert other.ask(browser).location.startswith("/sign-in?")


@pytest.mark.parametrize(
    "fields",
    [
        {"post_logout_redirect_uri": AFTERWARDS},
        {"client_id": "nobody"},
        {"client_id": "app", "post_logout_redirect_uri": "https://evil.example/"},
        {"client_id": "app", "post_logout_redirect_uri": f"{AFTERWARDS}/"},
        {"client_id": "app", "post_logout_redirect_uri": APP.redirect_uris[0]},
        {"client_id": "app", "id_token_hint": "a.b.c"},
        {"switch": ""},
    ],
)
def test_a_request_that_is_not_in_order_ends_nothing_and_leads_nowhere(world: World, fields: dict[str, str]) -> None:
    browser = world.browser("ines")
    answer = logout(browser, **fields)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert is_signed_in(browser) is True


def test_a_hint_of_another_client_ends_nothing(world: World) -> None:
    browser = world.browser("ines")
    hint = tokens_in(world, browser, Application(world, OTHER))["id_token"]
    assert logout(browser, client_id="app", id_token_hint=hint).status_code == 400
    assert is_signed_in(browser) is True


def test_to_switch_only_the_client_is_left_and_nobody_signs_in_again(world: World) -> None:
    browser, app = world.browser("ines"), Application(world)
    own = tokens_in(world, browser, app)
    answer = browser.get(f"/op/v1/logout?switch&client_id=app&post_logout_redirect_uri={AFTERWARDS}")
    assert answer.location == AFTERWARDS
    assert app.introspect(own["access_token"]) == {"active": False}
    assert len(app.code(browser)) == 43


def test_a_strict_client_has_people_asked_unless_its_hint_names_the_sign_in_that_ends(world: World) -> None:
    browser, app = world.browser("ines"), Application(world, STRICT)
    hint = tokens_in(world, browser, app)["id_token"]
    elsewhere = tokens_in(world, world.browser("ines"), app)["id_token"]
    for fields in ({}, {"id_token_hint": elsewhere}):
        page = logout(browser, client_id="strict", **fields)
        assert "Do you want to sign out?" in page.get_data(as_text=True)
        assert is_signed_in(browser) is True
    done = logout(browser, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS)
    assert done.location == AFTERWARDS
    assert is_signed_in(browser) is False


def test_a_person_who_agrees_is_signed_out(world: World) -> None:
    browser = world.browser("ines")
    asked = {"client_id": "strict", "post_logout_redirect_uri": AFTERWARDS, "state": "x"}
    page = logout(browser, **asked)
    assert "form-action 'self' https://app.example;" in page.headers["Content-Security-Policy"]
    token = token_of(page.get_data(as_text=True))
    assert browser.post("/op/v1/logout/confirmed", data=asked).status_code == 400
    assert is_signed_in(browser) is True
    answer = browser.post("/op/v1/logout/confirmed", data={**asked, "csrf_token": token})
    assert (answer.status_code, answer.location) == (303, f"{AFTERWARDS}?state=x")
    assert is_signed_in(browser) is False


def test_an_expired_hint_and_one_of_a_retired_key_still_count(world: World) -> None:
    browser, app = world.browser("ines"), Application(world, STRICT)
    hint = tokens_in(world, browser, app)["id_token"]
    for _ in range(3):
        world.provider.keys.rotate()  # type: ignore[attr-defined]
    world.clock.advance(days=30)
    assert logout(browser, client_id="strict", id_token_hint=hint).status_code == 200
    assert is_signed_in(browser) is False


def test_a_request_in_a_form_is_answered_by_a_link(world: World) -> None:
    browser = world.browser("ines")
    answer = browser.post("/op/v1/logout", data={"client_id": "app", "state": "x"})
    assert (answer.status_code, answer.location) == (303, "/op/v1/logout?client_id=app&state=x")
    assert is_signed_in(browser) is True
