"""`accessmgr bench`: what decisions, pages, the history and sign-ins cost, on worlds of several sizes, in one run.

The yardstick of a decision is one bare SELECT of a grant by its index, on the same connection and in turn with the
decisions, so that a machine that is busy for a while slows both. Speed is no test: nothing here fails for being slow.
"""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import click
from flask import Flask
from sqlalchemy import Connection, create_engine, make_url, text

from accessmgr.app import create_app
from accessmgr.cli.bench_history import history_figures
from accessmgr.cli.bench_http import http_figures
from accessmgr.cli.bench_measures import Measured, decisions, recordings
from accessmgr.cli.bench_pages import pages
from accessmgr.cli.bench_peers import Told, contest, figures, missed
from accessmgr.cli.bench_sign_in import sign_in_figures
from accessmgr.cli.bench_signals import signal_figures
from accessmgr.cli.bench_wide import fill_wide, wide_figures
from accessmgr.cli.bench_world import AT, Built, fill
from accessmgr.cli.running import store_of
from accessmgr.config import Settings
from accessmgr.store.engine import create_schema
from accessmgr.store.vaulted import NumberVault
from accessmgr.web.current import Product

Written = TypeVar("Written")

QUICK = [1000], 20_000, 8, 0.5, 200, 30
"""For a quick run: grants, entries of the history, sign-ins and seconds of a turn, people and enterprises of pages."""
SIGN_INS = 40
SECONDS = 5.0

MOST_QUERIES = 4
MOST_TIMES_THE_FLOOR = 6
MOST_FOR_A_PAGE = 60_000
"""Microseconds."""


@dataclass(frozen=True)
class Aim:
    """What was aimed at, and what missed it."""

    says: str
    missed: list[str]

    def __str__(self) -> str:
        return f"{self.says}: {'met' if not self.missed else 'missed by ' + ', '.join(self.missed)}"


class _Sizes(click.ParamType):
    name = "N[,N…]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        sizes = [int(size) for size in value.split(",") if size.isdecimal()]
        if len(sizes) != value.count(",") + 1 or 0 in sizes:
            self.fail(f"`{value}` is not a list of numbers above zero", param, ctx)
        return sorted(sizes)


@click.command()
@click.option("--grants", "sizes", type=_Sizes(), default="1000,100000,1000000", show_default=True)
@click.option("--peers/--no-peers", "with_peers", default=True, show_default=True, help="against pycasbin and cedarpy")
@click.option("--pages/--no-pages", "with_pages", default=True, show_default=True, help="measure pages, at the largest")
@click.option("--history/--no-history", "with_history", default=True, show_default=True, help="measure the history")
@click.option("--sign-ins/--no-sign-ins", "with_sign_ins", default=True, show_default=True, help="measure the provider")
@click.option("--answers/--no-answers", "with_answers", default=True, show_default=True, help="measure answers")
@click.option("--entries", type=click.IntRange(10), default=1_000_000, show_default=True, help="length of the history")
@click.option("--people", type=click.IntRange(1), default=50_000, show_default=True, help="of an enterprise")
@click.option("--enterprises", type=click.IntRange(1), default=500, show_default=True, help="of a person")
@click.option("--quick", is_flag=True, help="small worlds and a short history, whatever else is asked for")
@click.option("--database", metavar="URL", help="a PostgreSQL database to work in, instead of a file of SQLite")
def bench(
    sizes: list[int],
    with_peers: bool,
    with_pages: bool,
    with_history: bool,
    with_sign_ins: bool,
    with_answers: bool,
    entries: int,
    people: int,
    enterprises: int,
    quick: bool,
    database: str | None,
) -> None:
    """Measure decisions, recording, pages, the history and sign-ins on synthetic worlds, which are gone afterwards.

    Pages with long lists are measured in an enterprise of `--people` and for a person with `--enterprises`, against
    a page without a list. Times are in microseconds; `ratio` is the median against that of the bare SELECT at the
    same size. The history is measured in words: appending against bare commits of the same rows, verifying against
    bare SHA-256 of the same bytes, proofs and a page of a timeline at its whole length. Peers hold the same world
    in memory and give the same answers; ours reads the database at each decision. Sign-ins through the provider are
    measured against an empty view on the same server, signing tokens against bare signatures of the same bytes.

    Example: accessmgr bench --grants 1000,20000 --no-pages --entries 10000000
    """
    if database and make_url(database).get_backend_name() != "postgresql":
        raise click.UsageError("`--database` must be the address of a PostgreSQL database")
    sign_ins, seconds = SIGN_INS, SECONDS
    if quick:
        sizes, entries, sign_ins, seconds, people, enterprises = QUICK
    click.echo(f"{'grants':>8}  {'what':<53} {'queries':>7} {'best':>8} {'median':>9} {'p95':>9} {'ratio':>6}")
    measured: dict[int, list[Measured]] = {}
    against: dict[int, dict[str, Told | str]] = {}
    for size in sizes:
        with _world(size, database) as (app, product, built):
            store = store_of(product)
            measured[size] = decisions(store, built)
            if with_peers:  # before anything is done on record, for the peers' world stays as it was built
                against[size] = _contest(app, built)
            found = [*measured[size], *recordings(product.world, built)]
            shown = pages(app, product, built) if with_pages and size == sizes[-1] else []
            for one in (*found, *shown):
                _print(size, one, found[0])
            for line in figures(size, against.get(size, {})):
                click.echo(line)
    _conclude(measured, shown, against)
    for figure in _wide(people, enterprises, database) if with_pages else ():
        click.echo(figure)
    empty = partial(_empty, database)
    for figure in history_figures(entries, empty) if with_history else ():
        click.echo(figure)
    for figure in sign_in_figures(sign_ins, empty) if with_sign_ins else ():
        click.echo(figure)
    for figure in _signals(sizes[0], database) if with_sign_ins else ():
        click.echo(figure)
    for figure in http_figures(seconds, empty) if with_answers else ():
        click.echo(figure)


def _signals(size: int, database: str | None) -> Iterator[str]:
    """How soon services know of a revocation, on a world of that size."""
    with _world(size, database) as (app, product, built):
        yield from signal_figures(app, product, built)


def _wide(people: int, enterprises: int, database: str | None) -> Iterator[str]:
    """What pages with long lists take, in an enterprise of so many people and for a person with so many enterprises."""

    says = f"{people} people, {enterprises} enterprises"
    with _filled(says, lambda connection, vault: fill_wide(connection, vault, people, enterprises), database) as (
        app,
        product,
        wide,
    ):
        yield from wide_figures(app, product, wide)


def _print(size: int, one: Measured, floor: Measured) -> None:
    queries = "" if one.queries is None else one.queries
    times = f"{one.best:>8.0f} {one.median:>9.0f} {one.p95:>9.0f}"
    click.echo(f"{size:>8}  {one.name:<53} {queries:>7} {times} {one.median / floor.median:>6.1f}")


def _contest(app: Flask, built: Built) -> dict[str, Told | str]:
    with tempfile.TemporaryDirectory(prefix="accessmgr-bench-") as folder:
        return dict(contest(built, Path(folder), app.config["BENCH"]))


def _conclude(
    measured: dict[int, list[Measured]], shown: list[Measured], against: dict[int, dict[str, Told | str]]
) -> None:
    every = [(size, one, found[0]) for size, found in measured.items() for one in found[1:]]
    aims = [
        Aim(
            f"at most {MOST_QUERIES} queries a decision",
            sorted({one.name for _, one, _ in every if one.queries is None or one.queries > MOST_QUERIES}),
        ),
        Aim(
            f"within {MOST_TIMES_THE_FLOOR} times the bare SELECT at each size",
            [f"{one.name} ({size})" for size, one, floor in every if one.median > MOST_TIMES_THE_FLOOR * floor.median],
        ),
    ]
    if shown:
        slow = [one.name for one in shown if one.median > MOST_FOR_A_PAGE]
        aims.append(Aim(f"pages under {MOST_FOR_A_PAGE // 1000} ms at the median", slow))
    aims += [Aim(says, which) for says, which in missed(against)] if against else []
    growth = max(large.median / small.median for small, large in _pairs(measured))
    click.echo(f"the slowest growth of a median from the smallest size to the largest: {growth:.2f} times")
    click.echo("; ".join(map(str, aims)))


def _pairs(measured: dict[int, list[Measured]]) -> Iterator[tuple[Measured, Measured]]:
    return zip(measured[min(measured)], measured[max(measured)], strict=True)


def _world(size: int, database: str | None) -> AbstractContextManager[tuple[Flask, Product, Built]]:
    """The application on a database of its own with a world of that size in it; nothing of it remains."""
    return _filled(f"{size:>8}", lambda connection, vault: fill(connection, vault, size), database)


@contextmanager
def _filled(
    says: str, write: Callable[[Connection, NumberVault], Written], database: str | None
) -> Iterator[tuple[Flask, Product, Written]]:
    """The application on a database of its own with what is written to it; nothing of it remains."""
    with tempfile.TemporaryDirectory(prefix="accessmgr-bench-") as folder, _database(database) as url:
        settings = Settings(instance=folder, database_url=url)
        app = create_app(settings)
        app.config["BENCH"] = settings
        product: Product = app.extensions["accessmgr"]
        store = store_of(product)
        began = perf_counter()
        with store.engine.connect() as connection, connection.begin():
            create_schema(connection)
            written = write(connection, store.vault)
        if database:
            with store.engine.connect() as connection, connection.begin():
                connection.execute(text("ANALYZE"))
        if product.set_clock is not None:
            product.set_clock(AT)
        click.echo(f"{says}  filled in {perf_counter() - began:.1f} s", err=True)
        try:
            yield app, product, written
        finally:
            store.engine.dispose()


@contextmanager
def _empty(database: str | None) -> Iterator[str]:
    """The address of an empty database; nothing of it remains."""
    with tempfile.TemporaryDirectory(prefix="accessmgr-bench-") as folder, _database(database) as url:
        yield url or f"sqlite:///{folder}/empty.sqlite"


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    """The settings' address of the database: a schema of its own in PostgreSQL, else that of the instance folder."""
    if url is None:
        yield ""
        return
    schema = f"bench_{secrets.token_hex(8)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
            try:
                inside = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
                yield inside.render_as_string(hide_password=False)
            finally:
                connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    finally:
        engine.dispose()


COMMANDS = (bench,)
