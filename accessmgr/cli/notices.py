"""Commands for notices: what people are told of what happened to them."""

from typing import cast

import click

from accessmgr.app import NOTIFIER
from accessmgr.cli.running import running
from accessmgr.usecases.notices import Stage
from accessmgr.usecases.notifying import Notifier


@click.group()
def notices() -> None:
    """What people are told of what happened to them, and their letters."""


@notices.command("send")
def notices_send() -> None:
    """Make the notices that are due and send their letters; `accessmgr serve` does so all along.

    Reviews whose last day is over are closed first: what nobody confirmed ends, where that was chosen.

    Exit status 1 if a letter was not taken: it is tried again.

    Example: accessmgr notices send
    """
    with running() as (app, _):
        notifier = cast(Notifier, app.extensions[NOTIFIER])
        notifier.close_reviews()
        notifier.follow()
        counts = notifier.send()
    click.echo(", ".join(f"{count} {stage}" for stage, count in counts.items()))
    raise SystemExit(1 if counts[Stage.WAITING] or counts[Stage.GIVEN_UP] else 0)


COMMANDS = (notices,)
