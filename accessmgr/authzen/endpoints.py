"""The endpoints of the decision point (OpenID AuthZEN Authorization API 1.0)."""

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from accessmgr.authzen.deciding import Deciding
from accessmgr.authzen.point import EVALUATION, EXTENSION, DecisionPoint, point
from accessmgr.authzen.questions import question_in
from accessmgr.authzen.reading import mapping
from accessmgr.calls import problems
from accessmgr.calls.body import read_json
from accessmgr.calls.caller import caller
from accessmgr.calls.identified import identify
from accessmgr.usecases.relying_parties import AUTHZEN

OPEN_ENDPOINTS = frozenset({"authzen.configuration", "authzen.evaluation"})
"""The routes that need no sign-in: callers bring a token, and where everything is may be known to all."""

bp = Blueprint("authzen", __name__)
problems.handle(bp)
identify(bp)


def register(app: Flask, csrf: CSRFProtect, decision_point: DecisionPoint) -> None:
    """Let the application be a decision point. Its calls take no cookie, and so need no token of ours."""
    app.extensions[EXTENSION] = decision_point
    csrf.exempt(bp)
    app.register_blueprint(bp)


@bp.get("/.well-known/authzen-configuration")
def configuration() -> ResponseReturnValue:
    """Where everything is."""
    return jsonify(point().metadata)


@bp.post(EVALUATION)
def evaluation() -> ResponseReturnValue:
    """Decide one question, and change nothing."""
    client = caller(AUTHZEN).client
    question = question_in(mapping(read_json(), ""))
    with point().world.store.reading() as look:
        deciding = Deciding(point(), look, client)
        answer = deciding.answer(question)
    point().log.add(*deciding.lines)
    return jsonify(answer)
