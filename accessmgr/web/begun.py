"""A sign-in that was begun in this browser and waits for its second step, five minutes at most."""

import secrets
import time
from typing import Any

from flask import flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.model import Key
from accessmgr.web.entering import Way, way
from accessmgr.web.tries import tries

WAITS_FOR = 5 * 60
"""How many real seconds a begun sign-in waits for its second step."""

Begun = dict[str, Any]


def begin(key: Key, person: str, **more: str) -> None:
    """Let a sign-in wait for its second step."""
    session["begun"] = {"key": key.value, "person": person, "at": int(time.time()), "way": way().fields, **more}


def begun(*keys: Key) -> Begun | None:
    """The sign-in with one of the keys that waits for its second step."""
    found = session.get("begun")
    if found is None or found["key"] not in keys or time.time() - found["at"] > WAITS_FOR:
        return None
    return dict(found)


def forget() -> None:
    """Let nothing wait any more."""
    session.pop("begun", None)


def way_of(waiting: Begun) -> Way:
    """Where the sign-in that waits goes on to."""
    return Way(waiting["way"]["next"], waiting["way"]["step_up"] == "1")


def begin_again() -> ResponseReturnValue:
    """Back to the choice of keys, as nothing waits."""
    flash(_("That took too long, or was done already. Begin again."), "wait")
    return redirect(url_for("sign_in.choose"), code=303)


def refused(waiting: Begun, told: str) -> ResponseReturnValue:
    """Back to the choice of keys, with the same way, as the person said no."""
    flash(told, "wait")
    onward = waiting["way"]
    return redirect(url_for("sign_in.choose", next=onward["next"], step_up=onward["step_up"] or None), code=303)


def proved(field: Any, counted: str, expected: str) -> bool:
    """Whether what was typed is what was expected, and was not tried too often; says so at the field if not."""
    if not tries().blocked(counted):
        right = secrets.compare_digest(field.data.replace(" ", "").encode(), expected.encode())
        tries().note(counted, right=right)
        if right:
            return True
    say_wrong(field, counted)
    return False


def say_wrong(field: Any, counted: str) -> None:
    """Say at the field how many tries are left."""
    left = tries().left(counted)
    told = _("This is not right. Tries left: %(count)s.", count=left)
    field.errors = [told if left else _("Too many wrong tries: wait five minutes, or use another digital key.")]
