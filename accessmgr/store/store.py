"""The database, with the vault for what is sealed in it: where a look or a write begins."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from accessmgr.store import tables
from accessmgr.store.engine import begin_afresh, begin_trying, lock_head, within
from accessmgr.store.ledger import BrokenHistory
from accessmgr.store.look import Look
from accessmgr.store.outside import Outside
from accessmgr.store.trying import Trying
from accessmgr.store.vaulted import NumberVault
from accessmgr.store.writing import Writing
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Conflict, Policy

cosignature_t = tables.Cosignature.__table__

SOMEBODY_ELSE_WRITES = frozenset({"40001", "40P01", "55P03"})
"""What PostgreSQL calls a row that somebody else changed, a deadlock, and a lock that was waited for in vain."""


class Store:
    """The database, with the vault for what is sealed in it.

    :param host: where the product is reached, for the name of a new history
    :param outside: the last checkpoint outside the database; None for a database that does not last
    """

    def __init__(
        self,
        engine: Engine,
        vault: NumberVault,
        policy: Policy,
        host: str = "localhost",
        outside: Outside | None = None,
    ) -> None:
        self.engine = engine
        self.vault = vault
        self.policy = policy
        self.host = host
        self.outside = outside
        self.signed = Event()
        """Set whenever a checkpoint is made, for whoever sends checkpoints."""
        self.written = Event()
        """Set whenever something was written, for whoever tells others of it."""

    def under(self, policy: Policy) -> "Store":
        """The same database under another policy."""
        same = Store(self.engine, self.vault, policy, self.host, self.outside)
        same.signed = self.signed
        same.written = self.written
        return same

    @contextmanager
    def reading(self) -> Iterator[Look]:
        """Look at one consistent state."""
        with begin_afresh(self.engine, writing=False) as connection, connection.begin(), within(connection):
            yield Look(connection, self.vault, self.policy, self.host)

    def verifier_key(self) -> str:
        """The key by which outsiders verify the history: `name+hash+key`. The history is named if it was not yet.

        :raise Unrecorded: it cannot be named
        """
        with self.reading() as look:
            key = look.ledger.verifier_key()
        if key is None:
            with self.writing() as tx:
                tx.ledger.name()
            return self.verifier_key()
        return str(key)

    def keep_outside(self) -> None:
        """Keep the newest checkpoint outside, in case a stop came between it and its file."""
        with self.reading() as look:
            newest = look.ledger.newest()
        if newest is not None and self.outside is not None:
            self.outside.keep(newest)

    def checkpoint(self) -> str:
        """The newest checkpoint, with the lines of its witnesses. One is made if there is none yet.

        :raise Unrecorded: it cannot be made
        """
        with self.reading() as look:
            newest = look.ledger.newest()
            if newest is not None:
                return look.ledger.witnessed(newest)
        with self.writing() as tx:
            return tx.checkpoint()

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        """Keep the line of a witness, given by its key, under the checkpoint of a size, unless there is one already."""
        values = {"size": size, "witness": witness, "line": line}
        same = (cosignature_t.c.size == size, cosignature_t.c.witness == witness)
        with suppress(IntegrityError), begin_afresh(self.engine, writing=True) as connection, connection.begin():
            if connection.execute(select(cosignature_t.c.size).where(*same)).first() is None:
                connection.execute(cosignature_t.insert().values(values))

    def trouble(self) -> Unrecorded | None:
        """Why nothing is written at present; None if the history extends what is known of it outside."""
        if self.outside is None:
            return None
        try:
            last = self.outside.last()  # before the look, so that it is no newer than what the look sees
            with self.reading() as look:
                self.outside.check(last, look.ledger, look.size())
        except BrokenHistory as broken:
            return broken
        return None

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Write in one transaction, alone; all or nothing.

        :raise Conflict: the database refused a row that another one rules out
        :raise Unrecorded: the database cannot write, or its history is not the one that was signed
        """
        try:
            with begin_afresh(self.engine, writing=True) as connection, connection.begin(), within(connection):
                lock_head(connection)
                tx = Writing(connection, self.vault, self.policy, self.host)
                if self.outside is not None:
                    self.outside.settle()
                    self.outside.check(self.outside.last(), tx.ledger, tx.next_size - 1)
                yield tx
        except IntegrityError as fault:
            raise Conflict("somebody changed the same thing meanwhile") from fault
        except (OperationalError, InternalError) as fault:
            raise Unrecorded(f"the database cannot write: {str(fault.orig).splitlines()[0]}") from fault
        self.written.set()
        if tx.ledger.signed is not None:
            if self.outside is not None:
                self.outside.keep(tx.ledger.signed)
            self.signed.set()

    @contextmanager
    def trying(self) -> Iterator[Trying]:
        """Write as `writing` does, on one consistent state, and undo all of it in the end, whatever happens.

        In PostgreSQL whoever writes for keeps does not wait for this, unless it is the same row.

        :raise Conflict: somebody changes the same thing at this moment, or the database refused a row
        :raise Unrecorded: the database cannot write
        """
        try:
            with begin_trying(self.engine) as connection, within(connection):
                yield Trying(connection, self.vault, self.policy, self.host)
        except IntegrityError as fault:
            raise Conflict("somebody changed the same thing meanwhile") from fault
        except (OperationalError, InternalError) as fault:
            if getattr(fault.orig, "sqlstate", None) in SOMEBODY_ELSE_WRITES:
                raise Conflict("somebody changes the same thing at this moment") from fault
            raise Unrecorded(f"the database cannot write: {str(fault.orig).splitlines()[0]}") from fault
