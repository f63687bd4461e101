"""Sealing and opening: national numbers with their blind index, and other short secrets of a person.

The cipher is AES-256-GCM-SIV (RFC 8452): plain GCM breaks when a nonce repeats, which a restored virtual machine can
bring about; this one then tells only that two texts are equal. Every wheel of `cryptography` that we allow carries it,
for each Python that we run on. There is no fall-back to another cipher: records must open on every machine.

Each person has a random key of their own; the store keeps it wrapped under the data key, beside what is sealed under
it. With that row everything that was secret of the person is gone, and nothing else. What is sealed is bound to its
table, column and person, so a record moved to another place does not open. The index is an HMAC-SHA256 under a key that
all share. With that key the few million possible numbers are tried in a minute: the index is as safe as the key file,
and no safer. A third key signs the history.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from accessmgr.core.numbers import NationalNumber, PersonKey, SealedNumber
from accessmgr.vault.keyring import KEY_BYTES, Key, KeyFile, KeyRing, Purpose, State, VaultError

NONCE_BYTES = 12
_TEXT_FORMAT = b"\x02"
_NOBODY = "nobody"
_NOBODYS_NUMBER = NationalNumber("00000100096")

__all__ = ["PersonKey", "SealedNumber", "Vault", "VaultError", "is_signature", "reindexed", "rewrapped"]


class Vault:
    """All that is done with the keys.

    :param keys: a ring, or a file whose ring is followed when it is replaced
    :raise VaultError: (every method) the file of the ring cannot be trusted
    """

    def __init__(self, keys: KeyRing | KeyFile) -> None:
        self._keys = keys
        self._dummy: tuple[KeyRing, tuple[PersonKey, SealedNumber]] | None = None
        self._dummy_for(self.ring)

    @property
    def ring(self) -> KeyRing:
        """The ring in force."""
        return self._keys.ring() if isinstance(self._keys, KeyFile) else self._keys

    def new_key(self, person_id: str) -> PersonKey:
        """A new random key for a person who has none; to be stored before anything that is sealed under it."""
        ring = self.ring
        around = ring.coming(Purpose.DATA) or ring.current(Purpose.DATA)
        return _wrap(around, person_id, secrets.token_bytes(KEY_BYTES))

    def seal_number(self, key: PersonKey, number: NationalNumber) -> list[SealedNumber]:
        """The records to store for a person's number: with the current index and, while a rotation runs, the next.

        All of them are to be stored, in one transaction: the index is unique under each key, so that nobody
        enters twice in the middle of a rotation.

        :raise VaultError: the person's key was changed, or is another's; or the key around it is not on the ring
        """
        ring = self.ring
        return _seal_number(_unwrap(ring, key), key.person, number, ring.in_use(Purpose.INDEX))

    def open_number(self, key: PersonKey, sealed: SealedNumber) -> NationalNumber:
        """The number in a person's record.

        :raise VaultError: the record or the key was changed, or is not this person's, or its index is another
            number's; or a key is not on the ring
        """
        ring = self.ring
        number = _open_number(ring, key, sealed)
        if not hmac.compare_digest(_index(ring.named(sealed.index_key_id, Purpose.INDEX), number), sealed.index):
            raise VaultError(f"the index in a record of person `{key.person}` is not that of its number")
        return number

    def indexes(self, number: NationalNumber) -> list[tuple[str, bytes]]:
        """What a number is looked up by: id of the index key and index, for each key in use, the current one first.

        Every number at rest has a record under the current key, so the first finds it.
        """
        return [(key.id, _index(key, number)) for key in self.ring.in_use(Purpose.INDEX)]

    def verify(self, key: PersonKey, sealed: SealedNumber, asked: NationalNumber) -> bool:
        """Whether the record holds the number asked for; to be asked after every look-up by index.

        False after the index did match means that somebody moved an index: deny, and raise the alarm.

        :raise VaultError: the record does not open
        """
        ring = self.ring
        found = _open_number(ring, key, sealed)
        index = _index(ring.named(sealed.index_key_id, Purpose.INDEX), asked)
        same_number = hmac.compare_digest(found.digits, asked.digits)
        return hmac.compare_digest(index, sealed.index) & same_number

    def burn(self) -> None:
        """Do the work of `verify` for nothing, so that an unknown number takes as long to answer as a known one."""
        self.verify(*self._dummy_for(self.ring), _NOBODYS_NUMBER)

    def seal_text(self, purpose: str, key: PersonKey, text: str) -> bytes:
        """A short secret of a person, bound to them and to what it is for.

        :param purpose: table and column, or whatever tells apart what one person may have several of
        :raise VaultError: the person's key was changed, or is another's; or the key around it is not on the ring
        """
        place = ("text/v2", purpose, key.person)
        return _TEXT_FORMAT + b"".join(_encrypt(_unwrap(self.ring, key), text.encode(), *place))

    def open_text(self, purpose: str, key: PersonKey, sealed: bytes) -> str:
        """The secret that `seal_text` sealed for that purpose and person.

        :raise VaultError: it or the key was changed, or is of another purpose or person; or the key around the
            person's is not on the ring
        """
        if sealed[:1] != _TEXT_FORMAT:
            raise VaultError("the sealed text is damaged, or of an unknown format")
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return _decrypt(_unwrap(self.ring, key), nonce, ciphertext, "text/v2", purpose, key.person).decode()

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of the history's key."""
        return self._signing_key().sign(message)

    def public_key(self) -> bytes:
        """The public key by which signatures of the history are verified: 32 bytes, no secret."""
        return self._signing_key().public_key().public_bytes_raw()

    def public_keys(self) -> tuple[bytes, ...]:
        """The public keys of the history: of the key that signs, and of every other one on the ring."""
        return tuple(public_half(key) for key in self.ring.keys if key.purpose is Purpose.SIGNING)

    def signers(self) -> tuple[tuple[bytes, Callable[[bytes], bytes]], ...]:
        """Each key that signs, as its public half and what signs: the current one, and one that is taking over."""
        ring = self.ring
        return tuple((public_half(key), _private(key).sign) for key in ring.in_use(Purpose.SIGNING))

    def _signing_key(self) -> Ed25519PrivateKey:
        return _private(self.ring.current(Purpose.SIGNING))

    def _dummy_for(self, ring: KeyRing) -> tuple[PersonKey, SealedNumber]:
        if self._dummy is None or self._dummy[0] is not ring:
            secret = secrets.token_bytes(KEY_BYTES)
            (sealed,) = _seal_number(secret, _NOBODY, _NOBODYS_NUMBER, [ring.current(Purpose.INDEX)])
            key = _wrap(ring.current(Purpose.DATA), _NOBODY, secret)
            self._dummy = ring, (key, sealed)
        return self._dummy[1]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault is not to be pickled: it holds the keys")


def public_half(key: Key) -> bytes:
    """The public key of a key that signs, or signed."""
    return key.secret if key.state is State.RETIRED else _private(key).public_key().public_bytes_raw()


def _private(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.secret)


def is_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is one of the message under a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def rewrapped(ring: KeyRing, key: PersonKey, around: Key) -> PersonKey:
    """The same key of a person, wrapped under another one.

    :raise VaultError: it does not open
    """
    return _wrap(around, key.person, _unwrap(ring, key))


def reindexed(vault: Vault, key: PersonKey, sealed: SealedNumber, index: Key) -> SealedNumber:
    """The record with its index under another key.

    :raise VaultError: the record does not open
    """
    return replace(sealed, index_key_id=index.id, index=_index(index, vault.open_number(key, sealed)))


def _wrap(around: Key, person_id: str, secret: bytes) -> PersonKey:
    wrapped = b"".join(_encrypt(around.secret, secret, *_key_place(person_id, around.id)))
    return PersonKey(person_id, around.id, wrapped)


def _unwrap(ring: KeyRing, key: PersonKey) -> bytes:
    around = ring.named(key.key_id, Purpose.DATA)
    nonce, ciphertext = key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:]
    return _decrypt(around.secret, nonce, ciphertext, *_key_place(key.person, around.id))


def _key_place(person_id: str, around: str) -> tuple[str, ...]:
    return "person-key/v1", "person_key", "wrapped", around, person_id


def _number_place(person_id: str) -> tuple[str, ...]:
    return "nrn/v2", "national_number", "ciphertext", person_id


def _seal_number(secret: bytes, person_id: str, number: NationalNumber, indexes: Iterable[Key]) -> list[SealedNumber]:
    nonce, ciphertext = _encrypt(secret, number.digits.encode("ascii"), *_number_place(person_id))
    return [SealedNumber(nonce, ciphertext, index.id, _index(index, number)) for index in indexes]


def _open_number(ring: KeyRing, key: PersonKey, sealed: SealedNumber) -> NationalNumber:
    plain = _decrypt(_unwrap(ring, key), sealed.nonce, sealed.ciphertext, *_number_place(key.person))
    return NationalNumber(plain.decode("ascii"))


def _encrypt(secret: bytes, plain: bytes, *place: str) -> tuple[bytes, bytes]:
    """A fresh nonce, and the bytes that open only with it, at that place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCMSIV(secret).encrypt(nonce, plain, _bound_to(*place))


def _decrypt(secret: bytes, nonce: bytes, ciphertext: bytes, *place: str) -> bytes:
    """The plain bytes; the last part of the place is the person."""
    try:
        return AESGCMSIV(secret).decrypt(nonce, ciphertext, _bound_to(*place))
    except (InvalidTag, ValueError):
        raise VaultError(f"a record of person `{place[-1]}` does not open: changed or moved") from None


def _index(key: Key, number: NationalNumber) -> bytes:
    return hmac.digest(key.secret, b"nrn-idx/v1" + number.digits.encode("ascii"), "sha256")


def _bound_to(*parts: str) -> bytes:
    """The parts with their lengths before them, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
