"""Commands for the outbox: logout tokens and security events that wait for clients of the provider."""

import json
from typing import cast

import click

from accessmgr.cli.answers import FORMAT
from accessmgr.cli.running import running
from accessmgr.core.days import rfc3339
from accessmgr.oidc.back_channel import send_due
from accessmgr.oidc.provider import EXTENSION, Provider
from accessmgr.signals.transmitter import EXTENSION as SIGNALS
from accessmgr.signals.transmitter import Transmitter
from accessmgr.usecases.outbox import Message, Stage
from accessmgr.usecases.streams import Stream


@click.group()
def outbox() -> None:
    """What applications are told of sign-ins that have ended."""


@outbox.command("send")
def outbox_send() -> None:
    """Send the logout tokens that are due; `accessmgr serve` does so all along. Exit status 1 if one was not taken.

    Example: accessmgr outbox send
    """
    with running() as (app, _):
        counts = send_due(cast(Provider, app.extensions[EXTENSION]))
    click.echo(f"{counts['sent']} sent, {counts['failed']} failed")
    raise SystemExit(1 if counts["failed"] else 0)


@outbox.command("list")
@FORMAT
def outbox_list(format_: str) -> None:
    """List the logout tokens of the last days. Exit status 1 if one was given up: its client was never told.

    Example: accessmgr outbox list
    """
    with running() as (app, _):
        messages = cast(Provider, app.extensions[EXTENSION]).outbox.all()
    if format_ == "json":
        click.echo(json.dumps([_told(each) for each in messages], indent=1))
    for each in messages if format_ == "text" else ():
        fault = f"  ({each.fault})" if each.fault else ""
        alarm = "ALARM: " if each.stage is Stage.GIVEN_UP else ""
        click.echo(f"{alarm}{rfc3339(each.made_at)}  {each.client}  {each.because}  {each.stage}{fault}")
    raise SystemExit(1 if any(each.stage is Stage.GIVEN_UP for each in messages) else 0)


@outbox.command("streams")
@FORMAT
def outbox_streams(format_: str) -> None:
    """List the streams of security events. Exit status 1 if one was given up: its receiver took nothing for a day.

    Example: accessmgr outbox streams
    """
    with running() as (app, _):
        streams = cast(Transmitter, app.extensions[SIGNALS]).streams
        found = [(each, streams.how_many_wait(each.id)) for each in streams.all()]
    if format_ == "json":
        click.echo(json.dumps([_stream_told(each, waiting) for each, waiting in found], indent=1))
    for each, waiting in found if format_ == "text" else ():
        reason = f"  ({each.reason})" if each.reason else ""
        alarm = "ALARM: " if each.is_paused_by_us else ""
        click.echo(f"{alarm}{each.id}  {each.client}  {each.status}  {waiting} waiting{reason}")
    raise SystemExit(1 if any(each.is_paused_by_us for each, _ in found) else 0)


def _stream_told(each: Stream, waiting: int) -> dict[str, object]:
    return {
        "id": each.id,
        "client": each.client,
        "delivery": str(each.delivery),
        "endpoint": each.endpoint,
        "status": str(each.status),
        "reason": each.reason,
        "waiting": waiting,
        "failures": each.failures,
    }


def _told(each: Message) -> dict[str, object]:
    return {
        "id": each.id,
        "client": each.client,
        "because": str(each.because),
        "stage": str(each.stage),
        "made_at": rfc3339(each.made_at),
        "due_at": rfc3339(each.due_at) if each.due_at else None,
        "sent_at": rfc3339(each.sent_at) if each.sent_at else None,
        "tries": each.tries,
        "fault": each.fault,
    }


COMMANDS = (outbox,)
