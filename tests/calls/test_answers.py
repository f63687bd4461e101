"""What is told of a decision: its chain, what fails since when, who mends it and where, and nothing to outsiders."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from accessmgr.calls.answers import because, explained, failing, reason_user
from accessmgr.calls.mending import MENDING, Start, starts
from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.decide import Mender, decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, AppointmentState, ContextKind, Role
from accessmgr.core.rules import ABOUT, CATALOGUE
from accessmgr.usecases.decision_log import Basis, ask_in
from accessmgr.usecases.perform import Done, consider
from tests.builders import (
    AUDITOR,
    DAY,
    ENTERPRISE,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    OUTSIDER,
    RECOGNITION,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_grant,
    a_person,
    a_recognition,
    a_register,
    a_right,
    a_work_relation,
    an_appointment,
    an_ask,
    an_offer,
    situation,
)
from tests.rules import (
    test_accept,
    test_appoint,
    test_enter,
    test_grant,
    test_history,
    test_key,
    test_link,
    test_register,
    test_request,
    test_sign_in,
)
from tests.usecases.stage import PEOPLE, Stage, a_stage, number_of

ENTER = Action.ENTER_SECURE_AREA
ENDED = Period(LONG_AGO, YESTERDAY)
MENDED_ELSEWHERE = {Mender.NOBODY, Mender.REGISTER, Mender.OPERATOR}
FAMILIES = (
    test_accept,
    test_appoint,
    test_enter,
    test_grant,
    test_history,
    test_key,
    test_link,
    test_register,
    test_request,
    test_sign_in,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The ordinary world, which no test changes."""
    with a_stage(f"sqlite:///{tmp_path_factory.mktemp('answers') / 'world.sqlite'}") as stage:
        yield stage


def of(facts: Facts, *, tied: bool = True) -> Done:
    """What came of a question on those facts."""
    return Done(decide(facts, ABOUT[facts.ask.action]), facts, tied)


def to(endpoint: str, values: Mapping[str, Any]) -> str:
    """An address that shows what it is made of."""
    return " ".join([endpoint, *(f"{name}={value}" for name, value in values.items())])


def told(stage: Stage, facts: Facts, *, full: bool = True, tied: bool = True) -> dict[str, Any]:
    """The explanation of the decision on those facts."""
    with stage.store.reading() as look:
        return explained(of(facts, tied=tied), look, full=full, link=to)


# --- what fails, since when ---------------------------------------------------------------------------------

FAILING: Mapping[str, tuple[Mapping[str, Any], list[dict[str, Any]]]] = {
    "a grant that was revoked": (
        {"grants": (a_grant(revoked_at=NOW - DAY),)},
        [
            {
                "rule": "ENTER-1",
                "link": "grant",
                "cause": "revoked",
                "since": "2026-03-09T11:00:00.000000Z",
                "thing": "grant",
            }
        ],
    ),
    "a grant that ended": (
        {"grants": (a_grant(period=ENDED),)},
        [{"rule": "ENTER-1", "link": "grant", "cause": "ended", "since": "2026-03-10", "thing": "grant"}],
    ),
    "a grant that has yet to begin": (
        {"grants": (a_grant(period=Period(TOMORROW, None)),)},
        [{"rule": "ENTER-1", "link": "grant", "cause": "not_yet", "begins": "2026-03-11", "thing": "grant"}],
    ),
    "no grant": ({"grants": ()}, [{"rule": "ENTER-1", "link": "grant", "cause": "never"}]),
    "a work relation that ended": (
        {"work_relations": (a_work_relation(period=ENDED),)},
        [{"rule": "ENTER-2", "link": "user", "cause": "ended", "since": "2026-03-10"}],
    ),
    "no work relation": ({"work_relations": ()}, [{"rule": "ENTER-2", "link": "user", "cause": "never"}]),
    "a recognition that is suspended": (
        {"register": a_register(recognitions=(a_recognition(suspensions=(Period(YESTERDAY, None),)),))},
        [
            {"rule": "ENTER-3", "link": "register", "cause": "suspended", "since": "2026-03-09"},
            {"rule": "ENTER-4", "link": "context", "cause": "suspended", "since": "2026-03-09"},
        ],
    ),
    "a recognition that ended": (
        {"register": a_register(recognitions=(a_recognition(period=ENDED),))},
        [
            {"rule": "ENTER-3", "link": "register", "cause": "ended", "since": "2026-03-10"},
            {"rule": "ENTER-4", "link": "context", "cause": "ended", "since": "2026-03-10"},
        ],
    ),
    "an enterprise that stopped": (
        {"register": a_register(period=ENDED)},
        [{"rule": "REG-1", "link": "register", "cause": "ended", "since": "2026-03-10"}],
    ),
    "a register without an answer": ({"register": None}, [{"rule": "REG-2", "link": "register"}]),
    "a person who died": (
        {"actor": a_person(deceased=YESTERDAY)},
        [{"rule": "PERSON-3", "link": "user", "cause": "deceased", "since": "2026-03-09"}],
    ),
    "a key that is too weak": (
        {"ask": {"level": 350}},
        [{"rule": "KEY-3", "link": "user", "cause": "level"}],
    ),
    "no context": (
        {"ask": {"contexts": ()}},
        [{"rule": "ENTER-5", "link": "context", "cause": "not_given"}],
    ),
    "a context of elsewhere": (
        {"ask": {"contexts": ("99999",)}},
        [{"rule": "ENTER-4", "link": "context", "cause": "elsewhere"}],
    ),
}


def test_whoever_may_enter_is_told_of_no_failure() -> None:
    assert of(situation(ENTER)).decision.allowed


@pytest.mark.parametrize("case", FAILING)
def test_each_kind_of_failing_link_is_told_with_its_rule_its_cause_and_since_when(case: str) -> None:
    spoilt, expected = FAILING[case]
    assert failing(of(situation(ENTER, **spoilt))) == expected


SINCE: Mapping[str, tuple[Facts, dict[str, Any]]] = {
    "an offer that was withdrawn": (
        situation(
            Action.ACCEPT_APPOINTMENT,
            appointment=an_offer(closed_at=NOW - DAY, outcome=AppointmentState.WITHDRAWN),
        ),
        {"rule": "ACCEPT-2", "cause": "ended", "since": "2026-03-09T11:00:00.000000Z"},
    ),
    "an offer that lapsed": (
        situation(Action.ACCEPT_APPOINTMENT, appointment=an_offer(offered_at=NOW - timedelta(days=31))),
        {"rule": "ACCEPT-2", "cause": "ended", "since": "2026-03-09T11:00:00.000000Z"},
    ),
    "an offer that is accepted": (
        situation(Action.ACCEPT_APPOINTMENT, appointment=an_offer(accepted_at=NOW - DAY)),
        {"rule": "ACCEPT-2"},
    ),
    "an appointment that is over": (
        situation(
            Action.END_APPOINTMENT, appointment=an_appointment(closed_at=NOW - DAY, outcome=AppointmentState.ENDED)
        ),
        {"rule": "END-4", "cause": "ended", "since": "2026-03-09T11:00:00.000000Z"},
    ),
    "a work relation that is over": (
        situation(Action.END_WORK_RELATION, relation=a_work_relation(period=ENDED)),
        {"rule": "LINK-4", "cause": "ended", "since": "2026-03-10"},
    ),
    "a day that is past": (
        situation(Action.END_WORK_RELATION, ask={"last_day": YESTERDAY}),
        {"rule": "LINK-4"},
    ),
    "a grantee whose work relation ended": (
        situation(Action.GRANT_RIGHT, work_relations=(a_work_relation(period=ENDED),)),
        {"rule": "GRANT-2", "cause": "ended", "since": "2026-03-10"},
    ),
    "a grantee whose work relation is too short": (
        situation(Action.GRANT_RIGHT, work_relations=(a_work_relation(period=Period(LONG_AGO, TODAY)),)),
        {"rule": "GRANT-2"},
    ),
    "a grant that is over": (
        situation(Action.REVOKE_GRANT, grant=a_grant(period=ENDED)),
        {"rule": "GRANT-12", "cause": "ended", "since": "2026-03-10"},
    ),
    "a grant that was revoked": (
        situation(Action.REVOKE_GRANT, grant=a_grant(revoked_at=NOW - DAY)),
        {"rule": "GRANT-12", "cause": "revoked", "since": "2026-03-09T11:00:00.000000Z"},
    ),
    "a grantee who died": (
        situation(Action.GRANT_RIGHT, concerned=a_person(deceased=YESTERDAY)),
        {"rule": "PERSON-1", "cause": "deceased", "since": "2026-03-09"},
    ),
    "an appointee who is not linked": (
        situation(Action.APPOINT_LOCAL_ADMINISTRATOR, work_relations=(a_work_relation(period=ENDED),)),
        {"rule": "APPOINT-10", "cause": "ended", "since": "2026-03-10"},
    ),
    "a period that is too long": (
        situation(Action.GRANT_RIGHT, ask={"period": Period(TODAY, date(2036, 1, 1))}),
        {"rule": "GRANT-8"},
    ),
}


@pytest.mark.parametrize("case", SINCE)
def test_since_when_is_told_where_the_facts_name_it_and_never_made_up(case: str) -> None:
    facts, expected = SINCE[case]
    found = {each["rule"]: each for each in failing(of(facts))}[expected["rule"]]
    assert {name: value for name, value in found.items() if name != "thing"} == expected


# --- who mends it, and where that starts ----------------------------------------------------------------------


def test_a_grant_that_is_missing_leads_to_a_request_and_to_the_grant_with_the_form_filled_in(shared: Stage) -> None:
    answer = told(shared, situation(ENTER, grants=()))
    assert answer["mend"] == [
        {
            "rule": "ENTER-1",
            "role": "actor",
            "href": f"users.new_request dg=EA ec=service_vouchers ctx=['{RECOGNITION}'] oc={ENTERPRISE}",
        },
        {
            "rule": "ENTER-1",
            "role": "grantor",
            "href": f"users.grant number={ENTERPRISE} person={WORKER} right=service_vouchers ctx=['{RECOGNITION}']",
        },
    ]
    assert answer["menders"] == [{"role": "grantor", "people": [{"id": MAIN, "name": "Given Van main manager"}]}]


def test_a_right_that_cannot_be_requested_leads_to_the_grant_alone(shared: Stage) -> None:
    answer = told(shared, situation(ENTER, grants=(), right=a_right(requestable=False)))
    assert [each["role"] for each in answer["mend"]] == ["grantor"]


def test_a_missing_work_relation_leads_to_linking_the_person(shared: Stage) -> None:
    answer = told(shared, situation(ENTER, work_relations=()))
    href = f"users.add number={ENTERPRISE} person={WORKER}"
    assert answer["mend"] == [{"rule": "ENTER-2", "role": "user_manager", "href": href}]
    assert answer["menders"] == [{"role": "user_manager", "people": [{"id": MAIN, "name": "Given Van main manager"}]}]


def test_an_offer_that_waits_leads_to_its_answer(shared: Stage) -> None:
    facts = situation(Action.APPOINT_CO_MAIN_ACCESS_MANAGER, ask={"actor": NEWCOMER, "person": OUTSIDER})
    offered = replace(facts, appointments=(*facts.appointments, an_offer(holder=NEWCOMER)))
    assert {"rule": "APPOINT-5", "role": "actor", "href": f"managers.offer appointment={an_offer().id}"} in told(
        shared, offered
    )["mend"]
    assert "actor" not in [each["role"] for each in told(shared, facts)["mend"]]


def test_what_lies_in_the_register_is_mended_by_nobody_here(shared: Stage) -> None:
    answer = told(shared, situation(ENTER, register=a_register(period=ENDED)))
    assert answer["menders"] == [{"role": "register"}]
    assert answer["mend"] == []


def test_a_local_administrator_counts_only_with_a_work_relation(shared: Stage) -> None:
    administrator = an_appointment(Role.LOCAL_ADMINISTRATOR, WORKER, id="administrator")
    facts = situation(ENTER, ask={"actor": NEWCOMER}, work_relations=())
    assert menders_of(shared, facts, administrator) == {"user_manager": [MAIN, WORKER]}
    assert menders_of(shared, facts, replace(administrator, holder=NEWCOMER)) == {"user_manager": [MAIN]}


def menders_of(stage: Stage, facts: Facts, *appointments: Appointment) -> dict[str, list[str]]:
    """Who can mend a refusal, by role, with more appointments than the ordinary one."""
    every = (an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN), *appointments)
    with stage.store.reading() as look:
        found = explained(of(facts), look, full=True, basis=Basis(0, None, every))["menders"]
    return {one["role"]: [person["id"] for person in one["people"]] for one in found}


def refusals() -> Iterator[tuple[str, Facts]]:
    """For each rule, all the cases in which its tests say that it refuses."""
    for family in FAMILIES:
        for pair in family.PAIRS:
            for action in pair.tried:
                yield pair.rule, pair.facts(action, pair.near_miss if pair.is_permit else pair.holds)
    lapsed = an_offer(Role.MAIN_ACCESS_MANAGER, offered_at=NOW - timedelta(days=31))
    yield "ACCEPT-2", situation(Action.ACCEPT_APPOINTMENT, appointment=lapsed)


def test_each_rule_that_a_person_can_mend_leads_to_a_page_for_each_of_them() -> None:
    wanted = {(rule.id, mender) for rule in CATALOGUE for mender in rule.menders if mender not in MENDED_ELSEWHERE}
    reached = {(rule, start.mender) for rule, facts in refusals() for start in starts(rule, facts)}
    assert wanted - reached == set()


def test_no_rule_leads_anywhere_that_nobody_here_can_mend() -> None:
    mended = {rule.id for rule in CATALOGUE if not MENDED_ELSEWHERE.issuperset(rule.menders)}
    assert set(MENDING) == mended


def test_addresses_hold_ids_codes_and_contexts_of_the_register_alone() -> None:
    found: list[Start] = [start for rule, facts in refusals() for start in starts(rule, facts)]
    assert {name for start in found for name in start.values} == {
        "appointment",
        "ctx",
        "dg",
        "domain",
        "ec",
        "grant",
        "number",
        "oc",
        "person",
        "relation",
        "request_id",
        "right",
        "role",
        "step_up",
    }


# --- in words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [rule.id for rule in CATALOGUE])
def test_each_refusal_is_told_in_four_languages(rule: str) -> None:
    facts = next(facts for refusing, facts in refusals() if refusing == rule and rule in because(of(facts)))
    said = reason_user(of(facts))
    assert list(said) == ["fr", "nl", "de", "en"]
    assert len({text for text in said.values() if len(text) > 20}) == 4


def test_a_refusal_says_what_fails_and_what_can_be_done() -> None:
    said = reason_user(of(situation(ENTER, work_relations=())))
    assert said["en"] == (
        "The person who asks has no work relation with the enterprise today. "
        "Ask a user manager of the enterprise to link you to it."
    )
    assert "relation de travail" in said["fr"]
    assert "werkrelatie" in said["nl"]
    assert "Arbeitsbeziehung" in said["de"]


def test_a_finding_for_the_manager_names_the_facts_that_it_rested_on(shared: Stage) -> None:
    (finding,) = told(shared, situation(ENTER, work_relations=()))["reason_admin"]
    assert (finding["rule"], finding["effect"], finding["holds"]) == ("ENTER-2", "forbid", True)
    assert finding["menders"] == ["user_manager"]
    assert finding["says"]["en"] == "The person who asks has no work relation with the enterprise today."
    assert finding["facts"] == {
        "actor": {"id": WORKER, "auditor": False},
        "work_relations": [],
    }


# --- who is told what -----------------------------------------------------------------------------------------


def test_whoever_may_not_see_into_the_enterprise_is_told_ids_and_the_token_alone(shared: Stage) -> None:
    assert told(shared, situation(ENTER), full=False) == {"because": ["ENTER-1"], "token": "0"}
    assert told(shared, situation(ENTER, work_relations=()), full=False) == {"because": ["ENTER-2"], "token": "0"}


def test_an_outsider_is_told_that_no_permit_holds_and_nothing_of_the_enterprise(shared: Stage) -> None:
    facts = situation(ENTER, ask={"actor": OUTSIDER}, grants=(), work_relations=(), register=a_register(period=ENDED))
    answer = told(shared, facts, tied=False)
    assert of(facts).decision.because == ("ENTER-2", "REG-1")
    assert answer["because"] == ["ENTER-1"]
    assert set(answer) == {"because", "token", "mend", "reason_user"}
    assert answer["mend"] == [
        {"rule": "ENTER-1", "role": "actor", "href": f"users.new_request ec=service_vouchers oc={ENTERPRISE}"}
    ]
    assert answer["reason_user"]["en"] == (
        "Nothing allows this. Ask a manager of the enterprise to grant the right for that context, or to extend it."
    )


def test_an_outsider_who_may_request_is_told_nothing_of_the_enterprise(shared: Stage) -> None:
    facts = situation(Action.REQUEST_RIGHT, ask={"actor": OUTSIDER})
    assert told(shared, facts, tied=False) == {"because": ["REQUEST-1"], "token": "0", "chain": []}


def test_no_national_number_is_told_whatever_was_typed(shared: Stage) -> None:
    number = number_of(WORKER)
    for typed in (number.digits, number.display, f"  {number.display} "):
        facts = situation(ENTER, ask={"contexts": (typed, RECOGNITION)}, grants=())
        assert numbers_in({**told(shared, facts), "typed": typed}) == [number.digits]
        assert numbers_in(told(shared, facts)) == []


def numbers_in(answer: Mapping[str, Any]) -> list[str]:
    """The national numbers of the world that an answer holds, however they are written."""
    digits = re.sub(r"[^0-9]", "", json.dumps(answer))
    return [number_of(person).digits for person in PEOPLE if number_of(person).digits in digits]


# --- in a database --------------------------------------------------------------------------------------------


def test_an_allowed_entry_is_told_by_its_whole_chain_with_the_entries_that_made_it(database_url: str) -> None:
    with a_stage(database_url) as stage:
        granted = stage.perform(Action.GRANT_RIGHT)
        grant = granted.events[0].row.id
        with stage.store.reading() as look:
            done, line = ask_in(stage.world, look, an_ask(ENTER))
            asked: list[str] = []
            event.listen(look.connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
            answer = explained(done, look, full=True, basis=line.basis)
    assert len(asked) == 1
    assert answer["because"] == ["ENTER-1"]
    assert answer["token"] == "1"
    assert [(link["link"], link["holds"], link["entries"]) for link in answer["chain"]] == [
        ("register", True, []),
        ("representative", True, []),
        ("manager", True, []),
        ("user", True, []),
        ("grant", True, [0]),
        ("context", True, []),
    ]
    assert [link["things"] for link in answer["chain"]] == [
        [{"kind": "enterprise", "id": ENTERPRISE}, {"kind": "recognition", "id": RECOGNITION}],
        [{"kind": "function", "id": "function"}],
        [{"kind": "appointment", "id": an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN).id}],
        [{"kind": "work_relation", "id": a_work_relation().id}],
        [{"kind": "grant", "id": grant}],
        [{"kind": "recognition", "id": RECOGNITION}],
    ]


def test_a_revoked_grant_is_told_with_both_entries_and_as_it_was_known(database_url: str) -> None:
    with a_stage(database_url) as stage:
        grant = stage.perform(Action.GRANT_RIGHT).events[0].row.id
        stage.clock.moment += DAY
        stage.perform(Action.REVOKE_GRANT, grant=grant)
        done = consider(stage.world, an_ask(ENTER))
        before = consider(stage.world, an_ask(ENTER), on=NOW, known_at=NOW)
        with stage.store.reading() as look:
            now = explained(done, look, full=True, link=to)
            then = explained(before, look, full=True, known=1)
    broken = {link["link"]: link for link in now["chain"] if not link["holds"]}
    assert list(broken) == ["grant"]
    assert broken["grant"]["entries"] == [0, 1]
    assert broken["grant"]["broken_by"] == [{"rule": "ENTER-1", "cause": "revoked"}]
    assert now["failing"][0]["since"] == "2026-03-11T11:00:00.000000Z"
    assert now["token"] == "2"
    assert [link["entries"] for link in then["chain"] if link["link"] == "grant"] == [[0]]


def test_what_a_manager_may_do_is_told_by_their_role(database_url: str) -> None:
    with a_stage(database_url) as stage, stage.store.reading() as look:
        done, line = ask_in(stage.world, look, an_ask(Action.GRANT_RIGHT))
        answer = explained(done, look, full=True, basis=line.basis)
        own = consider_own(stage)
        of_own = explained(own, look, full=True)
    assert [link["link"] for link in answer["chain"]] == ["register", "representative", "manager"]
    assert [holder["role"] for holder in answer["chain"][2]["holders"]] == ["main_access_manager"]
    assert of_own["chain"] == []


def consider_own(stage: Stage) -> Done:
    """What is decided about an auditor who reads of themself: by no role in an enterprise."""
    facts = situation(Action.READ_HISTORY, ask={"actor": AUDITOR, "person": AUDITOR, "enterprise": None})
    return of(replace(facts, register=None, appointments=()))


def test_the_context_of_another_kind_is_a_thing_of_that_kind(shared: Stage) -> None:
    right = a_right(context_kind=ContextKind.PROFILE, profiles=("reader",), needs_recognition=False)
    facts = situation(ENTER, ask={"contexts": ("reader",)}, right=right, grants=(a_grant(contexts=("reader",)),))
    assert told(shared, facts)["chain"][-1]["things"] == []
