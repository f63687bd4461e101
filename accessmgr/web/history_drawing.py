"""The chain of a whole enterprise, drawn and listed on any day: for readers of its history, and its user managers."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.ledger.note import Checkpoint
from accessmgr.usecases.drawn import Group
from accessmgr.usecases.whole import drawn
from accessmgr.web import chain_days
from accessmgr.web.chain_whole import Speaker, WholeDrawn
from accessmgr.web.current import look, world
from accessmgr.web.format import language
from accessmgr.web.history_access import purpose_asked, reading
from accessmgr.web.managers_area import overview_here
from accessmgr.web.moment_asked import TimeFrame, time_frame
from accessmgr.web.users_area import managed

bp = Blueprint("drawing", __name__)

ZOOMS = (50, 75, 100, 150, 200, 300)
"""Sizes in percent; without one the drawing is as wide as the page, and never too small to read."""
FIT, USUAL = "fit", 100
KEPT = ("on", "known", "group", "after", "view", "zoom")
"""What the links of the page keep."""
LIST = "list"


@dataclass(frozen=True)
class Zoom:
    """How large the drawing is shown: `chosen` is a percentage, `fit`, or None for what suits the page."""

    chosen: int | str | None

    @property
    def nearer(self) -> int:
        """The next larger size."""
        return next((each for each in ZOOMS if each > self._now), ZOOMS[-1])

    @property
    def farther(self) -> int:
        """The next smaller size."""
        return next((each for each in ZOOMS[::-1] if each < self._now), ZOOMS[0])

    def width(self, drawing: WholeDrawn) -> int | None:
        """The width in pixels, None if the page says it."""
        return drawing.width * self.chosen // 100 if isinstance(self.chosen, int) else None

    @property
    def _now(self) -> int:
        return self.chosen if isinstance(self.chosen, int) else USUAL if self.chosen is None else ZOOMS[0]


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
        zoom=_zoom(),
        only_list=request.args.get("view") == LIST,
        address=_address,
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


def _zoom() -> Zoom:
    """The size that the address asks for; one that there is not is none."""
    text = request.args.get("zoom", "")
    if text == FIT:
        return Zoom(FIT)
    return Zoom(int(text) if text in map(str, ZOOMS) else None)


def _address(**changed: Any) -> str:
    """The address of this page, with something in it changed, or left out if it is None."""
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return url_for(request.endpoint or "", **(request.view_args or {}), **{**kept, **changed})
