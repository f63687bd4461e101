"""The oracle gives the answers that the rulebook gives; each was taken from its text by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.oracle import Oracle, run
from tests.oracle_replay import FileError
from tests.oracle_rules import ASKED_OF, RULES, verdict

Doc = dict[str, Any]

WORLD: Doc = {
    "persons": {
        "hilde": {"name": ["Hilde", "Vermeulen"], "number": "72.03.14-000.46"},
        "nadia": {"name": ["Nadia", "El Amrani"], "number": "85.06.11-000.42"},
        "ines": {"name": ["Inès", "Dubois"], "number": "95.08.17-000.86"},
        "luc": {"name": ["Luc", "Peeters"], "number": "60.01.02-999.11"},
        "mila": {"name": ["Mila", "Janssens"], "number": "80.01.01-999.22"},
    },
    "enterprises": {
        "netjes": {
            "number": "1999.000.150", "name": "Netjes Thuis BV", "since": "2016-03-15", "target_group": "EA",
            "functions": [{"code": "managing_director", "person": "hilde", "since": "2016-03-15"}],
            "recognitions": [{"number": "V99901", "since": "2017-01-01"}],
            "establishments": [{"number": "8.999.000.103", "since": "2016-04-01"}],
        },
        "holding": {"number": "1999.000.249", "name": "Holding NV", "since": "2010-01-01", "target_group": "LB"},
    },
    "auditors": ["mila"],
}  # fmt: skip


def do(action: str, who: str, key: str = "itsme", **arguments: Any) -> Doc:
    return {"do": action, "as": who, "key": key, **arguments}


def ask(action: str, who: str, **arguments: Any) -> Doc:
    return {"ask": action, "as": who, "key": "itsme", **arguments}


def appoint(role: str, by: str, person: str, **arguments: Any) -> Doc:
    return do(f"appoint_{role}", by, **{"enterprise": "netjes", "person": person, **arguments})


def document(*steps: Doc, at: str = "2026-03-02T09:00", **world: Any) -> Doc:
    return {"scenario": "a test", "format": 1, "at": at, "world": {**deepcopy(WORLD), **world}, "steps": list(steps)}


def last(
    *steps: Doc, at: str = "2026-03-02T09:00", settings: Doc | None = None, **world: Any
) -> tuple[bool, list[str]]:
    """What the last step came to; the steps that lead up to it are there to be allowed, and must be."""
    results = run(document(*steps, at=at, **world) | {"settings": settings or {}})
    assert [r for r in results[:-1] if not r["allowed"]] == []
    return results[-1]["allowed"], results[-1]["because"]


def after_refusals(*steps: Doc, **world: Any) -> tuple[bool, list[str]]:
    """What the last step came to, whatever the others did."""
    result = run(document(*steps, **world))[-1]
    return result["allowed"], result["because"]


NADIA_IS_MAIN = [
    appoint("main_access_manager", "hilde", "nadia", employee=True, id="a1"),
    do("accept_appointment", "nadia", appointment="a1"),
]
INES_IS_LINKED = [
    *NADIA_IS_MAIN,
    do("link_person", "nadia", enterprise="netjes", person="ines", user_type="employee", since="2026-03-02",
       until="2026-06-30", id="w1"),
]  # fmt: skip


def grant(who: str = "nadia", **arguments: Any) -> Doc:
    usual = {"enterprise": "netjes", "person": "ines", "right": "service_vouchers", "contexts": ["V99901"]}
    return do("grant_right", who, **{**usual, "begin": "2026-03-02", "end": "2026-06-30", "id": "g1", **arguments})


def enter(who: str = "ines", key: str = "app", **arguments: Any) -> Doc:
    usual = {"enterprise": "netjes", "right": "service_vouchers", "context": "V99901"}
    return do("enter_secure_area", who, key, **{**usual, **arguments})


def request(who: str = "ines", **arguments: Any) -> Doc:
    usual = {"enterprise": "netjes", "right": "service_vouchers", "contexts": ["V99901"], "id": "r1"}
    return do("request_right", who, **{**usual, **arguments})


INES_HAS_THE_RIGHT = [*INES_IS_LINKED, grant()]


def test_every_rule_of_the_rulebook_is_there():
    families = {
        "SIGNIN": 3, "KEY": 3, "REG": 2, "PERSON": 3, "APPOINT": 11, "ACCEPT": 4, "END": 4, "CLAIM": 2, "LINK": 5,
        "GRANT": 13, "REQUEST": 8, "ENTER": 5, "HISTORY": 4, "NUMBER": 2,
    }  # fmt: skip
    ids = [f"{family}-{n}" for family, count in families.items() for n in range(1, count + 1)]
    assert list(RULES) == ids
    assert {rule for sides in ASKED_OF.values() for side in sides for rule in side} == set(ids)


def test_the_example_of_the_scenario_format():
    steps = [*INES_IS_LINKED, grant(end="2027-03-01"), grant(), enter(), {"advance": "200d"}, enter()]
    assert [(r["index"], r["do"], r["allowed"], r["because"]) for r in run(document(*steps))] == [
        (0, "appoint_main_access_manager", True, ["APPOINT-1"]),
        (1, "accept_appointment", True, ["ACCEPT-1"]),
        (2, "link_person", True, ["LINK-1"]),
        (3, "grant_right", False, ["GRANT-2"]),
        (4, "grant_right", True, ["GRANT-1"]),
        (5, "enter_secure_area", True, ["ENTER-1"]),
        (6, "advance", True, []),
        (7, "enter_secure_area", False, ["ENTER-2"]),
    ]


def test_a_broken_rule_refuses_before_anything_else():
    assert verdict({"A-1": True}, {"A-2": True, "A-3": "yes"}) == (False, ["A-3"])


def test_forbids_come_before_permits_and_unknowns_do_not_count():
    assert verdict({"A-1": True}, {"A-2": True, "A-10": True, "A-3": None}) == (False, ["A-10", "A-2"])


def test_without_permit_all_permits_are_named():
    assert verdict({"A-2": None, "A-10": False}, {"A-3": False}) == (False, ["A-10", "A-2"])


def test_an_offer_is_pending_at_exactly_thirty_days_and_lapsed_a_second_later():
    offer = appoint("main_access_manager", "hilde", "nadia", employee=True, id="a1")
    accept = do("accept_appointment", "nadia", appointment="a1")
    assert last(offer, {"advance": "720h"}, accept) == (True, ["ACCEPT-1"])
    # the clock has gone forward by an hour meanwhile: thirty times 24 hours is not the same wall time
    assert last(offer, {"at": "2026-04-01T10:00"}, accept) == (True, ["ACCEPT-1"])
    assert last(offer, {"at": "2026-04-01T10:00:01"}, accept) == (False, ["ACCEPT-2"])


def test_an_offer_to_oneself_is_active_at_once():
    offer = appoint("main_access_manager", "hilde", "hilde", id="a1")
    assert last(offer, appoint("co_main_access_manager", "hilde", "nadia", employee=True)) == (True, ["APPOINT-5"])
    assert last(offer, do("accept_appointment", "hilde", appointment="a1")) == (False, ["ACCEPT-2", "ACCEPT-4"])


def test_the_appointee_must_be_an_employee_or_a_legal_representative():
    assert last(appoint("main_access_manager", "hilde", "nadia")) == (False, ["APPOINT-2"])
    assert last(appoint("main_access_manager", "hilde", "hilde")) == (True, ["APPOINT-1"])


def test_a_level_below_450_makes_no_appointment():
    offer = appoint("main_access_manager", "hilde", "hilde")
    assert last(offer | {"key": "app"}) == (False, ["KEY-1"])
    assert last(offer | {"key": "eidas_high"}) == (True, ["APPOINT-1"])


def test_a_second_main_access_manager_must_replace_the_first():
    again = appoint("main_access_manager", "hilde", "ines", employee=True, id="a2")
    assert last(*NADIA_IS_MAIN, again) == (False, ["APPOINT-3"])
    link = do("link_person", "nadia", enterprise="netjes", person="luc", user_type="external", since="2026-03-02")
    assert last(*NADIA_IS_MAIN, again | {"replaces": True}, link) == (True, ["LINK-1"])
    accept = do("accept_appointment", "ines", appointment="a2")
    assert last(*NADIA_IS_MAIN, again | {"replaces": True}, accept, link) == (False, ["LINK-1"])


def test_a_newer_offer_of_the_main_role_withdraws_the_older():
    older = appoint("main_access_manager", "hilde", "nadia", employee=True, id="a1")
    newer = appoint("main_access_manager", "hilde", "ines", employee=True, id="a2")
    assert last(older, newer, do("accept_appointment", "nadia", appointment="a1")) == (False, ["ACCEPT-2"])
    assert last(older, newer, do("accept_appointment", "ines", appointment="a2")) == (True, ["ACCEPT-1"])
    assert last(older, newer, do("end_appointment", "hilde", appointment="a1")) == (False, ["END-4"])


def test_an_offer_of_one_who_no_longer_represents_cannot_be_accepted():
    offer = appoint("main_access_manager", "hilde", "nadia", employee=True, id="a1")
    end = {"register": "end_function", "enterprise": "netjes", "person": "hilde", "code": "managing_director"}
    accept = do("accept_appointment", "nadia", appointment="a1")
    assert last(offer, end | {"until": "2026-03-02"}, accept) == (True, ["ACCEPT-1"])
    assert last(offer, end | {"until": "2026-03-02"}, {"at": "2026-03-03T00:00"}, accept) == (False, ["ACCEPT-3"])


def test_an_office_holder_displaces_the_directors_even_when_nobody_is_named():
    offer = appoint("main_access_manager", "hilde", "nadia", employee=True)
    start = {"register": "start_function", "enterprise": "netjes", "code": "trustee", "since": "2026-03-02"}
    by_luc = offer | {"as": "luc"}
    assert last(start | {"person": "luc"}, offer) == (False, ["APPOINT-1"])
    assert last(start | {"person": "luc"}, by_luc) == (True, ["APPOINT-1"])
    assert last(start | {"held_by": "holding", "permanent_representative": "luc"}, by_luc) == (True, ["APPOINT-1"])
    assert last(start | {"held_by": "holding"}, offer) == (False, ["APPOINT-1"])
    assert last(start | {"person": "luc", "since": "2026-03-03"}, offer) == (True, ["APPOINT-1"])


def test_an_auditor_of_the_accounts_does_not_represent():
    start = {"register": "start_function", "enterprise": "netjes", "code": "auditor", "person": "luc",
             "since": "2026-01-01"}  # fmt: skip
    offer = appoint("main_access_manager", "luc", "nadia", employee=True)
    assert last(start, offer) == (False, ["APPOINT-1"])
    assert last(start | {"code": "syndic"}, offer) == (True, ["APPOINT-1"])


def test_end_function_without_such_a_function_on_that_day_is_an_error():
    end = {"register": "end_function", "enterprise": "netjes", "person": "hilde", "code": "managing_director"}
    with pytest.raises(FileError):
        last(end | {"until": "2016-03-14"})
    with pytest.raises(FileError):
        last(end | {"until": "2026-03-31"}, end | {"until": "2026-04-01"})


def test_an_unknown_number_and_a_wrong_name_silence_what_speaks_of_the_person():
    offer = appoint("main_access_manager", "hilde", "nadia", number="85.06.11-000.43")
    assert last(offer) == (False, ["PERSON-2"])
    assert last(*NADIA_IS_MAIN, offer) == (False, ["APPOINT-3", "PERSON-2"])
    assert last(*NADIA_IS_MAIN, appoint("local_administrator", "nadia", "ines", name=["Ines", "Duboi"])) == (
        False, ["PERSON-2"])  # fmt: skip


def test_names_are_compared_without_accents_and_case_and_numbers_by_digits():
    spelt = appoint("main_access_manager", "hilde", "nadia", number="950817 00086", name=["INES", "  dubois"])
    assert last(spelt | {"employee": True}) == (True, ["APPOINT-1"])


def test_a_dead_person_is_neither_appointed_nor_acts():
    offer = appoint("main_access_manager", "hilde", "nadia", employee=True)
    death = {"register": "record_death", "person": "nadia", "on": "2026-03-02"}
    assert last(death, offer) == (False, ["PERSON-1"])
    assert last(death | {"on": "2026-03-03"}, offer) == (True, ["APPOINT-1"])
    assert last(death, death | {"on": "2026-03-03"}, offer) == (True, ["APPOINT-1"])
    assert last(death | {"person": "hilde"}, offer) == (False, ["PERSON-3"])
    assert last(death, do("sign_in", "nadia")) == (False, ["SIGNIN-2"])


def test_sign_in_looks_at_the_keys_of_person_application_and_request():
    world = deepcopy(WORLD)
    world["persons"]["nadia"]["keys"] = ["eid", "app"]
    world["applications"] = {"dienstencheques": {"keys": ["eid", "itsme"]}}
    assert last(do("sign_in", "nadia", "sms"), **world) == (False, ["SIGNIN-1"])
    assert last(do("sign_in", "nadia", "app", application="dienstencheques"), **world) == (False, ["SIGNIN-3"])
    assert last(do("sign_in", "nadia", "app", application="other", acr_values=[]), **world) == (True, ["SIGNIN-1"])
    assert last(do("sign_in", "nadia", "app", acr_values=["eid"]), **world) == (False, ["SIGNIN-3"])
    assert last(do("sign_in", "nadia", "eid", acr_values=["eid"]), **world) == (True, ["SIGNIN-1"])


def test_a_closed_enterprise_appoints_nobody_but_its_offers_can_be_refused():
    close = {"register": "close_enterprise", "enterprise": "netjes", "until": "2026-03-02"}
    offer = appoint("main_access_manager", "hilde", "nadia", employee=True, id="a1")
    later = {"at": "2026-03-03T00:00"}
    assert last(close, offer) == (True, ["APPOINT-1"])
    assert last(close, later, offer) == (False, ["REG-1"])
    assert last(offer, close, later, do("refuse_appointment", "nadia", appointment="a1")) == (True, ["ACCEPT-1"])


def test_without_answer_of_the_register_a_permit_that_rests_on_it_does_not_hold():
    silent = {"register": "no_answer", "enterprise": "netjes"}
    offer = appoint("main_access_manager", "hilde", "nadia", employee=True, id="a1")
    assert last(silent, offer) == (False, ["REG-2"])
    assert last(silent, offer | {"employee": False}) == (False, ["REG-2"])
    assert last(silent, silent | {"register": "answers"}, offer) == (True, ["APPOINT-1"])
    accept = do("accept_appointment", "nadia", appointment="a1")
    assert last(offer, silent, accept) == (False, ["ACCEPT-3", "REG-2"])
    assert last(offer, silent, do("end_appointment", "hilde", appointment="a1")) == (False, ["END-1", "END-2"])
    subsidy = do("grant_right", "nadia", enterprise="netjes", person="ines", right="subsidy_desk", contexts=["writer"],
                 begin="2026-03-02", end="2026-06-30")  # fmt: skip
    assert last(*INES_IS_LINKED, silent, grant(contexts=["of nobody"])) == (False, ["REG-2"])
    assert last(*INES_IS_LINKED, silent, subsidy) == (False, ["GRANT-5", "REG-2"])
    assert last(*INES_IS_LINKED, silent, request()) == (False, ["REG-2"])


def test_a_co_main_offer_cannot_be_accepted_by_one_who_became_main():
    steps = [
        *NADIA_IS_MAIN,
        appoint("co_main_access_manager", "nadia", "hilde", id="a2"),
        appoint("main_access_manager", "hilde", "hilde", replaces=True, id="a3"),
    ]
    accept = do("accept_appointment", "hilde", appointment="a2")
    assert last(*steps, accept) == (False, ["ACCEPT-3", "ACCEPT-4"])


def test_an_access_manager_for_all_is_one_for_every_domain():
    for_all = appoint("access_manager", "nadia", "ines", domain="all", id="a2")
    accept = do("accept_appointment", "ines", appointment="a2")
    for_finance = appoint("access_manager", "nadia", "ines", domain="finance", id="a3")
    assert last(*NADIA_IS_MAIN, for_all, accept, for_finance) == (False, ["APPOINT-8"])
    accept_finance = do("accept_appointment", "ines", appointment="a3")
    assert last(*NADIA_IS_MAIN, for_finance, accept_finance, for_all) == (True, ["APPOINT-7"])


def test_a_claim_counts_only_while_its_holder_has_a_role_for_it():
    claim = do("claim_main_local_administrator", "ines", enterprise="netjes")
    manager = [
        appoint("access_manager", "nadia", "ines", domain="flemish_government", id="a2"),
        do("accept_appointment", "ines", appointment="a2"),
    ]
    read = do("read_history", "ines", enterprise="netjes")
    end = do("end_appointment", "ines", appointment="a2")
    assert last(*NADIA_IS_MAIN, claim) == (False, ["CLAIM-1"])
    assert last(*NADIA_IS_MAIN, *manager, read) == (False, ["HISTORY-1", "HISTORY-2", "HISTORY-3"])
    assert last(*NADIA_IS_MAIN, *manager, claim, read) == (True, ["HISTORY-2"])
    assert last(*NADIA_IS_MAIN, *manager, claim, claim) == (False, ["CLAIM-2"])
    assert last(*NADIA_IS_MAIN, *manager, claim, end, read) == (False, ["HISTORY-1", "HISTORY-2", "HISTORY-3"])
    again = [appoint("access_manager", "nadia", "ines", domain="all", id="a3"),
             do("accept_appointment", "ines", appointment="a3")]  # fmt: skip
    assert last(*NADIA_IS_MAIN, *manager, claim, end, *again, read) == (True, ["HISTORY-2"])


def test_a_local_administrator_counts_only_while_linked():
    steps = [
        *INES_IS_LINKED,
        do("claim_main_local_administrator", "nadia", enterprise="netjes"),
        appoint("local_administrator", "nadia", "ines", id="a2"),
        do("accept_appointment", "ines", appointment="a2"),
    ]
    link = do("link_person", "ines", enterprise="netjes", person="luc", user_type="external", since="2026-07-01")
    assert last(*steps, link) == (True, ["LINK-1"])
    assert last(*steps, {"at": "2026-06-30T23:59:59"}, link) == (True, ["LINK-1"])
    assert last(*steps, {"at": "2026-07-01T00:00"}, link) == (False, ["LINK-1"])
    again = appoint("local_administrator", "nadia", "ines")
    assert last(*steps, again) == (False, ["APPOINT-11"])
    assert last(*steps, {"at": "2026-07-01T00:00"}, again) == (False, ["APPOINT-10"])


def test_the_main_role_ends_only_when_said_to_be_without_successor():
    end = do("end_appointment", "nadia", appointment="a1")
    assert last(*NADIA_IS_MAIN, end) == (False, ["END-3"])
    assert last(*NADIA_IS_MAIN, end | {"without_successor": True}) == (True, ["END-2"])
    assert last(*NADIA_IS_MAIN, end | {"without_successor": True, "as": "hilde"}) == (True, ["END-1"])
    assert last(*NADIA_IS_MAIN, end | {"without_successor": True, "as": "ines"}) == (False, ["END-1", "END-2"])


def test_ending_asks_450_of_another_and_400_of_the_holder():
    end = do("end_appointment", "nadia", "app", appointment="a1", without_successor=True)
    assert last(*NADIA_IS_MAIN, end) == (True, ["END-2"])
    assert last(*NADIA_IS_MAIN, end | {"key": "sms"}) == (False, ["KEY-2"])
    assert last(*NADIA_IS_MAIN, end | {"as": "hilde"}) == (False, ["KEY-1"])


def test_links_of_one_person_do_not_overlap_and_do_not_begin_in_the_past():
    link = do("link_person", "nadia", enterprise="netjes", person="ines", user_type="external", since="2026-06-30")
    assert last(*INES_IS_LINKED, link) == (False, ["LINK-2"])
    assert last(*INES_IS_LINKED, link | {"since": "2026-07-01"}) == (True, ["LINK-1"])
    assert last(*NADIA_IS_MAIN, link | {"since": "2026-03-01"}) == (False, ["LINK-5"])
    assert last(*NADIA_IS_MAIN, link | {"until": "2026-06-29"}) == (False, ["LINK-5"])
    assert last(*INES_IS_LINKED, link | {"until": "2026-06-29"}) == (False, ["LINK-5"])


def test_ending_a_work_relation_cuts_its_grants_and_leaves_the_last_day_to_enter():
    end = do("end_work_relation", "ines", relation="w1", last_day="2026-03-05")
    steps = [*INES_HAS_THE_RIGHT, end]
    assert last(*steps, {"at": "2026-03-05T23:59"}, enter()) == (True, ["ENTER-1"])
    assert last(*steps, {"at": "2026-03-06T00:00"}, enter()) == (False, ["ENTER-2"])
    assert last(*steps, {"at": "2026-03-06T00:00"}, do("revoke_grant", "nadia", grant="g1")) == (False, ["GRANT-12"])
    assert last(*steps, {"at": "2026-03-06T00:00"}, end | {"last_day": "2026-03-06"}) == (False, ["LINK-4"])
    assert last(*steps, end | {"last_day": "2026-03-01"}) == (False, ["LINK-4"])
    later = end | {"last_day": "2026-05-01"}
    assert last(*steps, later, {"at": "2026-03-06T00:00"}, enter()) == (False, ["ENTER-2"])


def test_an_extended_grant_moves_to_the_relation_that_covers_it():
    steps = [
        *NADIA_IS_MAIN,
        do(
            "link_person",
            "nadia",
            enterprise="netjes",
            person="ines",
            user_type="employee",
            since="2026-04-01",
            id="w1",
        ),
        grant(begin="2026-04-10"),
        do("end_work_relation", "nadia", relation="w1", last_day="2026-04-05"),
        do(
            "link_person",
            "nadia",
            enterprise="netjes",
            person="ines",
            user_type="employee",
            since="2026-04-06",
            id="w2",
        ),
    ]
    cut_again = do("end_work_relation", "nadia", relation="w1", last_day="2026-04-02")
    extend = do("extend_grant", "nadia", grant="g1", end="2026-05-31")
    at_last = [{"at": "2026-04-20T12:00"}, enter()]
    assert last(*steps, *at_last) == (False, ["ENTER-1"])
    assert last(*steps, extend, cut_again, *at_last) == (True, ["ENTER-1"])


def test_a_grant_needs_a_grantor_of_its_right():
    assert last(*INES_IS_LINKED, grant("hilde")) == (False, ["GRANT-1"])
    subsidy = grant("hilde", right="subsidy_desk", contexts=["reader"])
    assert last(*INES_IS_LINKED, subsidy) == (True, ["GRANT-1"])


def test_the_period_of_a_grant_has_bounds_that_are_themselves_allowed():
    link = do("link_person", "nadia", enterprise="netjes", person="ines", user_type="employee", since="2026-03-02")
    energy = {"right": "energy_audit", "contexts": ["8999000103"]}
    steps = [*NADIA_IS_MAIN, link]
    assert last(*steps, grant(end="2027-03-03", **energy)) == (True, ["GRANT-1"])
    assert last(*steps, grant(end="2027-03-04", **energy)) == (False, ["GRANT-8"])
    assert last(*steps, grant(begin="2026-03-01", **energy)) == (False, ["GRANT-2", "GRANT-6"])
    assert last(*steps, grant(begin="2026-05-02", end="2026-05-01", **energy)) == (False, ["GRANT-7"])


def test_contexts_may_be_spelt_in_any_way_but_must_belong():
    assert last(*INES_IS_LINKED, grant(contexts=["V-99.9 01"])) == (True, ["GRANT-1"])
    assert last(*INES_IS_LINKED, grant(contexts=["V99901", ""])) == (False, ["GRANT-5"])
    assert last(*INES_IS_LINKED, grant(contexts=["8.999.000.103"])) == (False, ["GRANT-5"])
    assert last(*INES_IS_LINKED, grant(contexts=[])) == (False, ["GRANT-4"])
    assert last(*INES_IS_LINKED, grant(contexts=None)) == (False, ["GRANT-4"])
    assert last(*INES_HAS_THE_RIGHT, enter(context="  ")) == (False, ["ENTER-5"])


def test_two_grants_of_one_right_share_no_context_and_day():
    again = grant(begin="2026-05-01", end="2026-06-30", id="g2")
    shorter = do("extend_grant", "nadia", grant="g1", end="2026-04-30")
    assert last(*INES_HAS_THE_RIGHT, again) == (False, ["GRANT-10"])
    assert last(*INES_HAS_THE_RIGHT, shorter, again) == (True, ["GRANT-1"])
    assert last(*INES_HAS_THE_RIGHT, shorter, again, shorter | {"end": "2026-05-01"}) == (False, ["GRANT-10"])
    assert last(*INES_HAS_THE_RIGHT, do("revoke_grant", "ines", grant="g1"), again) == (True, ["GRANT-1"])


def test_four_eyes_forbids_to_grant_to_oneself():
    link = do("link_person", "nadia", enterprise="netjes", person="nadia", user_type="employee", since="2026-03-02")
    own = grant(person="nadia")
    assert last(*NADIA_IS_MAIN, link, own) == (True, ["GRANT-1"])
    assert last(*NADIA_IS_MAIN, link, own, settings={"four_eyes": True}) == (False, ["GRANT-11"])


def test_a_revoked_grant_does_not_open_at_the_moment_of_its_revocation():
    revoke = do("revoke_grant", "nadia", grant="g1")
    assert last(*INES_HAS_THE_RIGHT, revoke, enter()) == (False, ["ENTER-1"])
    assert last(*INES_HAS_THE_RIGHT, revoke, revoke) == (False, ["GRANT-12"])
    later = [{"at": "2026-03-02T12:00"}, revoke]
    before = ask("enter_secure_area", "ines", enterprise="netjes", right="service_vouchers", context="V99901",
                 on="2026-03-02T11:59:59")  # fmt: skip
    assert last(*INES_HAS_THE_RIGHT, *later, before) == (True, ["ENTER-1"])
    assert last(*INES_HAS_THE_RIGHT, *later, before | {"on": "2026-03-02T12:00"}) == (False, ["ENTER-1"])


def test_suspensions_add_up_and_close_the_area():
    first = {"register": "suspend_recognition", "number": "V 999.01", "since": "2026-03-10", "until": "2026-03-12"}
    second = first | {"since": "2026-03-20", "until": None}
    steps = [*INES_HAS_THE_RIGHT, first, second]
    assert last(*steps, {"at": "2026-03-12T10:00"}, enter()) == (False, ["ENTER-3", "ENTER-4"])
    assert last(*steps, {"at": "2026-03-13T10:00"}, enter()) == (True, ["ENTER-1"])
    assert last(*steps, {"at": "2026-06-13T10:00"}, enter()) == (False, ["ENTER-3", "ENTER-4"])
    assert last(*steps, {"at": "2026-03-12T10:00"}, enter("hilde")) == (False, ["ENTER-2", "ENTER-3", "ENTER-4"])


def test_an_establishment_belongs_to_the_last_it_moved_to():
    steps = [*INES_IS_LINKED, grant(right="energy_audit", contexts=["8999000103"])]
    move = {"register": "move_establishment", "number": "8999000103", "to": "holding", "since": "2026-03-10"}
    look = enter(right="energy_audit", context="8.999.000.103")
    assert last(*steps, move, look) == (True, ["ENTER-1"])
    assert last(*steps, move, {"at": "2026-03-10T00:00"}, look) == (False, ["ENTER-4"])
    assert last(*steps, move, move | {"to": "netjes"}, {"at": "2026-03-10T00:00"}, look) == (True, ["ENTER-1"])
    earlier = move | {"to": "netjes", "since": "2026-03-09"}
    assert last(*steps, move, earlier, {"at": "2026-03-10T00:00"}, look) == (False, ["ENTER-4"])


def test_a_target_group_that_is_not_served_gets_no_right():
    holding = WORLD["enterprises"]["holding"] | {
        "functions": [{"code": "director", "person": "luc", "since": "2010-01-01"}]
    }
    steps = [
        appoint("main_access_manager", "luc", "luc", enterprise="holding"),
        do("link_person", "luc", enterprise="holding", person="luc", user_type="employee", since="2026-03-02"),
        grant("luc", enterprise="holding", person="luc", right="subsidy_desk", contexts=["reader"]),
    ]
    enterprises = WORLD["enterprises"] | {"holding": holding}
    assert last(*steps, enterprises=enterprises) == (False, ["GRANT-3"])


def test_a_request_is_approved_by_another_who_could_grant():
    approve = do("approve_request", "nadia", request="r1", begin="2026-03-02", end="2026-06-30", id="g1")
    assert last(*INES_IS_LINKED, request(), approve) == (True, ["REQUEST-4"])
    assert last(*INES_IS_LINKED, request(), approve, enter()) == (True, ["ENTER-1"])
    assert last(*INES_IS_LINKED, request(), approve, approve) == (False, ["GRANT-10", "REQUEST-6"])
    assert last(*INES_IS_LINKED, request(), approve | {"as": "hilde"}) == (False, ["REQUEST-4"])
    assert last(*INES_IS_LINKED, request(), approve | {"as": "ines"}) == (False, ["REQUEST-5"])
    assert last(*INES_IS_LINKED, request(), request(id="r2")) == (False, ["REQUEST-3"])
    assert last(*INES_IS_LINKED, request(), {"advance": "721h"}, request(id="r2")) == (True, ["REQUEST-1"])


def test_a_request_needs_somebody_else_who_could_grant():
    assert last(request("hilde")) == (False, ["REQUEST-2"])
    assert last(*NADIA_IS_MAIN, request("nadia")) == (False, ["REQUEST-2"])
    assert last(*NADIA_IS_MAIN, request("luc")) == (True, ["REQUEST-1"])
    assert last(*NADIA_IS_MAIN, request("luc", right="subsidy_desk", contexts=["reader"])) == (False, ["REQUEST-1"])


def test_a_refusal_of_a_request_gives_its_reason():
    refuse = do("refuse_request", "nadia", request="r1")
    assert last(*NADIA_IS_MAIN, request(), refuse) == (False, ["REQUEST-7"])
    assert last(*NADIA_IS_MAIN, request(), refuse | {"reason": "  "}) == (False, ["REQUEST-7"])
    assert last(*NADIA_IS_MAIN, request(), refuse | {"reason": "not needed"}) == (True, ["REQUEST-4"])
    withdraw = do("withdraw_request", "ines", request="r1")
    assert last(*NADIA_IS_MAIN, request(), withdraw) == (True, ["REQUEST-8"])
    assert last(*NADIA_IS_MAIN, request(), withdraw, withdraw) == (False, ["REQUEST-6"])


def test_an_auditor_gives_a_purpose_even_to_read_about_themself():
    read = do("read_history", "mila", enterprise="netjes", about="mila")
    assert last(read) == (False, ["HISTORY-4"])
    assert last(read | {"purpose": "an inspection"}) == (True, ["HISTORY-1", "HISTORY-3"])
    assert last(do("read_history", "ines", enterprise="netjes", about="ines")) == (True, ["HISTORY-3"])
    assert last(do("export_history", "ines", enterprise="netjes", about="ines")) == (False, ["HISTORY-1", "HISTORY-2"])


def test_a_number_is_shown_to_its_owner_and_to_an_auditor_with_a_reason():
    assert last(do("reveal_number", "ines", person="ines")) == (True, ["NUMBER-1"])
    assert last(do("reveal_number", "ines", person="nadia", reason="curious")) == (False, ["NUMBER-1", "NUMBER-2"])
    assert last(do("reveal_number", "mila", person="nadia")) == (False, ["NUMBER-1", "NUMBER-2"])
    assert last(do("reveal_number", "mila", person="nadia", reason="an inspection")) == (True, ["NUMBER-2"])


def test_what_was_known_then_is_told_apart_from_what_was_so_then():
    look = ask("enter_secure_area", "ines", enterprise="netjes", right="service_vouchers", context="V99901")
    steps = [*INES_HAS_THE_RIGHT, {"at": "2026-04-01T09:00"}]
    # the period counts on its days, also at a moment before it was recorded
    assert last(*steps, look | {"on": "2026-03-02T08:00"}) == (True, ["ENTER-1"])
    assert last(*steps, look | {"known_at": "2026-03-02T08:59:59"}) == (False, ["ENTER-2"])
    ended = [*steps, do("end_work_relation", "nadia", relation="w1")]
    assert last(*ended, look | {"on": "2026-04-02T09:00"}) == (False, ["ENTER-2"])
    assert last(*ended, look | {"on": "2026-04-02T09:00", "known_at": "2026-03-31T09:00"}) == (True, ["ENTER-1"])


def test_an_offer_counts_from_its_own_moment():
    steps = [{"at": "2026-03-03T09:00"}, *NADIA_IS_MAIN, {"at": "2026-03-05T09:00"}]
    end = ask("end_appointment", "nadia", appointment="a1", without_successor=True)
    assert last(*steps, end | {"on": "2026-03-03T08:59"}) == (False, ["END-4"])
    assert last(*steps, end | {"on": "2026-03-03T09:00"}) == (True, ["END-2"])
    with pytest.raises(FileError):
        last(*steps, end | {"known_at": "2026-03-03T08:59"})


def test_the_silence_of_the_register_counts_when_it_was_known_whatever_the_day():
    offer = ask("appoint_main_access_manager", "hilde", enterprise="netjes", person="hilde")
    steps = [
        {"at": "2026-03-03T09:00"},
        {"register": "no_answer", "enterprise": "netjes"},
        {"at": "2026-03-04T09:00"},
        {"register": "answers", "enterprise": "netjes"},
    ]
    assert last(*steps, offer | {"on": "2026-03-03T12:00"}) == (True, ["APPOINT-1"])
    assert last(*steps, offer | {"known_at": "2026-03-03T12:00"}) == (False, ["REG-2"])
    assert last(*steps, offer | {"on": "2026-01-03T12:00", "known_at": "2026-03-03T12:00"}) == (False, ["REG-2"])


def test_the_clock_knows_the_nights_when_brussels_changes_its_time():
    assert Oracle(document(at="2026-10-25T02:30")).now == Oracle(document(at="2026-10-25T02:30+02:00")).now
    assert Oracle(document(at="2026-10-25T03:00")).now == Oracle(document(at="2026-10-25T02:00Z")).now
    with pytest.raises(FileError):
        Oracle(document(at="2026-03-29T02:30"))


def test_the_clock_does_not_go_back():
    with pytest.raises(FileError):
        run(document({"at": "2026-03-02T08:59"}))


def test_a_refused_step_changes_nothing_and_frees_its_id():
    steps = [grant(), *INES_IS_LINKED, grant()]
    assert after_refusals(*steps) == (True, ["GRANT-1"])
    with pytest.raises(FileError):
        after_refusals(grant(), do("revoke_grant", "nadia", grant="g1"))


def test_what_a_step_does_not_take_is_an_error_in_the_file():
    for wrong in (
        appoint("co_main_access_manager", "hilde", "nadia", replaces=True),
        appoint("access_manager", "hilde", "nadia"),
        appoint("access_manager", "hilde", "nadia", domain="sport"),
        appoint("main_access_manager", "hilde", "nobody"),
        grant(key="password"),
        do("appoint", "hilde"),
    ):
        with pytest.raises(FileError):
            last(wrong)
