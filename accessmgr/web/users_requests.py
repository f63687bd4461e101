"""Requests for a right: follow one, withdraw it, answer it. `users_asking.py` makes them."""

import json
from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.events import What
from accessmgr.core.model import Request
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.world import Look
from accessmgr.web.current import act, look, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.long_lists import cut
from accessmgr.web.moment_asked import time_frame
from accessmgr.web.users_area import (
    Standing,
    answerable,
    bp,
    default_period,
    managed,
    not_over,
    nowhere,
    standing,
)
from accessmgr.web.users_forms import PeriodForm, RefuseForm


@bp.get("/requests")
def my_requests() -> ResponseReturnValue:
    """Every request that I made, the newest first."""
    with look() as seen:
        at = nowhere().facts.at
        found = seen.lists.own_requests(signed_in().person, at, after=request.args.get("after"), limit=PAGE + 1)
        page, more = cut(found, PAGE)
        return render_template(
            "users/requests.html",
            requests=[(each, each.state(at)) for each in page],
            more=more,
            names=seen.lists.enterprise_names({each.enterprise for each in page}, language()),
        )


@bp.get("/<enterprise:number>/requests")
def requests_here(number: str) -> ResponseReturnValue:
    """The requests in an enterprise that the person may answer."""
    with look() as seen:
        here = managed(number)
        frame = time_frame(here.facts.at)
        lists, after = frame.lists(seen), request.args.get("after")
        found = lists.requests_to_answer(number, frame.at, answerable(here), after=after, limit=PAGE + 1)
        page, more = cut(found, PAGE)
        return render_template(
            "users/requests_here.html",
            number=number,
            name=lists.enterprise_names([number], language())[number],
            frame=frame,
            requests=page,
            more=more,
            requesters=lists.names(each.requester for each in page),
        )


@bp.get("/requests/<request_id>")
def one_request(request_id: str) -> ResponseReturnValue:
    """A request, for whoever made it and for those who may answer it."""
    with look() as seen:
        found, here = _request(seen, request_id)
        return _answer_page(seen, found, here)


@bp.post("/requests/<request_id>/approve")
def approve(request_id: str) -> ResponseReturnValue:
    """Grant what is requested."""
    with look() as seen:
        found, here = _request(seen, request_id)
        form = PeriodForm()
        if not form.validate():
            return _answer_page(seen, found, here, period=form), 422
    act(Action.APPROVE_REQUEST, request=request_id, period=form.period)
    flash(_("The request is approved, and the right is granted."))
    return redirect(url_for("users.one_request", request_id=request_id), code=303)


@bp.post("/requests/<request_id>/refuse")
def refuse(request_id: str) -> ResponseReturnValue:
    """Refuse the request, with a reason."""
    with look() as seen:
        found, here = _request(seen, request_id)
        form = RefuseForm()
        if not form.validate():
            return _answer_page(seen, found, here, refusal=form), 422
    reason = form.reason.data.strip()
    act(Action.REFUSE_REQUEST, request=request_id, reason=bool(reason), note=reason)
    flash(_("The request is refused. Whoever made it can read your reason."))
    return redirect(url_for("users.one_request", request_id=request_id), code=303)


@bp.post("/requests/<request_id>/withdraw")
def withdraw(request_id: str) -> ResponseReturnValue:
    """Withdraw one's own request."""
    with look() as seen:
        _request(seen, request_id)
    act(Action.WITHDRAW_REQUEST, request=request_id)
    flash(_("The request is withdrawn."))
    return redirect(url_for("users.one_request", request_id=request_id), code=303)


# --- what the views share ---------------------------------------------------------------------------------


def _request(seen: Look, id_: str) -> tuple[Request, Standing]:
    """A request that the person made or may answer, or an answer as if it did not exist."""
    found = next(iter(seen.lists.requests(id_=id_)), None)
    if found is None:
        abort(404)
    here = standing(found.enterprise)
    if not (here.permits(Action.WITHDRAW_REQUEST, found) or here.permits(Action.REFUSE_REQUEST, found)):
        abort(404)
    return found, here


def _answer_page(
    seen: Look,
    found: Request,
    here: Standing,
    *,
    period: PeriodForm | None = None,
    refusal: RefuseForm | None = None,
) -> str:
    right, today = world().policy.rights[found.right], here.facts.today
    relations = seen.lists.work_relations(enterprise=found.enterprise, person=found.requester)
    proposed = default_period(relations, right, today)
    return render_template(
        "users/request.html",
        request_=found,
        right=right,
        state=found.state(here.facts.at),
        lapses=found.made_at + THIRTY_DAYS,
        stand=here,
        action=Action,
        requester=seen.lists.names([found.requester])[found.requester],
        name=seen.lists.enterprise_names([found.enterprise], language())[found.enterprise],
        linked=any(not_over(each.period, today) for each in relations),
        words=_words(seen, found),
        what=What,
        period=period or PeriodForm(formdata=None, data={"first": proposed.first, "last": proposed.last}),
        refusal=refusal or RefuseForm(formdata=None),
    )


def _words(seen: Look, found: Request) -> Mapping[str, str]:
    """What the requester wrote, and what whoever refused wrote, by the type of the entry."""
    types = {row.sequence: json.loads(row.leaf)["type"] for row in seen.lists.entries(subject=found.id)}
    told = {sequence for sequence, type_ in types.items() if type_ in (What.RIGHT_REQUESTED, What.REQUEST_REFUSED)}
    return {types[sequence]: text for sequence, text in seen.notes(told).items()}
