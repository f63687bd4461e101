"""Proofs as `accessmgr history prove` prints them: that an entry is in the history, or one size extends another."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from accessmgr.core.ledger.note import Checkpoint
from accessmgr.core.ledger.tree import leaf_hash
from accessmgr.store.store import Store
from accessmgr.store.writing import Writing


@contextmanager
def signed(store: Store, *wanted: int | None) -> Iterator[Writing]:
    """A transaction in which the newest checkpoint covers what is wanted, if the history is that long."""
    with store.writing() as tx:
        newest = tx.ledger.newest()
        covered = 0 if newest is None else Checkpoint.parse(newest).size
        if newest is None or any(number is not None and number >= covered for number in wanted):
            tx.checkpoint()
        yield tx


def _newest(tx: Writing) -> str:
    note = tx.ledger.newest()
    if note is None:
        raise click.UsageError("there is no checkpoint yet")
    return note


def inclusion(tx: Writing, sequence: int, size: int | None) -> dict[str, Any]:
    """The proof that an entry is among the first `size`, by default those of the newest checkpoint.

    :raise ValueError: it is not
    :raise click.UsageError: the history is not as long
    """
    note = _newest(tx)
    covered = Checkpoint.parse(note).size
    if size is not None and size > covered:
        raise click.UsageError(f"the history has {covered} entries, not {size}")
    size = covered if size is None else size
    hashes = tx.ledger.inclusion(sequence, size)
    leaf = next(leaf for leaf in tx.ledger.leaves(sequence + 1, after=sequence - 1))
    return {
        "kind": "inclusion",
        "sequence": sequence,
        "tree_size": size,
        "entry": json.loads(leaf),
        "leaf_hash": _base64(leaf_hash(leaf)),
        "hashes": _all_base64(hashes),
        "root_hash": _base64(tx.ledger.root(size)),
        "checkpoint": tx.ledger.at(size) or note,
    }


def consistency(tx: Writing, first: int | None, second: int | None) -> dict[str, Any]:
    """The proof that the history of `second` entries extends that of `first`.

    :raise ValueError: `first` is larger
    :raise click.UsageError: a size is missing, or the history is not as long
    """
    note = _newest(tx)
    covered = Checkpoint.parse(note).size
    if first is None or second is None or second > covered:
        raise click.UsageError(f"the history has {covered} entries, not {second}")
    return {
        "kind": "consistency",
        "from": first,
        "to": second,
        "hashes": _all_base64(tx.ledger.consistency(first, second)),
        "from_root": _base64(tx.ledger.root(first)),
        "to_root": _base64(tx.ledger.root(second)),
        "checkpoint": tx.ledger.at(second) or note,
    }


def _base64(hash_: bytes) -> str:
    return b64encode(hash_).decode()


def _all_base64(hashes: Sequence[bytes]) -> list[str]:
    return [_base64(hash_) for hash_ in hashes]
