"""What saved questions and samples walk through: grants, appointments and entries in batches, each in one order.

Whether somebody may see any of it is decided by the catalogue before it is asked for; nothing here decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from accessmgr.core.model import Appointment, Function, Grant
from accessmgr.usecases.traces import Wanted


class Evidence(Protocol):
    """Batches within one look, as known at one size of the history. Without an enterprise: of all of them."""

    def grants_after(self, enterprise: str | None, after: str, limit: int) -> list[Grant]:
        """The next grants by id, after one."""

    def appointments_after(self, enterprise: str | None, after: str, limit: int) -> list[Appointment]:
        """The next appointments by id, after one."""

    def leaves_before(
        self, enterprise: str | None, types: Sequence[str], since: int, before: int, window: int
    ) -> tuple[list[bytes], int | None]:
        """Entries of some types, the newest first, among the next `window` ones; and where the next window begins.

        That is None once entry `since` was reached.
        """

    def representing(self, enterprises: Iterable[str]) -> list[Function]:
        """The functions in enterprises whose holders represent them, past ones too."""

    def roles_of(self, people: Iterable[str]) -> list[Appointment]:
        """The appointments of people, in whatever enterprise and state."""

    def grants_of(self, people: Iterable[str]) -> list[Grant]:
        """The grants of people, in whatever enterprise and state."""

    def moments(self, sequences: Iterable[int]) -> dict[int, datetime]:
        """When entries were recorded, by sequence."""

    def used(self, grants: Sequence[Grant], since: int, before: int) -> set[str]:
        """The ids of those grants whose holder entered by their right in the entries from `since` on and `before`."""

    def sequences(self, wanted: Wanted) -> Iterator[int]:
        """The sequences of the entries wanted, the oldest first; a batch is in memory."""
