"""Brings an extract in: reads it, judges whether it is plausible, and has the store take it over as one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from accessmgr.register.reader import Extract, Meta, Reject
from accessmgr.register.rows import Row
from accessmgr.register.source import UnreadableExtract

MAX_REJECTS = 0.001
MAX_GONE = 0.05

MAY_ALWAYS_GO = 20
"""So many things of a kind may end with one extract, however few there are."""

GROWS_AT_MOST = 2
GROWTH_COUNTS_FROM = 1_000

HOPELESS = 100_000
"""So many rejects, when they are over the share too, end the reading: no register has that many by mistake."""


class RegisterSink(Protocol):
    """Where the rows go. All of it happens in one transaction of the caller, who undoes it if anything is raised."""

    def last_import(self) -> tuple[int, date, str] | None:
        """Number, snapshot day and kind (`full` or `update`) of the newest import."""

    def stage(self, table: str, rows: Sequence[Row]) -> None:
        """Put rows of one type aside; nobody sees them yet. `table` is a file's name without `.csv`."""

    def known_entities(self) -> Iterable[str]:
        """The numbers of all enterprises and establishments that the store knows."""

    def weigh(self, snapshot: date, tables: Collection[str], kind: str) -> Mapping[str, tuple[int, int, int]]:
        """For each table of things that end: how many last on now, how many of them would end, how many are staged."""

    def merge(self, extract_number: int, snapshot: date, tables: Collection[str], kind: str) -> None:
        """Make the staged rows of these tables what the system knows, and note the import.

        What is not staged ends on the snapshot day: all of it for a `full` extract, and for an `update` what is
        staged as deleted (table `deleted`). What is as it was stays untouched.
        """


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest share of rows that may be wrong, and of things of a kind that may end with one extract."""

    rejects: float = MAX_REJECTS
    gone: float = MAX_GONE


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: rows and SHA-256 digest (hexadecimal) of each file, the rows refused, the files not looked at."""

    extract_number: int
    snapshot: date
    counts: Mapping[str, int]
    rejects: tuple[Reject, ...]
    digests: Mapping[str, str]
    skipped: tuple[str, ...]


class ExtractRefused(ValueError):
    """An extract can be read, and is not to be brought in."""


class OutdatedExtract(ExtractRefused):
    """It is older than the last one, of another type, or another one under the same number."""


class ImplausibleExtract(ExtractRefused):
    """So much is gone or new that it must be a mistake, or worse."""


class TooManyRejects(ExtractRefused):
    """More rows are wrong than may be; `rejects` are all of them."""

    def __init__(self, rejects: tuple[Reject, ...], rows: int) -> None:
        super().__init__(f"{len(rejects)} of {rows} rows are wrong, the first: {rejects[0]}")
        self.rejects = rejects


def import_extract(
    source: Path,
    sink: RegisterSink,
    *,
    local_forms: Collection[str],
    max_rejects: float = MAX_REJECTS,
    max_gone: float = MAX_GONE,
    progress: Callable[[str, int], None] = lambda file, rows: None,
) -> Imported:
    """Bring a full extract in, all or nothing; a second time changes nothing.

    :param source: a folder or a ZIP
    :param local_forms: the juridical forms of local authorities (`target_groups.read`)
    :param max_rejects: the largest share of rows that may be wrong
    :param max_gone: the largest share of enterprises, functions and so on that may end with it
    :param progress: is told the file and how many of its rows are read
    :raise UnreadableExtract: it is not in the published form
    :raise ExtractRefused: it is outdated or implausible, or too many rows are wrong; nothing is merged
    """
    with closing(Extract(source, frozenset(local_forms))) as extract:
        last = sink.last_import()
        if extract.meta.kind != "full":
            raise OutdatedExtract("the extract is an update, and a full one is asked for")
        if last is not None:
            refuse_older(extract.meta, last)
        limits = Limits(max_rejects, max_gone)
        return take(extract, sink, limits, progress)


def take(extract: Extract, sink: RegisterSink, limits: Limits, progress: Callable[[str, int], None]) -> Imported:
    """Stage all rows, judge them, and have them merged."""
    for file in extract.files:
        for batch in extract.batches(file):
            sink.stage(_staging(file), batch)
            progress(file, extract.counts[file])
            if len(extract.rejects) > HOPELESS:
                _refuse_many_rejects(extract, limits)
    _refuse_many_rejects(extract, limits)
    meta = extract.meta
    if meta.kind == "full" and not extract.counts["enterprise.csv"]:
        raise UnreadableExtract("has no row", "enterprise.csv", 1)
    tables = [_staging(file) for file in extract.files if not file.endswith("_delete.csv")]
    _refuse_implausible(sink.weigh(meta.snapshot, tables, meta.kind), limits)
    sink.merge(meta.number, meta.snapshot, tables, meta.kind)
    return Imported(
        meta.number,
        meta.snapshot,
        dict(extract.counts),
        tuple(extract.rejects),
        dict(extract.digests),
        extract.skipped,
    )


def refuse_older(meta: Meta, last: tuple[int, date, str]) -> None:
    """Refuse an extract that shows less than is known, or something else under the same number."""
    number, snapshot, _ = last
    if meta.number < number:
        raise OutdatedExtract(f"extract {meta.number} is older than the last one imported, {number}")
    if meta.snapshot < snapshot or (meta.number == number and meta.snapshot != snapshot):
        raise OutdatedExtract(
            f"extract {meta.number} shows {meta.snapshot}, and the last one imported, {number}, shows {snapshot}"
        )


def _staging(file: str) -> str:
    return "deleted" if file.endswith("_delete.csv") else file.removesuffix(".csv").removesuffix("_insert")


def _refuse_many_rejects(extract: Extract, limits: Limits) -> None:
    rows = sum(extract.counts.values()) + len(extract.rejects)
    if len(extract.rejects) > limits.rejects * rows:
        raise TooManyRejects(tuple(extract.rejects), rows)


def _refuse_implausible(weights: Mapping[str, tuple[int, int, int]], limits: Limits) -> None:
    for table, (known, gone, incoming) in weights.items():
        if gone > max(MAY_ALWAYS_GO, limits.gone * known):
            raise ImplausibleExtract(f"`{table}.csv` lacks {gone} of the {known} rows that are known")
        if known >= GROWTH_COUNTS_FROM and incoming > GROWS_AT_MOST * known:
            raise ImplausibleExtract(f"`{table}.csv` has {incoming} rows, where {known} are known")
