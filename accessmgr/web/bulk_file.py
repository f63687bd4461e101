"""A file of lines as a spreadsheet or a person writes it, read into cells by column: whole, or not at all.

Nothing here knows what the cells mean, and no cell is ever evaluated.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _

from accessmgr.usecases.bulk import MOST

LARGEST = 256 * 1024
"""Bytes of the largest file."""

DELIMITERS = ";,\t"
"""What may stand between cells; a tab does where cells are pasted from a spreadsheet."""

_FORMULA = re.compile(r"[=@]|[+-](?![\d ./-]*$)")
_NAMES_A_DELIMITER = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


class Column(StrEnum):
    """The columns that a file may have."""

    NUMBER = "national_number"
    PERSON = "person"
    GIVEN = "given_name"
    FAMILY = "family_name"
    RIGHT = "right"
    CONTEXTS = "contexts"
    FIRST = "first_day"
    LAST = "last_day"
    GRANT = "grant"


HEADINGS: Mapping[Column, Mapping[str, str]] = {
    Column.NUMBER: {
        "en": "National number",
        "fr": "Numéro national",
        "nl": "Rijksregisternummer",
        "de": "Nationalregisternummer",
    },
    Column.PERSON: {"en": "Person id", "fr": "Id de la personne", "nl": "Id van de persoon", "de": "Id der Person"},
    Column.GIVEN: {"en": "Given name", "fr": "Prénom", "nl": "Voornaam", "de": "Vorname"},
    Column.FAMILY: {"en": "Family name", "fr": "Nom", "nl": "Achternaam", "de": "Nachname"},
    Column.RIGHT: {"en": "Right", "fr": "Droit", "nl": "Recht", "de": "Recht"},
    Column.CONTEXTS: {"en": "Contexts", "fr": "Contextes", "nl": "Contexten", "de": "Kontexte"},
    Column.FIRST: {"en": "First day", "fr": "Premier jour", "nl": "Eerste dag", "de": "Erster Tag"},
    Column.LAST: {"en": "Last day", "fr": "Dernier jour", "nl": "Laatste dag", "de": "Letzter Tag"},
    Column.GRANT: {
        "en": "Id of the granted right",
        "fr": "Id du droit accordé",
        "nl": "Id van het toegekende recht",
        "de": "Id des vergebenen Rechts",
    },
}
"""How columns are headed in each language; a file may use any of them, whoever reads it."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong, as a sentence; where it is, as far as that can be told. It never holds what was typed."""

    says: str
    line: int | None = None
    column: Column | None = None


class Unreadable(ValueError):
    """The file has mistakes, so nothing of it was read."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(f"the file has {len(mistakes)} mistakes")
        self.mistakes = mistakes


@dataclass(frozen=True)
class Row:
    """The cells of a line by column, without spaces around them; `line` is where it begins in the file, from 1."""

    line: int
    cells: Mapping[Column, str]


def read_rows(content: bytes, needed: Sequence[Column], optional: Sequence[Column] = ()) -> list[Row]:
    """The lines of a file that has these columns, in any order.

    :raise Unreadable: it is too large, no text, has other columns, or no line
    """
    text = _text(content)
    delimiter, text, begun = _delimiter(text)
    lines = _lines(text, delimiter, begun)
    first = next(lines, None)
    if first is None:
        raise Unreadable(Mistake(_("The file is empty. Begin it with the names of the columns.")))
    columns = _columns(first[1], first[0], needed, optional)
    rows, mistakes = _rows(lines, columns)
    if mistakes:
        raise Unreadable(*mistakes)
    if not rows:
        raise Unreadable(Mistake(_("Below the names of the columns there is no line.")))
    return rows


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise Unreadable(Mistake(_("The file is too large: at most %(most)s KiB.", most=LARGEST // 1024)))
    if content.startswith(b"PK\x03\x04"):
        raise Unreadable(Mistake(_("This is a workbook. Save the sheet as CSV, and send that file.")))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(Mistake(_("The text is written in UTF-16. Save the sheet as “CSV UTF-8”.")))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(each) == "Cc" and each not in "\t\r\n" for each in text):
            break
        return unicodedata.normalize("NFC", text)
    raise Unreadable(Mistake(_("This is not a text file. Save the sheet as “CSV UTF-8”.")))


def _delimiter(text: str) -> tuple[str, str, int]:
    """What stands between cells, the text below a line that only names it, and the number of the line there."""
    named = _NAMES_A_DELIMITER.match(text)
    if named is not None and named[1] in DELIMITERS:
        return named[1], text[named.end() :], 2
    head = next((line for line in text.splitlines() if line.strip()), "")
    known = {name for by_language in HEADINGS.values() for name in map(_plain, by_language.values())}

    def recognised(delimiter: str) -> int:
        return sum(_plain(cell.strip('" ')) in known | set(map(_plain, Column)) for cell in head.split(delimiter))

    return max(DELIMITERS, key=recognised), text, 1


def _lines(text: str, delimiter: str, begun: int) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold anything, each with its number; a cell in quotes may go on over several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = begun
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            says = _("Quotation marks are not closed, or stand in the midst of a cell.")
            raise Unreadable(Mistake(says, line)) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
        line = begun + reader.line_num


def _columns(
    head: Sequence[str], line: int, needed: Sequence[Column], optional: Sequence[Column]
) -> list[Column | None]:
    """The column of each cell; None where the head has no name."""
    wanted = (*needed, *optional)
    by_name = {_plain(name): column for column in wanted for name in (column, *HEADINGS[column].values())}
    found = [by_name.get(_plain(cell)) for cell in head]
    mistakes = [
        Mistake(_("The name of column %(place)s is not one of those that this file may have.", place=place), line)
        for place, (cell, column) in enumerate(zip(head, found, strict=True), 1)
        if cell and column is None
    ]
    mistakes += [Mistake(_("This column is there twice."), line, each) for each in wanted if found.count(each) > 1]
    mistakes += [Mistake(_("This column is missing."), line, each) for each in needed if each not in found]
    if mistakes:
        raise Unreadable(*mistakes)
    return found


def _rows(lines: Iterator[tuple[int, list[str]]], columns: Sequence[Column | None]) -> tuple[list[Row], list[Mistake]]:
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    for line, cells in lines:
        if len(rows) == MOST:
            raise Unreadable(Mistake(_("There are more than %(most)s lines. Send them in parts.", most=MOST), line))
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        if any(padded[len(columns) :]) or any(
            cell for cell, column in zip(padded, columns, strict=False) if not column
        ):
            mistakes.append(Mistake(_("This line has more cells than there are columns."), line))
        named = {column: cell for column, cell in zip(columns, padded, strict=False) if column is not None}
        formulas = [column for column, cell in named.items() if _FORMULA.match(cell)]
        says = _("This cell begins like a formula. Write its value.")
        mistakes += [Mistake(says, line, column) for column in formulas]
        rows.append(Row(line, named))
    return rows, mistakes


def _plain(text: str) -> str:
    """A heading as it is compared: without accents, case and signs."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", "".join(each for each in bare if not unicodedata.combining(each))))
