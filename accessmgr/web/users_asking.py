"""Asking for a right, step by step, also by a deep link: which right where, for which contexts, and why."""

from functools import partial
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice

from accessmgr.core.actions import Action
from accessmgr.core.model import TargetGroup
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.web import steps
from accessmgr.web.current import act, look, world
from accessmgr.web.format import context as context_name
from accessmgr.web.format import language, right_name
from accessmgr.web.format import number as written
from accessmgr.web.receipts import confirmed
from accessmgr.web.steps import Job, Step
from accessmgr.web.users_area import bp, nowhere, standing
from accessmgr.web.users_forms import WhichRightForm, WhyForm
from accessmgr.web.users_granting import contexts_step

PURPOSE = "request"


@bp.route("/requests/new", methods=["GET", "POST"])
@bp.route("/requests/new/<draft>/<step>", methods=["GET", "POST"])
def new_request(draft: str | None = None, step: str | None = None) -> ResponseReturnValue:
    """Ask for a right, perhaps by a link with `dg`, `ec` or `an`, `ctx` and `oc` (domain notes, 2.6)."""
    return steps.ask(_job(draft), draft, step)


@bp.get("/requests/new/<draft>")
def new_request_check(draft: str) -> ResponseReturnValue:
    """Check your answers."""
    job = _job(draft)
    read = steps.answers(job, draft)
    which = read["which"]
    right, number = world().policy.rights[which.right.data], which.enterprise.number.digits
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
    rows = [
        (_("Right"), right_name(right.code), "which"),
        (_("Enterprise"), f"{name} {written(number)}", "which"),
        (_("Contexts"), ", ".join(context_name(each, right) for each in read["contexts"].contexts.data), "contexts"),
        (_("Reason"), read["reason"].reason.data.strip() or _("none given"), "reason"),
    ]
    says = _("If you confirm, the request goes to those who may grant the right in the enterprise. They have 30 days.")
    return steps.check_page(job, draft, rows, confirm=_("Send the request"), notes=[says])


@bp.post("/requests/new/<draft>")
def new_request_confirm(draft: str) -> ResponseReturnValue:
    """Make the request."""
    with steps.once(_job(draft), draft) as read:
        reason = read["reason"].reason.data.strip()
        done = act(
            Action.REQUEST_RIGHT,
            enterprise=read["which"].enterprise.number.digits,
            right=read["which"].right.data,
            contexts=tuple(read["contexts"].contexts.data),
            reason=bool(reason),
            note=reason or None,
        )
    flash(_("The request is sent to those who may answer it. They have 30 days."))
    return confirmed(done, url_for("users.one_request", request_id=done.events[0].row.id))


def _job(draft: str | None) -> Job:
    anywhere, rights = nowhere(), world().policy.rights
    requestable = [code for code in rights if anywhere.permits(Action.REQUEST_RIGHT, right=code)]
    linked = {"ec": _linked_right(), "oc": request.args.get("oc", "")}
    code = steps.named(PURPOSE, draft, "ec") or linked["ec"]
    right = rights[code] if code in requestable else None
    here = standing(_enterprise(steps.named(PURPOSE, draft, "oc")))
    note = _("Your request goes to those who may grant the right in the enterprise.")
    wrong = _wrong_link(requestable)
    leave, which = url_for("users.home"), partial(_which_form, requestable, wrong)
    return Job(
        purpose=PURPOSE,
        path=url_for("users.new_request"),
        title=_("Ask for a right"),
        steps=[
            Step("which", _("Right"), _("Which right do you need, and where?"), which, {"right": linked["ec"]}, [note]),
            contexts_step(right, here),
            Step("reason", _("Reason"), _("Why do you need this right?"), WhyForm),
        ],
        leave=leave,
        trail=[(leave, _("Users and rights"))],
        given=linked if "oc" in request.args or wrong else {},
    )


def _linked_right() -> str:
    """The right that the link names; an application stands for its right."""
    application = request.args.get("an")
    codes = [code for code, right in world().policy.rights.items() if right.application == application]
    return request.args.get("ec") or (codes[0] if codes else "")


def _wrong_link(requestable: list[str]) -> str | None:
    """A sentence about the link that led here, if it is wrong."""
    group, code = request.args.get("dg"), request.args.get("ec")
    if request.method == "GET" and group and group not in set(TargetGroup):
        return _("The link names a target group that does not exist. Choose the right and the enterprise below.")
    if request.method == "GET" and code and code not in requestable:
        return _("The link names a right that cannot be requested. Choose one of the list.")
    return None


def _which_form(requestable: list[str], wrong: str | None, **rest: Any) -> FlaskForm:
    form = WhichRightForm(**rest)
    form.right.choices = [SelectChoice(code, right_name(code)) for code in requestable]
    form.wrong_link = wrong
    return form


def _enterprise(text: str) -> str:
    """The number of the enterprise, as typed or in a link; empty if it is none."""
    try:
        return EnterpriseNumber.parse(text).digits
    except InvalidNumber:
        return ""
