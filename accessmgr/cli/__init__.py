"""The command line: `accessmgr`. Exit status 0 is done or allowed, 1 refused, 2 wrong use or unreadable input."""

import sys

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from accessmgr.cli import answers, bench, clients, database, history, notices, operating, outbox, people, rulebook
from accessmgr.config import WrongSetting
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Unknown
from accessmgr.vault.keyring import VaultError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="accessmgr")
def accessmgr() -> None:
    """Who may act for an enterprise: from the register to the secure area, with every rule explicit."""


for module in (operating, database, clients, outbox, notices, people, rulebook, answers, history, bench):
    for command in module.COMMANDS:
        accessmgr.add_command(command)


def main() -> None:
    """Run a command; what the user can mend is said in one line."""
    try:
        accessmgr(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        fail(wrong.format_message())
    except (WrongSetting, VaultError) as wrong:
        fail(str(wrong))
    except Unrecorded as broken:
        if isinstance(broken.__cause__, OperationalError):
            fail(f"{broken} (is it there? `accessmgr db upgrade`)")
        click.echo(f"accessmgr: {broken}", err=True)
        sys.exit(1)
    except Unknown as unknown:
        fail(f"there is no such {unknown}")
    except (OperationalError, ProgrammingError) as fault:
        fail(f"the database cannot be used: {str(fault.orig).splitlines()[0]} (is it there? `accessmgr db upgrade`)")


def fail(message: str) -> None:
    """Say in one line what is wrong, and end with status 2."""
    click.echo(f"accessmgr: {message}", err=True)
    sys.exit(2)
