"""Passkeys of a person: what is kept of each, and what the history tells of them. A name is the person's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accessmgr.core.model import Key
from accessmgr.usecases.keys import activate_key
from accessmgr.usecases.world import World

MOST = 10
"""How many passkeys a person may have."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey (WebAuthn credential) of a person; moments are of the real clock.

    `handle` is the random id by which the device knows the person, the same for all their passkeys. `public_key` is
    in COSE form; `counter` is the highest that its device told, and stays zero for devices that do not count.
    """

    id: str
    person: str
    credential: bytes
    public_key: bytes
    handle: bytes
    counter: int
    name: str
    created_at: datetime
    used_at: datetime | None = None


class Passkeys(Protocol):
    """The passkeys of everybody."""

    def of(self, person: str) -> Sequence[Passkey]:
        """The passkeys of a person, the oldest first."""

    def find(self, credential: bytes) -> Passkey | None:
        """The passkey with that credential id, None if there is none."""

    def add(self, passkey: Passkey) -> bool:
        """Keep a new passkey; False if its credential is known already."""

    def rename(self, person: str, id_: str, name: str) -> bool:
        """Give a passkey of the person another name; False if they have none of that id."""

    def remove(self, person: str, id_: str) -> bool:
        """Forget a passkey of the person; False if they have none of that id."""

    def use(self, id_: str, counter: int, at: datetime) -> bool:
        """Note that a passkey was used; False if its counter went back, so that there must be a copy of it."""


def add_passkey(world: World, passkeys: Passkeys, passkey: Passkey) -> bool:
    """Keep a new passkey, tell the history, and let its person sign in with passkeys; False if it is known already."""
    if not passkeys.add(passkey):
        return False
    _tell(world, "passkey.added", passkey.person, passkey.id)
    activate_key(world, passkey.person, Key.PASSKEY)
    return True


def remove_passkey(world: World, passkeys: Passkeys, person: str, id_: str) -> bool:
    """Forget a passkey of the person, and tell the history; False if they have none of that id."""
    if not passkeys.remove(person, id_):
        return False
    _tell(world, "passkey.removed", person, id_)
    return True


def _tell(world: World, type_: str, person: str, id_: str) -> None:
    with world.store.writing() as tx:
        data = {"person": person, "passkey": id_}
        tx.append(type_, world.clock.now(), actor=person, data=data, subjects=[person])
