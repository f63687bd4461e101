"""Lists of the chain: appointments, work relations, grants and requests, of an enterprise or of a person."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, union

from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.events import Noun
from accessmgr.core.model import Appointment, Grant, Request, WorkRelation
from accessmgr.store import rows, tables
from accessmgr.store.known import NOW, OF_ENTERPRISE, Knowing, known
from accessmgr.store.prepared import prepared

function_t = tables.Function.__table__
appointment_t = tables.Appointment.__table__
relation_t = tables.WorkRelation.__table__
grant_t = tables.Grant.__table__
request_t = tables.Request.__table__

NEWEST_APPOINTMENT = (appointment_t.c.offered_at.desc(), appointment_t.c.id)
NEWEST_RELATION = (relation_t.c.first.desc(), relation_t.c.id)
LAST_TO_END = (grant_t.c.last.desc(), grant_t.c.id)
NEWEST_REQUEST = (request_t.c.made_at.desc(), request_t.c.id)


class ChainLists(Knowing):
    """The chain within one look."""

    def enterprises_of(self, person: str) -> list[str]:
        """The numbers of the enterprises to which the person has a tie: function, appointment, link, grant, request."""
        ties = (
            (function_t, "holder"),
            (appointment_t, "holder"),
            (relation_t, "person"),
            (grant_t, "holder"),
            (request_t, "requester"),
        )
        tied = union(*(self.rows_with(select(table.c.enterprise), table, **{column: person}) for table, column in ties))
        return sorted(number for (number,) in self.connection.execute(tied))

    def appointments(
        self, *, enterprise: str | None = None, holder: str | None = None, id_: str | None = None
    ) -> list[Appointment]:
        """The appointments in an enterprise, or those of a person, the newest first."""
        if enterprise is not None and holder is None and id_ is None:
            parameters = {"enterprise": enterprise, "known": NOW if self.size is None else self.size}
            return [rows.appointment(row) for row in _appointments_in().rows(self.connection, parameters)]
        found = self._all(Appointment, enterprise=enterprise, holder=holder, id=id_)
        return [rows.appointment(row) for row in self.connection.execute(found.order_by(*NEWEST_APPOINTMENT))]

    def work_relations(
        self, *, enterprise: str | None = None, person: str | None = None, id_: str | None = None
    ) -> list[WorkRelation]:
        """The work relations of a person, or of one in an enterprise; the newest first."""
        found = self._all(WorkRelation, enterprise=enterprise, person=person, id=id_)
        return [rows.work_relation(row) for row in self.connection.execute(found.order_by(*NEWEST_RELATION))]

    def relations_among(self, enterprise: str, people: Iterable[str]) -> list[WorkRelation]:
        """The work relations of some people with an enterprise, the newest first."""
        found = self._all(WorkRelation, enterprise=enterprise).where(relation_t.c.person.in_(sorted(set(people))))
        return [rows.work_relation(row) for row in self.connection.execute(found.order_by(*NEWEST_RELATION))]

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
        found = self._all(Grant, enterprise=enterprise, holder=holder, right=right, id=id_).order_by(*LAST_TO_END)
        return [rows.grant(row) for row in self.connection.execute(found.limit(limit) if limit else found)]

    def grants_among(self, enterprise: str, people: Iterable[str]) -> list[Grant]:
        """The grants of some people in an enterprise; the ones that end last come first."""
        found = self._all(Grant, enterprise=enterprise).where(grant_t.c.holder.in_(sorted(set(people))))
        return [rows.grant(row) for row in self.connection.execute(found.order_by(*LAST_TO_END))]

    def grants_ending(self, ranges: Iterable[tuple[date, date]]) -> list[Grant]:
        """The grants whose last day lies in one of the ranges of days, their bounds included."""
        ends = or_(*(grant_t.c.last.between(first, last) for first, last in ranges))
        return [rows.grant(row) for row in self.connection.execute(self._all(Grant).where(ends).order_by(*LAST_TO_END))]

    def count_grants(self, enterprise: str) -> int:
        """How many grants there are in an enterprise, past ones too."""
        found = self.rows_with(select(func.count()).select_from(grant_t), grant_t, enterprise=enterprise)
        return int(self.connection.execute(found).scalar_one())

    def requests(
        self, *, enterprise: str | None = None, requester: str | None = None, id_: str | None = None
    ) -> list[Request]:
        """Requests in an enterprise, or of a person, the newest first."""
        found = self._all(Request, enterprise=enterprise, requester=requester, id=id_)
        return [rows.request(row) for row in self.connection.execute(found.order_by(*NEWEST_REQUEST))]

    def pending_requests(self, enterprise: str, at: datetime) -> list[Request]:
        """The requests in an enterprise that are pending at a moment, the newest first."""
        made = request_t.c.made_at
        found = self._all(Request, enterprise=enterprise).where(
            made >= at - THIRTY_DAYS,
            made <= at,
            or_(request_t.c.closed_at.is_(None), request_t.c.closed_at > at),
        )
        return [rows.request(row) for row in self.connection.execute(found.order_by(*NEWEST_REQUEST))]

    def _all(self, noun: type[Noun], **wanted: str | None) -> Any:
        table = rows.TABLES[noun]
        return self.rows_with(select(*rows.selected(noun, table)), table, **wanted)


@prepared
def _appointments_in() -> Any:
    """The appointments in an enterprise: asked for each decision about entering."""
    found = select(*rows.selected(Appointment, appointment_t))
    return found.where(appointment_t.c.enterprise == OF_ENTERPRISE, known(appointment_t)).order_by(*NEWEST_APPOINTMENT)
