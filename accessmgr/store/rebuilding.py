"""The state as the entries of the history tell it, row by row beside the state in the tables: both are read once."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, or_, select

from accessmgr.core.events import Noun, plain
from accessmgr.core.ledger.export import Flawed, Kind, Verdict
from accessmgr.core.model import Appointment, Grant, Request, WorkRelation
from accessmgr.store import rows, tables
from accessmgr.store.fact_digests import CHAIN, FACTS, Tally, line
from accessmgr.store.tables import OPEN
from accessmgr.usecases.world import Policy

BATCH = 1000

entry_t = tables.Entry.__table__
head_t = tables.LogHead.__table__
import_t = tables.RegisterImport.__table__
note_t = tables.Note.__table__
policy_t = tables.PolicyInForce.__table__
subject_t = tables.EntrySubject.__table__

READ: dict[str, tuple[type[Noun], Callable[[Any], Noun]]] = {
    "Appointment": (Appointment, rows.appointment),
    "WorkRelation": (WorkRelation, rows.work_relation),
    "Grant": (Grant, rows.grant),
    "Request": (Request, rows.request),
}
"""How the rows of the chain are read, by the word for them in an entry."""


def differs(entry: int, because: str) -> Flawed:
    """The verdict that something is not as an entry tells it."""
    return Flawed(Verdict(Kind.TAMPERED, entry, because, entry, entry))


class Row(NamedTuple):
    """A row in the order in which entries tell of rows: the size of the history from which it counts, and itself."""

    size: int
    value: Any


class Stream:
    """Rows by the size of the history from which they count, each given once, a batch in memory."""

    def __init__(self, answer: Iterator[Row]) -> None:
        self._answer = answer
        self.next = next(answer, None)

    def of(self, size: int) -> Iterator[Any]:
        """The next rows, as far as they count from that size on."""
        while self.next is not None and self.next.size == size:
            value = self.next.value
            self.next = next(self._answer, None)
            yield value


class Rebuilding:
    """Goes through the entries in order, and compares the state with what each tells of it.

    Every method raises `Flawed`, with a verdict that names the entry, where they differ.
    """

    def __init__(self, connection: Connection, size: int) -> None:
        self.connection = connection
        self.size = size
        self.chain = {word: Stream(_versions(connection, noun, word)) for word, (noun, _) in READ.items()}
        self.added = {name: Stream(_dated(connection, name, "recorded_from")) for name in FACTS}
        self.ended = {name: Stream(_dated(connection, name, "recorded_to")) for name in FACTS}
        self.always = self._opening()
        self.subjects = Stream(_subjects(connection))
        self.policies = Policies(connection)

    def take(self, entry: Mapping[str, Any]) -> None:
        """Compare what one entry tells."""
        sequence, data = entry["sequence"], entry["data"]
        if sequence == 0:
            self._compare(0, "opening", self.always, data.get("opening", {}))
        elif "opening" in data:
            raise differs(sequence, "only the first entry tells of what was always so")
        for change in data.get("changes", []):
            self._check_change(sequence, change)
        for word, stream in self.chain.items():
            for _ in stream.of(sequence + 1):
                raise differs(sequence, f"entry {sequence} tells nothing of a row of `{_table(word)}`")
        self._compare(sequence, "facts", self._told(sequence + 1), data.get("facts", {}))

    def finish(self) -> None:
        """Check that nothing is left that no entry tells of."""
        last = max(self.size - 1, 0)
        streams = {_table(word): stream for word, stream in self.chain.items()}
        for name, stream in [*streams.items(), *self.added.items(), *self.ended.items()]:
            if stream.next is not None:
                raise differs(last, f"a row of `{name}` counts from a size of the history that there is not")
        if self.subjects.next is not None:
            raise differs(last, "somebody stands in the list of whom an entry is about that there is not")
        self.policies.finish(last)
        self._check_notes()
        self._check_imports()

    def _opening(self) -> dict[str, Any]:
        """What the tables have of the rows that were always so."""
        told = {**self._told(0), **{_table(word): _tally_of(stream, word) for word, stream in self.chain.items()}}
        return {name: its for name, its in told.items() if its}

    def _told(self, size: int) -> dict[str, Any]:
        """What the tables have of facts that came or ended with the entry that brought the history to that size."""
        told = {}
        for name, added in self.added.items():
            its = Tally().all(added.of(size), self.ended[name].of(size))
            if its:
                told[name] = its
        return told

    def _compare(self, sequence: int, what: str, found: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        if found == told:
            return
        wrong = next(name for name in sorted({*found, *told}) if found.get(name) != told.get(name))
        when = "were always there" if what == "opening" else f"entry {sequence} brought or ended"
        raise differs(sequence, f"the rows of `{wrong}` that {when} are not as it tells")

    def _check_change(self, sequence: int, change: Mapping[str, Any]) -> None:
        word = change.get("noun")
        if word not in self.chain:
            raise differs(sequence, "a change is not one of the chain")
        found = next(self.chain[word].of(sequence + 1), None)
        if found is None:
            raise differs(sequence, f"a row of `{_table(word)}` that entry {sequence} tells is missing")
        if found != change.get("row"):
            raise differs(sequence, f"a row of `{_table(word)}` is not as entry {sequence} tells")

    def _check_notes(self) -> None:
        """Check that each note is of whoever made its entry."""
        strange = or_(entry_t.c.sequence.is_(None), entry_t.c.actor != note_t.c.author)
        found = select(note_t.c.sequence).outerjoin(entry_t, entry_t.c.sequence == note_t.c.sequence).where(strange)
        sequence = self.connection.execute(found.order_by(note_t.c.sequence).limit(1)).scalar()
        if sequence is not None:
            raise differs(sequence, f"the note with entry {sequence} is not of who made the entry")

    def _check_imports(self) -> None:
        """Check that each extract that counts as imported is one that its entry tells."""
        leaf = select(entry_t.c.leaf).where(entry_t.c.sequence == import_t.c.sequence).scalar_subquery()
        for row in self.connection.execute(select(import_t, leaf.label("leaf")).order_by(import_t.c.sequence)):
            data = json.loads(bytes(row.leaf or b"{}")).get("data", {})
            if (data.get("extract"), data.get("snapshot")) != (row.extract_number, row.snapshot.isoformat()):
                raise differs(
                    row.sequence, f"the extract of the register is not the one that entry {row.sequence} tells"
                )


class Policies:
    """The policies that were in force, each from the first decision that was made by it."""

    def __init__(self, connection: Connection) -> None:
        self._rows = list(connection.execute(select(policy_t).order_by(policy_t.c.since)))
        self._head = connection.execute(select(head_t.c.policy)).scalar()
        self._place = 0
        self._digest: str | None = None
        self._policy: Policy | None = None

    def of(self, sequence: int, digest: str | None) -> Policy:
        """The policy by which the decision in an entry was made, which the entry names by its digest."""
        if self._place < len(self._rows) and self._rows[self._place].since <= sequence:
            row, before = self._rows[self._place], self._digest
            self._place += 1
            try:
                self._policy = Policy.of_content(row.content)
            except ValueError as wrong:
                raise differs(row.since, f"the policy in force from entry {row.since} on cannot be read") from wrong
            self._digest = row.digest
            if self._policy.digest != row.digest or row.since != sequence or row.digest == before:
                raise differs(row.since, f"the policy in force from entry {row.since} on is not the one that it tells")
        if self._policy is None or self._digest != digest:
            raise differs(sequence, f"entry {sequence} was decided by another policy than the one in force")
        return self._policy

    def finish(self, last: int) -> None:
        """Check that no other policy stands there."""
        if self._place < len(self._rows):
            since = self._rows[self._place].since
            raise differs(min(since, last), "a policy is in force by which nothing was decided")
        if self._head != self._digest:
            raise differs(last, "the policy in force is not that of the last decision")


def _table(word: str) -> str:
    return rows.TABLES[READ[word][0]].name


def _versions(connection: Connection, noun: type[Noun], word: str) -> Iterator[Row]:
    """The rows of the chain as entries show them. Each ends where the next of the same id begins."""
    table, read = rows.TABLES[noun], READ[word][1]
    successor = func.lead(table.c.recorded_from).over(
        partition_by=table.c.id, order_by=(table.c.recorded_from, table.c.row)
    )
    found = select(table.c.recorded_from, table.c.recorded_to, successor, *CHAIN[table.name])
    found = found.order_by(table.c.recorded_from, table.c.row)
    names = [column.name for column in CHAIN[table.name]]
    places = [names.index(column.name) + 3 for column in rows.selected(noun, table)]
    with connection.execute(found, execution_options={"yield_per": BATCH}) as answer:
        for row in answer:
            size, until, succeeded = row[:3]
            if until != (OPEN if succeeded is None else succeeded):
                nearest = max(min(until, succeeded or OPEN) - 1, 0)
                raise differs(nearest, f"a row of `{table.name}` does not end where it is succeeded")
            if size == 0:
                yield Row(0, line(row[3:]))
                continue
            try:
                yield Row(size, plain(read([row[place] for place in places])))
            except (TypeError, ValueError) as wrong:
                raise differs(max(size - 1, 0), f"a row of `{table.name}` cannot be read") from wrong


def _tally_of(stream: Stream, word: str) -> dict[str, Any] | None:
    return Tally().all(stream.of(0), ())


def _dated(connection: Connection, name: str, column: str) -> Iterator[Row]:
    """The lines of the rows of a table of facts that came or ended, in the order of that."""
    columns = FACTS[name]
    size, row = columns[0].table.c[column], columns[0].table.c.row
    found = select(size, *columns).where(size != OPEN).order_by(size, row)
    with connection.execute(found, execution_options={"yield_per": BATCH}) as answer:
        for its, *values in answer:
            yield Row(its, line(values))


def _subjects(connection: Connection) -> Iterator[Row]:
    found = select(subject_t.c.sequence, subject_t.c.subject).order_by(subject_t.c.sequence)
    with connection.execute(found, execution_options={"yield_per": BATCH}) as answer:
        for sequence, subject in answer:
            yield Row(sequence, subject)
