"""Rotating the keys over the rows of the database, in small transactions; it goes on where it was interrupted."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select, update

from accessmgr.store import succession, tables
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.store import Store
from accessmgr.store.vaulted import key_columns, person_key, sealed_columns, sealed_number
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyRing, Purpose
from accessmgr.vault.succession import announce, take_over
from accessmgr.vault.vault import Vault, public_half

BATCH = 500

number_t = tables.NationalNumber.__table__

key_t = tables.PersonKey.__table__


def rotate_signing(store: Store, path: Path, at: datetime) -> str:
    """Replace the key that signs the history, from wherever an earlier try stopped.

    :return: the checkpoint that the old key and the new one signed

    :raise BrokenHistory: the history does not extend what was signed of it
    """
    ring = KeyRing.load(path)
    with store.writing() as tx:
        is_closed = succession.is_closed(tx)
    if is_closed or ring.coming(Purpose.SIGNING) is not None:
        ring = announce(ring)
        ring.save(path)
        with store.writing() as tx:
            succession.hand_over(tx, public_half(ring.in_use(Purpose.SIGNING)[-1]), at)
        take_over(ring).save(path)
    with store.writing() as tx:
        tx.checkpoint()
        return succession.signed_by_both(tx) or ""


def rotate(engine: Engine, path: Path, progress: Callable[[str, int], None]) -> int:
    """Wrap everybody's key anew and build the index of every number anew; gives how many numbers there are."""
    ring = KeyRing.load(path)
    if rotation.phase(ring) is rotation.Phase.RESTING:
        ring = rotation.begin(ring)
        ring.save(path)
    if rotation.phase(ring) is rotation.Phase.RUNNING:
        vault = Vault(ring)
        for what, work in (("keys of people", _rewrap), ("national numbers", _reindex)):
            done = 0
            while some := _in_one_transaction(engine, work, vault):
                done += some
                progress(what, done)
        ring = _in_one_transaction(engine, _finish, ring, path)
    _in_one_transaction(engine, _clear, ring)
    rotation.forget(ring).save(path)
    with begin(engine, writing=False) as connection:
        return int(connection.execute(select(func.count()).select_from(number_t)).scalar_one())


def _in_one_transaction(engine: Engine, work: Callable[..., Any], *arguments: Any) -> Any:
    with begin(engine, writing=True) as connection, connection.begin():
        lock_head(connection)
        return work(connection, *arguments)


def _rewrap(connection: Connection, vault: Vault) -> int:
    left = select(key_t).where(key_t.c.key_id != rotation.next_data_id(vault.ring)).limit(BATCH)
    rows = connection.execute(left).mappings().all()
    for row in rows:
        anew = key_columns(rotation.rewrap(vault, person_key(row)))
        connection.execute(update(key_t).where(key_t.c.person == row["person"]).values(anew))
    return len(rows)


def _reindex(connection: Connection, vault: Vault) -> int:
    current, coming = vault.ring.current(Purpose.INDEX).id, rotation.next_index_id(vault.ring)
    has_next = select(number_t.c.person).where(number_t.c.index_key_id == coming)
    lacking = select(number_t, key_t.c.key_id, key_t.c.wrapped).join(key_t, key_t.c.person == number_t.c.person)
    lacking = lacking.where(number_t.c.index_key_id == current, number_t.c.person.not_in(has_next)).limit(BATCH)
    rows = connection.execute(lacking).mappings().all()
    for row in rows:
        beside = rotation.reindex(vault, person_key(row), sealed_number(row))
        connection.execute(number_t.insert().values(sealed_columns(row["person"], beside)))
    return len(rows)


def _finish(connection: Connection, ring: KeyRing, path: Path) -> KeyRing:
    def count(table: Table, which: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())

    finished = rotation.finish(
        ring,
        left=count(key_t, key_t.c.key_id != rotation.next_data_id(ring)),
        under_current=count(number_t, number_t.c.index_key_id == ring.current(Purpose.INDEX).id),
        under_next=count(number_t, number_t.c.index_key_id == rotation.next_index_id(ring)),
    )
    finished.save(path)
    return finished


def _clear(connection: Connection, ring: KeyRing) -> None:
    connection.execute(delete(number_t).where(number_t.c.index_key_id.not_in(rotation.index_ids_in_use(ring))))
