"""Offering a role, step by step: for which domain, to whom, how they are reached, and what the rules ask for."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.model import Appointment, Domain
from accessmgr.core.numbers import NationalNumber
from accessmgr.core.rules import RULES
from accessmgr.usecases.contacts import keep_contact
from accessmgr.usecases.perform import Identity
from accessmgr.usecases.world import Conflict
from accessmgr.web import steps
from accessmgr.web.current import act, look, signed_in, world
from accessmgr.web.format import domain as domain_name
from accessmgr.web.format import language
from accessmgr.web.format import role as role_name
from accessmgr.web.managers_appoint import end_foreseen, made_by
from accessmgr.web.managers_area import ACTION_OF_ROLE, bp, overview_of
from accessmgr.web.managers_forms import YES, DomainForm, EmployeeForm, ReachForm, ReplaceForm, WhoForm
from accessmgr.web.receipts import confirmed
from accessmgr.web.steps import Job, Step, Typed

DECLARED_FOR = {"employee": "APPOINT-2", "replaces": "APPOINT-3", "domain": "APPOINT-8"}
"""The steps that not every role needs, each with the rule that looks at its answer: without the rule, no step."""

Read = Mapping[str, FlaskForm]


@bp.route("/<enterprise:number>/appoint/<role>", methods=["GET", "POST"])
@bp.route("/<enterprise:number>/appoint/<role>/<draft>/<step>", methods=["GET", "POST"])
def appoint(number: str, role: str, draft: str | None = None, step: str | None = None) -> ResponseReturnValue:
    """Ask for what is needed to offer a role, step by step."""
    _open_to_offer(number, role)
    return steps.ask(_job(number, role), draft, step)


@bp.get("/<enterprise:number>/appoint/<role>/<draft>")
def check(number: str, role: str, draft: str) -> ResponseReturnValue:
    """Show what was filled in, the number masked, before it is done; and what whoever is replaced then loses."""
    _open_to_offer(number, role)
    job, present = _job(number, role), _present(number)
    read = steps.answers(job, draft)
    replaces = "replaces" in read and read["replaces"].replaces.data
    if _is_for_oneself(read):
        notes = [_("If you confirm, you have the role at once.")]
    else:
        notes = [
            _(
                "If you confirm, the role is offered. It begins when the person signs in here and accepts; "
                "after 30 days the offer lapses."
            )
        ]
    return steps.check_page(
        job,
        draft,
        _rows(role, read, present[1] if present else ""),
        notes=notes,
        confirm=_("Confirm"),
        beside="managers/_replaced.html" if present and replaces else None,
        follows=end_foreseen(present[0]) if present and replaces else None,
        present=present[1] if present else None,
    )


@bp.post("/<enterprise:number>/appoint/<role>/<draft>")
def confirm(number: str, role: str, draft: str) -> ResponseReturnValue:
    """Offer the role, once, and keep how to reach the appointee."""
    action = _action(role)
    with steps.once(_job(number, role), draft) as read:
        replaces = "replaces" in read and bool(read["replaces"].replaces.data)
        if replaces:
            _refuse_if_another_is_replaced(number, read["replaces"].present.data)
        done = act(
            action,
            identity=_identity(read),
            enterprise=number,
            employee="employee" in read and read["employee"].employee.data == YES,
            domain=Domain(read["domain"].domain.data) if "domain" in read else None,
            replaces=replaces,
        )
    made = made_by(done)
    if "reach" in read:
        given = read["reach"]
        keep_contact(world(), made.holder, given.email.data, given.phone.data, by=signed_in().person)
    if made.accepted_at is not None:
        flash(_("You have the role from now on."))
    else:
        flash(_("The role is offered. It begins when the person signs in here and accepts, within 30 days."))
    return confirmed(done, url_for(".enterprise", number=number))


def _action(role: str) -> Action:
    if role not in ACTION_OF_ROLE:
        abort(404)
    return ACTION_OF_ROLE[role]


def _open_to_offer(number: str, role: str) -> None:
    """Answer as for an enterprise that does not exist unless some permit to offer the role holds."""
    with look() as seen:
        if _action(role) not in overview_of(seen, number).permitted:
            abort(404)


def _job(number: str, role: str) -> Job:
    action, present = _action(role), _present(number)
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
    declared = [what for what, rule in DECLARED_FOR.items() if action in RULES[rule].actions]
    chosen = request.args.get("domain", "")
    begin_with = {"domain": chosen} if chosen in set(Domain) else {}
    found_by = _("The person is found by national number and names together.")
    works = _("Does this person work for the enterprise?")
    asked = [
        Step("domain", _("Domain"), _("For which domain?"), DomainForm, begin_with),
        Step(
            "who",
            _("Person"),
            _("To whom do you offer the role?"),
            WhoForm,
            notes=[found_by],
            beside="managers/_myself.html",
        ),
        Step("reach", _("Contact"), _("How is this person reached?"), ReachForm, applies=_is_for_another),
        Step("employee", _("Work"), works, EmployeeForm, applies=_is_for_another),
    ]
    if present:
        replacing = partial(ReplaceForm, present_name=present[1])
        title = _("There is a main access manager already")
        asked.append(Step("replaces", _("Replacement"), title, replacing, {"present": present[0].id}))
    return Job(
        purpose=f"appoint/{number}/{role}",
        path=url_for("managers.appoint", number=number, role=role),
        title=_("Offer a role: %(role)s", role=role_name(APPOINTS[action])),
        steps=[step for step in asked if step.name not in DECLARED_FOR or step.name in declared],
        leave=url_for("managers.enterprise", number=number),
        trail=[(url_for("managers.home"), _("Access managers")), (url_for("managers.enterprise", number=number), name)],
    )


def _is_for_another(typed: Typed) -> bool:
    return not typed.get("myself")


def _is_for_oneself(read: Read) -> bool:
    return bool(read["who"].myself.data)


def _present(number: str) -> tuple[Appointment, str] | None:
    """The present main access manager, with their name, as the person who is signed in sees it."""
    with look() as seen:
        present = overview_of(seen, number).main
        found = seen.lists.names([present.holder]).get(present.holder) if present else None
    return (present, found.name if found else "") if present else None


def _refuse_if_another_is_replaced(number: str, named: str | None) -> None:
    """Nobody replaces a main access manager whom the page did not name."""
    present = _present(number)
    if named != (present[0].id if present else None):
        raise Conflict("another main access manager is there meanwhile")


def _identity(read: Read) -> Identity:
    """By what the appointee is found: what was typed, or what is known of oneself."""
    who = read["who"]
    if not _is_for_oneself(read):
        return Identity(who.number.number, (who.given.data, who.family.data))
    oneself = signed_in()
    with look() as seen:
        return Identity(seen.number_of(oneself.person), (oneself.given, oneself.family))


def _rows(role: str, read: Read, present: str) -> list[tuple[str, Any, str]]:
    identity = _identity(read)
    number: NationalNumber | None = identity.number
    rows: list[tuple[str, Any, str]] = [(_("Role"), role_name(APPOINTS[_action(role)]), "")]
    if "domain" in read:
        rows.append((_("Domain"), domain_name(Domain(read["domain"].domain.data)), "domain"))
    rows += [
        (_("Given name"), identity.names[0], "who"),
        (_("Family name"), identity.names[1], "who"),
        (_("National number"), number.masked if number else _("none is known"), "who"),
    ]
    if "reach" in read:
        rows += [
            (_("E-mail address"), read["reach"].email.data, "reach"),
            (_("Telephone number"), read["reach"].phone.data, "reach"),
        ]
    if "employee" in read:
        yes = read["employee"].employee.data == YES
        rows.append((_("Employee of the enterprise"), _("yes") if yes else _("no"), "employee"))
    if "replaces" in read:
        nobody = _("nobody, although %(name)s has the role", name=present)
        rows.append((_("Replaces"), present if read["replaces"].replaces.data else nobody, "replaces"))
    return rows
