"""What every endpoint for programs shares, on a small endpoint of the test's: callers, bodies, ids, problems."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from accessmgr.calls import caller as callers
from accessmgr.calls import limits, problems
from accessmgr.calls.body import read_json
from accessmgr.calls.caller import Callers, caller
from accessmgr.calls.identified import identify
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.model import Key
from accessmgr.usecases.tokens import ACCESS_LIVES
from accessmgr.usecases.unrecorded import Unrecorded
from tests.oidc.building import APP, SECRET, Application, World, a_world, json_of

SECRET_WORD = "95.08.17-000.86"


def small_app(world: World) -> Flask:
    """An application that takes calls by the tokens of a world, with an endpoint for each thing that can go wrong."""
    app = Flask("small")
    provider = world.provider
    callers.init_app(app, Callers(provider.clients, provider.tokens, provider.still_signed_in, provider.now))
    limits.init_app(app, world.app.extensions[limits.EXTENSION])
    bp = Blueprint("small", __name__)
    problems.handle(bp)
    identify(bp)

    @bp.post("/who")
    def who() -> ResponseReturnValue:
        found = caller("authzen")
        assert caller("authzen") is found
        return jsonify(client=found.client.id, person=found.person, key=found.key, scope=sorted(found.scope))

    @bp.post("/echo")
    def echo() -> ResponseReturnValue:
        return jsonify(read_json(largest=100, deepest=3))

    @bp.post("/fails/<how>")
    def fails(how: str) -> ResponseReturnValue:
        raise {
            "problem": Problem(422, "no", [Flaw("wrong", "/a~1b/0")], members={"x": 1}, headers={"X-More": "y"}),
            "unrecorded": Unrecorded(SECRET_WORD),
            "fault": ValueError(SECRET_WORD),
        }[how]

    app.register_blueprint(bp)
    return app


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder: Path = tmp_path_factory.mktemp("calls")
    return a_world(folder / "world")


@pytest.fixture(scope="module")
def small(world: World) -> Flask:
    return small_app(world)


def token(world: World, scope: str = "authzen") -> str:
    answer = Application(world, APP, SECRET).post("/op/v1/token", {"grant_type": "client_credentials", "scope": scope})
    return str(json_of(answer)["access_token"])


def call(app: Flask, path: str, authorization: str | None = None, **more: Any) -> TestResponse:
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().post(path, headers={**headers, **more.pop("headers", {})}, **more)


# --- who calls -----------------------------------------------------------------------------------------------


def test_a_client_is_known_by_its_token(world: World, small: Flask) -> None:
    assert json_of(call(small, "/who", f"Bearer {token(world)}")) == {
        "client": "app",
        "person": None,
        "key": None,
        "scope": ["authzen"],
    }
    assert call(small, "/who", f"bearer  {token(world)} ").status_code == 200


def test_a_client_may_call_for_the_person_who_signed_in(world: World, small: Flask) -> None:
    tokens = Application(world).tokens("ines", Key.ITSME, scope="openid")
    answer = call(small, "/who", f"Bearer {tokens['access_token']}")
    assert (answer.status_code, "insufficient_scope" in answer.headers["WWW-Authenticate"]) == (403, True)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YXBwOmE=", "Token x"])
def test_who_brings_no_token_is_asked_for_one(small: Flask, authorization: str | None) -> None:
    answer = call(small, "/who", authorization)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="accessmgr"')


@pytest.mark.parametrize("authorization", ["Bearer made-up", "Bearer \u00e9", "Bearer a b", f"Bearer {'x' * 5000}"])
def test_a_token_that_is_none_is_told_so(small: Flask, authorization: str) -> None:
    answer = call(small, "/who", authorization)
    assert (answer.status_code, 'error="invalid_token"' in answer.headers["WWW-Authenticate"]) == (401, True)


def test_a_token_is_good_for_its_time_and_until_it_is_revoked(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    late = replace(APP, id="late")
    world.add(late)
    small = small_app(world)
    first, second = token(world), token(world)
    assert [call(small, "/who", f"Bearer {one}").status_code for one in (first, second)] == [200, 200]
    Application(world, APP, SECRET).post("/op/v1/revoke", {"token": first})
    assert [call(small, "/who", f"Bearer {one}").status_code for one in (first, second)] == [401, 200]
    world.clock.advance(seconds=(ACCESS_LIVES - timedelta(seconds=5)).total_seconds())
    small = small_app(world)
    assert call(small, "/who", f"Bearer {second}").status_code == 200
    world.clock.advance(seconds=10)
    assert call(small_app(world), "/who", f"Bearer {second}").status_code == 401


def test_the_tokens_of_a_client_that_is_removed_are_good_no_more(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    small, given = small_app(world), token(world)
    assert call(small, "/who", f"Bearer {given}").status_code == 200
    world.provider.clients.remove("app", world.clock())
    assert call(small, "/who", f"Bearer {given}").status_code == 401


# --- bodies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"a": [1]}', "application/json", 200),
        (b'{"a": [1]}', "application/json; charset=utf-8", 200),
        (b'{"a": [1]}', "text/json", 415),
        (b'{"a": [1]}', "application/x-www-form-urlencoded", 415),
        (b'{"a": [[1]]}', "application/json", 200),
        (b'{"a": [[[1]]]}', "application/json", 400),
        (b'"' + b"x" * 98 + b'"', "application/json", 200),
        (b'"' + b"x" * 99 + b'"', "application/json", 413),
        (b"", "application/json", 400),
    ],
)
def test_a_body_is_json_not_too_large_and_not_too_deep(
    small: Flask, body: bytes, content_type: str, status: int
) -> None:
    answer = call(small, "/echo", data=body, content_type=content_type)
    assert answer.status_code == status


# --- ids of requests, and problems ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/echo", "/fails/problem", "/fails/unrecorded", "/fails/fault"])
def test_the_id_of_a_request_comes_back_whatever_comes_of_it(small: Flask, path: str) -> None:
    answer = call(small, path, headers={"X-Request-ID": "my request/1"}, json=1)
    assert answer.headers["X-Request-ID"] == "my request/1"


@pytest.mark.parametrize("given", [None, "", "x" * 257, "\u00e9"])
def test_a_request_without_a_usable_id_gets_one(small: Flask, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    one, other = (call(small, "/echo", headers=headers, json=1).headers["X-Request-ID"] for _ in range(2))
    assert (len(one), len(other), one != other) == (32, 32, True)


def test_a_problem_is_told_with_its_places(small: Flask) -> None:
    answer = call(small, "/fails/problem")
    assert (answer.status_code, answer.content_type, answer.headers["X-More"]) == (422, "application/problem+json", "y")
    assert json_of(answer) == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "no",
        "errors": [{"detail": "wrong", "pointer": "#/a~1b/0"}],
        "x": 1,
    }


@pytest.mark.parametrize(("how", "status"), [("unrecorded", 503), ("fault", 500)])
def test_a_fault_is_told_without_what_it_was(small: Flask, how: str, status: int) -> None:
    answer = call(small, f"/fails/{how}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert SECRET_WORD not in answer.get_data(as_text=True)
