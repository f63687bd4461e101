"""What the store needs of the vault, and the sealed numbers as they stand in their table."""

from collections.abc import Mapping
from typing import Any, Protocol

from accessmgr.core.numbers import NationalNumber, SealedNumber
from accessmgr.store.ledger import Signer


class NumberVault(Signer, Protocol):
    """What the store needs of the vault."""

    def seal_number(self, person_id: str, number: NationalNumber) -> list[SealedNumber]:
        """The records to keep for a number."""

    def open_number(self, person_id: str, sealed: SealedNumber) -> NationalNumber:
        """The number in a record."""

    def indexes(self, number: NationalNumber) -> list[tuple[str, bytes]]:
        """The keyed indexes under which a number may be found."""

    def verify(self, person_id: str, sealed: SealedNumber, asked: NationalNumber) -> bool:
        """Whether a record, once opened, is the number asked for."""

    def burn(self) -> None:
        """Take the time that opening a record takes."""

    def seal_text(self, purpose: str, person_id: str, text: str) -> bytes:
        """A short secret of a person, sealed."""

    def open_text(self, purpose: str, person_id: str, sealed: bytes) -> str:
        """A short secret of a person."""


def sealed_number(row: Mapping[Any, Any]) -> SealedNumber:
    """A record of the vault from its row."""
    return SealedNumber(row["key_id"], row["nonce"], row["ciphertext"], row["index_key_id"], row["number_index"])


def sealed_columns(person: str, sealed: SealedNumber) -> dict[str, Any]:
    """The columns of a record of the vault."""
    return {
        "person": person,
        "key_id": sealed.key_id,
        "nonce": sealed.nonce,
        "ciphertext": sealed.ciphertext,
        "index_key_id": sealed.index_key_id,
        "number_index": sealed.index,
    }
