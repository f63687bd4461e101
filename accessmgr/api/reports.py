"""Reports: who could enter on a day and by which chain, and the saved questions of auditors."""

import json
from datetime import date, timedelta
from typing import cast

from pydantic import Field

from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part
from accessmgr.api.reading import of_enterprise
from accessmgr.api.schemas import EARLIEST, Day, Enterprise, Id, MomentSent, Page, PageQuery, RightCode, Sent, Told
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.days import Period, day_of
from accessmgr.core.model import Role
from accessmgr.usecases.audit import Difference, compare, who_could_enter
from accessmgr.usecases.entering import Way
from accessmgr.usecases.questions import QUESTIONS, Hit, Inquiry, answer
from accessmgr.usecases.world import Unknown

part = Part("reports", "Who could enter and why, and the saved questions of auditors.")

YEAR = timedelta(days=365)


class Entry(Told):
    """Somebody who could enter, by a right in a context, and the entries of the history behind that."""

    person: Id
    right: str
    context: str
    grant: Id | None = None
    because: list[str]
    entries: list[int]


class Entrances(Page[Entry]):
    """A page of those who could enter."""


class WhoQuery(PageQuery):
    """Of which enterprise and moment; a right or a person if only those are wanted."""

    enterprise: Enterprise
    on: MomentSent | None = None
    known_at: MomentSent | None = None
    right: RightCode | None = None
    person: Id | None = None
    case: str | None = Field(None, max_length=500, description="The word of an auditor's open case")


class CompareQuery(Sent):
    """Of which enterprise, and which two moments."""

    enterprise: Enterprise
    first: MomentSent
    second: MomentSent
    known_then: bool = Field(False, description="Each moment as was known at it, and not both as is known now")
    case: str | None = Field(None, max_length=500, description="The word of an auditor's open case")


class DifferenceTold(Told):
    """A right in a context that somebody gained or lost in between, and the entries that made the difference."""

    person: Id
    right: str
    context: str
    gained: bool
    entries: list[int]


class Differences(Told):
    """What differs: all of it."""

    items: list[DifferenceTold]


class HitTold(Told):
    """Something that a question found."""

    enterprise: Enterprise | None = None
    people: list[Id]
    since: date | None = None
    right: str | None = None
    role: Role | None = None
    grant: Id | None = None
    entries: list[int]


class Hits(Page[HitTold]):
    """A page of an answer: about fifty, or fewer if they are rare."""


class QuestionQuery(Sent):
    """Of which enterprise (none: all, for auditors) and days a question is asked; by default the last year."""

    enterprise: Enterprise | None = None
    first: Day | None = None
    last: Day | None = None
    known_at: MomentSent | None = None
    cursor: str | None = Field(None, max_length=2000)
    case: str | None = Field(None, max_length=500, description="The word of an auditor's open case")


class QuestionTold(Told):
    """A saved question."""

    id: str
    asks: str


class Questions(Told):
    """The saved questions."""

    items: list[QuestionTold]


@part.get("/reports/who", "reports.read", example=Example(query={"enterprise": "1999000150"}))
def who(call: Call, query: WhoQuery) -> Entrances:
    """Who could enter a secure area of an enterprise at a moment, and by which entries."""
    position = call.position(query.cursor)
    with call.world.store.reading() as look:
        of_enterprise(call, look, query.enterprise, query.case)
        found = who_could_enter(
            call.world,
            look,
            query.enterprise,
            query.on or call.world.clock.now(),
            query.known_at,
            query.right,
            person=query.person,
            after=_way(position),
            limit=query.limit + 1,
        )
    page = found[: query.limit]
    rest = json.dumps(page[-1].way) if len(found) > query.limit else None
    items = [
        Entry(
            person=each.person,
            right=each.right,
            context=each.context,
            grant=each.grant.id if each.grant else None,
            because=list(each.decision.because),
            entries=sorted(each.entries),
        )
        for each in page
    ]
    return Entrances(items=items, next=call.cursor(rest))


@part.get(
    "/reports/compare",
    "reports.read",
    example=Example(query={"enterprise": "1999000150", "first": "2026-01-10T12:00", "second": "2026-02-10T12:00"}),
)
def compare_moments(call: Call, query: CompareQuery) -> Differences:
    """Who gained or lost which right between two moments, and by which entries."""
    if query.second <= query.first:
        raise Problem(422, "the second moment does not lie after the first", [Flaw("not after the first moment")])
    with call.world.store.reading() as look:
        of_enterprise(call, look, query.enterprise, query.case)
        found = compare(call.world, look, query.enterprise, query.first, query.second, known_then=query.known_then)
    return Differences(items=[_difference(each) for each in found])


@part.get("/reports/questions", "reports.read", example=Example())
def questions(call: Call) -> Questions:
    """The saved questions."""
    return Questions(items=[QuestionTold(id=each.id, asks=each.says) for each in QUESTIONS.values()])


@part.get(
    "/reports/questions/{question}",
    "reports.read",
    example=Example(path={"question": "unused"}, query={"enterprise": "1999000150"}),
)
def ask_question(call: Call, question: str, query: QuestionQuery) -> Hits:
    """The answer to a saved question, as `unused`: the rights that were not used for a year."""
    asked, position = QUESTIONS.get(question), call.position(query.cursor)
    if asked is None:
        raise Unknown("question")
    today = day_of(call.world.clock.now())
    last = query.last or today
    period = Period(query.first or max(last - YEAR, EARLIEST), last)
    if period.is_empty:
        raise Problem(422, "the first day lies after the last", [Flaw("the first day lies after the last")])
    with call.world.store.reading() as look:
        of_enterprise(call, look, query.enterprise, query.case)
        found = answer(asked, Inquiry(call.world, look, query.enterprise, period, query.known_at), position)
    return Hits(items=[_hit(each) for each in found.hits], next=call.cursor(found.after))


def _difference(difference: Difference) -> DifferenceTold:
    person, right, context = next(one.way for one in (difference.after, difference.before) if one is not None)
    return DifferenceTold(
        person=person, right=right, context=context, gained=difference.gained, entries=list(difference.entries)
    )


def _hit(hit: Hit) -> HitTold:
    return HitTold(
        enterprise=hit.enterprise or None,
        people=list(hit.people),
        since=hit.since,
        right=hit.right,
        role=hit.role,
        grant=hit.grant,
        entries=list(hit.entries),
    )


def _way(position: str | None) -> Way | None:
    return None if position is None else cast(Way, tuple(json.loads(position)))
