"""Lists of what one person is and has, in however many enterprises: always a page, or those of some enterprises."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from accessmgr.core.model import Appointment, Function, Grant, Request, WorkRelation


@dataclass(frozen=True, slots=True)
class Held:
    """What a person is and has in some enterprises, past things too."""

    functions: list[Function]
    appointments: list[Appointment]
    relations: list[WorkRelation]
    grants: list[Grant]


class OwnLists(Protocol):
    """What is of one person, and what waits in enterprises, within one look."""

    def held_in(self, person: str, enterprises: Collection[str]) -> Held:
        """What the person is and has in those enterprises."""

    def role_places(self, person: str, at: datetime, today: date) -> list[str]:
        """The enterprises in which the person has an active role at a moment, or holds a function on its day."""

    def places_of_grants(self, person: str) -> list[str]:
        """The enterprises in which the person has a grant, past ones too."""

    def with_main(self, enterprises: Collection[str], at: datetime) -> frozenset[str]:
        """Those of the enterprises in which somebody is main access manager at a moment, or is offered to be."""

    def offers_to(self, person: str, at: datetime, limit: int) -> list[Appointment]:
        """Offers that wait for the person's answer at a moment, the newest first."""

    def own_grants(
        self,
        person: str,
        *,
        after: str | None = None,
        limit: int,
        enterprises: Collection[str] | None = None,
        begun: date | None = None,
    ) -> list[Grant]:
        """The next grants of the person after one (by id); those that end last come first."""

    def own_relations(
        self, person: str, *, after: str | None = None, limit: int, begun: date | None = None
    ) -> list[WorkRelation]:
        """The next work relations of the person after one (by id), the newest first."""

    def own_requests(self, person: str, at: datetime, *, after: str | None = None, limit: int) -> list[Request]:
        """The next requests of the person after one (by id) that were made by a moment, the newest first."""

    def own_endings(self, person: str, at: datetime, first: date, last: date, limit: int) -> list[Grant | WorkRelation]:
        """Grants and work relations of the person whose last day lies between two days, the first to end first."""

    def requests_to_answer(
        self, enterprise: str, at: datetime, rights: Collection[str], *, after: str | None = None, limit: int
    ) -> list[Request]:
        """The next requests for some rights that are pending in an enterprise, the newest first, after one (by id)."""

    def pending_in(self, enterprises: Collection[str], at: datetime, but: str) -> Mapping[tuple[str, str], int]:
        """How many requests of others than a person are pending, by enterprise and right; those that have any."""

    def ending_in(self, enterprises: Collection[str], at: datetime, first: date, last: date) -> Mapping[str, int]:
        """How many grants have their last day between two days, by enterprise; those that have any."""
