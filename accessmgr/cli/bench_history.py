"""What `accessmgr bench` measures of the history: appending, verifying, proving, and a page of a timeline."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import and_, create_engine, or_, select, text, update

from accessmgr.cli.bench_ledger import LARGEST, bare_hashing, fill_ledger, leaf_of, places, write_export
from accessmgr.cli.bench_world import AT
from accessmgr.core.ledger.export import verify
from accessmgr.store import tables
from accessmgr.store.engine import begin, create_schema, prepare
from accessmgr.store.store import Store
from accessmgr.usecases.world import Policy
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault, is_signature

entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__
node_t = tables.LedgerNode.__table__
checkpoint_t = tables.Checkpoint.__table__
head_t = tables.LogHead.__table__

Database = Callable[[], AbstractContextManager[str]]
"""Gives the address of an empty database, which is gone afterwards."""

APPENDED = 300
PROVED = 200
PAGES = 100
SMALL = 1000
MOST_VERIFIED = 1_000_000
MOST_FOR_A_TIMELINE = 0.05
"""Seconds."""


def history_figures(entries: int, database: Database) -> Iterator[str]:
    """Measure, and tell each figure in a line as soon as it is known."""
    yield from _appending(database)
    yield from _verifying(min(entries, MOST_VERIFIED))
    with _filled(database, SMALL) as store:
        floor = _proof_times(store, SMALL)
    with _filled(database, entries) as store:
        yield from _proving(floor, _proof_times(store, entries), entries)
        yield from _timeline(store, entries)


def _appending(database: Database) -> Iterator[str]:
    """Entries, each in a transaction of its own, in turn with bare commits of the very rows that each made."""
    with database() as here, _empty(here) as store, database() as there, _empty(there) as bare:
        seconds: tuple[list[float], list[float]] = ([], [])
        for number in range(APPENDED):
            seconds[0].append(_timed(partial(_append, store, number)))
            seconds[1].append(_timed(partial(_commit, bare, _rows_of(store, number))))
    appended, committed = (median(each) for each in seconds)
    yield (
        f"history: {1 / appended:,.0f} entries appended a second; {1 / committed:,.0f} bare commits of the same rows; "
        f"ratio {appended / committed:.2f}"
    )


def _append(store: Store, number: int) -> None:
    with store.writing() as tx:
        tx.append("right.granted", AT, data={"leaf": leaf_of(number).decode()}, subjects=["enterprise", "holder", "by"])


Rows = list[tuple[Any, list[dict[str, Any]]]]


def _rows_of(store: Store, sequence: int) -> Rows:
    """The rows that an entry brought, by table."""
    completes = range(((sequence + 1) & -(sequence + 1)).bit_length())
    nodes = or_(*(and_(node_t.c.level == level, node_t.c.index == sequence >> level) for level in completes))
    brought = {
        entry_t: entry_t.c.sequence == sequence,
        subject_t: subject_t.c.sequence == sequence,
        node_t: nodes,
        checkpoint_t: checkpoint_t.c.size == sequence + 1,
    }
    with store.reading() as look:
        found = {table: look.connection.execute(select(table).where(these)) for table, these in brought.items()}
        return [(table, [dict(row) for row in rows.mappings()]) for table, rows in found.items()]


def _commit(store: Store, rows: Rows) -> None:
    with begin(store.engine, writing=True) as connection, connection.begin():
        for table, values in rows:
            if values:
                connection.execute(table.insert(), values)
        connection.execute(update(head_t).values(size=head_t.c.size + 1, recorded_at=AT))


def _verifying(entries: int) -> Iterator[str]:
    vault = Vault(KeyRing.fresh())
    with tempfile.TemporaryDirectory(prefix="accessmgr-bench-") as folder:
        path = Path(folder, "history.jsonl")
        key = write_export(path, entries, vault.public_key(), vault.sign)
        size = path.stat().st_size
        bare = bare_hashing(path)
        with path.open("rb") as export:
            began = perf_counter()
            verdict = verify(export, is_signature, key=key)
            took = perf_counter() - began
    yield (
        f"history: {verdict} verified in {took:.1f} s ({entries / took:,.0f} entries a second, {size / 1e6:.0f} MB); "
        f"bare SHA-256 of the same lines in {bare:.2f} s; ratio {took / bare:.1f}"
    )


def _proof_times(store: Store, size: int) -> tuple[float, float]:
    """The median seconds of a proof of inclusion, and of one of consistency."""
    with store.reading() as look:
        inclusion = [_timed(partial(look.ledger.inclusion, place, size)) for place in places(size, PROVED)]
        consistency = [_timed(partial(look.ledger.consistency, place, size)) for place in places(size, PROVED)]
    return median(inclusion), median(consistency)


def _proving(floor: tuple[float, float], found: tuple[float, float], entries: int) -> Iterator[str]:
    for name, few, many in zip(("inclusion", "consistency"), floor, found, strict=True):
        yield (
            f"history: proof of {name} among {SMALL:,} entries in {few * 1e6:.0f} µs, among {entries:,} in "
            f"{many * 1e6:.0f} µs; ratio {many / few:.2f}"
        )


def _timeline(store: Store, entries: int) -> Iterator[str]:
    """A page of the enterprise with the most entries: the newest one, and some further back."""
    with store.reading() as look:
        newest = [_timed(partial(look.lists.entries, subject=LARGEST)) for _ in range(PAGES)]
        before = [
            _timed(partial(look.lists.entries, subject=LARGEST, before=place)) for place in places(entries, PAGES)
        ]
        rows = len(look.lists.entries(subject=LARGEST))
    slowest = max(*newest, *before)
    is_met = "met" if slowest < MOST_FOR_A_TIMELINE else "missed"
    yield (
        f"history: a page of {rows} of an enterprise's timeline among {entries:,} entries in "
        f"{median(newest) * 1e3:.2f} ms, further back {median(before) * 1e3:.2f} ms, at worst {slowest * 1e3:.2f} ms; "
        f"under {MOST_FOR_A_TIMELINE * 1e3:.0f} ms: {is_met}"
    )


@contextmanager
def _filled(database: Database, entries: int) -> Iterator[Store]:
    with database() as url, _empty(url) as store:
        with begin(store.engine, writing=True) as connection, connection.begin():
            fill_ledger(connection, entries)
        if store.engine.dialect.name == "postgresql":
            with store.engine.connect() as connection, connection.begin():
                connection.execute(text("ANALYZE"))
        yield store


@contextmanager
def _empty(url: str) -> Iterator[Store]:
    engine = prepare(create_engine(url))
    try:
        with begin(engine, writing=True) as connection, connection.begin():
            create_schema(connection)
        yield Store(engine, Vault(KeyRing.fresh()), Policy({}))
    finally:
        engine.dispose()


def _timed(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return perf_counter() - began
