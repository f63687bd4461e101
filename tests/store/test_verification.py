"""The history in the database: an honest one is valid, and whoever changes a row behind the product's back is found."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from accessmgr.core.ledger.form import canonical
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.core.ledger.tree import leaf_hash
from accessmgr.store import tables
from accessmgr.store.verification import verify_stored
from accessmgr.vault.vault import is_signature
from tests.history.exports import last_line, verdicts
from tests.usecases.stage import Stage, a_stage

entry_t, node_t, head_t = tables.Entry.__table__, tables.LedgerNode.__table__, tables.LogHead.__table__
SIZE = 20
SIGNED = 13
PLACES = [0, 1, 7, 12, 15, 19]


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """Twenty entries, of which thirteen are signed, once in each kind of database."""
    with a_stage(stage_url) as stage:
        with stage.store.writing() as tx:
            for sequence in range(SIZE):
                type_ = "appointment.ended" if sequence == SIGNED - 1 else "clock.set"
                tx.append(type_, stage.clock.now(), data={"count": sequence})
        yield stage


def verdict(stage: Stage, old: Checkpoint | None = None) -> str:
    """The verdict on the history as it is stored."""
    key = VerifierKey.parse(stage.store.verifier_key())
    with stage.store.reading() as look:
        return str(verify_stored(look.connection, is_signature, key=key, old=old))


def unwatched(connection: Connection) -> None:
    """Take away the triggers, as somebody with full power over the database can."""
    for table in ("entry", "ledger_node", "checkpoint"):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for operation in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {table}_refuses_{operation}"))


def leaf_at(connection: Connection, at: int) -> bytes:
    return bytes(connection.execute(entry_t.select().where(entry_t.c.sequence == at)).one().leaf)


def edit(connection: Connection, at: int) -> None:
    leaf = leaf_at(connection, at).replace(b"system", b"nobody")
    values = {"leaf": leaf, "actor": "nobody"}
    connection.execute(entry_t.update().where(entry_t.c.sequence == at).values(values))


def edit_and_hash(connection: Connection, at: int) -> None:
    edit(connection, at)
    hash_ = leaf_hash(leaf_at(connection, at))
    connection.execute(node_t.update().where(node_t.c.level == 0, node_t.c.index == at).values(hash=hash_))


def delete(connection: Connection, at: int) -> None:
    connection.execute(entry_t.delete().where(entry_t.c.sequence == at))


def swap(connection: Connection, at: int) -> None:
    other = (at + 1) % SIZE
    one, two = leaf_at(connection, at), leaf_at(connection, other)
    for place, leaf in ((at, two), (other, one)):
        connection.execute(entry_t.update().where(entry_t.c.sequence == place).values(leaf=leaf))


def misname(connection: Connection, at: int) -> None:
    connection.execute(entry_t.update().where(entry_t.c.sequence == at).values(actor="nobody"))


def lose_node(connection: Connection, at: int) -> None:
    connection.execute(node_t.delete().where(node_t.c.level == 0, node_t.c.index == at))


def spoil_upper_node(connection: Connection, at: int) -> None:
    which = (node_t.c.level == 1, node_t.c.index == at // 2)
    connection.execute(node_t.update().where(*which).values(hash=bytes(32)))


def add_column(connection: Connection, at: int) -> None:
    leaf = canonical({"sequence": at}) + leaf_at(connection, at)
    connection.execute(entry_t.update().where(entry_t.c.sequence == at).values(leaf=leaf))


BEHIND_ITS_BACK: dict[str, tuple[Callable[[Connection, int], None], Callable[[int], str]]] = {
    "an entry is edited": (edit, lambda at: f"TAMPERED at {at}"),
    "an entry is edited with its hash": (
        edit_and_hash,
        lambda at: f"TAMPERED between {at // 2 * 2} and {at // 2 * 2 + 1}",
    ),
    "an entry is deleted": (delete, lambda at: "TRUNCATED" if at == SIZE - 1 else f"TAMPERED at {at}"),
    "two entries are swapped": (swap, lambda at: f"TAMPERED at {0 if at == SIZE - 1 else at}"),
    "a column says something else": (misname, lambda at: f"TAMPERED at {at}"),
    "a hash is lost": (lose_node, lambda at: f"TAMPERED at {at}"),
    "an interior hash is spoilt": (
        spoil_upper_node,
        lambda at: f"TAMPERED between {at // 2 * 2} and {at // 2 * 2 + 1}",
    ),
    "an entry is no JSON": (add_column, lambda at: f"TAMPERED at {at}"),
}


def test_an_honest_history_is_valid_while_it_grows(stage: Stage) -> None:
    assert verdict(stage) == f"VALID {SIZE}"
    with stage.store.writing() as tx:
        note = Checkpoint.parse(tx.checkpoint())
        tx.append("clock.set", stage.clock.now())
    assert verdict(stage, old=note) == f"VALID {SIZE + 1}"


def test_an_empty_history_is_valid(stage_url: str) -> None:
    with a_stage(stage_url) as stage:
        assert verdict(stage) == "VALID 0"


@pytest.mark.parametrize("kind", BEHIND_ITS_BACK)
def test_what_is_changed_behind_its_back_is_found(stage: Stage, kind: str) -> None:
    change, expected = BEHIND_ITS_BACK[kind]
    with stage.writing() as connection:
        unwatched(connection)
    found = {}
    for at in PLACES:
        with stage.store.engine.connect() as connection:
            outer = connection.begin()
            change(connection, at)
            key = VerifierKey.parse(_key_of(connection, stage))
            found[at] = str(verify_stored(connection, is_signature, key=key))
            outer.rollback()
    assert found == {at: expected(at) for at in PLACES}
    assert verdict(stage) == f"VALID {SIZE}"


def _key_of(connection: Connection, stage: Stage) -> str:
    origin = connection.execute(tables.LogOrigin.__table__.select()).scalar_one()
    return str(VerifierKey(origin, stage.store.vault.public_key()))


def test_the_whole_tree_made_anew_is_found_by_the_checkpoint(stage: Stage) -> None:
    with stage.writing() as connection:
        unwatched(connection)
        edit(connection, 4)
        leaves = [leaf_at(connection, at) for at in range(SIZE)]
        connection.execute(node_t.delete())
    with stage.store.writing() as tx:
        for sequence, leaf in enumerate(leaves):
            tx.ledger.append(sequence, leaf)
    assert verdict(stage) == f"TAMPERED between 0 and {SIGNED - 1}"


def test_an_entry_without_its_place_in_the_head_is_found(stage: Stage) -> None:
    with stage.writing() as connection:
        connection.execute(head_t.update().values(size=SIZE - 1))
    assert verdict(stage) == f"TAMPERED at {SIZE - 1}"


def test_a_checkpoint_of_another_key_is_found(stage: Stage) -> None:
    other = VerifierKey(VerifierKey.parse(stage.store.verifier_key()).name, bytes(32))
    with stage.store.reading() as look:
        found = verify_stored(look.connection, is_signature, key=other)
    assert str(found) == f"TAMPERED between 0 and {SIZE - 1}"


def test_an_end_that_should_have_been_signed_long_ago_is_told(stage: Stage) -> None:
    with stage.writing() as connection:
        unwatched(connection)
    with stage.store.writing() as tx:
        for _ in range(256):
            tx.append("clock.set", stage.clock.now())
        tx.connection.execute(tables.Checkpoint.__table__.delete().where(tables.Checkpoint.__table__.c.size == 256))
    assert verdict(stage) == "UNSIGNED TAIL"


def test_a_backup_that_was_put_back_is_truncated_for_who_kept_a_checkpoint(stage: Stage) -> None:
    key = VerifierKey.parse(stage.store.verifier_key())
    later = Checkpoint.parse(Checkpoint(key.name, SIZE + 5, bytes(32)).signed(key, stage.store.vault.sign))
    assert verdict(stage, old=later) == "TRUNCATED"
    other = Checkpoint.parse(Checkpoint(key.name, SIZE - 5, bytes(32)).signed(key, stage.store.vault.sign))
    assert verdict(stage, old=other) == "FORKED"


def test_what_the_store_writes_both_verifiers_accept_as_an_export(stage: Stage, tmp_path: Path) -> None:
    with stage.store.writing() as tx:
        note = tx.checkpoint()
        lines: list[Any] = [leaf + b"\n" for leaf in tx.ledger.leaves(SIZE)]
    export = b"".join([*lines, last_line(note)])
    assert verdicts(tmp_path, export, vkey=stage.store.verifier_key(), strict=True) == {f"VALID {SIZE}"}
