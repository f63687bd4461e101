"""Reviews: managers go through the grants of an enterprise, and confirm, change or end each, until a last day.

A review decides nothing. To confirm a grant is to ask that it last until the day on which it ends anyway, to change
it is to ask for another day, and to end it is to ask that it be revoked: the rules decide on each, as on any page.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import day_of
from accessmgr.core.events import plain
from accessmgr.core.ledger import canonical
from accessmgr.core.model import Grant
from accessmgr.usecases.perform import Done, decided, new_id, recorded
from accessmgr.usecases.world import Conflict, Look, Unknown, World, Writing

OPENED, CLOSED = "review.opened", "review.closed"
"""The types of the entries of the history that tell of a review: no rule decides on them."""
LOOKED_BACK = timedelta(days=365)
"""How far back the use of a grant is looked for."""
REMINDED = (timedelta(days=7), timedelta(0))
"""How long before the last day managers are reminded of what is open."""
AT_ONCE = 50
"""So many grants are answered for in one transaction at most, so that readers need not wait for all."""


class Outcome(StrEnum):
    """Where a grant stands in a review: nobody answered yet, what a manager answered, or what its end brought."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    ENDED = "ended"
    LAPSED = "lapsed"
    NOT_ENDED = "not_ended"
    UNANSWERED = "unanswered"
    OVER = "over"


ANSWERS = (Outcome.CONFIRMED, Outcome.CHANGED, Outcome.ENDED)
"""What a manager can answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of an enterprise, open until the end of its last day.

    :param level: that of the digital key with which it was opened, and by which it ends what nobody confirmed
    :param sample: how many grants were wanted, the ones unused for longest; None is all
    :param ends: whether what is not confirmed by the last day ends
    :param opened: the entry of the history that tells of its opening; `closed` that of its end
    """

    id: str
    enterprise: str
    opened_by: str
    level: int
    opened_at: datetime
    last_day: date
    ends: bool
    sample: int | None
    size: int
    opened: int
    closed: int | None = None
    closed_at: datetime | None = None

    def takes_answers(self, today: date) -> bool:
        """Whether managers can answer on that day."""
        return self.closed is None and today <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A grant in a review, as it is now. `used` is the day of its last use within a year before the opening.

    :param was: its last day when the review was opened
    :param by: who answered; `entry` is the entry of the history that tells it, `because` are the rules
    """

    review: str
    position: int
    grant: Grant
    used: date | None
    was: date | None
    outcome: Outcome = Outcome.OPEN
    by: str | None = None
    entry: int | None = None
    last: date | None = None
    because: tuple[str, ...] = ()

    def standing(self, today: date) -> Outcome:
        """Where it stands: an open one whose grant ended otherwise waits for nobody."""
        over = self.grant.revoked_at is not None or (self.grant.period.last or today) < today
        return Outcome.OVER if self.outcome is Outcome.OPEN and over else self.outcome


@dataclass(frozen=True)
class Wanted:
    """What to review, until when, and what happens to what nobody confirms."""

    enterprise: str
    last_day: date
    ends: bool
    sample: int | None = None


class Settled(Conflict):
    """Somebody answered for the grant meanwhile, or the review is over."""


class Reviews(Protocol):
    """Where reviews are kept. What takes a transaction happens in it; days are those of the world."""

    def add(self, tx: Writing, review: Review, items: Iterable[Item]) -> None:
        """Keep a new review."""

    def find(self, id_: str) -> Review | None:
        """The review with that id."""

    def of(self, enterprise: str) -> Sequence[Review]:
        """The reviews of an enterprise, the newest first."""

    def going_on(self, enterprises: Collection[str] | None = None) -> Sequence[Review]:
        """The reviews that are not closed, of some enterprises or of all, the one that ends first before others."""

    def count(self, ids: Collection[str], today: date) -> Mapping[str, Mapping[Outcome, int]]:
        """How many grants of each of some reviews stand where."""

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

    def item(self, id_: str, grant: str) -> Item | None:
        """A grant in a review."""

    def one_of_each_right(self, id_: str, today: date) -> Sequence[str]:
        """The id of one grant of each right of which some grant is open."""

    def last_uses(self, look: Look, enterprise: str, since: int) -> Mapping[tuple[str, str], date]:
        """The day on which each holder last entered by each right in an enterprise, from an entry on."""

    def answer(self, tx: Writing, item: Item) -> None:
        """Keep what was answered for a grant."""

    def settle(self, tx: Writing, id_: str, today: date) -> None:
        """Give what is open its last standing: over or unanswered."""

    def close(self, tx: Writing, id_: str, closed: int, at: datetime) -> None:
        """Note by which entry a review was closed, and when."""


def chosen(look: Look, reviews: Reviews, wanted: Wanted, at: datetime) -> list[tuple[Grant, date | None]]:
    """The grants in force that would be reviewed, each with its last use: the ones unused for longest come first."""
    today = day_of(at)
    grants = look.lists.grants(enterprise=wanted.enterprise)
    held = [each for each in grants if each.period.has(today) and not each.revoked(at)]
    uses = reviews.last_uses(look, wanted.enterprise, look.size_at(at - LOOKED_BACK)) if held else {}
    rows = [(each, uses.get((each.holder, each.right))) for each in held]
    rows.sort(key=lambda row: (row[1] or date.min, row[0].period.first, row[0].id))
    return rows[: wanted.sample]


def open_review(world: World, reviews: Reviews, wanted: Wanted, by: str, level: int) -> Review | None:
    """Open a review of what is in force now; None if nothing is. Who may is decided before.

    :raise ValueError: the last day lies before today
    """
    with world.store.writing() as tx:
        at = tx.moment(world.clock.now())
        if wanted.last_day < day_of(at):
            raise ValueError("the last day lies before today")
        rows = chosen(tx, reviews, wanted, at)
        if not rows:
            return None
        id_ = new_id()
        told = {
            "enterprise": wanted.enterprise,
            "review": id_,
            "last_day": wanted.last_day,
            "ends": wanted.ends,
            "sample": wanted.sample,
            "count": len(rows),
            "digest": _digest([grant.id for grant, _used in rows]),
        }
        sequence = tx.append(OPENED, at, actor=by, data=told, subjects=[wanted.enterprise, by, id_])
        review = Review(
            id=id_,
            enterprise=wanted.enterprise,
            opened_by=by,
            level=level,
            opened_at=at,
            last_day=wanted.last_day,
            ends=wanted.ends,
            sample=wanted.sample,
            size=len(rows),
            opened=sequence,
        )
        items = (
            Item(review=id_, position=position, grant=grant, used=used, was=grant.period.last)
            for position, (grant, used) in enumerate(rows)
        )
        reviews.add(tx, review, items)
        return review


# --- answers ----------------------------------------------------------------------------------------------


def asked(answer: Outcome, grant: Grant, by: str, level: int, last: date | None = None, reason: bool = False) -> Ask:
    """What an answer asks of the rules: `last` is the other last day, `reason` whether words come with an end."""
    if answer is Outcome.ENDED:
        return Ask(action=Action.REVOKE_GRANT, actor=by, level=level, grant=grant.id, reason=reason)
    day = last if answer is Outcome.CHANGED else grant.period.last
    return Ask(action=Action.EXTEND_GRANT, actor=by, level=level, grant=grant.id, last_day=day)


@dataclass(frozen=True)
class Reply:
    """Who answers what for a grant of a review."""

    answer: Outcome
    by: str
    level: int
    last: date | None = None
    note: str | None = None


def reply(world: World, reviews: Reviews, review: str, grant: str, given: Reply) -> Done:
    """Answer for one grant; a refusal is on record, and the grant stays open.

    :raise Unknown: there is no such grant in such a review
    :raise Settled: somebody answered meanwhile, or the review is over
    """
    with world.store.writing() as tx:
        return _reply(world, tx, reviews, review, grant, given)


def reply_to_many(
    world: World, reviews: Reviews, review: str, grants: Sequence[str], given: Reply
) -> list[tuple[str, Done | None]]:
    """Answer the same for many grants, and give what came of each: None if it was settled meanwhile, or is not there.

    What is refused is on record, and stays open. Each batch is one transaction.
    """
    found: list[tuple[str, Done | None]] = []
    for start in range(0, len(grants), AT_ONCE):
        with world.store.writing() as tx:
            for grant in grants[start : start + AT_ONCE]:
                try:
                    found.append((grant, _reply(world, tx, reviews, review, grant, given)))
                except (Settled, Unknown):
                    found.append((grant, None))
    return found


def _reply(world: World, tx: Writing, reviews: Reviews, review_id: str, grant_id: str, given: Reply) -> Done:
    review, item = reviews.find(review_id), reviews.item(review_id, grant_id)
    if review is None or item is None:
        raise Unknown("grant")
    today = day_of(tx.moment(world.clock.now()))
    if not review.takes_answers(today) or item.standing(today) is not Outcome.OPEN:
        raise Settled
    ask = asked(given.answer, item.grant, given.by, given.level, given.last, reason=bool(given.note))
    done = _done(world, tx, ask, given.note)
    if done.decision.allowed:
        stays = ask.last_day == item.grant.period.last
        outcome = Outcome.CONFIRMED if given.answer is Outcome.CHANGED and stays else given.answer
        reviews.answer(tx, _answered(item, outcome, done, ask.last_day))
    return done


def _done(world: World, tx: Writing, ask: Ask, note: str | None = None) -> Done:
    facts, decision = decided(world, tx, ask)
    return recorded(tx, facts, decision, note)


def _answered(item: Item, outcome: Outcome, done: Done, last: date | None) -> Item:
    return Item(
        review=item.review,
        position=item.position,
        grant=item.grant,
        used=item.used,
        was=item.was,
        outcome=outcome,
        by=done.facts.actor.id,
        entry=done.sequence,
        last=last,
        because=done.decision.because,
    )


# --- the end ----------------------------------------------------------------------------------------------


def close_due(world: World, reviews: Reviews) -> int:
    """Close every review whose last day is over, and give how many were.

    What was not confirmed is asked to end, if that was chosen, by the order of whoever opened the review and with the
    level of the key used then: the rules decide on each at this moment. Every batch is a transaction that notes what
    it did; so this may be killed anywhere, and two processes may do it at once.
    """
    today = day_of(world.clock.now())
    due = [each for each in reviews.going_on() if each.last_day < today]
    for review in due:
        while review.ends and _end_some(world, reviews, review.id):
            pass
    return sum(_close(world, reviews, each.id) for each in due)


def _end_some(world: World, reviews: Reviews, id_: str) -> bool:
    """Ask that the next open grants end; False if none is open."""
    with world.store.writing() as tx:
        review = reviews.find(id_)
        if review is None or review.closed is not None:
            return False
        today = day_of(tx.moment(world.clock.now()))
        some = reviews.items(id_, today, {Outcome.OPEN}, limit=AT_ONCE)
        for item in some:
            done = _done(world, tx, asked(Outcome.ENDED, item.grant, review.opened_by, review.level))
            outcome = Outcome.LAPSED if done.decision.allowed else Outcome.NOT_ENDED
            reviews.answer(tx, _answered(item, outcome, done, None))
        return bool(some)


def _close(world: World, reviews: Reviews, id_: str) -> bool:
    """Give what is still open its last standing, and put the whole result on record; False if somebody else did."""
    with world.store.writing() as tx:
        review = reviews.find(id_)
        if review is None or review.closed is not None:
            return False
        at = tx.moment(world.clock.now())
        reviews.settle(tx, id_, day_of(at))
        items = reviews.items(id_, day_of(at))
        told = {
            "enterprise": review.enterprise,
            "review": id_,
            "counts": {str(outcome): count for outcome, count in sorted(_counts(items).items())},
            "digest": sha256(statement(review, items)).hexdigest(),
        }
        subjects = [review.enterprise, review.opened_by, id_]
        sequence = tx.append(CLOSED, at, actor=review.opened_by, data=told, subjects=subjects)
        reviews.close(tx, id_, sequence, at)
        return True


def _counts(items: Sequence[Item]) -> dict[Outcome, int]:
    return {outcome: sum(item.outcome is outcome for item in items) for outcome in {item.outcome for item in items}}


# --- the result -------------------------------------------------------------------------------------------


def statement(review: Review, items: Sequence[Item]) -> bytes:
    """What came of a review, in canonical form (RFC 8785) and without names: the entry of its end holds the SHA-256."""
    content: dict[str, Any] = {
        "review": review.id,
        "enterprise": review.enterprise,
        "opened_by": review.opened_by,
        "opened_at": review.opened_at,
        "opened": review.opened,
        "last_day": review.last_day,
        "ends": review.ends,
        "sample": review.sample,
        "grants": [
            {
                "grant": item.grant.id,
                "holder": item.grant.holder,
                "right": item.grant.right,
                "contexts": item.grant.contexts,
                "used": item.used,
                "was": item.was,
                "outcome": item.outcome,
                "by": item.by,
                "entry": item.entry,
                "last": item.last,
                "because": list(item.because),
            }
            for item in items
        ],
    }
    return canonical(plain(content))


def entries_of(review: Review, items: Iterable[Item]) -> list[int]:
    """The entries of the history that prove a result, in order."""
    told = {review.opened, review.closed, *(item.entry for item in items)}
    return sorted(entry for entry in told if entry is not None)


def _digest(ids: Sequence[str]) -> str:
    return sha256(canonical({"grants": list(ids)})).hexdigest()
