"""What a person may look up about themself: since when they have their keys, and what was decided about them.

Whether they may read it is decided before (HISTORY-3); nothing here decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from accessmgr.core.model import Key

PAGE = 25
"""How many decisions a page shows."""

Place = tuple[int, int]
"""Where a decision stands in the decision log: the entry of its batch, and its position there."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was only asked about, as the decision log tells it."""

    place: Place
    told: Mapping[str, Any]


class OwnRecord(Protocol):
    """What is kept about one person, within one look."""

    def keys_since(self, person: str) -> dict[Key, datetime | None]:
        """Since when a person has each digital key; None if it was always known."""

    def keys_used(self, person: str) -> dict[Key, datetime]:
        """When the person signed in last with each digital key, in real time."""

    def decided_about(self, person: str, before: Place | None, limit: int) -> list[Decided]:
        """The decisions about a person in the decision log, the newest first, those before a place."""
