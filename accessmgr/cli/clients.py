"""Commands for the applications that sign people in through the provider."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click
from flask import Flask

from accessmgr.cli.answers import FORMAT
from accessmgr.cli.running import ENTERPRISE, running
from accessmgr.core.arguments import THINGS
from accessmgr.core.model import Key
from accessmgr.oidc.provider import EXTENSION, Provider
from accessmgr.usecases.registration import WITH_SECRET, note, register
from accessmgr.usecases.relying_parties import (
    NUMBER,
    OF_CLIENTS,
    Client,
    Level,
    Method,
    Mode,
    WrongRegistration,
    hashed,
    new_secret,
)


@click.group()
def client() -> None:
    """The applications that sign people in through `/op`."""


@client.command("add")
@click.argument("client_id")
@click.option("--name", required=True, help="how people know the application")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="where answers go, exactly")
@click.option("--post-logout-uri", "post_logout_uris", multiple=True, help="where people go after signing out")
@click.option("--scope", "scopes", multiple=True, default=["openid"], show_default=True)
@click.option("--method", "methods", multiple=True, type=click.Choice([str(each) for each in Method]))
@click.option("--application", help="the application of whose rights it reads the grant list")
@click.option("--key", "means", multiple=True, type=click.Choice([str(each) for each in Key]), help="default: all")
@click.option("--level", type=click.Choice([str(each) for each in Level]), default=str(Level.ORGANISATION))
@click.option("--mode", type=click.Choice([str(each) for each in Mode]), default=str(Mode.ACM), show_default=True)
@click.option("--without-pkce", is_flag=True, help="takes requests without PKCE (simulation only)")
@click.option("--introspection", is_flag=True, help="may ask what its tokens are worth")
@click.option("--jwks", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="its key set, as a file")
@click.option("--jwks-uri", help="where its key set is")
@click.option("--backchannel-logout-uri", help="where it is told that a sign-in has ended")
@click.option("--resource-type", "resource_types", multiple=True, type=click.Choice(THINGS), help="default: all")
@click.option("--enterprise", "enterprises", multiple=True, type=ENTERPRISE, help="may be asked about; default: all")
@click.option("--without-reasons", is_flag=True, help="is not told why it is so: ids of rules alone")
@click.option("--calls-per-minute", type=click.IntRange(1), help="how many calls it may make; default: as set")
def client_add(
    client_id: str,
    name: str,
    redirect_uris: Sequence[str],
    post_logout_uris: Sequence[str],
    scopes: Sequence[str],
    methods: Sequence[str],
    application: str | None,
    means: Sequence[str],
    level: str,
    mode: str,
    without_pkce: bool,
    introspection: bool,
    jwks: Path | None,
    jwks_uri: str | None,
    backchannel_logout_uri: str | None,
    resource_types: Sequence[str],
    enterprises: Sequence[str],
    without_reasons: bool,
    calls_per_minute: int | None,
) -> None:
    """Register an application; its secret, if it has one, is shown this once.

    Example: accessmgr client add payroll --name Payroll --redirect-uri https://payroll.example/callback
    """
    with running() as (app, product):
        provider = _provider(app)
        _refuse_unknown(provider, scopes, application, without_pkce=without_pkce)
        try:
            wanted = Client(
                id=client_id,
                name=name,
                redirect_uris=tuple(redirect_uris),
                post_logout_uris=tuple(post_logout_uris),
                scopes=frozenset(scopes),
                methods=frozenset(Method(each) for each in methods or (Method.BASIC, Method.POST)),
                application=application,
                means=frozenset(Key(each) for each in means or Key),
                level=Level(level),
                mode=Mode(mode),
                pkce=not without_pkce,
                rrn=NUMBER in scopes,
                introspection=introspection,
                jwks=jwks.read_text(encoding="utf-8") if jwks else None,
                jwks_uri=jwks_uri,
                backchannel_logout_uri=backchannel_logout_uri,
                resource_types=frozenset(resource_types) or None,
                enterprises=frozenset(enterprises) or None,
                reasons=not without_reasons,
                calls_per_minute=calls_per_minute,
            )
            secret = register(product.world, provider.clients, wanted, datetime.now(UTC))
        except WrongRegistration as wrong:
            raise click.ClickException(str(wrong)) from wrong
        click.echo(f"client {client_id} is registered")
        if secret is not None:
            click.echo(f"its secret, shown this once: {secret}")


@client.command("list")
@FORMAT
def client_list(format_: str) -> None:
    """List the registered applications, without their secrets.

    Example: accessmgr client list
    """
    with running() as (app, _):
        clients = _provider(app).clients.all()
        if format_ == "json":
            click.echo(json.dumps([_told(each) for each in clients], indent=1))
        for each in clients if format_ == "text" else ():
            click.echo(f"{each.id}  {each.name}  {' '.join(sorted(each.scopes))}  {' '.join(each.redirect_uris)}")


@client.command("rotate-secret")
@click.argument("client_id")
def client_rotate_secret(client_id: str) -> None:
    """Give an application a new secret, shown this once; the old one is good no more.

    Example: accessmgr client rotate-secret payroll
    """
    with running() as (app, product):
        found = _found(app, client_id)
        if not found.methods & WITH_SECRET:
            raise click.ClickException(f"`{client_id}` has no secret")
        secret = new_secret()
        _provider(app).clients.change_secret(client_id, hashed(secret), datetime.now(UTC))
        note(product.world, "client_secret.rotated", client_id)
        click.echo(f"the new secret of {client_id}, shown this once: {secret}")


@client.command("remove")
@click.argument("client_id")
def client_remove(client_id: str) -> None:
    """Remove an application: nobody signs in to it any more, and its tokens are good no more.

    Example: accessmgr client remove payroll
    """
    with running() as (app, product):
        _found(app, client_id)
        try:
            _provider(app).clients.remove(client_id, datetime.now(UTC))
        except WrongRegistration as wrong:
            raise click.ClickException(str(wrong)) from wrong
        note(product.world, "client.removed", client_id)
        click.echo(f"client {client_id} is removed")


def _provider(app: Flask) -> Provider:
    return cast(Provider, app.extensions[EXTENSION])


def _found(app: Flask, client_id: str) -> Client:
    found = _provider(app).clients.find(client_id)
    if found is None:
        raise click.UsageError(f"there is no client `{client_id}`")
    return found


def _refuse_unknown(provider: Provider, scopes: Sequence[str], application: str | None, *, without_pkce: bool) -> None:
    """:raise click.UsageError: a scope or application does not exist, or something is for simulation only"""
    unknown = sorted(set(scopes) - set(provider.scopes) - OF_CLIENTS)
    if unknown:
        raise click.UsageError(f"there is no scope `{unknown[0]}`")
    if application is not None and application not in provider.applications.values():
        raise click.UsageError(f"there is no application `{application}`")
    if without_pkce and not provider.simulation:
        raise click.UsageError("requests without PKCE are taken in simulation only")


def _told(each: Client) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "application": each.application,
        "redirect_uris": list(each.redirect_uris),
        "post_logout_uris": list(each.post_logout_uris),
        "scopes": sorted(each.scopes),
        "methods": sorted(each.methods),
        "keys": sorted(each.means),
        "level": each.level,
        "mode": each.mode,
        "pkce": each.pkce,
        "introspection": each.introspection,
        "backchannel_logout_uri": each.backchannel_logout_uri,
        "resource_types": None if each.resource_types is None else sorted(each.resource_types),
        "enterprises": None if each.enterprises is None else sorted(each.enterprises),
        "reasons": each.reasons,
    }


COMMANDS = (client,)
