"""The endpoints of the decision point (OpenID AuthZEN Authorization API 1.0)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from accessmgr.authzen.batches import answers, batch_in
from accessmgr.authzen.deciding import Deciding
from accessmgr.authzen.point import (
    EVALUATION,
    EVALUATIONS,
    EXTENSION,
    SEARCH_ACTION,
    SEARCH_RESOURCE,
    SEARCH_SUBJECT,
    DecisionPoint,
    point,
)
from accessmgr.authzen.questions import UnknownType, question_in
from accessmgr.authzen.reading import mapping
from accessmgr.authzen.searching import Found, Search, actions, page_of, resources, subjects
from accessmgr.calls import problems
from accessmgr.calls.body import read_json
from accessmgr.calls.caller import caller
from accessmgr.calls.identified import identify
from accessmgr.calls.problems import Problem
from accessmgr.usecases.relying_parties import AUTHZEN, Client

OPEN_ENDPOINTS = frozenset(
    {
        "authzen.configuration",
        "authzen.evaluation",
        "authzen.evaluations",
        "authzen.search_subject",
        "authzen.search_resource",
        "authzen.search_action",
    }
)
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
    client = _client()
    return jsonify(_single(client, _body()))


@bp.post(EVALUATIONS)
def evaluations() -> ResponseReturnValue:
    """Decide many questions about one state; or one, if there is no list of them."""
    client, body = _client(), _body()
    batch = batch_in(body)
    if batch is None:
        return jsonify(_single(client, body))
    with _deciding(client) as deciding:
        told = list(answers(deciding, batch))
    return jsonify(evaluations=told)


@bp.post(SEARCH_SUBJECT)
def search_subject() -> ResponseReturnValue:
    """A page of who may do it."""
    return _page(SEARCH_SUBJECT, subjects)


@bp.post(SEARCH_RESOURCE)
def search_resource() -> ResponseReturnValue:
    """A page of to what the subject may do it."""
    return _page(SEARCH_RESOURCE, resources)


@bp.post(SEARCH_ACTION)
def search_action() -> ResponseReturnValue:
    """A page of what the subject may do to it."""
    return _page(SEARCH_ACTION, actions)


def _page(path: str, search: Callable[[Deciding, Mapping[str, Any]], Search]) -> ResponseReturnValue:
    client, body = _client(), _body()
    page = point().pages.page_in(body, client.id, path)
    try:
        with _deciding(client) as deciding:
            found = page_of(deciding, search(deciding, body), page)
    except UnknownType:  # nobody may do anything to what there is not: a search for it finds nothing
        found = Found((), None)
    token = "" if found.after is None else point().pages.next_after(page, found.after)
    return jsonify(page={"next_token": token, "count": len(found.results)}, results=found.results)


def _single(client: Client, body: Mapping[str, Any]) -> Mapping[str, Any]:
    question = question_in(body)
    with _deciding(client) as deciding:
        return deciding.answer(question)


def _client() -> Client:
    """The client that calls, for itself: it is registered for what it may ask, and a person who signed in is not.

    :raise Problem: 401 there is no good token, 403 it is not good for that
    """
    found = caller(AUTHZEN)
    if found.person is not None:
        raise Problem(403, "a client asks for itself, not for a person")
    return found.client


def _body() -> Mapping[str, Any]:
    """The body of a call.

    :raise Problem: 400 it is no JSON object, or is not declared as JSON (which is 415 elsewhere), 413 it is too large
    """
    if request.mimetype != "application/json":
        raise Problem(400, "the body must be application/json")
    return mapping(read_json(), "")


@contextmanager
def _deciding(client: Client) -> Iterator[Deciding]:
    """Decisions within one look; at its end they are on record, or nothing is told.

    :raise Unrecorded: the log cannot be written
    """
    with point().world.store.reading() as look:
        deciding = Deciding(point(), look, client)
        yield deciding
    point().log.add(*deciding.lines)
