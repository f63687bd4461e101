"""Appointing: the offer of a role, its check and confirmation, the answer to it, and its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.model import Appointment, AppointmentState, Domain
from accessmgr.core.numbers import NationalNumber
from accessmgr.usecases.contacts import contact_of, keep_contact
from accessmgr.usecases.perform import Done, Identity
from accessmgr.usecases.world import Conflict, Look
from accessmgr.web import drafts
from accessmgr.web.current import act, consider, look, open_to, signed_in, world
from accessmgr.web.foreseen import Foreseen, foreseen_of
from accessmgr.web.format import language
from accessmgr.web.managers_area import ACTION_OF_ROLE, appointment_here, bp, overview_of, overview_to
from accessmgr.web.managers_forms import NO, YES, AppointForm, EndForm
from accessmgr.web.receipts import confirmed


@dataclass(frozen=True)
class Answers:
    """What somebody filled in to offer a role; the number and the names are those of oneself where it is to oneself.

    `employee` is None where no rule asks for it.
    """

    myself: bool
    number: NationalNumber | None
    given: str
    family: str
    email: str
    phone: str
    employee: bool | None
    domain: Domain | None
    replaces: bool
    present: str | None

    @property
    def identity(self) -> Identity:
        """By what the appointee is found."""
        return Identity(self.number, (self.given, self.family))


@bp.route("/<enterprise:number>/appoint/<role>", methods=["GET", "POST"])
def appoint(number: str, role: str) -> ResponseReturnValue:
    """Ask for what is needed to offer a role; what is filled in waits, sealed, until it is confirmed."""
    action = _action(role)
    with look() as seen:
        present = overview_to(action, seen, number).main
        present_name = _name(seen, present.holder) if present else None
        name = seen.lists.enterprise_names([number], language())[number]
    form = AppointForm(action, present_name, data=_typed_before(number, role))
    if form.validate_on_submit():
        draft = drafts.put(_purpose(number, role), _fields(form))
        return redirect(url_for(".check", number=number, role=role, draft=draft), code=303)
    if not form.is_submitted():
        form.present.data = present.id if present else None
    page = render_template("managers/appoint.html", form=form, number=number, name=name, role=APPOINTS[action])
    return page, 422 if form.is_submitted() else 200


@bp.get("/<enterprise:number>/appoint/<role>/<draft>")
def check(number: str, role: str, draft: str) -> ResponseReturnValue:
    """Show what was filled in, the number masked, before it is done; and what whoever is replaced then loses."""
    action = _action(role)
    with look() as seen:
        present = overview_to(action, seen, number).main
        answers = _answers(drafts.get(_purpose(number, role), draft))
    follows = _end_foreseen(present) if present and answers.replaces else None
    with look() as seen:
        return render_template(
            "managers/check.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            role=APPOINTS[action],
            answers=answers,
            present=_name(seen, present.holder) if present else None,
            follows=follows,
            draft=draft,
        )


@bp.post("/<enterprise:number>/appoint/<role>/<draft>")
def confirm(number: str, role: str, draft: str) -> ResponseReturnValue:
    """Offer the role, once, and keep how to reach the appointee."""
    action = _action(role)
    with drafts.once(_purpose(number, role), draft) as fields:
        answers = _answers(fields)
        if answers.replaces:
            _refuse_if_another_is_replaced(number, answers)
        done = act(
            action,
            identity=answers.identity,
            enterprise=number,
            employee=bool(answers.employee),
            domain=answers.domain,
            replaces=answers.replaces,
        )
    made = _made(done)
    if answers.email or answers.phone:
        keep_contact(world(), made.holder, answers.email, answers.phone, by=signed_in().person)
    if made.accepted_at is not None:
        flash(_("You have the role from now on."))
    else:
        flash(_("The role is offered. It begins when the person signs in here and accepts, within 30 days."))
    return confirmed(done, url_for(".enterprise", number=number))


@bp.get("/offers/<appointment>")
def offer(appointment: str) -> ResponseReturnValue:
    """What is offered, by whom and until when; with the answers, for the appointee."""
    with look() as seen:
        answering = consider(Action.ACCEPT_APPOINTMENT, appointment=appointment).decision
        is_mine = answering.permitted
        ends = consider(Action.END_APPOINTMENT, appointment=appointment).decision.permitted
        if not (is_mine or ends):
            abort(404)
        found = appointment_here(seen, appointment)
    accepting = answering.allowed
    follows = foreseen_of(found.enterprise, Action.ACCEPT_APPOINTMENT, appointment=appointment) if accepting else None
    with look() as seen:
        return render_template(
            "managers/offer.html",
            offer=found,
            follows=follows,
            state=found.state(world().clock.now()),
            is_mine=is_mine,
            ends=ends,
            answering=answering,
            name=seen.lists.enterprise_names([found.enterprise], language())[found.enterprise],
            people=seen.lists.names([found.holder, found.by]),
            contact=contact_of(seen, found.holder) if is_mine else None,
        )


@bp.post("/offers/<appointment>/accept")
def accept(appointment: str) -> ResponseReturnValue:
    """Accept an offer."""
    open_to(Action.ACCEPT_APPOINTMENT, appointment=appointment)
    done = act(Action.ACCEPT_APPOINTMENT, appointment=appointment)
    flash(_("You have accepted. You have the role from now on."))
    return redirect(url_for(".enterprise", number=done.facts.enterprise), code=303)


@bp.post("/offers/<appointment>/refuse")
def refuse(appointment: str) -> ResponseReturnValue:
    """Refuse an offer."""
    open_to(Action.REFUSE_APPOINTMENT, appointment=appointment)
    act(Action.REFUSE_APPOINTMENT, appointment=appointment)
    flash(_("You have refused the offer. Nothing else changes."))
    return redirect(url_for(".home"), code=303)


@bp.get("/appointments/<appointment>/end")
def end(appointment: str) -> ResponseReturnValue:
    """Say what follows from ending an appointment or withdrawing an offer."""
    with look() as seen:
        ending = consider(Action.END_APPOINTMENT, appointment=appointment).decision
        if not ending.permitted:
            abort(404)
        found = appointment_here(seen, appointment)
    follows = _end_foreseen(found)
    with look() as seen:
        return render_template(
            "managers/end.html",
            form=EndForm(),
            asks_about_successor="END-3" in ending.because,
            follows=follows,
            appointment=found,
            state=found.state(world().clock.now()),
            is_mine=found.holder == signed_in().person,
            name=seen.lists.enterprise_names([found.enterprise], language())[found.enterprise],
            people=seen.lists.names([found.holder, found.by]),
        )


@bp.post("/appointments/<appointment>/end")
def end_it(appointment: str) -> ResponseReturnValue:
    """End an appointment or withdraw an offer. Sent twice, its holder reads that it is over."""
    open_to(Action.END_APPOINTMENT, Action.ACCEPT_APPOINTMENT, appointment=appointment)
    without_successor = bool(EndForm().without_successor.data)
    return _after_the_end(act(Action.END_APPOINTMENT, appointment=appointment, without_successor=without_successor))


def _end_foreseen(found: Appointment) -> Foreseen | None:
    """What follows from the end of an appointment, even of the last main access manager's."""
    given = {"appointment": found.id, "without_successor": True}
    return foreseen_of(found.enterprise, Action.END_APPOINTMENT, **given)


def _after_the_end(done: Done) -> ResponseReturnValue:
    if _made(done).outcome is AppointmentState.WITHDRAWN:
        flash(_("The offer is withdrawn."))
    else:
        flash(_("The role has ended."))
    number = _made(done).enterprise
    with look() as seen:
        still_open = overview_of(seen, number).opens
    return redirect(url_for(".enterprise", number=number) if still_open else url_for(".home"), code=303)


def _action(role: str) -> Action:
    if role not in ACTION_OF_ROLE:
        abort(404)
    return ACTION_OF_ROLE[role]


def _purpose(number: str, role: str) -> str:
    """What a draft is for, so that it does for no other enterprise and no other role."""
    return f"appoint/{number}/{role}"


def _typed_before(number: str, role: str) -> Mapping[str, Any]:
    """What waits, for somebody who comes back, without the number; else what the address names."""
    draft, domain = request.args.get("draft"), request.args.get("domain", "")
    if not draft:
        return {"domain": domain} if domain in set(Domain) else {}
    fields = dict(drafts.get(_purpose(number, role), draft))
    fields["employee"] = YES if fields["employee"] else NO
    return {name: value for name, value in fields.items() if name != "number"}


def _fields(form: AppointForm) -> drafts.Fields:
    number = None if form.myself.data else form.number.number
    return {
        "myself": bool(form.myself.data),
        "number": number.digits if number else None,
        "given": form.given.data,
        "family": form.family.data,
        "email": form.email.data,
        "phone": form.phone.data,
        "employee": form.employee.data == YES if "employee" in form else None,
        "domain": form.domain.data if "domain" in form else None,
        "replaces": bool("replaces" in form and form.replaces.data),
        "present": form.present.data,
    }


def _answers(fields: drafts.Fields) -> Answers:
    values: dict[str, Any] = dict(fields)
    values["number"] = NationalNumber(values["number"]) if values["number"] else None
    values["domain"] = Domain(values["domain"]) if values["domain"] else None
    if values["myself"]:
        who = signed_in()
        with look() as seen:
            values |= {"number": seen.number_of(who.person), "given": who.given, "family": who.family}
    return Answers(**values)


def _refuse_if_another_is_replaced(number: str, answers: Answers) -> None:
    """Nobody replaces a main access manager whom the page did not name."""
    with look() as seen:
        present = overview_of(seen, number).main
    if answers.present != (present.id if present else None):
        raise Conflict("another main access manager is there meanwhile")


def _made(done: Done) -> Appointment:
    """The appointment that an action made or changed."""
    made = done.events[-1].row
    if not isinstance(made, Appointment):
        raise TypeError("an appointment was expected")
    return made


def _name(seen: Look, person: str) -> str:
    found = seen.lists.names([person]).get(person)
    return found.name if found else ""
