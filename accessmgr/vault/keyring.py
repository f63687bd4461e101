"""The key ring: a JSON file of its own, mode 0600, that holds every key of the installation and nothing else.

Who has this file and the database can read every national number; who has one of them can read none. So the two
must not lie in one folder nor travel in one backup. The file is only ever replaced whole: written beside, synced,
renamed.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

KEY_BYTES = 32
_VERSION = 1
_KEY_ID = re.compile(r"[a-z0-9]{1,32}")
_FIELDS = {"id", "purpose", "state", "secret"}


class VaultError(Exception):
    """A key ring that cannot be trusted, or a sealed record that does not open. Names keys by id, never a secret."""


class Purpose(StrEnum):
    """What a key is for; no key serves two purposes."""

    DATA = "data"
    INDEX = "index"
    SIGNING = "signing"


SEALING = frozenset({Purpose.DATA, Purpose.INDEX})
"""What records are sealed under: the keys that a rotation replaces, all at once. The one that signs has its own."""


class State(StrEnum):
    """Where a key stands in its life: `next` only while a rotation runs, `old` until what it sealed is deleted.

    Of a key that signed and is `retired` only the public half is left, for verifying what it signed.
    """

    CURRENT = "current"
    NEXT = "next"
    OLD = "old"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Key:
    """One key; its secret is in no representation of it."""

    id: str
    purpose: Purpose
    state: State
    secret: bytes = field(repr=False)

    @classmethod
    def fresh(cls, purpose: Purpose, state: State) -> Self:
        """A new random key with a new random id."""
        return cls(secrets.token_hex(4), purpose, state, secrets.token_bytes(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys. For each purpose exactly one is current, and at most one next.

    :raise VaultError: the keys do not make a ring
    """

    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        if len({key.id for key in self.keys}) != len(self.keys):
            raise VaultError("two keys of the ring have the same id")
        if any(len(key.secret) != KEY_BYTES for key in self.keys):
            raise VaultError(f"a key of the ring has not {KEY_BYTES} bytes")
        if not all(_KEY_ID.fullmatch(key.id) for key in self.keys):
            raise VaultError("an id of a key is not up to 32 lower-case letters and digits")
        for purpose in Purpose:
            states = [key.state for key in self.keys if key.purpose is purpose]
            if states.count(State.CURRENT) != 1 or states.count(State.NEXT) > 1:
                raise VaultError(f"the ring needs one current key for `{purpose}`, and at most one next")
        if any(key.state is State.RETIRED and key.purpose is not Purpose.SIGNING for key in self.keys):
            raise VaultError("a key that seals cannot be retired")
        if {key.purpose for key in self.keys if key.state is State.NEXT} & SEALING not in (set(), SEALING):
            raise VaultError("the ring has a next key for one purpose and none for another")

    @classmethod
    def fresh(cls) -> Self:
        """A ring of new keys, one for each purpose, in memory only."""
        return cls(tuple(Key.fresh(purpose, State.CURRENT) for purpose in Purpose))

    @classmethod
    def create(cls, path: Path) -> Self:
        """A ring of new keys, saved where there is none yet; a missing folder is made, for its owner alone.

        :raise FileExistsError: there is one; of two programs that create it at once, one gets this
        :raise VaultError: it cannot be written
        """
        ring = cls.fresh()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _written_beside(path, ring._to_json()) as beside:
            os.link(beside, path)
        return ring

    @classmethod
    def load(cls, path: Path) -> Self:
        """The ring in a file.

        :raise FileNotFoundError: there is no such file
        :raise VaultError: others than its owner can read or write it, or it is damaged
        """
        try:
            return cls(_keys_in(_read_private(path)))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise VaultError(f"key file `{path}` cannot be read: {error.strerror}") from error
        except VaultError as error:
            raise VaultError(f"key file `{path}` is refused: {error}") from None

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """The ring in a file, which is made if it does not exist: for the first start.

        A file from before there was a key to sign with is given one.
        """
        try:
            cls._complete(path)
            return cls.load(path)
        except FileNotFoundError:
            try:
                return cls.create(path)
            except FileExistsError:
                return cls.load(path)

    @classmethod
    def _complete(cls, path: Path) -> None:
        with suppress(OSError, VaultError):  # whatever else is wrong with the file, `load` says
            if not _lacks_signing(path):
                return
            with one_rotation_at_a_time(path):
                if _lacks_signing(path):
                    cls((*_keys_in(_read_private(path)), Key.fresh(Purpose.SIGNING, State.CURRENT))).save(path)

    def save(self, path: Path) -> None:
        """Replace the file: at every moment, a power cut included, it holds either the old ring or this one.

        :raise VaultError: it cannot be written
        """
        with _written_beside(path, self._to_json()) as beside:
            os.replace(beside, path)

    def current(self, purpose: Purpose) -> Key:
        """The key that is in force."""
        return next(key for key in self.keys if key.purpose is purpose and key.state is State.CURRENT)

    def coming(self, purpose: Purpose) -> Key | None:
        """The key that is taking over, None while no rotation runs."""
        return next((key for key in self.keys if key.purpose is purpose and key.state is State.NEXT), None)

    def in_use(self, purpose: Purpose) -> tuple[Key, ...]:
        """The current key, and after it the next one if there is any: what is written is written under each."""
        coming = self.coming(purpose)
        return (self.current(purpose),) if coming is None else (self.current(purpose), coming)

    def named(self, key_id: str, purpose: Purpose) -> Key:
        """The key with that id, whatever its state.

        :raise VaultError: the ring has none with that purpose
        """
        for key in self.keys:
            if key.id == key_id and key.purpose is purpose:
                return key
        raise VaultError(f"no key `{key_id}` for `{purpose}` on the ring")

    def _to_json(self) -> bytes:
        keys = [
            {"id": key.id, "purpose": key.purpose, "state": key.state, "secret": base64.b64encode(key.secret).decode()}
            for key in self.keys
        ]
        return json.dumps({"version": _VERSION, "keys": keys}, indent=1).encode() + b"\n"


class KeyFile:
    """The ring in a file, read again whenever the file has been replaced.

    A rotation is done by another process than the ones that serve; with this they all follow it, without a restart.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._ring: KeyRing | None = None

    def ring(self) -> KeyRing:
        """The ring as the file has it now.

        :raise VaultError: the file cannot be trusted
        """
        status = os.stat(self._path)
        now = (status.st_ino, status.st_mtime_ns, status.st_size)
        if self._ring is None or now != self._seen:
            self._ring, self._seen = KeyRing.load(self._path), now
        return self._ring


def refuse_beside_database(keys: Path, database: Path) -> None:
    """Refuse a key file in the folder of the database: one copied folder would hold both. Not asked in simulation.

    :raise VaultError: the two lie in one folder, links followed
    """
    if keys.resolve().parent == database.resolve().parent:
        raise VaultError(f"key file `{keys}` lies in the folder of the database: keep it elsewhere")


@contextmanager
def one_rotation_at_a_time(path: Path) -> Iterator[None]:
    """Hold while changing the ring in a file, so that two rotations cannot undo each other's keys.

    :raise VaultError: somebody else holds it
    """
    folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise VaultError(f"another program is changing the keys in `{path}`") from None
        yield
    finally:
        os.close(folder)


def _lacks_signing(path: Path) -> bool:
    return all(key.purpose is not Purpose.SIGNING for key in _keys_in(_read_private(path)))


def _read_private(path: Path) -> bytes:
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise VaultError("it is not a regular file")
        if status.st_mode & 0o077:
            raise VaultError("it is open to others than its owner, `chmod 600` it")
        return file.read()


@contextmanager
def _written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """The content in a new private file in the same folder, synced; after the body the folder is synced too."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield beside
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        raise
    except OSError as error:
        raise VaultError(f"key file `{path}` cannot be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)


def _keys_in(raw: bytes) -> tuple[Key, ...]:
    content = _parsed(raw)
    if content is None or content.keys() != {"version", "keys"} or content["version"] != _VERSION:
        raise VaultError(f"it is damaged, or not of version {_VERSION}")
    entries = content["keys"] if isinstance(content["keys"], list) else []
    return tuple(_key_from(entry, place) for place, entry in enumerate(entries, start=1))


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """The JSON object in the bytes, or None. The parser's own error would carry the secrets along, so it ends here."""
    try:
        content = json.loads(raw, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _key_from(entry: object, place: int) -> Key:
    if isinstance(entry, dict) and entry.keys() == _FIELDS and all(isinstance(v, str) for v in entry.values()):
        with suppress(ValueError):
            secret = base64.b64decode(entry["secret"], validate=True)
            return Key(entry["id"], Purpose(entry["purpose"]), State(entry["state"]), secret)
    raise VaultError(f"its entry {place} is not a key")
