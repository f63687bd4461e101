"""Changing the keys while the system serves: a plan that can be stopped at any point and taken up again.

The data and index keys change together, as each record is under both: one pass over the records does it. The key
that signs the history is left alone.
The ring says how far a rotation has come (`phase`), so whoever drives it starts by asking, and goes on from there:

    with one_rotation_at_a_time(path):
        if phase(ring) is Phase.RESTING:   ring = begin(ring); ring.save(path)
        if phase(ring) is Phase.RUNNING:
            vault = Vault(ring)
            for each batch of persons without a record under next_key_id(ring), one transaction a batch:
                insert reseal(vault, person_id, their record under the current key)
            for each sealed text with needs_reseal(vault, text), likewise:
                write reseal_text(vault, purpose, person_id, text)
            ring = finish(ring, under_current=count, under_next=count); ring.save(path)
        if phase(ring) is Phase.CLEARING:
            delete the records whose key_id is not in key_ids_in_use(ring), overwriting freed pages
            ring = forget(ring); ring.save(path)

- Resting: one record a person. Old records found at rest are what a stop left behind; deleting them does no harm.
- Running: `seal_number` gives two records, stored together, and look-ups work by the current key as before. The old
  records stay whole, so a stop leaves nothing half done. A person entered meanwhile has both records already.
- Clearing: what was next is current, and every person has a record under it. Old keys are still on the ring.
- After `forget`, old records and old backups open only with an old copy of the key file: keep one as long as you keep
  the backups, or destroy it if the keys were given away.

Serving processes follow by `KeyFile`. One that serves without it must be started anew after `begin` and `finish`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from accessmgr.core.numbers import SealedNumber
from accessmgr.vault.keyring import SEALING, Key, KeyRing, Purpose, State, VaultError
from accessmgr.vault.vault import Vault, reseal_number, text_key_id


class Phase(StrEnum):
    """How far the rotation of a ring has come."""

    RESTING = "resting"
    RUNNING = "running"
    CLEARING = "clearing"


def phase(ring: KeyRing) -> Phase:
    """How far the rotation has come."""
    states = {key.state for key in ring.keys}
    if State.NEXT in states:
        return Phase.RUNNING
    return Phase.CLEARING if State.OLD in states else Phase.RESTING


def begin(ring: KeyRing) -> KeyRing:
    """The ring with a next key for everything that is sealed; to be saved before anything is sealed under them.

    :raise VaultError: a rotation is under way
    """
    _must_be(Phase.RESTING, ring)
    return KeyRing((*ring.keys, *(Key.fresh(purpose, State.NEXT) for purpose in Purpose if purpose in SEALING)))


def next_key_id(ring: KeyRing) -> str:
    """The id of the data key that every record is to get beside its present one.

    :raise VaultError: no rotation is running
    """
    return _next(ring, Purpose.DATA).id


def reseal(vault: Vault, person_id: str, sealed: SealedNumber) -> SealedNumber:
    """The record that a person gets beside their present one, under the next keys.

    :raise VaultError: no rotation is running, or the present record does not open
    """
    return reseal_number(vault, person_id, sealed, _next(vault.ring, Purpose.DATA), _next(vault.ring, Purpose.INDEX))


def needs_reseal(vault: Vault, text: bytes) -> bool:
    """Whether a sealed text is still under another key than the next.

    :raise VaultError: no rotation is running, or these are no bytes of `seal_text`
    """
    return text_key_id(text) != next_key_id(vault.ring)


def reseal_text(vault: Vault, purpose: str, person_id: str, text: bytes) -> bytes:
    """The same text under the next key; it takes the place of the old one.

    :raise VaultError: no rotation is running, or the text does not open
    """
    _must_be(Phase.RUNNING, vault.ring)
    return vault.seal_text(purpose, person_id, vault.open_text(purpose, person_id, text))


def finish(ring: KeyRing, *, under_current: int, under_next: int) -> KeyRing:
    """The ring with the next keys current and the current ones old, once every person has a record under both.

    :param under_current: number of records under the current data key
    :param under_next: number of records under the next one, counted in the same transaction
    :raise VaultError: the counts differ, or no rotation is running
    """
    _must_be(Phase.RUNNING, ring)
    if under_current != under_next:
        raise VaultError(f"of {under_current} records {under_next} are under the next key, so the rotation goes on")
    after = {State.CURRENT: State.OLD, State.NEXT: State.CURRENT, State.OLD: State.OLD}
    return KeyRing(tuple(replace(key, state=after[key.state]) if key.purpose in SEALING else key for key in ring.keys))


def key_ids_in_use(ring: KeyRing) -> frozenset[str]:
    """The ids of the data keys that records should be under; a record under another one can be deleted."""
    return frozenset(key.id for key in ring.in_use(Purpose.DATA))


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
