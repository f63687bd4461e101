"""The id of a request (`X-Request-ID`): the caller's own, given back, or a new one."""

import re
import secrets

from flask import Blueprint, Response, g, request

HEADER = "X-Request-ID"
_ID = re.compile(r"[\x20-\x7e]{1,256}")


def identify(bp: Blueprint) -> None:
    """Let every answer of a blueprint, errors included, carry the id of its request."""

    @bp.after_request
    def give_back(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        return response


def request_id() -> str:
    """The id that the caller gave the request if it is a line of at most 256 characters in ASCII, else a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(16)
    return str(g.request_id)
