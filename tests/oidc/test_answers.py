"""Refreshing, introspection and userinfo decide afresh: a right lost meanwhile is in none of them. And revocation."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.usecases.relying_parties import Mode, hashed
from tests.oidc.building import APP, SECRET, Application, World, a_world, json_of
from tests.web.building import NETJES, add_fact, advance, do

STRICT = replace(APP, id="strict", mode=Mode.STRICT)
OTHER = replace(APP, id="other", secret=hashed(SECRET))
BLIND = replace(APP, id="blind", introspection=False)
WITH_NUMBER = replace(APP, id="with-number", rrn=True, scopes=APP.scopes | {"rrn"})
ROLE = "DienstenchequesErkendeOnderneming-V99901:1999000150"
HELD: list[str] = [ROLE]
LOST: list[str] = []


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, APP, STRICT, OTHER, BLIND, WITH_NUMBER)


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, json_of(answer)["error"]


def lose_the_right(world: World) -> None:
    """Nadia revokes what Inès holds."""
    with world.provider.world.store.reading() as look:
        grant = look.lists.grants(holder="ines")[0].id
    do(world.app, "nadia", Action.REVOKE_GRANT, grant=grant, reason=True)


def die(world: World) -> None:
    """The register records the death of Inès."""
    add_fact(world.app, "death", id="ines", day=datetime(2026, 3, 1, tzinfo=UTC).date())


# --- what is decided afresh ---------------------------------------------------------------------------------


def test_a_right_lost_meanwhile_is_in_no_new_answer(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    access = given["access_token"]
    assert app.introspect(access)["dienstencheques_rol_3d"] == HELD
    assert json_of(app.userinfo(access))["dienstencheques_rol_3d"] == HELD
    lose_the_right(world)
    assert app.introspect(access)["dienstencheques_rol_3d"] == LOST
    assert json_of(app.userinfo(access))["dienstencheques_rol_3d"] == LOST
    renewed = json_of(app.refresh(given["refresh_token"]))
    assert app.verified(renewed["id_token"])["dienstencheques_rol_3d"] == LOST


def test_a_work_relation_that_ended_takes_the_capacity_with_it(world: World) -> None:
    app = Application(world)
    access = app.tokens()["access_token"]
    assert json_of(app.userinfo(access))["vo_orgcode"] == NETJES
    with world.provider.world.store.reading() as look:
        relation = look.lists.work_relations(person="ines")[0].id
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation, last_day=date(2026, 3, 2))
    advance(world.app, "2026-03-03T09:00")
    assert "vo_orgcode" not in json_of(app.userinfo(access))


def test_of_a_person_who_died_no_token_is_good(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    die(world)
    assert app.introspect(given["access_token"]) == {"active": False}
    assert app.userinfo(given["access_token"]).status_code == 401
    assert outcome(app.refresh(given["refresh_token"])) == (400, "invalid_grant")


# --- refresh tokens -----------------------------------------------------------------------------------------


def test_a_refresh_brings_new_tokens_of_the_same_sign_in(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    renewed = json_of(app.refresh(given["refresh_token"]))
    before, after = app.verified(given["id_token"]), app.verified(renewed["id_token"])
    assert {renewed[name] == given[name] for name in ("access_token", "refresh_token")} == {False}
    assert [after[name] for name in ("sub", "auth_time", "sid")] == [
        before[name] for name in ("sub", "auth_time", "sid")
    ]
    assert ("nonce" in before, "nonce" in after) == (True, False)
    assert app.introspect(renewed["access_token"])["active"] is True


def test_a_refresh_may_ask_for_less_and_never_for_more(world: World) -> None:
    app = Application(world)
    given = app.tokens(scope="openid profile offline_access")
    for scope in ("openid vo", "openid dienstencheques", "authzen"):
        assert outcome(app.refresh(given["refresh_token"], scope=scope)) == (400, "invalid_scope")
    less = json_of(app.refresh(given["refresh_token"], scope="openid"))
    assert less["scope"] == "openid"
    assert "given_name" not in json_of(app.userinfo(less["access_token"]))


def test_without_offline_access_there_is_no_refresh_token(world: World) -> None:
    assert "refresh_token" not in Application(world).tokens(scope="openid profile")


def test_a_refresh_token_used_again_ends_its_family(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    renewed = json_of(app.refresh(given["refresh_token"]))
    assert outcome(app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert app.introspect(renewed["access_token"]) == {"active": False}
    assert outcome(app.refresh(renewed["refresh_token"])) == (400, "invalid_grant")


def test_acm_calls_a_refresh_token_past_its_window_an_invalid_request(world: World) -> None:
    app, strict = Application(world), Application(world, STRICT)
    given, of_strict = app.tokens(), strict.tokens()
    used = app.tokens()
    app.refresh(used["refresh_token"])
    world.clock.advance(hours=24)
    assert outcome(app.refresh(given["refresh_token"])) == (400, "invalid_request")
    assert outcome(app.refresh(used["refresh_token"])) == (400, "invalid_request")
    assert outcome(strict.refresh(of_strict["refresh_token"])) == (400, "invalid_grant")


def test_a_refresh_token_just_inside_its_window_is_good(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    world.clock.advance(hours=24, seconds=-1)
    assert app.refresh(given["refresh_token"]).status_code == 200


def test_a_refresh_token_of_another_client_is_refused_and_stays_good(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    assert outcome(Application(world, OTHER).refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert app.refresh(given["refresh_token"]).status_code == 200


def test_of_many_refreshes_at_once_one_succeeds_and_the_family_ends(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: app.refresh(given["refresh_token"]), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 7]
    renewed = next(json_of(answer) for answer in answers if answer.status_code == 200)
    assert app.introspect(renewed["access_token"]) == {"active": False}


# --- access tokens ------------------------------------------------------------------------------------------


def test_introspection_tells_what_the_real_one_tells(world: World) -> None:
    app = Application(world)
    token = json_of(app.post("/op/v1/token", {"grant_type": "client_credentials"}))["access_token"]
    told = app.introspect(token)
    signed = app.verified(told.pop("jwt"))
    assert signed == told
    assert sorted(told) == [
        "active",
        "aud",
        "client_id",
        "exp",
        "iat",
        "iss",
        "scope",
        "sub",
        "token_type",
        "vo_applicatienaam",
    ]
    assert (told["sub"], told["client_id"], told["aud"], told["token_type"]) == ("app", "app", "app", "bearer")
    assert told["exp"] - told["iat"] == 3600


@pytest.mark.parametrize(("seconds", "active"), [(3599, True), (3600, False)])
def test_an_access_token_lives_an_hour(world: World, seconds: int, active: bool) -> None:
    app = Application(world)
    access = app.tokens()["access_token"]
    world.clock.advance(seconds=seconds)
    assert app.introspect(access)["active"] is active
    assert (app.userinfo(access).status_code == 200) is active


def test_a_token_of_another_client_is_told_to_be_inactive_as_one_that_does_not_exist(world: World) -> None:
    access = Application(world).tokens()["access_token"]
    other = Application(world, OTHER)
    assert other.introspect(access) == other.introspect("unknown") == {"active": False}


def test_who_is_not_registered_for_introspection_is_refused(world: World) -> None:
    blind = Application(world, BLIND)
    answer = blind.post("/op/v1/introspect", {"token": blind.tokens()["access_token"]})
    assert outcome(answer) == (400, "unauthorized_client")
    anybody = world.app.test_client().post("/op/v1/introspect", data={"token": "x"})
    assert outcome(anybody) == (401, "invalid_client")
    assert outcome(Application(world).post("/op/v1/introspect", {})) == (400, "invalid_request")


def test_userinfo_wants_an_access_token_in_the_header_or_the_form_and_never_in_the_address(world: World) -> None:
    app, client = Application(world), world.app.test_client()
    given = app.tokens()
    access = given["access_token"]
    assert json_of(client.post("/op/v1/userinfo", data={"access_token": access}))["sub"] == "ines"
    for answer in (
        client.get(f"/op/v1/userinfo?access_token={access}"),
        client.get("/op/v1/userinfo", headers={"Authorization": f"Basic {access}"}),
        app.userinfo(given["refresh_token"]),
        app.userinfo(given["id_token"]),
        app.userinfo("unknown"),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_national_number_goes_to_clients_registered_for_it_and_to_no_other(world: World) -> None:
    app = Application(world, WITH_NUMBER)
    given = app.tokens(scope="openid rrn")
    assert app.verified(given["id_token"])["rrn"] == "95081700086"
    assert json_of(app.userinfo(given["access_token"]))["rrn"] == "95081700086"
    assert "95081700086" not in str(Application(world).tokens())
    assert "rrn" not in app.claims(scope="openid profile")


# --- revocation ---------------------------------------------------------------------------------------------


def test_a_revoked_access_token_leaves_the_others_good(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    assert app.post("/op/v1/revoke", {"token": given["access_token"]}).status_code == 200
    assert app.introspect(given["access_token"]) == {"active": False}
    assert app.refresh(given["refresh_token"]).status_code == 200


def test_a_revoked_refresh_token_takes_its_family_with_it(world: World) -> None:
    app = Application(world)
    given = app.tokens()
    assert app.post("/op/v1/revoke", {"token": given["refresh_token"], "token_type_hint": "x"}).status_code == 200
    assert app.introspect(given["access_token"]) == {"active": False}


def test_a_token_of_another_client_is_not_revoked_and_the_answer_is_as_for_an_unknown_one(world: World) -> None:
    app, other = Application(world), Application(world, OTHER)
    given = app.tokens()
    for token in (given["access_token"], given["refresh_token"], "unknown"):
        answer = other.post("/op/v1/revoke", {"token": token})
        assert (answer.status_code, answer.get_data()) == (200, b"")
    assert app.introspect(given["access_token"])["active"] is True
    assert app.refresh(given["refresh_token"]).status_code == 200


# --- keys ---------------------------------------------------------------------------------------------------


def test_tokens_stay_good_while_the_key_that_signs_is_replaced(world: World) -> None:
    app = Application(world)
    before = app.tokens()
    announced = {key["kid"] for key in json_of(world.app.test_client().get("/op/v1/keys"))["keys"]}
    world.provider.keys.rotate()  # type: ignore[attr-defined]
    after = app.tokens()
    kids = {app.verified(given["id_token"])["kid"] for given in (before, after)}
    assert len(kids) == 2
    assert kids <= announced


def test_published_keys_hold_no_private_part(world: World) -> None:
    keys = json_of(world.app.test_client().get("/op/v1/keys"))["keys"]
    assert [sorted(key) for key in keys] == [["alg", "e", "kid", "kty", "n", "use"]] * 2


def test_the_configuration_names_endpoints_that_exist(world: World) -> None:
    told = json_of(world.app.test_client().get("/op/.well-known/openid-configuration"))
    assert told["issuer"] == "http://127.0.0.1:8000/op"
    routes = {rule.rule for rule in world.app.url_map.iter_rules()}
    addresses = [value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 7
    assert {address.removeprefix("http://127.0.0.1:8000") for address in addresses} <= routes
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
