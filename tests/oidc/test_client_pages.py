"""The pages on clients: what an integrator reads there is what the provider does, and no secret is shown."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc.jwk import RSAKey

from accessmgr.core.model import Key
from accessmgr.usecases.relying_parties import Client, Level, Method, Mode
from tests.oidc.building import APP, CALLBACK, SECRET, Application, World, a_world, key_client

PUBLIC = replace(APP, id="public", secret=None, methods=frozenset({Method.NONE}), means=frozenset({Key.EID}))
STRICT = replace(APP, id="strict", mode=Mode.STRICT)
BY_GROUP = replace(APP, id="by-group", level=Level.TARGET_GROUP, redirect_uris=("http://127.0.0.1:*/*",))
NUMBER = replace(APP, id="number", scopes=APP.scopes | {"rrn"}, rrn=True)
BY_KEY = key_client(RSAKey.generate_key(2048))
ALL = (APP, PUBLIC, STRICT, BY_GROUP, NUMBER, BY_KEY)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, *ALL)


def page(world: World, client: Client) -> str:
    answer = world.browser().get(f"/op/clients/{client.id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def blocks(text: str) -> list[str]:
    """What stands on the page to be read or copied as it is: the payload, then the examples."""
    return [html.unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", text, re.DOTALL)]


def payload(world: World, client: Client) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(blocks(page(world, client))[0])
    return told


def test_all_clients_are_listed_with_the_product_s_own(world: World) -> None:
    text = world.browser().get("/op/clients").get_data(as_text=True)
    listed = re.findall(r'<a href="/op/clients/([^"]+)">', text)
    assert listed == ["app", "by-group", "key-app", "number", "public", "secure-area", "strict"]


def test_a_scope_of_the_management_api_says_what_it_is_for_and_no_other_does(tmp_path: Path) -> None:
    told = "calls to the API for programs, on behalf of the person"
    manager = replace(APP, id="manager", scopes=frozenset({"openid", "grants.read", "authzen"}))
    world = a_world(tmp_path, APP, manager)
    assert page(world, manager).count(told) == 1
    assert told not in page(world, APP)


def test_a_client_that_does_not_exist_has_no_page(world: World) -> None:
    assert world.browser().get("/op/clients/nobody").status_code == 404


@pytest.mark.parametrize("client", ALL, ids=[each.id for each in ALL])
def test_no_page_shows_a_secret_or_its_hash(world: World, client: Client) -> None:
    text = page(world, client)
    assert SECRET not in text
    assert "scrypt" not in text
    assert BY_KEY.jwks is not None
    assert json.loads(BY_KEY.jwks)["keys"][0]["n"] not in text


def test_the_example_of_an_id_token_has_the_claims_of_a_real_one(world: World) -> None:
    real = Application(world).claims("ines", scope=" ".join(sorted(APP.scopes - {"authzen"})))
    assert sorted({*payload(world, APP)} - {"wv_orgcode"}) == sorted(real)


def test_the_example_follows_mode_level_and_scopes(world: World) -> None:
    assert ("kid" in payload(world, APP), "acr" in payload(world, APP)) == (True, False)
    assert ("kid" in payload(world, STRICT), "acr" in payload(world, STRICT)) == (False, True)
    assert ("vo_orgcode" in payload(world, BY_GROUP), "vo_doelgroepcode" in payload(world, BY_GROUP)) == (False, True)
    assert ("rrn" in payload(world, APP), "rrn" in payload(world, NUMBER)) == (False, True)


def test_a_scope_stands_beside_the_claims_that_it_brings(world: World) -> None:
    text = page(world, APP)
    row = text.partition('<th scope="row"><code>profile</code></th>')[2].partition("</tr>")[0]
    assert re.findall(r"<code>(\w+)</code>", row) == ["family_name", "given_name"]
    assert "a refresh token" in text
    assert "the application asks for it in its own name" in text


def test_only_the_digital_keys_of_the_client_are_listed(world: World) -> None:
    assert re.findall(r"authmech:(\w+)", page(world, PUBLIC)) == ["eid"]


def test_the_habits_told_are_those_of_the_mode(world: World) -> None:
    as_acm, strict = page(world, APP), page(world, STRICT)
    assert ("fail with invalid_scope" in as_acm, "fail with invalid_scope" in strict) == (True, False)
    assert ("asks the person first" in as_acm, "asks the person first" in strict) == (False, True)


def test_every_library_has_an_example_with_the_client_s_own_values(world: World) -> None:
    texts = blocks(page(world, APP))[1:]
    assert len(texts) == 7
    assert ["http://127.0.0.1:8000/op" in text for text in texts].count(True) == 6
    assert [CALLBACK in text for text in texts].count(True) == 4
    assert [text for text in texts if "{{" in text or "{%" in text] == []
    assert ["openid" in text for text in texts] == [True] * 7
    assert [text for text in texts if "authzen" in text] == []


def test_the_examples_are_what_their_readers_can_parse(world: World) -> None:
    for client in (APP, PUBLIC, BY_GROUP):
        _payload, _node, _passport, spring, _aspnet, authlib, django, keycloak = blocks(page(world, client))
        told = yaml.safe_load(spring.partition("\n//")[0])["spring"]["security"]["oauth2"]["client"]
        assert told["registration"]["acm"]["client-id"] == client.id
        assert told["provider"]["acm"]["issuer-uri"] == "http://127.0.0.1:8000/op"
        compile(authlib, "authlib", "exec")
        compile(django, "django", "exec")
        broker = json.loads(keycloak.partition("{")[1] + keycloak.partition("{")[2])
        assert broker["config"]["clientId"] == client.id


def test_a_public_client_s_examples_ask_for_no_secret(world: World) -> None:
    assert [text for text in blocks(page(world, PUBLIC))[1:] if "CLIENT_SECRET" in text and "OIDC_RP" not in text] == []
    assert "needs" not in blocks(page(world, PUBLIC))[1]


def test_an_example_names_a_port_and_a_path_where_any_will_do(world: World) -> None:
    node = blocks(page(world, BY_GROUP))[1]
    assert 'redirect_uri: "http://127.0.0.1:3000/callback"' in node
    assert BY_GROUP.redirects_to("http://127.0.0.1:3000/callback", simulation=True)


def test_a_client_with_a_key_is_told_to_use_it(world: World) -> None:
    assert "configured with that key in place of a secret" in page(world, BY_KEY)
    assert len(blocks(page(world, BY_KEY))) == 1
