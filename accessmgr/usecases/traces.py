"""Which entries of the history made a thing what it is, and how entries are looked for.

Whether somebody may read an entry is decided by the catalogue before it is asked for; nothing here decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from accessmgr.core.model import Person


class Kind(StrEnum):
    """The kinds of things that a chain rests on."""

    ENTERPRISE = "enterprise"
    FUNCTION = "function"
    APPOINTMENT = "appointment"
    WORK_RELATION = "work_relation"
    GRANT = "grant"
    REQUEST = "request"
    RECOGNITION = "recognition"
    ESTABLISHMENT = "establishment"
    DEATH = "death"


class Thing(NamedTuple):
    """A thing by its kind and its id or number; a death has the id of the person."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted: those about all the `subjects`, of one of the `types` if any are named.

    `actor` names who acted in them. Sequences lie from `since` on and before `before`; None is the end of the history.
    """

    subjects: Sequence[str]
    types: Sequence[str] = ()
    since: int = 0
    before: int | None = None
    actor: str | None = None


class Traces(Protocol):
    """Entries and what they made, within one look and as known at one size of the history."""

    def people(self, ids: Iterable[str]) -> dict[str, Person]:
        """People as far as decisions go, by id, without their digital keys."""

    def changes(self, things: Iterable[Thing]) -> dict[Thing, tuple[int, ...]]:
        """The entries that made each thing, changed it or ended it, oldest first; none for what was always known."""

    def leaves(self, sequences: Iterable[int]) -> dict[int, bytes]:
        """The leaves of some entries, by sequence."""

    def wanted(self, wanted: Wanted, limit: int) -> list[Any]:
        """The newest of the entries wanted, with `sequence` and `leaf`."""
