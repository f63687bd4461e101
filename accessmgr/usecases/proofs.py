"""Entries of the history with their proofs, as a bundle that outsiders verify (`docs/history-format.md`)."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from accessmgr.core.ledger import canonical, tree
from accessmgr.core.ledger.bundle import closing, proof
from accessmgr.core.ledger.note import Checkpoint
from accessmgr.usecases.world import Look, Unknown, World

BATCH = 200
KEPT = 4096
"""How many nodes of the tree are kept at hand: proofs of neighbours share most of theirs."""


def checkpoint(world: World, *, above: int = -1) -> str:
    """The newest checkpoint, made now unless it covers entry `above` already."""
    with world.store.reading() as look:
        newest = look.ledger.newest()
    if newest is not None and Checkpoint.parse(newest).size > above:
        return newest
    with world.store.writing() as tx:
        return tx.checkpoint()


def checkpoint_at(look: Look, size: int) -> str:
    """The checkpoint over exactly the first entries.

    :raise Unknown: there is none
    """
    note = look.ledger.at(size)
    if note is None:
        raise Unknown("checkpoint")
    return note


def bundle(look: Look, sequences: Iterable[int], note: str) -> Iterator[bytes]:
    """The lines of a bundle of entries, whose sequences come in order; those that the checkpoint lacks are left out."""
    size = Checkpoint.parse(note).size
    nodes, root = lru_cache(KEPT)(look.ledger.node), look.ledger.root(size)
    count, covered = 0, (sequence for sequence in sequences if sequence < size)
    while some := list(islice(covered, BATCH)):
        leaves = look.lists.leaves(some)
        for sequence in some:
            hashes = tree.inclusion(sequence, size, nodes)
            yield canonical(proof(json.loads(leaves[sequence]), size, hashes, root)) + b"\n"
            count += 1
    yield canonical(closing(count, note)) + b"\n"
