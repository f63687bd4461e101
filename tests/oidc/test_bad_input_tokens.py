"""Tokens that are forged, of another kind or another's, where a hint is taken; and forms that say things twice."""

import base64
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from accessmgr.oidc import jose
from tests.oidc.building import APP, SECRET, Application, World, a_world, basic, key_client, parameters, query

STRANGE_KEY = RSAKey.generate_key(2048)
ENDPOINTS = ["/op/v1/token", "/op/v1/introspect", "/op/v1/revoke"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, APP, key_client(STRANGE_KEY))


# --- hints ------------------------------------------------------------------------------------------------


def headed(token: str, **header: Any) -> str:
    """The token with another header and its old signature."""
    _, body, signature = token.split(".")
    return f"{base64url(json.dumps(header).encode())}.{body}.{signature}"


def by_public_key(world: World, token: str) -> str:
    """The claims of the token, signed by HMAC with the public key as if it were a secret."""
    public = RSAKey.import_key(world.provider.keys.current().pem).as_pem(private=False)
    content = f"{base64url(json.dumps({'alg': 'HS256'}).encode())}.{token.split('.')[1]}"
    return f"{content}.{base64url(hmac.digest(public, content.encode(), 'sha256'))}"


def by_stranger(token: str, **header: str) -> str:
    """The claims of the token, signed by a key of somebody else's."""
    claims = json.loads(jws.extract_compact(token.encode()).payload)
    return jwt.encode({"alg": "RS256", "typ": "JWT", **header}, claims, STRANGE_KEY)


def of_kind(world: World, token: str, kind: str, **claims: str) -> str:
    """The claims of the token in one of another kind, signed by the provider itself."""
    own = json.loads(jws.extract_compact(token.encode()).payload)
    return jose.sign(world.provider.keys, {**own, **claims}, type_=kind)


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


FORGED: dict[str, Callable[[World, str], str]] = {
    "alg none, signature kept": lambda _, token: headed(token, alg="none"),
    "alg none, no signature": lambda _, token: headed(token, alg="none").rpartition(".")[0] + ".",
    "alg none in other letters": lambda _, token: headed(token, alg="nOnE"),
    "no alg": lambda _, token: headed(token, typ="JWT"),
    "HS256 by the public key": by_public_key,
    "another's key under the id of ours": lambda _, token: by_stranger(token, kid=kid_of(token)),
    "another's key under an unknown id": lambda _, token: by_stranger(token, kid="unknown"),
    "another's key without id": lambda _, token: by_stranger(token),
    "unknown kid": lambda _, token: headed(token, alg="RS256", typ="JWT", kid="unknown"),
    "key in the header": lambda _, token: headed(token, alg="RS256", jwk=STRANGE_KEY.as_dict(private=False)),
    "extension": lambda _, token: headed(token, alg="RS256", kid=kid_of(token), crit=["exp"], exp=1),
    "one bit": lambda _, token: token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:],
    "no signature": lambda _, token: token.rpartition(".")[0] + ".",
    "too long": lambda world, token: of_kind(world, token, "JWT", more="x" * 20_000),
    "a logout token": lambda world, token: of_kind(world, token, "logout+jwt"),
    "an answer of introspection": lambda world, token: of_kind(world, token, "token-introspection+jwt"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, str]:
    """A world and an ID token of it, which no test changes."""
    world = a_world(tmp_path_factory.mktemp("hints"), APP)
    return world, Application(world).tokens()["id_token"]


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_hint_is_refused_and_ends_nothing(shared: tuple[World, str], what: str) -> None:
    world, token = shared
    forged = FORGED[what](world, token)
    browser = world.browser("ines")
    asked = Application(world).ask(browser, id_token_hint=forged, prompt="none")
    assert parameters(asked)["error"] == "invalid_request"
    left = browser.get("/op/v1/logout", query_string={"client_id": "app", "id_token_hint": forged})
    assert left.status_code == 400
    assert "code" in parameters(Application(world).ask(browser, prompt="none"))


def test_the_hint_itself_is_taken(shared: tuple[World, str]) -> None:
    world, token = shared
    browser = world.browser("ines")
    assert "code" in parameters(Application(world).ask(browser, id_token_hint=token, prompt="none"))
    assert browser.get("/op/v1/logout", query_string={"id_token_hint": token}).status_code == 200


def test_a_token_of_another_issuer_under_our_key_is_refused(shared: tuple[World, str]) -> None:
    world, token = shared
    other = of_kind(world, token, "JWT", iss="https://other.example/op")
    browser = world.browser("ines")
    assert parameters(Application(world).ask(browser, id_token_hint=other, prompt="none"))["error"] == "login_required"
    assert browser.get("/op/v1/logout", query_string={"id_token_hint": other}).status_code == 400


# --- forms ------------------------------------------------------------------------------------------------


def sent(world: World, path: str, pairs: list[tuple[str, str]], headers: dict[str, str] | None = None) -> TestResponse:
    """Send a form as it is written, with the client's secret in the header if nothing else is."""
    proof = basic("app", SECRET) if headers is None else headers
    return world.app.test_client().post(path, data=query(pairs), content_type=FORM, headers=proof)


def outcome(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_endpoint_for_clients_wants_each_field_once_in_the_form_and_one_proof(world: World, path: str) -> None:
    given = Application(world).tokens()
    token = given["access_token"]
    right = [("token", token), ("grant_type", "refresh_token"), ("refresh_token", given["refresh_token"])]
    secret = [("client_id", "app"), ("client_secret", SECRET)]
    assertion = [("client_assertion", "a.b.c"), ("client_assertion_type", "x")]
    assert outcome(sent(world, path, [*right, right[0]])) == (400, "invalid_request")
    assert outcome(sent(world, path, [*right, ("token", "another")])) == (400, "invalid_request")
    assert outcome(sent(world, path, [*right, ("more", "x" * 17_000)])) == (400, "invalid_request")
    assert outcome(sent(world, f"{path}?token={token}", right)) == (400, "invalid_request")
    for proofs, headers in ((secret, None), (assertion, None), ([*secret, *assertion], {})):
        assert outcome(sent(world, path, [*right, *proofs], headers)) == (400, "invalid_request")
    for proof in ({}, basic("app", "wrong"), basic("nobody", SECRET), {"Authorization": f"Bearer {token}"}):
        assert outcome(sent(world, path, right, proof)) == (401, "invalid_client")
    assert Application(world).introspect(token)["active"] is True


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_endpoint_for_clients_takes_forms_by_post_alone(world: World, path: str) -> None:
    client, headers = world.app.test_client(), basic("app", SECRET)
    assert client.get(path, query_string={"token": "x"}, headers=headers).status_code == 405
    assert client.put(path, data={"token": "x"}, headers=headers).status_code == 405
    assert outcome(client.post(path, json={"token": "x", "grant_type": "x"}, headers=headers)) == (
        400,
        "invalid_request",
    )
    assert outcome(client.post(path, headers=headers)) == (400, "invalid_request")
    assert client.post(path, data={"token": "x" * 3_000_000}, headers=headers).status_code == 413


def test_no_answer_about_tokens_is_kept_on_the_way(world: World) -> None:
    app = Application(world)
    token = app.tokens()["access_token"]
    for path in ENDPOINTS:
        for answer in (app.post(path, {"token": token}), app.post(path, {})):
            assert answer.headers["Cache-Control"] == "no-store"
    assert app.userinfo(token).headers["Cache-Control"] == "no-store"


def test_a_code_whose_sign_in_ended_meanwhile_brings_nothing(world: World) -> None:
    app, browser = Application(world), world.browser("ines")
    code = app.code(browser)
    assert browser.get("/op/v1/logout", query_string={"client_id": "app"}).status_code == 200
    assert outcome(app.redeem(code)) == (400, "invalid_grant")
    assert world.kept("issued_token") == 0
