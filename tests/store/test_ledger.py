"""The tree that is stored while the history grows: the same as one made of its entries at once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.core.ledger.tree import Frontier, check_consistency, check_inclusion, leaf_hash
from accessmgr.store import tables
from accessmgr.store.ledger import BrokenHistory
from accessmgr.store.writing import Writing
from accessmgr.vault.vault import is_signature
from tests.usecases.stage import Stage, a_stage


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(stage_url) as stage:
        yield stage


def append(tx: Writing, stage: Stage, type_: str = "clock.set", times: int = 1) -> None:
    """So many entries, of no consequence by default."""
    for time in range(times):
        tx.append(type_, stage.clock.now(), data={"time": time})


def sizes(stage: Stage) -> list[int]:
    """The sizes at which checkpoints were made."""
    with stage.looking() as connection:
        checkpoint = tables.Checkpoint.__table__
        return list(connection.execute(select(checkpoint.c.size).order_by(checkpoint.c.size)).scalars())


def test_the_stored_tree_has_the_roots_and_proofs_of_the_entries(stage: Stage) -> None:
    trees = {0: Frontier().root()}
    with stage.store.writing() as tx:
        append(tx, stage, times=21)
        frontier = Frontier()
        leaves = list(tx.ledger.leaves(21))
        for leaf in leaves:
            frontier.add(leaf_hash(leaf))
            trees[frontier.size] = frontier.root()
        assert {size: tx.ledger.root(size) for size in trees} == trees
        assert tx.ledger.nodes() == 21 + 10 + 5 + 2 + 1
        for size in range(1, 22):
            check_inclusion(0, size, leaf_hash(leaves[0]), tx.ledger.inclusion(0, size), trees[size])
            check_consistency(size, 21, tx.ledger.consistency(size, 21), trees[size], trees[21])


def test_the_tree_goes_on_in_the_next_transaction(stage: Stage) -> None:
    for _ in range(6):
        with stage.store.writing() as tx:
            append(tx, stage)
    frontier = Frontier()
    with stage.store.reading() as look:
        for leaf in look.ledger.leaves(6):
            frontier.add(leaf_hash(leaf))
        assert look.ledger.root(6) == frontier.root()


def test_what_is_not_committed_leaves_nothing_in_the_tree(stage: Stage) -> None:
    def write_and_stop() -> None:
        with stage.store.writing() as tx:
            append(tx, stage, times=3)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_and_stop()
    with stage.store.reading() as look:
        assert (look.size(), look.ledger.nodes(), look.ledger.origin(), look.ledger.newest()) == (0, 0, None, None)


@pytest.mark.parametrize(
    ("type_", "made"),
    [
        ("appointment.offered", [3]),
        ("appointment.accepted", [3]),
        ("appointment.ended", [3]),
        ("role.claimed", [3]),
        ("right.granted", []),
        ("action.refused", []),
    ],
)
def test_a_checkpoint_is_made_with_each_appointment_and_its_end(stage: Stage, type_: str, made: list[int]) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=2)
        append(tx, stage, type_)
    assert sizes(stage) == made


def test_a_checkpoint_is_made_every_256_entries_and_on_demand(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=520)
    assert sizes(stage) == [256, 512]
    with stage.store.writing() as tx:
        first, second = tx.checkpoint(), tx.checkpoint()
    assert first == second
    assert sizes(stage) == [256, 512, 520]


def test_a_checkpoint_is_signed_by_the_key_that_outsiders_are_told(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=5)
        note = Checkpoint.parse(tx.checkpoint())
        root = tx.ledger.root(5)
    key = VerifierKey.parse(stage.store.verifier_key())
    note.check(key, is_signature)
    assert (note.size, note.root, note.origin) == (5, root, key.name)


def test_a_history_is_named_once_after_its_host(stage: Stage) -> None:
    names = {stage.store.verifier_key() for _ in range(2)}
    with stage.store.writing() as tx:
        append(tx, stage)
    names.add(stage.store.verifier_key())
    (key,) = names
    host, _, random = VerifierKey.parse(key).name.partition("/history/")
    assert (host, len(random), int(random, 16) >= 0) == ("localhost", 8, True)


def test_an_empty_history_has_a_checkpoint_of_no_entries(stage: Stage) -> None:
    with stage.store.writing() as tx:
        note = Checkpoint.parse(tx.checkpoint())
    assert (note.size, note.root) == (0, Frontier().root())


def test_nothing_is_signed_that_does_not_extend_the_last_checkpoint(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=3)
        other = Checkpoint(tx.ledger.name(), 4, bytes(32))
        key = VerifierKey(other.origin, stage.store.vault.public_key())
        forged = other.signed(key, stage.store.vault.sign)
        tx.connection.execute(tables.Checkpoint.__table__.insert().values(size=4, note=forged))
    with pytest.raises(BrokenHistory, match="does not extend its last checkpoint"), stage.store.writing() as tx:
        append(tx, stage, "appointment.ended", times=3)
    with stage.store.reading() as look:
        assert look.size() == 3


def test_nothing_is_signed_after_a_checkpoint_of_another_key(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=3)
        key = VerifierKey(tx.ledger.name(), bytes(32))
        forged = Checkpoint(key.name, 3, tx.ledger.root(3)).signed(key, stage.store.vault.sign)
        tx.connection.execute(tables.Checkpoint.__table__.insert().values(size=3, note=forged))
    with pytest.raises(BrokenHistory, match="signed by another key"), stage.store.writing() as tx:
        append(tx, stage, "appointment.ended")
    with stage.store.reading() as look:
        assert look.size() == 3


def test_nothing_is_written_where_a_node_is_missing(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.connection.execute(tables.LogHead.__table__.update().values(size=1))
    with pytest.raises(BrokenHistory, match="no node `0` at level 0"), stage.store.writing() as tx:
        append(tx, stage)
    with stage.store.reading() as look:
        assert look.size() == 1


def test_a_checkpoint_over_an_earlier_size_is_signed_and_is_not_the_newest(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=5)
        newest = tx.checkpoint()
        key, kept = tx.ledger.verifier_key(), tx.ledger.signed
        for size in (0, 3, 5):
            earlier = Checkpoint.parse(tx.ledger.over(size))
            assert key is not None
            earlier.check(key, is_signature)
            assert (earlier.size, earlier.root) == (size, tx.ledger.root(size))
        assert (tx.ledger.newest(), tx.ledger.signed, tx.ledger.over(5)) == (newest, kept, newest)
    assert sizes(stage) == [5]


def test_nothing_is_signed_over_more_than_the_newest_checkpoint_covers(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=2)
        with pytest.raises(BrokenHistory, match="no checkpoint covers the first `0` entries"):
            tx.ledger.over(0)
        tx.checkpoint()
        append(tx, stage)
        with pytest.raises(BrokenHistory, match="no checkpoint covers the first `3` entries"):
            tx.ledger.over(3)
        assert Checkpoint.parse(tx.ledger.over(2)).size == 2


def test_nothing_is_signed_over_a_tree_that_does_not_extend_the_newest_checkpoint(stage: Stage) -> None:
    with stage.store.writing() as tx:
        append(tx, stage, times=2)
        newest = Checkpoint.parse(tx.checkpoint())
        key = VerifierKey(newest.origin, stage.store.vault.public_key())
        other = Checkpoint(newest.origin, 3, bytes(32)).signed(key, stage.store.vault.sign)
        append(tx, stage)
        tx.connection.execute(tables.Checkpoint.__table__.insert().values(size=3, note=other))
        with pytest.raises(BrokenHistory, match="does not extend its last checkpoint"):
            tx.ledger.over(1)
