"""A key for each person, under which all that is secret of them is sealed anew; names may be blanked, by an erasure."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from flask import current_app

from accessmgr.core.numbers import NationalNumber, PersonKey
from accessmgr.store import triggers
from accessmgr.store.tables import Function, Person
from accessmgr.store.vaulted import key_columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NONCE_BYTES = 12
TEXTS = (
    ("note", "sequence", "author"),
    ("contact", "row", "id"),
    ("totp", "person", "person"),
    ("draft", "id", "person"),
)
"""Sealed texts: table (and what they were sealed for), key of the row, and the column of the person."""


def upgrade() -> None:
    op.create_table(
        "person_key",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_key")),
    )
    op.create_index(op.f("ix_person_key_key_id"), "person_key", ["key_id"], unique=False)
    Resealing(op.get_bind()).everything()
    op.drop_index(op.f("ix_national_number_person_key_id"), "national_number")
    op.drop_column("national_number", "key_id")
    op.create_index(
        op.f("ix_national_number_person_index_key_id"), "national_number", ["person", "index_key_id"], unique=True
    )
    triggers.replace(op.get_bind(), [Person.__table__, Function.__table__])


class Resealing:
    """What was sealed under the data keys of the ring themselves, sealed under people's own keys."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.keys: dict[str, PersonKey] = {}

    def everything(self) -> None:
        """Reseal every number and every text."""
        number = _table("national_number", "row", "person", "key_id", "nonce", "ciphertext")
        for row in self.connection.execute(sa.select(number)).all():
            plain = self.open(
                row.key_id, row.nonce, row.ciphertext, "nrn/v1", "national_number", "ciphertext", row.person
            )
            sealed = self.vault.seal_number(self.key(row.person), NationalNumber(plain))[0]
            anew = {"nonce": sealed.nonce, "ciphertext": sealed.ciphertext}
            self.connection.execute(sa.update(number).where(number.c.row == row.row).values(anew))
        for name, id_, person in TEXTS:
            text = _table(name, *{id_, person}, "sealed")
            for row_id, owner, old in self.connection.execute(
                sa.select(text.c[id_], text.c[person], text.c.sealed)
            ).all():
                again = self.vault.seal_text(name, self.key(owner), self.text(name, owner, bytes(old)))
                self.connection.execute(sa.update(text).where(text.c[id_] == row_id).values(sealed=again))

    def text(self, purpose: str, person: str, sealed: bytes) -> str:
        """The text in bytes that name their key: 1, the length of its id, the id, a nonce, the ciphertext."""
        start = 2 + sealed[1]
        key_id, rest = sealed[2:start].decode("ascii"), sealed[start:]
        return self.open(key_id, rest[:NONCE_BYTES], rest[NONCE_BYTES:], "text/v1", purpose, person)

    def open(self, key_id: str, nonce: bytes, ciphertext: bytes, *place: str) -> str:
        """What was sealed under a data key of the ring, at a place that ends with the person."""
        secret = next((key.secret for key in self.vault.ring.keys if key.id == key_id), None)
        if secret is None:
            raise RuntimeError(f"no key `{key_id}` on the ring: this key file is not that of the database")
        parts = [part.encode() for part in (*place, key_id)]
        bound_to = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        try:
            return AESGCMSIV(secret).decrypt(bytes(nonce), bytes(ciphertext), bound_to).decode()
        except InvalidTag:
            raise RuntimeError(f"a record of person `{place[-1]}` does not open: changed or moved") from None

    def key(self, person: str) -> PersonKey:
        """The key of a person, made now if they have none."""
        if person not in self.keys:
            self.keys[person] = self.vault.new_key(person)
            table = _table("person_key", "person", "key_id", "wrapped")
            self.connection.execute(sa.insert(table).values(key_columns(self.keys[person])))
        return self.keys[person]

    @property
    def vault(self) -> Any:
        """The vault of the running application, with its ring."""
        return current_app.extensions["accessmgr"].world.store.vault


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns))
