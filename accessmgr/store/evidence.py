"""Queries for saved questions and samples: batches by key, so that a page of an answer never reads a whole table."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from accessmgr.core.events import What
from accessmgr.core.model import REPRESENTING, Appointment, Function, Grant
from accessmgr.store import rows, tables
from accessmgr.store.known import Knowing
from accessmgr.store.register_lists import function_of
from accessmgr.store.tables import OPEN
from accessmgr.usecases.traces import Wanted

appointment_t = tables.Appointment.__table__
grant_t = tables.Grant.__table__
function_t = tables.Function.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__

BATCH = 1000


class StoreEvidence(Knowing):
    """Batches of grants, appointments and entries (`usecases.evidence.Evidence`)."""

    def grants_after(self, enterprise: str | None, after: str, limit: int) -> list[Grant]:
        """The next grants by id, after one."""
        found = self.rows_with(select(*rows.selected(Grant, grant_t)), grant_t, enterprise=enterprise)
        found = found.where(grant_t.c.id > after).order_by(grant_t.c.id).limit(limit)
        return [rows.grant(row) for row in self.connection.execute(found)]

    def appointments_after(self, enterprise: str | None, after: str, limit: int) -> list[Appointment]:
        """The next appointments by id, after one."""
        found = self.rows_with(select(*rows.selected(Appointment, appointment_t)), appointment_t, enterprise=enterprise)
        found = found.where(appointment_t.c.id > after).order_by(appointment_t.c.id).limit(limit)
        return [rows.appointment(row) for row in self.connection.execute(found)]

    def leaves_before(
        self, enterprise: str | None, types: Sequence[str], since: int, before: int, window: int
    ) -> tuple[list[bytes], int | None]:
        """Entries of some types, the newest first, among the next `window` ones; and where the next window begins."""
        before = self._end(before)
        if enterprise is None:
            begin = max(since, before - window)
        else:
            key = subject_t.c.sequence
            about = select(key).where(subject_t.c.subject == enterprise, key >= since, key < before)
            reached = self.connection.execute(about.order_by(key.desc()).limit(window)).scalars().all()
            begin = reached[-1] if len(reached) == window else since
        found = select(entry_t.c.leaf).where(
            entry_t.c.sequence >= begin, entry_t.c.sequence < before, entry_t.c.type.in_(types)
        )
        if enterprise is not None:
            found = found.join(subject_t, subject_t.c.sequence == entry_t.c.sequence)
            found = found.where(
                subject_t.c.subject == enterprise, subject_t.c.sequence >= begin, subject_t.c.sequence < before
            )
        leaves = self.connection.execute(found.order_by(entry_t.c.sequence.desc())).scalars()
        return [bytes(leaf) for leaf in leaves], begin if begin > since else None

    def representing(self, enterprises: Iterable[str]) -> list[Function]:
        """The functions in enterprises whose holders represent them, past ones too."""
        found = select(function_t).where(
            function_t.c.enterprise.in_(sorted(set(enterprises))),
            function_t.c.code.in_(sorted(REPRESENTING)),
            self.knows(function_t),
        )
        return [function_of(row) for row in self.connection.execute(found.order_by(function_t.c.id))]

    def roles_of(self, people: Iterable[str]) -> list[Appointment]:
        """The appointments of people, in whatever enterprise and state."""
        found = self.rows_with(select(*rows.selected(Appointment, appointment_t)), appointment_t)
        found = found.where(appointment_t.c.holder.in_(sorted(set(people)))).order_by(appointment_t.c.id)
        return [rows.appointment(row) for row in self.connection.execute(found)]

    def grants_of(self, people: Iterable[str]) -> list[Grant]:
        """The grants of people, in whatever enterprise and state."""
        found = self.rows_with(select(*rows.selected(Grant, grant_t)), grant_t)
        found = found.where(grant_t.c.holder.in_(sorted(set(people)))).order_by(grant_t.c.id)
        return [rows.grant(row) for row in self.connection.execute(found)]

    def moments(self, sequences: Iterable[int]) -> dict[int, datetime]:
        """When entries were recorded, by sequence."""
        found = select(entry_t.c.sequence, entry_t.c.recorded_at)
        found = found.where(entry_t.c.sequence.in_(sorted(set(sequences))))
        return {row.sequence: row.recorded_at for row in self.connection.execute(found)}

    def used(self, grants: Sequence[Grant], since: int, before: int) -> set[str]:
        """The ids of those grants whose holder entered by their right in the entries from `since` on and `before`."""
        key, ways = subject_t.c.sequence, set()
        entered = (
            select(subject_t.c.subject, entry_t.c.leaf)
            .join(subject_t, key == entry_t.c.sequence)
            .where(subject_t.c.subject.in_(sorted({grant.holder for grant in grants})))
            .where(key >= since, key < self._end(before), entry_t.c.type == str(What.AREA_ENTERED))
        )
        for holder, leaf in self.connection.execute(entered).yield_per(BATCH):
            entry: dict[str, Any] = json.loads(leaf)
            ways.add((holder, entry["data"].get("enterprise"), entry["decision"]["asked"].get("right")))
        return {grant.id for grant in grants if (grant.holder, grant.enterprise, grant.right) in ways}

    def sequences(self, wanted: Wanted) -> Iterator[int]:
        """The sequences of the entries wanted, the oldest first; a batch is in memory."""
        after, end = wanted.since - 1, self._end(wanted.before)
        first, *others = wanted.subjects
        key = subject_t.c.sequence
        while True:
            found = select(key).where(subject_t.c.subject == first, key > after, key < end)
            for other in others:
                also = subject_t.alias()
                found = found.where(
                    select(also.c.sequence).where(also.c.subject == other, also.c.sequence == key).exists()
                )
            if wanted.types or wanted.actor is not None:
                found = found.join(entry_t, entry_t.c.sequence == key)
            if wanted.types:
                found = found.where(entry_t.c.type.in_(wanted.types))
            if wanted.actor is not None:
                found = found.where(entry_t.c.actor == wanted.actor)
            batch = self.connection.execute(found.order_by(key).limit(BATCH)).scalars().all()
            if not batch:
                return
            yield from batch
            after = batch[-1]

    def _end(self, before: int | None) -> int:
        return min(size for size in (before, self.size, OPEN) if size is not None)
