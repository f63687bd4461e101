"""The canonical form of a history entry (RFC 8785): the bytes that the history stores and exports."""

import json
from collections.abc import Mapping
from typing import Any

LARGEST = 2**53 - 1
"""The largest integer, either way from zero, that an entry may hold."""

DEEPEST = 64
"""How deep objects and lists may stand in one another, so that every verifier can read what any other can."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """The RFC 8785 form of an object of text, integers, booleans, lists and objects with ASCII names.

    :raise ValueError: for a float, null, a name that is not ASCII, an integer too large, or objects nested too deep
    """
    _check(value, 1)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST and isinstance(value, list | Mapping):
        raise ValueError(f"nested deeper than {DEEPEST}")
    match value:
        case str() | bool():
            return
        case int():
            if abs(value) > LARGEST:
                raise ValueError(f"integer too large for the history: `{value}`")
        case list():
            for item in value:
                _check(item, depth + 1)
        case Mapping():
            for name, item in value.items():
                if not name.isascii():
                    raise ValueError(f"name is not ASCII: `{name}`")
                _check(item, depth + 1)
        case _:
            raise ValueError(f"not a value of the history: `{type(value).__name__}`")
