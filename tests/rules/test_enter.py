"""ENTER: each condition, and its near miss."""

from typing import Any

from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import ContextKind
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    ENTERPRISE,
    ESTABLISHMENT,
    LONG_AGO,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_grant,
    a_recognition,
    a_register,
    a_right,
    a_work_relation,
    an_establishment,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

SUSPENDED = (Period(LONG_AGO, TODAY),)
SUSPENDED_BEFORE = (Period(LONG_AGO, YESTERDAY),)
BY_UNIT = a_right(context_kind=ContextKind.ESTABLISHMENT)
BY_PROFILE = a_right(context_kind=ContextKind.PROFILE, profiles=("reader",))


def holding(**spoilt: Any) -> Spoilt:
    return {"grants": (a_grant(**spoilt),)}


def recognitions(*held: object) -> Spoilt:
    return {"register": a_register(recognitions=held)}


def linked(period: Period, person: str = WORKER) -> Spoilt:
    return {"work_relations": (a_work_relation(person, period=period),)}


def for_(context: str) -> Spoilt:
    return holding(contexts=(context,)) | {"ask": {"contexts": (context,)}}


def unit(**spoilt: Any) -> Spoilt:
    return {"register": a_register(establishments=(an_establishment(**spoilt),)), "right": BY_UNIT}


PAIRS = (
    rule("ENTER-1", "the actor holds a grant", holds={}, near_miss={"grants": ()}),
    rule("ENTER-1", "the grant is the actor's", holds=holding(), near_miss=holding(holder=OUTSIDER)),
    rule("ENTER-1", "it is of that right", holds=holding(), near_miss=holding(right="subsidy_desk")),
    rule("ENTER-1", "it is in that enterprise", holds=holding(), near_miss=holding(enterprise=OTHER_ENTERPRISE)),
    rule(
        "ENTER-1",
        "it is for that context, among others",
        holds=holding(contexts=("99999", RECOGNITION)),
        near_miss=holding(contexts=("99999",)),
    ),
    rule(
        "ENTER-1",
        "it lasts until today, not until yesterday",
        holds=holding(period=Period(LONG_AGO, TODAY)),
        near_miss=holding(period=Period(LONG_AGO, YESTERDAY)),
    ),
    rule(
        "ENTER-1",
        "it begins today, not tomorrow",
        holds=holding(period=Period(TODAY, None)),
        near_miss=holding(period=Period(TOMORROW, None)),
    ),
    rule(
        "ENTER-1",
        "it is revoked after this moment, not at it",
        holds=holding(revoked_at=NOW + SECOND),
        near_miss=holding(revoked_at=NOW),
    ),
    rule(
        "ENTER-2",
        "the work relation ended yesterday, not today",
        holds=linked(Period(LONG_AGO, YESTERDAY)),
        near_miss=linked(Period(LONG_AGO, TODAY)),
    ),
    rule(
        "ENTER-2",
        "the work relation is another person's",
        holds=linked(Period(LONG_AGO, None), OUTSIDER),
        near_miss=linked(Period(LONG_AGO, None)),
    ),
    rule(
        "ENTER-3",
        "the right needs a recognition",
        given=for_("reader") | recognitions(),
        holds={"right": a_right(context_kind=ContextKind.PROFILE, profiles=("reader",))},
        near_miss={"right": a_right(context_kind=ContextKind.PROFILE, profiles=("reader",), needs_recognition=False)},
    ),
    rule(
        "ENTER-3",
        "the recognition ended yesterday, not today",
        given=for_("reader") | {"right": BY_PROFILE},
        holds=recognitions(a_recognition(period=Period(LONG_AGO, YESTERDAY))),
        near_miss=recognitions(a_recognition(period=Period(LONG_AGO, TODAY))),
    ),
    rule(
        "ENTER-3",
        "the only recognition is suspended",
        given=for_("reader") | {"right": BY_PROFILE},
        holds=recognitions(a_recognition(suspensions=SUSPENDED)),
        near_miss=recognitions(a_recognition(suspensions=SUSPENDED_BEFORE)),
    ),
    rule(
        "ENTER-4",
        "the recognition given is suspended today, not since yesterday no more",
        holds=recognitions(a_recognition(suspensions=SUSPENDED), a_recognition("another")),
        near_miss=recognitions(a_recognition(suspensions=SUSPENDED_BEFORE), a_recognition("another")),
    ),
    rule(
        "ENTER-4",
        "it is the recognition given that is suspended",
        holds=recognitions(a_recognition(suspensions=SUSPENDED), a_recognition("another")),
        near_miss=recognitions(a_recognition(), a_recognition("another", suspensions=SUSPENDED)),
    ),
    rule(
        "ENTER-4",
        "a context that is called as a suspended recognition is one",
        given=recognitions(a_recognition(suspensions=SUSPENDED), a_recognition("another")),
        holds={"right": a_right()},
        near_miss={"right": a_right(context_kind=ContextKind.PROFILE, profiles=(RECOGNITION,))},
    ),
    rule(
        "ENTER-4",
        "the recognition given ended yesterday, not today",
        holds=recognitions(a_recognition(period=Period(LONG_AGO, YESTERDAY)), a_recognition("another")),
        near_miss=recognitions(a_recognition(period=Period(LONG_AGO, TODAY)), a_recognition("another")),
    ),
    rule(
        "ENTER-4",
        "the recognition given is not the enterprise's",
        holds=recognitions(a_recognition("another")),
        near_miss=recognitions(a_recognition("another"), a_recognition()),
    ),
    rule(
        "ENTER-4",
        "the establishment moved to another enterprise today, not tomorrow",
        given=for_(ESTABLISHMENT),
        holds=unit(owners=((None, ENTERPRISE), (TODAY, OTHER_ENTERPRISE))),
        near_miss=unit(owners=((None, ENTERPRISE), (TOMORROW, OTHER_ENTERPRISE))),
    ),
    rule(
        "ENTER-4",
        "the establishment closed yesterday, not today",
        given=for_(ESTABLISHMENT),
        holds=unit(period=Period(LONG_AGO, YESTERDAY)),
        near_miss=unit(period=Period(LONG_AGO, TODAY)),
    ),
    rule(
        "ENTER-4",
        "the profile is not in the right's list",
        given={"right": BY_PROFILE},
        holds=for_("editor"),
        near_miss=for_("reader"),
    ),
    rule("ENTER-5", "no context is given", holds={"ask": {"contexts": ()}}),
)


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
