"""Granting a right to a person, step by step: which right, for which contexts, for how long."""

from functools import partial
from typing import Any

from flask import abort, flash, get_template_attribute, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice

from accessmgr.core.actions import Action
from accessmgr.core.model import Right
from accessmgr.web import steps
from accessmgr.web.current import act, look, world
from accessmgr.web.format import context as context_name
from accessmgr.web.format import day as day_text
from accessmgr.web.format import language, right_name
from accessmgr.web.format import period as period_text
from accessmgr.web.receipts import confirmed
from accessmgr.web.steps import Job, Step
from accessmgr.web.users_area import Standing, bp, context_choices, default_period, not_over, standing
from accessmgr.web.users_forms import ContextsForm, PeriodForm, RightForm


@bp.route("/<enterprise:number>/people/<person>/grant", methods=["GET", "POST"])
@bp.route("/<enterprise:number>/people/<person>/grant/<draft>/<step>", methods=["GET", "POST"])
def grant(number: str, person: str, draft: str | None = None, step: str | None = None) -> ResponseReturnValue:
    """Which right, and then which contexts and days; an address may name them by `right` and `ctx`."""
    _open_to_grant(number, person)
    return steps.ask(_job(number, person, draft), draft, step)


@bp.get("/<enterprise:number>/people/<person>/grant/<draft>")
def grant_check(number: str, person: str, draft: str) -> ResponseReturnValue:
    """Check your answers."""
    _open_to_grant(number, person)
    job = _job(number, person, draft)
    read = steps.answers(job, draft)
    right = world().policy.rights[read["right"].right.data]
    period = read["days"].period
    chosen = ", ".join(context_name(value, right) for value in read["contexts"].contexts.data)
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
        rows = [
            (_("Person"), seen.lists.names([person])[person].name, ""),
            (_("Enterprise"), name, ""),
            (_("Right"), right_name(right.code), "right"),
            (_("Contexts"), chosen, "contexts"),
            (_("First day"), day_text(period.first), "days"),
            (_("Last day"), day_text(period.last), "days"),
        ]
    return steps.check_page(job, draft, rows, confirm=_("Confirm and grant the right"))


@bp.post("/<enterprise:number>/people/<person>/grant/<draft>")
def grant_confirm(number: str, person: str, draft: str) -> ResponseReturnValue:
    """Grant the right."""
    with steps.once(_job(number, person, draft), draft) as read:
        period = read["days"].period
        done = act(
            Action.GRANT_RIGHT,
            enterprise=number,
            person=person,
            right=read["right"].right.data,
            contexts=tuple(read["contexts"].contexts.data),
            period=period,
        )
    flash(_("The right is granted until %(day)s.", day=day_text(period.last)))
    return confirmed(done, url_for("users.person", number=number, person=person))


def contexts_form(right: Right | None, here: Standing, **rest: Any) -> FlaskForm:
    """The form for the contexts of a right that belong to the enterprise today."""
    form = ContextsForm(**rest)
    if right is None:
        form.contexts.choices = []
        return form
    with look() as seen:
        offered = context_choices(seen, here, right)
    form.contexts.choices = [SelectChoice(each.value, each.label) for each in offered]
    return form


def contexts_step(right: Right | None, here: Standing) -> Step:
    """The question for which contexts; an address may tick some by `ctx`."""
    notes = [get_template_attribute("users/_parts.html", "kind_of_context")(right)] if right else []
    ticked = list(right.contexts(request.args.getlist("ctx"))) if right else []
    return Step(
        "contexts",
        _("Contexts"),
        _("For which contexts?"),
        partial(contexts_form, right, here),
        {"contexts": ticked},
        notes,
    )


def _right_form(grantable: tuple[str, ...], **rest: Any) -> FlaskForm:
    form = RightForm(**rest)
    form.right.choices = [SelectChoice(code, right_name(code)) for code in grantable]
    return form


def _days_step(number: str, person: str, right: Right | None, here: Standing) -> Step:
    title = _("For how long?")
    if right is None:
        return Step("days", _("Days"), title, PeriodForm)
    with look() as seen:
        relations = seen.lists.work_relations(enterprise=number, person=person)
    lasting = [each.period for each in relations if not_over(each.period, here.facts.today)]
    proposed = default_period(relations, right, here.facts.today)
    within = "; ".join(map(period_text, lasting))
    notes = [
        _("The right must lie within a work relation: %(periods)s.", periods=within)
        if lasting
        else _("This person has no work relation with the enterprise now or later. Link the person first."),
        get_template_attribute("users/_parts.html", "longest")(right),
    ]
    return Step("days", _("Days"), title, PeriodForm, {"first": proposed.first, "last": proposed.last}, notes)


def _open_to_grant(number: str, person: str) -> None:
    """Answer as for somebody who does not exist unless a right may be granted to the person."""
    with look() as seen:
        if not standing(number).grantable or not seen.has_tie(person, number):
            abort(404)


def _job(number: str, person: str, draft: str | None) -> Job:
    here, purpose = standing(number), f"grant/{number}/{person}"
    code = steps.named(purpose, draft, "right")
    right = world().policy.rights[code] if code in here.grantable else None
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
        found = seen.lists.names([person]).get(person)
    who = found.name if found else ""
    page = url_for("users.person", number=number, person=person)
    return Job(
        purpose=purpose,
        path=url_for("users.grant", number=number, person=person),
        title=_("Grant a right to %(name)s", name=who),
        steps=[
            Step(
                "right",
                _("Right"),
                _("Which right do you grant to %(name)s?", name=who),
                partial(_right_form, here.grantable),
            ),
            contexts_step(right, here),
            _days_step(number, person, right, here),
        ],
        leave=page,
        trail=[
            (url_for("users.home"), _("Users and rights")),
            (url_for("users.enterprise", number=number), name),
            (page, who),
        ],
        given={"right": linked} if (linked := request.args.get("right")) else {},
    )
