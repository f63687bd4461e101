"""What the pages of reviews share: their blueprint, the review of an address, words, and what waits for somebody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, request
from flask_babel import lazy_gettext as _

from accessmgr.usecases.reviews import Item, Outcome, Review
from accessmgr.usecases.world import Look
from accessmgr.web.current import product, world
from accessmgr.web.format import language
from accessmgr.web.users_area import Standing, managed

bp = Blueprint("reviews", __name__, url_prefix="/users/<enterprise:number>/reviews")

OUTCOMES: Mapping[Outcome, tuple[object, str]] = {
    Outcome.OPEN: (_("waits for an answer"), "wait"),
    Outcome.CONFIRMED: (_("confirmed"), "ok"),
    Outcome.CHANGED: (_("has another last day"), "ok"),
    Outcome.ENDED: (_("ended"), "plain"),
    Outcome.LAPSED: (_("ended, for nobody confirmed it"), "plain"),
    Outcome.NOT_ENDED: (_("not ended: the rules refused it"), "bad"),
    Outcome.UNANSWERED: (_("nobody answered"), "bad"),
    Outcome.OVER: (_("was over already"), "plain"),
}
"""What each standing is called, and the kind of its tag."""


@bp.app_context_processor
def words() -> dict[str, object]:
    """What standings are called, and the rights by code."""
    return {"review_outcomes": OUTCOMES, "rights_by_code": world().policy.rights}


@dataclass(frozen=True)
class Progress:
    """How far a review is: how many grants stand where."""

    review: Review
    counts: Mapping[Outcome, int]

    @property
    def open(self) -> int:
        """How many wait for an answer."""
        return self.counts.get(Outcome.OPEN, 0)

    @property
    def settled(self) -> int:
        """How many wait no more."""
        return sum(self.counts.values()) - self.open


def of_managed(number: str, review_id: str) -> tuple[Standing, Review]:
    """Where the person stands, who manages users of the enterprise, and a review of it; 404 if there is none."""
    here = managed(number)
    return here, review_of(number, review_id)


def review_of(number: str, review_id: str) -> Review:
    """A review of an enterprise; 404 if there is none of that id."""
    found = product().reviews.find(review_id)
    if found is None or found.enterprise != number:
        abort(404)
    return found


def position_in_address() -> int:
    """After which place in the review a page goes on; -1 from the beginning."""
    after = request.args.get("after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 9 else -1


def progress_of(reviews: Collection[Review], today: date) -> list[Progress]:
    """How far each of some reviews is, in one query."""
    counts = product().reviews.count([each.id for each in reviews], today) if reviews else {}
    return [Progress(each, counts[each.id]) for each in reviews]


def reviews_waiting(numbers: Collection[str], today: date) -> list[Progress]:
    """The reviews in which rights wait for an answer, in enterprises whose users a person manages: for the start page.

    Two queries, however many enterprises there are.
    """
    going_on = [each for each in product().reviews.going_on(numbers) if each.takes_answers(today)] if numbers else []
    return [each for each in progress_of(going_on, today) if each.open]


def shown(seen: Look, found: Review, items: Sequence[Item]) -> dict[str, object]:
    """What every page of a review shows of it: the enterprise, and the names of the people in some of its grants."""
    number = found.enterprise
    people = {id_ for each in items for id_ in (each.grant.holder, each.grant.by, each.by)}
    return {
        "number": number,
        "name": seen.lists.enterprise_names([number], language())[number],
        "review": found,
        "people": seen.lists.names({found.opened_by, *people}),
    }
