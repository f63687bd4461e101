"""What each action brings about once it is allowed, event by event."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.days import Period
from accessmgr.core.events import Event, What
from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    Appointment,
    AppointmentState,
    Domain,
    Grant,
    Request,
    RequestState,
    Role,
    UserType,
    WorkRelation,
)
from accessmgr.usecases.verbs import VERBS
from tests.builders import (
    DAY,
    ENTERPRISE,
    IN_A_MONTH,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    RECOGNITION,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
    YEAR_END,
    YESTERDAY,
    a_grant,
    a_person,
    a_request,
    a_work_relation,
    an_appointment,
    an_offer,
    situation,
)

MAIN_ROLE = Role.MAIN_ACCESS_MANAGER
OF_MAIN = an_appointment(MAIN_ROLE, MAIN)
APPOINT_MAIN = Action.APPOINT_MAIN_ACCESS_MANAGER


def numbered() -> Callable[[], str]:
    ids = iter(("new-1", "new-2", "new-3"))
    return lambda: next(ids)


def brought_about(facts: Facts) -> list[Event]:
    return list(VERBS[facts.ask.action][1](facts, numbered()))


def after(action: Action, ask: dict[str, Any] | None = None, **spoilt: Any) -> list[Event]:
    return brought_about(situation(action, ask, **spoilt))


def row(event: Event) -> Any:
    """What the event leaves behind, of whatever kind."""
    return event.row


@pytest.mark.parametrize(
    ("action", "what"),
    [
        (Action.SIGN_IN, "person.signed_in"),
        (Action.APPOINT_MAIN_ACCESS_MANAGER, "appointment.offered"),
        (Action.APPOINT_CO_MAIN_ACCESS_MANAGER, "appointment.offered"),
        (Action.APPOINT_ACCESS_MANAGER, "appointment.offered"),
        (Action.APPOINT_LOCAL_ADMINISTRATOR, "appointment.offered"),
        (Action.ACCEPT_APPOINTMENT, "appointment.accepted"),
        (Action.REFUSE_APPOINTMENT, "appointment.refused"),
        (Action.END_APPOINTMENT, "appointment.ended"),
        (Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, "role.claimed"),
        (Action.LINK_PERSON, "person.linked"),
        (Action.END_WORK_RELATION, "work_relation.ended"),
        (Action.GRANT_RIGHT, "right.granted"),
        (Action.EXTEND_GRANT, "grant.extended"),
        (Action.REVOKE_GRANT, "grant.revoked"),
        (Action.REQUEST_RIGHT, "right.requested"),
        (Action.APPROVE_REQUEST, "request.approved"),
        (Action.REFUSE_REQUEST, "request.refused"),
        (Action.WITHDRAW_REQUEST, "request.withdrawn"),
        (Action.ENTER_SECURE_AREA, "secure_area.entered"),
        (Action.READ_HISTORY, "history.read"),
        (Action.EXPORT_HISTORY, "history.exported"),
        (Action.REVEAL_NUMBER, "number.revealed"),
    ],
)
def test_an_action_stands_in_the_history_under_its_own_type(action: Action, what: str) -> None:
    assert VERBS[action][0] == what


def test_every_action_has_its_verb() -> None:
    assert set(VERBS) == set(Action)


@pytest.mark.parametrize(
    "action",
    [
        Action.SIGN_IN,
        Action.ENTER_SECURE_AREA,
        Action.READ_HISTORY,
        Action.EXPORT_HISTORY,
        Action.REVEAL_NUMBER,
    ],
)
def test_looking_and_entering_change_nothing(action: Action) -> None:
    assert after(action) == []


# --- appointments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "by", "holder", "employee", "domain"),
    [
        (APPOINT_MAIN, REPRESENTATIVE, NEWCOMER, True, None),
        (Action.APPOINT_CO_MAIN_ACCESS_MANAGER, MAIN, NEWCOMER, True, None),
        (Action.APPOINT_ACCESS_MANAGER, MAIN, NEWCOMER, False, Domain.FINANCE),
        (Action.APPOINT_LOCAL_ADMINISTRATOR, MAIN, WORKER, False, None),
    ],
)
def test_a_role_is_offered(action: Action, by: str, holder: str, employee: bool, domain: Domain | None) -> None:
    offer = Appointment("new-1", ENTERPRISE, APPOINTS[action], holder, by, NOW, domain, employee)
    assert after(action) == [Event(What.APPOINTMENT_OFFERED, offer)]
    assert offer.state(NOW) is AppointmentState.PENDING


@pytest.mark.parametrize("action", APPOINTS)
def test_an_offer_to_oneself_is_active_at_once(action: Action) -> None:
    actor = situation(action).actor
    (*_, offered) = after(action, concerned=actor)
    held = row(offered)
    assert (held.by, held.holder, held.accepted_at) == (actor.id, actor.id, NOW)
    assert held.state(NOW) is AppointmentState.ACTIVE


def test_a_newer_offer_of_the_main_role_withdraws_every_pending_one_and_no_other() -> None:
    pending = an_offer(MAIN_ROLE, WORKER, id="pending")
    lapsed = an_offer(MAIN_ROLE, WORKER, id="lapsed", offered_at=NOW - 31 * DAY)
    refused = an_offer(MAIN_ROLE, WORKER, id="refused", closed_at=NOW - SECOND, outcome=AppointmentState.REFUSED)
    co_main = an_offer(Role.CO_MAIN_ACCESS_MANAGER, WORKER, id="co-main")
    withdrawn, offered = after(
        APPOINT_MAIN, {"replaces": True}, appointments=(OF_MAIN, lapsed, pending, refused, co_main)
    )
    assert withdrawn == Event(
        What.APPOINTMENT_WITHDRAWN, replace(pending, closed_at=NOW, outcome=AppointmentState.WITHDRAWN)
    )
    assert (offered.what, offered.row.id) == ("appointment.offered", "new-1")


@pytest.mark.parametrize(
    "action",
    [
        Action.APPOINT_CO_MAIN_ACCESS_MANAGER,
        Action.APPOINT_ACCESS_MANAGER,
        Action.APPOINT_LOCAL_ADMINISTRATOR,
    ],
)
def test_an_offer_of_another_role_leaves_all_others_as_they_are(action: Action) -> None:
    pending = (an_offer(MAIN_ROLE, WORKER), an_offer(APPOINTS[action], MAIN, id="older"))
    assert [event.what for event in after(action, appointments=(OF_MAIN, *pending))] == ["appointment.offered"]


def test_an_offer_that_would_replace_leaves_the_main_manager_in_place_until_it_is_accepted() -> None:
    assert [event.what for event in after(APPOINT_MAIN, {"replaces": True}, appointments=(OF_MAIN,))] == [
        "appointment.offered"
    ]


def test_accepting_the_main_role_ends_that_of_the_previous_holder_at_that_moment() -> None:
    offer = an_offer(MAIN_ROLE)
    ended, accepted = after(Action.ACCEPT_APPOINTMENT, appointment=offer)
    assert ended == Event(What.APPOINTMENT_ENDED, replace(OF_MAIN, closed_at=NOW, outcome=AppointmentState.ENDED))
    assert accepted == Event(What.APPOINTMENT_ACCEPTED, replace(offer, accepted_at=NOW))


def test_an_offer_of_the_main_role_to_oneself_ends_that_of_the_previous_holder_at_once() -> None:
    actor = a_person(REPRESENTATIVE)
    older = an_offer(MAIN_ROLE, WORKER)
    events = after(APPOINT_MAIN, {"replaces": True}, concerned=actor, appointments=(OF_MAIN, older))
    assert [(event.what, event.row.id) for event in events] == [
        ("appointment.withdrawn", older.id),
        ("appointment.ended", OF_MAIN.id),
        ("appointment.offered", "new-1"),
    ]


def test_accepting_another_role_ends_nothing() -> None:
    offer = an_offer()
    assert after(Action.ACCEPT_APPOINTMENT) == [Event(What.APPOINTMENT_ACCEPTED, replace(offer, accepted_at=NOW))]


def test_refusing_an_offer_closes_it() -> None:
    refused = replace(an_offer(), closed_at=NOW, outcome=AppointmentState.REFUSED)
    assert after(Action.REFUSE_APPOINTMENT) == [Event(What.APPOINTMENT_REFUSED, refused)]


@pytest.mark.parametrize(
    ("appointment", "what", "outcome"),
    [
        (an_appointment(), What.APPOINTMENT_ENDED, AppointmentState.ENDED),
        (an_offer(), What.APPOINTMENT_WITHDRAWN, AppointmentState.WITHDRAWN),
    ],
)
def test_an_active_appointment_is_ended_and_a_pending_one_withdrawn(
    appointment: Appointment, what: What, outcome: AppointmentState
) -> None:
    closed = replace(appointment, closed_at=NOW, outcome=outcome)
    assert after(Action.END_APPOINTMENT, appointment=appointment) == [Event(what, closed)]


def test_a_claim_is_active_at_once() -> None:
    (claimed,) = after(Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR)
    role = Role.MAIN_LOCAL_ADMINISTRATOR
    assert claimed == Event(What.ROLE_CLAIMED, Appointment("new-1", ENTERPRISE, role, MAIN, MAIN, NOW, accepted_at=NOW))


# --- work relations -----------------------------------------------------------------------------------------


def test_a_person_is_linked_for_the_period_asked_for() -> None:
    relation = WorkRelation("new-1", ENTERPRISE, NEWCOMER, UserType.EMPLOYEE, Period(TODAY, IN_A_MONTH), MAIN)
    assert after(Action.LINK_PERSON) == [Event(What.PERSON_LINKED, relation)]


def test_ending_a_work_relation_cuts_its_grants_to_that_day_and_lengthens_none() -> None:
    longer, shorter = a_grant(), a_grant(id="shorter", period=Period(LONG_AGO, TODAY))
    later = a_grant(id="later", period=Period(YEAR_END, YEAR_END))
    events = after(Action.END_WORK_RELATION, grants=(longer, shorter, later))
    assert events == [
        Event(What.RELATION_ENDED, a_work_relation(period=Period(LONG_AGO, IN_A_MONTH))),
        Event(What.GRANT_SHORTENED, replace(longer, period=Period(longer.period.first, IN_A_MONTH))),
        Event(What.GRANT_SHORTENED, replace(later, period=Period(YEAR_END, IN_A_MONTH))),
    ]
    assert later.period.is_empty is False
    assert row(events[2]).period.is_empty is True


def test_ending_a_work_relation_never_lengthens_it() -> None:
    ends_today = a_work_relation(period=Period(LONG_AGO, TODAY))
    assert after(Action.END_WORK_RELATION, relation=ends_today) == [Event(What.RELATION_ENDED, ends_today)]


def test_a_work_relation_ends_today_if_no_day_is_given() -> None:
    (ended,) = after(Action.END_WORK_RELATION, {"last_day": None})
    assert row(ended).period == Period(LONG_AGO, TODAY)


# --- grants -------------------------------------------------------------------------------------------------


def test_a_right_is_granted_within_the_work_relation_that_covers_it() -> None:
    over = a_work_relation(id="over", period=Period(LONG_AGO, YESTERDAY))
    others = a_work_relation(NEWCOMER)
    (granted,) = after(Action.GRANT_RIGHT, work_relations=(over, others, a_work_relation()))
    period = Period(TODAY, IN_A_MONTH)
    assert granted == Event(
        What.RIGHT_GRANTED,
        Grant("new-1", ENTERPRISE, WORKER, "service_vouchers", (RECOGNITION,), period, "relation of worker", MAIN),
    )


def test_an_extended_grant_keeps_its_beginning_and_its_giver() -> None:
    extended = replace(a_grant(), period=Period(a_grant().period.first, IN_A_MONTH))
    assert after(Action.EXTEND_GRANT, {"actor": REPRESENTATIVE}) == [Event(What.GRANT_EXTENDED, extended)]


def test_an_extended_grant_moves_to_the_work_relation_that_covers_the_new_period() -> None:
    now_over = a_work_relation(id="relation of worker", period=Period(LONG_AGO, TOMORROW))
    covers = a_work_relation(id="another", period=Period(LONG_AGO, IN_A_MONTH))
    (extended,) = after(Action.EXTEND_GRANT, work_relations=(now_over, covers))
    assert row(extended).relation == "another"


def test_a_revoked_grant_ends_at_that_moment_and_keeps_its_period() -> None:
    (revoked,) = after(Action.REVOKE_GRANT)
    assert revoked == Event(What.GRANT_REVOKED, replace(a_grant(), revoked_at=NOW))
    assert (row(revoked).revoked(NOW), row(revoked).revoked(NOW - SECOND)) == (True, False)


# --- requests -----------------------------------------------------------------------------------------------


def test_a_request_waits_from_that_moment_on() -> None:
    request = Request("new-1", ENTERPRISE, WORKER, "service_vouchers", (RECOGNITION,), NOW)
    assert after(Action.REQUEST_RIGHT) == [Event(What.RIGHT_REQUESTED, request)]
    assert request.state(NOW) is RequestState.PENDING


def test_approving_grants_what_was_requested_and_answers() -> None:
    granted, approved = after(Action.APPROVE_REQUEST)
    period = Period(TODAY, IN_A_MONTH)
    assert granted == Event(
        What.RIGHT_GRANTED,
        Grant("new-1", ENTERPRISE, WORKER, "service_vouchers", (RECOGNITION,), period, "relation of worker", MAIN),
    )
    assert approved == Event(What.REQUEST_APPROVED, replace(a_request(), closed_at=NOW, outcome=RequestState.APPROVED))


@pytest.mark.parametrize(
    ("action", "what", "outcome"),
    [
        (Action.REFUSE_REQUEST, What.REQUEST_REFUSED, RequestState.REFUSED),
        (Action.WITHDRAW_REQUEST, What.REQUEST_WITHDRAWN, RequestState.WITHDRAWN),
    ],
)
def test_a_request_is_refused_or_withdrawn(action: Action, what: What, outcome: RequestState) -> None:
    assert after(action) == [Event(what, replace(a_request(), closed_at=NOW, outcome=outcome))]


@pytest.mark.parametrize(
    ("action", "ask", "spoilt"),
    [
        (Action.LINK_PERSON, {"period": None}, {}),
        (Action.LINK_PERSON, {"user_type": None}, {}),
        (Action.LINK_PERSON, {}, {"concerned": None}),
        (Action.LINK_PERSON, {"enterprise": None}, {}),
        (Action.GRANT_RIGHT, {}, {"right": None}),
        (Action.EXTEND_GRANT, {"last_day": None}, {"concerned": None}),
        (Action.REVOKE_GRANT, {}, {"grant": None}),
        (Action.ACCEPT_APPOINTMENT, {}, {"appointment": None}),
        (Action.END_WORK_RELATION, {}, {"relation": None}),
        (Action.WITHDRAW_REQUEST, {}, {"request": None}),
    ],
)
def test_a_question_that_lacks_something_brings_nothing_about(
    action: Action, ask: dict[str, Any], spoilt: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="lacks something that its action needs"):
        after(action, ask, **spoilt)
