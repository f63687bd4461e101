"""Queries for which entries made a thing what it is, and for entries by subject and type."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Text, and_, bindparam, cast, select, union_all

from accessmgr.core.model import Person
from accessmgr.store import tables
from accessmgr.store.known import Knowing
from accessmgr.store.prepared import prepared
from accessmgr.store.tables import OPEN
from accessmgr.usecases.traces import Kind, Thing, Wanted

person_t = tables.Person.__table__
death_t = tables.Death.__table__
auditor_t = tables.Auditor.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__

KEYS: Mapping[Kind, tuple[Any, ...]] = {
    Kind.ENTERPRISE: (tables.Enterprise.__table__.c.id, tables.Silence.__table__.c.id),
    Kind.FUNCTION: (tables.Function.__table__.c.id,),
    Kind.APPOINTMENT: (tables.Appointment.__table__.c.id,),
    Kind.WORK_RELATION: (tables.WorkRelation.__table__.c.id,),
    Kind.GRANT: (tables.Grant.__table__.c.id,),
    Kind.REQUEST: (tables.Request.__table__.c.id,),
    Kind.RECOGNITION: (tables.Recognition.__table__.c.id, tables.Suspension.__table__.c.recognition),
    Kind.ESTABLISHMENT: (tables.Establishment.__table__.c.id, tables.EstablishmentMove.__table__.c.establishment),
    Kind.DEATH: (tables.Death.__table__.c.id,),
}
"""The columns by which the rows of a thing are found, in each table that tells of it."""

AT_ONCE = 64
"""So many things of a kind are asked about in one statement; there are few statements, for each is kept."""


class StoreTraces(Knowing):
    """Entries and what they made (`usecases.traces.Traces`)."""

    def people(self, ids: Iterable[str]) -> dict[str, Person]:
        """People as far as decisions go, by id, without their digital keys."""
        found = (
            select(person_t.c.id, death_t.c.day, auditor_t.c.id.label("auditor"))
            .select_from(
                person_t.outerjoin(death_t, and_(death_t.c.id == person_t.c.id, self.knows(death_t))).outerjoin(
                    auditor_t, and_(auditor_t.c.id == person_t.c.id, self.knows(auditor_t))
                )
            )
            .where(person_t.c.id.in_(sorted(set(ids))), person_t.c.recorded_to == OPEN)
        )
        return {id_: Person(id_, day, auditor is not None) for id_, day, auditor in self.connection.execute(found)}

    def changes(self, things: Iterable[Thing]) -> dict[Thing, tuple[int, ...]]:
        """The entries that made each thing, changed it or ended it, oldest first; none for what was always known."""
        made: dict[Thing, set[int]] = {thing: set() for thing in things}
        if not made:
            return {}
        kinds = sorted({thing.kind for thing in made})
        ids = {kind: [thing.id for thing in made if thing.kind is kind] for kind in kinds}
        for start in range(0, max(map(len, ids.values())), AT_ONCE):
            some = {kind: of_kind[start : start + AT_ONCE] for kind, of_kind in ids.items() if of_kind[start:]}
            for kind, id_, begun, ended in self._bounds(some):
                made[Thing(Kind(kind), id_)] |= {size - 1 for size in (begun, ended) if self._is_an_entry(size - 1)}
        return {thing: tuple(sorted(sequences)) for thing, sequences in made.items()}

    def _bounds(self, ids: Mapping[Kind, Sequence[str]]) -> list[Any]:
        """Between which sizes of the history the rows of things were known."""
        places = tuple((kind, 1 << (len(of_kind) - 1).bit_length()) for kind, of_kind in ids.items())
        parameters = {
            f"{kind}_{place}": ids[kind][min(place, len(ids[kind]) - 1)]
            for kind, most in places
            for place in range(most)
        }
        return _known_between(places).rows(self.connection, parameters)

    def leaves(self, sequences: Iterable[int]) -> dict[int, bytes]:
        """The leaves of some entries, by sequence."""
        wanted = sorted({sequence for sequence in sequences if self._is_an_entry(sequence)})
        found = select(entry_t.c.sequence, entry_t.c.leaf).where(entry_t.c.sequence.in_(wanted))
        return {sequence: bytes(leaf) for sequence, leaf in self.connection.execute(found)} if wanted else {}

    def wanted(self, wanted: Wanted, limit: int) -> list[Any]:
        """The newest of the entries wanted, with `sequence` and `leaf`."""
        first, *others = wanted.subjects
        key = subject_t.c.sequence
        found = (
            select(entry_t.c.sequence, entry_t.c.leaf)
            .join(subject_t, key == entry_t.c.sequence)
            .where(subject_t.c.subject == first, key >= wanted.since)
        )
        for other in others:
            also = subject_t.alias()
            found = found.where(select(also.c.sequence).where(also.c.subject == other, also.c.sequence == key).exists())
        if wanted.types:
            found = found.where(entry_t.c.type.in_(wanted.types))
        if wanted.actor is not None:
            found = found.where(entry_t.c.actor == wanted.actor)
        end = min((size for size in (wanted.before, self.size) if size is not None), default=OPEN)
        return list(self.connection.execute(found.where(key < end).order_by(key.desc()).limit(limit)))

    def _is_an_entry(self, sequence: int) -> bool:
        return 0 <= sequence < (OPEN - 1 if self.size is None else self.size)


@prepared
def _known_between(places: tuple[tuple[Kind, int], ...]) -> Any:
    """Between which sizes of the history rows were known, of things of each kind: as many ids as it has places."""
    parts = []
    for kind, most in places:
        ids: list[Any] = [bindparam(f"{kind}_{place}", type_=Text()) for place in range(most)]
        for key in KEYS[kind]:
            between = select(cast(str(kind), Text()), key, key.table.c.recorded_from, key.table.c.recorded_to)
            parts.append(between.where(key.in_(ids)))
    return union_all(*parts)
