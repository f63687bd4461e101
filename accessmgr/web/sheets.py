"""Tables as files for spreadsheets: CSV and XLSX, in which no cell can start a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import xlsxwriter

Cell = str | int
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
ROWS_OF_A_SHEET = 2**20
LONGEST_CELL = 32_000
"""Characters of the longest text that a cell of XLSX takes, rounded down."""

_STARTS_A_FORMULA = re.compile(r"\s*[=+\-@\t\r＝＋－＠]|[\t\r\n]")


@dataclass(frozen=True)
class Table:
    """The head of a table, and its rows as they come."""

    head: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]


def inert(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what could begin one."""
    if isinstance(cell, int):
        return cell
    text = cell[:LONGEST_CELL]
    return f"'{text}" if _STARTS_A_FORMULA.match(text) else text


def csv_lines(table: Table, delimiter: str = ",") -> Iterator[bytes]:
    """The table by RFC 4180, in UTF-8 with a byte order mark, as spreadsheets want it.

    Those of Belgium take a semicolon between the cells, as a comma stands in their numbers.
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n", delimiter=delimiter)
    line.write(BOM)
    writer.writerow(map(inert, table.head))
    for row in table.rows:
        writer.writerow(map(inert, row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()


def write_xlsx(table: Table, file: IO[bytes]) -> None:
    """Write the table as a workbook, row by row; what does not fit on a sheet goes on in the next one."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet, line = book.add_worksheet(), 0
    _write_row(sheet, line, table.head)
    for row in table.rows:
        line += 1
        if line == ROWS_OF_A_SHEET:
            sheet, line = book.add_worksheet(), 1
            _write_row(sheet, 0, table.head)
        _write_row(sheet, line, row)
    book.close()


def _write_row(sheet: xlsxwriter.worksheet.Worksheet, line: int, row: Iterable[Cell]) -> None:
    for column, cell in enumerate(map(inert, row)):
        if isinstance(cell, int):
            sheet.write_number(line, column, cell)
        else:
            sheet.write_string(line, column, cell)
