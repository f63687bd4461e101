"""A person's passkeys, on their own page: one more, another name, one less."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from flask_wtf import FlaskForm
from wtforms import HiddenField

from accessmgr.usecases.passkeys import LONGEST_NAME, MOST, Passkey, add_passkey, remove_passkey
from accessmgr.web.current import product, signed_in, world
from accessmgr.web.entering import ENROL_LEVEL
from accessmgr.web.fields import Needed, PlainStringField
from accessmgr.web.passkey_ceremony import WrongAnswer

BEGUN = "passkey_making"

bp = Blueprint("passkeys", __name__, url_prefix="/me/passkeys")


class NameForm(FlaskForm):
    """What its person calls a passkey."""

    name = PlainStringField(
        later("Name of the passkey"),
        [Needed(later("Write a name by which you know this passkey again."))],
        longest=LONGEST_NAME,
        render_kw={"autocomplete": "off"},
    )


class MakeForm(NameForm):
    """A new passkey, as the device answers it."""

    answer = HiddenField()


def is_elsewhere() -> str | None:
    """The origin at which passkeys are good, if this page was opened under another; None if it is here."""
    ceremony = product().ceremony
    if ceremony is None or request.host_url.rstrip("/") == ceremony.place.origin:
        return None
    return ceremony.place.origin


@bp.get("/add")
def add() -> ResponseReturnValue:
    """Ask the device to make a passkey; only with a strong key."""
    name = _("Passkey %(num)s", num=len(product().passkeys.of(signed_in().person)) + 1)
    return _page(MakeForm(formdata=None, data={"name": name}), 200)


@bp.post("/add")
def add_post() -> ResponseReturnValue:
    """Check what the device made, and keep it."""
    form, who, ceremony = MakeForm(), signed_in(), product().ceremony
    if ceremony is None or not _may_add():
        return _page(form, 403)
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        made = ceremony.made(session.pop(BEGUN, None), who.person, form.answer.data, form.name.data)
    except WrongAnswer:
        form.form_errors.append(_("The device made no passkey that can be used here, or it took too long. Try again."))
        return _page(form, 422)
    if not add_passkey(world(), product().passkeys, made):
        form.form_errors.append(_("This passkey is known already."))
        return _page(form, 422)
    flash(_("The passkey was added. From now on you can sign in with it."))
    return redirect(url_for("me.page", _anchor="keys"), code=303)


@bp.get("/<passkey>")
def one(passkey: str) -> ResponseReturnValue:
    """One passkey of the person: to give it another name, or to remove it."""
    found = _own(passkey)
    return render_template("me/passkey.html", form=NameForm(formdata=None, data={"name": found.name}), passkey=found)


@bp.post("/<passkey>")
def rename(passkey: str) -> ResponseReturnValue:
    """Give it another name."""
    form, found = NameForm(), _own(passkey)
    if not form.validate_on_submit():
        return render_template("me/passkey.html", form=form, passkey=found), 422
    product().passkeys.rename(signed_in().person, passkey, form.name.data)
    flash(_("The passkey has its new name."))
    return redirect(url_for("me.page", _anchor="keys"), code=303)


@bp.post("/<passkey>/remove")
def remove(passkey: str) -> ResponseReturnValue:
    """Remove it: nobody signs in with it any more."""
    if not remove_passkey(world(), product().passkeys, signed_in().person, passkey):
        abort(404)
    flash(_("The passkey was removed: nobody can sign in with it any more. Delete it on your device too."))
    return redirect(url_for("me.page", _anchor="keys"), code=303)


def _own(passkey: str) -> Passkey:
    found = [each for each in product().passkeys.of(signed_in().person) if each.id == passkey]
    if not found:
        abort(404)
    return found[0]


def _may_add() -> bool:
    return signed_in().key.level >= ENROL_LEVEL and len(product().passkeys.of(signed_in().person)) < MOST


def _page(form: MakeForm, status: int) -> ResponseReturnValue:
    who, ceremony, elsewhere = signed_in(), product().ceremony, is_elsewhere()
    strong, options = who.key.level >= ENROL_LEVEL, None
    if ceremony is not None and elsewhere is None and _may_add():
        options, session[BEGUN] = ceremony.begin_making(who.person, who.name)
    shown = {"strong": strong, "options": options, "elsewhere": elsewhere, "most": MOST}
    return render_template("me/add_passkey.html", form=form, possible=ceremony is not None, **shown), status
