"""The modules of the Basic OP plan, in its order: one test each, named after its module."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from joserfc import jws

from accessmgr.usecases.relying_parties import Method, Mode, hashed
from tests.oidc.building import APP, CALLBACK, SECRET, json_of, parameters
from tests.oidc.conformance.plans import Result, Rp, discovery, module

URL_OF_REQUEST = "https://app.example/request.jwt"


def outcome(answer: Any) -> tuple[int, str]:
    """Status and error."""
    return answer.status_code, answer.get_json()["error"]


def unsigned(**claims: Any) -> str:
    """A request object that nobody signed."""
    parts = ({"alg": "none"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(it).encode()).decode().rstrip("=") for it in parts), ""])


@module("oidcc-server")
def test_oidcc_server(op: Rp, mode: Mode) -> None:
    given = op.flow()
    told = op.verified(given["id_token"])
    now = int(op.world.clock().timestamp())
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert (told["iss"], told["aud"], told["sub"], told["nonce"]) == (discovery(op)["issuer"], "app", "ines", op.nonce)
    assert (told["iat"], told["exp"]) == (now, now + 3600)


@module("oidcc-response-type-missing")
def test_oidcc_response_type_missing(op: Rp, mode: Mode) -> None:
    assert op.error(response_type=None) == "invalid_request"


@module("oidcc-idtoken-signature")
def test_oidcc_idtoken_signature(op: Rp, mode: Mode) -> None:
    published = json_of(op.world.app.test_client().get("/op/v1/keys"))
    token = op.flow()["id_token"]
    header = jws.extract_compact(token.encode()).headers()
    known = [key["kid"] for key in published["keys"] if key["kty"] == "RSA" and key["use"] == "sig"]
    assert (header["alg"], known.count(header["kid"])) == ("RS256", 1)
    assert op.verified(token)["sub"] == "ines"


@module("oidcc-idtoken-unsigned", Result.NOT_OFFERED)
def test_oidcc_idtoken_unsigned(op: Rp, mode: Mode) -> None:
    assert discovery(op)["id_token_signing_alg_values_supported"] == ["RS256"]


@module("oidcc-userinfo-get")
def test_oidcc_userinfo_get(op: Rp, mode: Mode) -> None:
    given = op.flow()
    answer = op.userinfo(given["access_token"])
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json()["sub"] == op.verified(given["id_token"])["sub"]


@module("oidcc-userinfo-post-header")
def test_oidcc_userinfo_post_header(op: Rp, mode: Mode) -> None:
    headers = {"Authorization": f"Bearer {op.flow()['access_token']}"}
    answer = op.world.app.test_client().post("/op/v1/userinfo", headers=headers)
    assert (answer.status_code, answer.get_json()["sub"]) == (200, "ines")


@module("oidcc-userinfo-post-body")
def test_oidcc_userinfo_post_body(op: Rp, mode: Mode) -> None:
    form = {"access_token": op.flow()["access_token"]}
    answer = op.world.app.test_client().post("/op/v1/userinfo", data=form)
    assert (answer.status_code, answer.get_json()["sub"]) == (200, "ines")


@module("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(op: Rp, mode: Mode) -> None:
    assert "nonce" not in op.flow_claims(nonce=None)


@module("oidcc-scope-profile")
def test_oidcc_scope_profile(op: Rp, mode: Mode) -> None:
    told = json_of(op.userinfo(op.flow(scope="openid profile")["access_token"]))
    assert (told["given_name"], told["family_name"]) == ("Inès", "Dubois")


def answers_to_scope(op: Rp, scope: str) -> dict[str, str]:
    """What a client in either mode gets for a scope that the provider does not have."""
    for client in (replace(op.client, id="as-acm", mode=Mode.ACM), replace(op.client, id="strict", mode=Mode.STRICT)):
        op.world.add(client)
    as_acm = replace(op, client=replace(op.client, id="as-acm"))
    strict = replace(op, client=replace(op.client, id="strict"))
    return {"as ACM": as_acm.error(scope=f"openid {scope}"), "strict": strict.flow(scope=f"openid {scope}")["scope"]}


@module("oidcc-scope-email", Result.NOT_OFFERED)
def test_oidcc_scope_email(op: Rp, mode: Mode) -> None:
    assert "email" not in discovery(op)["scopes_supported"]
    assert answers_to_scope(op, "email") == {"as ACM": "invalid_scope", "strict": "openid"}


@module("oidcc-scope-address", Result.NOT_OFFERED)
def test_oidcc_scope_address(op: Rp, mode: Mode) -> None:
    assert "address" not in discovery(op)["scopes_supported"]
    assert answers_to_scope(op, "address") == {"as ACM": "invalid_scope", "strict": "openid"}


@module("oidcc-scope-phone", Result.NOT_OFFERED)
def test_oidcc_scope_phone(op: Rp, mode: Mode) -> None:
    assert "phone" not in discovery(op)["scopes_supported"]
    assert answers_to_scope(op, "phone") == {"as ACM": "invalid_scope", "strict": "openid"}


@module("oidcc-scope-all", Result.NOT_OFFERED)
def test_oidcc_scope_all(op: Rp, mode: Mode) -> None:
    told = answers_to_scope(op, "profile email address phone")
    assert told == {"as ACM": "invalid_scope", "strict": "openid profile"}


@module("oidcc-alternate-happy-flow")
def test_oidcc_alternate_happy_flow(op: Rp, mode: Mode) -> None:
    fields = dict(reversed(op.fields(scope="profile openid").items()))
    sent = parameters(op.signed_in(op.browser.get("/op/v1/auth", query_string=fields)))
    told = op.verified(json_of(op.exchange(sent["code"]))["id_token"])
    assert (told["sub"], told["given_name"]) == ("ines", "Inès")


@module("oidcc-display-page")
def test_oidcc_display_page(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(display="page")["sub"] == "ines"


@module("oidcc-display-popup")
def test_oidcc_display_popup(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(display="popup")["sub"] == "ines"


@module("oidcc-prompt-login")
def test_oidcc_prompt_login(op: Rp, mode: Mode) -> None:
    first = op.flow_claims()
    op.sign_in_ago(timedelta(seconds=60))
    again = op.ask(op.browser, prompt="login")
    assert again.location.startswith("/sign-in?")
    sent = parameters(op.signed_in(again))
    second = op.verified(json_of(op.exchange(sent["code"]))["id_token"])
    assert (second["sub"], second["sid"] == first["sid"]) == (first["sub"], False)


@module("oidcc-prompt-none-not-logged-in")
def test_oidcc_prompt_none_not_logged_in(op: Rp, mode: Mode) -> None:
    assert op.error(prompt="none") == "login_required"


@module("oidcc-prompt-none-logged-in")
def test_oidcc_prompt_none_logged_in(op: Rp, mode: Mode) -> None:
    first = op.flow_claims()
    sent = parameters(op.ask(op.browser, prompt="none"))
    second = op.verified(json_of(op.exchange(sent["code"]))["id_token"])
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


@module("oidcc-max-age-1")
def test_oidcc_max_age_1(op: Rp, mode: Mode) -> None:
    op.flow()
    op.sign_in_ago(timedelta(seconds=30))
    long_ago = op.flow_claims()["auth_time"]
    again = op.ask(op.browser, max_age="1")
    assert again.location.startswith("/sign-in?")
    told = op.verified(json_of(op.exchange(parameters(op.signed_in(again))["code"]))["id_token"])
    assert told["auth_time"] - long_ago >= 29


@module("oidcc-max-age-10000")
def test_oidcc_max_age_10000(op: Rp, mode: Mode) -> None:
    first = op.flow_claims()
    sent = parameters(op.ask(op.browser, max_age="10000"))
    second = op.verified(json_of(op.exchange(sent["code"]))["id_token"])
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


@module("oidcc-ensure-request-with-unknown-parameter-succeeds")
def test_oidcc_ensure_request_with_unknown_parameter_succeeds(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(extra="foobar")["sub"] == "ines"


@module("oidcc-id-token-hint")
def test_oidcc_id_token_hint(op: Rp, mode: Mode) -> None:
    first = op.flow()["id_token"]
    sent = parameters(op.ask(op.browser, prompt="none", id_token_hint=first))
    second = op.verified(json_of(op.exchange(sent["code"]))["id_token"])
    assert second["sub"] == op.verified(first)["sub"]


@module("oidcc-login-hint")
def test_oidcc_login_hint(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(login_hint="buffy@app.example")["sub"] == "ines"


@module("oidcc-ui-locales")
def test_oidcc_ui_locales(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(ui_locales="se")["sub"] == "ines"


@module("oidcc-claims-locales")
def test_oidcc_claims_locales(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(claims_locales="se")["sub"] == "ines"


@module("oidcc-ensure-request-with-acr-values-succeeds", Result.STRICT)
def test_oidcc_ensure_request_with_acr_values_succeeds(op: Rp, mode: Mode) -> None:
    assert op.flow_claims(acr_values="1 2")["acr"] == "urn:be:vlaanderen:authmech:eid"


@module("oidcc-codereuse")
def test_oidcc_codereuse(op: Rp, mode: Mode) -> None:
    code = parameters(op.authorize())["code"]
    assert op.exchange(code).status_code == 200
    assert outcome(op.exchange(code)) == (400, "invalid_grant")


@module("oidcc-codereuse-30seconds")
def test_oidcc_codereuse_30seconds(op: Rp, mode: Mode) -> None:
    code = parameters(op.authorize())["code"]
    given = json_of(op.exchange(code))
    assert op.userinfo(given["access_token"]).status_code == 200
    op.world.clock.advance(seconds=30)
    assert outcome(op.exchange(code)) == (400, "invalid_grant")
    assert op.userinfo(given["access_token"]).status_code == 401


@module("oidcc-ensure-registered-redirect-uri")
def test_oidcc_ensure_registered_redirect_uri(op: Rp, mode: Mode) -> None:
    answer = op.ask(op.browser, redirect_uri=f"{CALLBACK}/unregistered")
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert "The application cannot be answered" in answer.get_data(as_text=True)


@module("oidcc-ensure-post-request-succeeds")
def test_oidcc_ensure_post_request_succeeds(op: Rp, mode: Mode) -> None:
    answer = op.browser.post("/op/v1/auth", data=op.fields())
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/op/v1/auth")
    sent = parameters(op.signed_in(op.browser.get(answer.location)))
    assert op.exchange(sent["code"]).status_code == 200


@module("oidcc-server-client-secret-post")
def test_oidcc_server_client_secret_post(op: Rp, mode: Mode) -> None:
    by_post = replace(op.client, id="by-post", methods=frozenset({Method.POST}), secret=hashed(SECRET))
    op.world.add(by_post)
    poster = replace(op, client=by_post)
    code = parameters(poster.authorize())["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "by-post",
        "client_secret": SECRET,
    }
    assert outcome(poster.exchange(code)) == (401, "invalid_client")
    assert op.world.app.test_client().post("/op/v1/token", data=form).status_code == 200


@module("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported")
def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(op: Rp, mode: Mode) -> None:
    assert op.error(request_uri=URL_OF_REQUEST) == "request_uri_not_supported"
    assert discovery(op)["request_uri_parameter_supported"] is False


@module("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")
def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(op: Rp, mode: Mode) -> None:
    assert op.error(request=unsigned(state="of the object")) == "request_not_supported"
    assert discovery(op)["request_parameter_supported"] is False


@module("oidcc-claims-essential")
def test_oidcc_claims_essential(op: Rp, mode: Mode) -> None:
    assert discovery(op)["claims_parameter_supported"] is False
    assert op.flow_claims(claims=json.dumps({"userinfo": {"name": {"essential": True}}}))["sub"] == "ines"


@module("oidcc-ensure-request-object-with-redirect-uri", Result.NOT_OFFERED)
def test_oidcc_ensure_request_object_with_redirect_uri(op: Rp, mode: Mode) -> None:
    of_object = unsigned(redirect_uri="https://evil.example/")
    answer = op.ask(op.browser, request=of_object)
    assert (answer.location.partition("?")[0], parameters(answer)["error"]) == (CALLBACK, "request_not_supported")
    elsewhere = op.ask(op.browser, request=of_object, redirect_uri="https://evil.example/")
    assert (elsewhere.status_code, "Location" in elsewhere.headers) == (400, False)


@module("oidcc-refresh-token")
def test_oidcc_refresh_token(op: Rp, mode: Mode) -> None:
    first = op.flow(scope="openid offline_access", prompt="consent")
    second = json_of(op.refresh(first["refresh_token"]))
    old, new = op.verified(first["id_token"]), op.verified(second["id_token"])
    same = ("iss", "sub", "aud", "auth_time", "azp")
    assert [new[name] for name in same] == [old[name] for name in same]
    assert second["access_token"] != first["access_token"]
    op.world.add(replace(APP, id="second", pkce=False))
    foreign = replace(op, client=replace(op.client, id="second"))
    assert outcome(foreign.refresh(second["refresh_token"])) == (400, "invalid_grant")


@module("oidcc-ensure-request-with-valid-pkce-succeeds")
def test_oidcc_ensure_request_with_valid_pkce_succeeds(op: Rp, mode: Mode) -> None:
    asked = {"code_challenge": op.challenge, "code_challenge_method": "S256"}
    code = parameters(op.authorize(**asked))["code"]
    assert op.redeem(code).status_code == 200
