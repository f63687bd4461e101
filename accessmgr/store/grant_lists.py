"""Lists of the grants of an enterprise that one looks for: a page of them by index, however many there are."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, Text, cast, func, or_, select, tuple_

from accessmgr.core.model import Grant
from accessmgr.store import rows, tables
from accessmgr.store.known import holding, listed
from accessmgr.store.people_lists import PeopleLists, full_name
from accessmgr.usecases.grant_lists import ByName, Sought

person_t = tables.Person.__table__
grant_t = tables.Grant.__table__
FIRST_TO_END = (grant_t.c.last, grant_t.c.id)


class StoreGrantLists(PeopleLists):
    """Grants within one look (`usecases.grant_lists.GrantLists`)."""

    def grants_sought(self, sought: Sought, after: tuple[date, str] | None, limit: int) -> list[Grant]:
        """The next grants in the order of their last day, after the one of that last day and id."""
        found = self._listed(sought, *rows.selected(Grant, grant_t)).order_by(*FIRST_TO_END).limit(limit)
        if sought.name:
            found = found.where(self._is_named(sought.name))
        if after is not None:
            found = found.where(tuple_(*FIRST_TO_END) > tuple_(*after))
        return [rows.grant(row) for row in self.connection.execute(found)]

    def count_sought(self, sought: Sought) -> int:
        """How many grants are sought."""
        found = self._listed(sought, func.count())
        if sought.name:
            found = found.where(self._is_named(sought.name))
        return int(self.connection.execute(found).scalar_one())

    def holders_sought(self, sought: Sought, after: ByName | None, limit: int) -> list[str]:
        """The ids of the next people by family name who hold a grant that is sought."""
        tied = self._tied(sought, grant_t.c.holder)
        return [one.id for one in self._by_name(tied, search=sought.name, after=after, limit=limit)]

    def grants_sought_of(self, sought: Sought, people: Sequence[str]) -> list[Grant]:
        """The grants sought of some people; the ones that end first come first."""
        found = self._tied(sought, *rows.selected(Grant, grant_t)).where(grant_t.c.holder.in_(people))
        return [rows.grant(row) for row in self.connection.execute(found.order_by(*FIRST_TO_END))]

    def _listed(self, sought: Sought, *what: Any) -> Select[Any]:
        """What is asked of the grants sought, by the index for lists."""
        return self._sought(sought, listed(grant_t.c.enterprise), *what)

    def _tied(self, sought: Sought, *what: Any) -> Select[Any]:
        """What is asked of the grants sought of some people, by the index of holders."""
        return self._sought(sought, grant_t.c.enterprise, *what)

    def _is_named(self, name: str) -> Any:
        """Whether the name of a grant's holder holds a text."""
        named = select(person_t.c.id).where(person_t.c.id == grant_t.c.holder, self.knows(person_t))
        return named.where(full_name().like(holding(name), escape="\\")).exists()

    def _sought(self, sought: Sought, enterprise: Any, *what: Any) -> Select[Any]:
        """What is asked of the grants sought, whoever holds them. Each has a last day: without one it is too long."""
        last, revoked = grant_t.c.last, grant_t.c.revoked_at
        found = select(*what).where(self.knows(grant_t), enterprise == sought.enterprise, last >= sought.today)
        found = found.where(or_(revoked.is_(None), revoked > sought.at))
        if sought.right is not None:
            found = found.where(grant_t.c.right == sought.right)
        if sought.context is not None:
            named = holding(f'"{sought.context}"')
            found = found.where(func.lower(cast(grant_t.c.contexts, Text)).like(named, escape="\\"))
        if sought.ends_before is not None:
            found = found.where(grant_t.c.last < sought.ends_before)
        if sought.begun_by is not None:
            found = found.where(grant_t.c.first <= sought.begun_by)
        return found
