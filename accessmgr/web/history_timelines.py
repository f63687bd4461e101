"""Timelines of a person and of a grant: everything that made them what they are, and what rested on them."""

import json
from collections.abc import Iterator

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.events import What
from accessmgr.core.model import Grant
from accessmgr.usecases.entering import Entering
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.traces import Kind, Thing, Wanted
from accessmgr.usecases.world import Look, Unknown
from accessmgr.web import chain_days
from accessmgr.web.chain_view import address, zoom_asked
from accessmgr.web.current import look, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.history_access import EVERYTHING, MYSELF, is_open, purpose_asked, reading
from accessmgr.web.history_chains import in_words, opened_by
from accessmgr.web.history_lists import before_in_address, id_in_address, listed, page_of, timeline
from accessmgr.web.moment_asked import TimeFrame, time_frame

bp = Blueprint("history_timelines", __name__, url_prefix="/history")

ENTERED = (str(What.AREA_ENTERED), str(What.ACTION_REFUSED))
"""Types of entries that can tell that somebody entered, or tried to."""

MOST_READ = 1000
"""How many entries of a holder are looked through for a page of those that rested on a grant."""


@bp.get("/people/<person>")
def person(person: str) -> ResponseReturnValue:
    """The entries about a person in whatever enterprise, for those who may read them all."""
    if id_in_address(person, "person") == signed_in().person:
        return redirect(url_for("history.me"), code=302)
    done = reading(EVERYTHING, {"person": person})
    if done is None:
        return purpose_asked(None, url_for("history_questions.state_purpose"))
    frame = time_frame(done.facts.at, of_entries=True)
    with look() as seen:
        named = _named(seen, person)
        return listed(seen, timeline(seen, [person], frame), frame=frame, person=named)


@bp.get("/<enterprise:number>/people/<person>")
def person_there(number: str, person: str) -> ResponseReturnValue:
    """The entries that are about an enterprise and about one person too, and the person's grants there."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for("history.state_purpose"))
    frame = time_frame(done.facts.at, of_entries=True)
    with look() as seen:
        lists = frame.lists(seen)
        found = timeline(seen, [number, id_in_address(person, "person")], frame)
        grants = lists.grants(enterprise=number, holder=person)
        if not (grants or found.leaves or seen.has_tie(person, number)):
            raise Unknown("person")
        name = lists.enterprise_names([number], language())[number]
        return listed(seen, found, frame=frame, number=number, name=name, person=_named(seen, person), grants=grants)


@bp.get("/<enterprise:number>/grants/<grant>")
def grant(number: str, grant: str) -> ResponseReturnValue:
    """Everything about one grant: who made each link of its chain, what changed it, and what rested on it."""
    frame = time_frame(world().clock.now())
    with look() as seen:
        found = next(iter(frame.lists(seen).grants(enterprise=number, id_=id_in_address(grant, "grant"))), None)
        if found is None or not _is_own(found):
            if reading(number, {"enterprise": number}) is None:
                return purpose_asked(number, url_for("history.state_purpose"))
            if found is None:
                raise Unknown("grant")
        entering = Entering(world(), seen, number, frame.at, frame.size(seen))
        wanted = {(found.holder, found.right, context) for context in found.contexts}
        chains = entering.entrances(way for way in entering.ways if way in wanted)
        things = {thing for chain in chains for thing in chain.things} | {Thing(Kind.GRANT, found.id)}
        made, ways = _of_grant(seen, found, things, frame), in_words(seen, number, chains)
        mine = {} if is_open(number) else opened_by(signed_in().person, seen, ways, (sequence for sequence, _ in made))
        return listed(
            seen,
            page_of(made),
            "history/grant.html",
            frame=frame,
            number=number,
            name=frame.lists(seen).enterprise_names([number], language())[number],
            grant=found,
            holder=_named(seen, found.holder),
            ways=ways,
            right=world().policy.rights.get(found.right),
            days=chain_days.of_chains(frame, chains),
            zoom=zoom_asked(),
            address=address,
            **mine,
        )


def _of_grant(seen: Look, grant: Grant, things: set[Thing], frame: TimeFrame) -> list[tuple[int, bytes]]:
    """The newest entries that made the chain of a grant or changed it, and those of entering that rested on it."""
    before = before_in_address()
    lists = frame.lists(seen)
    made = {
        entry for entries in lists.changes(things).values() for entry in entries if before is None or entry < before
    }
    newest = sorted(made, reverse=True)[: PAGE + 1]
    found = lists.leaves(newest)
    for row in lists.wanted(Wanted([grant.id], before=before), PAGE + 1):
        found[row.sequence] = row.leaf
    for sequence, leaf in _entered(seen, grant, frame, before):
        found[sequence] = leaf
    return sorted(found.items(), reverse=True)[: PAGE + 1]


def _entered(seen: Look, grant: Grant, frame: TimeFrame, before: int | None) -> Iterator[tuple[int, bytes]]:
    """The newest entries by which the holder entered, or was kept out, for the right and a context of the grant."""
    wanted = Wanted([grant.holder, grant.enterprise], ENTERED, before=before)
    for row in frame.lists(seen).wanted(wanted, MOST_READ):
        entry = json.loads(row.leaf)
        asked = entry["decision"].get("asked", {})
        contexts = set(asked.get("contexts", ()))
        if entry["actor"] == grant.holder and asked.get("right") == grant.right and contexts & set(grant.contexts):
            yield row.sequence, row.leaf


def _is_own(grant: Grant) -> bool:
    """Whether it is a right of the person who asks, who may read what is about them."""
    return grant.holder == signed_in().person and reading(MYSELF, {"person": grant.holder}) is not None


def _named(seen: Look, person: str) -> object:
    """A person by id and name.

    :raise Unknown: there is no such person
    """
    found = seen.lists.names([person]).get(person)
    if found is None:
        raise Unknown("person")
    return found
