"""Linking a person to an enterprise, step by step: who, and how they work for it."""

from collections.abc import Mapping

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.model import UserType, WorkRelation
from accessmgr.usecases.perform import Identity
from accessmgr.web import steps
from accessmgr.web.current import act, look
from accessmgr.web.format import language
from accessmgr.web.format import period as period_text
from accessmgr.web.format import user_type as user_type_name
from accessmgr.web.receipts import confirmed
from accessmgr.web.steps import Job, Step
from accessmgr.web.users_area import bp, standing
from accessmgr.web.users_forms import PersonForm, WorkForm


@bp.route("/<enterprise:number>/people/add", methods=["GET", "POST"])
@bp.route("/<enterprise:number>/people/add/<draft>/<step>", methods=["GET", "POST"])
def add(number: str, draft: str | None = None, step: str | None = None) -> ResponseReturnValue:
    """Who is to be linked, and how; an address may name, by `person`, somebody who has a tie to the enterprise."""
    _open_to_link(number)
    return steps.ask(_job(number), draft, step)


@bp.get("/<enterprise:number>/people/add/<draft>")
def add_check(number: str, draft: str) -> ResponseReturnValue:
    """Check your answers."""
    _open_to_link(number)
    job = _job(number)
    read = steps.answers(job, draft)
    who, work = read["who"], read["work"]
    rows = [
        (_("National number"), who.number.number.masked, "who"),
        (_("Given name"), who.given.data, "who"),
        (_("Family name"), who.family.data, "who"),
        (_("Works as"), user_type_name(UserType(work.user_type.data)), "work"),
        (_("Period"), period_text(work.period), "work"),
    ]
    says = _("If you confirm, the person is linked to the enterprise. A right is granted in a step of its own.")
    return steps.check_page(job, draft, rows, confirm=_("Confirm and link"), notes=[says])


@bp.post("/<enterprise:number>/people/add/<draft>")
def add_confirm(number: str, draft: str) -> ResponseReturnValue:
    """Link the person."""
    with steps.once(_job(number), draft) as read:
        who, work = read["who"], read["work"]
        done = act(
            Action.LINK_PERSON,
            identity=Identity(who.number.number, [who.given.data, who.family.data]),
            enterprise=number,
            user_type=UserType(work.user_type.data),
            period=work.period,
        )
    linked = next(event.row for event in done.events if isinstance(event.row, WorkRelation))
    flash(_("The person is linked to the enterprise. You can now grant them a right."))
    return confirmed(done, url_for("users.person", number=number, person=linked.person))


def _open_to_link(number: str) -> None:
    if not standing(number).links:
        abort(404)


def _job(number: str) -> Job:
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
    today = standing(number).facts.today
    note = _("You need their national number and their names, as on their identity card.")
    here = url_for("users.enterprise", number=number)
    return Job(
        purpose=f"link/{number}",
        path=url_for("users.add", number=number),
        title=_("Add a person"),
        steps=[
            Step("who", _("Person"), _("Who is it?"), PersonForm, _named_before(number), notes=[note]),
            Step(
                "work",
                _("Work"),
                _("How does this person work for %(enterprise)s?", enterprise=name),
                WorkForm,
                {"first": today},
            ),
        ],
        leave=here,
        trail=[(url_for("users.home"), _("Users and rights")), (here, name)],
    )


def _named_before(number: str) -> Mapping[str, str]:
    """The names of the person whom the address names, if those who link people here see them; never the number."""
    person = request.args.get("person", "")
    with look() as seen:
        named = seen.lists.names([person]).get(person) if person and seen.has_tie(person, number) else None
    return {"given": named.given, "family": named.family} if named is not None else {}
