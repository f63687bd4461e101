"""The pages of each digital key: test card, imitated phone, codes of the app, and codes shown on the page."""

import secrets
import time
from typing import Any

import pyotp
import segno
from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.model import Key
from accessmgr.usecases.keys import activate_key
from accessmgr.web.current import look, product, signed_in, world
from accessmgr.web.entering import ENROL_LEVEL, Way, bp, enter_as, way
from accessmgr.web.sign_in_forms import AppForm, CardForm, CodeForm, PersonForm, pin_of
from accessmgr.web.tries import tries

WAITS_FOR = 5 * 60
"""How many real seconds a begun sign-in waits for its second step."""
SHOWN = {Key.SMS, Key.EIDAS_HIGH, Key.EIDAS_SUBSTANTIAL, Key.EIDAS_LOW}


@bp.get("/eid")
def eid() -> ResponseReturnValue:
    """Choose a test card, and type its PIN."""
    return _page("sign_in/eid.html", CardForm(), Key.EID)


@bp.post("/eid")
def eid_post() -> ResponseReturnValue:
    """Check the PIN; three wrong ones block the card for a while."""
    form = CardForm()
    if form.validate_on_submit() and _proved(form.pin, f"card {form.person.data}", pin_of(form.person.data)):
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
    _begin(Key.ITSME, form.person.data)
    return redirect(url_for(".itsme_phone"), code=303)


@bp.get("/itsme/phone")
def itsme_phone() -> ResponseReturnValue:
    """What the phone shows: who is asked, for what and when."""
    begun = _begun(Key.ITSME)
    if begun is None:
        return _begin_again()
    with look() as seen:
        name = seen.lists.names([begun["person"]])[begun["person"]].name
    return render_template("sign_in/phone.html", name=name, at=world().clock.now())


@bp.post("/itsme/phone")
def itsme_phone_post() -> ResponseReturnValue:
    """Confirmed or refused on the phone; either is asked once."""
    begun = _begun(Key.ITSME)
    session.pop("begun", None)
    if begun is None:
        return _begin_again()
    if request.form.get("answer") != "confirm":
        flash(_("You refused on the phone. Nobody is signed in by this."), "wait")
        onward = begun["way"]
        return redirect(url_for(".choose", next=onward["next"], step_up=onward["step_up"] or None), code=303)
    return enter_as(begun["person"], Key.ITSME, _way_of(begun))


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
    _say_wrong(form.code, counted)
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


@bp.get("/code/<key>")
def code(key: str) -> ResponseReturnValue:
    """Choose who you are, for a key whose code is shown on the page."""
    return _page("sign_in/person.html", PersonForm(), _shown(key))


@bp.post("/code/<key>")
def code_post(key: str) -> ResponseReturnValue:
    """Make a code, to be shown on the next page."""
    form, used = PersonForm(), _shown(key)
    if not form.validate_on_submit():
        return _page("sign_in/person.html", form, used)
    _begin(used, form.person.data, code=f"{secrets.randbelow(1_000_000):06d}")
    return redirect(url_for(".code_shown", key=used.value), code=303)


@bp.get("/code/<key>/shown")
def code_shown(key: str) -> ResponseReturnValue:
    """The code, as a text message or another country would give it, and a field to type it."""
    begun = _begun(_shown(key))
    if begun is None:
        return _begin_again()
    return render_template("sign_in/code.html", form=CodeForm(), key=_shown(key), shown=begun["code"])


@bp.post("/code/<key>/shown")
def code_shown_post(key: str) -> ResponseReturnValue:
    """Check the code that was shown."""
    form, used = CodeForm(), _shown(key)
    begun = _begun(used)
    if begun is None:
        return _begin_again()
    if form.validate_on_submit() and _proved(form.code, f"code {used} {begun['person']}", begun["code"]):
        session.pop("begun", None)
        return enter_as(begun["person"], used, _way_of(begun))
    return render_template("sign_in/code.html", form=form, key=used, shown=begun["code"]), 422


def _page(template: str, form: PersonForm, key: Key, **more: Any) -> ResponseReturnValue:
    form.offer(key)
    status = 422 if form.errors or more else 200
    return render_template(template, form=form, key=key, way=way(), **more), status


def _proved(field: Any, counted: str, expected: str) -> bool:
    """Whether what was typed is what was expected, and was not tried too often; says so at the field if not."""
    if not tries().blocked(counted):
        right = secrets.compare_digest(field.data.replace(" ", "").encode(), expected.encode())
        tries().note(counted, right=right)
        if right:
            return True
    _say_wrong(field, counted)
    return False


def _say_wrong(field: Any, counted: str) -> None:
    left = tries().left(counted)
    told = _("This is not right. Tries left: %(count)s.", count=left)
    field.errors = [told if left else _("Too many wrong tries: wait five minutes, or use another digital key.")]


def _begin(key: Key, person: str, **more: str) -> None:
    session["begun"] = {"key": key.value, "person": person, "at": int(time.time()), "way": way().fields, **more}


def _begun(key: Key) -> dict[str, Any] | None:
    """The sign-in with that key that waits for its second step in this browser."""
    begun = session.get("begun")
    if begun is None or begun["key"] != key.value or time.time() - begun["at"] > WAITS_FOR:
        return None
    return dict(begun)


def _way_of(begun: dict[str, Any]) -> Way:
    return Way(begun["way"]["next"], begun["way"]["step_up"] == "1")


def _begin_again() -> ResponseReturnValue:
    flash(_("That took too long, or was done already. Begin again."), "wait")
    return redirect(url_for(".choose"), code=303)


def _is_strong() -> bool:
    return signed_in().key.level >= ENROL_LEVEL


def _shown(text: str) -> Key:
    """The key of a page that shows a code; any other has no such page."""
    if text not in {key.value for key in SHOWN}:
        abort(404)
    return Key(text)
