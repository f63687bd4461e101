"""A sign-in from its beginning to its ID token, and every way in which one is asked for."""

from pathlib import Path

import pytest

from tests.oidc.building import CALLBACK, Application, World, a_world, json_of, parameters


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


def test_a_person_who_is_signed_in_comes_back_with_a_code_state_and_issuer(world: World) -> None:
    app = Application(world)
    answer = app.ask(world.browser("ines"))
    assert answer.status_code == 302
    assert answer.location.startswith(f"{CALLBACK}?")
    sent = parameters(answer)
    assert sorted(sent) == ["code", "iss", "state"]
    assert (sent["state"], sent["iss"]) == (app.state, "http://127.0.0.1:8000/op")


def test_a_code_brings_tokens_and_claims(world: World) -> None:
    app = Application(world)
    answer = app.redeem(app.code(world.browser("ines")))
    given = json_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert sorted(given) == ["access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"]
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    claims = app.verified(given["id_token"])
    assert claims["sub"] == "ines"
    assert claims["dienstencheques_rol_3d"] == ["DienstenchequesErkendeOnderneming-V99901:1999000150"]
    assert (claims["vo_orgcode"], claims["vo_orgnaam"], claims["vo_doelgroepcode"]) == (
        "1999000150",
        "Netjes Thuis",
        "EA",
    )
