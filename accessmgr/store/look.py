"""One consistent look at the database: facts for decisions, lists for pages, and what is sealed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from accessmgr.core.actions import Ask
from accessmgr.core.days import Period, start_of
from accessmgr.core.facts import Facts
from accessmgr.core.model import Key
from accessmgr.core.names import same_names
from accessmgr.core.numbers import NationalNumber
from accessmgr.store import erasure, policies, tables
from accessmgr.store import facts as fact_queries
from accessmgr.store.asked import last_import
from accessmgr.store.known import NOW
from accessmgr.store.ledger import StoredLedger
from accessmgr.store.lists import StoreLists
from accessmgr.store.prepared import prepared
from accessmgr.store.tables import OPEN
from accessmgr.store.vaulted import ERASED, NumberVault, person_key, sealed_number
from accessmgr.usecases.erasure import Tie
from accessmgr.usecases.world import Policy, Unknown

head_t = tables.LogHead.__table__
entry_t = tables.Entry.__table__
number_t = tables.NationalNumber.__table__
person_t = tables.Person.__table__
failed_t = tables.FailedLookup.__table__
note_t = tables.Note.__table__
function_t = tables.Function.__table__
contact_t = tables.Contact.__table__
key_t = tables.PersonKey.__table__


class Look:
    """One consistent look at the database (`usecases.world.Look`)."""

    def __init__(self, connection: Connection, vault: NumberVault, policy: Policy, host: str) -> None:
        self.connection = connection
        self.vault = vault
        self.policy = policy
        self.ledger = StoredLedger(connection, vault, host)
        self._policies: dict[int, Policy] = {}

    @property
    def lists(self) -> StoreLists:
        """Lists and cards for pages, as known now."""
        return StoreLists(self.connection)

    def lists_at(self, size: int | None) -> StoreLists:
        """Lists and cards for pages, as known at a size of the history (None: now)."""
        return StoreLists(self.connection, size)

    def size(self) -> int:
        """The number of entries in the history."""
        ((size,),) = _size().rows(self.connection, {})
        return int(size)

    def size_at(self, moment: datetime) -> int:
        """The number of entries that were recorded at that moment or before."""
        by_then = select(entry_t.c.recorded_at).where(entry_t.c.recorded_at <= moment)
        newest = by_then.order_by(entry_t.c.recorded_at.desc()).limit(1).scalar_subquery()
        last = select(func.max(entry_t.c.sequence)).where(entry_t.c.recorded_at == newest)
        sequence = self.connection.execute(last).scalar()
        return 0 if sequence is None else int(sequence) + 1

    def last_import(self, known: int | None = None) -> int | None:
        """The sequence of the entry by which the newest extract of the register was taken over; None if none was."""
        return last_import(self.connection, known)

    def facts(self, ask: Ask, at: datetime, known: int | None = None) -> Facts:
        """The facts for a question about a moment, as known at a size of the history (None: now)."""
        size = NOW if known is None else known
        return fact_queries.load(self.connection, self.policy_at(known), ask, at, size)

    def policy_at(self, known: int | None) -> Policy:
        """The policy by which decisions were made at a size of the history (None: now): that of the last one then."""
        if known is None:
            return self.policy
        if known not in self._policies:
            self._policies[known] = policies.at(self.connection, known) or self.policy
        return self._policies[known]

    def has_tie(self, person: str, enterprise: str) -> bool:
        """Whether the person has an appointment, offer, work relation, grant or request there."""
        parameters = {"person": person, "enterprise": enterprise}
        return bool(self.connection.execute(_tie(), parameters).scalar())

    def find_person(self, number: NationalNumber | None, names: Sequence[str]) -> str | None:
        """The id of the one known person who has both the number and the names, else None.

        Whether the number is unknown or the names are wrong, the same is done, and the same comes out.
        """
        row = None if number is None else self._numbered(number)
        if row is None:
            self.vault.burn()
            return None
        return str(row["person"]) if same_names((row["given"], row["family"]), names) else None

    def person_with(self, number: NationalNumber) -> str | None:
        """The id of the person with that number, found by its keyed index and checked after opening."""
        row = self._numbered(number)
        return None if row is None else str(row["person"])

    def _numbered(self, number: NationalNumber) -> Mapping[Any, Any] | None:
        indexes = self.vault.indexes(number)
        parameters = {
            name: value
            for position, (key_id, index) in enumerate(indexes)
            for name, value in ((f"key_{position}", key_id), (f"index_{position}", index))
        }
        for row in self.connection.execute(_with_indexes(len(indexes)), parameters).mappings():
            if self.vault.verify(person_key(row), sealed_number(row), number):
                return row
        return None

    def number_of(self, person: str) -> NationalNumber | None:
        """The national number of a person, None if they have none."""
        return self.numbers_of([person]).get(person)

    def notes(self, sequences: Iterable[int]) -> dict[int, str]:
        """The words that people wrote with entries of the history, by sequence; without those that were erased."""
        joined = note_t.join(key_t, key_t.c.person == note_t.c.author)
        kept = select(note_t.c.sequence, note_t.c.sealed, *key_t.c).select_from(joined)
        kept = kept.where(note_t.c.sequence.in_(sorted(set(sequences))), note_t.c.sealed != ERASED)
        return {
            row["sequence"]: self.vault.open_text("note", person_key(row), row["sealed"])
            for row in self.connection.execute(kept).mappings()
        }

    def contact_of(self, person: str) -> str | None:
        """How to reach a person, as it was kept; None if it was not."""
        joined = contact_t.join(key_t, key_t.c.person == contact_t.c.id)
        kept = select(contact_t.c.sealed, *key_t.c).select_from(joined)
        kept = kept.where(contact_t.c.id == person, contact_t.c.recorded_to == OPEN)
        row = self.connection.execute(kept).mappings().first()
        return None if row is None else self.vault.open_text("contact", person_key(row), row["sealed"])

    def numbers_of(self, people: Iterable[str]) -> dict[str, NationalNumber]:
        """The national numbers of people, by id, without those who have none."""
        found = _numbers().where(number_t.c.person.in_(sorted(set(people))))
        rows_ = self.connection.execute(found).mappings()
        return {row["person"]: self.vault.open_number(person_key(row), sealed_number(row)) for row in rows_}

    def ties(self, person: str, day: date, moment: datetime) -> list[Tie]:
        """What ties a person to others on that day or later, after that moment."""
        return erasure.ties(self.connection, person, day, moment)

    def held_of(self, person: str) -> dict[str, int]:
        """How many rows of each kind an erasure of the person would destroy."""
        return erasure.held(self.connection, person)

    def expired(self, day: date, person: str | None = None) -> list[str]:
        """The people (or this one) whose every tie and entry is from before that day."""
        before = start_of(day) - timedelta(microseconds=1)
        return erasure.expired(self.connection, day, before, self.size_at(before), person)

    def failed_lookups(self, actor: str, since: datetime) -> int:
        """How many look-ups of the person found nobody since a moment."""
        counted = select(func.count()).where(failed_t.c.actor == actor, failed_t.c.at > since)
        return int(self.connection.execute(counted).scalar_one())

    def functions_held(self, enterprise: str, code: str, person: str, day: Any) -> list[str]:
        """The ids of the functions of that code that the person holds in the enterprise on that day."""
        held = select(function_t.c.id, function_t.c.first, function_t.c.last).where(
            function_t.c.enterprise == enterprise,
            function_t.c.code == code,
            function_t.c.holder == person,
            function_t.c.recorded_to == OPEN,
        )
        return [id_ for id_, first, last in self.connection.execute(held) if Period(first, last).has(day)]

    def owner_of(self, table: str, row_id: str) -> str:
        """The enterprise to which the register first gave a recognition or an establishment unit.

        :raise Unknown: there is no such thing
        """
        which = table_named(table)
        owner = select(which.c.enterprise).where(which.c.id == row_id, which.c.recorded_to == OPEN)
        enterprise = self.connection.execute(owner).scalar()
        if enterprise is None:
            raise Unknown(table)
        return str(enterprise)

    def keys_of(self, person: str) -> frozenset[Key]:
        """The digital keys that the person has activated."""
        return fact_queries.activated_keys(self.connection, person)

    def is_auditor(self, person: str) -> bool:
        """Whether the person is an auditor at present."""
        auditor = table_named("auditor")
        found = select(auditor.c.id).where(auditor.c.id == person, auditor.c.recorded_to == OPEN)
        return self.connection.execute(found).first() is not None

    def is_silent(self, enterprise: str) -> bool:
        """Whether the register has no answer about the enterprise at present."""
        silence = table_named("silence")
        silent = select(silence.c.id).where(silence.c.id == enterprise, silence.c.recorded_to == OPEN)
        return self.connection.execute(silent).first() is not None


def table_named(name: str) -> Any:
    """A table by its name."""
    return tables.Base.metadata.tables[name]


@cache
def _with_indexes(keys: int) -> Any:
    """The sealed numbers with a keyed index, under so many keys, each with the names of its person."""
    wanted = (
        and_(number_t.c.index_key_id == bindparam(f"key_{key}"), number_t.c.number_index == bindparam(f"index_{key}"))
        for key in range(keys)
    )
    its_person = and_(person_t.c.id == number_t.c.person, person_t.c.recorded_to == OPEN)
    return _numbers(person_t.c.given, person_t.c.family).join(person_t, its_person).where(or_(*wanted))


def _numbers(*more: Any) -> Select[Any]:
    """The sealed numbers, each with the key of its person."""
    its_key = key_t.c.person == number_t.c.person
    return select(number_t, key_t.c.key_id, key_t.c.wrapped, *more).join(key_t, its_key)


@prepared
def _size() -> Any:
    return select(head_t.c.size)


@cache
def _tie() -> Any:
    person: Any = bindparam("person")
    enterprise: Any = bindparam("enterprise")
    tied = (
        (tables.Appointment.__table__, "holder"),
        (tables.WorkRelation.__table__, "person"),
        (tables.Grant.__table__, "holder"),
        (tables.Request.__table__, "requester"),
    )
    return select(
        or_(
            *(
                select(table.c.id)
                .where(table.c.enterprise == enterprise, table.c[column] == person, table.c.recorded_to == OPEN)
                .exists()
                for table, column in tied
            )
        )
    )
