"""Lists of the grants of an enterprise that one looks for, in the order of their end or of their holders' names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from accessmgr.core.model import Grant

ByName = tuple[str, str, str]
"""Where a list of people stands that goes by name: family name, given name, id."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which grants of an enterprise are sought: neither over on `today` nor revoked at `at`, and what else is given.

    `name` is part of the holder's name; `ends_before` is a day after the last, `begun_by` one on or after the first.
    """

    enterprise: str
    today: date
    at: datetime
    right: str | None = None
    context: str | None = None
    name: str = ""
    ends_before: date | None = None
    begun_by: date | None = None


class GrantLists(Protocol):
    """The grants of an enterprise within one look."""

    def grants_sought(self, sought: Sought, after: tuple[date, str] | None, limit: int) -> list[Grant]:
        """The next grants in the order of their last day, after the one of that last day and id."""

    def count_sought(self, sought: Sought) -> int:
        """How many grants are sought."""

    def holders_sought(self, sought: Sought, after: ByName | None, limit: int) -> list[str]:
        """The ids of the next people by family name who hold a grant that is sought."""

    def grants_sought_of(self, sought: Sought, people: Sequence[str]) -> list[Grant]:
        """The grants sought of some people; the ones that end first come first."""
