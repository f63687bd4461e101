"""Saved questions of an auditor: each goes through grants, appointments or entries in batches, and says what it found.

Whether somebody may ask is decided before; nothing here decides that.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from accessmgr.core.days import BRUSSELS, Period, day_of, moment, start_of
from accessmgr.core.events import What
from accessmgr.core.model import Appointment, AppointmentState, Function, Grant, Role
from accessmgr.core.representation import representatives
from accessmgr.core.rules.stating import _
from accessmgr.usecases.lists import PAGE, Lists
from accessmgr.usecases.traces import Kind, Thing
from accessmgr.usecases.world import Look, World

BATCH = 100
"""How many grants or appointments are read at once."""

WINDOW = 2000
"""How many entries are looked through at once."""

MOST_BATCHES = 20
"""How many batches a page of an answer may read, whatever it finds: the next page goes on from there."""

MAY_CLAIM = frozenset({Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER, Role.ACCESS_MANAGER})
"""Roles without which the claim to be main local administrator does not count."""

YEAR = timedelta(days=365)
SOON = timedelta(hours=48)
OPENS, CLOSES, SATURDAY = 7, 19, 5
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a question found: whom and what it is about, since when, and the entries that show it."""

    enterprise: str
    people: tuple[str, ...]
    since: date | None = None
    right: str | None = None
    role: Role | None = None
    grant: str | None = None
    things: tuple[Thing, ...] = ()
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of an answer; `after` is where the next one begins, None if this is the last."""

    hits: tuple[Hit, ...]
    after: str | None


class Inquiry:
    """What a question is asked of: an enterprise or all of them, a period of days, what was known at a size.

    What is so "at present" is asked at the end of the period, or now if that lies ahead.
    """

    def __init__(
        self, world: World, look: Look, enterprise: str | None, period: Period, known_at: datetime | None = None
    ) -> None:
        now = world.clock.now()
        self.world, self.enterprise, self.period = world, enterprise, period
        end = now if period.last is None else start_of(period.last + timedelta(days=1)) - INSTANT
        self.at = min(end, now)
        self.day = day_of(self.at)
        size = None if known_at is None else look.size_at(known_at)
        self.lists: Lists = look.lists_at(size)
        self._look = look

    def size_at(self, at: datetime) -> int:
        """The number of entries recorded before a moment."""
        return self._look.size_at(at - INSTANT)

    @cached_property
    def entries(self) -> tuple[int, int]:
        """The first entry of the period, and the one after its last."""
        return self.size_at(start_of(self.period.first)), self._look.size_at(self.at)

    def effective(self, grant: Grant) -> bool:
        """Whether a grant is effective at the end of the period."""
        return grant.period.has(self.day) and not grant.revoked(self.at)

    def representatives(self, enterprises: Iterable[str]) -> Mapping[str, list[Function]]:
        """The representing functions of enterprises, past ones too."""
        wanted = set(enterprises)
        found: dict[str, list[Function]] = {number: [] for number in wanted}
        for function in self.lists.representing(wanted):
            found[function.enterprise].append(function)
        return found

    def in_office(self, people: Iterable[str]) -> dict[tuple[str, str], list[Appointment]]:
        """The active appointments of people, by person and enterprise."""
        found: dict[tuple[str, str], list[Appointment]] = {}
        for one in self.lists.roles_of(people):
            if one.state(self.at) is AppointmentState.ACTIVE:
                found.setdefault((one.holder, one.enterprise), []).append(one)
        return found


def granted_to_oneself(asked: Inquiry, grants: Sequence[Grant]) -> Iterator[Hit]:
    """Grants of the period whose holder gave them, or approved their own request."""
    for grant in grants:
        if grant.by == grant.holder and asked.period.overlaps(grant.period):
            yield _of_grant(grant, grant.holder)


def made_near_a_change(asked: Inquiry, grants: Sequence[Grant]) -> Iterator[Hit]:
    """Grants made in the period within 48 hours of the beginning or end of a representing function."""
    first = _made(asked, grants)
    moments = asked.lists.moments(first.values())
    functions = asked.representatives(grant.enterprise for grant in grants)
    since, before = start_of(asked.period.first), asked.at
    for grant in grants:
        made = moments.get(first.get(grant.id, -1))
        if made is None or not since <= made <= before:
            continue
        changes = ((day, one) for one in functions[grant.enterprise] for day in _changes(one))
        near = sorted((day, one.id) for day, one in changes if abs(made - start_of(day)) <= SOON)
        if near:
            day, function = near[0]
            hit = _of_grant(grant, grant.by, grant.holder)
            yield replace(hit, since=day, things=(*hit.things, Thing(Kind.FUNCTION, function)))


def unused_for_a_year(asked: Inquiry, grants: Sequence[Grant]) -> Iterator[Hit]:
    """Effective grants, a year old or more, whose holder did not enter by their right for a year."""
    year_ago = asked.at - YEAR
    old = [grant for grant in grants if asked.effective(grant) and grant.period.first <= day_of(year_ago)]
    used = asked.lists.used(old, asked.size_at(year_ago), asked.entries[1]) if old else set()
    yield from (_of_grant(grant, grant.holder) for grant in old if grant.id not in used)


def maker_manages_no_more(asked: Inquiry, grants: Sequence[Grant]) -> Iterator[Hit]:
    """Effective grants whose maker has no role in the enterprise that lets them grant."""
    effective = [grant for grant in grants if asked.effective(grant)]
    in_office = asked.in_office(grant.by for grant in effective)
    functions = asked.representatives(grant.enterprise for grant in effective)
    for grant in effective:
        right = asked.world.policy.rights.get(grant.right)
        roles = {one.role for one in in_office.get((grant.by, grant.enterprise), ())}
        if grant.by in representatives(functions[grant.enterprise], asked.day):
            roles.add(Role.LEGAL_REPRESENTATIVE)
        if not roles & MAY_CLAIM:
            roles.discard(Role.MAIN_LOCAL_ADMINISTRATOR)
        if right is None or not roles & right.grantors:
            yield _of_grant(grant, grant.by, grant.holder)


def every_role_in_one_person(asked: Inquiry, appointments: Sequence[Appointment]) -> Iterator[Hit]:
    """People who represent an enterprise, manage it and hold a right in it, all at once."""
    in_office = asked.in_office(one.holder for one in appointments)
    functions = asked.representatives(one.enterprise for one in appointments)
    held = [grant for grant in asked.lists.grants_of(one.holder for one in appointments) if asked.effective(grant)]
    for one in appointments:
        roles = in_office.get((one.holder, one.enterprise), [])
        grants = [grant for grant in held if (grant.holder, grant.enterprise) == (one.holder, one.enterprise)]
        represents = one.holder in representatives(functions[one.enterprise], asked.day)
        if grants and represents and roles and one.id == min(role.id for role in roles):
            things = (*(Thing(Kind.APPOINTMENT, role.id) for role in roles), Thing(Kind.GRANT, grants[0].id))
            yield Hit(one.enterprise, (one.holder,), None, grants[0].right, one.role, grants[0].id, things)


def managers_who_left(asked: Inquiry, appointments: Sequence[Appointment]) -> Iterator[Hit]:
    """Active managers whose death is recorded, or whose representative left or died."""
    active = [one for one in appointments if one.state(asked.at) is AppointmentState.ACTIVE]
    people = asked.lists.people({id_ for one in active for id_ in (one.holder, one.by)})
    deaths = {id_: person.deceased for id_, person in people.items() if person.deceased is not None}
    functions = asked.representatives(one.enterprise for one in active)
    for one in active:
        of_maker = [function for function in functions[one.enterprise] if function.holder == one.by]
        ended = [function for function in of_maker if function.period.last and function.period.last < asked.day]
        died = next((id_ for id_ in (one.holder, one.by) if id_ in deaths and deaths[id_] <= asked.day), None)
        made_it = Thing(Kind.APPOINTMENT, one.id)
        if died is not None:
            things = (made_it, Thing(Kind.DEATH, died))
            yield Hit(one.enterprise, (one.holder, one.by), deaths[died], None, one.role, None, things)
        elif ended and one.by not in representatives(functions[one.enterprise], asked.day):
            last = max(ended, key=lambda function: function.period.last or date.min)
            things = (made_it, Thing(Kind.FUNCTION, last.id))
            yield Hit(one.enterprise, (one.holder, one.by), last.period.last, None, one.role, None, things)


def looked_up_at_odd_hours(asked: Inquiry, leaves: Sequence[bytes]) -> Iterator[Hit]:
    """Looks at numbers and the history, and look-ups that found nobody, outside Monday to Friday, 7 to 19 o'clock."""
    for leaf in leaves:
        entry: dict[str, Any] = json.loads(leaf)
        at = moment(entry["recorded_at"]).astimezone(BRUSSELS)
        in_hours = at.weekday() < SATURDAY and OPENS <= at.hour < CLOSES
        of_the_kind = entry["type"] != What.ACTION_REFUSED or "PERSON-2" in entry["decision"]["because"]
        if of_the_kind and not in_hours:
            concerned = entry["decision"].get("asked", {}).get("person")
            people = (entry["actor"], concerned) if concerned else (entry["actor"],)
            yield Hit(entry["data"].get("enterprise", ""), people, at.date(), entries=(entry["sequence"],))


LOOK_UPS = (str(What.NUMBER_REVEALED), str(What.HISTORY_READ), str(What.ACTION_REFUSED))


@dataclass(frozen=True)
class Question:
    """A saved question: its id, its sentence, and what finds the hits among what is read for it."""

    id: str
    says: str
    over: str
    hits: Callable[[Inquiry, Any], Iterable[Hit]]


QUESTIONS: Mapping[str, Question] = {
    question.id: question
    for question in (
        Question("self-grants", _("Which rights did people grant to themselves?"), "grants", granted_to_oneself),
        Question(
            "every-role",
            _("Who is legal representative, manager and holder of a right in one enterprise?"),
            "appointments",
            every_role_in_one_person,
        ),
        Question(
            "managers-who-left",
            _("Which managers died, or were appointed by a representative who left or died?"),
            "appointments",
            managers_who_left,
        ),
        Question(
            "near-a-change",
            _("Which rights were granted within 48 hours of a change of representative?"),
            "grants",
            made_near_a_change,
        ),
        Question("unused", _("Which rights were not used for a year?"), "grants", unused_for_a_year),
        Question(
            "maker-gone",
            _("Which rights were granted by somebody who no longer manages?"),
            "grants",
            maker_manages_no_more,
        ),
        Question(
            "odd-hours",
            _("Which look-ups were made outside office hours (Monday to Friday, 7 to 19 o'clock)?"),
            "entries",
            looked_up_at_odd_hours,
        ),
    )
}
"""The saved questions by id, in the order in which they are listed."""


def answer(question: Question, asked: Inquiry, after: str | None = None, most: int = PAGE) -> Answer:
    """A page of the answer, after where the page before ended: about `most` hits, or fewer if they are rare."""
    hits: list[Hit] = []
    for _batch in range(MOST_BATCHES):
        found, after = _next(question, asked, after)
        hits += found
        if after is None or len(hits) >= most:
            break
    return Answer(tuple(_with_entries(asked, hits)), after)


def whole(question: Question, asked: Inquiry) -> Iterator[Hit]:
    """The whole answer, batch by batch."""
    after: str | None = None
    while True:
        page = answer(question, asked, after)
        yield from page.hits
        after = page.after
        if after is None:
            return


def _next(question: Question, asked: Inquiry, after: str | None) -> tuple[Iterable[Hit], str | None]:
    if question.over == "entries":
        since, end = asked.entries
        before = end if after is None else min(int(after), end)
        leaves, rest = asked.lists.leaves_before(asked.enterprise, LOOK_UPS, since, before, WINDOW)
        return question.hits(asked, leaves), None if rest is None else str(rest)
    read = asked.lists.grants_after if question.over == "grants" else asked.lists.appointments_after
    batch = read(asked.enterprise, after or "", BATCH)
    return question.hits(asked, batch), batch[-1].id if len(batch) == BATCH else None


def _with_entries(asked: Inquiry, hits: Sequence[Hit]) -> Iterator[Hit]:
    made = asked.lists.changes({thing for hit in hits for thing in hit.things})
    for hit in hits:
        entries = {entry for thing in hit.things for entry in made[thing]}
        yield replace(hit, entries=tuple(sorted({*hit.entries, *entries})))


def _of_grant(grant: Grant, *people: str) -> Hit:
    things = (Thing(Kind.GRANT, grant.id),)
    return Hit(grant.enterprise, tuple(people), grant.period.first, grant.right, None, grant.id, things)


def _made(asked: Inquiry, grants: Sequence[Grant]) -> dict[str, int]:
    """The entry that made each grant, by id, without those that were always known."""
    made = asked.lists.changes(Thing(Kind.GRANT, grant.id) for grant in grants)
    return {thing.id: entries[0] for thing, entries in made.items() if entries}


def _changes(function: Function) -> Iterator[date]:
    """The first day of a function, and the day after its last."""
    yield function.period.first
    if function.period.last is not None:
        yield function.period.last + timedelta(days=1)
