"""The tables of reviews (`usecases.reviews.Reviews`)."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Engine, and_, case, func, or_, select, update

from accessmgr.core.days import day_of
from accessmgr.core.events import What
from accessmgr.core.model import Grant
from accessmgr.store import review_tables, rows, tables
from accessmgr.store.engine import begin
from accessmgr.store.look import Look as StoredLook
from accessmgr.store.tables import OPEN
from accessmgr.usecases.reviews import Item, Outcome, Review
from accessmgr.usecases.world import Look, Writing

review_t = review_tables.Review.__table__
item_t = review_tables.ReviewedGrant.__table__
grant_t = tables.Grant.__table__
entry_t = tables.Entry.__table__
subject_t = tables.EntrySubject.__table__

OF_ITEM = ("review", "position", "used", "was", "outcome", "by", "entry", "last", "because")
"""The columns of a grant in a review, before those of the grant."""
ITEM_WITH_GRANT = item_t.join(grant_t, and_(grant_t.c.id == item_t.c.grant, grant_t.c.recorded_to == OPEN))
BATCH = 1000


class StoredReviews:
    """The tables of reviews."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, tx: Writing, review: Review, items: Iterable[Item]) -> None:
        """Keep a new review."""
        values = {field.name: getattr(review, field.name) for field in fields(review)}
        _connection(tx).execute(review_t.insert(), values)
        _connection(tx).execute(item_t.insert(), [{**_columns(each), "grant": each.grant.id} for each in items])

    def find(self, id_: str) -> Review | None:
        """The review with that id."""
        return next(iter(self._reviews(select(review_t).where(review_t.c.id == id_))), None)

    def of(self, enterprise: str) -> Sequence[Review]:
        """The reviews of an enterprise, the newest first."""
        of_enterprise = select(review_t).where(review_t.c.enterprise == enterprise)
        return self._reviews(of_enterprise.order_by(review_t.c.opened.desc()))

    def going_on(self, enterprises: Collection[str] | None = None) -> Sequence[Review]:
        """The reviews that are not closed, of some enterprises or of all, the one that ends first before others."""
        found = select(review_t).where(review_t.c.closed.is_(None)).order_by(review_t.c.last_day, review_t.c.opened)
        if enterprises is not None:
            found = found.where(review_t.c.enterprise.in_(sorted(enterprises)))
        return self._reviews(found)

    def count(self, ids: Collection[str], today: date) -> Mapping[str, Mapping[Outcome, int]]:
        """How many grants of each of some reviews stand where."""
        standing = case(
            (and_(item_t.c.outcome == str(Outcome.OPEN), _is_over(today)), str(Outcome.OVER)), else_=item_t.c.outcome
        ).label("standing")
        counted = select(item_t.c.review, standing, func.count()).select_from(ITEM_WITH_GRANT)
        counted = counted.where(item_t.c.review.in_(sorted(ids))).group_by(item_t.c.review, standing)
        found: dict[str, dict[Outcome, int]] = {id_: {} for id_ in ids}
        with begin(self.engine, writing=False) as connection:
            for review, outcome, number in connection.execute(counted):
                found[review][Outcome(outcome)] = number
        return found

    def items(
        self,
        id_: str,
        today: date,
        only: Collection[Outcome] | None = None,
        *,
        rights: Collection[str] | None = None,
        after: int = -1,
        limit: int | None = None,
    ) -> Sequence[Item]:
        """The grants of a review after a position, in its order; of some standings and rights, or of all."""
        found = _items().where(item_t.c.review == id_, item_t.c.position > after).order_by(item_t.c.position)
        if only is not None:
            found = found.where(_stands(only, today))
        if rights is not None:
            found = found.where(grant_t.c.right.in_(sorted(rights)))
        return self._items(found.limit(limit) if limit is not None else found)

    def item(self, id_: str, grant: str) -> Item | None:
        """A grant in a review."""
        return next(iter(self._items(_items().where(item_t.c.review == id_, item_t.c.grant == grant))), None)

    def one_of_each_right(self, id_: str, today: date) -> Sequence[str]:
        """The id of one grant of each right of which some grant is open."""
        found = select(func.min(grant_t.c.id)).select_from(ITEM_WITH_GRANT).group_by(grant_t.c.right)
        found = found.where(item_t.c.review == id_, _stands({Outcome.OPEN}, today))
        with begin(self.engine, writing=False) as connection:
            return list(connection.execute(found).scalars())

    def last_uses(self, look: Look, enterprise: str, since: int) -> Mapping[tuple[str, str], date]:
        """The day on which each holder last entered by each right in an enterprise, from an entry on."""
        key, used = subject_t.c.sequence, dict[tuple[str, str], date]()
        entered = select(entry_t.c.actor, entry_t.c.recorded_at, entry_t.c.leaf).join(
            subject_t, key == entry_t.c.sequence
        )
        entered = entered.where(
            subject_t.c.subject == enterprise, key >= since, entry_t.c.type == str(What.AREA_ENTERED)
        )
        for actor, at, leaf in _connection(look).execute(entered.order_by(key)).yield_per(BATCH):
            used[actor, json.loads(leaf)["decision"]["asked"]["right"]] = day_of(at)
        return used

    def answer(self, tx: Writing, item: Item) -> None:
        """Keep what was answered for a grant."""
        own = update(item_t).where(item_t.c.review == item.review, item_t.c.position == item.position)
        _connection(tx).execute(own.values(_columns(item)))

    def settle(self, tx: Writing, id_: str, today: date) -> None:
        """Give what is open its last standing: over or unanswered."""
        over = select(item_t.c.position).select_from(ITEM_WITH_GRANT).where(item_t.c.review == id_, _is_over(today))
        is_open = update(item_t).where(item_t.c.review == id_, item_t.c.outcome == str(Outcome.OPEN))
        _connection(tx).execute(is_open.where(item_t.c.position.in_(over)).values(outcome=str(Outcome.OVER)))
        _connection(tx).execute(is_open.values(outcome=str(Outcome.UNANSWERED)))

    def close(self, tx: Writing, id_: str, closed: int, at: datetime) -> None:
        """Note by which entry a review was closed, and when."""
        _connection(tx).execute(update(review_t).where(review_t.c.id == id_).values(closed=closed, closed_at=at))

    def _reviews(self, found: Any) -> list[Review]:
        with begin(self.engine, writing=False) as connection:
            return [Review(**row) for row in connection.execute(found).mappings()]

    def _items(self, found: Any) -> list[Item]:
        with begin(self.engine, writing=False) as connection:
            return [_item(row) for row in connection.execute(found)]


def _connection(look: Look | Writing) -> Any:
    return cast(StoredLook, look).connection


def _is_over(today: date) -> Any:
    return or_(grant_t.c.revoked_at.is_not(None), grant_t.c.last < today)


def _stands(only: Collection[Outcome], today: date) -> Any:
    """Whether a grant stands at one of these, as `Item.standing` tells it."""
    is_open = item_t.c.outcome == str(Outcome.OPEN)
    kept = item_t.c.outcome.in_(sorted(set(map(str, only)) - {str(Outcome.OPEN)}))
    still_open = and_(is_open, ~func.coalesce(_is_over(today), False))
    wanted = [kept]
    wanted += [still_open] if Outcome.OPEN in only else []
    wanted += [and_(is_open, _is_over(today))] if Outcome.OVER in only else []
    return or_(*wanted)


def _items() -> Any:
    return select(*(item_t.c[name] for name in OF_ITEM), *rows.selected(Grant, grant_t)).select_from(ITEM_WITH_GRANT)


def _item(row: Any) -> Item:
    own = dict(zip(OF_ITEM, row[: len(OF_ITEM)], strict=True))
    own |= {"outcome": Outcome(own["outcome"]), "because": tuple(own["because"].split())}
    return Item(**own, grant=rows.grant(row[len(OF_ITEM) :]))


def _columns(item: Item) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in OF_ITEM}
    return {**values, "outcome": str(item.outcome), "because": " ".join(item.because)}
