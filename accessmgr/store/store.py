"""The store: one look at one state, and the one write method by which anything is recorded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from accessmgr.core.actions import Ask
from accessmgr.core.days import Period, rfc3339
from accessmgr.core.decide import Decision
from accessmgr.core.events import Event, What, change, plain
from accessmgr.core.facts import Facts
from accessmgr.core.ledger import canonical
from accessmgr.core.model import ContextKind, Key
from accessmgr.core.names import same_names
from accessmgr.core.numbers import NationalNumber, SealedNumber
from accessmgr.store import facts as fact_queries
from accessmgr.store import rows, tables
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.known import NOW
from accessmgr.store.ledger import Signer, StoredLedger, signs
from accessmgr.store.lists import StoreLists
from accessmgr.store.tables import OPEN
from accessmgr.usecases.world import Conflict, Policy, Unknown

head_t = tables.LogHead.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__
number_t = tables.NationalNumber.__table__
person_t = tables.Person.__table__
failed_t = tables.FailedLookup.__table__
note_t = tables.Note.__table__
function_t = tables.Function.__table__
contact_t = tables.Contact.__table__


class NumberVault(Signer, Protocol):
    """What the store needs of the vault."""

    def seal_number(self, person_id: str, number: NationalNumber) -> list[SealedNumber]:
        """The records to keep for a number."""

    def open_number(self, person_id: str, sealed: SealedNumber) -> NationalNumber:
        """The number in a record."""

    def indexes(self, number: NationalNumber) -> list[tuple[str, bytes]]:
        """The keyed indexes under which a number may be found."""

    def verify(self, person_id: str, sealed: SealedNumber, asked: NationalNumber) -> bool:
        """Whether a record, once opened, is the number asked for."""

    def burn(self) -> None:
        """Take the time that opening a record takes."""

    def seal_text(self, purpose: str, person_id: str, text: str) -> bytes:
        """A short secret of a person, sealed."""

    def open_text(self, purpose: str, person_id: str, sealed: bytes) -> str:
        """A short secret of a person."""


class Look:
    """One consistent look at the database (`usecases.world.Look`)."""

    def __init__(self, connection: Connection, vault: NumberVault, policy: Policy, host: str) -> None:
        self.connection = connection
        self.vault = vault
        self.policy = policy
        self.ledger = StoredLedger(connection, vault, host)

    @property
    def lists(self) -> StoreLists:
        """Lists and cards for pages."""
        return StoreLists(self.connection)

    def size(self) -> int:
        """The number of entries in the history."""
        return int(self.connection.execute(select(head_t.c.size)).scalar_one())

    def size_at(self, moment: datetime) -> int:
        """The number of entries that were recorded at that moment or before."""
        last = select(func.max(entry_t.c.sequence)).where(entry_t.c.recorded_at <= moment)
        sequence = self.connection.execute(last).scalar()
        return 0 if sequence is None else int(sequence) + 1

    def facts(self, ask: Ask, at: datetime, known: int | None = None) -> Facts:
        """The facts for a question about a moment, as known at a size of the history (None: now)."""
        size = NOW if known is None else known
        return fact_queries.load(self.connection, self.policy, ask, at, size)

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
            if self.vault.verify(row["person"], sealed_number(row), number):
                return row
        return None

    def number_of(self, person: str) -> NationalNumber | None:
        """The national number of a person, None if they have none."""
        row = self.connection.execute(select(number_t).where(number_t.c.person == person)).mappings().first()
        return None if row is None else self.vault.open_number(person, sealed_number(row))

    def notes(self, sequences: Iterable[int]) -> dict[int, str]:
        """The words that people wrote with entries of the history, by sequence."""
        kept = select(note_t).where(note_t.c.sequence.in_(sorted(set(sequences))))
        return {
            row.sequence: self.vault.open_text("note", row.author, row.sealed) for row in self.connection.execute(kept)
        }

    def contact_of(self, person: str) -> str | None:
        """How to reach a person, as it was kept; None if it was not."""
        kept = select(contact_t.c.sealed).where(contact_t.c.id == person, contact_t.c.recorded_to == OPEN)
        sealed = self.connection.execute(kept).scalar()
        return None if sealed is None else self.vault.open_text("contact", person, sealed)

    def numbers_of(self, people: Iterable[str]) -> dict[str, NationalNumber]:
        """The national numbers of people, by id, without those who have none."""
        found = select(number_t).where(number_t.c.person.in_(sorted(set(people))))
        rows_ = self.connection.execute(found).mappings()
        return {row["person"]: self.vault.open_number(row["person"], sealed_number(row)) for row in rows_}

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
        which = _table(table)
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
        auditor = _table("auditor")
        found = select(auditor.c.id).where(auditor.c.id == person, auditor.c.recorded_to == OPEN)
        return self.connection.execute(found).first() is not None

    def is_silent(self, enterprise: str) -> bool:
        """Whether the register has no answer about the enterprise at present."""
        silence = _table("silence")
        silent = select(silence.c.id).where(silence.c.id == enterprise, silence.c.recorded_to == OPEN)
        return self.connection.execute(silent).first() is not None


class Writing(Look):
    """A look that may write: nobody else writes until it ends (`usecases.world.Writing`)."""

    def __init__(self, connection: Connection, vault: NumberVault, policy: Policy, host: str) -> None:
        super().__init__(connection, vault, policy, host)
        lock_head(connection)
        row = connection.execute(_head()).one()
        self._size: int = row[0]
        self._last: datetime | None = row[1]

    @property
    def next_size(self) -> int:
        """The size of the history once the entry being written is in it: what its rows are recorded from."""
        return self._size + 1

    def moment(self, now: datetime) -> datetime:
        """The moment to record at: now, but never before the last entry."""
        return now if self._last is None else max(now, self._last)

    def record(
        self, decision: Decision, facts: Facts, what: What, events: Sequence[Event], note: str | None = None
    ) -> int:
        """Write the decision with its events as the next entry of the history, and give its sequence."""
        people = {facts.actor.id} | ({facts.concerned.id} if facts.concerned else set())
        subjects = people.union(*(event.people | {event.row.id} for event in events))
        subjects |= {text for text in (facts.enterprise, *_things(facts)) if text}
        for event in events:
            self._succeed(event)
        if "PERSON-2" in decision.because:
            self.connection.execute(failed_t.insert().values(actor=facts.actor.id, at=facts.at))
        data = {"enterprise": facts.enterprise, "changes": [change(event) for event in events] or None}
        if note and note.strip():
            sealed = self.vault.seal_text("note", facts.actor.id, note.strip())
            values = {"sequence": self._size, "author": facts.actor.id, "sealed": sealed}
            self.connection.execute(note_t.insert().values(values))
        return self.append(
            what,
            facts.at,
            actor=facts.actor.id,
            decision={
                "action": str(decision.action),
                "allowed": decision.allowed,
                "because": list(decision.because),
                "asked": _asked(facts),
            },
            data=data,
            subjects=subjects,
        )

    def append(
        self,
        type_: str,
        at: datetime,
        *,
        actor: str = "system",
        decision: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        subjects: Iterable[str] = (),
    ) -> int:
        """Write the next entry of the history, and give its sequence.

        :raise BrokenHistory: the history does not extend what was signed or stored of it
        """
        sequence, at = self._size, self.moment(at)
        entry = {
            "sequence": sequence,
            "recorded_at": rfc3339(at),
            "type": str(type_),
            "actor": actor,
            "decision": plain(decision or {}),
            "data": plain(data or {}),
        }
        leaf = canonical(entry)
        columns = {"sequence": sequence, "recorded_at": at, "type": str(type_), "actor": actor, "leaf": leaf}
        self.connection.execute(entry_t.insert(), columns)
        about = [{"subject": subject, "sequence": sequence} for subject in sorted(set(subjects))]
        if about:
            self.connection.execute(subject_t.insert(), about)
        self.connection.execute(update(head_t), {"size": sequence + 1, "recorded_at": at})
        self._size, self._last = sequence + 1, at
        self.ledger.append(sequence, leaf)
        if signs(str(type_), self._size):
            self.checkpoint()
        return sequence

    def checkpoint(self) -> str:
        """The signed note over the whole history, made now unless the newest is it already.

        :raise BrokenHistory: the history does not extend what was signed or stored of it
        """
        return self.ledger.sign(self._size)

    def add_fact(self, table: str, **values: Any) -> None:
        """Add a row that the entry being written brings to a table of the register or of people."""
        self.connection.execute(_table(table).insert().values(recorded_from=self.next_size, **values))

    def change_fact(self, table: str, row_id: str, **values: Any) -> None:
        """Let a row of the register or of people be succeeded by one with other values."""
        before = self.end_fact(table, row_id)
        self.add_fact(table, **{**before, **values})

    def end_fact(self, table: str, row_id: str) -> dict[str, Any]:
        """Close the recorded period of a row; gives its values.

        :raise Unknown: there is no such row
        """
        which = _table(table)
        found = select(which).where(which.c.id == row_id, which.c.recorded_to == OPEN)
        row = self.connection.execute(found).mappings().first()
        if row is None:
            raise Unknown(table)
        self._close(which, row_id)
        return {name: value for name, value in row.items() if name not in ("row", "recorded_from", "recorded_to")}

    def add_person(
        self,
        person: str,
        given: str,
        family: str,
        number: NationalNumber | None,
        *,
        keys: Iterable[str] = (),
        language: str | None = None,
    ) -> None:
        """Add a known person with their number, sealed, and the digital keys that they have activated."""
        self.add_fact("person", id=person, given=given, family=family, language=language)
        for sealed in self.vault.seal_number(person, number) if number else ():
            self.connection.execute(number_t.insert().values(sealed_columns(person, sealed)))
        for key in keys:
            self.add_fact("digital_key", person=person, key=key)

    def keep_contact(self, person: str, text: str) -> None:
        """Keep how to reach a person, sealed, in place of what was kept before."""
        self._close(contact_t, person)
        self.add_fact("contact", id=person, sealed=self.vault.seal_text("contact", person, text))

    def add_persona(self, name: str, person: str) -> None:
        """Give a fictional person the short name by which the simulator knows them."""
        self.connection.execute(tables.Persona.__table__.insert().values(name=name, person=person))

    def _succeed(self, event: Event) -> None:
        table, values = rows.TABLES[type(event.row)], rows.columns_of(event.row)
        if event.what not in _BEGINNINGS:
            self._close(table, event.row.id)
        self.connection.execute(table.insert(), {"recorded_from": self.next_size, "recorded_to": OPEN, **values})

    def _close(self, table: Any, row_id: str) -> None:
        self.connection.execute(_closing(table), {"which": row_id, "size": self.next_size})


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


_BEGINNINGS = frozenset(
    {
        What.APPOINTMENT_OFFERED,
        What.ROLE_CLAIMED,
        What.PERSON_LINKED,
        What.RIGHT_GRANTED,
        What.RIGHT_REQUESTED,
    }
)


def _things(facts: Facts) -> list[str]:
    """The ids of the things that the question names."""
    named = (facts.appointment, facts.relation, facts.grant, facts.request)
    return [thing.id for thing in named if thing is not None]


def _asked(facts: Facts) -> dict[str, Any]:
    """What was asked, without anything that the person typed and the register does not know."""
    asked = facts.ask.given()
    asked.pop("person", None)
    if facts.concerned is not None:
        asked["person"] = facts.concerned.id
    if facts.contexts and facts.right is not None:
        asked["contexts"] = [value for value in facts.contexts if _is_known(facts, value)]
        asked["contexts_asked"] = len(facts.contexts)
    return dict(plain(asked))


def _is_known(facts: Facts, value: str) -> bool:
    """Whether a context may stand in the history: free text may not."""
    if facts.right is not None and facts.right.context_kind is ContextKind.PROFILE:
        return value in facts.right.profiles
    if facts.register is None:
        return False
    units = (unit.number for unit in facts.register.establishments)
    return value in (recognition.number for recognition in facts.register.recognitions) or value in units


def _table(name: str) -> Any:
    return tables.Base.metadata.tables[name]


def sealed_number(row: Mapping[Any, Any]) -> SealedNumber:
    """A record of the vault from its row."""
    return SealedNumber(row["key_id"], row["nonce"], row["ciphertext"], row["index_key_id"], row["number_index"])


def sealed_columns(person: str, sealed: SealedNumber) -> dict[str, Any]:
    """The columns of a record of the vault."""
    return {
        "person": person,
        "key_id": sealed.key_id,
        "nonce": sealed.nonce,
        "ciphertext": sealed.ciphertext,
        "index_key_id": sealed.index_key_id,
        "number_index": sealed.index,
    }


@cache
def _head() -> Any:
    return select(head_t.c.size, head_t.c.recorded_at)


@cache
def _with_indexes(keys: int) -> Any:
    """The sealed numbers with a keyed index, under so many keys, each with the names of its person."""
    wanted = (
        and_(number_t.c.index_key_id == bindparam(f"key_{key}"), number_t.c.number_index == bindparam(f"index_{key}"))
        for key in range(keys)
    )
    its_person = and_(person_t.c.id == number_t.c.person, person_t.c.recorded_to == OPEN)
    return select(number_t, person_t.c.given, person_t.c.family).join(person_t, its_person).where(or_(*wanted))


@cache
def _closing(table: Any) -> Any:
    now_known = update(table).where(table.c.id == bindparam("which"), table.c.recorded_to == OPEN)
    return now_known.values(recorded_to=bindparam("size"))


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
