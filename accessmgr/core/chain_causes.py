"""Why a link of the chain is broken, and since when: for each rule about entering, read from the same facts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from accessmgr.core.days import Period, day_of
from accessmgr.core.facts import Facts
from accessmgr.core.model import ContextKind, Grant, Recognition


class Cause(StrEnum):
    """Why a link is broken."""

    NEVER = "never"
    NOT_YET = "not_yet"
    ENDED = "ended"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    DECEASED = "deceased"
    ELSEWHERE = "elsewhere"
    NOT_GIVEN = "not_given"
    LEVEL = "level"
    UNKNOWN = "unknown"


Why = tuple[Cause, date | None]


def outside(periods: Iterable[Period], today: date) -> Why:
    """Why none of the periods has today: the one that ended last, else the one that begins first."""
    some = [period for period in periods if not period.is_empty and not period.has(today)]
    ended = [period.last for period in some if period.last is not None and period.last < today]
    if ended:
        return Cause.ENDED, max(ended) + timedelta(days=1)
    return (Cause.NOT_YET, min(period.first for period in some)) if some else (Cause.NEVER, None)


def _not_recognised(facts: Facts, _: Grant | None) -> Why:
    known = facts.register.recognitions if facts.register else ()
    return _suspended(known, facts.today) or outside((one.period for one in known), facts.today)


def _suspended(recognitions: Iterable[Recognition], today: date) -> Why | None:
    days = [
        suspension.first
        for one in recognitions
        if one.period.has(today)
        for suspension in one.suspensions
        if suspension.has(today)
    ]
    return (Cause.SUSPENDED, min(days)) if days else None


def _not_active(facts: Facts, _: Grant | None) -> Why:
    return outside([facts.register.period] if facts.register else [], facts.today)


def _not_linked(facts: Facts, _: Grant | None) -> Why:
    return outside((one.period for one in facts.work_relations if one.person == facts.actor.id), facts.today)


def _not_granted(facts: Facts, grant: Grant | None) -> Why:
    if grant is None:
        return Cause.NEVER, None
    if grant.revoked_at is not None and grant.revoked(facts.at):
        return Cause.REVOKED, day_of(grant.revoked_at)
    return outside([grant.period], facts.today)


def _not_its_context(facts: Facts, _: Grant | None) -> Why:
    if facts.right is not None and facts.right.context_kind is ContextKind.RECOGNITION and facts.register:
        named = [one for one in facts.register.recognitions if one.number in facts.contexts]
        return _suspended(named, facts.today) or (
            outside((one.period for one in named), facts.today) if named else (Cause.ELSEWHERE, None)
        )
    return Cause.ELSEWHERE, None


CAUSES: Mapping[str, Callable[[Facts, Grant | None], Why]] = {
    "REG-1": _not_active,
    "REG-2": lambda facts, grant: (Cause.UNKNOWN, None),
    "ENTER-3": _not_recognised,
    "PERSON-3": lambda facts, grant: (Cause.DECEASED, facts.actor.deceased),
    "KEY-3": lambda facts, grant: (Cause.LEVEL, None),
    "ENTER-2": _not_linked,
    "ENTER-1": _not_granted,
    "ENTER-4": _not_its_context,
    "ENTER-5": lambda facts, grant: (Cause.NOT_GIVEN, None),
}
