"""Requests for a right: make one, also by a deep link, follow it, withdraw it, answer it."""

import json
from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from accessmgr.core.actions import Action
from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.events import What
from accessmgr.core.model import Request, TargetGroup
from accessmgr.usecases.world import Look
from accessmgr.web.current import act, look, world
from accessmgr.web.format import language, right_name
from accessmgr.web.receipts import confirmed
from accessmgr.web.users_area import Standing, bp, default_period, not_over, nowhere, offer_contexts, standing
from accessmgr.web.users_forms import PeriodForm, RefuseForm, RequestForm, WhichRightForm


@bp.get("/requests/new")
def new_request() -> ResponseReturnValue:
    """Ask for a right, perhaps by a link with `dg`, `ec` or `an`, `ctx` and `oc` (domain notes, 2.6)."""
    which, wrong = _which(request.args)
    if wrong or (which.enterprise.raw_data and not which.validate()):
        return render_template("users/request_which.html", form=which, wrong=wrong), 422
    if not which.enterprise.raw_data:
        return render_template("users/request_which.html", form=which, wrong=wrong)
    right = world().policy.rights[which.right.data]
    asked = list(right.contexts(request.args.getlist("ctx")))
    return _request_page(which, RequestForm(formdata=None, data={"contexts": asked}))


@bp.post("/requests/new")
def new_request_post() -> ResponseReturnValue:
    """Make the request."""
    which, _wrong = _which(request.form)
    if not which.validate():
        return render_template("users/request_which.html", form=which, wrong=None), 422
    number, right = which.enterprise.number.digits, world().policy.rights[which.right.data]
    form = RequestForm()
    with look() as seen:
        offer_contexts(form.contexts, seen, standing(number), right)
    if not form.validate():
        return _request_page(which, form), 422
    reason = (form.reason.data or "").strip()
    done = act(
        Action.REQUEST_RIGHT,
        enterprise=number,
        right=right.code,
        contexts=tuple(form.contexts.data),
        reason=bool(reason),
        note=reason or None,
    )
    flash(_("The request is sent to those who may answer it. They have 30 days."))
    return confirmed(done, url_for("users.one_request", request_id=done.events[0].row.id))


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


def _which(given: MultiDict[str, str]) -> tuple[WhichRightForm, str | None]:
    """The right and the enterprise named, and a sentence if the link names what does not exist."""
    rights = world().policy.rights
    named = MultiDict(given)
    application = given.get("an")
    if application and not given.get("ec"):
        named.setlist("ec", [code for code, right in rights.items() if right.application == application][:1])
    form = WhichRightForm(named, meta={"csrf": False})
    anywhere = nowhere()
    requestable = [code for code in rights if anywhere.permits(Action.REQUEST_RIGHT, right=code)]
    form.right.choices = [SelectChoice(code, right_name(code)) for code in requestable]
    if given.get("dg") and given["dg"] not in set(TargetGroup):
        return form, _("The link names a target group that does not exist. Choose the right and the enterprise below.")
    if given.get("ec") and given["ec"] not in requestable:
        return form, _("The link names a right that cannot be requested. Choose one of the list.")
    return form, None


def _request_page(which: WhichRightForm, form: RequestForm) -> str:
    number, right = which.enterprise.number.digits, world().policy.rights[which.right.data]
    with look() as seen:
        offer_contexts(form.contexts, seen, standing(number), right)
        return render_template(
            "users/request_new.html",
            form=form,
            right=right,
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
        )


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
