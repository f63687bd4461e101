"""Lists and cards for pages: what they hold, and how they are asked for.

Whether somebody may see a list is decided by the catalogue before it is asked for; nothing here decides.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from accessmgr.core.days import Period
from accessmgr.core.model import Appointment, Function, Grant, Request, TargetGroup, WorkRelation
from accessmgr.usecases.drawn import DrawnLists
from accessmgr.usecases.evidence import Evidence
from accessmgr.usecases.grant_lists import ByName, GrantLists
from accessmgr.usecases.own_lists import OwnLists
from accessmgr.usecases.own_record import OwnRecord
from accessmgr.usecases.traces import Traces

PAGE = 50
"""How many rows a page of a list has."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person by id and name; one who was erased has neither given nor family name."""

    id: str
    given: str
    family: str
    stand_in: ClassVar[Callable[[], str]] = lambda: "an erased person"
    """What an erased person is called; the web says it in the language of the request."""

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given} {self.family}" if self.given or self.family else Named.stand_in()


@dataclass(frozen=True, slots=True)
class HeldFunction:
    """A function as the public register shows it: who holds it, by name."""

    function: Function
    holder: str | None
    held_by: str | None


@dataclass(frozen=True, slots=True)
class EnterpriseCard:
    """What the public register shows about an enterprise."""

    number: str
    name: str
    target_group: str
    period: Period
    type_code: str | None
    form_code: str | None
    situation_code: str | None
    address: Any | None
    functions: tuple[HeldFunction, ...]
    recognitions: tuple[Any, ...]
    suspensions: tuple[Any, ...]
    establishments: tuple[Any, ...]


class Lists(Traces, Evidence, GrantLists, OwnLists, OwnRecord, DrawnLists, Protocol):
    """The lists within one look, all as known at one size of the history."""

    def names(self, ids: Iterable[str | None]) -> dict[str, Named]:
        """The people with those ids, by id."""

    def language_of(self, person: str) -> str | None:
        """The language that the person uses here, None if it is not known."""

    def enterprise_names(self, numbers: Iterable[str], language: str) -> dict[str, str]:
        """The social names of enterprises by number, in the language if the register has it."""

    def enterprise_card(self, number: str, language: str) -> EnterpriseCard | None:
        """What the public register shows about an enterprise, None if it is not in the register."""

    def target_groups(self, numbers: Iterable[str]) -> dict[str, TargetGroup]:
        """The target groups of enterprises that are in the register, by number."""

    def functions_in(self, numbers: Iterable[str]) -> dict[str, tuple[Function, ...] | None]:
        """The functions held in enterprises, by number; None where the register has no answer."""

    def establishments(self, enterprise: str) -> Sequence[Any]:
        """The establishment units that are or were the enterprise's: first owned, or moved to it."""

    def search_enterprises(self, text: str, limit: int = 20) -> list[str]:
        """The numbers of enterprises whose name begins with a text, whatever its case; few and by index later on."""

    def meanings(self, language: str, categories: Sequence[str] = ()) -> dict[tuple[str, str], str]:
        """What the codes of the register mean, by category and code: of some categories, or of all."""

    def denominations(self, entities: Iterable[str]) -> list[Any]:
        """The names of enterprises or establishment units, with `entity`, `language`, `type_code` and `name`."""

    def enterprises_of(self, person: str) -> list[str]:
        """The numbers of the enterprises to which the person has a tie: function, appointment, link, grant, request."""

    def functions_of(self, person: str) -> list[Function]:
        """The functions that a person holds, in whatever enterprise."""

    def sign_in_people(
        self, key: str | None, *, search: str = "", id_: str | None = None, limit: int = PAGE
    ) -> list[Named]:
        """The people who have activated a digital key (None: any), by family name."""

    def appointments(
        self, *, enterprise: str | None = None, holder: str | None = None, id_: str | None = None
    ) -> list[Appointment]:
        """The appointments in an enterprise, or those of a person, the newest first."""

    def work_relations(
        self, *, enterprise: str | None = None, person: str | None = None, id_: str | None = None
    ) -> list[WorkRelation]:
        """The work relations of a person, or of one in an enterprise; the newest first."""

    def people_of(
        self,
        enterprise: str,
        *,
        search: str = "",
        after: ByName | None = None,
        begun: date | None = None,
    ) -> list[Named]:
        """A page of the people who have or had a work relation with an enterprise, by family name.

        `after` is (family, given, id) of the last one of the page before. With `begun`, only work relations
        count that began on that day or before.
        """

    def relations_among(self, enterprise: str, people: Iterable[str]) -> list[WorkRelation]:
        """The work relations of some people with an enterprise, the newest first."""

    def grants_among(self, enterprise: str, people: Iterable[str]) -> list[Grant]:
        """The grants of some people in an enterprise; the ones that end last come first."""

    def pending_requests(self, enterprise: str, at: datetime) -> list[Request]:
        """The requests in an enterprise that are pending at a moment, the newest first."""

    def addresses(self, entities: Iterable[str]) -> dict[str, Any]:
        """The addresses of enterprises or establishment units, by number."""

    def grants(
        self,
        *,
        enterprise: str | None = None,
        holder: str | None = None,
        right: str | None = None,
        id_: str | None = None,
        limit: int | None = None,
    ) -> list[Grant]:
        """Grants in an enterprise, or of a person; the ones that end last come first."""

    def count_grants(self, enterprise: str) -> int:
        """How many grants there are in an enterprise, past ones too."""

    def grants_ending(self, ranges: Iterable[tuple[date, date]]) -> list[Grant]:
        """The grants whose last day lies in one of the ranges of days, their bounds included."""

    def requests(
        self, *, enterprise: str | None = None, requester: str | None = None, id_: str | None = None
    ) -> list[Request]:
        """Requests in an enterprise, or of a person, the newest first."""

    def entries(
        self, *, subject: str | None = None, before: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[Any]:
        """A page of the history, the newest first: all of it, or what is about a subject.

        `before` is the sequence of the last entry of the page before; none before sequence `since` is given.
        Rows have `sequence` and `leaf`.
        """

    def entries_at_once_about(
        self, subjects: Sequence[str], *, before: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[Any]:
        """A page of the entries that are about all of the subjects together, the newest first."""

    def entries_after(self, after: int, *, before: int, without: Collection[str], limit: int) -> list[Any]:
        """The first entries after a sequence and before another, the oldest first, leaving out some types.

        Rows have `sequence` and `leaf`.
        """

    def personas(self) -> dict[str, str]:
        """The ids of the fictional people of a simulated world, by short name."""

    def people_after(self, after: str, limit: int) -> list[str]:
        """The ids of the next people after one, whenever they became known: a decision about anybody can be asked."""

    def enterprises_after(self, after: str, limit: int) -> list[str]:
        """The numbers of the next enterprises of the register after one."""

    def appointed_enterprises(self, after: str, limit: int) -> list[str]:
        """The numbers of the next enterprises after one in which a role was ever given or offered."""

    def auditors(self) -> list[str]:
        """The ids of the auditors."""

    def entry(self, sequence: int) -> bytes | None:
        """The leaf of one entry of the history, None if there is none."""

    def about(self, sequences: Iterable[int], subject: str) -> frozenset[int]:
        """Those of the entries of the history that are about a subject."""

    def last_recorded(self) -> tuple[int, datetime | None]:
        """The size of the history and the moment of its last entry."""
