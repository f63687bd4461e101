"""The history: for auditors who give a purpose, for managers of the enterprise, and for everyone about themself."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accessmgr.core.actions import Action
from accessmgr.usecases.world import Unknown
from accessmgr.web import chain, chain_days, entered
from accessmgr.web.chain_view import address, zoom_asked
from accessmgr.web.current import act, consider, look, permitted, product, signed_in
from accessmgr.web.format import language
from accessmgr.web.history_access import (
    MYSELF,
    PURPOSES,
    EnterprisePurposeForm,
    PurposeForm,
    is_open,
    open_case,
    purpose_asked,
    reading,
)
from accessmgr.web.history_entries import parsed, rows
from accessmgr.web.history_lists import id_in_address, listed, looks, timeline
from accessmgr.web.moment_asked import time_frame

bp = Blueprint("history", __name__, url_prefix="/history")

LARGEST = 2**62
MOST_CHAINS = 12
MOST_FOUND = 20


@bp.get("/")
def home() -> ResponseReturnValue:
    """What the person may read: their own entries, those of enterprises, or any for a purpose."""
    return _home(EnterprisePurposeForm(), 200)


@bp.post("/")
def state_purpose() -> ResponseReturnValue:
    """Say for what one reads the history of an enterprise, which is recorded."""
    form = EnterprisePurposeForm()
    if not form.validate():
        return _home(form, 422)
    number = form.enterprise.number.digits
    if permitted(Action.READ_HISTORY, enterprise=number) and not _in_register(number):
        form.enterprise.errors = [gettext("The register has no enterprise with this number.")]
        return _home(form, 422)
    open_case(number, act(Action.READ_HISTORY, enterprise=number, purpose=True, note=form.note))
    return redirect(form.target(url_for(".enterprise", number=number)), code=303)


@bp.get("/key")
def key() -> ResponseReturnValue:
    """The key by which anyone verifies the history, on one line of plain text."""
    return Response(f"{product().verifier_key()}\n", mimetype="text/plain")


@bp.get("/checkpoint")
def checkpoint() -> ResponseReturnValue:
    """The newest checkpoint with the lines of its witnesses, in plain text, for anyone to keep."""
    return Response(product().checkpoint(), mimetype="text/plain")


@bp.get("/me")
def me() -> ResponseReturnValue:
    """The entries about oneself, in whatever enterprise."""
    done = reading(MYSELF, {"person": signed_in().person})
    if done is None:
        return purpose_asked(None, url_for(".state_own_purpose"))
    frame = time_frame(done.facts.at, of_entries=True)
    with look() as seen:
        return listed(seen, timeline(seen, [signed_in().person], frame), frame=frame)


@bp.post("/me")
def state_own_purpose() -> ResponseReturnValue:
    """Say for what an auditor reads the entries about themself, which is recorded."""
    form = PurposeForm()
    if not form.validate():
        return purpose_asked(None, url_for(".state_own_purpose"), form)
    open_case(MYSELF, act(Action.READ_HISTORY, person=signed_in().person, purpose=True, note=form.note))
    return redirect(form.target(url_for(".me")), code=303)


@bp.get("/<enterprise:number>")
def enterprise(number: str) -> ResponseReturnValue:
    """The entries about an enterprise, of one type if one is chosen."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for(".state_purpose"))
    if request.args.get("person"):
        person = id_in_address(request.args["person"], "person")
        return redirect(url_for("history_timelines.person_there", number=number, person=person), code=302)
    frame = time_frame(done.facts.at, of_entries=True)
    with look() as seen:
        name = frame.lists(seen).enterprise_names([number], language())[number]
        found = timeline(seen, [number], frame)
        return listed(seen, found, frame=frame, number=number, name=name, looked=looks(seen, number))


@bp.get("/<enterprise:number>/chain")
def chains(number: str) -> ResponseReturnValue:
    """The chains from an enterprise to a person: one for each context of each right that they have or had there."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for(".state_purpose"))
    person, frame = id_in_address(request.args.get("person", ""), "person"), time_frame(done.facts.at)
    with look() as seen:
        lists = frame.lists(seen)
        known = seen.lists.names([person]).get(person)
        held = lists.grants(enterprise=number, holder=person)
        if known is None or not (held or seen.has_tie(person, number)):
            raise Unknown("person")
        ways = dict.fromkeys((grant.right, context) for grant in held for context in grant.contexts)
        drawn = [
            chain.drawn_for(number, person, right, context, on=frame.on, known_at=frame.known_at)
            for right, context in list(ways)[:MOST_CHAINS]
        ]
        name = lists.enterprise_names([number], language())[number]
        days = chain_days.of_enterprise(frame, seen, number)
    given = {"frame": frame, "days": days, "zoom": zoom_asked(), "address": address}
    return render_template("history/chains.html", number=number, name=name, person=known, chains=drawn, **given)


@bp.get("/entries/<int:sequence>")
def entry(sequence: int) -> ResponseReturnValue:
    """One entry, whole: in words and as it is kept."""
    with look() as seen:
        leaf = seen.lists.entry(sequence) if sequence < LARGEST else None
        if leaf is None or not _may_read(sequence, parsed(leaf)):
            abort(404)
        row = rows(seen, [leaf])[0]
    kept = json.dumps(parsed(leaf), indent=2, ensure_ascii=False, sort_keys=True)
    return render_template("history/entry.html", row=row, kept=kept)


def _may_read(sequence: int, found: Mapping[str, Any]) -> bool:
    """Whether the person may read an entry: as one of its enterprise, as any entry, or as one about themself."""
    number, person = found["data"].get("enterprise"), signed_in().person
    if (number and is_open(number)) or is_open(None):
        return True
    own = {"person": person, "purpose": entered.marked(PURPOSES, MYSELF)}
    with look() as seen:
        about = seen.lists.about([sequence], person)
    return bool(about) and consider(Action.READ_HISTORY, **own).decision.allowed


def _home(form: EnterprisePurposeForm, status: int) -> ResponseReturnValue:
    searched = request.args.get("q", "").strip()[:200]
    with look() as seen:
        numbers = seen.lists.enterprises_of(signed_in().person)
        for_a_purpose = permitted(Action.READ_HISTORY)
        found = seen.lists.search_enterprises(searched, MOST_FOUND) if for_a_purpose and searched else []
        names = seen.lists.enterprise_names([*numbers, *found], language())
        readable = [(number, names[number]) for number in numbers if permitted(Action.READ_HISTORY, enterprise=number)]
    given = {"searched": searched, "found": [(number, names[number]) for number in found]}
    shown = render_template("history/home.html", form=form, readable=readable, for_a_purpose=for_a_purpose, **given)
    return shown, status


def _in_register(number: str) -> bool:
    with look() as seen:
        return seen.lists.enterprise_names([number], language())[number] != number
