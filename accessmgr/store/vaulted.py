"""What the store needs of the vault; people's keys and the numbers sealed under them, as their tables hold them."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, and_, select
from sqlalchemy.sql.expression import ColumnElement

from accessmgr.core.numbers import NationalNumber, PersonKey, SealedNumber
from accessmgr.store import tables
from accessmgr.store.ledger import Signer
from accessmgr.usecases.world import Unknown

key_t = tables.PersonKey.__table__
person_t = tables.Person.__table__


class NumberVault(Signer, Protocol):
    """What the store needs of the vault."""

    def new_key(self, person_id: str) -> PersonKey:
        """A new random key for a person who has none."""

    def seal_number(self, key: PersonKey, number: NationalNumber) -> list[SealedNumber]:
        """The records to keep for a number."""

    def open_number(self, key: PersonKey, sealed: SealedNumber) -> NationalNumber:
        """The number in a record."""

    def indexes(self, number: NationalNumber) -> list[tuple[str, bytes]]:
        """The keyed indexes under which a number may be found."""

    def verify(self, key: PersonKey, sealed: SealedNumber, asked: NationalNumber) -> bool:
        """Whether a record, once opened, is the number asked for."""

    def burn(self) -> None:
        """Take the time that opening a record takes."""

    def seal_text(self, purpose: str, key: PersonKey, text: str) -> bytes:
        """A short secret of a person, sealed."""

    def open_text(self, purpose: str, key: PersonKey, sealed: bytes) -> str:
        """A short secret of a person."""


SYSTEM = "system"
"""The owner of what operators write: they have a key of their own too, which is never destroyed."""


ERASED = b""
"""What stands in the place of a sealed text that was destroyed."""


def key_of(connection: Connection, person: str) -> PersonKey | None:
    """The key of a person, None if they have none."""
    row = connection.execute(select(key_t).where(key_t.c.person == person)).mappings().first()
    return None if row is None else person_key(row)


def key_for(connection: Connection, vault: NumberVault, person: str) -> PersonKey:
    """The key of a person, made now if they have none.

    :raise Unknown: the person was erased, so that nothing is to be sealed for them any more
    """
    key = key_of(connection, person)
    if key is None:
        if connection.execute(select(person_t.c.id).where(person_t.c.id == person, is_erased(person_t))).first():
            raise Unknown("person")
        key = vault.new_key(person)
        connection.execute(key_t.insert().values(key_columns(key)))
    return key


def is_erased(person: Any) -> ColumnElement[bool]:
    """Whether a row of a person is that of an erased one: it has no name left."""
    return and_(person.c.given == "", person.c.family == "")


def person_key(row: Mapping[Any, Any]) -> PersonKey:
    """The key of a person from its row, or from one that is joined to it."""
    return PersonKey(row["person"], row["key_id"], row["wrapped"])


def key_columns(key: PersonKey) -> dict[str, Any]:
    """The columns of the key of a person."""
    return {"person": key.person, "key_id": key.key_id, "wrapped": key.wrapped}


def sealed_number(row: Mapping[Any, Any]) -> SealedNumber:
    """A record of the vault from its row."""
    return SealedNumber(row["nonce"], row["ciphertext"], row["index_key_id"], row["number_index"])


def sealed_columns(person: str, sealed: SealedNumber) -> dict[str, Any]:
    """The columns of a record of the vault."""
    return {
        "person": person,
        "nonce": sealed.nonce,
        "ciphertext": sealed.ciphertext,
        "index_key_id": sealed.index_key_id,
        "number_index": sealed.index,
    }
