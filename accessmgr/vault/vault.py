"""Sealing and opening: national numbers with their blind index, and other short secrets of a person.

The cipher is AES-256-GCM-SIV (RFC 8452): plain GCM breaks when a nonce repeats, which a restored virtual machine can
bring about; this one then tells only that two texts are equal. Every wheel of `cryptography` that we allow carries it,
for each Python that we run on. There is no fall-back to another cipher: records must open on every machine.

What is sealed is bound to its table, column, person and key, so a record moved to another place does not open. The
index is an HMAC-SHA256 under a key of its own. With that key the few million possible numbers are tried in a minute:
the index is as safe as the key file, and no safer. A third key signs the history.
"""

from __future__ import annotations

import hmac
import secrets
from typing import NoReturn

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from accessmgr.core.numbers import NationalNumber, SealedNumber
from accessmgr.vault.keyring import Key, KeyFile, KeyRing, Purpose, VaultError

NONCE_BYTES = 12
_TEXT_FORMAT = b"\x01"
_NOBODY = "nobody"
_NOBODYS_NUMBER = NationalNumber("00000100096")

__all__ = ["SealedNumber", "Vault", "VaultError", "is_signature", "text_key_id"]


class Vault:
    """All that is done with the keys.

    :param keys: a ring, or a file whose ring is followed when it is replaced
    :raise VaultError: (every method) the file of the ring cannot be trusted
    """

    def __init__(self, keys: KeyRing | KeyFile) -> None:
        self._keys = keys
        self._dummy: tuple[KeyRing, SealedNumber] | None = None
        self._dummy_for(self.ring)

    @property
    def ring(self) -> KeyRing:
        """The ring in force."""
        return self._keys.ring() if isinstance(self._keys, KeyFile) else self._keys

    def seal_number(self, person_id: str, number: NationalNumber) -> list[SealedNumber]:
        """The records to store for a person's number: under the current keys and, while a rotation runs, the next.

        All of them are to be stored, in one transaction: the index is unique under each key, so that nobody
        enters twice in the middle of a rotation.
        """
        ring = self.ring
        pairs = zip(ring.in_use(Purpose.DATA), ring.in_use(Purpose.INDEX), strict=True)
        return [_seal_number(data, index, person_id, number) for data, index in pairs]

    def open_number(self, person_id: str, sealed: SealedNumber) -> NationalNumber:
        """The number in a person's record.

        :raise VaultError: the record was changed, or is not this person's, or its index is another number's;
            or its key is not on the ring
        """
        ring = self.ring
        number = _open_number(ring, person_id, sealed)
        if not hmac.compare_digest(_index(ring.named(sealed.index_key_id, Purpose.INDEX), number), sealed.index):
            raise VaultError(f"the index in a record of person `{person_id}` is not that of its number")
        return number

    def indexes(self, number: NationalNumber) -> list[tuple[str, bytes]]:
        """What a number is looked up by: id of the index key and index, for each key in use, the current one first.

        Every number at rest has a record under the current key, so the first finds it.
        """
        return [(key.id, _index(key, number)) for key in self.ring.in_use(Purpose.INDEX)]

    def verify(self, person_id: str, sealed: SealedNumber, asked: NationalNumber) -> bool:
        """Whether the record holds the number asked for; to be asked after every look-up by index.

        False after the index did match means that somebody moved an index: deny, and raise the alarm.

        :raise VaultError: the record does not open
        """
        ring = self.ring
        found = _open_number(ring, person_id, sealed)
        index = _index(ring.named(sealed.index_key_id, Purpose.INDEX), asked)
        same_number = hmac.compare_digest(found.digits, asked.digits)
        return hmac.compare_digest(index, sealed.index) & same_number

    def burn(self) -> None:
        """Do the work of `verify` for nothing, so that an unknown number takes as long to answer as a known one."""
        self.verify(_NOBODY, self._dummy_for(self.ring), _NOBODYS_NUMBER)

    def seal_text(self, purpose: str, person_id: str, text: str) -> bytes:
        """A short secret of a person, bound to them and to what it is for; the bytes name their key.

        :param purpose: table and column, or whatever tells apart what one person may have several of
        """
        ring = self.ring
        key = ring.coming(Purpose.DATA) or ring.current(Purpose.DATA)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCMSIV(key.secret).encrypt(nonce, text.encode(), _bound_to("text/v1", purpose, person_id, key.id))
        return _TEXT_FORMAT + bytes([len(key.id)]) + key.id.encode() + nonce + sealed

    def open_text(self, purpose: str, person_id: str, sealed: bytes) -> str:
        """The secret that `seal_text` sealed for that purpose and person.

        :raise VaultError: it was changed, or sealed for another purpose or person; or its key is not on the ring
        """
        key_id = text_key_id(sealed)
        key = self.ring.named(key_id, Purpose.DATA)
        start = 2 + len(key_id)
        nonce, ciphertext = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        return _decrypt(key, nonce, ciphertext, "text/v1", purpose, person_id).decode()

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of the history's key."""
        return self._signing_key().sign(message)

    def public_key(self) -> bytes:
        """The public key by which signatures of the history are verified: 32 bytes, no secret."""
        return self._signing_key().public_key().public_bytes_raw()

    def public_keys(self) -> tuple[bytes, ...]:
        """The public keys of the history: of the key that signs, and of every other one on the ring."""
        signing = (key for key in self.ring.keys if key.purpose is Purpose.SIGNING)
        return tuple(Ed25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw() for key in signing)

    def _signing_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.ring.current(Purpose.SIGNING).secret)

    def _dummy_for(self, ring: KeyRing) -> SealedNumber:
        if self._dummy is None or self._dummy[0] is not ring:
            data, index = ring.current(Purpose.DATA), ring.current(Purpose.INDEX)
            self._dummy = ring, _seal_number(data, index, _NOBODY, _NOBODYS_NUMBER)
        return self._dummy[1]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vault is not to be pickled: it holds the keys")


def is_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature is one of the message under a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def text_key_id(sealed: bytes) -> str:
    """The id of the key that a text is sealed under; while a rotation runs, tells which texts are still to do.

    :raise VaultError: these are no bytes of `seal_text`
    """
    if len(sealed) < 2 or sealed[:1] != _TEXT_FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES:
        raise VaultError("the sealed text is damaged, or of an unknown format")
    try:
        return sealed[2 : 2 + sealed[1]].decode("ascii")
    except UnicodeDecodeError:
        raise VaultError("the sealed text is damaged: its key id cannot be read") from None


def reseal_number(vault: Vault, person_id: str, sealed: SealedNumber, data: Key, index: Key) -> SealedNumber:
    """A record of the same number under other keys.

    :raise VaultError: the record does not open
    """
    return _seal_number(data, index, person_id, vault.open_number(person_id, sealed))


def _seal_number(data: Key, index: Key, person_id: str, number: NationalNumber) -> SealedNumber:
    nonce = secrets.token_bytes(NONCE_BYTES)
    bound_to = _bound_to("nrn/v1", "national_number", "ciphertext", person_id, data.id)
    ciphertext = AESGCMSIV(data.secret).encrypt(nonce, number.digits.encode("ascii"), bound_to)
    return SealedNumber(data.id, nonce, ciphertext, index.id, _index(index, number))


def _open_number(ring: KeyRing, person_id: str, sealed: SealedNumber) -> NationalNumber:
    key = ring.named(sealed.key_id, Purpose.DATA)
    parts = ("nrn/v1", "national_number", "ciphertext", person_id)
    return NationalNumber(_decrypt(key, sealed.nonce, sealed.ciphertext, *parts).decode("ascii"))


def _decrypt(key: Key, nonce: bytes, ciphertext: bytes, *parts: str) -> bytes:
    """The plain bytes; the last of `parts` is the person."""
    try:
        return AESGCMSIV(key.secret).decrypt(nonce, ciphertext, _bound_to(*parts, key.id))
    except (InvalidTag, ValueError):
        raise VaultError(
            f"a record of person `{parts[-1]}` under key `{key.id}` does not open: changed or moved"
        ) from None


def _index(key: Key, number: NationalNumber) -> bytes:
    return hmac.digest(key.secret, b"nrn-idx/v1" + number.digits.encode("ascii"), "sha256")


def _bound_to(*parts: str) -> bytes:
    """The parts with their lengths before them, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
