"""Since when what a refusal rests on has been so, and why, rule by rule; where the facts do not name it, nothing."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from accessmgr.core.chain_causes import CAUSES, Cause, outside
from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, AppointmentState, Grant, Person, Request, RequestState

Stopped = tuple[Cause, date | datetime | None]
DAY = timedelta(days=1)


def stopped(rule_id: str, facts: Facts, grant: Grant | None = None) -> Stopped | None:
    """Why and since when the rule refuses: a day or a moment, of what has yet to begin the day that it begins.

    :param grant: of a decision about entering, the grant in question
    """
    if rule_id == "ENTER-1" and grant is not None and grant.revoked(facts.at):
        return Cause.REVOKED, grant.revoked_at
    if rule_id in OTHERS:
        return OTHERS[rule_id](facts)
    why = CAUSES.get(rule_id)
    return why(facts, grant) if why is not None else None


def _death(person: Person | None) -> Stopped | None:
    return None if person is None else (Cause.DECEASED, person.deceased)


def _offer_over(facts: Facts) -> Stopped | None:
    return None if facts.appointment is None else _over(facts.appointment, facts.appointment.offered_at, facts.at)


def _request_over(facts: Facts) -> Stopped | None:
    return None if facts.request is None else _over(facts.request, facts.request.made_at, facts.at)


def _over(thing: Appointment | Request, made_at: datetime, at: datetime) -> Stopped | None:
    """When an offer or a request was closed, or lapsed; None while it is active."""
    state = thing.state(at)
    if state in (AppointmentState.LAPSED, RequestState.LAPSED):
        return Cause.ENDED, made_at + THIRTY_DAYS
    return None if state is AppointmentState.ACTIVE else (Cause.ENDED, thing.closed_at)


def _grant_over(facts: Facts) -> Stopped | None:
    grant = facts.grant
    if grant is None:
        return None
    return (Cause.REVOKED, grant.revoked_at) if grant.revoked(facts.at) else outside([grant.period], facts.today)


def _relation_over(facts: Facts) -> Stopped | None:
    last = facts.relation.period.last if facts.relation else None
    return (Cause.ENDED, last + DAY) if last is not None and last < facts.today else None


def _not_linked(facts: Facts) -> Stopped | None:
    """Why the person concerned has no work relation today; None if they have one, which may not last long enough."""
    of_person = [one.period for one in facts.work_relations if facts.concerned and one.person == facts.concerned.id]
    return None if any(period.has(facts.today) for period in of_person) else outside(of_person, facts.today)


OTHERS: Mapping[str, Callable[[Facts], Stopped | None]] = {
    "SIGNIN-2": lambda facts: _death(facts.actor),
    "PERSON-1": lambda facts: _death(facts.concerned),
    "PERSON-3": lambda facts: _death(facts.actor),
    "APPOINT-10": _not_linked,
    "ACCEPT-2": _offer_over,
    "END-4": _offer_over,
    "LINK-4": _relation_over,
    "GRANT-2": _not_linked,
    "GRANT-9": lambda facts: CAUSES["ENTER-3"](facts, None),
    "GRANT-12": _grant_over,
    "REQUEST-6": _request_over,
}
"""The rules about other actions than entering whose facts name it."""
