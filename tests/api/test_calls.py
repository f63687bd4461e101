"""What all calls share: tokens and their scopes, on whose behalf they are, and what is told of a wrong call."""

from typing import Any

import pytest

from tests.api.building import SOFTWARE, Desk, a_desk, a_grant, token_of, told
from tests.oidc.building import Application, json_of
from tests.web.building import post

NUMBER = "95.08.17-000.86"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return a_desk(tmp_path_factory.mktemp("desk"))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_whoever_has_a_token_is_told_for_whom_they_act(desk: Desk) -> None:
    me = told(desk.get("ines", "/me"), 200)
    assert (me["person"], me["given"], me["key"], me["level"], me["client"]) == ("ines", "Inès", "eid", 500, "software")


def test_without_a_token_nothing_is_told(desk: Desk) -> None:
    answer = desk.world.app.test_client().get("/api/v1/me")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="accessmgr"')


def test_a_token_is_good_for_its_scopes_alone(desk: Desk) -> None:
    reads = bearer(token_of(desk.world.provider, "nadia", ("grants.read",)))
    assert desk.get("nadia", "/grants", reads).status_code == 200
    refused = desk.post("nadia", "/grants", a_grant(), reads)
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="grants.write"' in refused.headers["WWW-Authenticate"]


def test_the_api_never_acts_as_nobody(desk: Desk) -> None:
    nobody = bearer(token_of(desk.world.provider, None))
    assert told(desk.get("nadia", "/me", nobody), 403)["detail"].startswith("the token is nobody's")
    assert desk.post("nadia", "/grants", a_grant(), nobody).status_code == 403


@pytest.mark.parametrize(
    ("scope", "afterwards"), [("openid grants.read", 401), ("openid grants.read offline_access", 200)]
)
def test_whoever_signs_out_ends_what_acts_for_them(desk: Desk, scope: str, afterwards: int) -> None:
    software, browser = Application(desk.world, SOFTWARE, "a secret"), desk.world.browser("nadia")
    issued = json_of(software.redeem(software.code(browser, scope=scope)))
    headers = bearer(issued["access_token"])
    assert desk.get("nadia", "/grants", headers).status_code == 200
    assert post(desk.world.browser("nadia"), "/sign-out", {}).status_code == 303  # another session of theirs
    assert desk.get("nadia", "/grants", headers).status_code == 200
    assert post(browser, "/sign-out", {}).status_code == 303
    assert desk.get("nadia", "/grants", headers).status_code == afterwards


FLAWS: list[tuple[dict[str, Any], str]] = [
    ({"contexts": []}, "#/contexts"),
    ({"contexts": ["V99901", 1]}, "#/contexts/1"),
    ({"period": {"first": "2026-02-30", "last": None}}, "#/period/first"),
    ({"period": {"first": "2026-03-10", "until": "x"}}, "#/period/until"),
    ({"period": {"first": "0001-01-01"}}, "#/period/first"),
    ({"enterprise": "1999000151"}, "#/enterprise"),
    ({"holder": None}, "#/holder"),
    ({"holder": "in es"}, "#/holder"),
    ({"more": 1}, "#/more"),
    ({NUMBER: 1}, "#"),
]


@pytest.mark.parametrize(("spoilt", "pointer"), FLAWS)
def test_a_flaw_is_told_with_its_place(desk: Desk, spoilt: dict[str, Any], pointer: str) -> None:
    answer = desk.post("nadia", "/grants", a_grant(**spoilt))
    assert [flaw["pointer"] for flaw in told(answer, 422)["errors"]] == [pointer]


def test_a_rejected_value_is_never_told_again(desk: Desk) -> None:
    wish = dict.fromkeys(a_grant(), NUMBER) | {NUMBER: NUMBER, "period": {"first": NUMBER, "last": [NUMBER]}}
    answers = [
        desk.post("nadia", "/grants", wish),
        desk.get("nadia", "/grants", enterprise=NUMBER, cursor=NUMBER, state=NUMBER),
        desk.get("nadia", f"/grants?{NUMBER}=1"),
        desk.get("nadia", f"/grants/{NUMBER}"),
        desk.get("nadia", f"/{NUMBER}"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 404, 404]
    assert {answer.content_type for answer in answers} == {"application/problem+json"}
    assert [answer for answer in answers if NUMBER in answer.get_data(as_text=True)] == []


@pytest.mark.parametrize(
    "path", ["/grants?limit=0", "/grants?limit=x", "/grants?other=1", "/grants?limit=1&limit=2", "/me?x=1"]
)
def test_a_parameter_that_is_wrong_or_not_known_is_refused(desk: Desk, path: str) -> None:
    assert desk.get("nadia", path).status_code == 422


def test_what_there_is_not_is_told_as_a_problem(desk: Desk) -> None:
    absent, wrong = desk.get("nadia", "/nothing"), desk.post("nadia", "/me")
    assert (absent.status_code, absent.content_type) == (404, "application/problem+json")
    assert (wrong.status_code, wrong.content_type) == (405, "application/problem+json")


def test_a_request_keeps_its_id(desk: Desk) -> None:
    assert desk.get("nadia", "/me", {"X-Request-ID": "mine"}).headers["X-Request-ID"] == "mine"
