"""What is wrong with a call, as problem details (RFC 9457): what, and where in what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, json
from werkzeug.exceptions import HTTPException

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
    """

    def __init__(self, status: int, detail: str, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.flaws = tuple(flaws)


def told(problem: Problem) -> Response:
    """The answer to a call that cannot be answered otherwise."""
    return _answer(problem.status, problem.detail, problem.flaws)


def http_error(error: HTTPException) -> Response:
    """An error of HTTP, as a problem."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return _answer(status, HTTPStatus(status).phrase.lower(), ())


def _answer(status: int, detail: str, flaws: Sequence[Flaw]) -> Response:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    errors = [{"detail": flaw.detail, "pointer": f"#{flaw.pointer}"} for flaw in flaws]
    body = json.dumps(content | ({"errors": errors} if errors else {}))
    return Response(body, status, content_type=MEDIA_TYPE)
