"""Commands about people: erasing one, and listing those whom the retention lets go."""

import json
import os
import sys
from collections.abc import Iterable

import click

from accessmgr.cli.answers import FORMAT
from accessmgr.cli.running import person_id, running
from accessmgr.config import read
from accessmgr.usecases import erasure
from accessmgr.usecases.erasure import Erasure, NotErased


@click.group()
def person() -> None:
    """People, whom an operator may have to erase."""


@person.command("erase")
@click.argument("name", metavar="[PERSON]", required=False)
@click.option("--expired", is_flag=True, help="everybody whom `person expired` lists, instead of one PERSON")
@click.option("--reason", required=True, help="in words; kept sealed, with the entry in the history")
@click.option("--dry-run", is_flag=True, help="tell what would be destroyed, and destroy nothing")
@click.option("--yes", is_flag=True, help="do not ask")
def person_erase(name: str | None, expired: bool, reason: str, dry_run: bool, yes: bool) -> None:
    """Destroy what is personal of a person (short name or id), for good. The history stays valid.

    Refused, with exit status 1, while the person is still somebody here, and the second time.

    Example: accessmgr person erase yusuf --reason "asked by letter of 3 May"
    """
    if (name is None) != expired:
        raise click.UsageError("name one PERSON, or say --expired")
    if not reason.strip():
        raise click.UsageError("--reason is empty")
    with running() as (_, product):
        world = product.world
        with world.store.reading() as look:
            people = erasure.expired(world, _years()) if name is None else [person_id(look, name)]
        try:
            if dry_run:
                _tell("would be erased", (erasure.would_erase(world, each) for each in people))
                return
            for each in people if name is not None else ():
                erasure.would_erase(world, each)
            _confirm(len(people), yes)
            if name is None:
                _tell("erased", erasure.erase_expired(world, _years(), reason.strip()))
            else:
                _tell("erased", [erasure.erase(world, people[0], reason.strip())])
        except NotErased as refusal:
            click.echo(f"accessmgr: {refusal}", err=True)
            sys.exit(1)


@person.command("expired")
@FORMAT
def person_expired(format_: str) -> None:
    """List the ids of people whose last tie and entry are older than the retention (ACCESSMGR_RETENTION_YEARS).

    Example: accessmgr person expired
    """
    with running() as (_, product):
        people = erasure.expired(product.world, _years())
    if format_ == "json":
        click.echo(json.dumps(people, indent=1))
    for each in people if format_ == "text" else ():
        click.echo(each)


def _years() -> int:
    return read(os.environ).retention_years


def _confirm(people: int, yes: bool) -> None:
    if yes or not people:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here, so say --yes")
    click.confirm(f"erase {people} of the people known here, for good?", abort=True, err=True)


def _tell(what: str, erasures: Iterable[Erasure]) -> None:
    told = False
    for each in erasures:
        told = True
        kinds = ", ".join(f"{count} {kind}" for kind, count in each.destroyed.items())
        click.echo(f"{each.person} {what}: {kinds}")
    if not told:
        click.echo("nobody is expired")


COMMANDS = (person,)
