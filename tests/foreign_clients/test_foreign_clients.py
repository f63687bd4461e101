"""Applications on openid-client and mozilla-django-oidc work with the served product, as with any other provider."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.foreign_clients.applications import Browser, in_django, in_node, persona
from tests.live import served, told_by

ROLES = ["DienstenchequesErkendeOnderneming-V99901:1999000150"]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign") / "instance"


@pytest.fixture(scope="module")
def base(instance: Path) -> Iterator[str]:
    """The address of the product, served with the demo world."""
    with served(instance) as address:
        yield address


@pytest.fixture
def node(base: str) -> Iterator[str]:
    with in_node(base) as address:
        yield address


@pytest.fixture
def django(base: str) -> Iterator[str]:
    with in_django(base) as address:
        yield address


def rotate_signing_key(instance: Path) -> str:
    """Rotate as an operator does while the product is served; gives the id of the key that signs from now on."""
    return told_by(instance, "keys", "rotate", "--signing").split()[-1]


def test_openid_client_signs_in_and_reads_the_claims(base: str, node: str) -> None:
    found = Browser().get(f"{node}/sign-in", login_hint=persona("ines"))
    claims = found["claims"]
    assert (claims["iss"], claims["aud"]) == (f"{base}/op", "demo-confidential")
    assert (claims["given_name"], claims["family_name"]) == ("Inès", "Dubois")
    assert (claims["vo_doelgroepcode"], claims["vo_orgcode"]) == ("EA", "1999000150")
    assert claims["dienstencheques_rol_3d"] == ROLES
    assert "rrn" not in claims


def test_openid_client_refreshes_and_its_used_token_ends_the_family(node: str) -> None:
    browser = Browser()
    first = browser.get(f"{node}/sign-in", login_hint=persona("ines"))["claims"]
    refreshed = browser.get(f"{node}/refresh")
    assert refreshed["claims"]["sub"] == first["sub"]
    assert refreshed["claims"]["dienstencheques_rol_3d"] == ROLES
    assert browser.get(f"{node}/introspect")["active"] is True
    refused = browser.get(f"{node}/refresh", token=refreshed["used"])
    assert (browser.status, refused["error"], refused["status"]) == (502, "invalid_grant", 400)
    assert browser.get(f"{node}/introspect") == {"active": False}


def test_openid_client_introspects_and_asks_for_userinfo(base: str, node: str) -> None:
    browser = Browser()
    claims = browser.get(f"{node}/sign-in", login_hint=persona("ines"))["claims"]
    worth = browser.get(f"{node}/introspect")
    assert (worth["active"], worth["sub"], worth["iss"]) == (True, claims["sub"], f"{base}/op")
    assert (worth["token_type"], worth["vo_orgcode"]) == ("bearer", "1999000150")
    assert browser.get(f"{node}/userinfo")["dienstencheques_rol_3d"] == ROLES


def test_openid_client_goes_on_with_the_keys_it_knows_when_the_signing_key_is_rotated(
    instance: Path, node: str
) -> None:
    browser = Browser()
    before = browser.get(f"{node}/sign-in", login_hint=persona("ines"))["header"]
    signing = rotate_signing_key(instance)
    after = browser.get(f"{node}/refresh")["header"]
    assert signing == after["kid"] != before["kid"]
    assert (before["alg"], after["alg"]) == ("RS256", "RS256")


def test_openid_client_signs_out_at_the_provider_too(node: str) -> None:
    browser = Browser()
    browser.get(f"{node}/sign-in", login_hint=persona("ines"))
    assert browser.get(f"{node}/sign-out") == {"state": "bye"}
    assert browser.get(f"{node}/introspect") == {"active": False}
    refused = browser.get(f"{node}/sign-in", prompt="none")
    assert (browser.status, refused["error"]) == (502, "login_required")


def test_openid_client_is_told_who_may_not_sign_in(node: str) -> None:
    browser = Browser()
    refused = browser.get(f"{node}/sign-in", login_hint=persona("nobody"))
    assert (browser.status, refused["error"]) == (502, "invalid_request")


def test_mozilla_django_oidc_signs_in_and_reads_the_claims(base: str, django: str) -> None:
    browser = Browser()
    found = browser.get(f"{django}/sign-in", login_hint=persona("ines"))
    assert browser.address == f"{django}/"
    assert found["name"] == "Inès Dubois"
    assert (found["claims"]["iss"], found["claims"]["aud"]) == (f"{base}/op", "demo-confidential")
    assert found["claims"]["dienstencheques_rol_3d"] == ROLES
    assert found["userinfo"]["dienstencheques_rol_3d"] == ROLES
    assert found["userinfo"]["sub"] == found["claims"]["sub"]


def test_mozilla_django_oidc_renews_a_sign_in_in_silence_under_a_rotated_key(instance: Path, django: str) -> None:
    browser = Browser()
    before = browser.get(f"{django}/sign-in", login_hint=persona("ines"))
    signing = rotate_signing_key(instance)
    assert browser.get(f"{django}/") == before
    browser.get(f"{django}/stale")
    after = browser.get(f"{django}/")
    assert after["header"]["kid"] == signing != before["header"]["kid"]
    assert (after["name"], after["claims"]["sub"]) == ("Inès Dubois", before["claims"]["sub"])
    assert after["claims"]["nonce"] != before["claims"]["nonce"]


def test_mozilla_django_oidc_signs_out_at_the_provider_too(base: str, django: str) -> None:
    browser = Browser()
    browser.get(f"{django}/sign-in", login_hint=persona("ines"))
    assert browser.post(f"{django}/oidc/logout/") == {"signed in": False, "state": "bye"}
    browser.get(f"{django}/")
    assert browser.address.startswith(f"{base}/sign-in?")


def test_mozilla_django_oidc_signs_somebody_out_whose_session_at_the_provider_is_over(base: str, django: str) -> None:
    browser = Browser()
    browser.get(f"{django}/sign-in", login_hint=persona("ines"))
    browser.get(f"{base}/op/v1/logout")
    browser.get(f"{django}/stale")
    assert browser.get(f"{django}/") == {"signed in": False}
    assert browser.address == f"{django}/signed-out"
