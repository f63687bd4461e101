"""The database, with the vault for what is sealed in it: where a look or a write begins."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from accessmgr.store.engine import begin
from accessmgr.store.look import Look
from accessmgr.store.vaulted import NumberVault
from accessmgr.store.writing import Writing
from accessmgr.usecases.world import Conflict, Policy


class Store:
    """The database, with the vault for what is sealed in it.

    :param host: where the product is reached, for the name of a new history
    """

    def __init__(self, engine: Engine, vault: NumberVault, policy: Policy, host: str = "localhost") -> None:
        self.engine = engine
        self.vault = vault
        self.policy = policy
        self.host = host

    @contextmanager
    def reading(self) -> Iterator[Look]:
        """Look at one consistent state."""
        with begin(self.engine, writing=False) as connection, connection.begin():
            yield Look(connection, self.vault, self.policy, self.host)

    def verifier_key(self) -> str:
        """The key by which outsiders verify the history: `name+hash+key`. The history is named if it was not yet."""
        with self.reading() as look:
            key = look.ledger.verifier_key()
        if key is None:
            with self.writing() as tx:
                tx.ledger.name()
            return self.verifier_key()
        return str(key)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Write in one transaction, alone; all or nothing.

        :raise Conflict: the database refused a row that another one rules out
        """
        try:
            with begin(self.engine, writing=True) as connection, connection.begin():
                yield Writing(connection, self.vault, self.policy, self.host)
        except IntegrityError as fault:
            raise Conflict("somebody changed the same thing meanwhile") from fault
