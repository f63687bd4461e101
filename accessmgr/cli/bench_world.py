"""A synthetic world of a given size, written to an empty database in bulk: what `accessmgr bench` measures on.

It is the same at every run (its random numbers have a seed) and wholly fictional: enterprise numbers in the range
1999, national numbers with the serials 000 and 999, which are never issued.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, update

from accessmgr.core.days import Period, moment, rfc3339
from accessmgr.core.events import Noun, What
from accessmgr.core.ledger import canonical
from accessmgr.core.ledger.tree import Frontier, leaf_hash
from accessmgr.core.model import Appointment, FunctionCode, Grant, Request, Role, UserType, WorkRelation
from accessmgr.core.numbers import NationalNumber
from accessmgr.store import rows, tables
from accessmgr.store.vaulted import NumberVault, key_columns, sealed_columns

AT = moment("2026-03-02T09:00")
"""The moment at which everything is asked."""

LINKED_FROM = date(2020, 1, 1)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
FIRST_ENTRY = moment("2025-06-01T08:00")
BETWEEN_ENTRIES = timedelta(seconds=60)

SERVICE_VOUCHERS, ENERGY_AUDIT = "service_vouchers", "energy_audit"
GRANTS_OF_A_WORKER = 2
WORKERS_OF_AN_ENTERPRISE = 10
MOST_ENTERPRISES = 10_000
"""As many as the range of fictional numbers has."""

LARGEST_SHARE = 50
"""One worker in so many is the largest enterprise's."""

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Workplace:
    """An enterprise with the people who run it, and one who has no tie to it yet."""

    number: str
    representative: str
    manager: str
    newcomer: str
    newcomer_number: NationalNumber | None
    newcomer_names: tuple[str, str]
    recognitions: tuple[str, str]
    establishment: str
    offer: str


@dataclass(frozen=True, slots=True)
class Worker:
    """A linked person with a grant for the first recognition; `request` asks for the second, if there is one."""

    person: str
    workplace: Workplace
    relation: str
    grant: str
    request: str | None


@dataclass(frozen=True)
class Built:
    """What stands in the database."""

    workplaces: list[Workplace]
    workers: list[Worker]
    auditor: str

    @property
    def largest(self) -> Workplace:
        """The enterprise with the most people."""
        return self.workplaces[0]


def fill(connection: Connection, vault: NumberVault, grants: int) -> Built:
    """Write a world with that many grants into an empty database."""
    return Filling(connection, vault).world(max(grants // GRANTS_OF_A_WORKER, 4 * WORKERS_OF_AN_ENTERPRISE))


@dataclass
class Filling:
    """A world that is being written, a batch of rows at a time."""

    connection: Connection
    vault: NumberVault
    random: Random = field(default_factory=lambda: Random(20260302))  # noqa: S311  # the same at every run, no secret
    waiting: dict[Any, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    size: int = 0
    tree: Frontier = field(default_factory=Frontier)
    numbers: Iterator[NationalNumber] = field(default_factory=lambda: _fictional_numbers())

    def world(self, workers: int) -> Built:
        enterprises = min(workers // WORKERS_OF_AN_ENTERPRISE, MOST_ENTERPRISES)
        workplaces = [self.workplace(index) for index in range(enterprises)]
        in_largest = workers // LARGEST_SHARE + WORKERS_OF_AN_ENTERPRISE
        places = (workplaces[0 if index < in_largest else index % enterprises] for index in range(workers))
        hired = [self.worker(place, index) for index, place in enumerate(places)]
        auditor, _, _ = self.person()
        self.add(tables.Auditor, id=auditor)
        self.finish()
        return Built(workplaces, hired, auditor)

    def finish(self) -> None:
        """Write what waits, and how long the history is."""
        for table in list(self.waiting):
            self.flush(table)
        head = tables.LogHead.__table__
        self.connection.execute(update(head).values(size=self.size, recorded_at=self.moment(self.size - 1)))

    def workplace(self, index: int) -> Workplace:
        number, establishment = _register_number(19_990_000 + index), _register_number(89_990_000 + index)
        first, second = f"V{2 * index + 100_000}", f"V{2 * index + 100_001}"
        self.add(tables.Enterprise, id=number, target_group="EA", first=LINKED_FROM, type_code="2", form_code="610")
        self.add(tables.Denomination, entity=number, language="2", type_code="001", name=f"Voorbeeld {index} BV")
        self.add(tables.Establishment, id=establishment, enterprise=number, first=LINKED_FROM)
        for recognition in (first, second):
            self.add(tables.Recognition, id=recognition, enterprise=number, first=LINKED_FROM)
        (representative, _, _), (manager, _, _), (director, _, _) = self.person(), self.person(), self.person()
        newcomer, newcomer_number, names = self.person()
        for holder, code in ((representative, FunctionCode.MANAGING_DIRECTOR), (director, FunctionCode.DIRECTOR)):
            self.add(tables.Function, id=self.id(), enterprise=number, code=str(code), holder=holder, first=LINKED_FROM)
        self.link(number, manager, representative)
        for role, holder, accepted in (
            (Role.MAIN_ACCESS_MANAGER, manager, FIRST_ENTRY),
            (Role.MAIN_LOCAL_ADMINISTRATOR, manager, FIRST_ENTRY),
            (Role.CO_MAIN_ACCESS_MANAGER, director, FIRST_ENTRY),
        ):
            self.noun(Appointment(self.id(), number, role, holder, representative, FIRST_ENTRY, accepted_at=accepted))
        offer = Appointment(
            self.id(), number, Role.CO_MAIN_ACCESS_MANAGER, representative, manager, AT - timedelta(days=1)
        )
        self.noun(offer)
        return Workplace(
            number, representative, manager, newcomer, newcomer_number, names, (first, second), establishment, offer.id
        )

    def worker(self, place: Workplace, index: int) -> Worker:
        person, _, _ = self.person(numbered=False)
        relation = self.link(place.number, person, place.manager)
        granted = [
            Grant(self.id(), place.number, person, right, (context,), YEAR, relation, place.manager)
            for right, context in (
                (SERVICE_VOUCHERS, place.recognitions[0]),
                (ENERGY_AUDIT, place.establishment),
            )
        ]
        for grant in granted:
            self.grant(grant)
        request = None
        if index % 10 == 0:
            context = (place.recognitions[1],)
            request = Request(self.id(), place.number, person, SERVICE_VOUCHERS, context, AT - timedelta(days=2))
            self.noun(request)
        return Worker(person, place, relation, granted[0].id, request.id if request else None)

    def person(self, *, numbered: bool = True) -> tuple[str, NationalNumber | None, tuple[str, str]]:
        """Add a known person; the last of very many have no number, as the fictional ones run out."""
        id_ = self.id()
        names = self.random.choice(GIVEN), f"{self.random.choice(FAMILY)} {self.random.choice(FAMILY)}"
        self.add(tables.Person, id=id_, given=names[0], family=names[1], language=None)
        self.add(tables.DigitalKey, person=id_, key="itsme")
        number = next(self.numbers, None) if numbered else None
        own = self.vault.new_key(id_)
        self.add(tables.PersonKey, **key_columns(own))
        for sealed in self.vault.seal_number(own, number) if number else ():
            self.add(tables.NationalNumber, **sealed_columns(id_, sealed))
        return id_, number, names

    def link(self, enterprise: str, person: str, by: str) -> str:
        relation = WorkRelation(self.id(), enterprise, person, UserType.EMPLOYEE, Period(LINKED_FROM, None), by)
        self.noun(relation)
        return relation.id

    def grant(self, grant: Grant) -> None:
        """Add a grant with an entry of the history about it (shorter than a real one, which tells the whole row)."""
        at, sequence, what = self.moment(self.size), self.size, str(What.RIGHT_GRANTED)
        entry = {
            "sequence": sequence,
            "recorded_at": rfc3339(at),
            "type": what,
            "actor": grant.by,
            "decision": {"action": "grant_right", "allowed": True, "because": ["GRANT-1"]},
            "data": {"enterprise": grant.enterprise, "grant": grant.id, "holder": grant.holder, "right": grant.right},
        }
        leaf = canonical(entry)
        self.add(tables.Entry, sequence=sequence, recorded_at=at, type=what, actor=grant.by, leaf=leaf)
        for level, index, hash_ in self.tree.add(leaf_hash(leaf)):
            self.add(tables.LedgerNode, level=level, index=index, hash=hash_)
        for subject in (grant.holder, grant.by, grant.id, grant.enterprise):
            self.add(tables.EntrySubject, subject=subject, sequence=sequence)
        self.size += 1
        self.noun(grant)

    def noun(self, noun: Noun) -> None:
        """Add a row of the chain, recorded from the present size of the history on."""
        self.add(rows.TABLES[type(noun)], recorded_from=self.size, recorded_to=tables.OPEN, **rows.columns_of(noun))

    def add(self, table: Any, **values: Any) -> None:
        waiting = self.waiting[table]
        waiting.append(values)
        if len(waiting) == BATCH:
            self.flush(table)

    def flush(self, table: Any) -> None:
        which = getattr(table, "__table__", table)
        self.connection.execute(which.insert(), self.waiting.pop(table))

    def id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def moment(self, sequence: int) -> datetime:
        return FIRST_ENTRY + sequence * BETWEEN_ENTRIES


def _register_number(eight_digits: int) -> str:
    return f"{eight_digits:08}{97 - eight_digits % 97:02}"


def _fictional_numbers() -> Iterator[NationalNumber]:
    """Numbers that were never issued: two for each day of the years in which the living were born."""
    for serial in ("000", "999"):
        for born in range(date(1930, 1, 1).toordinal(), date(2008, 1, 1).toordinal()):
            day = date.fromordinal(born)
            first_nine = f"{day:%y%m%d}{serial}"
            base = int(first_nine) + (2_000_000_000 if day.year >= 2000 else 0)
            yield NationalNumber(f"{first_nine}{97 - base % 97:02}")


GIVEN = ("Ada", "Bram", "Chloé", "Dirk", "Elif", "Femke", "Gilles", "Hanne", "Ilias", "Jana", "Koen", "Lore", "Malik")
FAMILY = ("Aerts", "Bogaert", "Claes", "Dupont", "Evrard", "Fontaine", "Goossens", "Hermans", "Janssens", "Keita")
