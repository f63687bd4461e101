"""What commands share: the application and its product, and ids behind the names that people type."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click
from flask import Flask

from accessmgr.app import create_app
from accessmgr.config import Settings, read
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.store.store import Store
from accessmgr.usecases.world import Look
from accessmgr.web.current import Product


@contextmanager
def running(settings: Settings | None = None) -> Iterator[tuple[Flask, Product]]:
    """The application on settings, or on those of the environment; its connections are closed at the end."""
    app = create_app(settings)
    product = cast(Product, app.extensions["accessmgr"])
    with app.app_context():
        try:
            yield app, product
        finally:
            store_of(product).engine.dispose()


def store_of(product: Product) -> Store:
    """The store, with what only operators need of it."""
    return cast(Store, product.world.store)


def keys_path() -> Path:
    """The path of the key file."""
    return read(os.environ).keys


def person_id(look: Look, name: str) -> str:
    """The id of a person, given by short name (in simulation) or by id.

    :raise click.UsageError: there is no such person
    """
    person = look.lists.personas().get(name, name)
    if person not in look.lists.names([person]):
        raise click.UsageError(f"there is no person `{name}`")
    return person


class EnterpriseParameter(click.ParamType):
    """An enterprise number in any form that people paste."""

    name = "number"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The ten digits."""
        try:
            return EnterpriseNumber.parse(value).digits
        except InvalidNumber as wrong:
            self.fail(f"`{value}` is {wrong}", param, ctx)


ENTERPRISE = EnterpriseParameter()
