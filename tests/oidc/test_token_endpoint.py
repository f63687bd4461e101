"""What the token endpoint refuses: foreign, stale, replayed and malformed codes, and clients that prove nothing."""

import base64
import hmac
import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from accessmgr.usecases.relying_parties import Client, Method, hashed
from tests.oidc.building import APP, SECRET, Application, World, a_world, basic, key_client, query
from tests.oidc.building import hint as login_hint

OTHER = replace(APP, id="other", secret=hashed(SECRET))
PUBLIC = replace(APP, id="public", secret=None, methods=frozenset({Method.NONE}))
NO_PKCE = replace(APP, id="no-pkce", pkce=False)
KEY = RSAKey.generate_key(2048)
STRANGE_KEY = RSAKey.generate_key(2048)
BY_KEY = key_client(KEY)
TOKEN = "/op/v1/token"
ISSUER = "http://127.0.0.1:8000/op"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, APP, OTHER, PUBLIC, NO_PKCE, BY_KEY)


def outcome(answer: Any) -> tuple[int, str]:
    """Status and error."""
    return answer.status_code, answer.get_json()["error"]


# --- codes ------------------------------------------------------------------------------------------------


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("no code", {"code": None}, "invalid_request"),
    ("unknown code", {"code": "unknown"}, "invalid_grant"),
    ("no redirect URI", {"redirect_uri": None}, "invalid_grant"),
    ("another redirect URI", {"redirect_uri": "https://app.example/callback/"}, "invalid_grant"),
    ("no verifier", {"code_verifier": None}, "invalid_request"),
    ("another verifier", {"code_verifier": "x" * 43}, "invalid_grant"),
    ("too short a verifier", {"code_verifier": "x" * 42}, "invalid_request"),
    ("no grant type", {"grant_type": None}, "invalid_request"),
    ("unknown grant type", {"grant_type": "password"}, "unsupported_grant_type"),
    ("refresh for a code", {"grant_type": "refresh_token"}, "invalid_request"),
    ("too long", {"scope": "x" * 20_000}, "invalid_request"),
]


@pytest.mark.parametrize(("what", "changes", "error"), WRONG, ids=[each[0] for each in WRONG])
def test_a_wrong_redemption_gets_its_error_and_leaves_the_code_as_it_was(
    world: World, what: str, changes: dict[str, Any], error: str
) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    before = world.size()
    assert outcome(app.redeem(code, **changes)) == (400, error)
    assert (world.size(), world.kept("issued_token")) == (before, 0)
    assert app.redeem(code).status_code == 200


def test_the_challenge_itself_is_no_verifier(world: World) -> None:
    app = Application(world)
    assert outcome(app.redeem(app.code(world.browser("ines")), code_verifier=app.challenge)) == (400, "invalid_grant")


def test_a_verifier_without_a_challenge_is_refused(world: World) -> None:
    app = Application(world, NO_PKCE)
    code = app.code(world.browser("ines"), code_challenge=None, code_challenge_method=None)
    assert outcome(app.redeem(code)) == (400, "invalid_request")
    assert app.redeem(code, code_verifier=None).status_code == 200


def test_a_code_of_another_client_is_refused_and_stays_good(world: World) -> None:
    app = Application(world)
    other = Application(world, OTHER, verifier=app.verifier)
    code = app.code(world.browser("ines"))
    assert outcome(other.redeem(code)) == (400, "invalid_grant")
    assert app.redeem(code).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(29, 200), (30, 400), (3600, 400)])
def test_a_code_lives_thirty_seconds(world: World, seconds: int, status: int) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    world.clock.advance(seconds=seconds)
    assert app.redeem(code).status_code == status


@pytest.mark.parametrize("seconds", [0, 40])
def test_a_code_used_again_ends_all_that_came_of_it(world: World, seconds: int) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    given = app.redeem(code).get_json()
    assert app.introspect(given["access_token"])["active"] is True
    world.clock.advance(seconds=seconds)
    assert outcome(app.redeem(code)) == (400, "invalid_grant")
    assert app.introspect(given["access_token"]) == {"active": False}
    assert outcome(app.refresh(given["refresh_token"])) == (400, "invalid_grant")


def test_of_many_redemptions_at_once_one_succeeds(world: World) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    with ThreadPoolExecutor(8) as people:
        statuses = sorted(people.map(lambda _: app.redeem(code).status_code, range(8)))
    assert statuses == [200, *[400] * 7]


def test_no_one_time_text_does_for_another_use(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    fresh = app.code(world.browser("ines"))
    for text in (given["access_token"], given["refresh_token"], given["id_token"]):
        assert outcome(app.redeem(text)) == (400, "invalid_grant")
    for text in (given["access_token"], fresh, given["id_token"]):
        assert outcome(app.refresh(text)) == (400, "invalid_grant")
    for text in (given["refresh_token"], fresh, given["id_token"]):
        assert app.userinfo(text).status_code == 401


def test_a_person_who_died_meanwhile_gets_no_token(world: World) -> None:
    app = Application(world)
    code = app.code(world.browser("ines"))
    with world.provider.world.store.writing() as tx:
        tx.add_fact("death", id="ines", day=datetime(2026, 3, 1, tzinfo=UTC).date())
        tx.append("register.changed", world.provider.world.clock.now())
    assert outcome(app.redeem(code)) == (400, "invalid_grant")


# --- clients ----------------------------------------------------------------------------------------------


def redeem_as(world: World, fields: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    """Send a code of `app` with whatever proof; what the answer is."""
    app = Application(world)
    code = app.code(world.browser("ines"))
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": APP.redirect_uris[0],
        "code_verifier": app.verifier,
        **fields,
    }
    return world.app.test_client().post(TOKEN, data=form, headers=dict(headers))


IN_FORM = {"client_id": "app", "client_secret": SECRET}


@pytest.mark.parametrize(
    ("fields", "headers"),
    [({}, basic("app", SECRET)), ({"client_id": "app"}, basic("app", SECRET)), (IN_FORM, {})],
    ids=["header", "header and name", "form"],
)
def test_a_client_proves_who_it_is_by_its_secret(world: World, fields: dict[str, str], headers: dict[str, str]) -> None:
    assert redeem_as(world, fields, headers).status_code == 200


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({}, {}),
        ({"client_id": "app"}, {}),
        ({}, basic("app", "wrong")),
        ({}, basic("app", "")),
        ({}, basic("", SECRET)),
        ({}, basic("nobody", SECRET)),
        ({}, basic("public", SECRET)),
        ({}, {"Authorization": "Basic !!!"}),
        ({}, {"Authorization": "Bearer x"}),
        ({}, {"Authorization": ""}),
        ({**IN_FORM, "client_secret": "wrong"}, {}),
        ({**IN_FORM, "client_id": "nobody"}, {}),
        ({"client_secret": SECRET}, {}),
        ({"client_id": "other"}, basic("app", SECRET)),
        ({"client_id": "app", "client_assertion_type": ASSERTION_TYPE, "client_assertion": "a.b.c"}, {}),
    ],
)
def test_a_client_that_proves_nothing_gets_401(world: World, fields: dict[str, str], headers: dict[str, str]) -> None:
    answer = redeem_as(world, fields, headers)
    assert outcome(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "more",
    [{"client_secret": SECRET, "client_id": "app"}, {"client_assertion": "a.b.c"}, {"client_assertion_type": "x"}],
)
def test_two_proofs_at_once_are_refused(world: World, more: dict[str, str]) -> None:
    assert outcome(redeem_as(world, more, basic("app", SECRET))) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["code", "grant_type", "redirect_uri", "code_verifier", "client_id"])
def test_a_field_that_stands_twice_is_refused(world: World, name: str) -> None:
    app = Application(world)
    fields = {"grant_type": "authorization_code", "code": app.code(world.browser("ines")), "client_id": "app"}
    fields |= {"redirect_uri": APP.redirect_uris[0], "code_verifier": app.verifier}
    body = query([*fields.items(), (name, fields[name])])
    kind = "application/x-www-form-urlencoded"
    sent = world.app.test_client().post(TOKEN, data=body, content_type=kind, headers=basic("app", SECRET))
    assert outcome(sent) == (400, "invalid_request")


def test_a_field_in_the_address_is_refused(world: World) -> None:
    app = Application(world)
    answer = app.post(f"{TOKEN}?code=x", {"grant_type": "authorization_code"})
    assert outcome(answer) == (400, "invalid_request")


def test_a_public_client_redeems_with_its_verifier_alone(world: World) -> None:
    app = Application(world, PUBLIC, secret=None)
    code = app.code(world.browser("ines"))
    assert outcome(app.redeem(code, code_verifier=None)) == (400, "invalid_request")
    assert app.redeem(code).status_code == 200


def test_a_client_acts_for_itself_with_scopes_of_its_own(world: World) -> None:
    app = Application(world)
    given = app.post(TOKEN, {"grant_type": "client_credentials", "scope": "authzen"}).get_json()
    assert sorted(given) == ["access_token", "expires_in", "scope", "token_type"]
    assert given["scope"] == "authzen"
    assert app.introspect(given["access_token"])["sub"] == "app"
    assert app.userinfo(given["access_token"]).status_code == 403
    for scope in ("openid", "dienstencheques", "authzen openid", "vo_info", "rrn"):
        wrong = app.post(TOKEN, {"grant_type": "client_credentials", "scope": scope})
        assert outcome(wrong) == (400, "invalid_scope")
    public = Application(world, PUBLIC, secret=None).post(TOKEN, {"grant_type": "client_credentials"})
    assert outcome(public) == (400, "unauthorized_client")


# --- assertions -------------------------------------------------------------------------------------------


def assertion(key: Any = KEY, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """An assertion of the client with a key; None leaves a claim out."""
    now = int(time.time())
    claims = {
        "iss": "key-app",
        "sub": "key-app",
        "aud": ISSUER,
        "exp": now + 60,
        "iat": now,
        "jti": f"{time.time_ns()}",
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "its key", **(header or {})}, kept, key)


def own_token(world: World, signed: str, **more: str) -> Any:
    """Ask for a token of its own with an assertion."""
    fields = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
    return world.app.test_client().post(TOKEN, data={**fields, **more})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": f"{ISSUER}/v1/token"},
        {"aud": ["https://x.example", ISSUER]},
        {"iat": None},
        {"nbf": int(time.time())},
    ],
)
def test_a_client_proves_who_it_is_by_its_key(world: World, changes: dict[str, Any]) -> None:
    assert own_token(world, assertion(**changes)).status_code == 200


WRONG_CLAIMS: list[tuple[str, Any]] = [
    ("iss", None), ("iss", "app"), ("sub", None), ("sub", "app"), ("sub", 7), ("aud", None),
    ("aud", "https://other.example"), ("aud", [7]), ("aud", {}), ("exp", None), ("exp", "soon"), ("exp", True),
    ("exp", 1e300), ("nbf", "now"), ("jti", None), ("jti", ""), ("jti", 7), ("jti", "x" * 300),
]  # fmt: skip
WRONG_TIMES = [("exp", -3600), ("exp", 7200), ("nbf", 3600), ("iat", 3600)]
"""Claims, and by how many seconds each is away from the present."""


@pytest.mark.parametrize(("claim", "value"), WRONG_CLAIMS)
def test_an_assertion_with_a_wrong_claim_proves_nothing(world: World, claim: str, value: Any) -> None:
    assert outcome(own_token(world, assertion(**{claim: value}))) == (401, "invalid_client")


@pytest.mark.parametrize(("claim", "seconds"), WRONG_TIMES)
def test_an_assertion_of_another_time_proves_nothing(world: World, claim: str, seconds: int) -> None:
    changes: dict[str, Any] = {claim: int(time.time()) + seconds}
    stale = assertion(**changes)
    assert outcome(own_token(world, stale)) == (401, "invalid_client")


def test_an_assertion_is_good_once(world: World) -> None:
    signed = assertion()
    assert own_token(world, signed).status_code == 200
    assert outcome(own_token(world, signed)) == (401, "invalid_client")
    again = assertion(jti="the same")
    assert own_token(world, again).status_code == 200
    assert outcome(own_token(world, assertion(jti="the same", exp=int(time.time()) + 90))) == (401, "invalid_client")


def forged() -> dict[str, str]:
    """Assertions that somebody else made, just now."""
    head, body, signature = assertion().split(".")
    public = KEY.as_pem(private=False)
    content = jws.extract_compact(assertion().encode()).payload
    by_secret = f"{_b64(json.dumps({'alg': 'HS256', 'kid': 'its key'}).encode())}.{body}"
    by_secret += f".{_b64(hmac.digest(public, by_secret.encode(), 'sha256'))}"

    def headed(**more: Any) -> str:
        text = json.dumps({"alg": "RS256", "kid": "its key", **more}).encode()
        return f"{_b64(text)}.{body}.{signature}"

    return {
        "another key": assertion(STRANGE_KEY),
        "no signature": f"{head}.{body}.",
        "another body": f"{head}.{_b64(content + b' ')}.{signature}",
        "alg none": f"{_b64(json.dumps({'alg': 'none'}).encode())}.{body}.",
        "alg None": f"{_b64(json.dumps({'alg': 'None'}).encode())}.{body}.{signature}",
        "HS256 by the public key": by_secret,
        "RS512": jwt.encode({"alg": "RS512"}, json.loads(content), KEY, algorithms=["RS512"]),
        "PS256": jwt.encode({"alg": "PS256"}, json.loads(content), KEY, algorithms=["PS256"]),
        "unknown kid": assertion(header={"kid": "none"}),
        "its own key in the header": headed(jwk=STRANGE_KEY.as_dict(private=False)),
        "key by address": headed(jku="https://evil.example/keys"),
        "extensions": headed(crit=["exp"]),
        "path as kid": headed(kid="../../etc/passwd"),
        "too long": assertion(more="x" * 20_000),
        "empty": "x",
        "two parts": f"{head}.{body}",
        "five parts": f"{head}.{body}.{signature}.x.y",
        "not ASCII": "é.é.é",
        "deep": f"{_b64(b'[' * 5000)}.{body}.{signature}",
    }


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize("what", forged())
def test_a_forged_assertion_proves_nothing(world: World, what: str) -> None:
    assert outcome(own_token(world, forged()[what])) in {(401, "invalid_client"), (400, "invalid_request")}
    assert world.kept("issued_token") == 0


def test_an_assertion_of_one_client_is_none_of_another(world: World) -> None:
    assert outcome(own_token(world, assertion(), client_id="app")) == (401, "invalid_client")


def test_the_keys_of_a_client_are_fetched_where_it_says_and_anew_when_one_is_unknown(world: World) -> None:
    calls: list[str] = []
    sets = [json.dumps({"keys": []}), BY_KEY.jwks or ""]

    def fetch(address: str) -> bytes:
        calls.append(address)
        return sets[min(len(calls), len(sets)) - 1].encode()

    world.provider.key_sets._fetch = fetch  # type: ignore[attr-defined]
    remote: Client = replace(BY_KEY, id="remote", jwks=None, jwks_uri="https://app.example/keys")
    world.add(remote)
    claims: dict[str, Any] = {"iss": "remote", "sub": "remote"}
    assert own_token(world, assertion(**claims)).status_code == 401
    world.provider.key_sets._kept.clear()  # type: ignore[attr-defined]
    assert own_token(world, assertion(**claims)).status_code == 200
    assert own_token(world, assertion(**claims)).status_code == 200
    assert calls == ["https://app.example/keys"] * 2


def test_a_persona_signs_in_without_pages_in_simulation(world: World) -> None:
    app = Application(world)
    hinted = login_hint(persona="ines", key="itsme", cap_hint="EA", code_hint="1999000150")
    assert app.redeem(app.code(world.browser(), login_hint=hinted)).status_code == 200
