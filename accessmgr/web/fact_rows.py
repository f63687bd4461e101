"""Facts that a finding rested on, in readable rows: each function gives those of one kind, if the rule looked at them.

No ids and no numbers of people stand here, and nothing that the finding itself does not hold.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from accessmgr.core.actions import APPOINTS
from accessmgr.core.days import Period
from accessmgr.core.model import Appointment, AppointmentState, Recognition
from accessmgr.web import format as form

Row = tuple[str, str]
"""A label and a value."""

Seen = Mapping[str, Any]
"""The facts that a rule looked at, by name."""

Rows = Callable[[Seen], Iterator[Row]]


def today(seen: Seen) -> Iterator[Row]:
    """The day on which it was asked."""
    if "today" in seen:
        yield _("Day asked about"), form.day(seen["today"])


def moment(seen: Seen) -> Iterator[Row]:
    """The moment at which it was asked."""
    if "at" in seen:
        yield _("Moment asked about"), form.moment(seen["at"])


def key_used(seen: Seen) -> Iterator[Row]:
    """The digital key with which the person signed in."""
    ask = seen.get("ask")
    if ask is None:
        return
    if ask.key is not None:
        yield _("Digital key used"), form.key_name(ask.key)
    yield _("Level of the key used"), str(ask.level) if ask.level else _("unknown")
    right = seen.get("right")
    if right is not None:
        yield _("Level that the right asks for"), str(right.level)


def asked_period(seen: Seen) -> Iterator[Row]:
    """The period that was asked for."""
    ask = seen.get("ask")
    wanted = seen.get("grant_period") or (ask.period if ask else None)
    if wanted is not None and wanted.is_empty:
        yield _("First day asked for"), form.day(wanted.first)
        yield _("Last day asked for"), form.day(wanted.last)
    elif wanted is not None:
        yield _("Period asked for"), form.period(wanted)
    if ask is not None and ask.last_day is not None and wanted is None:
        yield _("Last day asked for"), form.day(ask.last_day)


def enterprise_period(seen: Seen) -> Iterator[Row]:
    """When the enterprise is or was active, as the register has it."""
    if seen.get("register") is not None:
        yield _("Active according to the register"), _lasting(seen["register"].period, seen)


def own_functions(seen: Seen) -> Iterator[Row]:
    """The functions of the person who asks, as the register has them."""
    register, actor = seen.get("register"), seen.get("actor")
    if "register" not in seen or actor is None:
        return
    if register is None:
        yield _("Your functions in the register"), _("the register has no answer")
        return
    held = [each for each in register.functions if each.holder == actor.id]
    for each in held:
        yield _("Your function in the register"), f"{form.function(each.code)}, {_lasting(each.period, seen)}"
    if not held:
        yield _("Your functions in the register"), _("none")


def own_roles(seen: Seen) -> Iterator[Row]:
    """The roles of the person who asks, with what became of them."""
    actor = seen.get("actor")
    if "appointments" not in seen or actor is None:
        return
    mine = [each for each in seen["appointments"] if each.holder == actor.id]
    for each in mine:
        yield _("Your role"), f"{_role(each)}: {_since(each, seen)}"
    if not mine:
        yield _("Your roles in this enterprise"), _("none")


def holders_roles(seen: Seen) -> Iterator[Row]:
    """The active roles of the person concerned."""
    person = seen.get("concerned")
    if person is None:
        return
    for each in seen.get("appointments", ()):
        if each.holder == person.id and each.closed_at is None:
            yield _("Role of the person"), f"{_role(each)}: {_since(each, seen)}"


def main_manager(seen: Seen) -> Iterator[Row]:
    """Since when somebody has the role that is asked for, which is the main one."""
    ask = seen.get("ask")
    if ask is None:
        return
    for each in seen.get("appointments", ()):
        if each.role is APPOINTS[ask.action] and each.accepted_at is not None and each.closed_at is None:
            yield _("Main access manager since"), form.moment(each.accepted_at)


def appointment(seen: Seen) -> Iterator[Row]:
    """The appointment that the question is about."""
    which = seen.get("appointment")
    if which is not None:
        yield _("Role offered"), _role(which)
        yield _("Offered on"), form.moment(which.offered_at)
        if "at" in seen:
            yield _("State"), _since(which, seen)


def relations(seen: Seen) -> Iterator[Row]:
    """The work relations of the person concerned, or of the one who asks."""
    if "work_relations" not in seen:
        return
    person = seen.get("concerned") or seen.get("actor")
    held = [each for each in seen["work_relations"] if person is not None and each.person == person.id]
    for each in held:
        yield _("Work relation"), f"{form.user_type(each.user_type)}, {_lasting(each.period, seen)}"
    if not held:
        yield _("Work relation"), _("none")


def relation(seen: Seen) -> Iterator[Row]:
    """The work relation that the question is about."""
    if seen.get("relation") is not None:
        yield _("Work relation"), _lasting(seen["relation"].period, seen)


def right(seen: Seen) -> Iterator[Row]:
    """The right, and the roles that may grant it."""
    if seen.get("right") is not None:
        yield _("Right"), form.right_name(seen["right"].code)
        yield _("Roles that may grant it"), ", ".join(form.role(each) for each in sorted(seen["right"].grantors))


def longest(seen: Seen) -> Iterator[Row]:
    """The longest period of the right."""
    if seen.get("right") is not None:
        yield _("Longest period of this right"), _("%(count)s days", count=seen["right"].max_days)


def groups(seen: Seen) -> Iterator[Row]:
    """The target group of the enterprise, and those of the right."""
    if seen.get("right") is not None and seen.get("target_group") is not None:
        yield _("Target group of the enterprise"), form.target_group(seen["target_group"])
        offered = ", ".join(form.target_group(each) for each in sorted(seen["right"].target_groups))
        yield _("The right is offered to"), offered


def contexts(seen: Seen) -> Iterator[Row]:
    """The contexts asked for."""
    if seen.get("contexts"):
        yield _("Contexts asked for"), ", ".join(form.context(each, seen.get("right")) for each in seen["contexts"])


def recognitions(seen: Seen) -> Iterator[Row]:
    """The recognitions of the enterprise, and since when one is suspended or has ended."""
    register = seen.get("register")
    if register is None or (seen.get("right") is not None and not seen["right"].needs_recognition):
        return
    for each in register.recognitions:
        yield _("Recognition %(number)s", number=each.number), _recognition(each, seen)
    if not register.recognitions:
        yield _("Recognitions of the enterprise"), _("none")


def grants(seen: Seen) -> Iterator[Row]:
    """The grants of the person concerned, or of the one who asks, and since when they are over."""
    if "grants" not in seen:
        return
    person, code = seen.get("concerned") or seen.get("actor"), _right_code(seen)
    held = [each for each in seen["grants"] if person is not None and each.holder == person.id]
    held = [each for each in held if code in (None, each.right)]
    for each in held:
        label = _("Right for %(contexts)s", contexts=", ".join(form.context(one) for one in each.contexts))
        yield label, _grant(each, seen)
    if not held:
        yield _("Granted so far"), _("nothing")


def grant(seen: Seen) -> Iterator[Row]:
    """The grant that the question is about."""
    which = seen.get("grant")
    if which is not None:
        yield _("Right for %(contexts)s", contexts=", ".join(map(form.context, which.contexts))), _grant(which, seen)


def request(seen: Seen) -> Iterator[Row]:
    """The request that the question is about."""
    which = seen.get("request")
    if which is not None:
        yield _("Requested on"), form.moment(which.made_at)
        if "at" in seen:
            yield _("State"), form.state(which.state(seen["at"]))
        if which.closed_at is not None:
            yield _("Answered on"), form.moment(which.closed_at)


def _role(which: Appointment) -> str:
    name = form.role(which.role)
    return f"{name} ({form.domain(which.domain)})" if which.domain else name


def _since(which: Appointment, seen: Seen) -> str:
    at = seen.get("at")
    state = which.state(at) if at is not None else which.outcome
    text = form.state(state) if state else ""
    if state is AppointmentState.ACTIVE and which.accepted_at is not None:
        return _("active since %(moment)s", moment=form.moment(which.accepted_at))
    if which.closed_at is not None and state is which.outcome:
        return _("%(state)s on %(moment)s", state=text, moment=form.moment(which.closed_at))
    return text


def _recognition(which: Recognition, seen: Seen) -> str:
    text = _lasting(which.period, seen)
    day = seen.get("today")
    suspended = [each for each in which.suspensions if day is not None and each.has(day)]
    for each in suspended:
        text = _("%(period)s; suspended %(suspension)s", period=text, suspension=form.period(each))
    return text


def _lasting(period: Period, seen: Seen) -> str:
    """A period, and since when it is over if it is."""
    text, today = form.period(period), seen.get("today")
    if period.last is None or today is None or period.last >= today or period.is_empty:
        return text
    return _("%(period)s; over since %(day)s", period=text, day=form.day(period.last + timedelta(days=1)))


def _grant(which: Any, seen: Seen) -> str:
    text = _lasting(which.period, seen)
    if which.revoked_at is None:
        return text
    return _("%(period)s; revoked on %(moment)s", period=text, moment=form.moment(which.revoked_at))


def _right_code(seen: Seen) -> str | None:
    ask = seen.get("ask")
    if seen.get("right") is not None:
        return str(seen["right"].code)
    return ask.right if ask is not None else None
