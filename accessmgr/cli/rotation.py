"""Rotating the keys over the rows of the database, in small transactions; it goes on where it was interrupted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, select, update

from accessmgr.store import tables
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.vaulted import sealed_columns, sealed_number
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyRing, Purpose
from accessmgr.vault.vault import Vault

BATCH = 500

number_t = tables.NationalNumber.__table__

TEXTS: tuple[tuple[str, Table, str, str], ...] = (
    ("note", tables.Note.__table__, "sequence", "author"),
    ("contact", tables.Contact.__table__, "row", "id"),
    ("totp", tables.Totp.__table__, "person", "person"),
    ("draft", tables.Draft.__table__, "id", "person"),
)
"""Sealed texts: purpose, table, key of the row, and the column of the person to whom they are bound."""


def rotate(engine: Engine, path: Path, progress: Callable[[str, int], None]) -> int:
    """Seal everything under new keys, and give the number of national numbers."""
    ring = KeyRing.load(path)
    if rotation.phase(ring) is rotation.Phase.RESTING:
        ring = rotation.begin(ring)
        ring.save(path)
    if rotation.phase(ring) is rotation.Phase.RUNNING:
        vault = Vault(ring)
        done = 0
        while sealed := _in_one_transaction(engine, _reseal_numbers, vault):
            done += sealed
            progress("national numbers", done)
        for text in TEXTS:
            _in_one_transaction(engine, _reseal_texts, vault, *text)
        ring = _in_one_transaction(engine, _finish, ring, path)
    _in_one_transaction(engine, _clear, ring)
    rotation.forget(ring).save(path)
    with begin(engine, writing=False) as connection:
        return int(connection.execute(select(func.count()).select_from(number_t)).scalar_one())


def _in_one_transaction(engine: Engine, work: Callable[..., Any], *arguments: Any) -> Any:
    with begin(engine, writing=True) as connection, connection.begin():
        lock_head(connection)
        return work(connection, *arguments)


def _reseal_numbers(connection: Connection, vault: Vault) -> int:
    current, coming = vault.ring.current(Purpose.DATA).id, rotation.next_key_id(vault.ring)
    has_next = select(number_t.c.person).where(number_t.c.key_id == coming)
    lacking = select(number_t).where(number_t.c.key_id == current, number_t.c.person.not_in(has_next)).limit(BATCH)
    rows = connection.execute(lacking).mappings().all()
    for row in rows:
        sealed = rotation.reseal(vault, row["person"], sealed_number(row))
        connection.execute(number_t.insert().values(sealed_columns(row["person"], sealed)))
    return len(rows)


def _reseal_texts(connection: Connection, vault: Vault, purpose: str, table: Table, key: str, person: str) -> None:
    rows = connection.execute(select(table.c[key], table.c[person].label("owner"), table.c.sealed)).all()
    for row_key, owner, sealed in rows:
        if rotation.needs_reseal(vault, sealed):
            anew = rotation.reseal_text(vault, purpose, owner, sealed)
            connection.execute(update(table).where(table.c[key] == row_key).values(sealed=anew))


def _finish(connection: Connection, ring: KeyRing, path: Path) -> KeyRing:
    counts = {
        key_id: connection.execute(select(func.count()).where(number_t.c.key_id == key_id)).scalar_one()
        for key_id in (ring.current(Purpose.DATA).id, rotation.next_key_id(ring))
    }
    under_current, under_next = counts.values()
    finished = rotation.finish(ring, under_current=under_current, under_next=under_next)
    finished.save(path)
    return finished


def _clear(connection: Connection, ring: KeyRing) -> None:
    connection.execute(delete(number_t).where(number_t.c.key_id.not_in(rotation.key_ids_in_use(ring))))
