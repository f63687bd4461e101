"""Events: the state after them, and how they stand in the history."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.events import Event, Noun, State, What, apply, change, plain
from accessmgr.core.ledger import canonical
from accessmgr.core.model import AppointmentState, Domain, Key, RequestState, Role
from accessmgr.usecases.verbs import VERBS
from tests.builders import (
    MAIN,
    NEWCOMER,
    NOW,
    TODAY,
    WORKER,
    a_grant,
    a_request,
    a_work_relation,
    an_appointment,
    an_offer,
    situation,
)


def test_an_event_puts_its_row_in_place() -> None:
    offer, accepted = an_offer(), an_appointment()
    before: State = {}
    offered = apply(before, Event(What.APPOINTMENT_OFFERED, offer))
    after = apply(offered, Event(What.APPOINTMENT_ACCEPTED, accepted))
    assert offered == {("Appointment", offer.id): offer}
    assert after == {("Appointment", offer.id): accepted}
    assert before == {}


def test_rows_of_several_kinds_with_one_id_stand_side_by_side() -> None:
    grant, request = a_grant(id="same"), a_request(id="same")
    state = apply(apply({}, Event(What.RIGHT_GRANTED, grant)), Event(What.RIGHT_REQUESTED, request))
    assert state == {("Grant", "same"): grant, ("Request", "same"): request}


def test_an_event_does_not_change_the_state_it_is_applied_to() -> None:
    state: State = {("Grant", "grant"): a_grant()}
    apply(state, Event(What.GRANT_REVOKED, a_grant(revoked_at=NOW)))
    assert state == {("Grant", "grant"): a_grant()}


@pytest.mark.parametrize(
    ("row", "people"),
    [
        (an_appointment(), {NEWCOMER, MAIN}),
        (a_grant(), {WORKER, MAIN}),
        (a_work_relation(), {WORKER, MAIN}),
        (a_request(), {WORKER}),
    ],
)
def test_an_event_is_about_whom_its_row_names(row: Noun, people: set[str]) -> None:
    assert Event(What.RIGHT_GRANTED, row).people == people


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("text", "text"),
        (7, 7),
        (True, True),
        (False, False),
        (Role.ACCESS_MANAGER, "access_manager"),
        (AppointmentState.ENDED, "ended"),
        (RequestState.LAPSED, "lapsed"),
        (date(2026, 3, 10), "2026-03-10"),
        (datetime(2026, 3, 10, 11, 0, tzinfo=UTC), "2026-03-10T11:00:00.000000Z"),
        (datetime(2026, 3, 10, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=1))), "2026-03-10T11:00:00.000001Z"),
        (Period(TODAY, None), {"first": "2026-03-10"}),
        (Period(TODAY, TODAY), {"first": "2026-03-10", "last": "2026-03-10"}),
        (("b", "a"), ["b", "a"]),
        ([1, "x"], [1, "x"]),
        (frozenset({Key.SMS, Key.EID}), ["eid", "sms"]),
        ({"b": None, "a": 1}, {"a": 1}),
        ({Domain.ALL: (Period(TODAY, None),)}, {"all": [{"first": "2026-03-10"}]}),
        ({}, {}),
        ((), []),
    ],
)
def test_a_value_is_written_as_the_history_writes_it(value: Any, written: Any) -> None:
    assert plain(value) == written


def test_words_of_the_model_become_plain_text() -> None:
    assert type(plain(Role.ACCESS_MANAGER)) is str
    assert [type(key) for key in plain({Domain.ALL: 1})] == [str]


def test_a_moment_without_offset_is_not_written() -> None:
    with pytest.raises(ValueError, match="has no offset from UTC"):
        plain(datetime(2026, 3, 10, 11, 0))


def test_a_value_that_the_history_does_not_know_is_not_written() -> None:
    with pytest.raises(TypeError):
        plain(1.5)


def test_a_change_names_what_happened_and_the_whole_row_that_it_left() -> None:
    assert change(Event(What.RIGHT_GRANTED, a_grant())) == {
        "what": "right.granted",
        "noun": "Grant",
        "row": {
            "id": "grant",
            "enterprise": "0200000043",
            "holder": "worker",
            "right": "service_vouchers",
            "contexts": ["12345"],
            "period": {"first": "2026-01-01", "last": "2026-12-31"},
            "relation": "relation of worker",
            "by": "main manager",
        },
    }


def _with_none(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_with_none, value.values()))
    if isinstance(value, list):
        return any(map(_with_none, value))
    return value is None


CHANGING = [action for action in Action if list(VERBS[action][1](situation(action), lambda: "new"))]


def test_all_but_five_actions_change_something() -> None:
    assert sorted(set(Action) - set(CHANGING)) == [
        "enter_secure_area",
        "export_history",
        "read_history",
        "reveal_number",
        "sign_in",
    ]


@pytest.mark.parametrize("action", CHANGING)
def test_every_change_has_a_canonical_form_that_reads_back_the_same(action: Action) -> None:
    for event in VERBS[action][1](situation(action), lambda: "new"):
        written = change(event)
        assert json.loads(canonical(written)) == written
        assert _with_none(written) is False
