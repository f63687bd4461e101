"""The pages of eID, itsme and the app: test card, imitated phone, and codes that are real."""

from typing import Any

import pyotp
import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.model import Key
from accessmgr.usecases.keys import activate_key
from accessmgr.web.begun import begin, begin_again, begun, forget, proved, refused, say_wrong, way_of
from accessmgr.web.current import look, product, signed_in, world
from accessmgr.web.entering import ENROL_LEVEL, bp, enter_as, way
from accessmgr.web.sign_in_forms import AppForm, CardForm, PersonForm, pin_of
from accessmgr.web.tries import tries


@bp.get("/eid")
def eid() -> ResponseReturnValue:
    """Choose a test card, and type its PIN."""
    return _page("sign_in/eid.html", CardForm(), Key.EID)


@bp.post("/eid")
def eid_post() -> ResponseReturnValue:
    """Check the PIN; three wrong ones block the card for a while."""
    form = CardForm()
    if form.validate_on_submit() and proved(form.pin, f"card {form.person.data}", pin_of(form.person.data)):
        return enter_as(form.person.data, Key.EID, way())
    return _page("sign_in/eid.html", form, Key.EID)


@bp.get("/itsme")
def itsme() -> ResponseReturnValue:
    """Choose whose phone it is."""
    return _page("sign_in/person.html", PersonForm(), Key.ITSME)


@bp.post("/itsme")
def itsme_post() -> ResponseReturnValue:
    """Ask the phone."""
    form = PersonForm()
    if not form.validate_on_submit():
        return _page("sign_in/person.html", form, Key.ITSME)
    begin(Key.ITSME, form.person.data)
    return redirect(url_for(".itsme_phone"), code=303)


@bp.get("/itsme/phone")
def itsme_phone() -> ResponseReturnValue:
    """What the phone shows: who is asked, for what and when."""
    waiting = begun(Key.ITSME)
    if waiting is None:
        return begin_again()
    with look() as seen:
        name = seen.lists.names([waiting["person"]])[waiting["person"]].name
    return render_template("sign_in/phone.html", name=name, at=world().clock.now())


@bp.post("/itsme/phone")
def itsme_phone_post() -> ResponseReturnValue:
    """Confirmed or refused on the phone; either is asked once."""
    waiting = begun(Key.ITSME)
    forget()
    if waiting is None:
        return begin_again()
    if request.form.get("answer") != "confirm":
        return refused(waiting, _("You refused on the phone. Nobody is signed in by this."))
    return enter_as(waiting["person"], Key.ITSME, way_of(waiting))


@bp.get("/app")
def app() -> ResponseReturnValue:
    """Choose who you are, and type the code of your app."""
    return _page("sign_in/app.html", AppForm(), Key.APP)


@bp.post("/app")
def app_post() -> ResponseReturnValue:
    """Check the code of the app, which is good once."""
    form = AppForm()
    if not form.validate_on_submit():
        return _page("sign_in/app.html", form, Key.APP)
    person, totp = form.person.data, product().totp
    if not totp.enrolled(person):
        return _page("sign_in/app.html", form, Key.APP, not_enrolled=True)
    counted = f"app {person}"
    if not tries().blocked(counted):
        right = totp.accept(person, form.code.data)
        tries().note(counted, right=right)
        if right:
            return enter_as(person, Key.APP, way())
    say_wrong(form.code, counted)
    return _page("sign_in/app.html", form, Key.APP)


@bp.get("/app/enrol")
def enrol() -> ResponseReturnValue:
    """What the app is for, and how to begin; only with a strong key."""
    return render_template("sign_in/enrol.html", strong=_is_strong(), secret=None)


@bp.post("/app/enrol")
def enrol_post() -> ResponseReturnValue:
    """A new secret for the app, shown this once."""
    if not _is_strong():
        return render_template("sign_in/enrol.html", strong=False, secret=None), 403
    secret = product().totp.enrol(signed_in().person)
    activate_key(world(), signed_in().person, Key.APP)
    address = pyotp.TOTP(secret).provisioning_uri(name=signed_in().name, issuer_name="accessmgr (simulation)")
    drawing = segno.make(address).svg_inline(scale=5, border=4, dark="#000000", light="#ffffff")
    return render_template("sign_in/enrol.html", strong=True, secret=secret, drawing=drawing)


def _page(template: str, form: PersonForm, key: Key, **more: Any) -> ResponseReturnValue:
    form.offer(key)
    status = 422 if form.errors or more else 200
    return render_template(template, form=form, key=key, way=way(), **more), status


def _is_strong() -> bool:
    return signed_in().key.level >= ENROL_LEVEL
