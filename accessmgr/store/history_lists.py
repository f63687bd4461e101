"""Lists of entries of the history: by index on subject and sequence, never with an offset."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from accessmgr.store import tables
from accessmgr.store.known import Knowing
from accessmgr.usecases.lists import PAGE

entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__
head_t = tables.LogHead.__table__


class HistoryLists(Knowing):
    """Entries within one look: the first ones, as many as the size says."""

    def entries(
        self, *, subject: str | None = None, before: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[Any]:
        """A page of the history, the newest first: all of it, or what is about a subject.

        `before` is the sequence of the last entry of the page before; none before sequence `since` is given.
        Rows have `sequence` and `leaf`.
        """
        return self._page([] if subject is None else [subject], before, since, limit)

    def entries_at_once_about(
        self, subjects: Sequence[str], *, before: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[Any]:
        """A page of the entries that are about all of the subjects together, the newest first."""
        return self._page(subjects, before, since, limit)

    def entries_after(self, after: int, *, before: int, without: Collection[str], limit: int) -> list[Any]:
        """The first entries after a sequence and before another, the oldest first, leaving out some types.

        Rows have `sequence` and `leaf`.
        """
        before = before if self.size is None else min(before, self.size)
        within = (entry_t.c.sequence > after, entry_t.c.sequence < before, entry_t.c.type.not_in(sorted(without)))
        found = select(entry_t.c.sequence, entry_t.c.leaf).where(*within).order_by(entry_t.c.sequence)
        return list(self.connection.execute(found.limit(limit)).all())

    def entry(self, sequence: int) -> bytes | None:
        """The leaf of one entry of the history, None if there is none."""
        if self.size is not None and sequence >= self.size:
            return None
        found = select(entry_t.c.leaf).where(entry_t.c.sequence == sequence)
        return self.connection.execute(found).scalar()

    def about(self, sequences: Iterable[int], subject: str) -> frozenset[int]:
        """Those of the entries of the history that are about a subject."""
        asked = {sequence for sequence in sequences if self.size is None or sequence < self.size}
        found = select(subject_t.c.sequence).where(subject_t.c.subject == subject, subject_t.c.sequence.in_(asked))
        return frozenset(self.connection.execute(found).scalars())

    def last_recorded(self) -> tuple[int, datetime | None]:
        """The size of the history and the moment of its last entry."""
        if self.size is None:
            row = self.connection.execute(select(head_t.c.size, head_t.c.recorded_at)).one()
            return row[0], row[1]
        last = select(entry_t.c.recorded_at).where(entry_t.c.sequence == self.size - 1)
        return self.size, self.connection.execute(last).scalar()

    def _page(self, subjects: Sequence[str], before: int | None, since: int, limit: int) -> list[Any]:
        """A page of the entries that are about all of the subjects, the newest first."""
        found, key = select(entry_t.c.sequence, entry_t.c.leaf), entry_t.c.sequence
        if subjects:
            first, *others = subjects
            key = subject_t.c.sequence
            found = found.join(subject_t, subject_t.c.sequence == entry_t.c.sequence).where(
                subject_t.c.subject == first
            )
            for other in others:
                also = subject_t.alias()
                about_both = (also.c.subject == other, also.c.sequence == entry_t.c.sequence)
                found = found.where(select(also.c.sequence).where(*about_both).exists())
        end = min((bound for bound in (before, self.size) if bound is not None), default=None)
        if end is not None:
            found = found.where(key < end)
        if since:
            found = found.where(key >= since)
        return list(self.connection.execute(found.order_by(key.desc()).limit(limit)))
