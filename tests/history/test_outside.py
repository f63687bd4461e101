"""The last checkpoint outside the database: what does not extend it is not written to, and is served read-only."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event

from accessmgr.core.actions import Action
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.store.ledger import BrokenHistory
from accessmgr.store.outside import Outside, default_name
from accessmgr.store.store import Store
from accessmgr.usecases.perform import perform
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import World
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault, is_signature
from tests.builders import an_ask
from tests.history.rolled_back import rolled_back
from tests.usecases.stage import Stage, a_stage


@dataclass
class Kept:
    """A history whose checkpoints are kept in a file."""

    stage: Stage
    path: Path

    def process(self) -> Store:
        """The store as a process has it that has just begun."""
        store = self.stage.store
        outside = Outside(self.path, store.vault.public_keys, is_signature)  # type: ignore[attr-defined]
        return Store(store.engine, store.vault, store.policy, store.host, outside)

    def grow(self, store: Store, times: int = 1, type_: str = "clock.set") -> None:
        """So many entries more."""
        with store.writing() as tx:
            for _ in range(times):
                tx.append(type_, self.stage.clock.now())

    def sign(self, store: Store) -> Checkpoint:
        """A checkpoint over every entry."""
        with store.writing() as tx:
            return Checkpoint.parse(tx.checkpoint())

    def roll_back(self, size: int) -> None:
        """Put the database back to so many entries."""
        with self.stage.writing() as connection:
            rolled_back(connection, size)

    def size(self) -> int:
        """How many entries there are."""
        with self.stage.store.reading() as look:
            return look.size()

    def kept(self) -> str:
        """What the file holds."""
        return self.path.read_text(encoding="utf-8")


@pytest.fixture
def history(stage_url: str, tmp_path: Path) -> Iterator[Kept]:
    """Ten entries, all of them signed, once in each kind of database."""
    with a_stage(stage_url) as stage:
        kept = Kept(stage, tmp_path / "outside" / "checkpoint")
        store = kept.process()
        kept.grow(store, 10)
        kept.sign(store)
        yield kept


def test_each_checkpoint_is_kept_once_it_is_committed(history: Kept) -> None:
    store = history.process()
    assert Checkpoint.parse(history.kept()).size == 10
    history.grow(store, 2)
    assert Checkpoint.parse(history.kept()).size == 10
    history.grow(store, 1, "appointment.ended")
    with store.reading() as look:
        assert history.kept() == look.ledger.newest()
    assert Checkpoint.parse(history.kept()).size == 13
    assert store.trouble() is None


def test_a_checkpoint_that_is_rolled_back_is_not_kept(history: Kept) -> None:
    def sign_and_stop() -> None:
        with history.process().writing() as tx:
            tx.append("appointment.ended", history.stage.clock.now())
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        sign_and_stop()
    assert Checkpoint.parse(history.kept()).size == 10


def test_nothing_is_written_on_top_of_an_older_state(history: Kept) -> None:
    running, later = history.process(), history.process()
    history.grow(running)
    history.roll_back(7)
    for store in (running, later):
        with pytest.raises(BrokenHistory, match=r"has 7 entries, and the checkpoint in .* covers 10") as refused:
            history.grow(store, 5)
        assert (refused.value.size, refused.value.signed) == (7, 10)
        assert str(store.trouble()) == str(refused.value)
    assert history.size() == 7


def test_an_older_state_that_holds_all_that_was_signed_is_written_to(history: Kept) -> None:
    history.grow(history.process(), 3)
    history.roll_back(10)
    store = history.process()
    assert store.trouble() is None
    history.grow(store)
    assert history.size() == 11


def test_an_action_is_refused_and_changes_nothing(history: Kept) -> None:
    history.roll_back(9)
    before = history.stage.content()
    world = World(history.process(), history.stage.clock, history.stage.store.policy)
    with pytest.raises(Unrecorded, match="put back to an older state"):
        perform(world, an_ask(Action.GRANT_RIGHT))
    assert history.stage.content() == before


def test_nothing_is_written_on_top_of_another_history_of_the_same_length(history: Kept) -> None:
    kept = history.kept()
    history.path.unlink()
    history.roll_back(6)
    history.grow(history.process(), 6, "clock.advanced")
    history.path.write_text(kept, encoding="utf-8")
    store = history.process()
    with pytest.raises(BrokenHistory, match=r"the first 10 of 12 entries are not those .*: the history was rewritten"):
        history.grow(store)
    assert store.trouble() is not None
    assert history.size() == 12


def test_nothing_is_written_to_a_history_of_another_name(history: Kept) -> None:
    vault = history.stage.store.vault
    with history.stage.store.reading() as look:
        key = VerifierKey("localhost/history/00000000", vault.public_key())
        other = Checkpoint(key.name, 10, look.ledger.root(10)).signed(key, vault.sign)
    history.path.write_text(other, encoding="utf-8")
    with pytest.raises(BrokenHistory, match="covers 10 of `localhost/history/00000000`: the database was replaced"):
        history.grow(history.process())


@pytest.mark.parametrize(
    "tampered",
    [
        lambda note: "",
        lambda note: note[:-20],
        lambda note: note.replace("\n10\n", "\n3\n"),
        lambda note: note.replace("localhost", "elsewhere"),
        lambda note: "\ufffd\x00",
        lambda note: note + note,
    ],
)
def test_a_file_that_was_tampered_with_is_named_and_nothing_is_written(history: Kept, tampered) -> None:
    history.path.write_text(tampered(history.kept()), encoding="utf-8")
    store = history.process()
    with pytest.raises(BrokenHistory, match=r"checkpoint` is no checkpoint of ours: "):
        history.grow(store)
    assert store.trouble() is not None
    assert history.size() == 10


def test_a_checkpoint_of_another_key_is_not_ours(history: Kept) -> None:
    stranger = Vault(KeyRing.fresh())
    note = Checkpoint.parse(history.kept())
    forged = Checkpoint(note.origin, 3, note.root).signed(
        VerifierKey(note.origin, stranger.public_key()), stranger.sign
    )
    history.path.write_text(forged, encoding="utf-8")
    with pytest.raises(BrokenHistory, match="no key of ours signed it"):
        history.grow(history.process())


def test_a_file_that_is_a_checkpoint_behind_harms_nothing_and_is_brought_up(history: Kept) -> None:
    old, store = history.kept(), history.process()
    history.grow(store, 3)
    newest = history.sign(store)
    history.path.write_text(old, encoding="utf-8")
    store = history.process()
    assert store.trouble() is None
    store.keep_outside()
    assert Checkpoint.parse(history.kept()) == newest


def test_an_older_checkpoint_never_takes_the_place_of_a_later_one(history: Kept) -> None:
    old = history.kept()
    store = history.process()
    history.grow(store, 3)
    newest = history.sign(store)
    assert store.outside is not None
    store.outside.keep(old)
    assert Checkpoint.parse(history.kept()) == newest


def test_processes_that_sign_at_once_leave_the_newest(history: Kept) -> None:
    def work() -> None:
        store = history.process()
        for _ in range(5):
            history.grow(store, 1, "appointment.ended")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (history.size(), Checkpoint.parse(history.kept()).size) == (30, 30)


def test_a_checkpoint_that_cannot_be_kept_stops_writing_until_it_can(history: Kept) -> None:
    store = history.process()
    lock = history.path.with_name(".checkpoint.lock")
    lock.unlink()
    lock.mkdir()
    history.grow(store, 1, "appointment.ended")
    with pytest.raises(BrokenHistory, match=r"cannot be kept outside the database in .*: Is a directory"):
        history.grow(store)
    assert history.size() == 11
    lock.rmdir()
    history.grow(store)
    assert (history.size(), Checkpoint.parse(history.kept()).size) == (12, 11)


def test_a_new_database_begins_anew_and_the_old_checkpoint_is_set_aside(history: Kept) -> None:
    store = history.process()
    assert store.outside is not None
    aside = store.outside.set_aside()
    assert aside is not None
    assert (Checkpoint.parse(aside.read_text(encoding="utf-8")).size, history.path.exists()) == (10, False)
    assert store.outside.set_aside() is None
    assert sorted(os.listdir(history.path.parent)) == [".checkpoint.lock", aside.name]


def test_each_database_has_a_file_of_its_own_whatever_the_password() -> None:
    names = [
        default_name(address)
        for address in (
            "postgresql+psycopg://me:secret@host/one",
            "postgresql+psycopg://you:other@host/one",
            "postgresql+psycopg://me:secret@host/two",
            "postgresql+psycopg://me:secret@host:5433/one",
            "sqlite:////somewhere/one",
        )
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_a_database_that_cannot_write_says_so_and_nothing_is_done(sqlite_url: str) -> None:
    with a_stage(sqlite_url) as stage:
        before, engine = stage.content(), stage.store.engine
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 200"))
        with pytest.raises(Unrecorded, match="the database cannot write: database or disk is full"):
            _fill(stage)
        assert stage.content() == before


def _fill(stage: Stage) -> None:
    with stage.store.writing() as tx:
        for _ in range(2000):
            tx.append("clock.set", stage.clock.now(), data={"words": "x" * 1000})
