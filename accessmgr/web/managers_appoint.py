"""Offers of a role: the answer to one, and the end of it. `managers_offering.py` holds how one is made."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.model import Appointment, AppointmentState
from accessmgr.usecases.contacts import contact_of
from accessmgr.usecases.perform import Done
from accessmgr.web.current import act, consider, look, open_to, signed_in, world
from accessmgr.web.foreseen import Foreseen, foreseen_of
from accessmgr.web.format import language
from accessmgr.web.managers_area import appointment_here, bp, overview_of
from accessmgr.web.managers_forms import EndForm


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
    follows = end_foreseen(found)
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


def end_foreseen(found: Appointment) -> Foreseen | None:
    """What follows from the end of an appointment, even of the last main access manager's."""
    given = {"appointment": found.id, "without_successor": True}
    return foreseen_of(found.enterprise, Action.END_APPOINTMENT, **given)


def _after_the_end(done: Done) -> ResponseReturnValue:
    if made_by(done).outcome is AppointmentState.WITHDRAWN:
        flash(_("The offer is withdrawn."))
    else:
        flash(_("The role has ended."))
    number = made_by(done).enterprise
    with look() as seen:
        still_open = overview_of(seen, number).opens
    return redirect(url_for(".enterprise", number=number) if still_open else url_for(".home"), code=303)


def made_by(done: Done) -> Appointment:
    """The appointment that an action made or changed."""
    made = done.events[-1].row
    if not isinstance(made, Appointment):
        raise TypeError("an appointment was expected")
    return made
