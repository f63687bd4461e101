"""Signing in from another country: its schemes, its page, and back. The level is that of the scheme."""

from itertools import groupby

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.web.begun import begin, begin_again, begun, forget, refused, way_of
from accessmgr.web.current import look, world
from accessmgr.web.eidas_schemes import Scheme, schemes
from accessmgr.web.entering import bp, enter_as, keys_that_do, way
from accessmgr.web.sign_in_forms import PersonForm


@bp.get("/eidas")
def eidas() -> ResponseReturnValue:
    """The countries with their schemes; only those whose level will do."""
    will_do = keys_that_do(way())
    found = sorted((one for one in schemes().values() if one.key in will_do), key=lambda one: one.land)
    countries = [(land, list(there)) for land, there in groupby(found, key=lambda one: one.land)]
    return render_template("sign_in/eidas.html", countries=countries, way=way())


@bp.get("/eidas/<scheme>")
def eidas_person(scheme: str) -> ResponseReturnValue:
    """Choose who you are there."""
    return _choose(PersonForm(), _scheme(scheme))


@bp.post("/eidas/<scheme>")
def eidas_person_post(scheme: str) -> ResponseReturnValue:
    """Go to the page of the country."""
    form, chosen = PersonForm(), _scheme(scheme)
    if not form.validate_on_submit():
        return _choose(form, chosen)
    begin(chosen.key, form.person.data, scheme=chosen.id)
    return redirect(url_for(".eidas_abroad", scheme=chosen.id), code=303)


@bp.get("/eidas/<scheme>/abroad")
def eidas_abroad(scheme: str) -> ResponseReturnValue:
    """The page of the country: what it would tell, to whom."""
    chosen = _scheme(scheme)
    waiting = begun(chosen.key)
    if waiting is None or waiting["scheme"] != chosen.id:
        return begin_again()
    with look() as seen:
        name = seen.lists.names([waiting["person"]])[waiting["person"]].name
    return render_template("sign_in/abroad.html", scheme=chosen, name=name, at=world().clock.now())


@bp.post("/eidas/<scheme>/abroad")
def eidas_abroad_post(scheme: str) -> ResponseReturnValue:
    """Confirmed or refused there; either is asked once."""
    chosen = _scheme(scheme)
    waiting = begun(chosen.key)
    forget()
    if waiting is None or waiting["scheme"] != chosen.id:
        return begin_again()
    if request.form.get("answer") != "confirm":
        return refused(waiting, _("You refused on the page of the other country. Nobody is signed in by this."))
    return enter_as(waiting["person"], chosen.key, way_of(waiting))


def _scheme(text: str) -> Scheme:
    found = schemes().get(text)
    if found is None:
        abort(404)
    return found


def _choose(form: PersonForm, scheme: Scheme) -> ResponseReturnValue:
    form.offer(scheme.key)
    return render_template(
        "sign_in/eidas_person.html", form=form, scheme=scheme, way=way()
    ), 422 if form.errors else 200
