"""Signing in, in the manner of the access management's page: choose a digital key, then prove who you are with it.

The keys are imitated, and say so; outside simulation there are none.
"""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from accessmgr.core.model import LEVELS
from accessmgr.web import drafts
from accessmgr.web.entering import way
from accessmgr.web.sign_in_keys import bp
from accessmgr.web.sign_in_passkey import passkey

__all__ = ["bp", "passkey"]


@bp.get("")
def choose() -> ResponseReturnValue:
    """The digital keys to choose from; with a stronger one asked for, only those."""
    chosen = way()
    floor = current_user.key.level if chosen.step_up and current_user.is_authenticated else 0
    keys = [key for key in LEVELS if key.level > floor and chosen.accepts(key)]
    return render_template("sign_in/choose.html", keys=keys, way=chosen)


@bp.get("/carry-on")
def carry_on() -> ResponseReturnValue:
    """The form that waited for a stronger key, to be sent again."""
    return render_template("sign_in/carry_on.html", waiting=drafts.to_resend())
