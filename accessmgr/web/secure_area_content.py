"""What a secure area shows: made-up rows, always the same for one enterprise, context and day.

Which pages an application has, and their columns, stands in `secure_area.yaml` of the demo world. An application
that is not described there has no pages, and one enters it all the same.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml

from accessmgr.resources import folder

ROWS = 8
LANGUAGES = ("fr", "nl", "de", "en")
Names = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """A column of a page: what it is called, and of which kind its values are."""

    names: Names
    kind: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Area:
    """A page of an application."""

    code: str
    names: Names
    columns: tuple[Column, ...]


@cache
def areas() -> Mapping[str, tuple[Area, ...]]:
    """The pages of each application that is described."""
    path = folder("seeds") / "worlds" / "demo" / "secure_area.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        application: tuple(
            Area(
                code,
                page["names"],
                tuple(Column(column["names"], column["kind"], column.get("values", [])) for column in page["columns"]),
            )
            for code, page in pages.items()
        )
        for application, pages in content["applications"].items()
    }


def rows(area: Area, enterprise: str, context: str, today: date, language: str) -> list[list[Any]]:
    """The made-up rows of a page, the same each time that they are asked for."""
    source = random.Random(f"{area.code} {enterprise} {context}")  # noqa: S311 - made-up rows, no secrets
    made = ([KINDS[column.kind](source, column, today, language) for column in area.columns] for _ in range(ROWS))
    return sorted(made, key=lambda row: str(row[0]), reverse=True)


Kind = Callable[[random.Random, Column, date, str], Any]


def _day(source: random.Random, column: Column, today: date, language: str) -> date:
    """A working day of the last four weeks."""
    day = today - timedelta(days=source.randrange(1, 28))
    return day - timedelta(days=max(0, day.weekday() - 4))


def _choice(source: random.Random, column: Column, today: date, language: str) -> str:
    """One of the column's values, in the reader's language if it has one for each."""
    value = source.choice(column.values)
    return str(value[language] if isinstance(value, dict) else value)


def _amount(source: random.Random, column: Column, today: date, language: str) -> str:
    """A whole number between the column's two values."""
    low, high = column.values
    return str(source.randint(low, high))


def _serial(source: random.Random, column: Column, today: date, language: str) -> str:
    """A number of a paper, of twelve digits, that begins with zeros as no real one does."""
    return f"0000 {source.randrange(10**4):04} {source.randrange(10**4):04}"


KINDS: Mapping[str, Kind] = {"day": _day, "choice": _choice, "amount": _amount, "serial": _serial}
