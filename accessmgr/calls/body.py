"""The JSON that a call sends, read strictly (I-JSON, RFC 7493): no member twice, bounded in size and depth."""

import json
import math
import re
from typing import Any, NoReturn

from flask import request

from accessmgr.calls.problems import Problem

LARGEST = 256 * 1024
"""The largest body, in bytes, unless told otherwise."""
DEEPEST = 32
"""How many objects and lists may stand within each other."""
LARGEST_INTEGER = 2**53 - 1
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def read_json(largest: int = LARGEST, deepest: int = DEEPEST) -> Any:
    """The JSON value of the body of the request.

    :raise Problem: 415 it is not declared as JSON, 413 it is too large, 400 it is not I-JSON or too deep
    """
    if request.mimetype != "application/json":
        raise Problem(415, "the body must be application/json")
    request.max_content_length = largest
    body = request.get_data()  # werkzeug answers 413 if it is larger
    return parse(body, deepest)


def parse(body: bytes, deepest: int = DEEPEST) -> Any:
    """The value of a JSON text.

    :raise Problem: 400 it is not I-JSON, or too deep
    """
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_each_once,
            parse_constant=_no_number,
            parse_int=_integer,
            parse_float=_finite,
        )
    except UnicodeDecodeError as wrong:
        raise Problem(400, "the body is not UTF-8") from wrong
    except RecursionError as wrong:
        raise Problem(400, "the body is too deep") from wrong
    except ValueError as wrong:
        raise Problem(400, f"the body is not JSON: {_what(wrong)}") from wrong
    _check(value, deepest)
    return value


def _what(wrong: ValueError) -> str:
    """What is wrong and where, without a word of what was sent."""
    if isinstance(wrong, json.JSONDecodeError):
        return f"line {wrong.lineno}, column {wrong.colno}"
    return str(wrong)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_number(_: str) -> NoReturn:
    raise ValueError("not a number is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(value := int(digits)) > LARGEST_INTEGER:
        raise ValueError("an integer is beyond 2^53 - 1")
    return value


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("a number is too large")
    return value


def _check(value: Any, deepest: int) -> None:
    """:raise Problem: something stands too deep, or a text holds half a pair of surrogates"""
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, str):
            if _HALF_A_PAIR.search(each):
                raise Problem(400, "a text holds half a pair of surrogates")
        elif isinstance(each, dict | list):
            if depth >= deepest:
                raise Problem(400, "the body is too deep")
            parts = [*each.keys(), *each.values()] if isinstance(each, dict) else each
            waiting += [(part, depth + 1) for part in parts]
