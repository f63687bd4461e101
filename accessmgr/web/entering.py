"""Where every way to sign in ends: `enter_as`, in which the rules decide; and the blueprint of all those ways."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Flask, abort, flash, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import LEVELS, Key
from accessmgr.usecases.perform import perform
from accessmgr.web import drafts, tries
from accessmgr.web.current import SignedIn, product, world
from accessmgr.web.menu import checked_path

PAGES = {
    Key.EID: "sign_in.eid",
    Key.ITSME: "sign_in.itsme",
    Key.APP: "sign_in.app",
    Key.PASSKEY: "sign_in.passkey",
    Key.SMS: "sign_in.sms",
}
"""The keys that have a page of their own; the others are those of other countries, which share one."""

ENROL_LEVEL = 450
"""The level of the key with which one sets up a weaker one: that of eID or itsme."""

bp = Blueprint("sign_in", __name__, url_prefix="/sign-in")


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Give the application its count of wrong tries."""
    tries.init_app(cast(Flask, state.app))


@dataclass(frozen=True)
class Way:
    """Where to go on to after signing in, and which keys will do: only stronger ones, or those an application takes."""

    next: str
    step_up: bool
    keys: str = ""

    def link(self, key: Key) -> str:
        """The page of a key, with the way."""
        onward, step_up = None if self.next == "/" else self.next, 1 if self.step_up else None
        if key in PAGES:
            return url_for(PAGES[key], next=onward, step_up=step_up)
        return url_for("sign_in.eidas", keys=key.value, next=onward, step_up=step_up)

    def abroad(self, keys: Iterable[Key]) -> str:
        """The page of other countries, for those of their levels that will do."""
        onward, step_up = None if self.next == "/" else self.next, 1 if self.step_up else None
        chosen = " ".join(sorted(key.value for key in keys))
        narrowed = chosen if self.keys else None
        return url_for("sign_in.eidas", keys=narrowed, next=onward, step_up=step_up)

    def accepts(self, key: Key) -> bool:
        """Whether a key will do for the application that asks; what counts is decided when the person comes back."""
        return not self.keys or key.value in self.keys.split()

    @property
    def fields(self) -> dict[str, str]:
        """The way as fields of a form."""
        return {"next": self.next, "step_up": "1" if self.step_up else ""}


def way() -> Way:
    """The way that the request carries."""
    given = request.values
    return Way(checked_path(given.get("next")), given.get("step_up") == "1", given.get("keys", ""))


def keys_that_do(onward: Way) -> list[Key]:
    """The keys to choose from; with a stronger one asked for, only those."""
    floor = current_user.key.level if onward.step_up and current_user.is_authenticated else 0
    return [key for key in LEVELS if key.level > floor and onward.accepts(key)]


@bp.before_request
def only_in_simulation() -> None:
    """Outside simulation there is only the page that says so."""
    if not product().simulation and request.endpoint != "sign_in.choose":
        abort(404)


def enter_as(person: str, key: Key, onward: Way) -> Response:
    """Sign a person in with a key, in a session that is new in everything, and go on.

    :raise Refused: the rules do not let this person sign in with this key
    """
    perform(world(), Ask(action=Action.SIGN_IN, actor=person, level=key.level, key=key)).or_refuse()
    same_person = current_user.is_authenticated and current_user.person == person
    waits = begin_session(person, key, keeps_form=same_person and onward.step_up)
    flash(_("You are signed in."))
    return redirect(url_for("sign_in.carry_on") if waits else onward.next, code=303)


def begin_session(person: str, key: Key, *, keeps_form: bool = False) -> bool:
    """Begin a session, new in everything, for somebody whom the rules let sign in; whether a form waits in it."""
    if current_user.is_authenticated:
        product().sessions.end(current_user.session)
    waits = drafts.carry_over(same_person=keeps_form)
    session_id = product().sessions.begin(person, key)
    found = product().sessions.find(session_id)
    if found is None:
        abort(404)
    login_user(SignedIn(session_id, found.person, found.key, found.given, found.family, found.language))
    return waits
