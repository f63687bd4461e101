"""What tests are made of: valid by default, one keyword to spoil.

The ordinary world is one enterprise on one day. A representative stands in the register, a main manager has
the main role, a worker is linked, a newcomer is known and nothing else. `situation(action)` gives facts on
which the action is allowed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accessmgr.core.actions import APPOINTS, Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    Appointment,
    ContextKind,
    Domain,
    Establishment,
    Function,
    FunctionCode,
    Grant,
    Key,
    Person,
    Recognition,
    Register,
    Request,
    Right,
    Role,
    TargetGroup,
    UserType,
    WorkRelation,
)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TODAY = date(2026, 3, 10)
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
NOW = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)
LAST_YEAR = datetime(2025, 3, 10, 11, 0, tzinfo=UTC)
IN_A_MONTH = date(2026, 4, 10)
YEAR_END = date(2026, 12, 31)
MAX_DAYS = 365

ENTERPRISE = "0200000043"
OTHER_ENTERPRISE = "0200000142"
RECOGNITION = "12345"
ESTABLISHMENT = "2000000042"
APPLICATION = "dienstencheques"

REPRESENTATIVE = "representative"
MAIN = "main manager"
WORKER = "worker"
NEWCOMER = "newcomer"
OUTSIDER = "outsider"
AUDITOR = "auditor"


def a_person(id_: str = WORKER, **spoilt: Any) -> Person:
    """A living person who is no auditor."""
    return replace(Person(id_), **spoilt)


def a_function(holder: str | None = REPRESENTATIVE, **spoilt: Any) -> Function:
    """A directorship held today, in person."""
    function = Function("function", ENTERPRISE, FunctionCode.DIRECTOR, holder, None, Period(LONG_AGO, None))
    return replace(function, **spoilt)


def a_recognition(number: str = RECOGNITION, **spoilt: Any) -> Recognition:
    """A recognition that is neither ended nor suspended."""
    return replace(Recognition(number, ENTERPRISE, Period(LONG_AGO, None)), **spoilt)


def an_establishment(number: str = ESTABLISHMENT, **spoilt: Any) -> Establishment:
    """An establishment unit that was the enterprise's from its start."""
    return replace(Establishment(number, Period(LONG_AGO, None), ((None, ENTERPRISE),)), **spoilt)


def a_register(**spoilt: Any) -> Register:
    """An active enterprise with a representative and one recognition."""
    return replace(Register(Period(LONG_AGO, None), (a_function(),), (a_recognition(),)), **spoilt)


def a_right(**spoilt: Any) -> Right:
    """A right that the main managers grant for a recognition."""
    right = Right(
        code="service_vouchers",
        application=APPLICATION,
        domain=Domain.FLEMISH_GOVERNMENT,
        target_groups=frozenset({TargetGroup.EA}),
        context_kind=ContextKind.RECOGNITION,
        grantors=frozenset({Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER, Role.MAIN_LOCAL_ADMINISTRATOR}),
        level=400,
        max_days=MAX_DAYS,
        needs_recognition=True,
        requestable=True,
    )
    return replace(right, **spoilt)


def an_appointment(role: Role = Role.CO_MAIN_ACCESS_MANAGER, holder: str = NEWCOMER, **spoilt: Any) -> Appointment:
    """An appointment that was accepted a year ago."""
    id_ = f"{role} of {holder}"
    return replace(Appointment(id_, ENTERPRISE, role, holder, MAIN, LAST_YEAR, accepted_at=LAST_YEAR), **spoilt)


def an_offer(role: Role = Role.CO_MAIN_ACCESS_MANAGER, holder: str = NEWCOMER, **spoilt: Any) -> Appointment:
    """An offer that was made yesterday."""
    return replace(an_appointment(role, holder, offered_at=NOW - DAY, accepted_at=None), **spoilt)


def a_work_relation(person: str = WORKER, **spoilt: Any) -> WorkRelation:
    """A work relation without an end."""
    id_ = f"relation of {person}"
    return replace(WorkRelation(id_, ENTERPRISE, person, UserType.EMPLOYEE, Period(LONG_AGO, None), MAIN), **spoilt)


def a_grant(holder: str = WORKER, **spoilt: Any) -> Grant:
    """A grant that is effective today, until the year's end."""
    period = Period(date(2026, 1, 1), YEAR_END)
    grant = Grant(
        "grant", ENTERPRISE, holder, "service_vouchers", (RECOGNITION,), period, f"relation of {holder}", MAIN
    )
    return replace(grant, **spoilt)


def a_request(requester: str = WORKER, **spoilt: Any) -> Request:
    """A request that was made yesterday and waits for its answer."""
    request = Request("request", ENTERPRISE, requester, "service_vouchers", (RECOGNITION,), NOW - DAY)
    return replace(request, **spoilt)


_OF_MAIN = {"actor": MAIN, "enterprise": ENTERPRISE}
_RIGHT = {"right": "service_vouchers", "contexts": (RECOGNITION,)}
_PERIOD = {"period": Period(TODAY, IN_A_MONTH)}

ORDINARY: Mapping[Action, Mapping[str, Any]] = {
    Action.SIGN_IN: {"actor": WORKER, "key": Key.EID, "application": APPLICATION},
    Action.APPOINT_MAIN_ACCESS_MANAGER: {
        "actor": REPRESENTATIVE,
        "enterprise": ENTERPRISE,
        "person": NEWCOMER,
        "employee": True,
    },
    Action.APPOINT_CO_MAIN_ACCESS_MANAGER: {**_OF_MAIN, "person": NEWCOMER, "employee": True},
    Action.APPOINT_ACCESS_MANAGER: {**_OF_MAIN, "person": NEWCOMER, "domain": Domain.FINANCE},
    Action.APPOINT_LOCAL_ADMINISTRATOR: {**_OF_MAIN, "person": WORKER},
    Action.ACCEPT_APPOINTMENT: {"actor": NEWCOMER, "appointment": an_offer().id},
    Action.REFUSE_APPOINTMENT: {"actor": NEWCOMER, "appointment": an_offer().id},
    Action.END_APPOINTMENT: {"actor": MAIN, "appointment": an_appointment().id},
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR: _OF_MAIN,
    Action.LINK_PERSON: {**_OF_MAIN, "person": NEWCOMER, "user_type": UserType.EMPLOYEE, **_PERIOD},
    Action.END_WORK_RELATION: {"actor": MAIN, "relation": a_work_relation().id, "last_day": IN_A_MONTH},
    Action.GRANT_RIGHT: {**_OF_MAIN, "person": WORKER, **_RIGHT, **_PERIOD},
    Action.EXTEND_GRANT: {"actor": MAIN, "grant": "grant", "last_day": IN_A_MONTH},
    Action.REVOKE_GRANT: {"actor": MAIN, "grant": "grant"},
    Action.REQUEST_RIGHT: {"actor": WORKER, "enterprise": ENTERPRISE, **_RIGHT},
    Action.APPROVE_REQUEST: {"actor": MAIN, "request": "request", **_PERIOD},
    Action.REFUSE_REQUEST: {"actor": MAIN, "request": "request", "reason": True},
    Action.WITHDRAW_REQUEST: {"actor": WORKER, "request": "request"},
    Action.ENTER_SECURE_AREA: {"actor": WORKER, "enterprise": ENTERPRISE, **_RIGHT},
    Action.READ_HISTORY: _OF_MAIN,
    Action.EXPORT_HISTORY: _OF_MAIN,
    Action.REVEAL_NUMBER: {"actor": WORKER, "person": WORKER},
}
"""What is asked in an ordinary question."""

_APPOINTMENTS = {
    Action.APPOINT_MAIN_ACCESS_MANAGER: (),
    Action.APPOINT_LOCAL_ADMINISTRATOR: (
        an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN),
        an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, MAIN),
    ),
}
_THINGS: Mapping[Action, Mapping[str, Any]] = {
    Action.ACCEPT_APPOINTMENT: {"appointment": an_offer()},
    Action.REFUSE_APPOINTMENT: {"appointment": an_offer()},
    Action.END_APPOINTMENT: {"appointment": an_appointment()},
    Action.END_WORK_RELATION: {"relation": a_work_relation()},
    Action.EXTEND_GRANT: {"grant": a_grant(), "grants": (a_grant(),)},
    Action.REVOKE_GRANT: {"grant": a_grant(), "grants": (a_grant(),)},
    Action.APPROVE_REQUEST: {"request": a_request()},
    Action.REFUSE_REQUEST: {"request": a_request()},
    Action.WITHDRAW_REQUEST: {"request": a_request()},
    Action.ENTER_SECURE_AREA: {"grants": (a_grant(),)},
}
_OF_RIGHT = {
    Action.GRANT_RIGHT,
    Action.EXTEND_GRANT,
    Action.REVOKE_GRANT,
    Action.REQUEST_RIGHT,
    Action.APPROVE_REQUEST,
    Action.REFUSE_REQUEST,
    Action.WITHDRAW_REQUEST,
    Action.ENTER_SECURE_AREA,
}


def an_ask(action: Action, **spoilt: Any) -> Ask:
    """An ordinary question, asked with an eID."""
    return Ask(**{"action": action, "level": Key.EID.level, **ORDINARY[action], **spoilt})


def facts_for(ask: Ask, **spoilt: Any) -> Facts:
    """The facts of the ordinary world for a question, on which it is allowed."""
    things = {**_THINGS.get(ask.action, {})}
    appointment = spoilt.get("appointment", things.get("appointment"))
    known = _APPOINTMENTS.get(ask.action, (an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN),))
    facts: dict[str, Any] = {
        "ask": ask,
        "at": NOW,
        "actor": a_person(ask.actor, keys=frozenset({Key.EID}) if ask.action is Action.SIGN_IN else None),
        "concerned": _concerned(ask, {**things, **spoilt}),
        "register": a_register(),
        "target_group": TargetGroup.EA,
        "right": a_right() if ask.action in _OF_RIGHT else None,
        "appointments": known if appointment is None else (*known, appointment),
        "work_relations": (a_work_relation(),),
        **things,
    }
    return Facts(**{**facts, **spoilt})


def situation(action: Action, ask: Mapping[str, Any] | None = None, **spoilt: Any) -> Facts:
    """The facts for an ordinary question of which some words (`ask`) or facts are spoilt."""
    return facts_for(an_ask(action, **(ask or {})), **spoilt)


def _concerned(ask: Ask, things: Mapping[str, Any]) -> Person | None:
    if things.get("appointment"):
        return a_person(things["appointment"].holder)
    if things.get("relation"):
        return a_person(things["relation"].person)
    if things.get("grant"):
        return a_person(things["grant"].holder)
    if things.get("request"):
        return a_person(things["request"].requester)
    if ask.action is Action.REQUEST_RIGHT:
        return a_person(ask.actor)
    concerns = ask.person is not None and (ask.action in APPOINTS or ask.period is not None)
    return a_person(ask.person) if concerns and ask.person else None
