"""All parts of the API, in the order of the docs, and their routes. A new part is added to `PARTS`."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response
from flask_wtf import CSRFProtect

from accessmgr.api import (
    appointments,
    bulk,
    check,
    docs,
    enterprises,
    events,
    grants,
    history,
    me,
    refusing,
    relations,
    reports,
    requests,
    simulation,
    what_if,
)
from accessmgr.api.answering import answer
from accessmgr.api.call import EXTENSION, Api
from accessmgr.api.endpoints import Endpoint, Part
from accessmgr.calls import identified

PREFIX = "/api/v1"
PARTS: tuple[Part, ...] = (
    me.part,
    enterprises.part,
    appointments.part,
    relations.part,
    grants.part,
    bulk.part,
    requests.part,
    check.part,
    what_if.part,
    reports.part,
    history.part,
    events.part,
)
IN_SIMULATION: tuple[Part, ...] = (simulation.part,)
"""Parts that there are in simulation only."""

OPEN_ENDPOINTS = frozenset(
    {f"api.{endpoint.name}" for part in (*PARTS, *IN_SIMULATION) for endpoint in part.endpoints}
    | {"api.openapi", "api.docs"}
)
"""The routes that need no sign-in session: all, for they take a token instead, or tell what anybody may know."""


def register(app: Flask, csrf: CSRFProtect, api: Api, *, simulation: bool) -> None:
    """Let the application answer programs. The calls take no cookie, and so need no token of ours."""
    parts = (*PARTS, *IN_SIMULATION) if simulation else PARTS
    bp = Blueprint("api", __name__, url_prefix=PREFIX)
    refusing.handle(bp)
    identified.identify(bp)
    for part in parts:
        for endpoint in part.endpoints:
            bp.add_url_rule(endpoint.rule, endpoint.name, _view(endpoint), methods=[endpoint.method])
    docs.add(bp, parts, api.base_url)
    app.extensions[EXTENSION] = api
    csrf.exempt(bp)
    app.register_blueprint(bp)


def _view(endpoint: Endpoint) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        return answer(endpoint, path)

    return view
