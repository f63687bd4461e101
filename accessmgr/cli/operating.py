"""Commands for running the product: serve it, list its settings, play a scenario on it, measure it."""

import os
import sys
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import cast

import click
from sqlalchemy import inspect

from accessmgr import seeding
from accessmgr.app import checkpoint_path, create_app
from accessmgr.cli.database import begin_anew, upgrade_schema
from accessmgr.cli.running import running, store_of
from accessmgr.config import PREFIX, Settings, read
from accessmgr.scenarios.document import GivenWorld, ScenarioError
from accessmgr.scenarios.reader import read as read_scenario
from accessmgr.scenarios.runner import play
from accessmgr.scenarios.world import Stage
from accessmgr.usecases.world import World
from accessmgr.web.current import Product


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the product. In simulation a missing database is made, with the demo world in it.

    Example: accessmgr serve --port 8080
    """
    os.environ.setdefault(f"{PREFIX}BASE_URL", f"http://{host}:{port}")
    present = read(os.environ)
    if present.simulation and not present.database_url and not present.embedded.exists():
        click.echo("loading the demo world …")
        _make_demo(present)
    with running() as (_, product):
        store = store_of(product)
        if present.simulation and not present.database_url:
            upgrade_schema(present.database)
        if not inspect(store.engine).has_table("log_origin"):
            raise click.ClickException("the database has no schema yet, or an old one: `accessmgr db upgrade` makes it")
        trouble = store.trouble()
        if trouble is None:
            store.keep_outside()
            click.echo(f"its history is verified with {store.verifier_key()}")
        store.engine.dispose()
    click.echo(f"accessmgr serves on {present.base_url}")
    if trouble is not None:
        click.echo(f"accessmgr: read-only, as {trouble}", err=True)
    if present.simulation:
        click.echo(f"go first to {present.base_url}/simulator/ and be one of the demo's people; Ctrl-C ends it")
    os.execv(sys.executable, server_command(host, port, present.threads, "accessmgr.app:serving()"))


def _make_demo(present: Settings) -> None:
    """Make the embedded database with the demo world in it, whole or not at all."""
    unfinished = present.embedded.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    kept = str(checkpoint_path(present))
    app = create_app(replace(present, database_url=f"sqlite:///{unfinished}", checkpoint_file=kept))
    with app.app_context():
        product = cast(Product, app.extensions["accessmgr"])
        begin_anew(product)
        upgrade_schema(app.config["SQLALCHEMY_DATABASE_URI"])
        if product.set_clock is not None:
            seeding.seed(store_of(product), "demo", product.set_clock)
        store_of(product).engine.dispose()
    unfinished.rename(present.embedded)


def server_command(host: str, port: int, threads: int, application: str) -> list[str]:
    """The command that serves an application, given as `module:name`.

    One worker with threads: SQLite has one writer anyway, and its journal is safe with several connections.
    """
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{host}:{port}",
        "--workers",
        "1",
        "--threads",
        str(threads),
        "--no-control-socket",
        "--graceful-timeout",
        "2",
        "--log-level",
        "warning",
        application,
    ]


@click.command()
def settings() -> None:
    """List every setting with its present value; secrets are not shown.

    Example: accessmgr settings
    """
    present = read(os.environ)
    for setting in fields(Settings):
        value = getattr(present, setting.name)
        shown = "(set)" if setting.name == "secret_key" and value else value
        shown = {True: "on", False: "off"}.get(shown, shown) if isinstance(shown, bool) else shown
        click.echo(f"{PREFIX}{setting.name.upper()}={shown}\n    {setting.metadata['says']}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def act(file: Path) -> None:
    """Play the steps of a scenario on the running database (simulation only).

    People are found by number and names, enterprises by number. Exit status 1 if a step did not meet its
    expectation.

    Example: accessmgr act seeds/scenarios/stories/the-whole-chain.yaml
    """
    with running() as (_, product):
        if product.set_clock is None:
            raise click.UsageError("scenarios are played in simulation only")
        try:
            scenario = read_scenario(file, seeding.given_world)
            stage = _stage(product, scenario.world)
            report = play(scenario, stage)
        except ScenarioError as wrong:
            raise click.ClickException(str(wrong)) from wrong
        for outcome in report.outcomes:
            verdict = "allowed" if outcome.allowed else "refused"
            click.echo(f"{outcome.index:3} {outcome.do}: {verdict} {' '.join(outcome.because)}")
        raise SystemExit(0 if report.passed else 1)


class _RunningClock:
    """The clock of the running product, which a scenario sets forwards."""

    def __init__(self, product: Product) -> None:
        self._product = product

    @property
    def moment(self) -> datetime:
        """The present moment."""
        return self.now()

    @moment.setter
    def moment(self, to: datetime) -> None:
        if self._product.set_clock is not None and to > self.now():
            self._product.set_clock(to)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self._product.world.clock.now()


def _stage(product: Product, given: GivenWorld) -> Stage:
    store = store_of(product)
    with store.reading() as look:
        persons = {short: look.find_person(person.number, person.names) for short, person in given.persons.items()}
    missing = sorted(short for short, person in persons.items() if person is None)
    if missing:
        raise click.ClickException(f"nobody in the database has the number and names of `{missing[0]}`")
    clock = _RunningClock(product)
    policy = replace(store.policy, lookups_per_hour=None)
    world = World(store.under(policy), clock, policy)
    enterprises = {short: enterprise.number.digits for short, enterprise in given.enterprises.items()}
    return Stage(world, clock, {short: str(person) for short, person in persons.items()}, enterprises)


COMMANDS = (serve, settings, act)
