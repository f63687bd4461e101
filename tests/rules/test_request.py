"""REQUEST: each condition, and its near miss."""

from typing import Any

from accessmgr.core.actions import Action
from accessmgr.core.days import THIRTY_DAYS
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Domain, FunctionCode, RequestState, Role
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    MAIN,
    NOW,
    OUTSIDER,
    REPRESENTATIVE,
    SECOND,
    WORKER,
    a_function,
    a_register,
    a_request,
    a_right,
    a_work_relation,
    an_appointment,
    an_offer,
    situation,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

OF_MAIN = an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN)
OF_WORKER = an_appointment(Role.MAIN_ACCESS_MANAGER, WORKER)
BY_REPRESENTATIVE = a_right(grantors=frozenset({Role.LEGAL_REPRESENTATIVE}))
BY_MAIN = a_right(grantors=frozenset({Role.MAIN_ACCESS_MANAGER}))
WITHDRAW = Action.WITHDRAW_REQUEST


def made(**spoilt: Any) -> Spoilt:
    return {"requests": (a_request(**spoilt),)}


def named(**spoilt: Any) -> Spoilt:
    return {"request": a_request(**spoilt)}


PAIRS = (
    rule("REQUEST-1", "the right can be requested", holds={}, near_miss={"right": a_right(requestable=False)}),
    rule("REQUEST-2", "nobody has a role", holds={"appointments": ()}, near_miss={"appointments": (OF_MAIN,)}),
    rule(
        "REQUEST-2",
        "somebody has the role, not an offer of it",
        holds={"appointments": (an_offer(Role.MAIN_ACCESS_MANAGER, MAIN),)},
        near_miss={"appointments": (OF_MAIN,)},
    ),
    rule(
        "REQUEST-2",
        "the only one who could is the requester",
        holds={"appointments": (OF_WORKER,)},
        near_miss={"appointments": (OF_WORKER, an_appointment())},
    ),
    rule(
        "REQUEST-2",
        "the role that somebody has is not one that may grant it",
        holds={"appointments": (an_appointment(),), "right": BY_MAIN},
        near_miss={"appointments": (an_appointment(),), "right": a_right()},
    ),
    rule(
        "REQUEST-2",
        "a representative may grant it",
        given={"appointments": ()},
        holds={},
        near_miss={"right": BY_REPRESENTATIVE},
    ),
    rule(
        "REQUEST-2",
        "the representative is the requester",
        given={"appointments": (), "right": BY_REPRESENTATIVE},
        holds={"register": a_register(functions=(a_function(WORKER),))},
        near_miss={"register": a_register(functions=(a_function(WORKER), a_function(OUTSIDER)))},
    ),
    rule(
        "REQUEST-2",
        "somebody with a role could, beside the representative who asks",
        given={
            "register": a_register(functions=(a_function(WORKER),)),
            "right": a_right(grantors=frozenset({Role.LEGAL_REPRESENTATIVE, Role.MAIN_ACCESS_MANAGER})),
        },
        holds={"appointments": ()},
        near_miss={"appointments": (OF_MAIN,)},
    ),
    rule(
        "REQUEST-2",
        "a function that does not represent",
        given={"appointments": (), "right": BY_REPRESENTATIVE},
        holds={"register": a_register(functions=(a_function(None), a_function(code=FunctionCode.PARTNER)))},
        near_miss={"register": a_register(functions=(a_function(None), a_function()))},
    ),
    rule(
        "REQUEST-2",
        "whether somebody represents the enterprise is unknown",
        given={"appointments": (), "right": BY_REPRESENTATIVE},
        holds={"register": None},
        because=("REG-2", "REQUEST-2"),
    ),
    rule(
        "REQUEST-2",
        "a local administrator counts with a work relation",
        given={
            "appointments": (an_appointment(Role.LOCAL_ADMINISTRATOR, OUTSIDER),),
            "right": a_right(grantors=frozenset({Role.LOCAL_ADMINISTRATOR})),
        },
        holds={},
        near_miss={"work_relations": (a_work_relation(OUTSIDER),)},
    ),
    rule("REQUEST-3", "a request waits", holds=made()),
    rule(
        "REQUEST-3",
        "the request is the actor's",
        holds=made(),
        near_miss={"requests": (a_request(OUTSIDER),)},
    ),
    rule("REQUEST-3", "it is for that right", holds=made(), near_miss=made(right="subsidy_desk")),
    rule(
        "REQUEST-3",
        "a context is in common",
        holds=made(contexts=("99999", "12345")),
        near_miss=made(contexts=("99999",)),
    ),
    *(
        rule(
            "REQUEST-3",
            f"it is {outcome} after this moment",
            holds=made(closed_at=NOW + SECOND, outcome=outcome),
            near_miss=made(closed_at=NOW, outcome=outcome),
        )
        for outcome in (RequestState.APPROVED, RequestState.REFUSED, RequestState.WITHDRAWN)
    ),
    rule(
        "REQUEST-3",
        "it was made thirty days ago, not a second more",
        holds=made(made_at=NOW - THIRTY_DAYS),
        near_miss=made(made_at=NOW - THIRTY_DAYS - SECOND),
    ),
    rule(
        "REQUEST-3",
        "it was made at this moment, not a second later",
        holds=made(made_at=NOW),
        near_miss=made(made_at=NOW + SECOND),
    ),
    rule("REQUEST-4", "the actor has a role that may grant it", holds={}, near_miss={"ask": {"actor": OUTSIDER}}),
    rule(
        "REQUEST-4",
        "the role is one that may grant that right",
        given={"appointments": (an_appointment(Role.ACCESS_MANAGER, MAIN, domain=Domain.FLEMISH_GOVERNMENT),)},
        holds={"right": a_right(grantors=frozenset({Role.ACCESS_MANAGER}))},
        near_miss={"right": a_right(grantors=frozenset({Role.ACCESS_MANAGER}), domain=Domain.ECONOMY)},
    ),
    rule(
        "REQUEST-4",
        "the representative, if the right lets them",
        given={"ask": {"actor": REPRESENTATIVE}},
        holds={"right": BY_REPRESENTATIVE},
        near_miss={"right": BY_MAIN},
    ),
    rule(
        "REQUEST-5",
        "the actor is the requester",
        given={"appointments": (OF_MAIN, OF_WORKER)},
        holds={"ask": {"actor": WORKER}},
        near_miss={"ask": {"actor": MAIN}},
    ),
    *(
        rule(
            "REQUEST-6",
            f"the request was {outcome} at this moment, not after it",
            holds=named(closed_at=NOW, outcome=outcome),
            near_miss=named(closed_at=NOW + SECOND, outcome=outcome),
        )
        for outcome in (RequestState.APPROVED, RequestState.REFUSED, RequestState.WITHDRAWN)
    ),
    rule(
        "REQUEST-6",
        "the request lapsed a second ago",
        holds=named(made_at=NOW - THIRTY_DAYS - SECOND),
        near_miss=named(made_at=NOW - THIRTY_DAYS),
    ),
    rule("REQUEST-7", "no reason is given", holds={"ask": {"reason": False}}, near_miss={"ask": {"reason": True}}),
    rule("REQUEST-8", "the actor is the requester", WITHDRAW, holds={}, near_miss={"ask": {"actor": OUTSIDER}}),
    rule("REQUEST-8", "a manager does not withdraw", WITHDRAW, holds={}, near_miss={"ask": {"actor": MAIN}}),
)


def test_one_s_own_request_is_not_answered_for_want_of_a_role() -> None:
    facts = situation(Action.APPROVE_REQUEST, {"actor": WORKER})
    assert decide(facts, CATALOGUE).because == ("REQUEST-5",)


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
