"""The one path of every action, on a real store: refused or allowed, it is on record, and whole."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.events import Event, What, change
from accessmgr.core.model import Key, Role
from accessmgr.core.numbers import NationalNumber
from accessmgr.core.rules import CATALOGUE
from accessmgr.store.tables import LEDGER
from accessmgr.usecases.perform import Done, Identity, Refused, TooManyLookups, consider
from accessmgr.usecases.world import Conflict, Unknown
from tests.builders import (
    AUDITOR,
    DAY,
    ENTERPRISE,
    IN_A_MONTH,
    MAIN,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
    a_grant,
    a_work_relation,
    an_appointment,
    an_ask,
    an_offer,
)
from tests.usecases.stage import Stage, a_stage, identity_of, names_of, number_of

LINK = Action.LINK_PERSON
GRANT = Action.GRANT_RIGHT
HOUR = timedelta(hours=1)
ABSENT_ENTERPRISE = "0200000241"
UNKNOWN_NUMBER = NationalNumber("72031400046")


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(stage_url) as stage:
        yield stage


def added(before: dict[str, list[tuple[object, ...]]], after: dict[str, list[tuple[object, ...]]]) -> dict[str, int]:
    """How many rows each table has more, besides those of the tree over the history."""
    tree = {table.name for table in LEDGER}
    grown = {name: len(rows) - len(before[name]) for name, rows in after.items() if name not in tree}
    return {name: more for name, more in grown.items() if more}


def told(done: Done) -> list[tuple[str, bool | None, object]]:
    return [(finding.rule.id, finding.holds, finding.facts) for finding in done.told]


def record(stage: Stage, ask: Ask, events: list[Event], then: type[Exception] | None = None) -> None:
    with stage.store.writing() as tx:
        facts = tx.facts(ask, NOW)
        tx.record(decide(facts, CATALOGUE), facts, What.PERSON_LINKED, events, "why")
        if then:
            raise then


# --- on record ----------------------------------------------------------------------------------------------


def test_what_is_allowed_is_on_record_with_what_it_changed(stage: Stage) -> None:
    before = stage.content()
    done = stage.perform(GRANT)
    assert (done.decision.allowed, done.decision.because, done.sequence) == (True, ("GRANT-1",), 0)
    (event,) = done.events
    (entry,) = stage.entries()
    opening, policy = entry["data"].pop("opening"), entry["decision"].pop("policy")
    assert (opening["auditor"]["added"], policy) == (1, stage.store.policy.digest)
    assert [entry] == [
        {
            "sequence": 0,
            "recorded_at": "2026-03-10T11:00:00.000000Z",
            "type": "right.granted",
            "actor": MAIN,
            "decision": {
                "action": "grant_right",
                "allowed": True,
                "because": ["GRANT-1"],
                "asked": {
                    "level": 500,
                    "enterprise": ENTERPRISE,
                    "person": WORKER,
                    "period": {"first": "2026-03-10", "last": "2026-04-10"},
                    "right": "service_vouchers",
                    "contexts": [RECOGNITION],
                    "contexts_asked": 1,
                },
            },
            "data": {
                "enterprise": ENTERPRISE,
                "changes": [
                    {
                        "what": "right.granted",
                        "noun": "Grant",
                        "row": {
                            "id": event.row.id,
                            "enterprise": ENTERPRISE,
                            "holder": WORKER,
                            "right": "service_vouchers",
                            "contexts": [RECOGNITION],
                            "period": {"first": "2026-03-10", "last": "2026-04-10"},
                            "relation": "relation of worker",
                            "by": MAIN,
                        },
                    }
                ],
            },
        }
    ]
    # Whom and what it is about: the enterprise, the actor, the holder, the grant.
    changed = {"entry": 1, "entry_subject": 4, "right_grant": 1, "policy_in_force": 1}
    assert added(before, stage.content()) == changed


def test_a_refusal_is_recorded_and_changes_nothing(stage: Stage) -> None:
    stage.perform(Action.REVEAL_NUMBER)
    before = stage.content()
    done = stage.perform(GRANT, actor=OUTSIDER)
    assert (done.decision.allowed, done.events, done.sequence) == (False, (), 1)
    after = stage.content()
    assert added(before, after) == {"entry": 1, "entry_subject": 3}
    untouched = set(before) - {"entry", "entry_subject", "log_head", *(table.name for table in LEDGER)}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    _, entry = stage.entries()
    assert (entry["type"], entry["actor"]) == ("action.refused", OUTSIDER)
    assert (entry["decision"]["allowed"], entry["decision"]["because"]) == (False, ["GRANT-1"])
    assert entry["data"] == {"enterprise": ENTERPRISE}


def test_a_refusal_is_raised_only_when_it_is_asked_for_and_stays_on_record(stage: Stage) -> None:
    with pytest.raises(Refused, match=r"^refused because of GRANT-1$") as raised:
        stage.perform(GRANT, actor=OUTSIDER).or_refuse()
    assert raised.value.done.sequence == 0
    assert len(stage.entries()) == 1


def test_what_is_allowed_is_not_raised(stage: Stage) -> None:
    assert stage.perform(GRANT).or_refuse().sequence == 0


@pytest.mark.parametrize(
    ("action", "ask"),
    [
        (GRANT, {"actor": "nobody"}),
        (GRANT, {"person": "nobody"}),
        (GRANT, {"right": "no_such_right"}),
        (Action.REVOKE_GRANT, {"grant": "no such grant"}),
        (Action.ACCEPT_APPOINTMENT, {"appointment": "no such offer"}),
        (Action.END_WORK_RELATION, {"relation": "no such relation"}),
        (Action.APPROVE_REQUEST, {"request": "no such request"}),
    ],
)
def test_what_does_not_exist_is_unknown_and_leaves_no_trace(stage: Stage, action: Action, ask: dict[str, Any]) -> None:
    before = stage.content()
    with pytest.raises(Unknown):
        stage.perform(action, **ask)
    assert stage.content() == before


def test_signing_in_rests_on_the_keys_that_the_person_activated(stage: Stage) -> None:
    allowed = stage.perform(Action.SIGN_IN, application=None)
    refused = stage.perform(Action.SIGN_IN, application=None, key=Key.ITSME)
    assert (allowed.decision.allowed, refused.decision.because) == (True, ("SIGNIN-1",))
    assert [entry["type"] for entry in stage.entries()] == ["person.signed_in", "action.refused"]


# --- whole --------------------------------------------------------------------------------------------------


def test_a_fault_between_two_rows_leaves_neither(stage: Stage) -> None:
    before = stage.content()
    ask = an_ask(LINK)
    first = a_work_relation(NEWCOMER, id="first", period=Period(TODAY, IN_A_MONTH))
    overlaps = a_work_relation(NEWCOMER, id="second", period=Period(TODAY, IN_A_MONTH))
    events = [Event(What.PERSON_LINKED, first), Event(What.PERSON_LINKED, overlaps)]
    with pytest.raises(Conflict, match="somebody changed the same thing meanwhile"):
        record(stage, ask, events)
    assert stage.content() == before


def test_a_fault_after_the_entry_leaves_nothing(stage: Stage) -> None:
    before = stage.content()
    ask = an_ask(LINK)
    linked = Event(What.PERSON_LINKED, a_work_relation(NEWCOMER))
    with pytest.raises(ZeroDivisionError):
        record(stage, ask, [linked], then=ZeroDivisionError)
    assert stage.content() == before


def test_after_a_fault_the_next_action_is_recorded_as_if_it_had_not_been(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        record(stage, an_ask(LINK), [], then=ZeroDivisionError)
    assert stage.perform(GRANT).sequence == 0


# --- looking people up --------------------------------------------------------------------------------------


def test_a_person_is_found_by_number_and_names_together(stage: Stage) -> None:
    done = stage.find_and(LINK, Identity(number_of(NEWCOMER), ("  GIVEN ", "vân  Newcomer")))
    (linked,) = done.events
    assert (done.decision.allowed, change(linked)["row"]["person"]) == (True, NEWCOMER)


def test_an_unknown_number_and_a_wrong_name_are_told_apart_by_nothing(stage: Stage) -> None:
    stage.perform(Action.REVEAL_NUMBER)
    start = stage.content()
    by_number = stage.find_and(LINK, Identity(UNKNOWN_NUMBER, names_of(NEWCOMER)))
    between = stage.content()
    by_name = stage.find_and(LINK, Identity(number_of(NEWCOMER), names_of(WORKER)))
    end = stage.content()
    assert by_number.decision.because == ("PERSON-2",)
    assert by_number.decision == by_name.decision
    assert by_number.facts == by_name.facts
    assert told(by_number) == told(by_name)
    assert added(start, between) == added(between, end) == {"entry": 1, "entry_subject": 2, "failed_lookup": 1}
    _, first, second = stage.entries()
    assert first | {"sequence": 2} == second


def test_no_number_at_all_is_as_good_as_an_unknown_one(stage: Stage) -> None:
    assert stage.find_and(LINK, Identity(None, names_of(NEWCOMER))).decision.because == ("PERSON-2",)


def test_after_ten_wrong_look_ups_no_more_is_looked_up_for_an_hour(stage: Stage) -> None:
    wrong = Identity(number_of(NEWCOMER), names_of(WORKER))
    for _ in range(10):
        assert stage.find_and(LINK, wrong).decision.because == ("PERSON-2",)
    before = stage.content()
    for identity in (wrong, identity_of(NEWCOMER)):
        with pytest.raises(TooManyLookups):
            stage.find_and(LINK, identity)
    assert stage.content() == before
    stage.clock.moment = NOW + HOUR - SECOND
    with pytest.raises(TooManyLookups):
        stage.find_and(LINK, identity_of(NEWCOMER))
    stage.clock.moment = NOW + HOUR
    assert stage.find_and(LINK, identity_of(NEWCOMER)).decision.allowed is True


def test_nine_wrong_look_ups_do_not_stop_the_right_one(stage: Stage) -> None:
    for _ in range(9):
        stage.find_and(LINK, Identity(UNKNOWN_NUMBER, names_of(NEWCOMER)))
    assert stage.find_and(LINK, identity_of(NEWCOMER)).decision.allowed is True


def test_wrong_look_ups_of_one_person_do_not_stop_another(stage: Stage) -> None:
    for _ in range(10):
        stage.find_and(LINK, Identity(UNKNOWN_NUMBER, names_of(NEWCOMER)), actor=OUTSIDER)
    assert stage.find_and(LINK, identity_of(NEWCOMER)).decision.allowed is True


def test_look_ups_that_found_somebody_are_not_counted(stage: Stage) -> None:
    for _ in range(10):
        assert stage.find_and(LINK, identity_of(WORKER)).decision.because == ("LINK-2",)
    assert stage.find_and(LINK, identity_of(NEWCOMER)).decision.allowed is True


# --- what is told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "permits"),
    [
        (Action.APPOINT_MAIN_ACCESS_MANAGER, ["APPOINT-1"]),
        (Action.APPOINT_CO_MAIN_ACCESS_MANAGER, ["APPOINT-5"]),
        (Action.APPOINT_LOCAL_ADMINISTRATOR, ["APPOINT-9"]),
        (Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, ["CLAIM-1"]),
        (LINK, ["LINK-1"]),
        (GRANT, ["GRANT-1"]),
        (Action.ENTER_SECURE_AREA, ["ENTER-1"]),
        (Action.READ_HISTORY, ["HISTORY-1", "HISTORY-2", "HISTORY-3"]),
        (Action.EXPORT_HISTORY, ["HISTORY-1", "HISTORY-2"]),
    ],
)
def test_an_outsider_is_told_the_same_of_a_foreign_and_of_an_absent_enterprise(
    stage: Stage, action: Action, permits: list[str]
) -> None:
    foreign = stage.perform(action, actor=OUTSIDER)
    absent = stage.perform(action, actor=OUTSIDER, enterprise=ABSENT_ENTERPRISE)
    assert (foreign.tied, absent.tied) == (False, False)
    assert told(foreign) == told(absent) == [(rule, False, {}) for rule in permits]


def test_an_outsider_is_not_told_that_a_permit_holds(stage: Stage) -> None:
    done = stage.perform(Action.REQUEST_RIGHT, actor=OUTSIDER, enterprise=OTHER_ENTERPRISE)
    assert done.decision.because == ("GRANT-5", "GRANT-9", "REQUEST-2")
    assert told(done) == [("REQUEST-1", False, {})]


def test_whoever_has_a_tie_is_told_every_reason(stage: Stage) -> None:
    done = stage.perform(GRANT, contexts=(), period=Period(TODAY, None))
    assert done.tied is True
    assert [finding.rule.id for finding in done.told] == ["GRANT-4", "GRANT-8"]


@pytest.mark.parametrize("actor", [REPRESENTATIVE, MAIN, WORKER, AUDITOR])
def test_who_has_a_tie(stage: Stage, actor: str) -> None:
    assert stage.perform(Action.ENTER_SECURE_AREA, actor=actor).tied is True


def test_an_offer_a_grant_or_a_request_is_a_tie(stage: Stage) -> None:
    ask = an_ask(Action.ENTER_SECURE_AREA, actor=NEWCOMER)
    assert consider(stage.world, ask).tied is False
    stage.put(an_offer())
    assert consider(stage.world, ask).tied is True
    requester = an_ask(Action.REQUEST_RIGHT, actor=OUTSIDER)
    assert consider(stage.world, requester).tied is False
    assert stage.do(requester).decision.allowed is True
    assert consider(stage.world, requester).tied is True
    holder = an_ask(Action.ENTER_SECURE_AREA, actor=REPRESENTATIVE, enterprise=OTHER_ENTERPRISE)
    assert consider(stage.world, holder).tied is False
    stage.put(a_grant(REPRESENTATIVE, enterprise=OTHER_ENTERPRISE))
    assert consider(stage.world, holder).tied is True


# --- considering --------------------------------------------------------------------------------------------


def test_considering_decides_as_performing_does_and_records_nothing(stage: Stage) -> None:
    before = stage.content()
    considered = consider(stage.world, an_ask(GRANT))
    refused = consider(stage.world, an_ask(LINK, person=None), identity=Identity(UNKNOWN_NUMBER, ("A", "B")))
    assert stage.content() == before
    assert (considered.sequence, considered.events) == (None, ())
    assert considered.decision.because == ("GRANT-1",)
    assert refused.decision.because == ("PERSON-2",)
    assert stage.perform(GRANT).decision.because == considered.decision.because


def test_contexts_are_compared_without_dots_and_spaces_and_each_counts_once(stage: Stage) -> None:
    (granted,) = stage.perform(GRANT, contexts=("123-45", "1 2.345")).events
    assert change(granted)["row"]["contexts"] == ["12345"]


def test_a_question_about_another_day_is_decided_as_of_that_day(stage: Stage) -> None:
    stage.perform(GRANT, period=Period(TOMORROW, IN_A_MONTH))
    ask = an_ask(Action.ENTER_SECURE_AREA)
    assert consider(stage.world, ask).decision.because == ("ENTER-1",)
    assert consider(stage.world, ask).decision.allowed is False
    assert consider(stage.world, ask, on=NOW + DAY).decision.allowed is True


# --- the history --------------------------------------------------------------------------------------------


def test_entries_have_gapless_sequences_and_times_that_never_go_back(stage: Stage) -> None:
    for offset in (0, 5, -3600, 7, -1, 8):
        stage.clock.moment = NOW + offset * SECOND
        stage.perform(GRANT, actor=OUTSIDER)
    entries = stage.entries()
    assert [entry["sequence"] for entry in entries] == [0, 1, 2, 3, 4, 5]
    assert [entry["recorded_at"][17:19] for entry in entries] == ["00", "05", "05", "07", "07", "08"]


def test_when_the_clock_goes_back_the_decision_is_that_of_the_last_entry_s_moment(stage: Stage) -> None:
    stage.clock.moment = NOW + DAY
    stage.perform(GRANT, actor=OUTSIDER)
    stage.clock.moment = NOW
    assert stage.perform(GRANT).decision.because == ("GRANT-6",)
    assert stage.perform(GRANT, period=Period(TOMORROW, TOMORROW)).facts.at == NOW + DAY


def test_an_entry_holds_no_name_no_number_and_no_free_text(stage: Stage) -> None:
    canary = "Kanarie 70.01.01-999"
    stage.find_and(LINK, identity_of(NEWCOMER), note=canary)
    stage.find_and(LINK, Identity(UNKNOWN_NUMBER, ("Kanarie", "Canari")), note=canary)
    stage.perform(GRANT, contexts=(RECOGNITION, canary), note=canary)
    stage.perform(Action.ENTER_SECURE_AREA, contexts=(canary,))
    stage.perform(Action.READ_HISTORY, actor=AUDITOR, purpose=True, note=canary)
    stage.perform(Action.REVEAL_NUMBER, actor=AUDITOR, person=WORKER, reason=True, note=canary)
    numbers = [number_of(person).digits for person in (NEWCOMER, WORKER, MAIN, AUDITOR)]
    written = json.dumps(stage.content()["entry"], default=repr) + json.dumps(stage.content()["entry_subject"])
    leaves = json.dumps(stage.entries())
    hidden = ["Kanarie", "Canari", "70.01.01", "Given", "Van ", UNKNOWN_NUMBER.digits, *numbers]
    assert [word for word in hidden if word in written or word in leaves] == []
    assert len(stage.entries()) == 6


def test_a_context_that_nobody_knows_is_counted_and_not_written(stage: Stage) -> None:
    stage.perform(GRANT, contexts=(RECOGNITION, "somebody's name"))
    asked = stage.entries()[0]["decision"]["asked"]
    assert (asked["contexts"], asked["contexts_asked"]) == ([RECOGNITION], 2)


def test_a_note_is_kept_sealed_beside_the_entry_and_blanks_are_no_note(stage: Stage) -> None:
    stage.perform(GRANT, note="  because of the season  ")
    stage.perform(GRANT, note="   ")
    with stage.store.reading() as look:
        assert look.notes([0, 1]) == {0: "because of the season"}
    (kept,) = stage.content()["note"]
    assert b"season" not in kept[2]


def test_what_happened_in_turn_can_be_read_back_from_the_history_alone(stage: Stage) -> None:
    offered = stage.perform(Action.APPOINT_CO_MAIN_ACCESS_MANAGER)
    (offer,) = offered.events
    stage.perform(Action.ACCEPT_APPOINTMENT, appointment=offer.row.id)
    stage.perform(Action.END_APPOINTMENT, appointment=offer.row.id)
    changes = [change for entry in stage.entries() for change in entry["data"]["changes"]]
    assert [(change["what"], change["row"]["id"]) for change in changes] == [
        ("appointment.offered", offer.row.id),
        ("appointment.accepted", offer.row.id),
        ("appointment.ended", offer.row.id),
    ]
    assert changes[-1]["row"]["outcome"] == "ended"


def test_a_local_administrator_who_was_linked_manages_users(stage: Stage) -> None:
    stage.put(an_appointment(Role.LOCAL_ADMINISTRATOR, WORKER))
    assert stage.perform(LINK, actor=WORKER).decision.because == ("LINK-1",)
