"""What is wrong with a call, as problem details (RFC 9457): what, and where in what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, json, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from accessmgr.usecases.deadlines import TooLate
from accessmgr.usecases.unrecorded import Unrecorded

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Flaw:
    """Something wrong, and where: a JSON pointer into the body, empty for the whole of it."""

    detail: str
    pointer: str = ""


class Problem(Exception):
    """The call cannot be answered.

    :param status: of HTTP
    :param detail: what is wrong, in one line
    :param members: more members of the answer
    :param headers: headers of the answer
    """

    def __init__(
        self,
        status: int,
        detail: str,
        flaws: Sequence[Flaw] = (),
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.flaws = tuple(flaws)
        self.members = dict(members or {})
        self.headers = dict(headers or {})


def handle(bp: Blueprint) -> None:
    """Let a blueprint tell everything that goes wrong in it as a problem, faults included."""
    bp.register_error_handler(Problem, told)
    bp.register_error_handler(HTTPException, http_error)
    bp.register_error_handler(Unrecorded, unrecorded)
    bp.register_error_handler(TooLate, too_late)
    bp.register_error_handler(OperationalError, too_late)
    bp.register_error_handler(Exception, fault)


def told(problem: Problem) -> Response:
    """The answer to a call that cannot be answered otherwise."""
    response = _answer(problem.status, problem.detail, problem.flaws, problem.members)
    response.headers.update(problem.headers)
    return response


def http_error(error: HTTPException) -> Response:
    """An error of HTTP, as a problem."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = _answer(status, HTTPStatus(status).phrase.lower(), (), {})
    response.headers.extend(header for header in error.get_headers() if header[0] == "Allow")
    return response


def unrecorded(broken: Unrecorded) -> Response:
    """The history cannot be written, so nothing was done and nothing is told."""
    current_app.logger.error("nothing is recorded: %s", broken)
    return _answer(503, "the history cannot be written now, so nothing was done", (), {})


def too_late(error: Exception) -> Response:
    """The database does not answer, or not in time: nothing is told, and what was not finished was not done."""
    current_app.logger.error("no answer in time in %s: %s", request.endpoint, type(error).__name__)
    return _answer(503, "there is no answer in time; what was not finished was not done", (), {})


def fault(error: Exception) -> Response:
    """A fault of ours: said without any detail, and logged."""
    current_app.logger.error("a fault in %s", request.endpoint, exc_info=error)
    return _answer(500, "a fault of ours stopped this; what was not finished was not done", (), {})


def _answer(status: int, detail: str, flaws: Sequence[Flaw], members: Mapping[str, Any]) -> Response:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    errors = [{"detail": flaw.detail, "pointer": f"#{flaw.pointer}"} for flaw in flaws]
    body = json.dumps({**content, **({"errors": errors} if errors else {}), **members})
    return Response(body, status, content_type=MEDIA_TYPE)
