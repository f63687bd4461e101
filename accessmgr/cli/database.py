"""Commands for what is in the database: its schema, worlds, the register, keys and auditors."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade as migrate
from sqlalchemy import inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from accessmgr import seeding
from accessmgr.app import checkpoint_path
from accessmgr.cli.answers import FORMAT
from accessmgr.cli.rotation import rotate, rotate_signing
from accessmgr.cli.running import keys_path, person_id, running, store_of
from accessmgr.config import read
from accessmgr.core.ledger.note import VerifierKey
from accessmgr.register.import_ import ExtractRefused, Imported, TooManyRejects, import_extract
from accessmgr.register.source import UnreadableExtract
from accessmgr.register.update import update_extract
from accessmgr.store import migrations
from accessmgr.store.copying import CannotCopy, copy_all
from accessmgr.store.engine import begin
from accessmgr.store.store import Store
from accessmgr.vault.keyring import KeyFile, Purpose, one_rotation_at_a_time
from accessmgr.vault.token_keys import Signer, TokenKeyFile
from accessmgr.vault.vault import public_half
from accessmgr.web.current import Product

MIGRATIONS = Path(migrations.__file__).parent


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema up to date; makes a missing SQLite file.

    Example: accessmgr db upgrade
    """
    with running() as (app, product):
        begin_anew(product)
        upgrade_schema(app.config["SQLALCHEMY_DATABASE_URI"])
        click.echo(f"schema {_revision(store_of(product))}")


@db.command("status")
def db_status() -> None:
    """Tell the revision of the schema, and how long the history is.

    Example: accessmgr db status
    """
    with running() as (_, product):
        store = store_of(product)
        with store.reading() as look:
            size, last = look.lists.last_recorded()
        click.echo(f"schema {_revision(store)} of {_newest()}, {size} entries, last {last or 'never'}")


@db.command("copy")
@click.argument("url")
def db_copy(url: str) -> None:
    """Copy everything into another, empty database, as from SQLite to PostgreSQL: history and proofs stay as they are.

    Nobody may write meanwhile. Afterwards set ACCESSMGR_DATABASE_URL to the address; the key file stays the same.

    Example: accessmgr db copy postgresql+psycopg://user@host/name
    """
    settings = read(os.environ)
    try:
        other = replace(settings, database_url=make_url(url).render_as_string(hide_password=False))
    except ArgumentError as wrong:
        raise click.UsageError("the address of the other database cannot be read") from wrong
    with running() as (_, product), running(other) as (_, target):
        try:
            upgrade_schema(url)
            counts = copy_all(store_of(product).engine, store_of(target).engine, _progress)
        except (CannotCopy, DBAPIError) as fault:
            told = fault if isinstance(fault, CannotCopy) else type(fault.orig).__name__
            raise click.ClickException(f"nothing was copied: {told}") from fault
        kept, copied = checkpoint_path(settings), checkpoint_path(other)
        if kept != copied and kept.exists():
            copied.write_bytes(kept.read_bytes())
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables, with {counts['entry']} entries of the history")


def begin_anew(product: Product) -> None:
    """In simulation, let a database that is still empty begin another history than the one that was kept before."""
    store = store_of(product)
    if product.simulation and store.outside is not None and not inspect(store.engine).get_table_names():
        kept = store.outside.set_aside()
        if kept is not None:
            click.echo(f"the database is new: the checkpoint of the one before is in `{kept}`", err=True)


def upgrade_schema(url: str) -> None:
    """Migrate the database of the running application, making the folder of an SQLite file."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and place.database:
        Path(place.database).parent.mkdir(parents=True, exist_ok=True)
    migrate()


@click.command()
@click.argument("world")
def seed(world: str) -> None:
    """Load a world of seeds/worlds/ into an empty database.

    Example: accessmgr seed demo
    """
    with running() as (_, product):
        if product.set_clock is None:
            raise click.UsageError("worlds are for simulation only")
        try:
            seeding.seed(store_of(product), world, product.set_clock)
        except LookupError as unknown:
            raise click.UsageError(f"there is no world `{world}`") from unknown
        except seeding.NotEmpty as full:
            raise click.ClickException(str(full)) from full
        click.echo(f"the world `{world}` is loaded")


@click.group()
def register() -> None:
    """The register of enterprises."""


def _takes_an_extract(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and options of both commands that bring the register in."""
    for decorate in (
        click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="write the rejects to a file"),
        click.option(
            "--max-rejects", type=click.FloatRange(0, 100), default=0.1, show_default=True, help="per cent of rows"
        ),
        click.argument("path", type=click.Path(path_type=Path)),
    ):
        command = decorate(command)
    return command


@register.command("import")
@_takes_an_extract
def register_import(path: Path, max_rejects: float, rejects: Path | None) -> None:
    """Import a full BCE open-data extract, a folder or a ZIP: all or nothing.

    Example: accessmgr register import KboOpenData_0145_2026_02_Full.zip
    """
    _bring_in(import_extract, path, max_rejects, rejects)


@register.command("update")
@_takes_an_extract
def register_update(path: Path, max_rejects: float, rejects: Path | None) -> None:
    """Apply an update of BCE open data, a folder or a ZIP: all or nothing.

    Example: accessmgr register update KboOpenData_0146_2026_03_Update.zip
    """
    _bring_in(update_extract, path, max_rejects, rejects)


def _bring_in(way: Callable[..., Imported], path: Path, max_rejects: float, rejects: Path | None) -> None:
    wrong: Sequence[object] = ()
    with running() as (_, product):
        try:
            imported = seeding.import_register(
                store_of(product),
                path,
                way=way,
                at=product.world.clock.now(),
                max_rejects=max_rejects / 100,
                progress=_progress,
            )
            wrong = imported.rejects
        except TooManyRejects as refusal:
            wrong = refusal.rejects
            raise click.ClickException(str(refusal)) from refusal
        except (UnreadableExtract, ExtractRefused) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        finally:
            if rejects is not None:
                rejects.write_text("".join(f"{reject}\n" for reject in wrong), encoding="utf-8")
    for reject in wrong[:20] if rejects is None else ():
        click.echo(f"rejected: {reject}", err=True)
    counts = ", ".join(f"{count} {table}" for table, count in imported.counts.items())
    click.echo(f"extract {imported.extract_number} of {imported.snapshot}: {counts}; {len(wrong)} rejected")


def _progress(file: str, rows: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{file}: {rows:,} rows ", nl=False, err=True)


@click.group()
def keys() -> None:
    """The keys that seal national numbers, and the one that signs the history."""


@keys.command("rotate")
@click.option("--signing", is_flag=True, help="replace the key that signs tokens instead")
@click.option("--history", is_flag=True, help="replace the key that signs the history instead")
def keys_rotate(signing: bool, history: bool) -> None:
    """Replace the data and index keys; goes on where an interrupted rotation stopped.

    Tokens in use stay good when the key that signs them is replaced: it stays published until the next rotation.
    With --history, the checkpoint that the old key and the new one signed is printed: give it to whoever verifies.

    Example: accessmgr keys rotate
    """
    if signing and history:
        raise click.UsageError("one key at a time: --signing or --history")
    with running() as (_, product):
        path = keys_path()
        if history:
            with one_rotation_at_a_time(path):
                note = rotate_signing(store_of(product), path, product.world.clock.now())
            click.echo(note, nl=False)
            return
        if signing:
            click.echo(f"tokens are signed by key {TokenKeyFile(path, Signer.PROVIDER).rotate().id}")
            return
        with one_rotation_at_a_time(path):
            sealed = rotate(store_of(product).engine, path, _progress)
        click.echo(f"{sealed} national numbers are sealed under new keys")


@keys.command("list")
@FORMAT
def keys_list(format_: str) -> None:
    """List the keys by id, purpose and state, never the keys themselves; and the verifier key of the history.

    Example: accessmgr keys list
    """
    with running() as (_, product):
        keys_ = KeyFile(keys_path()).ring().keys
        if format_ == "json":
            name = VerifierKey.parse(store_of(product).verifier_key()).name
            listed = [{"id": key.id, "purpose": str(key.purpose), "state": str(key.state)} for key in keys_]
            public = [
                {"verifier_key": str(VerifierKey(name, public_half(key)))} if key.purpose is Purpose.SIGNING else {}
                for key in keys_
            ]
            click.echo(json.dumps([key | more for key, more in zip(listed, public, strict=True)], indent=1))
        for key in keys_ if format_ == "text" else ():
            click.echo(f"{key.id}  {key.purpose:7}  {key.state}")


@click.group()
def auditor() -> None:
    """Who is an auditor."""


@auditor.command("add")
@click.argument("person")
def auditor_add(person: str) -> None:
    """Make a person (short name or id) auditor.

    Example: accessmgr auditor add mila
    """
    with running() as (_, product), store_of(product).writing() as tx:
        id_ = person_id(tx, person)
        if tx.is_auditor(id_):
            raise click.ClickException(f"`{person}` is auditor already")
        tx.add_fact("auditor", id=id_)
        tx.append("auditor.added", product.world.clock.now(), data={"person": id_}, subjects=[id_])


@auditor.command("remove")
@click.argument("person")
def auditor_remove(person: str) -> None:
    """End the assignment of an auditor.

    Example: accessmgr auditor remove mila
    """
    with running() as (_, product), store_of(product).writing() as tx:
        id_ = person_id(tx, person)
        if not tx.is_auditor(id_):
            raise click.ClickException(f"`{person}` is no auditor")
        tx.end_fact("auditor", id_)
        tx.append("auditor.removed", product.world.clock.now(), data={"person": id_}, subjects=[id_])


def _revision(store: Store) -> str:
    with begin(store.engine, writing=False) as connection:
        return MigrationContext.configure(connection).get_current_revision() or "none"


def _newest() -> str:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or "none"


COMMANDS = (db, seed, register, keys, auditor)
