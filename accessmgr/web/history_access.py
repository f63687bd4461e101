"""Who may open the pages of the history, asked of the catalogue; and the cases for which an auditor opened them.

A case is the number and the purpose that an auditor gives. They are kept sealed with the entry that tells it; the
session holds only marks: what was opened, and by which entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from accessmgr.core.actions import Action
from accessmgr.usecases.perform import Done
from accessmgr.web import entered
from accessmgr.web.current import act, consider, look
from accessmgr.web.fields import EnterpriseNumberField, Needed, PlainStringField, PlainTextField
from accessmgr.web.menu import checked_path, here

bp = Blueprint("history_access", __name__, url_prefix="/history")

PURPOSES, CASES = "purposes", "cases"
MYSELF = "me"
EVERYTHING = "all"
"""The mark of a purpose that was given for all enterprises."""


class PurposeForm(FlaskForm):
    """For what an auditor looks at entries, and after which case; `next` is where they wanted to go."""

    case = PlainStringField(_("Case number"), [Needed(_("Write the number of the case that you work on."))], longest=60)
    purpose = PlainTextField(_("Purpose"), [Needed(_("Write for which purpose you look at the history."))])
    next = HiddenField()

    @property
    def note(self) -> str:
        """What is kept with the entry."""
        return f"{self.case.data} · {self.purpose.data}"

    def target(self, otherwise: str) -> str:
        """Where to go on to."""
        wanted = checked_path(self.next.data)
        return wanted if wanted.startswith(("/history/", "/me/")) else otherwise


class EnterprisePurposeForm(PurposeForm):
    """Of which enterprise an auditor reads the history, and for what."""

    enterprise = EnterpriseNumberField(_("Enterprise number"), [Needed(_("Write the number of the enterprise."))])


@dataclass(frozen=True)
class Case:
    """What an auditor said that they read for: the enterprise (or `all`, or `me`), and number and purpose in words."""

    what: str
    note: str


def open_case(what: str, done: Done) -> None:
    """Remember that a purpose was given, and by which entry."""
    entered.mark(PURPOSES, what)
    for mark in entered.marks(CASES):
        if mark.partition(":")[0] == what:
            entered.forget(CASES, mark)
    entered.mark(CASES, f"{what}:{done.sequence}")


@bp.app_template_global()
def open_cases() -> list[Case]:
    """The cases that the person has open, the latest first."""
    marks = [(what, int(sequence)) for what, _colon, sequence in map(_parts, reversed(entered.marks(CASES)))]
    if not marks:
        return []
    with look() as seen:
        notes = seen.notes(sequence for _what, sequence in marks)
    return [Case(what, notes.get(sequence, "")) for what, sequence in marks]


@bp.post("/close")
def close_cases() -> ResponseReturnValue:
    """Forget every purpose that was given: the next page asks for one again."""
    entered.forget_all(PURPOSES)
    entered.forget_all(CASES)
    flash(gettext("The case is closed. To read on, give a case number and a purpose again."))
    return redirect(url_for("history.home"), code=303)


def purpose_asked(number: str | None, action: str, form: PurposeForm | None = None) -> ResponseReturnValue:
    """The page that asks an auditor for case number and purpose before it lets them read."""
    if form is not None:
        return render_template("history/purpose.html", form=form, number=number, action=action), 422
    fresh = PurposeForm(formdata=None, data={"next": here()})
    return render_template("history/purpose.html", form=fresh, number=number, action=action), 403


def reading(what: str, asked: Mapping[str, Any]) -> Done | None:
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


def is_open(enterprise: str | None) -> bool:
    """Whether the person reads the history of an enterprise (None: of all), asked without a trace."""
    purpose = entered.marked(PURPOSES, enterprise or EVERYTHING)
    return consider(Action.READ_HISTORY, enterprise=enterprise, purpose=purpose).decision.allowed


def _parts(mark: str) -> tuple[str, str, str]:
    return mark.partition(":")


def may_read(enterprise: str | None) -> bool:
    """Whether the person may read the history of an enterprise (None: of all); False if only their purpose is missing.

    What nothing permits is as absent. Any other refusal is recorded and told.

    :raise Refused: they may not
    """
    return reading(enterprise or EVERYTHING, {"enterprise": enterprise}) is not None
