"""Reads an extract: its files in the published form, as a stream, into typed rows and rejects."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple, NoReturn

from accessmgr.register import fields as read
from accessmgr.register.fields import WrongRow
from accessmgr.register.parsers import RowParsers
from accessmgr.register.rows import Row
from accessmgr.register.source import READING_FAILS, Source, UnreadableExtract, Watched

BATCH = 5_000

COLUMNS = {
    "meta.csv": "Variable,Value",
    "code.csv": "Category,Code,Language,Description",
    "enterprise.csv": (
        "EnterpriseNumber,Status,JuridicalSituation,TypeOfEnterprise,JuridicalForm,JuridicalFormCAC,StartDate"
    ),
    "establishment.csv": "EstablishmentNumber,StartDate,EnterpriseNumber",
    "denomination.csv": "EntityNumber,Language,TypeOfDenomination,Denomination",
    "address.csv": (
        "EntityNumber,TypeOfAddress,CountryNL,CountryFR,Zipcode,MunicipalityNL,MunicipalityFR,"
        "StreetNL,StreetFR,HouseNumber,Box,ExtraAddressInfo,DateStrikingOff"
    ),
    "function.csv": (
        "EnterpriseNumber,FunctionCode,HolderNationalNumber,HolderLastName,HolderFirstName,"
        "HolderEnterpriseNumber,StartDate,EndDate"
    ),
    "recognition.csv": "RecognitionNumber,EnterpriseNumber,StartDate,EndDate,SuspendedFrom,SuspendedUntil",
}
"""The files that are read, in the order in which one refers to another, with their columns in their order."""

OURS = ("function.csv", "recognition.csv")
"""Files that the open data do not have, and that need not be there."""


def files_of(kind: str) -> tuple[tuple[str, ...], ...]:
    """The files of an extract, `full` or `update`, in the order in which they are read; those of a group go together.

    An update has, for each file but `meta.csv` and `code.csv`, one of what holds no more (its first column alone)
    and one of what holds now.
    """
    if kind == "full":
        return tuple((name,) for name in COLUMNS)
    changing = [name.removesuffix(".csv") for name in COLUMNS if name not in ("meta.csv", "code.csv")]
    return ("meta.csv",), ("code.csv",), *((f"{name}_delete.csv", f"{name}_insert.csv") for name in changing)


def columns_of(file: str) -> list[str]:
    """The columns of a file of either kind of extract."""
    columns = COLUMNS[file.replace("_insert.csv", ".csv").replace("_delete.csv", ".csv")].split(",")
    return columns[:1] if file.endswith("_delete.csv") else columns


@dataclass(frozen=True, slots=True)
class Meta:
    """What an extract says of itself. `kind` is `full` or `update`; the extract shows `snapshot`, a day."""

    number: int
    snapshot: date
    kind: str


class Reject(NamedTuple):
    """A row that is not taken in, and why; never with what it holds."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"`{self.file}`, line {self.line}: {self.reason}"


class Extract:
    """An extract in a folder or ZIP, opened; `files` are those to be read, `skipped` the names of the others.

    `counts`, `digests` and `rejects` grow while files are read: rows taken, SHA-256 of the bytes, rows refused.
    Memory stays the same whatever the size, but for the keys seen (`RowParsers`) and the rejects.

    :param local_forms: the juridical forms of local authorities; every other enterprise is an economic actor
    :param kind: which files are expected, those of a `full` extract or of an `update`
    :param known: enterprises and establishments that an update may refer to without bringing them
    :raise UnreadableExtract: a needed file is missing, or `meta.csv` is wrong
    """

    def __init__(self, path: Path, local_forms: frozenset[str], kind: str = "full", known: Iterable[str] = ()) -> None:
        self._source = Source(path)
        self._parsers = RowParsers(local_forms, known)
        self.counts: dict[str, int] = {}
        self.digests: dict[str, str] = {}
        self.rejects: list[Reject] = []
        groups = files_of(kind)
        there = self._source.names
        expected = [file for group in groups for file in group]
        self.skipped = tuple(name for name in there if name not in expected)
        self.files = tuple(name for name in expected if name in there and name != "meta.csv")
        try:
            self.meta = self._read_meta() if "meta.csv" in there else _missing("meta.csv")
            if self.meta.kind == kind:
                for group in groups:
                    _refuse_incomplete(group, there)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the folder or ZIP."""
        self._source.close()

    def batches(self, file: str) -> Iterator[list[Row]]:
        """The rows of a file, some thousand at a time, all of one type.

        A file must be read after those that it refers to, in the order of `files`.

        :raise UnreadableExtract: its columns are not as published, it is cut off, or it is no text in UTF-8
        """
        parse = self._parsers.of(file)
        width = len(columns_of(file))
        self.counts[file] = 0
        batch: list[Row] = []
        for line, fields in self._records(file):
            try:
                if len(fields) != width:
                    raise WrongRow(f"it has {len(fields)} columns, not {width}")
                row = parse(fields)
            except WrongRow as wrong:
                self.rejects.append(Reject(file, line, str(wrong)))
                continue
            if row is not None:
                batch.append(row)
            if len(batch) == BATCH:
                self.counts[file] += BATCH
                yield batch
                batch = []
        self.counts[file] += len(batch)
        if batch:
            yield batch

    def _records(self, file: str) -> Iterator[tuple[int, list[str]]]:
        """The records after the heading, each with the line on which it ends."""
        with closing(Watched(self._source.open(file), file)) as watched:
            text = io.TextIOWrapper(io.BufferedReader(watched, 1 << 16), encoding="utf-8-sig", newline="")
            records = csv.reader(text, strict=True)
            try:
                columns = columns_of(file)
                if next(records, None) != columns:
                    raise UnreadableExtract(f"the columns are not `{','.join(columns)}`", file, 1)
                for fields in records:
                    yield records.line_num, fields
            except UnicodeDecodeError as mistake:
                line = records.line_num + 1 + mistake.object[: mistake.start].count(b"\n")
                raise UnreadableExtract("is not text in UTF-8", file, line) from None
            except csv.Error as mistake:
                cut = "unexpected end" in str(mistake)
                reason = "is cut off within a row" if cut else "the quotes are not as they should be"
                raise UnreadableExtract(reason, file, records.line_num) from None
            except UnreadableExtract:
                raise
            except READING_FAILS:
                raise UnreadableExtract("cannot be read on, it is damaged", file, records.line_num + 1) from None
            if not watched.ends_a_line:
                raise UnreadableExtract("is cut off: its last line has no end", file, records.line_num)
            self.digests[file] = watched.digest

    def _read_meta(self) -> Meta:
        found: dict[str, tuple[int, str]] = {}
        last = 1
        for last, fields in self._records("meta.csv"):
            if len(fields) != 2:
                raise UnreadableExtract("it has not 2 columns", "meta.csv", last)
            if fields[0] in found:
                raise UnreadableExtract("the variable was in an earlier line", "meta.csv", last)
            found[fields[0]] = last, fields[1]
        for variable in ("SnapshotDate", "ExtractType", "ExtractNumber"):
            if variable not in found:
                raise UnreadableExtract(f"`{variable}` is missing", "meta.csv", last)
        line, text = found["ExtractNumber"]
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise UnreadableExtract("`ExtractNumber` is not a number", "meta.csv", line)
        number = int(text)
        line, kind = found["ExtractType"]
        if kind not in ("full", "update"):
            raise UnreadableExtract("`ExtractType` is neither `full` nor `update`", "meta.csv", line)
        line, text = found["SnapshotDate"]
        try:
            return Meta(number, read.day(text, "SnapshotDate"), kind)
        except WrongRow as mistake:
            raise UnreadableExtract(str(mistake), "meta.csv", line) from None


def _missing(file: str) -> NoReturn:
    raise UnreadableExtract("is missing", file)


def _refuse_incomplete(group: tuple[str, ...], there: Collection[str]) -> None:
    """Refuse a group of files of which some are missing, or all unless they are ours."""
    missing = [file for file in group if file not in there]
    ours = group[0].replace("_delete.csv", ".csv") in OURS
    if missing and not (ours and len(missing) == len(group)):
        _missing(missing[0])
