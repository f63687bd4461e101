"""What managers are told of reviews: that one is opened, that grants wait for an answer, and that it is closed."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import day_of
from accessmgr.usecases.notices import Kind, Notice, in_force, managing
from accessmgr.usecases.perform import consider_in
from accessmgr.usecases.reviews import CLOSED, OPENED, REMINDED, Review, Reviews
from accessmgr.usecases.world import Look, World


def of_review(look: Look, world: World, reviews: Reviews, entry: Mapping[str, Any]) -> Iterator[Notice]:
    """What an entry about a review means for whom."""
    if entry["type"] not in (OPENED, CLOSED):
        return
    review = reviews.find(entry["data"]["review"])
    if review is None:
        return
    at = datetime.fromisoformat(entry["recorded_at"])
    if entry["type"] == OPENED:
        for person in _answering(look, world, reviews, review, at):
            if person != review.opened_by:
                yield _notice(Kind.REVIEW_OPENED, review, person, at)
        return
    for person in sorted({review.opened_by, *managing(look, review.enterprise, at)}):
        yield _notice(Kind.REVIEW_CLOSED, review, person, at)


def waiting(look: Look, world: World, reviews: Reviews, before: date, today: date) -> Iterator[Notice]:
    """Who is reminded of grants that wait, when the day becomes `today` after `before`: seven days ahead, and last."""
    at = world.clock.now()
    for review in reviews.going_on():
        ahead = [each for each in REMINDED if before < review.last_day - each <= today <= review.last_day]
        if ahead:
            for person in _answering(look, world, reviews, review, at):
                yield _notice(Kind.REVIEW_WAITS, review, person, at, f":{min(ahead).days}")


def _answering(look: Look, world: World, reviews: Reviews, review: Review, at: datetime) -> list[str]:
    """The people with a role in the enterprise whom the rules let answer for some grant that is open."""
    grants = reviews.one_of_each_right(review.id, day_of(at))
    holders = sorted({each.holder for each in in_force(look, review.enterprise, at)})
    asks = {
        holder: [
            Ask(action=Action.EXTEND_GRANT, actor=holder, grant=grant, last_day=review.last_day) for grant in grants
        ]
        for holder in holders
    }
    return [
        holder for holder in holders if any(consider_in(world, look, ask).decision.permitted for ask in asks[holder])
    ]


def _notice(kind: Kind, review: Review, person: str, at: datetime, which: str = "") -> Notice:
    return Notice(
        id=f"{kind}:{review.id}{which}:{person}",
        person=person,
        kind=kind,
        made_at=at,
        enterprise=review.enterprise,
        thing=review.id,
        last=review.last_day,
    )
