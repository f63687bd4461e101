"""Registering an application that signs people in: its secret is made, and that it was registered is on record."""

from dataclasses import replace
from datetime import datetime

from accessmgr.usecases.relying_parties import Client, Method, RelyingParties, hashed, new_secret
from accessmgr.usecases.world import World

WITH_SECRET = frozenset({Method.BASIC, Method.POST})
"""The methods for which a client needs a secret."""


def register(world: World, clients: RelyingParties, wanted: Client, at: datetime) -> str | None:
    """Keep a client, and give the secret made for it, None if it needs none; nobody can look that up later.

    :param at: the moment on the real clock
    :raise WrongRegistration: there is one of that id, or was one
    """
    secret = new_secret() if wanted.methods & WITH_SECRET else None
    clients.add(replace(wanted, secret=hashed(secret) if secret else None), at)
    note(world, "client.registered", wanted.id)
    return secret


def note(world: World, what: str, client_id: str) -> None:
    """Put on record what became of a client."""
    with world.store.writing() as tx:
        tx.append(what, tx.moment(world.clock.now()), data={"client": client_id})
