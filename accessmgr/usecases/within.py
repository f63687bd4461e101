"""The store while a transaction is open already: whoever reads or writes does so in it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from accessmgr.usecases.world import Look, Trying, Writing


@dataclass(frozen=True)
class Within:
    """The store, of which a transaction is open already (`usecases.world.Store`)."""

    tx: Writing

    @contextmanager
    def reading(self) -> Iterator[Look]:
        """Look at the state as the transaction has it."""
        yield self.tx

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Write in the transaction."""
        yield self.tx

    def trying(self) -> AbstractContextManager[Trying]:
        """Nothing is tried here, for what a transaction holds is kept or undone as one.

        :raise TypeError: always
        """
        raise TypeError("nothing is tried within a transaction that is open")
