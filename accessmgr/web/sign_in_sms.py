"""Signing in with a code by text message, and the outbox in which the simulation shows every message."""

import hashlib
import secrets
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.model import Key
from accessmgr.usecases.contacts import contact_of
from accessmgr.usecases.world import Look
from accessmgr.web.begun import begin, begin_again, begun, forget, proved, way_of
from accessmgr.web.current import look, product
from accessmgr.web.entering import bp, enter_as, way
from accessmgr.web.sign_in_forms import CodeForm, PersonForm

NEWEST = 50
"""How many messages the outbox shows."""

messages_bp = Blueprint("messages", __name__, url_prefix="/simulator/messages")


@bp.get("/sms")
def sms() -> ResponseReturnValue:
    """Choose who you are, as a code can only be sent to somebody."""
    return _choose(PersonForm())


@bp.post("/sms")
def sms_post() -> ResponseReturnValue:
    """Send a code."""
    form = PersonForm()
    if not form.validate_on_submit():
        return _choose(form)
    code = f"{secrets.randbelow(1_000_000):06d}"
    begin(Key.SMS, form.person.data, message=product().messages.send(form.person.data, code, datetime.now(UTC)))
    return redirect(url_for(".sms_code"), code=303)


@bp.get("/sms/code")
def sms_code() -> ResponseReturnValue:
    """Where the code went, and a field to type it."""
    return _code(CodeForm(), 200)


@bp.post("/sms/code")
def sms_code_post() -> ResponseReturnValue:
    """Check the code, which is good once."""
    form, waiting, now = CodeForm(), begun(Key.SMS), datetime.now(UTC)
    message = product().messages.find(waiting["message"]) if waiting else None
    if waiting is None or message is None or not message.good(now):
        return begin_again()
    if not form.validate_on_submit() or not proved(form.code, f"code sms {message.person}", message.code):
        return _code(form, 422)
    forget()
    if not product().messages.use(message.id, now):
        return begin_again()
    return enter_as(message.person, Key.SMS, way_of(waiting))


@messages_bp.get("/")
def messages() -> ResponseReturnValue:
    """The newest text messages to anybody: nobody has a telephone in the simulation."""
    sent, now = product().messages.newest(NEWEST), datetime.now(UTC)
    with look() as seen:
        names = seen.lists.names(each.person for each in sent)
        phones = {each.person: masked_phone(seen, each.person) for each in sent}
    return render_template("sign_in/messages.html", sent=sent, names=names, phones=phones, at=now)


def masked_phone(seen: Look, person: str) -> str:
    """The last digits of a person's telephone number; who gave none has an imaginary one."""
    kept = contact_of(seen, person)
    digits = "".join(character for character in (kept.phone if kept else "") if character.isdigit())
    if len(digits) < 2:
        digits = f"{int.from_bytes(hashlib.sha256(f'phone of {person}'.encode()).digest()[:4]) % 100:02d}"
    return f"•••\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}{digits[-2:]}"


def _choose(form: PersonForm) -> ResponseReturnValue:
    form.offer(Key.SMS)
    return render_template("sign_in/sms.html", form=form, way=way()), 422 if form.errors else 200


def _code(form: CodeForm, status: int) -> ResponseReturnValue:
    waiting = begun(Key.SMS)
    if waiting is None:
        return begin_again()
    with look() as seen:
        phone = masked_phone(seen, waiting["person"])
    return render_template("sign_in/code.html", form=form, phone=phone, way=way_of(waiting)), status
