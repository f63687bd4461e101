"""Writing: the one method by which anything is recorded, each time as the next entry of the history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from accessmgr.core.asked import asked
from accessmgr.core.days import rfc3339
from accessmgr.core.decide import Decision
from accessmgr.core.events import Event, What, change, plain
from accessmgr.core.facts import Facts
from accessmgr.core.ledger import canonical
from accessmgr.core.numbers import NationalNumber
from accessmgr.store import erasure, outbox, policies, rows, tables
from accessmgr.store.asked import BATCH_WRITTEN, PREFIX, digest_of, keep_lines
from accessmgr.store.fact_digests import FACTS, Touched, told_of_always
from accessmgr.store.ledger import signs
from accessmgr.store.look import Look, table_named
from accessmgr.store.tables import OPEN
from accessmgr.store.vaulted import NumberVault, key_for, sealed_columns
from accessmgr.usecases.world import Policy, Unknown

head_t = tables.LogHead.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__
number_t = tables.NationalNumber.__table__
failed_t = tables.FailedLookup.__table__
note_t = tables.Note.__table__
contact_t = tables.Contact.__table__


class Writing(Look):
    """A look that may write, in a transaction that is alone in it (`usecases.world.Writing`)."""

    def __init__(self, connection: Connection, vault: NumberVault, policy: Policy, host: str) -> None:
        super().__init__(connection, vault, policy, host)
        row = connection.execute(_head()).one()
        self._size: int = row[0]
        self._last: datetime | None = row[1]
        self._in_force: str | None = row[2]
        self._touched: dict[str, Touched] = {}

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
        if self._in_force != self.policy.digest:
            policies.take_effect(self.connection, self.policy, self._size)
            self._in_force = self.policy.digest
        for event in events:
            self._succeed(event)
        outbox.tell_of_events(self.connection, [each for each in events if each.what not in BEGINNINGS], facts.at)
        if "PERSON-2" in decision.because:
            self.count_failed_lookup(facts.actor.id, facts.at)
        data = {"enterprise": facts.enterprise, "changes": [change(event) for event in events] or None}
        if note and note.strip():
            self.keep_note(facts.actor.id, note.strip())
        return self.append(
            what,
            facts.at,
            actor=facts.actor.id,
            decision={
                "action": str(decision.action),
                "allowed": decision.allowed,
                "because": list(decision.because),
                "asked": asked(facts),
                "policy": self.policy.digest,
            },
            data=data,
            subjects=subjects_of(facts, events),
        )

    def count_failed_lookup(self, actor: str, at: datetime) -> None:
        """Count a look-up of the person that found nobody."""
        self.connection.execute(failed_t.insert().values(actor=actor, at=at))

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
            "data": plain({**(data or {}), **self._told()}),
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

    def record_asked(
        self, lines: Sequence[bytes], at: datetime, *, first: datetime, last: datetime, subjects: Iterable[str]
    ) -> int:
        """Write a batch of decisions that were only asked about, with the entry that holds its digest."""
        keep_lines(self.connection, self._size, lines)
        data = {"count": len(lines), "digest": digest_of(lines), "first": first, "last": last}
        return self.append(BATCH_WRITTEN, at, data=data, subjects=[PREFIX + subject for subject in subjects])

    def checkpoint(self) -> str:
        """The signed note over the whole history, made now unless the newest is it already.

        :raise BrokenHistory: the history does not extend what was signed or stored of it
        """
        return self.ledger.sign(self._size)

    def add_fact(self, table: str, **values: Any) -> None:
        """Add a row that the entry being written brings to a table of the register or of people."""
        self.connection.execute(table_named(table).insert().values(recorded_from=self.next_size, **values))
        if touched := self._touch(table):
            touched.add(values)

    def change_fact(self, table: str, row_id: str, **values: Any) -> None:
        """Let a row of the register or of people be succeeded by one with other values."""
        before = self.end_fact(table, row_id)
        self.add_fact(table, **{**before, **values})

    def end_fact(self, table: str, row_id: str) -> dict[str, Any]:
        """Close the recorded period of a row; gives its values.

        :raise Unknown: there is no such row
        """
        which = table_named(table)
        found = select(which).where(which.c.id == row_id, which.c.recorded_to == OPEN)
        row = self.connection.execute(found).mappings().first()
        if row is None:
            raise Unknown(table)
        self._close(which, row_id)
        if touched := self._touch(table):
            touched.end(row)
        return {name: value for name, value in row.items() if name not in ("row", "recorded_from", "recorded_to")}

    def change_many_facts(self, names: Iterable[str]) -> None:
        """Note that the entry being written brings or ends rows of these tables, which others write: maybe many."""
        for name in names:
            if touched := self._touch(name):
                touched.many = True

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
        if number is not None:
            own = key_for(self.connection, self.vault, person)
            for sealed in self.vault.seal_number(own, number):
                self.connection.execute(number_t.insert().values(sealed_columns(person, sealed)))
        for key in keys:
            self.add_fact("digital_key", person=person, key=key)

    def keep_contact(self, person: str, text: str) -> None:
        """Keep how to reach a person, sealed, in place of what was kept before."""
        self._close(contact_t, person)
        own = key_for(self.connection, self.vault, person)
        self.add_fact("contact", id=person, sealed=self.vault.seal_text("contact", own, text))

    def keep_note(self, author: str, text: str) -> None:
        """Keep words with the entry being written, sealed for whoever wrote them."""
        own = key_for(self.connection, self.vault, author)
        sealed = self.vault.seal_text("note", own, text)
        self.connection.execute(note_t.insert().values(sequence=self._size, author=author, sealed=sealed))

    def destroy(self, person: str) -> None:
        """Destroy everything that is known of a person besides their id and what others rest on."""
        erasure.destroy(self.connection, person)

    def add_persona(self, name: str, person: str) -> None:
        """Give a fictional person the short name by which the simulator knows them."""
        self.connection.execute(tables.Persona.__table__.insert().values(name=name, person=person))

    def _touch(self, table: str) -> Touched | None:
        """What the entry being written does to a table of facts; None if it is no such table."""
        return self._touched.setdefault(table, Touched(table)) if table in FACTS else None

    def _told(self) -> dict[str, Any]:
        """What the entry being written tells of the facts that it brings and ends, and the first of what was always so.

        What follows is of the next entry.
        """
        touched, self._touched = self._touched, {}
        facts = {name: its.told(self.connection, self.next_size) for name, its in sorted(touched.items())}
        always = told_of_always(self.connection) if self._size == 0 else None
        return {"facts": facts if any(facts.values()) else None, "opening": always}

    def _succeed(self, event: Event) -> None:
        table, values = rows.TABLES[type(event.row)], rows.columns_of(event.row)
        if event.what not in BEGINNINGS:
            self._close(table, event.row.id)
        self.connection.execute(table.insert(), {"recorded_from": self.next_size, "recorded_to": OPEN, **values})

    def _close(self, table: Any, row_id: str) -> None:
        self.connection.execute(_closing(table), {"which": row_id, "size": self.next_size})


BEGINNINGS = frozenset(
    {
        What.APPOINTMENT_OFFERED,
        What.ROLE_CLAIMED,
        What.PERSON_LINKED,
        What.RIGHT_GRANTED,
        What.RIGHT_REQUESTED,
    }
)
"""Events that bring a new row, with an id of its own; the others succeed one."""


def subjects_of(facts: Facts, events: Sequence[Event]) -> set[str]:
    """Whom and what an entry about a decision is about."""
    people = {facts.actor.id} | ({facts.concerned.id} if facts.concerned else set())
    subjects = people.union(*(event.people | {event.row.id} for event in events))
    return subjects | {text for text in (facts.enterprise, *_things(facts)) if text}


def _things(facts: Facts) -> list[str]:
    """The ids of the things that the question names."""
    named = (facts.appointment, facts.relation, facts.grant, facts.request)
    return [thing.id for thing in named if thing is not None]


@cache
def _head() -> Any:
    return select(head_t.c.size, head_t.c.recorded_at, head_t.c.policy)


@cache
def _closing(table: Any) -> Any:
    now_known = update(table).where(table.c.id == bindparam("which"), table.c.recorded_to == OPEN)
    return now_known.values(recorded_to=bindparam("size"))
