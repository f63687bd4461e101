"""The chain of a whole enterprise, drawn and listed on any day: for readers of its history, and its user managers."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.ledger.note import Checkpoint
from accessmgr.usecases.drawn import Group
from accessmgr.usecases.whole import drawn
from accessmgr.web import chain_days
from accessmgr.web.chain_view import address, zoom_asked
from accessmgr.web.chain_whole import Speaker
from accessmgr.web.current import look, world
from accessmgr.web.format import language
from accessmgr.web.history_access import purpose_asked, reading
from accessmgr.web.managers_area import overview_here
from accessmgr.web.moment_asked import TimeFrame, time_frame
from accessmgr.web.users_area import managed

bp = Blueprint("drawing", __name__)

LIST = "list"


@bp.get("/history/<enterprise:number>/drawing")
def whole(number: str) -> ResponseReturnValue:
    """The chain of an enterprise on a day, for who may read its history."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for("history.state_purpose"))
    return _page(number, time_frame(done.facts.at))


@bp.get("/users/<enterprise:number>/drawing")
def for_user_managers(number: str) -> ResponseReturnValue:
    """The same for who manages users there and sees its managers: all that it shows stands on those pages."""
    with look() as seen:
        frame = time_frame(managed(number).facts.at)
        overview_here(seen, number)
        return _page(number, frame)


def _page(number: str, frame: TimeFrame) -> ResponseReturnValue:
    group, after = _group(), request.args.get("after") or None
    with look() as seen:
        lists = frame.lists(seen)
        size = frame.size(seen)
        page = drawn(world(), seen, number, frame.at, size, group=group, after=after)
        names = {id_: named.name for id_, named in seen.lists.names(page.whole.people).items()}
        company = lists.enterprise_names([number], language())[number]
        rights = (world().policy if size is None else seen.policy_at(size)).rights
        drawing = Speaker(page.whole, number, company, names, rights, frame.day).drawn()
        days = chain_days.of_enterprise(frame, seen, number)
        note = seen.ledger.newest()
    return render_template(
        "history/drawing.html",
        number=number,
        name=company,
        frame=frame,
        days=days,
        drawing=drawing,
        page=page,
        group=group,
        zoom=zoom_asked(),
        only_list=request.args.get("view") == LIST,
        address=address,
        checkpoint=Checkpoint.parse(note) if note else None,
    )


def _group() -> Group | None:
    """The group that the address opens."""
    text = request.args.get("group")
    if not text:
        return None
    try:
        return Group.named(text)
    except ValueError:
        abort(404)
