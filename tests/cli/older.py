"""A database as the first release left it: without a tree, and with everything sealed under the keys of the ring."""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from accessmgr.core.numbers import PersonKey, SealedNumber
from accessmgr.vault.keyring import KeyRing, Purpose
from accessmgr.vault.vault import Vault

FIRST = """
address alembic_version appointment auditor code contact death denomination digital_key draft enterprise entry
entry_subject establishment establishment_move failed_lookup function log_head national_number note person persona
recognition register_import right_grant right_request session silence simulator_clock suspension totp work_relation
"""
"""The tables of the first schema."""

LATER_INDEXES = (
    "ix_right_grant_last_recorded_to",
    "ix_person_by_name",
    "ix_right_grant_by_end",
    "ix_right_request_by_moment",
)
"""Those that later schemas put on tables of the first."""

TEXTS = (("note", "sequence", "author"), ("contact", "row", "id"), ("totp", "person", "person"))


def make_older(folder: Path) -> None:
    """Bring the SQLite database of an instance folder back to the first schema."""
    ring = KeyRing.load(folder / "keys" / "keys.json")
    (folder / "keys" / "checkpoint").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "accessmgr.sqlite")) as older:
        _seal_as_before(older, ring)
        present = {name for (name,) in older.execute("select name from sqlite_master where type = 'table'")}
        for table in present - set(FIRST.split()):
            older.execute(f"drop table {table}")
        older.execute("alter table log_head drop column policy")
        for index in LATER_INDEXES:
            older.execute(f"drop index {index}")
        older.execute("update alembic_version set version_num = '0001'")
        older.commit()


def _seal_as_before(older: sqlite3.Connection, ring: KeyRing) -> None:
    vault, data = Vault(ring), ring.current(Purpose.DATA)
    own = {row[0]: PersonKey(*row) for row in older.execute("select person, key_id, wrapped from person_key")}
    older.execute("drop index ix_national_number_person_index_key_id")
    older.execute("alter table national_number add column key_id text not null default ''")
    older.execute("create unique index ix_national_number_person_key_id on national_number (person, key_id)")
    numbers = "select person, nonce, ciphertext, index_key_id, number_index from national_number"
    for person, *record in older.execute(numbers).fetchall():
        number = vault.open_number(own[person], SealedNumber(*record)).digits
        nonce, ciphertext = _encrypt(data.secret, number, "nrn/v1", "national_number", "ciphertext", person, data.id)
        anew = "update national_number set key_id = ?, nonce = ?, ciphertext = ? where person = ?"
        older.execute(anew, (data.id, nonce, ciphertext, person))
    for table, key, person_column in TEXTS:
        for row, person, sealed in older.execute(f"select {key}, {person_column}, sealed from {table}").fetchall():
            text = vault.open_text(table, own[person], sealed)
            nonce, ciphertext = _encrypt(data.secret, text, "text/v1", table, person, data.id)
            blob = b"\x01" + bytes([len(data.id)]) + data.id.encode() + nonce + ciphertext
            older.execute(f"update {table} set sealed = ? where {key} = ?", (blob, row))


def _encrypt(secret: bytes, text: str, *place: str) -> tuple[bytes, bytes]:
    nonce = secrets.token_bytes(12)
    bound_to = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in place)
    return nonce, AESGCMSIV(secret).encrypt(nonce, text.encode(), bound_to)
