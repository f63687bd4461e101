"""What if something changed in an enterprise: the question, its form and the answer, for readers of the history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Form, IntegerField, SelectField, ValidationError
from wtforms.validators import NumberRange, Optional

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.facts import Facts
from accessmgr.core.model import LEVELS, AppointmentState, FunctionCode
from accessmgr.usecases.hypothetical import (
    Change,
    Doing,
    EnterpriseEnds,
    FunctionEnds,
    PersonDies,
    RecognitionSuspended,
    RightChanges,
)
from accessmgr.usecases.world import Look, Unknown
from accessmgr.web import format as form
from accessmgr.web.current import ask, look, world
from accessmgr.web.fields import DayField, Needed
from accessmgr.web.foreseen import foreseen
from accessmgr.web.history_access import purpose_asked, reading
from accessmgr.web.history_lists import id_in_address
from accessmgr.web.users_area import not_over

bp = Blueprint("history_what_if", __name__, url_prefix="/history")

MOST = 200
"""How many things of a kind the page offers; about others it is asked where they are shown."""

Choices = list[tuple[str, str]]


class WhatIfForm(Form):
    """What would change. Of these fields each kind of change has its own."""

    thing = SelectField(_("What"), [Needed(_("Choose one of the list."))])
    first = DayField(_("First day"), [Needed(_("Choose the first day."))])
    last = DayField(_("Last day"), [Needed(_("Choose the last day."))])
    until = DayField(_("Last day"))
    day = DayField(_("Day"), [Needed(_("Choose the day."))])
    max_days = IntegerField(_("Longest period, in days"), [Optional(), NumberRange(1, 36500)])
    level = SelectField(_("Lowest level of the digital key"), default="")
    recognition = SelectField(_("Needs a recognition"), default="")

    def validate_until(self, field: DayField) -> None:
        """The end is not before the beginning."""
        if "first" in self and self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("The last day is before the first day. Choose the same day or a later one."))


@dataclass(frozen=True)
class Kind:
    """A kind of change: its sentence, the fields that it needs, the things it can be about, and the change itself."""

    says: object
    fields: tuple[str, ...]
    things: Callable[[Look, str, Facts], Choices]
    change: Callable[[WhatIfForm], Change]


@bp.get("/<enterprise:number>/what-if")
def what_if(number: str) -> ResponseReturnValue:
    """Who would lose or gain what, and when, if something changed; nothing of it happens."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for("history.state_purpose"))
    name_of_kind = id_in_address(request.args.get("kind", ""), "kind")
    if name_of_kind and name_of_kind not in KINDS:
        raise Unknown("kind")
    kind = KINDS.get(name_of_kind)
    asked = kind is not None and len(request.args) > 1
    given = _form(number, kind, done.facts, asked=asked) if kind else None
    valid = given is not None and asked and given.validate()
    found = None
    if kind and given and valid:
        try:
            found = foreseen(number, kind.change(given))
        except Unknown:
            given.form_errors.append(gettext("There is no such thing on that day. Choose another one, or another day."))
            valid = False
    with look() as seen:
        shown = render_template(
            "history/what_if.html",
            number=number,
            name=seen.lists.enterprise_names([number], form.language())[number],
            kinds=KINDS,
            chosen=name_of_kind,
            form=given,
            asked=bool(valid),
            found=found,
        )
    return shown, 422 if asked and not valid else 200


def _form(number: str, kind: Kind, facts: Facts, *, asked: bool) -> WhatIfForm:
    days = dict.fromkeys(("first", "last", "day"), facts.today)
    given = WhatIfForm(request.args if asked else None, data=None if asked else days)
    for name in [each.name for each in given if each.name not in kind.fields]:
        del given[name]
    with look() as seen:
        offered: Mapping[str, Choices] = {
            "thing": kind.things(seen, number, facts) if "thing" in kind.fields else [],
            "level": [("", gettext("as it is")), *((str(each), str(each)) for each in sorted(set(LEVELS.values())))],
            "recognition": [("", gettext("as it is")), ("yes", gettext("yes")), ("no", gettext("no"))],
        }
    for name, choices in offered.items():
        if name in given:
            given[name].choices = choices
    return given


# --- what it can be about ---------------------------------------------------------------------------------


def _functions(seen: Look, number: str, facts: Facts) -> Choices:
    held = [each for each in seen.lists.functions_in([number])[number] or () if not_over(each.period, facts.today)]
    names = seen.lists.names(each.holder for each in held)
    things = [(each.code, each.holder) for each in held if each.holder and each.holder in names]
    return [
        (f"{code}.{holder}", f"{names[holder].name}: {form.function(code)}") for code, holder in dict.fromkeys(things)
    ]


def _appointments(seen: Look, number: str, facts: Facts) -> Choices:
    lasting = (AppointmentState.ACTIVE, AppointmentState.PENDING)
    found = [each for each in seen.lists.appointments(enterprise=number) if each.state(facts.at) in lasting]
    names = seen.lists.names(each.holder for each in found)
    return [
        (each.id, f"{names[each.holder].name}: {form.role(each.role)}, {form.state(each.state(facts.at))}")
        for each in found[:MOST]
    ]


def _relations(seen: Look, number: str, facts: Facts) -> Choices:
    people = seen.lists.people_of(number)
    found = seen.lists.relations_among(number, (each.id for each in people))
    names = {each.id: each.name for each in people}
    lasting = [each for each in found if not_over(each.period, facts.today)]
    return sorted(((each.id, f"{names[each.person]}, {form.period(each.period)}") for each in lasting), key=_label)


def _grants(seen: Look, number: str, facts: Facts) -> Choices:
    found = seen.lists.grants(enterprise=number, limit=MOST)
    lasting = [each for each in found if not_over(each.period, facts.today) and not each.revoked(facts.at)]
    names = seen.lists.names(each.holder for each in lasting)
    told = {
        each.id: (names[each.holder].name, form.right_name(each.right), form.period(each.period)) for each in lasting
    }
    return sorted(((id_, ", ".join(words)) for id_, words in told.items()), key=_label)


def _recognitions(seen: Look, number: str, facts: Facts) -> Choices:
    card = seen.lists.enterprise_card(number, form.language())
    return [(each.id, each.id) for each in card.recognitions] if card else []


def _people(seen: Look, number: str, facts: Facts) -> Choices:
    ids = {each.holder for each in seen.lists.appointments(enterprise=number)}
    ids |= {each.holder for each in seen.lists.functions_in([number])[number] or () if each.holder}
    ids |= {each.id for each in seen.lists.people_of(number)}
    return sorted(((id_, named.name) for id_, named in seen.lists.names(ids).items()), key=_label)


def _rights(seen: Look, number: str, facts: Facts) -> Choices:
    return sorted(((code, form.right_name(code)) for code in world().policy.rights), key=_label)


def _nothing(seen: Look, number: str, facts: Facts) -> Choices:
    return []


def _label(choice: tuple[str, str]) -> str:
    return choice[1]


# --- the changes ------------------------------------------------------------------------------------------


def _function_ends(given: WhatIfForm) -> Change:
    code, _dot, person = given.thing.data.partition(".")
    return FunctionEnds(FunctionCode(code), person, given.last.chosen)


def _appointment_ends(given: WhatIfForm) -> Change:
    return _anybody(Action.END_APPOINTMENT, appointment=given.thing.data, without_successor=True)


def _relation_ends(given: WhatIfForm) -> Change:
    return _anybody(Action.END_WORK_RELATION, relation=given.thing.data, last_day=given.last.chosen)


def _grant_ends(given: WhatIfForm) -> Change:
    if given.until.data is None:
        return _anybody(Action.REVOKE_GRANT, grant=given.thing.data, reason=True)
    return _anybody(Action.EXTEND_GRANT, grant=given.thing.data, last_day=given.until.data)


def _anybody(action: Action, **named: Any) -> Change:
    """The action as whoever reads would do it, or else as somebody who may."""
    return Doing(ask(action, **named), by_whoever_may=True)


def _right_changes(given: WhatIfForm) -> Change:
    return RightChanges(
        given.thing.data,
        max_days=given.max_days.data,
        level=int(given.level.data) if given.level.data else None,
        needs_recognition={"yes": True, "no": False}.get(given.recognition.data),
    )


KINDS: Mapping[str, Kind] = {
    "function": Kind(_("Somebody's function in the register ends"), ("thing", "last"), _functions, _function_ends),
    "manager": Kind(_("Somebody's role ends, or an offer is withdrawn"), ("thing",), _appointments, _appointment_ends),
    "relation": Kind(_("Somebody's work relation ends"), ("thing", "last"), _relations, _relation_ends),
    "grant": Kind(_("A right is revoked, or gets another last day"), ("thing", "until"), _grants, _grant_ends),
    "recognition": Kind(
        _("A recognition is suspended"),
        ("thing", "first", "until"),
        _recognitions,
        lambda given: RecognitionSuspended(given.thing.data, Period(given.first.chosen, given.until.data)),
    ),
    "enterprise": Kind(_("The enterprise ends"), ("last",), _nothing, lambda given: EnterpriseEnds(given.last.chosen)),
    "death": Kind(
        _("Somebody dies"), ("thing", "day"), _people, lambda given: PersonDies(given.thing.data, given.day.chosen)
    ),
    "right": Kind(
        _("A right gets other conditions"), ("thing", "max_days", "level", "recognition"), _rights, _right_changes
    ),
}
"""The kinds of changes by the name that they have in an address."""
