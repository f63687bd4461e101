"""What changed between two days, and what one of two people may do and the other not."""

from datetime import datetime, timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Form, SelectField, ValidationError

from accessmgr.core.days import start_of
from accessmgr.usecases.audit import Contrast, compare, compare_people, may, rules_of
from accessmgr.usecases.world import Look
from accessmgr.web import format as form
from accessmgr.web.current import look, world
from accessmgr.web.fields import DayField, Needed
from accessmgr.web.history_access import purpose_asked, reading
from accessmgr.web.history_chains import Way, in_words
from accessmgr.web.history_entries import Row, rows
from accessmgr.web.moment_asked import time_frame

bp = Blueprint("history_compare", __name__, url_prefix="/history")

INSTANT = timedelta(microseconds=1)
MOST = 100
"""How many differences a page shows; the export has them all."""


class DaysForm(Form):
    """Which two days are compared, each as it was at its end."""

    first = DayField(_("First day"), [Needed(_("Choose the first day."))])
    second = DayField(_("Second day"), [Needed(_("Choose the second day."))])
    known_then = BooleanField(_("Each day as it was known on that day, and not as it is known now"))

    def validate_second(self, field: DayField) -> None:
        """The second day comes after the first."""
        if self.first.data and field.data and field.data <= self.first.data:
            raise ValidationError(_("Choose a second day that comes after the first."))


class PeopleForm(Form):
    """Which two people are compared."""

    one = SelectField(_("First person"), [Needed(_("Choose the first person."))])
    other = SelectField(_("Second person"), [Needed(_("Choose the second person."))])

    def validate_other(self, field: SelectField) -> None:
        """Two people, and not one twice."""
        if field.data == self.one.data:
            raise ValidationError(_("Choose two different people."))


@bp.get("/<enterprise:number>/compare")
def days(number: str) -> ResponseReturnValue:
    """Who gained and who lost which right between two days, and the entries that made each difference."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for("history.state_purpose"))
    asked = bool(request.args.get("first") or request.args.get("second"))
    given = DaysForm(request.args if asked else None)
    valid = asked and given.validate()
    with look() as seen:
        name = seen.lists.enterprise_names([number], form.language())[number]
        found = _differences(seen, number, given) if valid else None
        shown = render_template("history/compare.html", form=given, number=number, name=name, found=found, most=MOST)
    return shown, 422 if asked and not valid else 200


@bp.get("/<enterprise:number>/compare-people")
def people(number: str) -> ResponseReturnValue:
    """What one of two people may do in the enterprise and the other not, and by which rules."""
    done = reading(number, {"enterprise": number})
    if done is None:
        return purpose_asked(number, url_for("history.state_purpose"))
    frame = time_frame(done.facts.at)
    asked = bool(request.args.get("one") or request.args.get("other"))
    with look() as seen:
        given = PeopleForm(request.args if asked else None)
        given.one.choices = given.other.choices = _people(seen, number)
        valid = asked and given.validate()
        name = frame.lists(seen).enterprise_names([number], form.language())[number]
        found = None
        if valid:
            pair = given.one.data, given.other.data
            found = compare_people(world(), seen, number, *pair, frame.at, frame.known_at)
        names = dict(given.one.choices)
        shown = render_template(
            "history/compare_people.html",
            form=given,
            number=number,
            name=name,
            names=(names.get(given.one.data), names.get(given.other.data)),
            found=None if found is None else [(_asked(one), _verdicts(one)) for one in found],
            frame=frame,
        )
    return shown, 422 if asked and not valid else 200


def _differences(seen: Look, number: str, given: DaysForm) -> list[tuple[bool, Way, list[Row]]]:
    """Each difference in words: whether it was gained, the chain on the side that was closed, the entries."""
    first, second = _end_of(given.first), _end_of(given.second)
    found = compare(world(), seen, number, first, second, known_then=given.known_then.data)[:MOST]
    sides = [side for one in found for side in [one.after or one.before] if side is not None]
    told = {(way.person_id, way.right, way.context): way for way in in_words(seen, number, sides)}
    leaves = seen.lists.leaves(entry for one in found for entry in one.entries)
    entries = {row.sequence: row for row in rows(seen, leaves.values())}
    differences = []
    for one in found:
        person, right, context = one.way
        shown = form.right_name(right), form.context(context, world().policy.rights.get(right))
        differences.append((one.gained, told[person, *shown], [entries[entry] for entry in one.entries]))
    return sorted(differences, key=lambda each: (each[1].person, each[1].right, each[1].context))


def _end_of(field: DayField) -> datetime:
    return start_of(field.chosen + timedelta(days=1)) - INSTANT


def _people(seen: Look, number: str) -> list[tuple[str, str]]:
    """Those who have or had something to do with the enterprise, by name."""
    lists = seen.lists
    ids = {one.holder for one in lists.appointments(enterprise=number)}
    ids |= {one.holder for one in lists.grants(enterprise=number)}
    ids |= {one.person for one in lists.work_relations(enterprise=number)}
    ids |= {one.holder for one in lists.functions_in([number])[number] or () if one.holder}
    return sorted(((id_, named.name) for id_, named in lists.names(ids).items()), key=lambda each: each[1])


def _verdicts(one: Contrast) -> list[tuple[bool, tuple[str, ...]]]:
    """Whether each of the two may, and by which rules."""
    return [(may(decision), rules_of(decision)) for decision in (one.one, one.other)]


def _asked(one: Contrast) -> str:
    """What the two may not do alike, in words."""
    action = form.action(one.action)
    if one.right is None:
        return action
    right = form.right_name(one.right)
    if one.context is None:
        return gettext("%(action)s: %(right)s", action=action, right=right)
    context = form.context(one.context, world().policy.rights.get(one.right))
    return gettext("%(action)s: %(right)s, %(context)s", action=action, right=right, context=context)
