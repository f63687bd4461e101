"""The RSA keys that sign tokens: a JSON file of their own beside the key ring, mode 0600, made at first use.

A signer has a next key, which is published before it signs; a current one, which signs; and retired ones. The last
retired key stays published, so that tokens in use still verify; all of them stay, for hints that name an old token.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accessmgr import durable
from accessmgr.vault.keyring import VaultError, _parsed, _read_private

RSA_BITS = 2048
_VERSION = 1


class Signer(StrEnum):
    """Who signs with a key: the provider its tokens, the secure area its proofs of who it is."""

    PROVIDER = "provider"
    SECURE_AREA = "secure-area"


class TokenState(StrEnum):
    """Where a key stands in its life."""

    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One key; `pem` is the private key in PKCS #8, in no representation of it."""

    id: str
    signer: Signer
    state: TokenState
    pem: str = field(repr=False)

    @classmethod
    def fresh(cls, signer: Signer, state: TokenState) -> TokenKey:
        """A new key with a random id."""
        key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls(secrets.token_hex(8), signer, state, pem.decode("ascii"))


class TokenKeyFile:
    """The keys of one signer in the file, read again whenever the file has been replaced.

    :param beside: the file of the key ring
    :raise VaultError: (every method) the file cannot be trusted or written
    """

    def __init__(self, beside: Path, signer: Signer) -> None:
        self._path = beside.with_name(f"{beside.stem}-tokens.json")
        self._signer = signer
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[TokenKey, ...] = ()

    def current(self) -> TokenKey:
        """The key that signs."""
        return next(key for key in self.all() if key.state is TokenState.CURRENT)

    def published(self) -> tuple[TokenKey, ...]:
        """The keys that verifiers are told of: the current one, the next, and the one retired last."""
        keys = self.all()
        retired = [key for key in keys if key.state is TokenState.RETIRED]
        return (*(key for key in keys if key.state is not TokenState.RETIRED), *retired[-1:])

    def all(self) -> tuple[TokenKey, ...]:
        """Every key, the retired ones in the order in which they were."""
        keys = self._own()
        if not keys:
            with durable.alone(self._path.with_suffix(".lock")):
                keys = self._own() or self._save(
                    TokenKey.fresh(self._signer, TokenState.CURRENT), TokenKey.fresh(self._signer, TokenState.NEXT)
                )
        return keys

    def rotate(self) -> TokenKey:
        """Retire the current key, let the next one sign, and make another next; gives the one that signs now."""
        self.all()
        after = {TokenState.CURRENT: TokenState.RETIRED, TokenState.NEXT: TokenState.CURRENT}
        with durable.alone(self._path.with_suffix(".lock")):
            moved = [replace(key, state=after.get(key.state, key.state)) for key in self._own()]
            moved.sort(key=lambda key: key.state is not TokenState.RETIRED)
            self._save(*moved, TokenKey.fresh(self._signer, TokenState.NEXT))
        return self.current()

    def _own(self) -> tuple[TokenKey, ...]:
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return ()
        now = (status.st_ino, status.st_mtime_ns, status.st_size)
        if now != self._seen:
            self._keys = tuple(key for key in self._read() if key.signer is self._signer)
            self._seen = now
        return self._keys

    def _read(self) -> tuple[TokenKey, ...]:
        try:
            content = _parsed(_read_private(self._path))
            if content is None or content.get("version") != _VERSION:
                raise VaultError(f"it is damaged, or not of version {_VERSION}")
            return tuple(_key(entry) for entry in content["keys"])
        except FileNotFoundError:
            return ()
        except (OSError, VaultError, KeyError, TypeError, ValueError) as error:
            raise VaultError(f"token key file `{self._path}` is refused: {type(error).__name__}") from None

    def _save(self, *own: TokenKey) -> tuple[TokenKey, ...]:
        others = (key for key in self._read() if key.signer is not self._signer)
        keys = [{"id": key.id, "signer": key.signer, "state": key.state, "pem": key.pem} for key in (*others, *own)]
        durable.replace(self._path, json.dumps({"version": _VERSION, "keys": keys}, indent=1).encode())
        return self._own()


def _key(entry: Mapping[str, str]) -> TokenKey:
    return TokenKey(entry["id"], Signer(entry["signer"]), TokenState(entry["state"]), entry["pem"])
