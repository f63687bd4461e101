"""The simulator: be one of the people of the demo world, set the clock forwards, push changes into the register."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from accessmgr.usecases import register as pushes
from accessmgr.usecases.lists import EnterpriseCard
from accessmgr.usecases.simulator import NotAhead
from accessmgr.usecases.simulator import advance as advance_clock
from accessmgr.usecases.world import Unknown
from accessmgr.web.current import look, product, world
from accessmgr.web.entering import Way, enter_as
from accessmgr.web.format import language, moment
from accessmgr.web.menu import checked_path
from accessmgr.web.personas import demo_enterprises, personas
from accessmgr.web.simulator_forms import CHANGES, ClockForm, DeathForm, forms_for

STEPS = ("1", "30")
"""The steps in days that the clock's buttons take."""

bp = Blueprint("simulator", __name__, url_prefix="/simulator")


@bp.get("/")
def home() -> ResponseReturnValue:
    """Everybody whom one can be, the clock, and the enterprises."""
    return _home(ClockForm(), 200)


@bp.post("/become")
def become() -> ResponseReturnValue:
    """Sign in as a persona, with their usual digital key, and go on to the page that was asked for."""
    chosen = [persona for persona in personas() if persona.short == request.form.get("persona")]
    if not chosen:
        abort(404)
    return enter_as(chosen[0].person, chosen[0].key, Way(checked_path(request.form.get("next")), step_up=False))


@bp.post("/clock")
def advance() -> ResponseReturnValue:
    """Set the clock forwards: by a step of days, or to a day and time."""
    set_clock, form = product().set_clock, ClockForm()
    step = request.form.get("step")
    if set_clock is None or (step is not None and step not in STEPS):
        abort(404)
    if step is None and not form.validate_on_submit():
        return _home(form, 422)
    try:
        to = form.moment() if step is None else world().clock.now() + timedelta(days=int(step))
        advance_clock(world(), set_clock, to)
    except NotAhead:
        form.day.errors = [_("Choose a moment after the one that the clock shows, and at most ten years ahead.")]
        return _home(form, 422)
    except ValueError:
        form.time.errors = [_("The clock in Brussels was set forward over that time. Choose another one.")]
        return _home(form, 422)
    flash(_("The clock shows %(moment)s now.", moment=moment(world().clock.now())))
    return redirect(url_for(".home"), code=303)


@bp.get("/register/<enterprise:number>")
def register(number: str) -> ResponseReturnValue:
    """An enterprise in the register, and the changes that can be pushed."""
    card = _card(number)
    return render_template("simulator/register.html", card=card, forms=list(forms_for(card, personas())))


@bp.post("/register/<enterprise:number>/<change>")
def change(number: str, change: str) -> ResponseReturnValue:
    """Push a change into the register."""
    if change not in CHANGES:
        abort(404)
    card = _card(number)
    forms = dict(forms_for(card, personas(), sent=change))
    form = forms[change]
    if not form.validate_on_submit():
        return render_template("simulator/register.html", card=card, forms=list(forms.items()), sent=form), 422
    try:
        form.push(world(), number)
    except Unknown:
        flash(_("Nothing was changed: there is no such thing in the register on that day."), "bad")
    else:
        flash(_("The register has changed. What follows from it counts at once."))
    return redirect(url_for(".register", number=number), code=303)


@bp.post("/death")
def death() -> ResponseReturnValue:
    """Let the register record a death."""
    form = DeathForm(prefix="death")
    form.offer(personas())
    if not form.validate_on_submit():
        return _home(ClockForm(formdata=None), 422, form)
    pushes.record_death(world(), form.person.data, form.day.chosen)
    flash(_("The register records the death."))
    return redirect(url_for(".home"), code=303)


@bp.post("/start-over")
def start_over() -> ResponseReturnValue:
    """Let the demo world start over; everybody is signed out, for the people in it are new."""
    again = product().start_over
    if again is None or request.form.get("sure") != "yes":
        abort(404)
    again()
    logout_user()
    flash(_("The demo world starts over: nothing has happened in it yet."))
    return redirect(url_for("tour.home"), code=303)


def _home(clock: ClockForm, status: int, death_form: DeathForm | None = None) -> ResponseReturnValue:
    people = personas()
    if death_form is None:
        death_form = DeathForm(formdata=None, prefix="death")
        death_form.offer(people)
    with look() as seen:
        enterprises = seen.lists.enterprise_names(demo_enterprises(), language())
    page = render_template(
        "simulator/home.html", people=people, clock=clock, death=death_form, enterprises=enterprises, steps=STEPS
    )
    return page, status


def _card(number: str) -> EnterpriseCard:
    with look() as seen:
        card = seen.lists.enterprise_card(number, language())
    if card is None:
        abort(404)
    return card
