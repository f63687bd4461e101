"""Lists of what one person is and has, in however many enterprises, and of what waits in them: pages, by index."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union

from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.model import Appointment, Grant, Request, Role, WorkRelation
from accessmgr.store import rows, tables
from accessmgr.store.chain_lists import LAST_TO_END, NEWEST_APPOINTMENT, NEWEST_RELATION, NEWEST_REQUEST
from accessmgr.store.known import Knowing, listed
from accessmgr.store.register_lists import function_of
from accessmgr.usecases.own_lists import Held

function_t = tables.Function.__table__
appointment_t = tables.Appointment.__table__
relation_t = tables.WorkRelation.__table__
grant_t = tables.Grant.__table__
request_t = tables.Request.__table__


class StoreOwnLists(Knowing):
    """What is of one person within one look (`usecases.own_lists.OwnLists`)."""

    def held_in(self, person: str, enterprises: Collection[str]) -> Held:
        """What the person is and has in those enterprises."""

        def found(what: Any, table: Any, column: str) -> list[Any]:
            mine = self.rows_with(select(*what), table, **{column: person})
            return list(self.connection.execute(mine.where(table.c.enterprise.in_(enterprises)).order_by(table.c.id)))

        appointments = found(rows.selected(Appointment, appointment_t), appointment_t, "holder")
        relations = found(rows.selected(WorkRelation, relation_t), relation_t, "person")
        return Held(
            [function_of(row) for row in found([function_t], function_t, "holder")],
            [rows.appointment(row) for row in appointments],
            [rows.work_relation(row) for row in relations],
            [rows.grant(row) for row in found(rows.selected(Grant, grant_t), grant_t, "holder")],
        )

    def role_places(self, person: str, at: datetime, today: date) -> list[str]:
        """The enterprises in which the person has an active role at a moment, or holds a function on its day."""
        accepted, closed = appointment_t.c.accepted_at, appointment_t.c.closed_at
        roles = self.rows_with(select(appointment_t.c.enterprise), appointment_t, holder=person)
        roles = roles.where(accepted <= at, or_(closed.is_(None), closed > at))
        functions = self.rows_with(select(function_t.c.enterprise), function_t, holder=person)
        last = function_t.c.last
        functions = functions.where(function_t.c.first <= today, or_(last.is_(None), last >= today))
        return sorted(self.connection.execute(union(roles, functions)).scalars())

    def places_of_grants(self, person: str) -> list[str]:
        """The enterprises in which the person has a grant, past ones too."""
        found = self.rows_with(select(grant_t.c.enterprise).distinct(), grant_t, holder=person)
        return list(self.connection.execute(found.order_by(grant_t.c.enterprise)).scalars())

    def with_main(self, enterprises: Collection[str], at: datetime) -> frozenset[str]:
        """Those of the enterprises in which somebody is main access manager at a moment, or is offered to be."""
        accepted, closed, offered = (appointment_t.c[name] for name in ("accepted_at", "closed_at", "offered_at"))
        found = self.rows_with(select(appointment_t.c.enterprise), appointment_t, role=str(Role.MAIN_ACCESS_MANAGER))
        found = found.where(
            appointment_t.c.enterprise.in_(enterprises),
            offered <= at,
            or_(closed.is_(None), closed > at),
            or_(accepted <= at, offered >= at - THIRTY_DAYS),
        )
        return frozenset(self.connection.execute(found).scalars())

    def offers_to(self, person: str, at: datetime, limit: int) -> list[Appointment]:
        """Offers that wait for the person's answer at a moment, the newest first."""
        accepted, closed, offered = (appointment_t.c[name] for name in ("accepted_at", "closed_at", "offered_at"))
        found = self.rows_with(select(*rows.selected(Appointment, appointment_t)), appointment_t, holder=person)
        found = found.where(
            offered <= at,
            offered >= at - THIRTY_DAYS,
            or_(accepted.is_(None), accepted > at),
            or_(closed.is_(None), closed > at),
        )
        found = found.order_by(*NEWEST_APPOINTMENT).limit(limit)
        return [rows.appointment(row) for row in self.connection.execute(found)]

    def own_grants(
        self,
        person: str,
        *,
        after: str | None = None,
        limit: int,
        enterprises: Collection[str] | None = None,
        begun: date | None = None,
    ) -> list[Grant]:
        """The next grants of the person after one (by id); those that end last come first."""
        found = self.rows_with(select(*rows.selected(Grant, grant_t)), grant_t, holder=person)
        if enterprises is not None:
            found = found.where(grant_t.c.enterprise.in_(enterprises))
        if begun is not None:
            found = found.where(grant_t.c.first <= begun)
        found = self._after(found, grant_t, grant_t.c.last, after).order_by(*LAST_TO_END)
        return [rows.grant(row) for row in self.connection.execute(found.limit(limit))]

    def own_relations(
        self, person: str, *, after: str | None = None, limit: int, begun: date | None = None
    ) -> list[WorkRelation]:
        """The next work relations of the person after one (by id), the newest first."""
        found = self.rows_with(select(*rows.selected(WorkRelation, relation_t)), relation_t, person=person)
        if begun is not None:
            found = found.where(relation_t.c.first <= begun)
        found = self._after(found, relation_t, relation_t.c.first, after).order_by(*NEWEST_RELATION)
        return [rows.work_relation(row) for row in self.connection.execute(found.limit(limit))]

    def own_requests(self, person: str, at: datetime, *, after: str | None = None, limit: int) -> list[Request]:
        """The next requests of the person after one (by id) that were made by a moment, the newest first."""
        found = self.rows_with(select(*rows.selected(Request, request_t)), request_t, requester=person)
        found = self._after(found.where(request_t.c.made_at <= at), request_t, request_t.c.made_at, after)
        return [rows.request(row) for row in self.connection.execute(found.order_by(*NEWEST_REQUEST).limit(limit))]

    def own_endings(self, person: str, at: datetime, first: date, last: date, limit: int) -> list[Grant | WorkRelation]:
        """Grants and work relations of the person whose last day lies between two days, the first to end first."""
        revoked = grant_t.c.revoked_at
        grants = self.rows_with(select(*rows.selected(Grant, grant_t)), grant_t, holder=person)
        grants = grants.where(grant_t.c.last.between(first, last), or_(revoked.is_(None), revoked > at))
        relations = self.rows_with(select(*rows.selected(WorkRelation, relation_t)), relation_t, person=person)
        relations = relations.where(relation_t.c.last.between(first, last))
        ending: list[Grant | WorkRelation] = [
            *map(rows.grant, self.connection.execute(grants.order_by(grant_t.c.last, grant_t.c.id).limit(limit))),
            *map(
                rows.work_relation,
                self.connection.execute(relations.order_by(relation_t.c.last, relation_t.c.id).limit(limit)),
            ),
        ]
        return sorted(ending, key=lambda one: one.period.last or date.max)[:limit]

    def requests_to_answer(
        self, enterprise: str, at: datetime, rights: Collection[str], *, after: str | None = None, limit: int
    ) -> list[Request]:
        """The next requests for some rights that are pending in an enterprise, the newest first, after one (by id)."""
        found = self._pending(select(*rows.selected(Request, request_t)), at)
        found = found.where(listed(request_t.c.enterprise) == enterprise, request_t.c.right.in_(rights))
        found = self._after(found, request_t, request_t.c.made_at, after).order_by(*NEWEST_REQUEST)
        return [rows.request(row) for row in self.connection.execute(found.limit(limit))]

    def pending_in(self, enterprises: Collection[str], at: datetime, but: str) -> Mapping[tuple[str, str], int]:
        """How many requests of others than a person are pending, by enterprise and right; those that have any."""
        by = (request_t.c.enterprise, request_t.c.right)
        found = self._pending(select(*by, func.count()), at).where(
            listed(request_t.c.enterprise).in_(enterprises), request_t.c.requester != but
        )
        return {(number, right): count for number, right, count in self.connection.execute(found.group_by(*by))}

    def ending_in(self, enterprises: Collection[str], at: datetime, first: date, last: date) -> Mapping[str, int]:
        """How many grants have their last day between two days, by enterprise; those that have any."""
        revoked = grant_t.c.revoked_at
        found = select(grant_t.c.enterprise, func.count()).where(
            self.knows(grant_t),
            listed(grant_t.c.enterprise).in_(enterprises),
            grant_t.c.last.between(first, last),
            or_(revoked.is_(None), revoked > at),
        )
        counted = self.connection.execute(found.group_by(grant_t.c.enterprise))
        return {row[0]: row[1] for row in counted}

    def _pending(self, statement: Select[Any], at: datetime) -> Select[Any]:
        made, closed = request_t.c.made_at, request_t.c.closed_at
        pending = (made >= at - THIRTY_DAYS, made <= at, or_(closed.is_(None), closed > at))
        return statement.where(self.knows(request_t), *pending)

    def _after(self, statement: Select[Any], table: Any, key: Any, after: str | None) -> Select[Any]:
        """The rows of a list in the order of a column, the greatest first, that follow the row of an id."""
        if after is None:
            return statement
        of_last = self.rows_with(select(key), table, id=after).scalar_subquery()
        return statement.where(or_(key < of_last, and_(key == of_last, table.c.id > after)))
