"""One line of an export: an entry, whose leaf it gives, or the checkpoint that closes it; in any spelling of JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from accessmgr.core.ledger.form import LARGEST, canonical
from accessmgr.core.ledger.note import Checkpoint, WrongNote

MEMBERS = {"sequence": int, "recorded_at": str, "type": str, "actor": str, "decision": dict, "data": dict}
"""The six members of an entry, each with its type."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class WrongLine(ValueError):
    """A line that is neither an entry nor a checkpoint."""


class NotAnObject(WrongLine):
    """Bytes that are no JSON object at all."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry as the tree takes it: its canonical bytes, with what places it in the log."""

    sequence: int
    recorded_at: str
    content: bytes


def read_line(line: bytes, *, strict: bool) -> Leaf | Checkpoint:
    """The entry or checkpoint in a line.

    :param strict: only the canonical bytes and their newline will do

    :raise NotAnObject: it is no JSON object
    :raise WrongLine: it is another object
    """
    value, content = read_object(line, strict=strict)
    if value.keys() == {"checkpoint"}:
        return checkpoint_in(value["checkpoint"])
    check_members(value)
    return Leaf(value["sequence"], value["recorded_at"], content)


def read_object(line: bytes, *, strict: bool) -> tuple[dict[str, Any], bytes]:
    """The object in a line, with its canonical bytes.

    :param strict: only the canonical bytes and their newline will do

    :raise NotAnObject: it is no JSON object
    :raise WrongLine: it holds what may not stand there, or is not canonical
    """
    value = _object(line)
    try:
        content = canonical(value)
    except ValueError as wrong:
        raise WrongLine(str(wrong)) from None
    if strict and line != content + b"\n":
        raise WrongLine("not in canonical form")
    return value, content


def checkpoint_in(note: object) -> Checkpoint:
    """The checkpoint that a member of a line holds.

    :raise WrongLine: it is none
    """
    if not isinstance(note, str):
        raise WrongLine("the checkpoint is not text")
    try:
        return Checkpoint.parse(note)
    except WrongNote as wrong:
        raise WrongLine(str(wrong)) from None


def check_members(entry: Mapping[str, Any]) -> None:
    """Check that an object has the members of an entry.

    :raise WrongLine: it has not
    """
    if entry.keys() != MEMBERS.keys():
        raise WrongLine("not the six members of an entry")
    for name, type_ in MEMBERS.items():
        if type(entry[name]) is not type_:
            raise WrongLine(f"`{name}` is of another type")
    moment = entry["recorded_at"]
    try:
        datetime.fromisoformat(moment if _MOMENT.fullmatch(moment) else "")
    except ValueError:
        raise WrongLine("`recorded_at` is not a moment in UTC with six decimals") from None


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(
            line.decode(), object_pairs_hook=_without_repetition, parse_float=_whole, parse_constant=_refuse
        )
    except WrongLine:
        raise
    except (ValueError, ArithmeticError, RecursionError):
        raise NotAnObject("not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise NotAnObject("not a JSON object")
    return value


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise WrongLine("a member stands twice")
    return dict(pairs)


def _whole(text: str) -> int:
    """A number with a point or exponent, which may still be a whole one: `1.0` is a spelling of 1."""
    number = Decimal(text)
    if abs(number) > LARGEST or number != number.to_integral_value():
        raise WrongLine(f"not a whole number: `{text[:30]}`")
    return int(number)


def _refuse(name: str) -> NoReturn:
    raise WrongLine(f"not a number: `{name}`")
