"""What the drawing of a whole enterprise is made from: who is in it, in groups if many, and the days of change.

Nothing here decides. People are told apart by the facts that decisions about entering differ in, and the rules are
asked about one of each group.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Text, and_, case, column, exists, func, literal, or_, select, true, union, union_all

from accessmgr.core.model import Register, TargetGroup
from accessmgr.store import tables
from accessmgr.store.known import NOW, Knowing
from accessmgr.store.register_facts import read_register
from accessmgr.usecases.drawn import Group, Span, Ties

person_t = tables.Person.__table__
death_t = tables.Death.__table__
relation_t = tables.WorkRelation.__table__
grant_t = tables.Grant.__table__
appointment_t = tables.Appointment.__table__
function_t = tables.Function.__table__
recognition_t = tables.Recognition.__table__
suspension_t = tables.Suspension.__table__
enterprise_t = tables.Enterprise.__table__

ELEMENTS = {"sqlite": func.json_each, "postgresql": func.jsonb_array_elements_text}
"""What gives the contexts of a grant as rows, by the kind of database."""

MOST_MOMENTS = 500
DAY = timedelta(days=1)


class StoreDrawnLists(Knowing):
    """The people of an enterprise around a day, within one look (`usecases.drawn.DrawnLists`)."""

    def register(
        self, enterprise: str, establishments: Iterable[str] = ()
    ) -> tuple[Register | None, TargetGroup | None]:
        """What the register answers about an enterprise, and its target group; None where it has no answer.

        Of the establishment units only those named are in it.
        """
        size = NOW if self.size is None else self.size
        return read_register(self.connection, enterprise, tuple(sorted(set(establishments))), size)

    def people_around(self, enterprise: str, span: Span, limit: int) -> list[str]:
        """The ids of the people who are linked to the enterprise or hold a right there around a day, at most so many.

        In no order that means something.
        """
        linked = self._relations(enterprise, span, relation_t.c.person.label("person"))
        holding = self._grants(enterprise, span, grant_t.c.holder.label("person"))
        some = (select(each.distinct().limit(limit).subquery().c.person) for each in (linked, holding))
        return sorted(set(self.connection.execute(union(*some)).scalars()))[:limit]

    def groups_around(self, enterprise: str, span: Span) -> list[tuple[Group, int, str]]:
        """The groups that people form around a day, each with its size and the id of one of its people."""
        each = self._held(enterprise, span)
        key = (each.c.right, each.c.context, each.c.granted, each.c.linked, each.c.alive)
        found = select(*key, func.count(), func.min(each.c.holder)).group_by(*key).order_by(*key)
        groups = [
            (Group(right, context, bool(granted), bool(linked), bool(alive)), count, one)
            for right, context, granted, linked, alive, count, one in self.connection.execute(found)
        ]
        alone = self._without_right(enterprise, span).subquery()
        count, one = self.connection.execute(select(func.count(), func.min(alone.c.person))).one()
        return [*groups, (Group.without_right(), count, one)] if count else groups

    def makers_of_groups(self, enterprise: str, span: Span) -> list[Ties]:
        """Who made the rights of the groups: for each right, context and maker, how many grants there are."""
        context = self._context()
        key = (grant_t.c.right, context.c.value, grant_t.c.by)
        found = self._grants(enterprise, span, *key, func.count()).join(context, true())
        return [Ties(*row) for row in self.connection.execute(found.group_by(*key).order_by(*key))]

    def people_in_group(self, enterprise: str, span: Span, group: Group, after: str | None, limit: int) -> list[str]:
        """A page of the ids of the people of a group, by family name; `after` is the last of the page before."""
        if group.right is None:
            within: Any = self._without_right(enterprise, span)
        else:
            each = self._held(enterprise, span, group.right)
            within = select(each.c.holder).where(
                each.c.context == group.context,
                each.c.granted == int(group.granted),
                each.c.linked == int(group.linked),
                each.c.alive == int(group.alive),
            )
        order = (person_t.c.family, person_t.c.given, person_t.c.id)
        found = select(person_t.c.id).where(self.knows(person_t), person_t.c.id.in_(within))
        if after is not None:
            last = self.connection.execute(select(*order).where(self.knows(person_t), person_t.c.id == after)).first()
            if last is None:
                return []
            found = found.where(
                or_(
                    order[0] > last[0],
                    and_(order[0] == last[0], order[1] > last[1]),
                    and_(order[0] == last[0], order[1] == last[1], order[2] > last[2]),
                )
            )
        return list(self.connection.execute(found.order_by(*order).limit(limit)).scalars())

    def days_of_change(self, enterprise: str) -> tuple[list[date], list[datetime]]:
        """The days on which something of the enterprise begins or is over, and the latest moments of acts.

        The moments are those of roles taken and ended, and of rights revoked: at most five hundred of each.
        """
        lasting: list[Any] = [self._of(enterprise, table, table.c.first, table.c.last) for table in LASTING]
        suspended = (
            select(suspension_t.c.first, suspension_t.c.last)
            .join(recognition_t, recognition_t.c.id == suspension_t.c.recognition)
            .where(self.knows(suspension_t), self.knows(recognition_t), recognition_t.c.enterprise == enterprise)
        )
        own = select(enterprise_t.c.first, enterprise_t.c.last).where(self.knows(enterprise_t))
        lasting += [suspended, own.where(enterprise_t.c.id == enterprise)]
        bounds = self.connection.execute(union(*lasting)).all()
        days = {first for first, _last in bounds} | {last + DAY for _first, last in bounds if last is not None}
        acts = (
            (appointment_t, appointment_t.c.accepted_at),
            (appointment_t, appointment_t.c.closed_at),
            (grant_t, grant_t.c.revoked_at),
        )
        latest = [
            select(
                self._of(enterprise, table, moment.label("moment"))
                .where(moment.is_not(None))
                .distinct()
                .order_by(moment.desc())
                .limit(MOST_MOMENTS)
                .subquery()
                .c.moment
            )
            for table, moment in acts
        ]
        return sorted(days), sorted(set(self.connection.execute(union_all(*latest)).scalars()))

    # --- the parts of these queries -----------------------------------------------------------------------

    def _of(self, enterprise: str, table: Any, *columns: Any) -> Select[Any]:
        return select(*columns).where(self.knows(table), table.c.enterprise == enterprise)

    def _relations(self, enterprise: str, span: Span, *columns: Any) -> Select[Any]:
        """The work relations that are current in the span around the day."""
        last = relation_t.c.last
        current = (relation_t.c.first <= span.until, or_(last.is_(None), last >= span.since))
        return self._of(enterprise, relation_t, *columns).where(*current)

    def _grants(self, enterprise: str, span: Span, *columns: Any) -> Select[Any]:
        """The grants that are current in the span around the day, and were not revoked before it."""
        last, revoked = grant_t.c.last, grant_t.c.revoked_at
        return self._of(enterprise, grant_t, *columns).where(
            grant_t.c.first <= span.until,
            or_(last.is_(None), last >= span.since),
            or_(revoked.is_(None), revoked > span.since_moment),
        )

    def _context(self) -> Any:
        return ELEMENTS[self.connection.dialect.name](grant_t.c.contexts).table_valued(column("value", Text()))

    def _held(self, enterprise: str, span: Span, right: str | None = None) -> Any:
        """Who holds what around the day, once each, with the facts that decisions about it differ in."""
        context = self._context()
        last, revoked = grant_t.c.last, grant_t.c.revoked_at
        effective = and_(
            grant_t.c.first <= span.day,
            or_(last.is_(None), last >= span.day),
            or_(revoked.is_(None), revoked > span.at),
        )
        key = (grant_t.c.holder, grant_t.c.right, context.c.value.label("context"))
        found = self._grants(enterprise, span, *key, func.max(case((effective, 1), else_=0)).label("granted"))
        if right is not None:
            found = found.where(grant_t.c.right == right)
        held = found.join(context, true()).group_by(*(part for part in key)).subquery("held")
        linked = exists().where(
            self.knows(relation_t),
            relation_t.c.enterprise == enterprise,
            relation_t.c.person == held.c.holder,
            relation_t.c.first <= span.day,
            or_(relation_t.c.last.is_(None), relation_t.c.last >= span.day),
        )
        dead = exists().where(self.knows(death_t), death_t.c.id == held.c.holder, death_t.c.day <= span.day)
        return select(
            held,
            case((linked, 1), else_=0).label("linked"),
            case((dead, 0), else_=1).label("alive"),
        ).subquery("each")

    def _without_right(self, enterprise: str, span: Span) -> Select[Any]:
        """The people who are linked around the day, and hold no right around it."""
        held = self._grants(enterprise, span, literal(1)).where(grant_t.c.holder == relation_t.c.person)
        return self._relations(enterprise, span, relation_t.c.person).where(~held.exists()).distinct()


LASTING = (grant_t, relation_t, function_t, recognition_t)
"""Tables of what an enterprise has for a period."""
