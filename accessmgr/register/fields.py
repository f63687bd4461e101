"""The fields of the register's files: numbers, days, codes and texts exactly as published, or `WrongRow`.

A wrong row is told by its column and never by what the column holds: that may be a national number gone astray.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from accessmgr.core.numbers import EnterpriseNumber, EstablishmentNumber, InvalidNumber, NationalNumber

LONGEST_TEXT = 1000

_DAY = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
_CODE = re.compile(r"[0-9A-Za-z]{1,10}")
_RECOGNITION = re.compile(r"[0-9A-Za-z]{1,30}")
_NATIONAL_NUMBER = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class WrongRow(ValueError):
    """A row is not as it should be; its message says why, without what the row holds."""


def enterprise_number(text: str, column: str) -> str:
    """The digits of an enterprise number, written `0123.456.789`."""
    if len(text) != 12 or text[4] != "." or text[8] != ".":
        raise WrongRow(f"`{column}` is not an enterprise number, written `0123.456.789`")
    try:
        return EnterpriseNumber(text[:4] + text[5:8] + text[9:]).digits
    except InvalidNumber as mistake:
        raise WrongRow(f"`{column}` is {mistake}") from None


def establishment_number(text: str, column: str) -> str:
    """The digits of an establishment number, written `2.123.456.789`."""
    if len(text) != 13 or text[1] != "." or text[5] != "." or text[9] != ".":
        raise WrongRow(f"`{column}` is not an establishment number, written `2.123.456.789`")
    try:
        return EstablishmentNumber(text[:1] + text[2:5] + text[6:9] + text[10:]).digits
    except InvalidNumber as mistake:
        raise WrongRow(f"`{column}` is {mistake}") from None


def is_branch(entity: str) -> bool:
    """Whether it marks a branch of a foreign enterprise, which is no official number and nothing of ours."""
    return len(entity) == 13 and entity[0] == "9"


def national_number_or_none(text: str, column: str) -> NationalNumber | None:
    """A national number written `YY.MM.DD-SSS.CC`, None for an empty field."""
    if not text:
        return None
    if not _NATIONAL_NUMBER.fullmatch(text):
        raise WrongRow(f"`{column}` is not written `YY.MM.DD-SSS.CC`")
    try:
        return NationalNumber.parse(text)
    except InvalidNumber as mistake:
        raise WrongRow(f"`{column}` is {mistake}") from None


@lru_cache(maxsize=1 << 15)
def _day(text: str) -> date:
    parts = _DAY.fullmatch(text)
    if not parts:
        raise ValueError("not a day, written `dd-mm-yyyy`")
    try:
        return date(int(parts[3]), int(parts[2]), int(parts[1]))
    except ValueError:
        raise ValueError("a day that the calendar does not have") from None


def day(text: str, column: str) -> date:
    """A day written `dd-mm-yyyy`."""
    try:
        return _day(text)
    except ValueError as mistake:
        raise WrongRow(f"`{column}` is {mistake}") from None


def day_or_none(text: str, column: str) -> date | None:
    """A day, None for an empty field."""
    return day(text, column) if text else None


def period(start: str, start_column: str, end: str, end_column: str) -> tuple[date, date | None]:
    """A first day and a last one, which may be empty."""
    first, last = day(start, start_column), day_or_none(end, end_column)
    if last is not None and last < first:
        raise WrongRow(f"`{end_column}` lies before `{start_column}`")
    return first, last


def needed(text: str, column: str) -> str:
    """A text that must be there, of a plausible length and without control characters."""
    if not text or text.isspace():
        raise WrongRow(f"`{column}` is empty")
    return plain(text, column)


def plain(text: str, column: str) -> str:
    """A text of a plausible length and without control characters; it may be empty."""
    if len(text) > LONGEST_TEXT:
        raise WrongRow(f"`{column}` is longer than {LONGEST_TEXT} characters")
    if _CONTROL.search(text):
        raise WrongRow(f"`{column}` holds a control character")
    return text


def code(text: str, column: str) -> str:
    """A code of the register: a few letters and digits."""
    if not _CODE.fullmatch(text):
        raise WrongRow(f"`{column}` is not a code")
    return text


def code_or_none(text: str, column: str) -> str | None:
    """A code, None for an empty field."""
    return code(text, column) if text else None


def recognition_number(text: str, column: str) -> str:
    """The number of a recognition; what the official ones look like is not known, so letters and digits."""
    if not _RECOGNITION.fullmatch(text):
        raise WrongRow(f"`{column}` is not made of letters and digits")
    return text
