"""For test runs, in simulation only: a client of its own for each, so that runs do not get in each other's way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from accessmgr.api.registration_body import read_body
from accessmgr.calls import problems
from accessmgr.calls.body import read_json
from accessmgr.calls.problems import Problem
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


problems.handle(bp)


@bp.post("/clients")
def new_client() -> ResponseReturnValue:
    """Register a client under a new id; its secret is told this once."""
    registrar = cast(Registrar, current_app.extensions[EXTENSION])
    client = read_body(read_json(LARGEST), registrar.scopes, registrar.applications)
    try:
        secret = registrar.register(client)
    except WrongRegistration as wrong:
        raise Problem(422, str(wrong)) from wrong
    page = registrar.page(client.id)
    answer = {"client_id": client.id, "issuer": registrar.issuer, "registration": page}
    if secret is not None:
        answer["client_secret"] = secret
    return jsonify(answer), 201, {"Location": page}
