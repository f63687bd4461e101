"""Attacks on every route: forged forms, reading that writes, methods, sizes, headers, redirects, cookies."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from accessmgr.api.parts import PARTS
from accessmgr.web.sign_in_forms import pin_of
from tests.web.building import NETJES, in_area, post, token_of
from tests.web.routes import FORMS, address, history_size, rules
from tests.web.users_cast import ROLES, Cast, cast

EVERYBODY = [*ROLES.values(), "karel", "emma", "anonymous"]
EVIL = "evil.example"
FORGED = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": f"//{EVIL}",
    "Forwarded": f"host={EVIL};proto=https",
    "X-Original-URL": "/simulator/",
    "X-Rewrite-URL": "/simulator/",
    "X-HTTP-Method-Override": "DELETE",
    "X-Remote-User": "mila",
}
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


SIGNS_OUT = "/op/v1/logout"
WITHOUT_TOKEN = {
    "/access/v1/evaluation": 401,
    "/access/v1/evaluations": 401,
    "/access/v1/search/action": 401,
    "/access/v1/search/resource": 401,
    "/access/v1/search/subject": 401,
    "/api/v1/simulator/clients": 415,
    "/api/v1/simulator/clock": 415,
    "/api/v1/simulator/register": 415,
    "/api/v1/simulator/reset": 415,
    "/op/v1/auth": 303,
    "/op/v1/introspect": 401,
    "/op/v1/logout": 303,
    "/op/v1/revoke": 401,
    "/op/v1/userinfo": 401,
    "/ssf/v1/poll/<stream_id>": 401,
    "/ssf/v1/status": 401,
    "/ssf/v1/stream": 401,
    "/ssf/v1/verify": 401,
    **{
        f"/api/v1{endpoint.rule}": 401
        for part in PARTS
        for endpoint in part.endpoints
        if endpoint.method == "POST" and endpoint.scope
    },
}
"""Routes for programs that take no cookie, or lead to a link and do nothing else (with `token`, which wants more)."""


@pytest.fixture
def all_there(tmp_path: Path) -> Cast:
    """An application with everybody in it."""
    return cast(tmp_path)


# --- forged forms -----------------------------------------------------------------------------------------


def test_a_form_without_its_token_or_with_another_ones_does_nothing(all_there: Cast) -> None:
    app, mallory = all_there.app, all_there.client("noah")
    foreign = token_of(mallory.get("/about").get_data(as_text=True))
    before, answers = history_size(app), {}
    for who in ("nadia", "anonymous"):
        client = all_there.client(who)
        client.get("/about")
        for rule in rules(app, "POST"):
            for token in ({}, {"csrf_token": ""}, {"csrf_token": foreign}, {"csrf_token": f"{foreign}x"}):
                answer = client.post(address(rule, all_there), data={**FORMS.get(rule, {}), **token})
                answers[f"{who} {rule}"] = answer.status_code
    without = {f"{who} {rule}": status for who in ("nadia", "anonymous") for rule, status in WITHOUT_TOKEN.items()}
    assert {rule: status for rule, status in answers.items() if status != 400} == without
    assert len(answers) == 2 * len(rules(app, "POST"))
    assert history_size(app) == before


def test_a_form_with_its_token_does_something_where_the_same_one_without_does_not(all_there: Cast) -> None:
    client, path = all_there.client("nadia"), f"/users/grants/{all_there.chain.grant}/revoke"
    before = history_size(all_there.app)
    assert client.post(path, data={"reason": "x"}).status_code == 400
    assert history_size(all_there.app) == before
    assert post(client, path, {"reason": "x"}).status_code == 303
    assert history_size(all_there.app) == before + 1


def test_a_token_in_an_address_counts_for_nothing(all_there: Cast) -> None:
    client = all_there.client("nadia")
    token = token_of(client.get("/about").get_data(as_text=True))
    assert client.post(f"/sign-out?csrf_token={token}").status_code == 400
    assert client.get("/managers/").status_code == 200


# --- reading writes nothing -------------------------------------------------------------------------------

AREA = "/secure-area/<enterprise:number>/<right>/<context>/"
WRITES_BY_READING = {
    f"{who} {rule}"
    for who in ("nadia", "sophie", "pieter", "hilde", "ines", "noah", "mila", "karel", "emma")
    for rule in (AREA, f"{AREA}<page>")
} - {f"ines {AREA}<page>"}
"""Who opens the secure area is asked each time: each refusal is on record, and the first entering of a session."""


def everywhere(all_there: Cast, who: str) -> FlaskClient:
    """A client of somebody, who went to the secure area too if they are anybody."""
    client = all_there.client(who)
    return client if who == "anonymous" else in_area(client)


@pytest.mark.parametrize("who", EVERYBODY)
def test_reading_writes_nothing_but_what_is_said_here(who: str, all_there: Cast) -> None:
    app, client = all_there.app, everywhere(all_there, who)
    wrote = set()
    for rule in rules(app, "GET"):
        for method in (client.get, client.head):
            before = history_size(app)
            method(address(rule, all_there)).close()
            if history_size(app) != before:
                wrote.add(f"{who} {rule}")
        if rule == SIGNS_OUT:
            client = everywhere(all_there, who)
    assert wrote == {each for each in WRITES_BY_READING if each.startswith(f"{who} ")}


# --- methods and sizes ------------------------------------------------------------------------------------


def test_a_method_that_a_route_does_not_declare_is_refused(all_there: Cast) -> None:
    app, client = all_there.app, all_there.client("nadia")
    before, wrong = history_size(app), []
    for rule in {*rules(app, "GET"), *rules(app, "POST")}:
        path = address(rule, all_there)
        declared = app.url_map.bind("localhost").allowed_methods(path.partition("?")[0])
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - set(declared):
            token = token_of(client.get("/about").get_data(as_text=True))
            answer = client.open(path, method=method, data={"csrf_token": token})
            if (answer.status_code, set(answer.allow)) != (405, set(declared)):
                wrong.append((method, rule, answer.status_code, answer.allow))
    assert wrong == []
    assert history_size(app) == before


def test_too_large_a_form_is_refused_by_every_route(all_there: Cast) -> None:
    client = all_there.client("nadia")
    before = history_size(all_there.app)
    routes = rules(all_there.app, "POST")
    large = {"x": "x" * 2_000_000}  # more than even many lines may have
    answers = {rule: client.post(address(rule, all_there), data=large).status_code for rule in routes}
    unread = ("/access/", "/ssf/", "/api/v1/simulator/clients")  # these look at who sends what kind before they read
    programs = [rule for rule in routes if rule.startswith(unread)]
    assert answers == {**dict.fromkeys(routes, 413), **{rule: WITHOUT_TOKEN[rule] for rule in programs}}
    assert history_size(all_there.app) == before


# --- headers ----------------------------------------------------------------------------------------------


def test_forged_headers_change_nothing(all_there: Cast) -> None:
    client, leaks = all_there.client("nadia"), []
    forged_by = all_there.app.test_client(use_cookies=False)
    headers = {**FORGED, "Cookie": f"language=en; accessmgr={cookie_of(client)}"}
    for rule in rules(all_there.app, "GET"):
        path = address(rule, all_there)
        with client.get(path) as plain, forged_by.get(path, headers=headers) as forged:
            if plain.status_code != forged.status_code or EVIL in f"{forged.headers}{forged.get_data(as_text=True)}":
                leaks.append(rule)
    assert leaks == []


def test_a_redirect_names_no_host(all_there: Cast) -> None:
    for who, path in (("anonymous", "/managers/"), ("anonymous", f"/history/{NETJES}"), ("nadia", "/history")):
        location = all_there.client(who).get(path, headers=FORGED).location or ""
        assert location.startswith("/")
        assert not location.startswith("//")


def broken() -> str:
    """A view with a fault."""
    raise RuntimeError("a fault")


def answers_of_every_kind(all_there: Cast) -> dict[str, Any]:
    """An answer for each way in which a request can end."""
    client, anonymous = all_there.client("nadia"), all_there.client("anonymous")
    answers = {
        "200": client.get("/"),
        "static": client.get("/static/style.css"),
        "static absent": client.get("/static/none.css"),
        "302": anonymous.get("/managers/"),
        "303": post(client, "/language", {"language": "nl"}),
        "308": client.get("/managers"),
        "400": client.post("/language"),
        "403": in_area(client).get(f"/secure-area/{NETJES}/service_vouchers/V99901/"),
        "404": client.get("/none"),
        "405": client.delete("/"),
        "409": client.get(f"/users/{NETJES}/people/add/none"),
        "413": client.post("/language", data={"x": "x" * 300_000}),
        "422": post(client, f"/users/{NETJES}/people/add"),
        "healthz": client.get("/healthz"),
        "readyz": client.get("/readyz"),
        "options": client.options("/"),
    }
    all_there.app.view_functions["start.about"] = broken
    answers["500"] = client.get("/about")
    return answers


def test_every_answer_has_the_headers_that_protect_it(all_there: Cast) -> None:
    answers = answers_of_every_kind(all_there)
    assert {name: answer.status_code for name, answer in answers.items() if name.isdigit()} == {
        name: int(name) for name in answers if name.isdigit()
    }
    lacking = {
        (name, header)
        for name, answer in answers.items()
        for header, value in PROTECTION.items()
        if answer.headers.get_all(header) != [value]
    }
    assert lacking == set()
    policies = [answer.headers["Content-Security-Policy"] for answer in answers.values()]
    assert all("default-src 'none'" in policy and "'unsafe" not in policy for policy in policies)
    assert len(set(policies)) == len(policies)
    assert all("Cookie" in answer.headers["Vary"] for answer in answers.values())
    for answer in answers.values():
        answer.close()


# --- where a form leads -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "onward", [f"//{EVIL}", f"https://{EVIL}/", f"/\\{EVIL}", f"/\t/{EVIL}", "javascript:alert(1)"]
)
def test_no_form_leads_to_another_site(onward: str, all_there: Cast) -> None:
    client = all_there.client("anonymous")
    assert post(client, "/language", {"language": "nl", "next": onward}).location == "/"
    card = {"person": "noah", "pin": pin_of("noah"), "next": onward}
    assert post(client, "/sign-in/eid", card).location == "/"
    assert post(client, "/sign-in/itsme", {"person": "noah", "next": onward}).location == "/sign-in/itsme/phone"
    assert post(client, "/sign-in/itsme/phone", {"answer": "confirm", "next": onward}).location == "/"
    assert EVIL not in client.get("/sign-in", query_string={"next": onward}).get_data(as_text=True)


# --- cookies ----------------------------------------------------------------------------------------------


def cookie_of(client: FlaskClient) -> str:
    """The cookie of the session."""
    found = client.get_cookie("accessmgr")
    assert found is not None
    return found.value


def with_cookie(all_there: Cast, value: str) -> FlaskClient:
    """Another browser that has got hold of a cookie."""
    client = all_there.client("anonymous")
    client.set_cookie("accessmgr", value)
    return client


def sign_in(client: FlaskClient, person: str = "noah") -> None:
    """Sign in with a test card."""
    assert post(client, "/sign-in/eid", {"person": person, "pin": pin_of(person)}).status_code == 303


def test_a_cookie_planted_before_the_sign_in_is_not_signed_in_by_it(all_there: Cast) -> None:
    victim = all_there.client("anonymous")
    victim.get("/about")
    planted = cookie_of(victim)
    token = token_of(victim.get("/about").get_data(as_text=True))
    sign_in(victim)
    assert cookie_of(victim) != planted
    assert victim.get("/managers/").status_code == 200
    assert with_cookie(all_there, planted).get("/managers/").status_code == 302
    assert victim.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_a_second_sign_in_ends_the_first_session(all_there: Cast) -> None:
    client = all_there.client("anonymous")
    sign_in(client)
    first = cookie_of(client)
    sign_in(client)
    assert cookie_of(client) != first
    assert with_cookie(all_there, first).get("/managers/").status_code == 302
    assert client.get("/managers/").status_code == 200


@pytest.mark.parametrize(("way_out", "other_device"), [("/sign-out", 200), ("/sign-out/everywhere", 302)])
def test_after_signing_out_the_cookie_is_dead(way_out: str, other_device: int, all_there: Cast) -> None:
    client, other = all_there.client("anonymous"), all_there.client("anonymous")
    sign_in(client)
    sign_in(other)
    kept = cookie_of(client)
    assert post(client, way_out).status_code == 303
    assert with_cookie(all_there, kept).get("/managers/").status_code == 302
    assert other.get("/managers/").status_code == other_device


def test_a_cookie_that_was_changed_signs_nobody_in(all_there: Cast) -> None:
    client = all_there.client("anonymous")
    sign_in(client)
    value = cookie_of(client)
    for forged in (value[:-1], f"{value}x", value.replace(".", "", 1), "eyJfdXNlcl9pZCI6Im1pbGEifQ.x.x", "mila"):
        assert with_cookie(all_there, forged).get("/managers/").status_code == 302
