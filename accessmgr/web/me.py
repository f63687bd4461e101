"""A person's own page: what opens to them and why, their digital keys and sessions, how they are reached."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectChoice, SelectField, TelField
from wtforms.validators import Optional

from accessmgr.core.actions import Action
from accessmgr.core.days import day_of
from accessmgr.core.model import Grant, Key
from accessmgr.usecases.contacts import Contact, contact_of, keep_contact
from accessmgr.usecases.perform import Done
from accessmgr.usecases.world import Look
from accessmgr.web import entered
from accessmgr.web.current import consider, look, product, signed_in, world
from accessmgr.web.fields import A_TELEPHONE, AN_ADDRESS
from accessmgr.web.format import language
from accessmgr.web.history_access import MYSELF, PURPOSES
from accessmgr.web.history_entries import Row, rows
from accessmgr.web.menu import NAMES
from accessmgr.web.users_area import not_over

MOST = 10
"""How many of a person's doors the page shows: each is a decision."""
NEWEST = 5
"""How many entries of the history the page shows."""

bp = Blueprint("me", __name__, url_prefix="/me")


class ContactForm(FlaskForm):
    """How a person wants to be reached."""

    email = EmailField(later("E-mail address"), [Optional(), AN_ADDRESS])
    phone = TelField(later("Telephone number"), [Optional(), A_TELEPHONE])
    language = SelectField(
        later("Language of letters"), choices=[SelectChoice(code, name) for code, name in NAMES.items()]
    )


@dataclass(frozen=True)
class Door:
    """A secure area that a grant opens or would open, with the decision about entering it now."""

    grant: Grant
    context: str
    done: Done


@dataclass(frozen=True)
class OwnKey:
    """A digital key of the person: since when they have it (None: from the start), when it was used last, and where
    one more of its kind is set up. `count` is how many there are; a key that is not set up has none.
    """

    key: Key
    count: int
    since: datetime | None
    used: datetime | None
    more: str | None


ENROLLED = {Key.APP: "sign_in.enrol", Key.PASSKEY: "passkeys.add"}
"""Where the keys are set up that a person makes here; all others come from elsewhere."""


@bp.get("/")
def page() -> ResponseReturnValue:
    """Everything about the person who is signed in that is theirs to see or to change."""
    with look() as seen:
        found = contact_of(seen, signed_in().person) or Contact("", "")
    form = ContactForm(email=found.email, phone=found.phone, language=found.language or language())
    return _page(form, 200)


@bp.post("/contact")
def contact() -> ResponseReturnValue:
    """Keep how the person wants to be reached."""
    form = ContactForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    person = signed_in().person
    keep_contact(world(), person, form.email.data, form.phone.data, by=person, language=form.language.data)
    flash(_("How you are reached was kept."))
    return redirect(url_for(".page"), code=303)


@bp.post("/sessions/end")
def end_session() -> ResponseReturnValue:
    """End one of the person's sessions on another device."""
    if product().sessions.end_named(signed_in().person, request.form.get("session", "")):
        flash(_("That session has ended."))
    else:
        flash(_("That session had ended already."), "wait")
    return redirect(url_for(".page"), code=303)


def _page(form: ContactForm, status: int) -> ResponseReturnValue:
    who = signed_in()
    listed = product().sessions.open_of(who.person)
    with look() as seen:
        keys = _keys(seen)
        recorded = _newest_entries(seen)
        held = _held(seen)
        doors = [Door(grant, context, _entering(grant, context)) for grant, context in held[:MOST]]
        names = seen.lists.enterprise_names({door.grant.enterprise for door in doors}, language())
    return render_template(
        "me/page.html",
        form=form,
        doors=doors,
        more=len(held) > MOST,
        names=names,
        keys=keys,
        passkeys=product().passkeys.of(who.person),
        recorded=recorded,
        years=product().retention_years,
        sessions=listed,
        this=product().sessions.name(who.session),
    ), status


def _keys(seen: Look) -> list[OwnKey]:
    """The keys that the person has, and those that they can make here, the strongest first."""
    person = signed_in().person
    since, used = seen.lists.keys_since(person), seen.lists.keys_used(person)
    made = {Key.APP: int(product().totp.enrolled(person)), Key.PASSKEY: len(product().passkeys.of(person))}
    found = [
        OwnKey(key, made.get(key, 1), since.get(key), used.get(key), ENROLLED.get(key)) for key in {*since, *ENROLLED}
    ]
    return sorted(found, key=lambda own: (-own.key.level, own.key))


def _newest_entries(seen: Look) -> list[Row] | None:
    """The newest entries about the person; None if they must say first for what they read them, as an auditor does."""
    purpose = entered.marked(PURPOSES, MYSELF)
    person = signed_in().person
    if not consider(Action.READ_HISTORY, person=person, purpose=purpose).decision.allowed:
        return None
    return rows(seen, [entry.leaf for entry in seen.lists.entries(subject=person, limit=NEWEST)])


def _held(seen: Look) -> list[tuple[Grant, str]]:
    """The grants of the person that are not over, with each of their contexts."""
    now = world().clock.now()
    grants = seen.lists.grants(holder=signed_in().person)
    lasting = [grant for grant in grants if not_over(grant.period, day_of(now)) and not grant.revoked(now)]
    return [(grant, context) for grant in lasting for context in grant.contexts]


def _entering(grant: Grant, context: str) -> Done:
    return consider(Action.ENTER_SECURE_AREA, enterprise=grant.enterprise, right=grant.right, contexts=(context,))
