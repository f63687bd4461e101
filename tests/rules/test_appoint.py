"""APPOINT: each condition, and its near miss."""

from datetime import datetime
from typing import Any

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import AppointmentState, Domain, FunctionCode, Role
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_function,
    a_person,
    a_register,
    a_work_relation,
    an_appointment,
    an_offer,
    situation,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

OF_MAIN = an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN)
CO_MAIN = Role.CO_MAIN_ACCESS_MANAGER
DOMAIN = Role.ACCESS_MANAGER
LOCAL = Role.LOCAL_ADMINISTRATOR
CLAIMED = Role.MAIN_LOCAL_ADMINISTRATOR


def functions(*held: Any) -> Spoilt:
    return {"register": a_register(functions=held)}


def function(code: FunctionCode = FunctionCode.DIRECTOR, **more: Any) -> Spoilt:
    return functions(a_function(code=code, **more))


def roles(*held: object) -> Spoilt:
    return {"appointments": held}


def ended(at: datetime) -> Spoilt:
    return {"closed_at": at, "outcome": AppointmentState.ENDED}


REPRESENTS = tuple(
    rule(
        "APPOINT-1",
        f"a {code} represents, an auditor does not",
        holds=function(code),
        near_miss=function(FunctionCode.AUDITOR),
    )
    for code in (
        FunctionCode.MANAGING_DIRECTOR,
        FunctionCode.DIRECTOR,
        FunctionCode.MANAGER,
        FunctionCode.DAILY_MANAGEMENT,
        FunctionCode.CHAIRMAN,
        FunctionCode.SOLE_PROPRIETOR,
        FunctionCode.SYNDIC,
        FunctionCode.TRUSTEE,
        FunctionCode.LIQUIDATOR,
        FunctionCode.PROVISIONAL_ADMINISTRATOR,
    )
) + tuple(
    rule("APPOINT-1", f"a {code} does not represent, a director does", holds=function(), near_miss=function(code))
    for code in (
        FunctionCode.AUDITOR,
        FunctionCode.PARTNER,
        FunctionCode.FOUNDER,
        FunctionCode.ENTREPRENEURIAL_SKILL,
    )
)

PAIRS = (
    *REPRESENTS,
    rule("APPOINT-1", "the function is the actor's", holds={}, near_miss=function(holder=OUTSIDER)),
    rule(
        "APPOINT-1",
        "the function is held until today, not until yesterday",
        holds=function(period=Period(LONG_AGO, TODAY)),
        near_miss=function(period=Period(LONG_AGO, YESTERDAY)),
    ),
    rule(
        "APPOINT-1",
        "the function is held from today, not from tomorrow",
        holds=function(period=Period(TODAY, None)),
        near_miss=function(period=Period(TOMORROW, None)),
    ),
    rule(
        "APPOINT-1",
        "an enterprise that holds the function names the actor, not nobody",
        holds=function(held_by=OTHER_ENTERPRISE),
        near_miss=function(held_by=OTHER_ENTERPRISE, holder=None),
    ),
    *(
        rule(
            "APPOINT-1",
            f"a director is displaced while a {code} holds office, not once that is over",
            holds=functions(a_function(), a_function(OUTSIDER, code=code, period=Period(LONG_AGO, YESTERDAY))),
            near_miss=functions(a_function(), a_function(OUTSIDER, code=code, period=Period(LONG_AGO, TODAY))),
        )
        for code in (FunctionCode.TRUSTEE, FunctionCode.LIQUIDATOR, FunctionCode.PROVISIONAL_ADMINISTRATOR)
    ),
    rule(
        "APPOINT-1",
        "an enterprise that holds office and names nobody displaces all the same",
        holds=functions(a_function(), a_function(None, held_by=OTHER_ENTERPRISE, code=FunctionCode.MANAGER)),
        near_miss=functions(a_function(), a_function(None, held_by=OTHER_ENTERPRISE, code=FunctionCode.TRUSTEE)),
    ),
    rule(
        "APPOINT-1",
        "an office holder acts alone beside another one",
        holds=functions(a_function(code=FunctionCode.LIQUIDATOR), a_function(OUTSIDER, code=FunctionCode.TRUSTEE)),
        near_miss=functions(a_function(code=FunctionCode.DIRECTOR), a_function(OUTSIDER, code=FunctionCode.TRUSTEE)),
    ),
    rule(
        "APPOINT-2",
        "the appointee is not declared an employee",
        holds={"ask": {"employee": False}},
        near_miss={"ask": {"employee": True}},
    ),
    rule(
        "APPOINT-2",
        "the appointee is not a legal representative",
        given={"ask": {"employee": False}},
        holds={},
        near_miss=functions(a_function(), a_function(NEWCOMER)),
    ),
    rule(
        "APPOINT-3",
        "somebody is main access manager, and the request does not say that it replaces",
        given=roles(OF_MAIN),
        holds={},
        near_miss={"ask": {"replaces": True}},
    ),
    rule("APPOINT-3", "somebody is main access manager", holds=roles(OF_MAIN)),
    rule(
        "APPOINT-3",
        "the offer of the main role was accepted",
        holds=roles(OF_MAIN),
        near_miss=roles(an_offer(Role.MAIN_ACCESS_MANAGER, MAIN)),
    ),
    rule(
        "APPOINT-3",
        "it is the main role that somebody holds",
        holds=roles(OF_MAIN),
        near_miss=roles(an_appointment(CO_MAIN, MAIN)),
    ),
    rule(
        "APPOINT-3",
        "the main role has not ended at this moment",
        holds=roles(an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN, **ended(NOW + SECOND))),
        near_miss=roles(an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN, **ended(NOW))),
    ),
    rule(
        "APPOINT-4",
        "it is the appointee who is main access manager",
        given={"ask": {"replaces": True}},
        holds=roles(an_appointment(Role.MAIN_ACCESS_MANAGER, NEWCOMER)),
        near_miss=roles(OF_MAIN),
    ),
    rule(
        "APPOINT-4",
        "the appointee is main access manager, not co-main",
        given={"ask": {"replaces": True}},
        holds=roles(an_appointment(Role.MAIN_ACCESS_MANAGER, NEWCOMER)),
        near_miss=roles(an_appointment(CO_MAIN, NEWCOMER)),
    ),
    rule("APPOINT-5", "the actor is the main access manager", holds={}, near_miss=roles()),
    rule("APPOINT-5", "the main role is the actor's", holds={}, near_miss={"ask": {"actor": OUTSIDER}}),
    rule("APPOINT-5", "the actor is main, not co-main", holds={}, near_miss=roles(an_appointment(CO_MAIN, MAIN))),
    rule("APPOINT-5", "the representative is not enough", holds={}, near_miss={"ask": {"actor": REPRESENTATIVE}}),
    rule(
        "APPOINT-6",
        "the appointee is co-main access manager",
        holds=roles(OF_MAIN, an_appointment(CO_MAIN, NEWCOMER)),
        near_miss=roles(OF_MAIN, an_offer(CO_MAIN, NEWCOMER)),
    ),
    rule(
        "APPOINT-6",
        "the appointee is the main access manager",
        holds={"concerned": a_person(MAIN)},
        near_miss={"concerned": a_person(NEWCOMER)},
    ),
    rule("APPOINT-7", "the actor is the main access manager", holds=roles(OF_MAIN), near_miss=roles()),
    rule(
        "APPOINT-7",
        "the actor is co-main access manager, not access manager",
        holds=roles(an_appointment(CO_MAIN, MAIN)),
        near_miss=roles(an_appointment(DOMAIN, MAIN, domain=Domain.ALL)),
    ),
    rule(
        "APPOINT-8",
        "the appointee is access manager for that domain, not another",
        holds=roles(OF_MAIN, an_appointment(DOMAIN, domain=Domain.FINANCE)),
        near_miss=roles(OF_MAIN, an_appointment(DOMAIN, domain=Domain.HEALTH)),
    ),
    rule(
        "APPOINT-8",
        "the appointee is access manager for all",
        holds=roles(OF_MAIN, an_appointment(DOMAIN, domain=Domain.ALL)),
        near_miss=roles(OF_MAIN, an_offer(DOMAIN, domain=Domain.ALL)),
    ),
    rule(
        "APPOINT-8",
        "it is the appointee who is access manager",
        holds=roles(OF_MAIN, an_appointment(DOMAIN, domain=Domain.FINANCE)),
        near_miss=roles(OF_MAIN, an_appointment(DOMAIN, OUTSIDER, domain=Domain.FINANCE)),
    ),
    rule(
        "APPOINT-8",
        "whoever is for one domain can be appointed for all",
        given={"ask": {"domain": Domain.ALL}},
        holds=roles(OF_MAIN, an_appointment(DOMAIN, domain=Domain.ALL)),
        near_miss=roles(OF_MAIN, an_appointment(DOMAIN, domain=Domain.FINANCE)),
    ),
    rule("APPOINT-9", "the actor made the claim", holds={}, near_miss=roles(OF_MAIN)),
    rule(
        "APPOINT-9",
        "the claim is the actor's",
        holds=roles(OF_MAIN, an_appointment(CLAIMED, MAIN)),
        near_miss=roles(OF_MAIN, an_appointment(CLAIMED, OUTSIDER)),
    ),
    *(
        rule(
            "APPOINT-9",
            f"the claim counts while its holder is {role}",
            holds=roles(an_appointment(CLAIMED, MAIN), an_appointment(role, MAIN, domain=domain)),
            near_miss=roles(an_appointment(CLAIMED, MAIN), an_appointment(role, MAIN, domain=domain, **ended(NOW))),
        )
        for role, domain in (
            (Role.MAIN_ACCESS_MANAGER, None),
            (CO_MAIN, None),
            (DOMAIN, Domain.FLEMISH_GOVERNMENT),
            (DOMAIN, Domain.ALL),
        )
    ),
    rule(
        "APPOINT-9",
        "an access manager's domain is the Flemish government",
        holds=roles(an_appointment(CLAIMED, MAIN), an_appointment(DOMAIN, MAIN, domain=Domain.FLEMISH_GOVERNMENT)),
        near_miss=roles(an_appointment(CLAIMED, MAIN), an_appointment(DOMAIN, MAIN, domain=Domain.FINANCE)),
    ),
    rule(
        "APPOINT-10",
        "the appointee's work relation ended yesterday, not today",
        holds={"work_relations": (a_work_relation(period=Period(LONG_AGO, YESTERDAY)),)},
        near_miss={"work_relations": (a_work_relation(period=Period(LONG_AGO, TODAY)),)},
    ),
    rule(
        "APPOINT-10",
        "the work relation is another person's",
        holds={"work_relations": (a_work_relation(OUTSIDER),)},
        near_miss={"work_relations": (a_work_relation(OUTSIDER), a_work_relation())},
    ),
    rule(
        "APPOINT-11",
        "the appointee is local administrator",
        holds=roles(OF_MAIN, an_appointment(CLAIMED, MAIN), an_appointment(LOCAL, WORKER)),
        near_miss=roles(OF_MAIN, an_appointment(CLAIMED, MAIN), an_offer(LOCAL, WORKER)),
    ),
    rule(
        "APPOINT-11",
        "it is the appointee who is local administrator",
        holds=roles(OF_MAIN, an_appointment(CLAIMED, MAIN), an_appointment(LOCAL, WORKER)),
        near_miss=roles(OF_MAIN, an_appointment(CLAIMED, MAIN), an_appointment(LOCAL, OUTSIDER)),
    ),
)


def test_an_administrator_who_is_not_linked_does_not_have_the_role() -> None:
    held = (OF_MAIN, an_appointment(CLAIMED, MAIN), an_appointment(LOCAL, WORKER))
    facts = situation(Action.APPOINT_LOCAL_ADMINISTRATOR, appointments=held, work_relations=())
    assert decide(facts, CATALOGUE).because == ("APPOINT-10",)


def test_reasons_to_refuse_an_outsider_for_a_role_that_is_taken_come_together() -> None:
    facts = situation(Action.APPOINT_MAIN_ACCESS_MANAGER, {"employee": False, "level": 400}, appointments=(OF_MAIN,))
    assert decide(facts, CATALOGUE).because == ("APPOINT-2", "APPOINT-3", "KEY-1")


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
