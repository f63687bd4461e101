"""The table of clients (`usecases.relying_parties.RelyingParties`)."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, select, update

from accessmgr.core.model import Key
from accessmgr.store import token_tables
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.prepared import prepared
from accessmgr.usecases.relying_parties import Client, Level, Method, Mode, WrongRegistration, is_name

client_t = token_tables.Client.__table__
family_t = token_tables.TokenFamily.__table__

APART = {"id", "secret", "means"}
"""What has a column of its own."""
SETS = {
    "scopes": frozenset,
    "redirect_uris": tuple,
    "post_logout_uris": tuple,
    "resource_types": frozenset,
    "enterprises": frozenset,
}


class StoredClients:
    """The table of clients."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def find(self, client_id: str) -> Client | None:
        """The client of that id, None if there is none."""
        if not is_name(client_id):  # PostgreSQL takes no NUL, and neither database half a character
            return None
        with begin(self.engine, writing=False) as connection:
            row = _present().first(connection, {"id": client_id})
        return None if row is None else _client(row)

    def all(self) -> Sequence[Client]:
        """All clients, by id."""
        found = select(client_t).where(client_t.c.removed_at.is_(None)).order_by(client_t.c.id)
        with begin(self.engine, writing=False) as connection:
            return [_client(row) for row in connection.execute(found)]

    def add(self, client: Client, at: datetime) -> None:
        """Keep a new client.

        :raise WrongRegistration: there is one of that id, or was one: tokens and the history name it
        """
        with begin(self.engine, writing=True) as connection, connection.begin():
            lock_head(connection)
            if connection.execute(select(client_t.c.id).where(client_t.c.id == client.id)).first():
                raise WrongRegistration(f"there is a client `{client.id}` already, or there was one")
            connection.execute(client_t.insert().values(**_columns(client), added_at=at))

    def change_secret(self, client_id: str, secret: str, at: datetime) -> None:
        """Replace the hash of a client's secret."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(update(client_t).where(client_t.c.id == client_id).values(secret=secret))

    def remove(self, client_id: str, at: datetime) -> None:
        """Remove a client; what was issued to it is good no more."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(update(client_t).where(client_t.c.id == client_id).values(removed_at=at))
            open_families = family_t.c.revoked_at.is_(None)
            revoking = update(family_t).where(family_t.c.client == client_id, open_families)
            connection.execute(revoking.values(revoked_at=at))


def means_of(connection: Connection, client_id: str) -> frozenset[Key] | None:
    """The digital keys that a client takes, None if there is no such client."""
    found = select(client_t.c.means).where(client_t.c.id == client_id, client_t.c.removed_at.is_(None))
    means = connection.execute(found).scalar()
    return None if means is None else _keys(means)


def _keys(means: str) -> frozenset[Key]:
    return frozenset(Key(word) for word in means.split())


def _columns(client: Client) -> dict[str, Any]:
    values = {field.name: getattr(client, field.name) for field in fields(client) if field.name not in APART}
    plain = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}
    return {
        "id": client.id,
        "registration": json.dumps(plain, sort_keys=True),
        "means": " ".join(sorted(client.means)),
        "secret": client.secret,
    }


@prepared
def _present() -> Select[Any]:
    return select(client_t).where(client_t.c.id == bindparam("id"), client_t.c.removed_at.is_(None))


def _client(row: Any) -> Client:
    return _read(row.id, row.registration, row.means, row.secret)


@lru_cache
def _read(id_: str, registration: str, means: str, secret: str | None) -> Client:
    """A client from its columns: the same text is the same client, and reading it takes longer than finding it."""
    kept = json.loads(registration)
    values = {name: SETS[name](value) if name in SETS and value is not None else value for name, value in kept.items()}
    values["methods"] = frozenset(Method(word) for word in kept["methods"])
    values |= {"level": Level(kept["level"]), "mode": Mode(kept["mode"])}
    return Client(id=id_, secret=secret, means=_keys(means), **values)
