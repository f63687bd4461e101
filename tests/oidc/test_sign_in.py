"""A sign-in from its beginning to its ID token: who must sign in, with which key, in what capacity."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from accessmgr.core.model import Key
from accessmgr.usecases.relying_parties import Level, Mode
from accessmgr.web.sign_in_forms import pin_of
from tests.oidc.building import APP, CALLBACK, Application, World, a_world, hint, json_of, parameters
from tests.web.building import PROPRE, SINCE, add_enterprise, add_fact, token_of

BY_GROUP = replace(APP, id="by-group", level=Level.TARGET_GROUP)
STRICT = replace(APP, id="strict", mode=Mode.STRICT)
ITSME, EID = "urn:be:vlaanderen:authmech:itsme", "urn:be:vlaanderen:authmech:eid"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The demo chain; Karel represents a second enterprise too."""
    world = a_world(tmp_path, APP, BY_GROUP, STRICT)
    add_enterprise(world.app, PROPRE, "Propre & Net")
    add_fact(world.app, "function", id="f-propre", enterprise=PROPRE, code="manager", holder="karel", first=SINCE)
    return world


def back_of(answer: Any) -> str:
    """The path to which the sign-in page leads back."""
    assert answer.location.startswith("/sign-in?")
    return parse_qs(urlsplit(answer.location).query)["next"][0]


def with_card(browser: FlaskClient, person: str, back: str) -> Any:
    """Sign in with a test card, and go where that leads."""
    page = browser.get("/sign-in/eid", query_string={"next": back}).get_data(as_text=True)
    form = {"csrf_token": token_of(page), "person": person, "pin": pin_of(person), "next": back}
    return browser.get(browser.post("/sign-in/eid", data=form).location)


def choose(browser: FlaskClient, page: Any, capacity: str) -> Any:
    """Choose a capacity on the page."""
    text = page.get_data(as_text=True)
    ticket = text.partition('action="/op/v1/auth/')[2].partition('"')[0]
    return browser.post(f"/op/v1/auth/{ticket}", data={"csrf_token": token_of(text), "capacity": capacity})


def error_of(answer: Any) -> str:
    return parameters(answer)["error"]


def test_a_person_who_is_signed_in_comes_back_with_a_code_state_and_issuer(world: World) -> None:
    app = Application(world)
    answer = app.ask(world.browser("ines"))
    assert answer.status_code == 302
    assert answer.location.startswith(f"{CALLBACK}?")
    sent = parameters(answer)
    assert sorted(sent) == ["code", "iss", "state"]
    assert (sent["state"], sent["iss"]) == (app.state, "http://127.0.0.1:8000/op")


def test_a_code_brings_tokens_and_claims(world: World) -> None:
    app = Application(world)
    answer = app.redeem(app.code(world.browser("ines")))
    given = json_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert sorted(given) == ["access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"]
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    claims = app.verified(given["id_token"])
    now = int(world.clock().timestamp())
    assert {name: claims[name] for name in ("iss", "aud", "azp", "sub", "iat", "exp", "nonce")} == {
        "iss": "http://127.0.0.1:8000/op",
        "aud": "app",
        "azp": "app",
        "sub": "ines",
        "iat": now,
        "exp": now + 3600,
        "nonce": app.nonce,
    }
    assert claims["dienstencheques_rol_3d"] == ["DienstenchequesErkendeOnderneming-V99901:1999000150"]
    assert (claims["given_name"], claims["family_name"]) == ("Inès", "Dubois")
    assert (claims["vo_orgcode"], claims["vo_orgnaam"], claims["vo_doelgroepcode"]) == (
        "1999000150",
        "Netjes Thuis",
        "EA",
    )
    assert "rrn" not in claims


def test_signing_in_to_a_client_stands_in_the_history(world: World) -> None:
    before = world.size()
    Application(world).code(world.browser("ines"))
    assert world.size() == before + 1


def test_somebody_who_is_not_signed_in_signs_in_first_and_comes_back(world: World) -> None:
    app, browser = Application(world), world.browser()
    back = back_of(app.ask(browser))
    assert sorted(parameters(with_card(browser, "ines", back))) == ["code", "iss", "state"]
    assert browser.get(back).status_code == 400


def test_the_sign_in_pages_may_lead_to_the_origin_of_the_client_and_to_no_other(world: World) -> None:
    app, browser = Application(world), world.browser()
    back = back_of(app.ask(browser))
    policy = browser.get("/sign-in/eid", query_string={"next": back}).headers["Content-Security-Policy"]
    assert "form-action 'self' https://app.example;" in policy
    for path in ("/sign-in/eid", "/sign-in/eid?next=/about", "/about"):
        assert "form-action 'self';" in browser.get(path).headers["Content-Security-Policy"]


# --- prompt, max_age, hints of earlier tokens ---------------------------------------------------------------


def test_prompt_none_never_shows_a_page(world: World) -> None:
    app = Application(world)
    assert error_of(app.ask(world.browser(), prompt="none")) == "login_required"
    assert error_of(app.ask(world.browser("karel"), prompt="none")) == "account_selection_required"
    assert len(app.code(world.browser("ines"), prompt="none")) == 43


def test_prompt_login_has_somebody_sign_in_anew(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    world.clock.moment = datetime.now(UTC)
    back = back_of(app.ask(browser, prompt="login"))
    assert browser.get(back).location.startswith("/sign-in?")
    assert "code" in parameters(with_card(browser, "ines", back))


@pytest.mark.parametrize(("seconds", "goes_on"), [(59, True), (61, False)])
def test_max_age_has_somebody_sign_in_anew_who_did_so_too_long_ago(world: World, seconds: int, goes_on: bool) -> None:
    browser = world.browser("ines")
    world.clock.moment = datetime.now(UTC)
    world.clock.advance(seconds=seconds)
    answer = Application(world).ask(browser, max_age="60")
    assert answer.location.startswith(CALLBACK) is goes_on


def test_an_id_token_hint_of_somebody_else_has_people_sign_in(world: World) -> None:
    app = Application(world)
    of_ines = app.tokens("ines")["id_token"]
    assert len(app.code(world.browser("ines"), id_token_hint=of_ines, prompt="none")) == 43
    assert error_of(app.ask(world.browser("nadia"), id_token_hint=of_ines, prompt="none")) == "login_required"


def test_prompt_select_account_lets_choose_even_a_single_capacity(world: World) -> None:
    browser = world.browser("ines")
    page = Application(world).ask(browser, prompt="select_account")
    assert "In which capacity?" in page.get_data(as_text=True)
    assert "code" in parameters(choose(browser, page, "EA:1999000150"))


# --- digital keys -------------------------------------------------------------------------------------------


def test_acr_is_told_by_acm_only_when_it_was_asked_for(world: World) -> None:
    app = Application(world)
    assert "acr" not in app.claims()
    assert app.claims(acr_values=f"{EID} {ITSME}")["acr"] == ITSME


def test_a_strict_client_is_always_told_acr_and_no_kid_among_the_claims(world: World) -> None:
    claims = Application(world, STRICT).claims()
    assert claims["acr"] == ITSME
    assert "kid" not in claims
    assert "kid" in Application(world).claims()


def test_a_key_that_was_not_asked_for_leads_to_the_sign_in_page_that_offers_the_others(world: World) -> None:
    app, browser = Application(world), world.browser("ines", Key.ITSME)
    answer = app.ask(browser, acr_values=EID)
    assert parse_qs(urlsplit(answer.location).query)["keys"] == ["eid"]
    page = browser.get(answer.location).get_data(as_text=True)
    assert ("/sign-in/eid?" in page, "/sign-in/itsme?" in page) == (True, False)
    assert error_of(app.ask(browser, acr_values=EID, prompt="none")) == "login_required"
    assert "code" in parameters(with_card(browser, "ines", back_of(answer)))


def test_a_key_too_weak_for_a_right_brings_no_claim_of_it(world: World) -> None:
    app = Application(world)
    assert app.claims("ines", Key.SMS)["dienstencheques_rol_3d"] == []
    assert app.claims("ines", Key.APP)["dienstencheques_rol_3d"] == [
        "DienstenchequesErkendeOnderneming-V99901:1999000150"
    ]


# --- personas -----------------------------------------------------------------------------------------------


def test_a_persona_comes_straight_through_with_the_key_and_capacity_of_the_hint(world: World) -> None:
    app = Application(world)
    text = hint(persona="karel", key="eid", cap_hint="EA", code_hint=PROPRE)
    claims = app.verified(json_of(app.redeem(app.code(world.browser(), login_hint=text, acr_values=EID)))["id_token"])
    assert (claims["sub"], claims["acr"], claims["vo_orgcode"]) == ("karel", EID, PROPRE)


def test_a_persona_whom_the_rules_do_not_let_in_is_refused_on_record(world: World) -> None:
    add_fact(world.app, "death", id="ines", day=datetime(2026, 3, 1, tzinfo=UTC).date())
    before = world.size()
    answer = Application(world).ask(world.browser(), login_hint=hint(persona="ines"))
    assert error_of(answer) == "access_denied"
    assert world.size() == before + 1


def test_a_capacity_that_is_not_the_persons_is_refused(world: World) -> None:
    app = Application(world)
    for wrong in ({"cap_hint": "LB"}, {"cap_hint": "EA", "code_hint": PROPRE}, {"cap_hint": "GID"}):
        assert error_of(app.ask(world.browser("ines"), login_hint=hint(**wrong))) == "access_denied"


# --- capacities ---------------------------------------------------------------------------------------------


def test_whoever_comes_in_one_capacity_only_is_not_asked(world: World) -> None:
    assert Application(world).claims("ines")["vo_orgcode"] == "1999000150"


def test_whoever_has_several_chooses_and_is_not_asked_again_in_the_session(world: World) -> None:
    app, browser = Application(world), world.browser("karel")
    page = app.ask(browser)
    text = page.get_data(as_text=True)
    assert ("Netjes Thuis" in text, "Propre &amp; Net" in text) == (True, True)
    assert "form-action 'self' https://app.example;" in page.headers["Content-Security-Policy"]
    code = parameters(choose(browser, page, f"EA:{PROPRE}"))["code"]
    assert app.verified(json_of(app.redeem(code))["id_token"])["vo_orgcode"] == PROPRE
    again = app.verified(json_of(app.redeem(app.code(browser)))["id_token"])
    assert again["vo_orgcode"] == PROPRE


def test_a_capacity_that_was_not_offered_is_not_taken(world: World) -> None:
    browser = world.browser("karel")
    page = Application(world).ask(browser)
    for wrong in ("EA:0417497106", "EA", "LB", "", "EA:"):
        assert "In which capacity?" in choose(browser, page, wrong).get_data(as_text=True)


def test_a_switch_of_identity_asks_again_without_a_new_sign_in(world: World) -> None:
    app, browser = Application(world), world.browser("karel")
    choose(browser, app.ask(browser), f"EA:{PROPRE}")
    page = app.ask(browser, login_hint="eyJzd2l0Y2hfaWQiOiB0cnVlfQ==")
    code = parameters(choose(browser, page, "EA:1999000150"))["code"]
    assert app.verified(json_of(app.redeem(code))["id_token"])["vo_orgcode"] == "1999000150"


def test_a_client_by_target_group_gets_the_roles_of_all_its_organisations(world: World) -> None:
    claims = Application(world, BY_GROUP).claims("ines")
    assert claims["vo_doelgroepcode"] == "EA"
    assert "vo_orgcode" not in claims
    assert claims["dienstencheques_rol_3d"] == ["DienstenchequesErkendeOnderneming-V99901:1999000150"]


def test_a_legal_representative_is_told_as_such_for_the_organisation_chosen(world: World) -> None:
    scope = "openid wettelijkvertegenwoordiger"
    assert Application(world).claims("hilde", scope=scope)["wv_orgcode"] == "1999000150"
    assert "wv_orgcode" not in Application(world).claims("nadia", scope=scope)
    assert Application(world, BY_GROUP).claims("karel", scope=scope)["wv_orgcode"] == ["1999000150", PROPRE]


def test_somebody_without_any_organisation_comes_as_a_citizen(world: World) -> None:
    claims = Application(world).claims("noah")
    assert "vo_doelgroepcode" not in claims
    assert claims["dienstencheques_rol_3d"] == []
