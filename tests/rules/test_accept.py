"""ACCEPT, END and CLAIM: each condition, and its near miss."""

from datetime import datetime

from accessmgr.core.actions import Action
from accessmgr.core.days import THIRTY_DAYS, Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, AppointmentState, Domain, Role
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    DAY,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    OUTSIDER,
    REPRESENTATIVE,
    SECOND,
    WORKER,
    YESTERDAY,
    a_function,
    a_register,
    a_work_relation,
    an_appointment,
    an_offer,
    situation,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

ACCEPT, REFUSE = Action.ACCEPT_APPOINTMENT, Action.REFUSE_APPOINTMENT
MAIN_ROLE = Role.MAIN_ACCESS_MANAGER
CO_MAIN = Role.CO_MAIN_ACCESS_MANAGER
DOMAIN = Role.ACCESS_MANAGER
LOCAL = Role.LOCAL_ADMINISTRATOR
CLAIMED = Role.MAIN_LOCAL_ADMINISTRATOR
OF_MAIN = an_appointment(MAIN_ROLE, MAIN)
OF_MAIN_WITH_CLAIM = (OF_MAIN, an_appointment(CLAIMED, MAIN))
FOR_FINANCE = {"domain": Domain.FINANCE}


def thing(appointment: Appointment, *others: Appointment) -> Spoilt:
    """The appointment that the question names, with what else is held."""
    return {"appointment": appointment, "appointments": (*(others or (OF_MAIN,)), appointment)}


def closed(outcome: AppointmentState, at: datetime = NOW) -> Spoilt:
    return {"closed_at": at, "outcome": outcome}


OVER = (AppointmentState.REFUSED, AppointmentState.WITHDRAWN, AppointmentState.ENDED)
OF_REPRESENTATIVE = {"by": REPRESENTATIVE}
AS_NEWCOMER: Spoilt = {"ask": {"actor": NEWCOMER}}
AS_REPRESENTATIVE: Spoilt = {"actor": REPRESENTATIVE, "without_successor": True}

MAKERS: tuple[tuple[Role, Spoilt, Spoilt, Spoilt], ...] = (
    (MAIN_ROLE, OF_REPRESENTATIVE, {}, {"register": a_register(functions=(a_function(OUTSIDER),))}),
    (CO_MAIN, {}, {"appointments": (OF_MAIN,)}, {"appointments": (an_appointment(CO_MAIN, MAIN),)}),
    (DOMAIN, FOR_FINANCE, {"appointments": (an_appointment(CO_MAIN, MAIN),)}, {"appointments": ()}),
    (LOCAL, {}, {"appointments": OF_MAIN_WITH_CLAIM}, {"appointments": (OF_MAIN,)}),
)
"""For each role that is offered: more of the offer, facts on which its maker may offer it, and on which not."""

PAIRS = (
    rule("ACCEPT-1", "the actor is the appointee", holds={}, near_miss={"ask": {"actor": OUTSIDER}}),
    rule("ACCEPT-1", "whoever made the offer is not enough", holds={}, near_miss={"ask": {"actor": MAIN}}),
    *(
        rule(
            "ACCEPT-2",
            f"the offer was {outcome} at this moment, not after it",
            holds=thing(an_offer(**closed(outcome))),
            near_miss=thing(an_offer(**closed(outcome, NOW + SECOND))),
        )
        for outcome in OVER
    ),
    rule(
        "ACCEPT-2",
        "the offer was made thirty days and a second ago",
        holds=thing(an_offer(offered_at=NOW - THIRTY_DAYS - SECOND)),
        near_miss=thing(an_offer(offered_at=NOW - THIRTY_DAYS)),
    ),
    rule(
        "ACCEPT-2",
        "the offer will be made in a second",
        holds=thing(an_offer(offered_at=NOW + SECOND)),
        near_miss=thing(an_offer(offered_at=NOW)),
    ),
    rule("ACCEPT-2", "the offer was accepted", REFUSE, holds=thing(an_appointment()), near_miss=thing(an_offer())),
    rule(
        "ACCEPT-2",
        "the offer was accepted, so the role is held too",
        ACCEPT,
        holds=thing(an_appointment()),
        near_miss=thing(an_offer()),
        because=("ACCEPT-2", "ACCEPT-4"),
    ),
    *(
        rule(
            "ACCEPT-3",
            f"whoever offered the role {role} could not offer it now",
            given={"appointment": an_offer(role, **more)},
            holds=may_not,
            near_miss=may,
        )
        for role, more, may, may_not in MAKERS
    ),
    rule(
        "ACCEPT-3",
        "whether the maker of an offer of the main role represents the enterprise is unknown",
        given=thing(an_offer(MAIN_ROLE, by=REPRESENTATIVE)),
        holds={"register": None},
        because=("ACCEPT-3", "REG-2"),
    ),
    *(
        rule(
            "ACCEPT-4",
            f"the appointee holds {role} meanwhile",
            given={"work_relations": (a_work_relation(NEWCOMER),)},
            holds=thing(an_offer(role, id="offer", **more), *makers, an_appointment(role, **more)),
            near_miss=thing(an_offer(role, id="offer", **more), *makers, an_appointment(role, OUTSIDER, **more)),
        )
        for role, more, makers in (
            (MAIN_ROLE, OF_REPRESENTATIVE, ()),
            (CO_MAIN, {}, (OF_MAIN,)),
            (DOMAIN, FOR_FINANCE, (OF_MAIN,)),
            (LOCAL, {}, OF_MAIN_WITH_CLAIM),
        )
    ),
    rule(
        "ACCEPT-4",
        "an access manager for all has the role for a domain",
        holds=thing(an_offer(DOMAIN, id="offer", **FOR_FINANCE), OF_MAIN, an_appointment(DOMAIN, domain=Domain.ALL)),
        near_miss=thing(
            an_offer(DOMAIN, id="offer", **FOR_FINANCE), OF_MAIN, an_appointment(DOMAIN, domain=Domain.HEALTH)
        ),
    ),
    rule(
        "ACCEPT-4",
        "an appointment as local administrator counts with a work relation",
        given=thing(an_offer(LOCAL, id="offer"), *OF_MAIN_WITH_CLAIM, an_appointment(LOCAL)),
        holds={"work_relations": (a_work_relation(NEWCOMER),)},
        near_miss={"work_relations": (a_work_relation(NEWCOMER, period=Period(LONG_AGO, YESTERDAY)),)},
    ),
    *(
        rule(
            "END-1",
            f"the actor could offer the role {role} now",
            given={
                "appointment": an_appointment(role, **more),
                "ask": AS_REPRESENTATIVE if role is MAIN_ROLE else {},
            },
            holds=may,
            near_miss=may_not,
        )
        for role, more, may, may_not in MAKERS
    ),
    rule("END-1", "it is the actor who could offer it", holds={}, near_miss={"ask": {"actor": OUTSIDER}}),
    rule(
        "END-1",
        "the offer is pending",
        holds=thing(an_offer()),
        near_miss=thing(an_offer()) | AS_NEWCOMER,
    ),
    rule("END-1", "a claim is not offered by anybody", holds={}, near_miss=thing(an_appointment(CLAIMED))),
    rule(
        "END-1",
        "whether the actor represents the enterprise is known",
        given=thing(an_appointment(MAIN_ROLE)) | {"ask": AS_REPRESENTATIVE},
        holds={},
        near_miss={"register": None},
    ),
    rule(
        "END-2",
        "the actor is its holder",
        given=AS_NEWCOMER,
        holds={},
        near_miss=thing(an_appointment(holder=WORKER)),
    ),
    rule("END-2", "it is active, not an offer", given=AS_NEWCOMER, holds={}, near_miss=thing(an_offer())),
    rule("END-2", "a claim is ended by its holder", given=thing(an_appointment(CLAIMED)), holds=AS_NEWCOMER),
    rule(
        "END-3",
        "the request does not say that there is no successor",
        given=thing(OF_MAIN),
        holds={"ask": {"actor": REPRESENTATIVE}},
        near_miss={"ask": AS_REPRESENTATIVE},
    ),
    rule(
        "END-3",
        "it is the main role",
        given={"ask": {"actor": MAIN}},
        holds=thing(OF_MAIN),
        near_miss=thing(an_appointment(CO_MAIN, MAIN)),
        permitted_by=("END-1", "END-2"),
    ),
    rule(
        "END-3",
        "the main role is held, not offered",
        given={"ask": {"actor": REPRESENTATIVE}},
        holds=thing(an_appointment(MAIN_ROLE, MAIN)),
        near_miss=thing(an_offer(MAIN_ROLE, MAIN)),
    ),
    *(
        rule(
            "END-4",
            f"it was {outcome} at this moment, not after it",
            holds=thing(an_appointment(**closed(outcome))),
            near_miss=thing(an_appointment(**closed(outcome, NOW + SECOND))),
        )
        for outcome in OVER
    ),
    rule(
        "END-4",
        "the offer lapsed a second ago",
        holds=thing(an_offer(offered_at=NOW - THIRTY_DAYS - SECOND)),
        near_miss=thing(an_offer(offered_at=NOW - THIRTY_DAYS)),
    ),
    rule(
        "END-4",
        "the offer lapsed, and was not accepted",
        holds=thing(an_offer(offered_at=NOW - 40 * DAY)),
        near_miss=thing(an_appointment(offered_at=NOW - 40 * DAY, accepted_at=NOW - 39 * DAY)),
    ),
    rule("CLAIM-1", "the actor is main access manager", holds={}, near_miss={"ask": {"actor": OUTSIDER}}),
    rule(
        "CLAIM-1",
        "the actor is co-main access manager",
        holds={"appointments": (an_appointment(CO_MAIN, MAIN),)},
        near_miss={"appointments": (an_offer(CO_MAIN, MAIN),)},
    ),
    rule(
        "CLAIM-1",
        "the actor is access manager for the Flemish government, not for finance",
        holds={"appointments": (an_appointment(DOMAIN, MAIN, domain=Domain.FLEMISH_GOVERNMENT),)},
        near_miss={"appointments": (an_appointment(DOMAIN, MAIN, **FOR_FINANCE),)},
    ),
    rule(
        "CLAIM-1",
        "the actor is access manager for all, not local administrator",
        holds={"appointments": (an_appointment(DOMAIN, MAIN, domain=Domain.ALL),)},
        near_miss={"appointments": (an_appointment(LOCAL, MAIN),), "work_relations": (a_work_relation(MAIN),)},
    ),
    rule(
        "CLAIM-2",
        "the claim is the actor's",
        holds={"appointments": OF_MAIN_WITH_CLAIM},
        near_miss={"appointments": (OF_MAIN, an_appointment(CLAIMED, OUTSIDER), an_appointment(CO_MAIN, OUTSIDER))},
    ),
    rule(
        "CLAIM-2",
        "the claim has not ended",
        holds={"appointments": OF_MAIN_WITH_CLAIM},
        near_miss={"appointments": (OF_MAIN, an_appointment(CLAIMED, MAIN, **closed(AppointmentState.ENDED)))},
    ),
)


def test_the_main_manager_ends_another_one_s_claim_never() -> None:
    claim = an_appointment(CLAIMED, NEWCOMER)
    facts = situation(Action.END_APPOINTMENT, appointment=claim, appointments=(OF_MAIN, claim))
    assert decide(facts, CATALOGUE).because == ("END-1", "END-2")


def test_somebody_who_holds_the_role_and_could_offer_it_ends_it_for_both_reasons() -> None:
    own = an_appointment(CO_MAIN, MAIN)
    facts = situation(Action.END_APPOINTMENT, appointment=own, appointments=(OF_MAIN, own))
    assert decide(facts, CATALOGUE).because == ("END-1", "END-2")
    assert decide(facts, CATALOGUE).allowed is True


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
