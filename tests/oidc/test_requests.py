"""Each malformed or foreign authorization request gets its error, at its client or on a page, and changes nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accessmgr.core.model import Key
from accessmgr.usecases.relying_parties import Level, Mode
from tests.oidc.building import APP, CALLBACK, Application, World, a_world, hint, parameters, query, world_of
from tests.web.building import built_app

STRICT = replace(APP, id="strict", mode=Mode.STRICT)
NO_PKCE = replace(APP, id="no-pkce", pkce=False)
EID_ONLY = replace(APP, id="eid-only", means=frozenset({Key.EID}))
BY_GROUP = replace(APP, id="by-group", level=Level.TARGET_GROUP)
ITSME = "urn:be:vlaanderen:authmech:itsme"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, APP, STRICT, NO_PKCE, EID_ONLY, BY_GROUP)


ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("no response type", {"response_type": None}, "invalid_request"),
    ("implicit", {"response_type": "id_token"}, "unsupported_response_type"),
    ("hybrid", {"response_type": "code id_token"}, "unsupported_response_type"),
    ("token", {"response_type": "token"}, "unsupported_response_type"),
    ("unknown mode", {"response_mode": "web_message"}, "invalid_request"),
    ("no scope", {"scope": None}, "invalid_scope"),
    ("without openid", {"scope": "profile vo"}, "invalid_scope"),
    ("scope not allowed", {"scope": "openid rrn"}, "invalid_scope"),
    ("scope unknown", {"scope": "openid everything"}, "invalid_scope"),
    ("scope in other letters", {"scope": "openid PROFILE"}, "invalid_scope"),
    ("no challenge", {"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ("method without challenge", {"code_challenge": None}, "invalid_request"),
    ("plain", {"code_challenge_method": "plain"}, "invalid_request"),
    ("challenge without method", {"code_challenge_method": None}, "invalid_request"),
    ("method in other letters", {"code_challenge_method": "s256"}, "invalid_request"),
    ("challenge too short", {"code_challenge": "x" * 42}, "invalid_request"),
    ("challenge too long", {"code_challenge": "x" * 44}, "invalid_request"),
    ("challenge of other letters", {"code_challenge": "x" * 42 + "="}, "invalid_request"),
    ("unknown prompt", {"prompt": "hello"}, "invalid_request"),
    ("prompt none with another", {"prompt": "none login"}, "invalid_request"),
    ("max_age no number", {"max_age": "soon"}, "invalid_request"),
    ("max_age negative", {"max_age": "-1"}, "invalid_request"),
    ("max_age endless", {"max_age": "9" * 10}, "invalid_request"),
    ("request object", {"request": "x.y.z"}, "request_not_supported"),
    ("request by address", {"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
    ("registration", {"registration": "{}"}, "registration_not_supported"),
    ("too long", {"nonce": "x" * 5000}, "invalid_request"),
    ("no key of ours asked for", {"acr_values": "urn:x"}, "unmet_authentication_requirements"),
    ("hint with numbers", {"login_hint": hint(cap_hint=1)}, "invalid_request"),
    ("hint with a list", {"login_hint": hint(cap_hint=["EA"])}, "invalid_request"),
    ("organisation without group", {"login_hint": hint(code_hint="1999000150")}, "invalid_request"),
    ("unknown persona", {"login_hint": hint(persona="nobody")}, "invalid_request"),
    ("unknown key", {"login_hint": hint(persona="ines", key="fingers")}, "invalid_request"),
    ("foreign hint", {"id_token_hint": "a.b.c"}, "invalid_request"),
]


@pytest.mark.parametrize(("what", "changes", "error"), ERRORS, ids=[each[0] for each in ERRORS])
def test_a_faulty_request_gets_its_error_at_the_client_and_changes_nothing(
    world: World, what: str, changes: dict[str, Any], error: str
) -> None:
    app, browser = Application(world), world.browser("ines")
    before = world.size()
    answer = app.ask(browser, **changes)
    sent = parameters(answer)
    assert answer.status_code == 302
    assert answer.location.startswith(f"{CALLBACK}?")
    assert (sent["error"], sent["state"], sent["iss"]) == (error, app.state, "http://127.0.0.1:8000/op")
    assert "code" not in sent
    assert (world.size(), world.kept("token_family"), world.kept("waiting_request")) == (before, 0, 0)


@pytest.mark.parametrize("name", ["scope", "state", "nonce", "response_type", "code_challenge", "prompt"])
def test_a_parameter_that_stands_twice_is_refused(world: World, name: str) -> None:
    fields = Application(world).fields(prompt="login")
    answer = world.browser("ines").get(f"/op/v1/auth?{query([*fields.items(), (name, fields[name])])}")
    assert parameters(answer)["error"] == "invalid_request"


NO_WAY_BACK: list[tuple[str, dict[str, Any]]] = [
    ("no client", {"client_id": None}),
    ("unknown client", {"client_id": "nobody"}),
    ("client in other letters", {"client_id": "APP"}),
    ("no redirect URI", {"redirect_uri": None}),
    ("unregistered", {"redirect_uri": "https://evil.example/callback"}),
    ("with a query", {"redirect_uri": f"{CALLBACK}?x=1"}),
    ("an error too", {"redirect_uri": "https://evil.example/", "response_type": "token"}),
]


@pytest.mark.parametrize(("what", "changes"), NO_WAY_BACK, ids=[each[0] for each in NO_WAY_BACK])
def test_without_a_registered_way_back_there_is_a_page_and_no_redirect(
    world: World, what: str, changes: dict[str, Any]
) -> None:
    before = world.size()
    for browser in (world.browser("ines"), world.browser()):
        answer = Application(world).ask(browser, **changes)
        assert (answer.status_code, "Location" in answer.headers) == (400, False)
        assert "The application cannot be answered" in answer.get_data(as_text=True)
        assert '"https://evil' not in answer.get_data(as_text=True)
    assert world.size() == before


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_client_or_redirect_uri_that_stands_twice_gets_no_redirect(world: World, name: str) -> None:
    fields = Application(world).fields()
    answer = world.browser("ines").get(f"/op/v1/auth?{query([*fields.items(), (name, fields[name])])}")
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_acm_refuses_a_scope_that_is_not_allowed_before_anybody_signs_in(world: World) -> None:
    answer = Application(world).ask(world.browser(), scope="openid rrn")
    assert parameters(answer)["error"] == "invalid_scope"


def test_a_strict_client_has_a_scope_that_is_not_allowed_left_out(world: World) -> None:
    app = Application(world, STRICT)
    given = app.redeem(app.code(world.browser("ines"), scope="openid rrn profile")).get_json()
    assert given["scope"] == "openid profile"


def test_a_strict_client_gets_any_key_if_none_that_it_asks_for_is_known(world: World) -> None:
    assert len(Application(world, STRICT).code(world.browser("ines"), acr_values="1 2")) == 43


def test_a_client_registered_without_pkce_needs_none_but_takes_no_plain_one(world: World) -> None:
    app = Application(world, NO_PKCE)
    assert len(app.code(world.browser("ines"), code_challenge=None, code_challenge_method=None)) == 43
    refused = app.ask(world.browser("ines"), code_challenge_method="plain")
    assert parameters(refused)["error"] == "invalid_request"


def test_acm_asks_for_a_key_that_is_registered_and_asked_for(world: World) -> None:
    app = Application(world, EID_ONLY)
    assert parameters(app.ask(world.browser("ines"), acr_values=ITSME))["error"] == "unmet_authentication_requirements"
    assert app.ask(world.browser("ines")).location.startswith("/sign-in?")
    assert len(app.code(world.browser("ines", Key.EID))) == 43


def test_acm_refuses_a_hint_that_is_finer_than_the_level_of_the_client(world: World) -> None:
    finer = hint(cap_hint="EA", code_hint="1999000150")
    app = Application(world, BY_GROUP)
    assert parameters(app.ask(world.browser("ines"), login_hint=finer))["error"] == "invalid_request"
    assert len(app.code(world.browser("ines"), login_hint=hint(cap_hint="EA"))) == 43


def test_a_hint_of_another_kind_hints_at_nothing(world: World) -> None:
    app = Application(world)
    for text in ("ines@example.be", "!!!", "bm90IGpzb24=", hint(persona="ines")[:-5], "W10=", "[" * 3000):
        assert len(app.code(world.browser("ines"), login_hint=text)) == 43


@pytest.mark.parametrize(("mode", "part"), [("query", "query"), ("fragment", "fragment")])
def test_an_answer_travels_as_the_client_asks(world: World, mode: str, part: str) -> None:
    app = Application(world)
    answer = app.ask(world.browser("ines"), response_mode=mode)
    assert sorted(parameters(answer, part)) == ["code", "iss", "state"]
    wrong = app.ask(world.browser("ines"), response_mode=mode, scope="openid rrn")
    assert parameters(wrong, part)["error"] == "invalid_scope"


def test_an_answer_by_form_may_go_to_the_client_alone_and_works_without_javascript(world: World) -> None:
    answer = Application(world).ask(world.browser("ines"), response_mode="form_post", state='"><script>')
    page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert f'action="{CALLBACK}"' in page
    assert 'name="code"' in page
    assert '<button type="submit"' in page
    assert '"><script>' not in page
    assert "form-action 'self' https://app.example;" in policy


def test_a_request_in_a_form_is_answered_by_a_link_to_the_same_request(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    answer = browser.post("/op/v1/auth", data={**app.fields(), "_external": "1", "_scheme": "javascript"})
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/op/v1/auth")
    assert sorted(parameters(browser.get(answer.location))) == ["code", "iss", "state"]


def test_outside_simulation_a_persona_is_no_way_in_and_a_loopback_port_no_wildcard(tmp_path: Path) -> None:
    loopback = replace(APP, id="loopback", redirect_uris=("http://127.0.0.1:*/cb",))
    (tmp_path / "data").mkdir()
    settings = {"simulation": False, "base_url": "https://acm.example", "secret_key": "s" * 40}
    app = built_app(tmp_path / "data", keys_file=str(tmp_path / "keys" / "keys.json"), **settings)
    world = world_of(app, APP, loopback)
    answer = Application(world).ask(world.app.test_client(), login_hint=hint(persona="ines"))
    assert answer.location.startswith("/sign-in?")
    wild = Application(world, loopback).ask(world.app.test_client(), redirect_uri="http://127.0.0.1:5000/cb")
    assert wild.status_code == 400
