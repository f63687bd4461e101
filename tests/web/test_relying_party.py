"""What the secure area takes from the provider, and what it refuses: a refusal signs nobody in and says what to do."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.test import TestResponse

from accessmgr.core.model import Key
from accessmgr.oidc.back_channel import EVENT, send_due
from accessmgr.web.inside import Answer
from accessmgr.web.relying_party import RelyingParty
from accessmgr.web.secure_area_sign_in import EXTENSION
from tests.oidc.building import RealClock, a_world, provider_of
from tests.web.building import NETJES, area_client, followed, in_area, post, signed_in_client

AREA = f"/secure-area/{NETJES}/service_vouchers/V99901/"
CALLBACK = "/secure-area/callback"
LOGOUT = "/secure-area/backchannel-logout"
ISSUER = "http://127.0.0.1:8000/op"
REFUSED = "You are not signed in to the secure area"

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return a_world(tmp_path).app


def fields_of(answer: TestResponse) -> dict[str, str]:
    """What a redirect carries."""
    return dict(parse_qsl(urlsplit(answer.location).query))


def asked(client: FlaskClient, page: str = AREA) -> dict[str, str]:
    """The request with which a page sends to the provider."""
    return fields_of(client.get(page))


def answered(client: FlaskClient, request: Mapping[str, str]) -> dict[str, str]:
    """The answer of the provider to a request."""
    return fields_of(client.get("/op/v1/auth", query_string=request))


def is_in(client: FlaskClient) -> bool:
    """Whether the area's page opens without another sign-in."""
    return client.get(AREA).status_code == 200


def refusal(client: FlaskClient, answer: Mapping[str, str]) -> str:
    """The reason on the page that refuses an answer."""
    page = client.get(CALLBACK, query_string=answer)
    text = page.get_data(as_text=True)
    assert (page.status_code, REFUSED in text, "Sign in to the secure area" in text) == (400, True, True)
    assert not is_in(client)
    return text.partition('<code lang="en">')[2].partition("</code>")[0]


# --- the way in -------------------------------------------------------------------------------------------


def test_who_is_signed_in_gets_to_the_page_by_redirects_alone(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    request = asked(client)
    assert (request["client_id"], request["code_challenge_method"], request["redirect_uri"]) == (
        "secure-area",
        "S256",
        "http://127.0.0.1:8000/secure-area/callback",
    )
    back = client.get(CALLBACK, query_string=answered(client, request))
    assert (back.status_code, back.location) == (302, AREA)
    assert is_in(client)


def test_who_is_not_signed_in_is_sent_to_sign_in_by_the_provider(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/op/v1/auth", query_string=asked(client))
    assert answer.location.startswith("/sign-in?")


def test_the_page_to_sign_in_names_the_area_in_the_language_of_the_page(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("language", "nl")
    page = client.get(client.get("/op/v1/auth", query_string=asked(client)).location).get_data(as_text=True)
    assert "Beveiligde zone van de dienstencheques vraagt u om aan te melden." in page


def test_a_form_to_enter_leads_to_its_page_after_the_sign_in(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    form = {"enterprise": "1999.000.150", "right": "service_vouchers", "context": "V99901"}
    entered = post(client, "/secure-area/enter", form)
    assert entered.status_code == 303
    back = client.get(CALLBACK, query_string=answered(client, fields_of(entered)))
    assert back.location == AREA


def test_a_form_that_makes_no_sense_leads_to_the_first_page(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    entered = post(client, "/secure-area/enter", {"enterprise": "1", "right": "none", "context": "x"})
    back = client.get(CALLBACK, query_string=answered(client, fields_of(entered)))
    assert back.location == "/secure-area/"


def test_two_tabs_sign_in_side_by_side(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    first, second = asked(client), asked(client, "/secure-area/")
    assert client.get(CALLBACK, query_string=answered(client, first)).location == AREA
    assert client.get(CALLBACK, query_string=answered(client, second)).location == "/secure-area/"


# --- what comes back --------------------------------------------------------------------------------------

WRONG_ANSWERS: list[tuple[dict[str, str | None], str]] = [
    ({"state": None}, "state"),
    ({"state": "another"}, "state"),
    ({"state": "é"}, "state"),
    ({"iss": None}, "iss"),
    ({"iss": "https://evil.example/op"}, "iss"),
    ({"iss": f"{ISSUER}/"}, "iss"),
    ({"code": None}, "invalid_grant"),
    ({"code": "unknown"}, "invalid_grant"),
    ({"error": "access_denied"}, "access_denied"),
    ({"error": "<script>"}, "error"),
]


@pytest.mark.parametrize(("changes", "reason"), WRONG_ANSWERS)
def test_an_answer_that_is_not_in_order_signs_nobody_in(
    app: Flask, changes: dict[str, str | None], reason: str
) -> None:
    client = signed_in_client(app, "ines")
    answer: dict[str, Any] = {**answered(client, asked(client)), **changes}
    sent = {name: value for name, value in answer.items() if value is not None}
    assert refusal(client, sent) == reason


def test_an_answer_counts_once(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    answer = answered(client, asked(client))
    assert client.get(CALLBACK, query_string=answer).status_code == 302
    post(client, "/secure-area/leave")
    assert refusal(client, answer) == "state"


def test_a_replayed_code_is_refused_even_with_the_cookie_of_then(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    answer = answered(client, asked(client))
    kept = client.get_cookie("accessmgr")
    assert kept is not None
    client.get(CALLBACK, query_string=answer)
    client.set_cookie("accessmgr", kept.value)
    page = client.get(CALLBACK, query_string=answer)
    assert (page.status_code, "invalid_grant" in page.get_data(as_text=True)) == (400, True)


def test_an_answer_meant_for_another_browser_is_refused(app: Flask) -> None:
    mallory, victim = signed_in_client(app, "noah"), signed_in_client(app, "ines")
    answer = answered(mallory, asked(mallory))
    asked(victim)
    assert refusal(victim, answer) == "state"


def test_a_code_of_one_tab_does_not_go_with_the_state_of_another(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    first, second = asked(client), asked(client)
    mixed = {**answered(client, first), "state": second["state"]}
    assert refusal(client, mixed) == "invalid_grant"


def test_an_answer_about_somebody_who_is_not_signed_in_here_any_more_is_refused(app: Flask) -> None:
    client, other = signed_in_client(app, "ines"), signed_in_client(app, "noah")
    answer = answered(client, asked(client))
    with other.session_transaction() as theirs, client.session_transaction() as session:
        session["_user_id"] = theirs["_user_id"]
    assert refusal(client, answer) == "session"


def test_a_parameter_that_stands_twice_is_refused(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    answer = answered(client, asked(client))
    assert refusal(client, [*answer.items(), ("iss", ISSUER)]) == "twice"  # type: ignore[arg-type]


def test_the_provider_refuses_the_area_without_pkce_and_the_area_says_so(app: Flask) -> None:
    client = signed_in_client(app, "ines")
    request = {name: value for name, value in asked(client).items() if not name.startswith("code_challenge")}
    assert refusal(client, answered(client, request)) == "invalid_request"


# --- the ID token -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Altering:
    """The provider, one of whose answers is altered on its way."""

    real: Callable[[str, Mapping[str, str] | None], Any]
    alter: Callable[[dict[str, Any]], object]

    def __call__(self, address: str, form: Mapping[str, str] | None) -> Answer:
        """The answer to a call."""
        answer: Answer = self.real(address, form)
        if not address.endswith("/v1/token"):
            return answer
        content = json.loads(answer.body)
        self.alter(content)
        return Answer(answer.status, json.dumps(content).encode())


def party_of(app: Flask) -> RelyingParty:
    party: RelyingParty = app.extensions[EXTENSION]
    return party


def altering(app: Flask, alter: Callable[[dict[str, Any]], object]) -> FlaskClient:
    """A client at an area whose provider answers in another way."""
    party = party_of(app)
    app.extensions[EXTENSION] = replace(party, call=Altering(party.call, alter))
    return signed_in_client(app, "ines")


def resigned(app: Flask, change: Change, **header: Any) -> Callable[[dict[str, Any]], object]:
    """Let the provider sign other claims."""
    key = provider_of(app).keys.current()

    def alter(content: dict[str, Any]) -> None:
        claims = payload(content["id_token"])
        change(claims)
        whole = {"alg": "RS256", "typ": "JWT", "kid": key.id, **header}
        content["id_token"] = jwt.encode(whole, claims, RSAKey.import_key(key.pem))

    return alter


def payload(token: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


def finishing(client: FlaskClient) -> dict[str, str]:
    """An answer to a request of the area."""
    return answered(client, asked(client))


NEAR_MISSES: list[Change] = [
    lambda claims: None,
    lambda claims: claims.update(aud=["secure-area"]),
    lambda claims: claims.pop("azp"),
    lambda claims: claims.update(iat=claims["iat"] - 590),
    lambda claims: claims.update(exp=claims["iat"] + 30),
    lambda claims: claims.update(something="else"),
]


@pytest.mark.parametrize("change", NEAR_MISSES)
def test_an_id_token_that_is_in_order_signs_in(app: Flask, change: Change) -> None:
    client = altering(app, resigned(app, change))
    assert client.get(CALLBACK, query_string=finishing(client)).status_code == 302
    assert is_in(client)


WRONG_CLAIMS: list[tuple[Change, str]] = [
    (lambda claims: claims.update(iss="https://evil.example/op"), "iss"),
    (lambda claims: claims.pop("iss"), "iss"),
    (lambda claims: claims.update(aud="app"), "aud"),
    (lambda claims: claims.update(aud=["secure-area", "app"]), "aud"),
    (lambda claims: claims.update(aud=[]), "aud"),
    (lambda claims: claims.pop("aud"), "aud"),
    (lambda claims: claims.update(azp="app"), "azp"),
    (lambda claims: claims.update(exp=claims["iat"] - 30), "exp"),
    (lambda claims: claims.update(exp="later"), "exp"),
    (lambda claims: claims.update(exp=True), "exp"),
    (lambda claims: claims.pop("exp"), "exp"),
    (lambda claims: claims.update(iat=claims["iat"] - 660), "iat"),
    (lambda claims: claims.update(iat=claims["iat"] + 120), "iat"),
    (lambda claims: claims.pop("iat"), "iat"),
    (lambda claims: claims.update(nonce="another"), "nonce"),
    (lambda claims: claims.pop("nonce"), "nonce"),
    (lambda claims: claims.update(at_hash="another"), "at_hash"),
    (lambda claims: claims.pop("at_hash"), "at_hash"),
    (lambda claims: claims.pop("acr"), "acr"),
    (lambda claims: claims.update(acr="urn:be:vlaanderen:authmech:none"), "acr"),
    (lambda claims: claims.update(acr="urn:be:vlaanderen:authmech:eid"), "session"),
    (lambda claims: claims.pop("sub"), "sub"),
    (lambda claims: claims.update(sub="noah"), "session"),
    (lambda claims: claims.pop("sid"), "sub"),
]


@pytest.mark.parametrize(("change", "reason"), WRONG_CLAIMS)
def test_an_id_token_that_differs_in_one_claim_is_refused(app: Flask, change: Change, reason: str) -> None:
    client = altering(app, resigned(app, change))
    assert refusal(client, finishing(client)) == reason


def unsigned(content: dict[str, Any]) -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT","kid":"x"}').rstrip(b"=").decode()
    content["id_token"] = f"{header}.{content['id_token'].split('.')[1]}."


def with_a_shared_secret(content: dict[str, Any]) -> None:
    key = OctKey.import_key("a secret that is long enough for this")
    header = {"alg": "HS256", "typ": "JWT", "kid": "x"}
    content["id_token"] = jwt.encode(header, payload(content["id_token"]), key, algorithms=["HS256"])


def by_a_strange_key(content: dict[str, Any]) -> None:
    header = {"alg": "RS256", "typ": "JWT", "kid": jws.extract_compact(content["id_token"].encode()).headers()["kid"]}
    content["id_token"] = jwt.encode(header, payload(content["id_token"]), RSAKey.generate_key(2048))


def with_a_broken_signature(content: dict[str, Any]) -> None:
    head, body, signature = content["id_token"].split(".")
    content["id_token"] = f"{head}.{body}.{signature[::-1]}"


WRONG_TOKENS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (unsigned, "header"),
    (with_a_shared_secret, "header"),
    (by_a_strange_key, "signature"),
    (with_a_broken_signature, "signature"),
    (lambda content: content.update(id_token="none"), "signature"),
    (lambda content: content.pop("id_token"), "id_token"),
    (lambda content: content.update(token_type="mac"), "token_type"),
    (lambda content: content.update(access_token="another"), "at_hash"),
]


@pytest.mark.parametrize(("alter", "reason"), WRONG_TOKENS)
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    app: Flask, alter: Callable[[dict[str, Any]], object], reason: str
) -> None:
    client = altering(app, alter)
    assert refusal(client, finishing(client)) == reason


@pytest.mark.parametrize("header", [{"kid": "unknown"}, {"typ": "logout+jwt"}])
def test_an_id_token_of_another_key_or_type_is_refused(app: Flask, header: dict[str, str]) -> None:
    client = altering(app, resigned(app, lambda claims: None, **header))
    assert refusal(client, finishing(client)) in ("signature", "header")


def test_a_provider_that_calls_itself_otherwise_is_not_asked(app: Flask) -> None:
    app.extensions[EXTENSION] = replace(party_of(app), issuer=f"{ISSUER}/v1/..")
    page = signed_in_client(app, "ines").get(AREA)
    assert (page.status_code, REFUSED in page.get_data(as_text=True)) == (400, True)


# --- the session of the area ------------------------------------------------------------------------------


def test_somebody_else_in_the_same_browser_is_not_in_the_area_of_the_one_before(app: Flask) -> None:
    client = area_client(app, "ines")
    post(client, "/simulator/become", {"persona": "noah"})
    assert client.get(AREA).status_code == 302
    assert followed(client, client.get(AREA)).status_code == 403


def test_a_stronger_key_counts_at_once(app: Flask) -> None:
    client = area_client(app, "ines", Key.SMS)
    assert client.get(AREA).status_code == 403
    with signed_in_client(app, "ines").session_transaction() as stronger, client.session_transaction() as session:
        session["_user_id"] = stronger["_user_id"]
    assert followed(client, client.get(AREA)).status_code == 200


def test_leaving_ends_the_area_alone(app: Flask) -> None:
    client = area_client(app, "ines")
    assert post(client, "/secure-area/leave").location == "/secure-area/signed-out"
    assert client.get(AREA).status_code == 302
    assert client.get("/managers/").status_code == 200
    assert followed(client, client.get(AREA)).status_code == 200


def test_signing_out_of_the_area_signs_out_at_the_provider(app: Flask) -> None:
    client = area_client(app, "ines")
    gone = followed(client, post(client, "/secure-area/sign-out"))
    assert "You are signed out at the provider too." in gone.get_data(as_text=True)
    assert client.get("/managers/").status_code == 302


def test_the_panel_tells_what_the_area_saw_and_no_national_number(app: Flask) -> None:
    page = area_client(app, "ines").get(AREA).get_data(as_text=True)
    assert "What the application saw" in page
    assert "DienstenchequesErkendeOnderneming-V99901:1999000150" in page
    assert "95.08.17" not in page
    assert "950817" not in page


# --- logout tokens ----------------------------------------------------------------------------------------


def told(app: Flask, sid: str, type_: str = "logout+jwt", **changes: Any) -> int:
    """How the area answers to a logout token; None leaves a claim out."""
    op = provider_of(app)
    key, now = op.keys.current(), int(RealClock()().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": "secure-area",
        "sub": "ines",
        "sid": sid,
        "jti": "one",
        "iat": now,
        "exp": now + 120,
        "events": {EVENT: {}},
        **changes,
    }
    token = jwt.encode(
        {"alg": "RS256", "typ": type_, "kid": key.id},
        {name: value for name, value in claims.items() if value is not None},
        RSAKey.import_key(key.pem),
    )
    return app.test_client().post(LOGOUT, data={"logout_token": token}).status_code


def sid_of(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return str(session["secure_area"]["sid"])


def test_a_logout_token_ends_the_area_of_that_sign_in_and_no_other(app: Flask) -> None:
    client, other = area_client(app, "ines"), area_client(app, "ines")
    assert told(app, sid_of(client)) == 200
    assert (is_in(client), is_in(other)) == (False, True)


def test_a_logout_token_counts_once(app: Flask) -> None:
    client = area_client(app, "ines")
    assert told(app, sid_of(client)) == 200
    in_area(client)
    assert told(app, sid_of(client)) == 400
    assert is_in(client)


WRONG_LOGOUTS: list[dict[str, Any]] = [
    {"iss": "https://evil.example/op"},
    {"aud": "app"},
    {"exp": 1},
    {"iat": 1},
    {"nonce": "x"},
    {"events": None},
    {"events": {}},
    {"events": {EVENT: "x"}},
    {"sid": None},
    {"sub": None},
    {"jti": None},
    {"type_": "JWT"},
]


@pytest.mark.parametrize("changes", WRONG_LOGOUTS, ids=str)
def test_a_logout_token_that_is_not_in_order_ends_nothing(app: Flask, changes: dict[str, Any]) -> None:
    client = area_client(app, "ines")
    assert told(app, **{"sid": sid_of(client), **changes}) == 400
    assert is_in(client)


def test_no_token_and_a_broken_one_end_nothing(app: Flask) -> None:
    client = app.test_client()
    assert [client.post(LOGOUT, data=data).status_code for data in ({}, {"logout_token": "x.y.z"})] == [400, 400]


def test_the_provider_tells_the_area_when_its_sign_in_ends_elsewhere(app: Flask) -> None:
    here, there = area_client(app, "ines"), signed_in_client(app, "ines")
    post(there, "/sign-out/everywhere")
    op = provider_of(app)
    clock = RealClock()
    clock.advance(minutes=1)
    app.extensions["accessmgr.oidc"] = replace(op, now=clock)
    assert [each.client for each in op.outbox.all()] == ["secure-area"]
    assert send_due(provider_of(app)) == {"sent": 1, "failed": 0}
    assert here.get(AREA).status_code == 302
