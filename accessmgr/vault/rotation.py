"""Changing the keys while the system serves: a plan that can be stopped at any point and taken up again.

The data and index keys change together. What is secret of a person is under their own key, which does not change: a
rotation wraps it anew, and builds the index of the number anew. The key that signs the history is left alone.
The ring says how far a rotation has come (`phase`), so whoever drives it starts by asking, and goes on from there:

    with one_rotation_at_a_time(path):
        if phase(ring) is Phase.RESTING:   ring = begin(ring); ring.save(path)
        if phase(ring) is Phase.RUNNING:
            vault = Vault(ring)
            for each batch of people's keys whose key_id is not next_data_id(ring), one transaction a batch:
                write rewrap(vault, key) in the place of the old
            for each batch of persons without a record under next_index_id(ring), likewise:
                insert reindex(vault, key, their record) beside it
            ring = finish(ring, left=count, under_current=count, under_next=count); ring.save(path)
        if phase(ring) is Phase.CLEARING:
            delete the records whose index_key_id is not in index_ids_in_use(ring), overwriting freed pages
            ring = forget(ring); ring.save(path)

- Resting: one record a person. Old records found at rest are what a stop left behind; deleting them does no harm.
- Running: `seal_number` gives two records, stored together, and look-ups work by the current index as before. People's
  keys open under whichever key they are wrapped, so a stop leaves nothing half done. A person entered meanwhile has
  both records, and a key under the next one, already.
- Clearing: what was next is current, and every person has a record under it. Old keys are still on the ring.
- After `forget`, old backups open only with an old copy of the key file: keep one as long as you keep the backups, or
  destroy it if the keys were given away, or if people were erased whom those backups still hold.

Serving processes follow by `KeyFile`. One that serves without it must be started anew after `begin` and `finish`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from accessmgr.core.numbers import PersonKey, SealedNumber
from accessmgr.vault.keyring import SEALING, Key, KeyRing, Purpose, State, VaultError
from accessmgr.vault.vault import Vault, reindexed, rewrapped


class Phase(StrEnum):
    """How far the rotation of a ring has come."""

    RESTING = "resting"
    RUNNING = "running"
    CLEARING = "clearing"


def phase(ring: KeyRing) -> Phase:
    """How far the rotation has come."""
    states = {key.state for key in ring.keys if key.purpose in SEALING}
    if State.NEXT in states:
        return Phase.RUNNING
    return Phase.CLEARING if State.OLD in states else Phase.RESTING


def begin(ring: KeyRing) -> KeyRing:
    """The ring with a next key for everything that is sealed; to be saved before anything is sealed under them.

    :raise VaultError: a rotation is under way
    """
    _must_be(Phase.RESTING, ring)
    return KeyRing((*ring.keys, *(Key.fresh(purpose, State.NEXT) for purpose in Purpose if purpose in SEALING)))


def next_data_id(ring: KeyRing) -> str:
    """The id of the data key under which every person's key is to be wrapped.

    :raise VaultError: no rotation is running
    """
    return _next(ring, Purpose.DATA).id


def next_index_id(ring: KeyRing) -> str:
    """The id of the index key under which every number is to have a record beside its present one.

    :raise VaultError: no rotation is running
    """
    return _next(ring, Purpose.INDEX).id


def rewrap(vault: Vault, key: PersonKey) -> PersonKey:
    """The same key of a person, wrapped under the next key; it takes the place of the old one.

    :raise VaultError: no rotation is running, or the key does not open
    """
    return rewrapped(vault.ring, key, _next(vault.ring, Purpose.DATA))


def reindex(vault: Vault, key: PersonKey, sealed: SealedNumber) -> SealedNumber:
    """The record that a person gets beside their present one, with the next index.

    :raise VaultError: no rotation is running, or the present record does not open
    """
    return reindexed(vault, key, sealed, _next(vault.ring, Purpose.INDEX))


def finish(ring: KeyRing, *, left: int, under_current: int, under_next: int) -> KeyRing:
    """The ring with the next keys current and the current ones old, once every person has a record under both.

    All is counted in one transaction.

    :param left: number of people's keys that are not wrapped under the next data key
    :param under_current: number of records under the current index key
    :param under_next: number of records under the next one
    :raise VaultError: a key is left or the counts differ, or no rotation is running
    """
    _must_be(Phase.RUNNING, ring)
    if left:
        raise VaultError(f"{left} keys of people are not under the next key, so the rotation goes on")
    if under_current != under_next:
        raise VaultError(f"of {under_current} records {under_next} are under the next key, so the rotation goes on")
    after = {State.CURRENT: State.OLD, State.NEXT: State.CURRENT, State.OLD: State.OLD}
    return KeyRing(tuple(replace(key, state=after[key.state]) if key.purpose in SEALING else key for key in ring.keys))


def index_ids_in_use(ring: KeyRing) -> frozenset[str]:
    """The ids of the index keys that records should be under; a record under another one can be deleted."""
    return frozenset(key.id for key in ring.in_use(Purpose.INDEX))


def forget(ring: KeyRing) -> KeyRing:
    """The ring without its old keys, once nothing is left under them.

    :raise VaultError: the rotation has not come so far
    """
    _must_be(Phase.CLEARING, ring)
    return KeyRing(tuple(key for key in ring.keys if key.state is not State.OLD))


def _next(ring: KeyRing, purpose: Purpose) -> Key:
    key = ring.coming(purpose)
    if key is None:
        raise VaultError("no rotation of keys is running")
    return key


def _must_be(wanted: Phase, ring: KeyRing) -> None:
    if (now := phase(ring)) is not wanted:
        raise VaultError(f"the rotation of keys is `{now}`, and this needs it to be `{wanted}`")
