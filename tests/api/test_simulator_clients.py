"""A client of its own for a test run: registered by one call in simulation, or refused with every flaw."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from accessmgr.core.model import Key
from tests.oidc.building import Application, World, a_world, hint, json_of
from tests.web.building import built_app

CLIENTS = "/api/v1/simulator/clients"
CALLBACK = "http://127.0.0.1:*/callback"
SOUND: dict[str, Any] = {
    "name": "Run 12",
    "redirect_uris": [CALLBACK],
    "post_logout_uris": ["http://127.0.0.1:*/bye"],
    "scopes": ["openid", "profile", "vo", "dienstencheques", "offline_access"],
    "application": "dienstencheques",
    "methods": ["client_secret_basic"],
    "keys": ["eid", "itsme"],
    "level": "organisation",
    "mode": "strict",
    "pkce": True,
    "introspection": True,
    "backchannel_logout_uri": "http://127.0.0.1:5000/ended",
    "resource_types": ["right"],
    "enterprises": ["1999000150"],
    "reasons": False,
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


def send(world: World, body: Any) -> TestResponse:
    return world.app.test_client().post(CLIENTS, json=body)


def test_a_run_gets_a_client_of_its_own_and_signs_in_with_it_at_once(world: World) -> None:
    answer = send(world, SOUND)
    given = json_of(answer)
    assert (answer.status_code, sorted(given)) == (201, ["client_id", "client_secret", "issuer", "registration"])
    assert given["registration"] == f"http://127.0.0.1:8000/op/clients/{given['client_id']}"
    client = world.provider.clients.find(given["client_id"])
    assert client is not None
    app = Application(world, client, given["client_secret"])
    asked = {"redirect_uri": "http://127.0.0.1:4711/callback", "login_hint": hint(persona="ines", key="itsme")}
    tokens = app.redeem(app.code(world.app.test_client(), **asked), redirect_uri=asked["redirect_uri"])
    assert app.verified(json_of(tokens)["id_token"])["sub"] == "ines"


def test_every_member_is_kept(world: World) -> None:
    client = world.provider.clients.find(json_of(send(world, SOUND))["client_id"])
    assert client is not None
    assert (client.name, client.redirect_uris, client.post_logout_uris) == (
        "Run 12",
        (CALLBACK,),
        ("http://127.0.0.1:*/bye",),
    )
    assert (sorted(client.scopes), client.application) == (sorted(SOUND["scopes"]), "dienstencheques")
    assert (sorted(client.methods), client.means) == (["client_secret_basic"], frozenset({Key.EID, Key.ITSME}))
    assert (client.level, client.mode, client.pkce, client.introspection) == ("organisation", "strict", True, True)
    assert client.backchannel_logout_uri == "http://127.0.0.1:5000/ended"
    assert (client.resource_types, client.enterprises) == (frozenset({"right"}), frozenset({"1999000150"}))
    assert not client.reasons


def test_two_runs_get_two_clients_and_the_history_tells_of_both(world: World) -> None:
    before = world.size()
    first, second = (json_of(send(world, SOUND)) for _ in range(2))
    assert first["client_id"] != second["client_id"]
    assert first["client_secret"] != second["client_secret"]
    assert world.size() == before + 2


def test_a_public_client_gets_no_secret_and_one_with_a_key_brings_its_public_part(world: World) -> None:
    bare = {"name": "Public", "redirect_uris": [CALLBACK]}
    assert "client_secret" not in json_of(send(world, {**bare, "methods": ["none"]}))
    public = {"keys": [RSAKey.generate_key(2048).as_dict(private=False)]}
    by_key = json_of(send(world, {**bare, "methods": ["private_key_jwt"], "jwks": public}))
    client = world.provider.clients.find(by_key["client_id"])
    assert client is not None
    assert (json.loads(client.jwks or ""), "client_secret" in by_key) == (public, False)


def test_a_client_for_national_numbers_says_so_by_its_scope(world: World) -> None:
    client = world.provider.clients.find(json_of(send(world, {**SOUND, "scopes": ["openid", "rrn"]}))["client_id"])
    assert client is not None
    assert client.rrn is True


FLAWS: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "#/name"),
    ({"name": " "}, "#/name"),
    ({"name": "two\nlines"}, "#/name"),
    ({"name": "x" * 2001}, "#/name"),
    ({"redirect_uris": []}, "#/redirect_uris"),
    ({"redirect_uris": CALLBACK}, "#/redirect_uris"),
    ({"redirect_uris": [CALLBACK] * 51}, "#/redirect_uris"),
    ({"redirect_uris": [CALLBACK, "https://app.example/#x"]}, "#/redirect_uris/1"),
    ({"redirect_uris": ["javascript:alert(1)"]}, "#/redirect_uris/0"),
    ({"post_logout_uris": ["/bye"]}, "#/post_logout_uris/0"),
    ({"scopes": ["openid", "everything"]}, "#/scopes/1"),
    ({"scopes": [["openid"]]}, "#/scopes/0"),
    ({"application": "another"}, "#/application"),
    ({"methods": ["tls_client_auth"]}, "#/methods/0"),
    ({"keys": []}, "#/keys"),
    ({"keys": ["fingers"]}, "#/keys/0"),
    ({"level": "continent"}, "#/level"),
    ({"mode": "lax"}, "#/mode"),
    ({"pkce": "yes"}, "#/pkce"),
    ({"introspection": 1}, "#/introspection"),
    ({"jwks": {"keys": [{"kty": "RSA", "d": "x"}]}}, "#/jwks"),
    ({"jwks": "https://app.example/keys"}, "#/jwks"),
    ({"backchannel_logout_uri": "https://elsewhere.example/ended"}, "#/backchannel_logout_uri"),
    ({"jwks_uri": "https://app.example/keys"}, "#/jwks_uri"),
    ({"id": "demo-confidential"}, "#/id"),
    ({"secret": "mine"}, "#/secret"),
    ({"a/b~c": 1}, "#/a~1b~0c"),
    ({"methods": ["none", "client_secret_post"]}, "#"),
    ({"methods": ["private_key_jwt"]}, "#"),
]


@pytest.mark.parametrize(("change", "where"), FLAWS, ids=[str(each[0])[:40] for each in FLAWS])
def test_a_flaw_is_told_with_its_place_and_registers_nothing(world: World, change: dict[str, Any], where: str) -> None:
    before = world.size(), len(world.provider.clients.all())
    answer = send(world, SOUND | change)
    told = answer.get_json()
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert (told["status"], told["title"], told["type"]) == (422, "Unprocessable Entity", "about:blank")
    assert [flaw["pointer"] for flaw in told["errors"]] == [where]
    assert (world.size(), len(world.provider.clients.all())) == before


def test_all_flaws_are_told_at_once(world: World) -> None:
    told = send(world, {"mode": "lax", "level": 5}).get_json()
    assert [flaw["pointer"] for flaw in told["errors"]] == ["#/level", "#/mode", "#/name", "#/redirect_uris"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"name": "a", "name": "b"}', "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"' + b"x" * 17_000 + b'"', "application/json", 413),
    ],
    ids=["text", "form", "no JSON", "empty", "no text", "twice", "deep", "list", "too large"],
)
def test_what_is_no_registration_is_a_problem(world: World, body: bytes, kind: str, status: int) -> None:
    answer = world.app.test_client().post(CLIENTS, data=body, content_type=kind)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status


def test_nothing_is_registered_outside_simulation(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = {"simulation": False, "base_url": "https://acm.example", "secret_key": "s" * 40}
    app = built_app(tmp_path / "data", keys_file=str(tmp_path / "keys" / "keys.json"), **settings)
    assert app.test_client().post(CLIENTS, json=SOUND).status_code == 404
    assert [app.test_client().get(path).status_code for path in ("/op/clients", "/op/clients/app")] == [404, 404]
