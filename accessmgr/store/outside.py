"""The last checkpoint outside the database: what tells that the database was put back to an older state, or replaced.

It is kept in a file after the transaction that made it is committed. A stop between the two leaves the file a
checkpoint behind, which harms nothing: the history still extends what the file says.
"""

import logging
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from sqlalchemy import make_url

from accessmgr import durable
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, Verify, WrongNote
from accessmgr.store.ledger import BrokenHistory, StoredLedger

LONGEST = 64 * 1024

log = logging.getLogger(__name__)


class Outside:
    """The file with the last checkpoint, and what witnesses said since this process began.

    :param path: the file; it is made with the first checkpoint
    :param keys: the public keys of the history, the retired ones too
    """

    def __init__(self, path: Path, keys: Callable[[], Iterable[bytes]], check_signature: Verify) -> None:
        self.path = path
        self._keys = keys
        self._check_signature = check_signature
        self._read: tuple[bytes, Checkpoint] | None = None
        self._extended: Checkpoint | None = None
        self._owed: str | None = None
        self._contradicted: BrokenHistory | None = None

    def last(self) -> Checkpoint | None:
        """The checkpoint in the file, None if none was kept yet.

        :raise BrokenHistory: the file cannot be read, or is none that we signed
        """
        try:
            with self.path.open("rb") as file:
                content = file.read(LONGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BrokenHistory(
                f"the checkpoint outside the database, `{self.path}`, cannot be read: {error.strerror}"
            ) from error
        if self._read is None or content != self._read[0]:
            self._read = content, self._parsed(content)
        return self._read[1]

    def check(self, last: Checkpoint | None, ledger: StoredLedger, size: int) -> None:
        """Check that the history in the database, of so many entries, extends what is known of it outside.

        :param last: the checkpoint in the file, read before whatever else may be committed

        :raise BrokenHistory: it does not
        """
        if self._contradicted is not None:
            raise self._contradicted
        if last is None:
            return
        if size < last.size:
            raise BrokenHistory(
                f"the history has {size} entries, and the checkpoint in `{self.path}` covers {last.size}: "
                "the database was put back to an older state",
                size=size,
                signed=last.size,
            )
        if last == self._extended:
            return
        origin = ledger.origin()
        if origin != last.origin:
            raise BrokenHistory(
                f"the history is `{origin or 'unnamed'}`, of {size} entries, and the checkpoint in `{self.path}` "
                f"covers {last.size} of `{last.origin}`: the database was replaced"
            )
        if ledger.root(last.size) != last.root:
            raise BrokenHistory(
                f"the first {last.size} of {size} entries are not those of the checkpoint in `{self.path}`: "
                "the history was rewritten"
            )
        self._extended = last

    def settle(self) -> None:
        """Keep what could not be kept before.

        :raise BrokenHistory: it still cannot
        """
        if self._owed is None:
            return
        try:
            self._keep(self._owed)
        except OSError as error:
            raise BrokenHistory(
                f"the checkpoint cannot be kept outside the database in `{self.path}`: {error.strerror}"
            ) from error
        self._owed = None

    def keep(self, note: str) -> None:
        """Keep a checkpoint of this process whose transaction is committed, unless a later one is kept already.

        If it cannot be kept, nothing more is written until it can.
        """
        self._extended = Checkpoint.parse(note)
        try:
            self._keep(note)
        except OSError as error:
            self._owed = note
            log.error("the checkpoint cannot be kept outside the database: %s", error.strerror)

    def contradict(self, because: BrokenHistory) -> None:
        """Write nothing more in this process: a witness knows another history than the one in the database."""
        self._contradicted = because

    def set_aside(self) -> Path | None:
        """Begin anew, as a new database was made in the place of the old one. Gives where the old file went, if any."""
        with durable.alone(self._lock):
            if not self.path.exists():
                return None
            name = sha256(self.path.read_bytes()).hexdigest()[:8]
            return self.path.rename(self.path.with_name(f"{self.path.name}.{name}"))

    @property
    def _lock(self) -> Path:
        return self.path.with_name(f".{self.path.name}.lock")

    def _keep(self, note: str) -> None:
        new = Checkpoint.parse(note)
        with durable.alone(self._lock):
            try:
                last = self.last()
            except BrokenHistory:
                return  # whoever writes next is told
            if last is None or (last.origin == new.origin and last.size <= new.size and last != new):
                durable.replace(self.path, note.encode(), mode=0o644)

    def _parsed(self, content: bytes) -> Checkpoint:
        try:
            found = Checkpoint.parse(content.decode())
        except (UnicodeDecodeError, WrongNote) as wrong:
            raise BrokenHistory(f"`{self.path}` is no checkpoint of ours: {wrong}") from None
        for public in self._keys():
            try:
                found.check(VerifierKey(found.origin, public), self._check_signature)
            except WrongNote:
                continue
            return found
        raise BrokenHistory(f"`{self.path}` is no checkpoint of ours: no key of ours signed it")


def default_name(database: str) -> str:
    """The name of the file for a database, given by its address: each has its own, whatever the password."""
    place = make_url(database)
    where = place.database or ""
    if place.get_backend_name() == "sqlite":
        where = str(Path(where).absolute())
    told = "\n".join((place.get_backend_name(), place.host or "", str(place.port or ""), where))
    return f"checkpoint-{sha256(told.encode()).hexdigest()[:8]}"
