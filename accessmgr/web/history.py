"""The history: for auditors who give a purpose, for managers of the enterprise, and for everyone about themself."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from accessmgr.core.actions import Action
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.perform import Done
from accessmgr.usecases.world import Unknown
from accessmgr.web import chain, entered
from accessmgr.web.current import act, consider, look, permitted, product, signed_in
from accessmgr.web.fields import EnterpriseNumberField, Needed, PlainStringField, PlainTextField
from accessmgr.web.format import language
from accessmgr.web.history_entries import Row, parsed, rows
from accessmgr.web.moment_asked import time_frame

bp = Blueprint("history", __name__, url_prefix="/history")

PURPOSES = "purposes"
MYSELF = "me"
LARGEST = 2**62
MOST_CHAINS = 12


class PurposeForm(FlaskForm):
    """For what an auditor looks at entries. An empty purpose is for the rules to refuse."""

    purpose = PlainTextField(_("Purpose"), [Needed(_("Write for which purpose you look at the history."))])
    case = PlainStringField(_("Case number"), longest=60)

    @property
    def note(self) -> str:
        """What is kept with the entry."""
        return f"{self.purpose.data} ({self.case.data})" if self.case.data else self.purpose.data


class EnterprisePurposeForm(PurposeForm):
    """Of which enterprise an auditor reads the history, and for what."""

    enterprise = EnterpriseNumberField(_("Enterprise number"), [Needed(_("Write the number of the enterprise."))])


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
    act(Action.READ_HISTORY, enterprise=number, purpose=True, note=form.note)
    entered.mark(PURPOSES, number)
    return redirect(url_for(".enterprise", number=number), code=303)


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
    asked = {"person": signed_in().person}
    done = _reading(MYSELF, asked)
    if done is None:
        return render_template("history/purpose.html", form=PurposeForm(), number=None), 403
    frame = time_frame(done.facts.at, of_entries=True)
    with look() as seen:
        page = frame.lists(seen).entries(subject=signed_in().person, before=_before(), limit=PAGE + 1)
        return _listed(rows(seen, [each.leaf for each in page[:PAGE]]), more=len(page) > PAGE, frame=frame)


@bp.post("/me")
def state_own_purpose() -> ResponseReturnValue:
    """Say for what an auditor reads the entries about themself, which is recorded."""
    form = PurposeForm()
    if not form.validate():
        return render_template("history/purpose.html", form=form, number=None), 422
    act(Action.READ_HISTORY, person=signed_in().person, purpose=True, note=form.note)
    entered.mark(PURPOSES, MYSELF)
    return redirect(url_for(".me"), code=303)


@bp.get("/<enterprise:number>")
def enterprise(number: str) -> ResponseReturnValue:
    """The entries about an enterprise, or those about one person in it."""
    done = _reading(number, {"enterprise": number})
    if done is None:
        form = EnterprisePurposeForm(data={"enterprise": None})
        return render_template("history/purpose.html", form=form, number=number), 403
    person, frame = _person_asked_for(), time_frame(done.facts.at, of_entries=True)
    with look() as seen:
        lists, before = frame.lists(seen), _before()
        page = (
            lists.entries_at_once_about([number, person], before=before, limit=PAGE + 1)
            if person
            else lists.entries(subject=number, before=before, limit=PAGE + 1)
        )
        name = lists.enterprise_names([number], language())[number]
        of_person = lists.names([person]).get(person or "") if page else None
        return _listed(
            rows(seen, [each.leaf for each in page[:PAGE]]),
            more=len(page) > PAGE,
            frame=frame,
            number=number,
            name=name,
            person=of_person,
        )


@bp.get("/<enterprise:number>/chain")
def chains(number: str) -> ResponseReturnValue:
    """The chains from an enterprise to a person: one for each context of each right that they have or had there."""
    done = _reading(number, {"enterprise": number})
    if done is None:
        return redirect(url_for(".enterprise", number=number), code=303)
    person, frame = _person_asked_for() or "", time_frame(done.facts.at)
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
    return render_template("history/chains.html", number=number, name=name, person=known, chains=drawn, frame=frame)


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


def _reading(what: str, asked: Mapping[str, Any]) -> Done | None:
    """Ask whether the person may read; None if only their purpose is missing.

    What nothing permits is as absent. Any other refusal is recorded and told.

    :raise Refused: they may not
    """
    done = consider(Action.READ_HISTORY, purpose=entered.marked(PURPOSES, what), **asked)
    if done.decision.allowed:
        return done
    if not done.decision.permitted:
        abort(404)
    if done.decision.because == ("HISTORY-4",):
        return None
    return act(Action.READ_HISTORY, purpose=entered.marked(PURPOSES, what), **asked)


def _may_read(sequence: int, found: Mapping[str, Any]) -> bool:
    """Whether the person may read an entry: as one of its enterprise, or as one about themself."""
    number, person = found["data"].get("enterprise"), signed_in().person
    of_enterprise = {"enterprise": number, "purpose": entered.marked(PURPOSES, number or "")}
    if number and consider(Action.READ_HISTORY, **of_enterprise).decision.allowed:
        return True
    own = {"person": person, "purpose": entered.marked(PURPOSES, MYSELF)}
    with look() as seen:
        about = seen.lists.is_about(sequence, person)
    return about and consider(Action.READ_HISTORY, **own).decision.allowed


def _listed(shown: list[Row], **given: Any) -> ResponseReturnValue:
    of_all = {"number": None, "name": None, "person": None}
    return render_template("history/entries.html", rows=shown, **{**of_all, **given})


def _home(form: EnterprisePurposeForm, status: int) -> ResponseReturnValue:
    with look() as seen:
        numbers = seen.lists.enterprises_of(signed_in().person)
        names = seen.lists.enterprise_names(numbers, language())
        readable = [(number, names[number]) for number in numbers if permitted(Action.READ_HISTORY, enterprise=number)]
        for_a_purpose = permitted(Action.READ_HISTORY)
    return render_template("history/home.html", form=form, readable=readable, for_a_purpose=for_a_purpose), status


def _in_register(number: str) -> bool:
    with look() as seen:
        return seen.lists.enterprise_names([number], language())[number] != number


def _person_asked_for() -> str | None:
    """The id of a person in the address; what cannot be an id names nobody."""
    person = request.args.get("person") or None
    if person is not None and not person.isalnum():
        raise Unknown("person")
    return person


def _before() -> int | None:
    before = request.args.get("before", type=int)
    return None if before is None or not 0 <= before < LARGEST else before
