"""What of the history can be taken away: each list as a table for spreadsheets, and the entries that prove it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from flask import abort
from flask_babel import gettext as _

from accessmgr.core.days import Period, day, day_of, moment, rfc3339, start_of
from accessmgr.usecases.audit import compare, who_could_enter
from accessmgr.usecases.entering import Entering, Entrance
from accessmgr.usecases.questions import QUESTIONS, Hit, Inquiry, whole
from accessmgr.usecases.sampling import Draw, sample
from accessmgr.usecases.traces import Kind, Thing, Wanted
from accessmgr.usecases.world import Look
from accessmgr.web import format as form
from accessmgr.web.current import world
from accessmgr.web.history_entries import rows
from accessmgr.web.sheets import Cell, Table

Given = Mapping[str, str]
"""What a list was asked for with: the fields of its form."""

BATCH = 200
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Listing:
    """A list: its table, and the sequences of the entries behind it, in order."""

    table: Callable[[], Table]
    sequences: Callable[[], Iterable[int]]


def moment_of(text: str | None) -> datetime | None:
    """The moment that a day or a day with a time names; a day stands for its end. None if nothing is named."""
    if not text:
        return None
    try:
        return moment(text) if "T" in text else start_of(day(text) + timedelta(days=1)) - INSTANT
    except ValueError:
        abort(404)


def number_of(text: str | None, default: int) -> int:
    """A whole number that a field holds."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else abort(404)


def period_of(given: Given) -> Period:
    """The period that fields name: by default the last year."""
    today = day_of(world().clock.now())
    try:
        last = day(given["last"]) if given.get("last") else today
        first = day(given["first"]) if given.get("first") else last - timedelta(days=365)
    except ValueError:
        abort(404)
    return Period(first, last) if first <= last else abort(404)


def entries(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """The entries about an enterprise, or those about one person in it."""
    if enterprise is None:
        abort(404)
    subjects = tuple(filter(None, (enterprise, given.get("person"))))
    known_at = moment_of(given.get("known"))
    before = None if known_at is None else seen.size_at(known_at)
    return of_entries(seen, lambda: seen.lists.sequences(Wanted(subjects, before=before)))


def sampled(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """A sample of entries, drawn with a seed."""
    drawn = sample(seen, draw_of(seen, enterprise, given))
    return of_entries(seen, lambda: drawn)


def draw_of(seen: Look, enterprise: str | None, given: Given) -> Draw:
    """What is to be drawn, from the fields of the form."""
    period, size = period_of(given), number_of(given.get("size"), seen.size())
    since = seen.size_at(start_of(period.first) - INSTANT)
    end = seen.size_at(start_of((period.last or period.first) + timedelta(days=1)) - INSTANT)
    count = number_of(given.get("count"), 25)
    return Draw(given.get("seed", ""), count, enterprise, since, min(size, end), given.get("of") == "grants")


def of_entries(seen: Look, sequences: Callable[[], Iterable[int]]) -> Listing:
    """A list of entries."""
    head = (
        _("Entry"),
        _("When (UTC)"),
        _("Who"),
        _("Capacity"),
        _("What"),
        _("To whom"),
        _("Enterprise"),
        _("Details"),
        _("Decision"),
        _("Rules"),
        _("Reason given"),
    )
    return Listing(lambda: Table(head, _entry_rows(seen, iter(sequences()))), sequences)


def _entry_rows(seen: Look, sequences: Iterator[int]) -> Iterator[tuple[Cell, ...]]:
    decided = {True: _("allowed"), False: _("refused"), None: ""}
    while some := list(islice(sequences, BATCH)):
        leaves = seen.lists.leaves(some)
        for row in rows(seen, [leaves[sequence] for sequence in some if sequence in leaves]):
            yield (
                row.sequence,
                rfc3339(row.at),
                row.actor,
                row.capacity,
                row.what,
                row.whom,
                row.enterprise or "",
                "; ".join(row.details),
                decided[row.allowed],
                " ".join(row.because),
                row.note or "",
            )


def entrances(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """Who could enter on a day, by which chain."""
    if enterprise is None:
        abort(404)
    on = moment_of(given.get("on")) or world().clock.now()
    found = who_could_enter(
        world(),
        seen,
        enterprise,
        on,
        moment_of(given.get("known")),
        given.get("right") or None,
        person=given.get("person") or None,
    )
    head = (_("Who"), _("Right"), _("Context"), _("First day"), _("Last day"), _("Granted by"), _("Entries"))
    return Listing(
        lambda: Table(head, _entrance_rows(seen, found)),
        lambda: sorted({entry for entrance in found for entry in entrance.entries}),
    )


def _entrance_rows(seen: Look, found: list[Entrance]) -> Iterator[tuple[Cell, ...]]:
    people = {id_ for one in found for id_ in (one.person, one.grant.by if one.grant else None)}
    names = {id_: named.name for id_, named in seen.lists.names(people).items()}
    for one in found:
        grant = one.grant
        last = grant.period.last if grant else None
        yield (
            names.get(one.person, one.person),
            form.right_name(one.right),
            form.context(one.context, world().policy.rights.get(one.right)),
            grant.period.first.isoformat() if grant else "",
            last.isoformat() if last else "",
            names.get(grant.by, grant.by) if grant else "",
            " ".join(map(str, one.entries)),
        )


def comparison(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """Who gained or lost what between two days."""
    first, second = moment_of(given.get("first")), moment_of(given.get("second"))
    if enterprise is None or first is None or second is None or second <= first:
        abort(404)
    found = compare(world(), seen, enterprise, first, second, known_then=given.get("known_then") == "y")
    names = {id_: named.name for id_, named in seen.lists.names(one.way[0] for one in found).items()}
    table = Table(
        (_("Change"), _("Who"), _("Right"), _("Context"), _("Entries")),
        (
            (
                _("gained") if one.gained else _("lost"),
                names.get(one.way[0], one.way[0]),
                form.right_name(one.way[1]),
                form.context(one.way[2], world().policy.rights.get(one.way[1])),
                " ".join(map(str, one.entries)),
            )
            for one in found
        ),
    )
    return Listing(lambda: table, lambda: sorted({entry for one in found for entry in one.entries}))


def answered(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """The answer to a saved question."""
    question = QUESTIONS.get(given.get("question", ""))
    if question is None:
        abort(404)
    asked = inquiry(seen, enterprise, given)
    head = (_("Enterprise"), _("People"), _("Right"), _("Role"), _("Since"), _("Entries"))
    return Listing(
        lambda: Table(head, _hit_rows(seen, whole(question, asked))),
        lambda: sorted({entry for hit in whole(question, asked) for entry in hit.entries}),
    )


def inquiry(seen: Look, enterprise: str | None, given: Given) -> Inquiry:
    """What a saved question is asked of."""
    return Inquiry(world(), seen, enterprise, period_of(given), moment_of(given.get("known")))


def _hit_rows(seen: Look, hits: Iterator[Hit]) -> Iterator[tuple[Cell, ...]]:
    while some := list(islice(hits, BATCH)):
        names = {id_: named.name for id_, named in seen.lists.names(p for hit in some for p in hit.people).items()}
        for hit in some:
            yield (
                hit.enterprise,
                ", ".join(names.get(id_, id_) for id_ in hit.people),
                form.right_name(hit.right) if hit.right else "",
                form.role(hit.role),
                hit.since.isoformat() if hit.since else "",
                " ".join(map(str, hit.entries)),
            )


def certified(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """The entries behind one grant: those of its chain on a day, and all that changed it."""
    if enterprise is None:
        abort(404)
    on = moment_of(given.get("on")) or world().clock.now()
    known_at = moment_of(given.get("known"))
    size = number_of(given.get("size"), seen.size()) if known_at is None else seen.size_at(known_at)
    found = chains_of(seen, enterprise, given.get("grant", ""), on, size)
    return of_entries(seen, lambda: behind(seen, given.get("grant", ""), found))


def chains_of(seen: Look, enterprise: str, grant_id: str, on: datetime, size: int | None) -> list[Entrance]:
    """The chains of a grant at a moment, one for each context, as known at a size of the history."""
    grants = seen.lists_at(size).grants(enterprise=enterprise, id_=grant_id)
    if not grants:
        abort(404)
    entering = Entering(world(), seen, enterprise, on, size)
    ways = {(grants[0].holder, grants[0].right, context) for context in grants[0].contexts}
    return entering.entrances(way for way in entering.ways if way in ways)


def behind(seen: Look, grant_id: str, chains: Iterable[Entrance]) -> list[int]:
    """The entries behind the chains of a grant, and those that changed it."""
    own = Thing(Kind.GRANT, grant_id)
    changed = seen.lists.changes([own])[own]
    return sorted({*changed, *(entry for chain in chains for entry in chain.entries)})


LISTS: Mapping[str, Callable[[Look, str | None, Given], Listing]] = {
    "entries": entries,
    "who": entrances,
    "compare": comparison,
    "question": answered,
    "sample": sampled,
    "certificate": certified,
}
"""Every list that can be exported, by the name in its form."""
