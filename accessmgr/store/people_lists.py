"""Lists of people: their names, the personas, who can sign in, and who is linked to an enterprise."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from accessmgr.store import tables
from accessmgr.store.known import Knowing, holding, listed
from accessmgr.store.prepared import prepared
from accessmgr.store.vaulted import is_erased
from accessmgr.usecases.grant_lists import ByName
from accessmgr.usecases.lists import PAGE, Named

person_t = tables.Person.__table__
persona_t = tables.Persona.__table__
key_t = tables.DigitalKey.__table__
relation_t = tables.WorkRelation.__table__
BY_NAME = (person_t.c.family, person_t.c.given, person_t.c.id)

MANY = 2000
"""Of an enterprise with so many people, a page is found by going through everybody by name, not by sorting its own."""


@prepared
def _personas() -> Select[Any]:
    return select(persona_t.c.name, persona_t.c.person)


class PeopleLists(Knowing):
    """People within one look."""

    def names(self, ids: Iterable[str | None]) -> dict[str, Named]:
        """The people with those ids, by id."""
        wanted = sorted({id_ for id_ in ids if id_})
        found = self._people().where(person_t.c.id.in_(wanted))
        return {row.id: Named(*row) for row in self.connection.execute(found)} if wanted else {}

    def language_of(self, person: str) -> str | None:
        """The language that the person uses here, None if it is not known."""
        found = self.rows_with(select(person_t.c.language), person_t, id=person)
        return self.connection.execute(found).scalar()

    def personas(self) -> dict[str, str]:
        """The ids of the fictional people of a simulated world, by short name."""
        return dict(_personas().rows(self.connection, {}))

    def sign_in_people(
        self, key: str | None, *, search: str = "", id_: str | None = None, limit: int = PAGE
    ) -> list[Named]:
        """The people who have activated a digital key (None: any), by family name; nobody who was erased."""
        activated = self.rows_with(select(key_t.c.person), key_t, key=key, person=id_)
        found = _named(self._people().where(person_t.c.id.in_(activated), ~is_erased(person_t)), search)
        return [Named(*row) for row in self.connection.execute(found.order_by(*BY_NAME).limit(limit))]

    def people_of(
        self,
        enterprise: str,
        *,
        search: str = "",
        after: ByName | None = None,
        begun: date | None = None,
    ) -> list[Named]:
        """A page of the people who have or had a work relation with an enterprise, by family name.

        `after` is (family, given, id) of the last one of the page before. With `begun`, only work relations
        count that began on that day or before.
        """
        linked = self.rows_with(select(relation_t.c.person), relation_t, enterprise=enterprise)
        if begun is not None:
            linked = linked.where(relation_t.c.first <= begun)
        return self._by_name(linked, search=search, after=after, limit=PAGE + 1)

    def _by_name(self, tied: Select[Any], *, search: str, after: ByName | None, limit: int) -> list[Named]:
        """The next people by name among those whose ids a statement selects, with a text in their name."""
        (id_,) = tied.selected_columns
        if self._are_many(tied):
            among, order = tied.where(id_ == person_t.c.id).exists(), (listed(person_t.c.family), *BY_NAME[1:])
        else:
            among, order = person_t.c.id.in_(tied), BY_NAME
        found = _named(self._people().where(among), search)
        if after is not None:
            found = found.where(tuple_(*order) > tuple_(*after))
        return [Named(*row) for row in self.connection.execute(found.order_by(*order).limit(limit))]

    def _are_many(self, tied: Select[Any]) -> bool:
        if self.size is not None:
            return False
        counted = select(func.count()).select_from(tied.limit(MANY).subquery())
        return bool(self.connection.execute(counted).scalar_one() == MANY)

    def _people(self) -> Select[Any]:
        return select(person_t.c.id, person_t.c.given, person_t.c.family).where(self.knows(person_t))


def _named(people: Select[Any], search: str) -> Select[Any]:
    """Those whose name holds a text."""
    if search:
        people = people.where(full_name().like(holding(search), escape="\\"))
    return people


def full_name() -> Any:
    """Given name and family name in lower case, to look for a part of them."""
    return func.lower(person_t.c.given + " " + person_t.c.family)
