"""Text that no program would send, in every field of every endpoint, on both databases.

None of it brings a fault of the server, a token, or a redirect to a foreign address.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from tests.oidc.building import APP, CALLBACK, SECRET, Application, World, basic, hint, key_client, world_of
from tests.web.building import built_app, demo_chain

KEY = RSAKey.generate_key(2048)
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000/op"
NASTY = {
    "NUL": "a\0b",
    "controls": "\x01\x1f\x7f\x85",
    "line ends": "a\r\nLocation: https://evil.example/\r\n\r\nb",
    "no character": "\ufffe\uffff\ufdd0",
    "beyond the first plane": "\U0001f600\u202e",
    "quotes": "' OR 1=1 --\"`;{{7*7}}%s",
    "percent": "%00%ff%zz%%",
    "long": "x" * 5000,
    "empty": "",
    "spaces": " \t ",
}
IN_JSON: list[Any] = [*NASTY.values(), "\ud800", "\udfff\ud800", 1.5, True, -1, 10**40, [], [[]], {}, {"a": []}]
RAW = [b"%ff%fe", b"%ed%a0%80", b"%00", b"\xff\xfe\x00", b"%", b"%u0000"]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """The demo chain in a database of each kind, with a client with a secret and one with a key."""
    app = built_app(tmp_path, database_url=database_url)
    demo_chain(app)
    world = world_of(app, APP, key_client(KEY))
    yield world
    world.provider.tokens.engine.dispose()  # type: ignore[attr-defined]


def leads_home(answer: TestResponse) -> bool:
    """Whether the answer is a page, or a redirect to the client or to the sign-in."""
    to = urlsplit(answer.headers.get("Location", ""))
    return f"{to.scheme}://{to.netloc}{to.path}" in (CALLBACK, ":///sign-in", "://")


FIELDS = [
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
    "prompt", "max_age", "acr_values", "login_hint", "id_token_hint", "ui_locales", "response_mode", "claims",
]  # fmt: skip


def test_nasty_text_in_an_authorization_request_brings_no_fault_and_leads_nowhere_else(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    answers = {(name, what): app.ask(browser, **{name: text}) for name in FIELDS for what, text in NASTY.items()}
    assert {answer.status_code for answer in answers.values()} == {302, 400}
    assert [where for where, answer in answers.items() if not leads_home(answer)] == []
    assert app.redeem(app.code(browser)).status_code == 200


def test_nasty_values_in_a_hint_bring_no_fault_and_sign_nobody_in(world: World) -> None:
    app = Application(world)
    members = ("persona", "key", "cap_hint", "code_hint")
    hints = [hint(**{"cap_hint": "EA", name: value}) for name in members for value in IN_JSON if value]
    before = world.size()
    answers = [app.ask(world.browser(), login_hint=one) for one in [*hints, hint(switch_id=[[[]]]), "W" * 4000]]
    assert {answer.status_code for answer in answers} == {302}
    assert {"code=" in answer.location for answer in answers} == {False}
    assert (world.size(), world.kept("token_family")) == (before, 0)


IN_FORM = [
    (name, basic("app", SECRET))
    for name in ("grant_type", "code", "redirect_uri", "code_verifier", "client_id", "refresh_token", "token")
] + [(name, {}) for name in ("client_id", "client_secret", "client_assertion", "client_assertion_type")]
"""Fields of a form, and the headers with which it is sent."""


def test_nasty_text_in_a_form_of_a_client_brings_no_fault_and_no_token(world: World) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    right = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": "x" * 43}
    before = world.size()
    for path in ("token", "introspect", "revoke"):
        statuses = {
            world.app.test_client().post(f"/op/v1/{path}", data={**right, name: text}, headers=headers).status_code
            for name, headers in IN_FORM
            for text in NASTY.values()
        }
        assert statuses - {200} == {400, 401}
    assert (world.size(), world.kept("issued_token")) == (before, 0)
    assert app.redeem(code).status_code == 200


def test_bytes_that_are_no_text_bring_no_fault(world: World) -> None:
    client, kind = world.app.test_client(), "application/x-www-form-urlencoded"
    for raw in RAW:
        for path in ("token", "introspect", "revoke", "userinfo", "logout", "auth"):
            body = b"grant_type=authorization_code&token=" + raw + b"&client_id=" + raw + b"&code=" + raw
            assert client.post(f"/op/v1/{path}", data=body, content_type=kind).status_code in (303, 400, 401)
        asked = f"client_id={raw.decode('latin-1')}&state={raw.decode('latin-1')}"
        assert [client.get(f"/op/v1/{path}?{asked}").status_code for path in ("auth", "logout")] == [400, 400]


def test_nasty_text_as_name_and_secret_proves_nothing(world: World) -> None:
    own = {"grant_type": "client_credentials"}
    for text in NASTY.values():
        for headers in (basic(text, SECRET), basic("app", text), {"Authorization": f"Basic {text!a}"}):
            assert world.app.test_client().post("/op/v1/token", data=own, headers=headers).status_code == 401


def signed(**claims: Any) -> str:
    """An assertion of the client with a key, whose claims are any JSON, half characters included."""
    now = int(time.time())
    ordinary = {"iss": "key-app", "sub": "key-app", "aud": ISSUER, "exp": now + 60, "jti": f"{time.time_ns()}"}
    return jws.serialize_compact({"alg": "RS256", "kid": "its key"}, json.dumps({**ordinary, **claims}), KEY)


def own_token(world: World, assertion: str) -> int:
    """The status of asking for a token with an assertion."""
    fields = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": assertion}
    return world.app.test_client().post("/op/v1/token", data=fields).status_code


def test_nasty_claims_of_an_assertion_prove_nothing(world: World) -> None:
    for claim in ("iss", "sub", "aud", "exp"):
        assert {own_token(world, signed(**{claim: value})) for value in IN_JSON} == {401}
    for claim in ("iat", "nbf"):
        assert {own_token(world, signed(**{claim: value})) for value in IN_JSON if isinstance(value, str)} == {401}
    wrong: list[Any] = ["a\0b", "\ud800", "", "a\nb", "x" * 257, 7, [], {}]
    for jti in wrong:
        assert own_token(world, signed(jti=jti)) == 401
    assert world.kept("issued_token") == 0
    assert own_token(world, signed()) == 200


def test_nasty_text_in_a_request_to_sign_out_ends_nothing(world: World) -> None:
    browser = world.browser("ines")
    for name in ("client_id", "post_logout_redirect_uri", "id_token_hint"):
        for text in NASTY.values():
            fields = {"client_id": "app", name: text}
            assert browser.get("/op/v1/logout", query_string=fields).status_code == 400
    assert browser.get("/managers/").status_code == 200
