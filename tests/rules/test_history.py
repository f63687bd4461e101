"""HISTORY and NUMBER: each condition, and its near miss."""

from accessmgr.core.actions import Action
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Domain, FunctionCode, Role
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    AUDITOR,
    MAIN,
    OUTSIDER,
    REPRESENTATIVE,
    WORKER,
    a_function,
    a_person,
    a_register,
    an_appointment,
    an_offer,
    situation,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

READ = Action.READ_HISTORY
AN_AUDITOR = {"actor": a_person(AUDITOR, auditor=True)}
NO_AUDITOR = {"actor": a_person(AUDITOR)}
CLAIM = an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, OUTSIDER)
FOR_FLEMISH = an_appointment(Role.ACCESS_MANAGER, OUTSIDER, domain=Domain.FLEMISH_GOVERNMENT)


def as_(actor: str, **asked: object) -> Spoilt:
    return {"ask": {"actor": actor, **asked}}


def roles(*held: object) -> Spoilt:
    return {"appointments": held}


PAIRS = (
    rule(
        "HISTORY-1",
        "the actor is an auditor",
        given=as_(AUDITOR, purpose=True),
        holds=AN_AUDITOR,
        near_miss=NO_AUDITOR,
    ),
    rule("HISTORY-2", "a representative, not an outsider", holds=as_(REPRESENTATIVE), near_miss=as_(OUTSIDER)),
    rule(
        "HISTORY-2",
        "a director, not a partner",
        given=as_(REPRESENTATIVE),
        holds={"register": a_register(functions=(a_function(),))},
        near_miss={"register": a_register(functions=(a_function(code=FunctionCode.PARTNER),))},
    ),
    *(
        rule(
            "HISTORY-2",
            f"{role}, once it is accepted",
            given=as_(OUTSIDER),
            holds=roles(an_appointment(role, OUTSIDER)),
            near_miss=roles(an_offer(role, OUTSIDER)),
        )
        for role in (Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER)
    ),
    rule(
        "HISTORY-2",
        "a main local administrator: the claim",
        given=as_(OUTSIDER),
        holds=roles(CLAIM, FOR_FLEMISH),
        near_miss=roles(FOR_FLEMISH),
    ),
    rule(
        "HISTORY-2",
        "a main local administrator: the role that lets the claim count",
        given=as_(OUTSIDER),
        holds=roles(CLAIM, FOR_FLEMISH),
        near_miss=roles(CLAIM),
    ),
    rule(
        "HISTORY-2",
        "a local administrator may not",
        holds={},
        near_miss=as_(OUTSIDER) | roles(an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER)),
    ),
    rule(
        "HISTORY-3",
        "it is about the actor",
        holds=as_(WORKER, person=WORKER),
        near_miss=as_(WORKER, person=OUTSIDER),
    ),
    rule("HISTORY-3", "it is only about the actor", holds=as_(WORKER, person=WORKER), near_miss=as_(WORKER)),
    rule(
        "HISTORY-4",
        "no purpose is given",
        given=AN_AUDITOR,
        holds=as_(AUDITOR),
        near_miss=as_(AUDITOR, purpose=True),
        permitted_by=("HISTORY-1",),
    ),
    rule(
        "HISTORY-4",
        "the actor is an auditor, though a manager too",
        holds={"actor": a_person(MAIN, auditor=True)},
        near_miss={"actor": a_person(MAIN)},
    ),
    rule(
        "HISTORY-4",
        "an auditor gives no purpose for what is about themself",
        READ,
        given=as_(AUDITOR, person=AUDITOR),
        holds=AN_AUDITOR,
        near_miss=NO_AUDITOR,
        permitted_by=("HISTORY-3",),
    ),
    rule("NUMBER-1", "it is the actor's own number", holds={}, near_miss=as_(WORKER, person=OUTSIDER)),
    rule(
        "NUMBER-2",
        "the auditor gives a reason",
        given=AN_AUDITOR,
        holds=as_(AUDITOR, reason=True),
        near_miss=as_(AUDITOR),
    ),
    rule(
        "NUMBER-2",
        "the actor is an auditor",
        given=as_(AUDITOR, reason=True),
        holds=AN_AUDITOR,
        near_miss=NO_AUDITOR,
    ),
)


def test_an_auditor_who_manages_the_enterprise_reads_for_both_reasons() -> None:
    facts = situation(READ, {"purpose": True}, actor=a_person(MAIN, auditor=True))
    assert decide(facts, CATALOGUE).because == ("HISTORY-1", "HISTORY-2")


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
