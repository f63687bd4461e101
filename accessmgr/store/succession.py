"""Which key signs the history from which size on: what the entries about it tell, and what is written about it.

The order of things: an entry that announces the next key; a checkpoint over it, signed by both; an entry by which the
next one takes over. So the old key vouches for the new one, and the new one shows that somebody has it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from accessmgr.core.ledger.note import Checkpoint, VerifierKey, Verify, WrongNote
from accessmgr.store import tables
from accessmgr.store.writing import Writing

ANNOUNCED = "key.announced"
ROTATED = "key.rotated"

entry_t = tables.Entry.__table__


@dataclass(frozen=True)
class Keys:
    """The keys of a history in turn: the first one, and each later one with the entry by which it took over."""

    first: VerifierKey
    later: tuple[tuple[int, VerifierKey], ...] = ()

    def at(self, size: int) -> VerifierKey:
        """The key that signs a checkpoint of that size."""
        return next((key for sequence, key in reversed(self.later) if sequence < size), self.first)

    def unvouched(self, notes: Mapping[int, Checkpoint], verify: Verify) -> int | None:
        """The entry by which a key took over without a checkpoint by it and the one before; None if all are right."""
        for sequence, key in self.later:
            try:
                notes[sequence].check(key, verify)
                notes[sequence].check(self.at(sequence), verify)
            except (KeyError, WrongNote):
                return sequence
        return None


def keys_of(connection: Connection, key: VerifierKey) -> Keys:
    """The keys of the history of which `key` is one; that one alone if the entries tell of others."""
    leaves = select(entry_t.c.sequence, entry_t.c.leaf).where(entry_t.c.type == ROTATED).order_by(entry_t.c.sequence)
    try:
        told = [(sequence, json.loads(bytes(leaf))["data"]) for sequence, leaf in connection.execute(leaves)]
        later = tuple((sequence, VerifierKey.parse(data["vkey"])) for sequence, data in told)
        first = VerifierKey.parse(told[0][1]["retired"]) if told else key
    except (KeyError, TypeError, ValueError, AttributeError):
        return Keys(key)
    return Keys(first, later) if key in {first, *(each for _, each in later)} else Keys(key)


def hand_over(tx: Writing, coming: bytes, at: datetime) -> None:
    """Write that the next key takes over, unless it is written already.

    :param coming: the public key of the next one, which is on the ring

    :raise BrokenHistory: the history does not extend what was signed of it
    """
    present, new = VerifierKey(tx.ledger.name(), tx.vault.public_key()), VerifierKey(tx.ledger.name(), coming)
    if new in [key for _, key in keys_of(tx.connection, present).later]:
        return
    tx.append(ANNOUNCED, at, data={"vkey": str(new)})
    tx.checkpoint()
    tx.append(ROTATED, at, data={"vkey": str(new), "retired": str(present)})


def signed_by_both(tx: Writing) -> str | None:
    """The checkpoint that the present key and the one before it signed; None if there was none before."""
    key = tx.ledger.verifier_key()
    later = () if key is None else keys_of(tx.connection, key).later
    return tx.ledger.at(later[-1][0]) if later else None


def is_closed(tx: Writing) -> bool:
    """Whether a checkpoint covers the last entry by which a key took over, so that nothing of it is left to do."""
    newest, both = tx.ledger.newest(), signed_by_both(tx)
    return both is None or newest != both
