"""The habits of the real access management (ACM), each shown by a test, with what a strict client gets instead.

`docs/acm-fidelity.md` tells of each where it is known from, or that it is a guess.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import update

from accessmgr.core.model import Key, TargetGroup
from accessmgr.oidc.claims import claims
from accessmgr.store.sessions import session_t
from accessmgr.usecases.capacities import Capacity, Entitlement, Portrait
from accessmgr.usecases.relying_parties import Level, Mode, hashed
from tests.oidc.building import (
    AFTERWARDS,
    APP,
    SECRET,
    Application,
    World,
    a_world,
    hint,
    json_of,
    key_client,
    parameters,
)
from tests.web.building import PROPRE, SINCE, add_enterprise, add_fact

STRICT = replace(APP, id="strict", mode=Mode.STRICT)
OTHER = replace(APP, id="other", secret=hashed(SECRET))
BY_GROUP = replace(APP, id="by-group", level=Level.TARGET_GROUP)
TWO_KEYS = replace(APP, id="two-keys", means=frozenset({Key.EID, Key.ITSME}))
OWN_KEY = RSAKey.generate_key(2048)
BY_KEY = key_client(OWN_KEY)
URN = "urn:be:vlaanderen:authmech:"
ROLE = "DienstenchequesErkendeOnderneming-V99901:1999000150"
SWITCH = "eyJzd2l0Y2hfaWQiOiB0cnVlfQ=="
"""The hint that asks to switch identity, letter by letter as ACM documents it."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, APP, STRICT, OTHER, BY_GROUP, TWO_KEYS, BY_KEY)


@pytest.fixture
def twofold(world: World) -> World:
    """Karel represents two enterprises."""
    add_enterprise(world.app, PROPRE, "Propre & Net")
    function = {"id": "f-karel-2", "code": "managing_director", "holder": "karel"}
    add_fact(world.app, "function", enterprise=PROPRE, first=SINCE, **function)
    return world


def outcome(answer: Any) -> tuple[int, str]:
    """Status and error."""
    return answer.status_code, answer.get_json()["error"]


# --- 3.1 discovery ----------------------------------------------------------------------------------------


def test_discovery_says_what_the_sample_of_acm_says_except_plain(world: World) -> None:
    told = json_of(world.app.test_client().get("/op/.well-known/openid-configuration"))
    base = "http://127.0.0.1:8000/op"
    assert told["issuer"] == base
    assert [told[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")] == [
        f"{base}/v1/auth",
        f"{base}/v1/token",
        f"{base}/v1/keys",
    ]
    assert [told[name] for name in ("introspection_endpoint", "end_session_endpoint")] == [
        f"{base}/v1/introspect",
        f"{base}/v1/logout",
    ]
    assert told["response_types_supported"] == ["code"]
    assert told["response_modes_supported"] == ["query", "fragment", "form_post"]
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]
    assert told["subject_types_supported"] == ["public"]
    assert told["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert told["token_endpoint_auth_methods_supported"][:3] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]
    assert told["code_challenge_methods_supported"] == ["S256"]


def test_claims_come_in_the_id_token_and_userinfo_tells_the_same(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    in_token = app.verified(given["id_token"])
    told = json_of(app.userinfo(given["access_token"]))
    assert told["dienstencheques_rol_3d"] == [ROLE]
    assert {name: in_token[name] for name in told} == told


# --- 3.2 the authorization request ------------------------------------------------------------------------


def test_a_scope_that_is_not_allowed_is_refused_before_anybody_signs_in(world: World) -> None:
    answer = Application(world).ask(world.browser(), scope="openid rrn")
    assert (answer.status_code, parameters(answer)["error"]) == (302, "invalid_scope")
    assert world.kept("waiting_request") == 0


def test_strict_leaves_a_scope_that_is_not_allowed_out(world: World) -> None:
    app = Application(world, STRICT)
    given = json_of(app.redeem(app.code(world.browser("ines"), scope="openid rrn profile")))
    assert given["scope"] == "openid profile"


@pytest.mark.parametrize(("seconds", "status"), [(29, 200), (30, 400)])
def test_a_code_is_good_for_thirty_seconds(world: World, seconds: int, status: int) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    world.clock.advance(seconds=seconds)
    assert app.redeem(code).status_code == status


def test_an_access_token_is_opaque_and_good_for_an_hour(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    assert (given["expires_in"], given["access_token"].count(".")) == (3600, 0)
    world.clock.advance(seconds=3599)
    assert app.userinfo(given["access_token"]).status_code == 200
    world.clock.advance(seconds=1)
    assert app.userinfo(given["access_token"]).status_code == 401


def test_state_and_nonce_may_be_absent(world: World) -> None:
    app = Application(world)
    answer = app.ask(world.browser("ines"), state=None, nonce=None)
    assert sorted(parameters(answer)) == ["code", "iss"]
    told = app.verified(json_of(app.redeem(parameters(answer)["code"]))["id_token"])
    assert "nonce" not in told


# --- 3.3 scopes and claims --------------------------------------------------------------------------------


def test_the_id_token_holds_the_extras_of_acm(world: World) -> None:
    app = Application(world)
    told = app.claims(acr_values=f"{URN}itsme")
    assert {"acr", "at_hash", "aud", "azp", "exp", "iat", "iss", "kid", "nonce", "sub"} <= set(told)
    assert (told["aud"], told["azp"], told["nonce"]) == ("app", "app", app.nonce)


def test_the_id_of_the_key_is_a_claim_too(world: World) -> None:
    app = Application(world)
    token = app.tokens()["id_token"]
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert app.verified(token)["kid"] == header["kid"]


def test_strict_has_the_id_of_the_key_in_the_header_alone(world: World) -> None:
    app = Application(world, STRICT)
    token = app.tokens()["id_token"]
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert len(header["kid"]) > 0
    assert "kid" not in app.verified(token)


def test_each_scope_brings_its_claims_and_no_other(world: World) -> None:
    app = Application(world)
    protocol = {
        "iss", "aud", "azp", "iat", "exp", "auth_time", "sid", "nonce", "at_hash", "kid", "sub"
    }  # fmt: skip
    brought = {
        scope: sorted(set(app.claims(scope=f"openid {scope}".strip())) - protocol)
        for scope in ("", "profile", "vo", "dienstencheques")
    }
    assert brought == {
        "": [],
        "profile": ["family_name", "given_name"],
        "vo": ["vo_doelgroepcode", "vo_doelgroepnaam", "vo_id", "vo_orgcode", "vo_orgnaam"],
        "dienstencheques": ["dienstencheques_rol_3d"],
    }


def test_a_legal_representative_is_told_by_wv_orgcode(world: World) -> None:
    app = Application(world)
    assert app.claims("hilde", scope="openid wettelijkvertegenwoordiger")["wv_orgcode"] == "1999000150"
    assert "wv_orgcode" not in app.claims("ines", scope="openid wettelijkvertegenwoordiger")


def test_the_national_number_goes_to_a_client_registered_for_it(world: World) -> None:
    registered = replace(APP, id="with-number", scopes=APP.scopes | {"rrn"}, rrn=True)
    world.add(registered)
    assert Application(world, registered).claims(scope="openid rrn")["rrn"] == "95081700086"
    refused = Application(world).ask(world.browser("ines"), scope="openid rrn")
    assert parameters(refused)["error"] == "invalid_scope"


def test_the_grant_list_is_an_array_of_right_context_and_enterprise(world: World) -> None:
    app = Application(world)
    assert app.claims()["dienstencheques_rol_3d"] == [ROLE]
    assert app.claims("nadia")["dienstencheques_rol_3d"] == []


def of_two_enterprises(mode: Mode) -> Any:
    """The grant list of somebody who comes for all their enterprises and may do the same in two."""
    held = tuple(Entitlement("service_vouchers", "V99901", number) for number in ("1999000150", PROPRE))
    anybody = Portrait("p", "A", "B", None, Capacity(TargetGroup.EA), None, (), held)
    applications, names = {"service_vouchers": "dienstencheques"}, {"service_vouchers": "DV"}
    client = replace(BY_GROUP, mode=mode)
    return claims(anybody, ("openid", "dienstencheques"), client, applications, names)["dienstencheques_rol_3d"]


def test_for_a_target_group_one_text_lists_all_enterprises() -> None:
    assert of_two_enterprises(Mode.ACM) == ["DV-V99901:1999000150, 1999000249"]


def test_strict_has_one_text_for_each_enterprise() -> None:
    assert of_two_enterprises(Mode.STRICT) == ["DV-V99901:1999000150", "DV-V99901:1999000249"]


# --- 3.4 capacities ---------------------------------------------------------------------------------------


def test_who_has_one_capacity_is_not_asked(world: World) -> None:
    assert Application(world).claims("ines")["vo_orgcode"] == "1999000150"


def test_who_has_several_capacities_chooses(twofold: World) -> None:
    app, browser = Application(twofold), twofold.browser("karel")
    page = app.ask(browser, scope="openid vo").get_data(as_text=True)
    assert page.count('type="radio"') == 2
    assert 'value="EA:1999000150"' in page
    assert 'value="EA:1999000249"' in page


def test_a_client_at_the_level_of_target_groups_asks_for_no_organisation(twofold: World) -> None:
    app = Application(twofold, BY_GROUP)
    told = app.claims("karel", scope="openid vo wettelijkvertegenwoordiger")
    assert (told["vo_doelgroepcode"], told["wv_orgcode"]) == ("EA", ["1999000150", "1999000249"])
    assert "vo_orgcode" not in told


@pytest.mark.parametrize("padded", [True, False], ids=["padded", "without padding"])
@pytest.mark.parametrize("url_safe", [True, False], ids=["base64url", "base64"])
def test_a_hint_names_the_capacity_in_base64(twofold: World, padded: bool, url_safe: bool) -> None:
    written = json.dumps({"cap_hint": "EA", "code_hint": "1999000249", "for": "?>~"}).encode()
    encoded = base64.urlsafe_b64encode(written) if url_safe else base64.b64encode(written)
    text_ = encoded.decode() if padded else encoded.decode().rstrip("=")
    told = Application(twofold).claims("karel", scope="openid vo", login_hint=text_)
    assert told["vo_orgcode"] == "1999000249"


def test_a_hint_at_a_capacity_that_is_not_theirs_is_refused(twofold: World) -> None:
    app = Application(twofold)
    foreign = hint(cap_hint="EA", code_hint="1999000249")
    assert parameters(app.ask(twofold.browser("ines"), login_hint=foreign))["error"] == "access_denied"
    other_group = hint(cap_hint="LB")
    assert parameters(app.ask(twofold.browser("ines"), login_hint=other_group))["error"] == "access_denied"


def test_a_hint_is_as_fine_as_the_level_of_the_client(twofold: World) -> None:
    group, organisation = hint(cap_hint="EA"), hint(cap_hint="EA", code_hint="1999000249")
    by_group = Application(twofold, BY_GROUP)
    assert parameters(by_group.ask(twofold.browser("karel"), login_hint=organisation))["error"] == "invalid_request"
    assert len(by_group.code(twofold.browser("karel"), login_hint=group)) == 43
    by_organisation = Application(twofold).ask(twofold.browser("karel"), login_hint=group, scope="openid vo")
    assert by_organisation.get_data(as_text=True).count('type="radio"') == 2


def chosen(app: Application, browser: Any, organisation: str) -> None:
    """Come to the application for an organisation."""
    hinted = hint(cap_hint="EA", code_hint=organisation)
    assert app.redeem(app.code(browser, scope="openid vo", login_hint=hinted)).status_code == 200


def test_switch_id_asks_for_the_capacity_again_without_a_new_sign_in(twofold: World) -> None:
    app, browser = Application(twofold), twofold.browser("karel")
    chosen(app, browser, "1999000249")
    again = app.verified(json_of(app.redeem(app.code(browser, scope="openid vo")))["id_token"])
    assert again["vo_orgcode"] == "1999000249"
    switching = app.ask(browser, scope="openid vo", login_hint=SWITCH)
    assert switching.get_data(as_text=True).count('type="radio"') == 2


def test_logout_with_switch_ends_the_application_alone_and_no_sign_in(twofold: World) -> None:
    app, other, browser = Application(twofold), Application(twofold, OTHER), twofold.browser("karel")
    hinted = {"scope": "openid vo offline_access", "login_hint": hint(cap_hint="EA", code_hint="1999000249")}
    here = json_of(app.redeem(app.code(browser, **hinted)))
    there = json_of(other.redeem(other.code(browser, **hinted)))
    entry = "https://app.example/bye"
    answer = browser.get(f"/op/v1/logout?switch&client_id=app&post_logout_redirect_uri={entry}")
    assert (answer.status_code, answer.location) == (302, entry)
    assert outcome(app.refresh(here["refresh_token"])) == (400, "invalid_grant")
    assert other.refresh(there["refresh_token"]).status_code == 200
    assert app.ask(browser, scope="openid vo").get_data(as_text=True).count('type="radio"') == 2


# --- 3.5 logout, sessions, refresh, clients, introspection ------------------------------------------------


def leave(browser: Any, **fields: str) -> Any:
    """Ask to be signed out."""
    return browser.get("/op/v1/logout", query_string=fields)


def test_logout_needs_the_client_id_and_no_hint(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    answer = leave(browser, client_id="app", post_logout_redirect_uri=AFTERWARDS, state="s&t")
    assert (answer.status_code, answer.location) == (302, f"{AFTERWARDS}?state=s%26t")
    assert parameters(app.ask(browser, prompt="none"))["error"] == "login_required"


def test_strict_asks_before_a_logout_without_hint(world: World) -> None:
    app, browser = Application(world, STRICT), world.browser("ines")
    given = json_of(app.redeem(app.code(browser)))
    page = leave(browser, client_id="strict", post_logout_redirect_uri=AFTERWARDS)
    assert (page.status_code, "Do you want to sign out?" in page.get_data(as_text=True)) == (200, True)
    assert len(app.code(browser, prompt="none")) == 43
    hinted = leave(browser, id_token_hint=given["id_token"], post_logout_redirect_uri=AFTERWARDS)
    assert (hinted.status_code, hinted.location) == (302, AFTERWARDS)
    assert parameters(app.ask(browser, prompt="none"))["error"] == "login_required"


def test_a_logout_address_without_client_id_is_refused(world: World) -> None:
    browser = world.browser("ines")
    answer = leave(browser, post_logout_redirect_uri=AFTERWARDS)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert len(Application(world).code(browser, prompt="none")) == 43


def test_a_hint_alone_does_not_stand_for_the_client_id(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    token = json_of(app.redeem(app.code(browser)))["id_token"]
    answer = leave(browser, id_token_hint=token, post_logout_redirect_uri=AFTERWARDS)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_logout_without_anything_ends_on_a_page(world: World) -> None:
    browser = world.browser("ines")
    answer = leave(browser)
    assert (answer.status_code, "You are signed out" in answer.get_data(as_text=True)) == (200, True)
    assert parameters(Application(world).ask(browser, prompt="none"))["error"] == "login_required"


def test_other_applications_stay_signed_in_but_single_sign_on_ends(world: World) -> None:
    app, other, browser = Application(world), Application(world, OTHER), world.browser("ines")
    here = json_of(app.redeem(app.code(browser)))
    there = json_of(other.redeem(other.code(browser)))
    leave(browser, client_id="app")
    assert outcome(app.refresh(here["refresh_token"])) == (400, "invalid_grant")
    assert other.refresh(there["refresh_token"]).status_code == 200
    assert other.ask(browser).location.startswith("/sign-in?")


@pytest.mark.parametrize(("age", "error"), [(timedelta(minutes=119), None), (timedelta(hours=2), "login_required")])
def test_single_sign_on_lasts_two_hours(world: World, age: timedelta, error: str | None) -> None:
    app, browser = Application(world), world.browser("ines")
    engine = world.provider.tokens.engine  # type: ignore[attr-defined]
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(update(session_t).values(created_at=datetime.now(UTC) - age))
    assert parameters(app.ask(browser, prompt="none")).get("error") == error


def test_an_application_outlives_single_sign_on(world: World) -> None:
    app = Application(world)
    token = app.tokens()["refresh_token"]
    world.clock.advance(hours=3)
    assert app.refresh(token).status_code == 200


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_sign_in(world: World) -> None:
    app = Application(world)
    first = app.tokens()
    second = json_of(app.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert outcome(app.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert outcome(app.refresh(second["refresh_token"])) == (400, "invalid_grant")


def test_a_refresh_token_past_its_window_is_an_invalid_request(world: World) -> None:
    app = Application(world)
    token = app.tokens()["refresh_token"]
    world.clock.advance(hours=24)
    assert outcome(app.refresh(token)) == (400, "invalid_request")


def test_strict_calls_a_refresh_token_past_its_window_an_invalid_grant(world: World) -> None:
    app = Application(world, STRICT)
    token = app.tokens()["refresh_token"]
    world.clock.advance(hours=24)
    assert outcome(app.refresh(token)) == (400, "invalid_grant")


def test_no_refresh_token_without_offline_access(world: World) -> None:
    assert sorted(Application(world).tokens(scope="openid")) == [
        "access_token",
        "expires_in",
        "id_token",
        "scope",
        "token_type",
    ]


def test_an_assertion_is_addressed_to_the_issuer(world: World) -> None:
    now = int(world.clock().timestamp())
    said = {"iss": "key-app", "sub": "key-app", "aud": "http://127.0.0.1:8000/op", "exp": now + 60, "jti": "once"}
    signed = jwt.encode({"alg": "RS256", "kid": "its key"}, said, OWN_KEY)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    assert world.app.test_client().post("/op/v1/token", data=form).status_code == 200


def test_introspection_of_a_client_s_own_token_is_as_acm_s(world: World) -> None:
    informed = replace(APP, id="informed", scopes=APP.scopes | {"vo_info"})
    world.add(informed)
    app = Application(world, informed)
    given = json_of(app.post("/op/v1/token", {"grant_type": "client_credentials", "scope": "vo_info"}))
    told = app.introspect(given["access_token"])
    assert sorted(told) == [
        "active", "aud", "client_id", "exp", "iat", "iss", "jwt", "scope", "sub", "token_type", "vo_applicatienaam"
    ]  # fmt: skip
    assert (told["sub"], told["scope"], told["token_type"]) == ("informed", "vo_info", "bearer")
    assert (told["aud"], told["vo_applicatienaam"]) == ("informed", "An application")


def test_introspection_repeats_itself_in_a_signed_copy(world: World) -> None:
    app = Application(world)
    told = app.introspect(app.tokens()["access_token"])
    signed = app.verified(told.pop("jwt"))
    assert signed == told
    assert (told["vo_orgcode"], told["vo_orgnaam"], told["sub"]) == ("1999000150", "Netjes Thuis", "ines")


# --- 3.6 digital keys -------------------------------------------------------------------------------------


def offered(world: World, app: Application, **more: str) -> Iterable[str]:
    """The digital keys that the sign-in page offers to somebody who comes from the application."""
    browser = world.browser()
    page = browser.get(app.ask(browser, **more).location).get_data(as_text=True)
    return [key for key in ("eid", "itsme", "app", "code/sms") if f'href="/sign-in/{key}?' in page]


def test_the_keys_offered_are_those_registered_and_asked_for(world: World) -> None:
    app = Application(world, TWO_KEYS)
    assert offered(world, app) == ["eid", "itsme"]
    assert offered(world, app, acr_values=f"{URN}itsme {URN}csamtotp") == ["itsme"]


def test_keys_of_which_none_is_registered_are_refused(world: World) -> None:
    answer = Application(world, TWO_KEYS).ask(world.browser(), acr_values=f"{URN}csamtotp")
    assert parameters(answer)["error"] == "unmet_authentication_requirements"


def test_strict_takes_keys_of_which_none_is_registered_as_a_wish(world: World) -> None:
    strict = replace(TWO_KEYS, id="two-keys-strict", mode=Mode.STRICT)
    world.add(strict)
    assert offered(world, Application(world, strict), acr_values=f"{URN}csamtotp") == ["eid", "itsme"]


def test_acr_is_told_only_if_asked_for(world: World) -> None:
    app = Application(world)
    assert "acr" not in app.claims()
    assert app.claims(acr_values=f"{URN}itsme {URN}eid")["acr"] == f"{URN}itsme"


def test_strict_always_tells_acr(world: World) -> None:
    assert Application(world, STRICT).claims()["acr"] == f"{URN}itsme"


def test_the_names_of_the_other_keys_are_invented(world: World) -> None:
    told = json_of(world.app.test_client().get("/op/.well-known/openid-configuration"))
    known, invented = ("csamtotp", "eid", "itsme"), ("csamsms", "eidas", "passkey")
    assert sorted(told["acr_values_supported"]) == sorted(f"{URN}{name}" for name in (*known, *invented))


# --- for tests without a browser --------------------------------------------------------------------------


def test_a_persona_goes_straight_through(world: World) -> None:
    app = Application(world)
    hinted = hint(persona="ines", key="itsme", cap_hint="EA", code_hint="1999000150")
    assert app.redeem(app.code(world.app.test_client(), login_hint=hinted)).status_code == 200
