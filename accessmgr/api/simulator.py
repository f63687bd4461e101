"""For test runs, in simulation only: a client of its own for each, so that runs do not get in each other's way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from accessmgr.api import problems
from accessmgr.api.problems import Problem
from accessmgr.api.registration_body import read_body
from accessmgr.usecases.relying_parties import Client, WrongRegistration

EXTENSION = "accessmgr.api.simulator"
LARGEST = 16 * 1024
"""The largest body, in bytes."""
OPEN_ENDPOINTS = frozenset({"api_simulator.new_client"})
"""The routes that need no sign-in."""

bp = Blueprint("api_simulator", __name__, url_prefix="/api/v1/simulator")


@dataclass(frozen=True)
class Registrar:
    """Registers clients.

    :param scopes: those that there are
    :param applications: those whose rights can be read
    :param register: keeps a client, and gives its secret if it has one
    :param page: the address of the page on a client
    """

    scopes: frozenset[str]
    applications: frozenset[str]
    issuer: str
    register: Callable[[Client], str | None]
    page: Callable[[str], str]


def register(app: Flask, csrf: CSRFProtect, registrar: Registrar) -> None:
    """Let the application register clients of test runs. The call takes no cookie, and so needs no token of ours."""
    app.extensions[EXTENSION] = registrar
    csrf.exempt(new_client)
    app.register_blueprint(bp)


bp.register_error_handler(Problem, problems.told)
bp.register_error_handler(HTTPException, problems.http_error)


@bp.post("/clients")
def new_client() -> ResponseReturnValue:
    """Register a client under a new id; its secret is told this once."""
    registrar = cast(Registrar, current_app.extensions[EXTENSION])
    client = read_body(_json(), registrar.scopes, registrar.applications)
    try:
        secret = registrar.register(client)
    except WrongRegistration as wrong:
        raise Problem(422, str(wrong)) from wrong
    page = registrar.page(client.id)
    answer = {"client_id": client.id, "issuer": registrar.issuer, "registration": page}
    if secret is not None:
        answer["client_secret"] = secret
    return jsonify(answer), 201, {"Location": page}


def _json() -> Any:
    """The JSON value of the body.

    :raise Problem: there is none, or too much of it
    """
    request.max_content_length = LARGEST
    body = request.get_data()
    if request.mimetype != "application/json":
        raise Problem(415, "the body must be application/json")
    try:
        return json.loads(body, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as wrong:
        raise Problem(400, "the body is not JSON, or a member stands twice") from wrong


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members
