"""Who could enter on a day, by which chain, and who gave them that: of an enterprise, and of oneself."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.days import start_of
from accessmgr.usecases.audit import what_one_could_enter, who_could_enter, who_could_no_more
from accessmgr.usecases.entering import Way
from accessmgr.web.current import look, signed_in, world
from accessmgr.web.format import language, right_name
from accessmgr.web.history_access import MYSELF, purpose_asked, reading
from accessmgr.web.history_chains import in_words, opened_by
from accessmgr.web.history_lists import id_in_address
from accessmgr.web.moment_asked import TimeFrame, time_frame

bp = Blueprint("history_who", __name__, url_prefix="/history")

PAGE = 20
"""How many ways in a page shows, each with its chain."""


@bp.get("/<enterprise:number>/who")
def who(number: str) -> ResponseReturnValue:
    """Who could enter a secure area of the enterprise on a day, by which chain, and who made each link."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for("history.state_purpose"))
    frame = time_frame(done.facts.at)
    right, person = _right(), id_in_address(request.args.get("person", ""), "person") or None
    with look() as seen:
        found = who_could_enter(
            world(), seen, number, frame.at, frame.known_at, right, person=person, after=_after(), limit=PAGE + 1
        )
        began = start_of(frame.day)
        earlier = who_could_no_more(
            world(), seen, number, began, frame.at, frame.known_at, right, person=person, limit=PAGE
        )
        return render_template(
            "history/who.html",
            number=number,
            name=frame.lists(seen).enterprise_names([number], language())[number],
            ways=in_words(seen, number, found[:PAGE]),
            after=".".join(found[PAGE - 1].way) if len(found) > PAGE else None,
            earlier=in_words(seen, number, earlier),
            frame=frame,
            rights=_rights(),
            right=right,
            person=seen.lists.names([person]).get(person or ""),
            **_days(frame),
        )


@bp.get("/me/who")
def me() -> ResponseReturnValue:
    """Which secure areas one could enter oneself on a day, in whatever enterprise, and by which chain."""
    done = reading(MYSELF, {"person": signed_in().person})
    if done is None:
        return purpose_asked(None, url_for("history.state_own_purpose"))
    frame = time_frame(done.facts.at)
    with look() as seen:
        found = what_one_could_enter(world(), seen, signed_in().person, frame.at, frame.known_at)
        names = frame.lists(seen).enterprise_names(found, language())
        ways = [(number, names[number], in_words(seen, number, entrances)) for number, entrances in found.items()]
        mine = opened_by(signed_in().person, seen, (way for _, _, found_there in ways for way in found_there))
        return render_template("history/me_who.html", enterprises=ways, frame=frame, **mine, **_days(frame))


def _days(frame: TimeFrame) -> dict[str, str]:
    """The days before and after the one shown, to go on to."""
    before, after = (frame.day + timedelta(days=days) for days in (-1, 1))
    return {"day_before": before.isoformat(), "day_after": after.isoformat()}


def _rights() -> list[tuple[str, str]]:
    return sorted(((code, right_name(code)) for code in world().policy.rights), key=lambda right: right[1])


def _right() -> str | None:
    """The right that is asked for; one that does not exist is none."""
    chosen = request.args.get("right", "")
    return chosen if chosen in world().policy.rights else None


def _after() -> Way | None:
    """The last way of the page before."""
    parts = request.args.get("after", "").split(".")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None
