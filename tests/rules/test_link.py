"""LINK: each condition, and its near miss."""

from datetime import date

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Domain, Role
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    DAY,
    IN_A_MONTH,
    LONG_AGO,
    NEWCOMER,
    OUTSIDER,
    REPRESENTATIVE,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_work_relation,
    an_appointment,
    an_offer,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

CLAIM = an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, OUTSIDER)
AS_OUTSIDER: Spoilt = {"ask": {"actor": OUTSIDER}}
END = Action.END_WORK_RELATION


def roles(*held: object) -> Spoilt:
    return {"appointments": held}


def relations(*others: object) -> Spoilt:
    return {"work_relations": (a_work_relation(), *others)}


def linked(period: Period, person: str = NEWCOMER) -> Spoilt:
    return relations(a_work_relation(person, period=period))


def named(period: Period) -> Spoilt:
    relation = a_work_relation(period=period)
    return {"relation": relation, "work_relations": (relation,)}


def asked(first: date, last: date | None) -> Spoilt:
    return {"ask": {"period": Period(first, last)}}


PAIRS = (
    rule("LINK-1", "the main access manager", holds={}, near_miss=roles()),
    rule("LINK-1", "the representative is not enough", holds={}, near_miss={"ask": {"actor": REPRESENTATIVE}}),
    *(
        rule(
            "LINK-1",
            f"{role} for {domain}, and only once it is accepted",
            given=AS_OUTSIDER,
            holds=roles(an_appointment(role, OUTSIDER, domain=domain)),
            near_miss=roles(an_offer(role, OUTSIDER, domain=domain)),
        )
        for role, domain in (
            (Role.CO_MAIN_ACCESS_MANAGER, None),
            (Role.ACCESS_MANAGER, Domain.FLEMISH_GOVERNMENT),
            (Role.ACCESS_MANAGER, Domain.ALL),
        )
    ),
    rule(
        "LINK-1",
        "an access manager's domain is the Flemish government",
        given=AS_OUTSIDER,
        holds=roles(an_appointment(Role.ACCESS_MANAGER, OUTSIDER, domain=Domain.FLEMISH_GOVERNMENT)),
        near_miss=roles(an_appointment(Role.ACCESS_MANAGER, OUTSIDER, domain=Domain.SOCIAL_SECURITY)),
    ),
    rule(
        "LINK-1",
        "a claim counts while its holder has another role",
        given=AS_OUTSIDER,
        holds=roles(CLAIM, an_appointment(Role.CO_MAIN_ACCESS_MANAGER, OUTSIDER)),
        near_miss=roles(CLAIM),
    ),
    rule(
        "LINK-1",
        "a local administrator counts with a work relation today",
        given=AS_OUTSIDER | roles(an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER)),
        holds=linked(Period(LONG_AGO, TODAY), OUTSIDER),
        near_miss=linked(Period(LONG_AGO, YESTERDAY), OUTSIDER),
    ),
    rule(
        "LINK-1",
        "a work relation alone is not enough",
        given=AS_OUTSIDER | linked(Period(LONG_AGO, None), OUTSIDER),
        holds=roles(an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER)),
        near_miss=roles(),
    ),
    rule(
        "LINK-2",
        "a relation ends on the first day asked for, not the day before",
        holds=linked(Period(LONG_AGO, TODAY)),
        near_miss=linked(Period(LONG_AGO, YESTERDAY)),
    ),
    rule(
        "LINK-2",
        "a relation begins on the last day asked for, not the day after",
        holds=linked(Period(IN_A_MONTH, None)),
        near_miss=linked(Period(IN_A_MONTH + DAY, None)),
    ),
    rule(
        "LINK-2",
        "the relation is the same person's",
        holds=linked(Period(LONG_AGO, None)),
        near_miss=linked(Period(LONG_AGO, None), OUTSIDER),
    ),
    rule(
        "LINK-2",
        "the relation has a day",
        holds=linked(Period(TOMORROW, TOMORROW)),
        near_miss=linked(Period(TOMORROW, TODAY)),
    ),
    rule("LINK-3", "the actor is the person linked", given={"appointments": ()}, holds={"ask": {"actor": WORKER}}),
    rule("LINK-3", "another worker is not", holds={"ask": {"actor": WORKER}}, near_miss=AS_OUTSIDER),
    rule(
        "LINK-4",
        "the relation was over yesterday, not today",
        given={"ask": {"last_day": None}},
        holds=named(Period(LONG_AGO, YESTERDAY)),
        near_miss=named(Period(LONG_AGO, TODAY)),
    ),
    rule(
        "LINK-4",
        "the day asked for is yesterday, not today",
        holds={"ask": {"last_day": YESTERDAY}},
        near_miss={"ask": {"last_day": TODAY}},
    ),
    rule(
        "LINK-4",
        "the relation is over, whatever the day asked for",
        given={"ask": {"last_day": TOMORROW}},
        holds=named(Period(LONG_AGO, YESTERDAY)),
        near_miss=named(Period(LONG_AGO, None)),
    ),
    rule("LINK-5", "it begins yesterday, not today", holds=asked(YESTERDAY, None), near_miss=asked(TODAY, None)),
    rule(
        "LINK-5",
        "the period ends the day before it begins, not that day",
        holds=asked(TOMORROW, TODAY),
        near_miss=asked(TOMORROW, TOMORROW),
    ),
)


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
