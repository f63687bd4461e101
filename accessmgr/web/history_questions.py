"""Saved questions and samples: about one enterprise for its readers, or about all of them for an auditor."""

import secrets
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form, IntegerField, RadioField, SelectChoice, ValidationError
from wtforms.validators import NumberRange, Optional

from accessmgr.core.actions import Action
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.usecases.questions import QUESTIONS, answer
from accessmgr.usecases.sampling import MOST, sample
from accessmgr.usecases.world import Look
from accessmgr.web.current import act, look, permitted
from accessmgr.web.fields import DayField, PlainStringField
from accessmgr.web.format import language
from accessmgr.web.history_access import EVERYTHING, PurposeForm, may_read, open_case, purpose_asked
from accessmgr.web.history_entries import rows
from accessmgr.web.history_tables import draw_of, inquiry, period_of

bp = Blueprint("history_questions", __name__, url_prefix="/history")

SAMPLE = 25


class PeriodForm(Form):
    """Which days count."""

    first = DayField(_("First day"))
    last = DayField(_("Last day"))

    def validate_last(self, field: DayField) -> None:
        """A period ends on its first day or later."""
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("Choose a last day that does not lie before the first."))


class SampleForm(PeriodForm):
    """What is drawn."""

    seed = PlainStringField(_("Seed"), longest=60)
    count = IntegerField(_("How many"), [Optional(), NumberRange(1, MOST, _("Choose a number from 1 to 500."))])
    of = RadioField(
        _("Draw from"),
        choices=[SelectChoice("entries", _("all entries")), SelectChoice("grants", _("entries that granted a right"))],
    )


@bp.get("/questions")
def questions() -> ResponseReturnValue:
    """The saved questions, about an enterprise or about all."""
    enterprise = _enterprise()
    if not may_read(enterprise):
        return _purpose_asked(enterprise)
    with look() as seen:
        return render_template("history/questions.html", questions=QUESTIONS.values(), **_of(seen, enterprise))


@bp.post("/questions")
def state_purpose() -> ResponseReturnValue:
    """Say for what an auditor asks about all enterprises, which is recorded."""
    if not permitted(Action.READ_HISTORY):
        abort(404)
    form = PurposeForm()
    if not form.validate():
        return _purpose_asked(None, form)
    open_case(EVERYTHING, act(Action.READ_HISTORY, purpose=True, note=form.note))
    return redirect(form.target(url_for(".questions")), code=303)


@bp.get("/questions/<question>")
def question(question: str) -> ResponseReturnValue:
    """The answer to a saved question, a page at a time."""
    asked, enterprise = QUESTIONS.get(question), _enterprise()
    readable = may_read(enterprise)
    if asked is None:
        abort(404)
    if not readable:
        return _purpose_asked(enterprise)
    form: PeriodForm = PeriodForm(_defaults(request.args))
    if not form.validate():
        with look() as seen:
            return render_template("history/question.html", question=asked, form=form, **_of(seen, enterprise)), 422
    with look() as seen:
        page = answer(asked, inquiry(seen, enterprise, request.args), _after(asked.over))
        people = seen.lists.names(id_ for hit in page.hits for id_ in hit.people)
        companies = seen.lists.enterprise_names({hit.enterprise for hit in page.hits if hit.enterprise}, language())
        return render_template(
            "history/question.html",
            question=asked,
            form=form,
            answer=page,
            people=people,
            companies=companies,
            asked=_kept("first", "last", "known"),
            **_of(seen, enterprise),
        )


@bp.get("/sample")
def drawn_sample() -> ResponseReturnValue:
    """A random sample that anybody can draw again with its seed."""
    enterprise = _enterprise()
    if not may_read(enterprise):
        return _purpose_asked(enterprise)
    form = SampleForm(_defaults(request.args, seed=secrets.token_hex(4), count=str(SAMPLE), of="entries"))
    valid = form.validate()
    with look() as seen:
        told: dict[str, Any] = {"form": form, "rows": None, "size": None, **_of(seen, enterprise)}
        if valid and request.args.get("seed"):
            size = min(int(request.args.get("size", type=int) or seen.size()), seen.size())
            wish = draw_of(seen, enterprise, {**request.args, "size": str(size)})
            leaves = seen.lists.leaves(sample(seen, wish))
            told |= {"rows": rows(seen, list(leaves.values())), "size": size}
        told["asked"] = _kept("seed", "count", "of", "first", "last")
        return render_template("history/sample.html", **told), 200 if valid else 422


def _enterprise() -> str | None:
    text = request.args.get("enterprise", "")
    if not text:
        return None
    try:
        return EnterpriseNumber.parse(text).digits
    except InvalidNumber:
        abort(404)


def _of(seen: Look, enterprise: str | None) -> dict[str, Any]:
    name = seen.lists.enterprise_names([enterprise], language())[enterprise] if enterprise else None
    return {"number": enterprise, "name": name}


def _purpose_asked(enterprise: str | None, form: PurposeForm | None = None) -> ResponseReturnValue:
    action = url_for("history.state_purpose") if enterprise else url_for(".state_purpose")
    return purpose_asked(enterprise, action, form)


def _defaults(given: MultiDict[str, str], **defaults: str) -> MultiDict[str, str]:
    """What was asked, with what counts where nothing was."""
    period = period_of({}) if not (given.get("first") or given.get("last")) else None
    shown = {"first": period.first.isoformat(), "last": str(period.last)} if period else {}
    return MultiDict({**shown, **defaults, **{name: value for name, value in given.items() if value}})


def _after(over: str) -> str | None:
    after = request.args.get("after")
    if after is None or (over == "entries" and not (after.isascii() and after.isdigit() and len(after) < 19)):
        return None
    return after


def _kept(*names: str) -> dict[str, str]:
    return {name: request.args[name] for name in names if request.args.get(name)}
