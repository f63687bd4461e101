"""Signing in, in the manner of the access management's page: choose a digital key, then prove who you are with it.

The keys are imitated, and say so; outside simulation there are none.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from accessmgr.core.model import Key
from accessmgr.core.rules.key import LEVEL_TO_APPOINT, LEVEL_TO_MANAGE
from accessmgr.web import drafts, sign_in_eidas, sign_in_keys, sign_in_passkey
from accessmgr.web.entering import bp, keys_that_do, way
from accessmgr.web.sign_in_sms import messages_bp

__all__ = ["bp", "messages_bp", "sign_in_eidas", "sign_in_keys", "sign_in_passkey"]

ABROAD = frozenset({Key.EIDAS_HIGH, Key.EIDAS_SUBSTANTIAL, Key.EIDAS_LOW})


@bp.get("")
def choose() -> ResponseReturnValue:
    """The digital keys to choose from, with what each is enough for; those of other countries are one choice."""
    chosen = way()
    keys = keys_that_do(chosen)
    abroad = sorted((key for key in keys if key in ABROAD), key=lambda key: key.level)
    own = sorted((key for key in keys if key not in ABROAD), key=lambda key: -key.level)
    bounds = {"appoints": LEVEL_TO_APPOINT, "manages": LEVEL_TO_MANAGE}
    return render_template("sign_in/choose.html", own=own, abroad=abroad, way=chosen, **bounds)


@bp.get("/carry-on")
def carry_on() -> ResponseReturnValue:
    """The form that waited for a stronger key, to be sent again."""
    return render_template("sign_in/carry_on.html", waiting=drafts.to_resend())
