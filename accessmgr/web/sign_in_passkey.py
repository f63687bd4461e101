"""Signing in with a passkey: the device finds the person, so nobody is chosen here."""

from flask import flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.model import Key
from accessmgr.web.current import product
from accessmgr.web.entering import bp, enter_as, way
from accessmgr.web.passkey_ceremony import Copied, WrongAnswer
from accessmgr.web.passkeys import is_elsewhere

BEGUN = "passkey_proof"


@bp.get("/passkey")
def passkey() -> ResponseReturnValue:
    """Ask the device for a passkey; without JavaScript, offer the other keys."""
    return _page(200)


@bp.post("/passkey")
def passkey_post() -> ResponseReturnValue:
    """Check what the device answered."""
    ceremony = product().ceremony
    if ceremony is None:
        return _page(422)
    try:
        proved = ceremony.proved(session.pop(BEGUN, None), request.form.get("answer", ""))
    except Copied:
        flash(_("This passkey was copied: its device counts less than before. Remove it on your own page."), "bad")
        return _page(422)
    except WrongAnswer:
        flash(_("That was no passkey that is known here, or it took too long. Try again, or use another key."), "bad")
        return _page(422)
    return enter_as(proved.person, Key.PASSKEY, way())


def _page(status: int) -> ResponseReturnValue:
    ceremony, elsewhere, options = product().ceremony, is_elsewhere(), None
    if ceremony is not None and elsewhere is None:
        options, session[BEGUN] = ceremony.begin_proving()
    return render_template("sign_in/passkey.html", options=options, elsewhere=elsewhere, way=way()), status
