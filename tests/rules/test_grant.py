"""GRANT: each condition, and its near miss."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import ContextKind, Domain, FunctionCode, Role, TargetGroup
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    DAY,
    ENTERPRISE,
    ESTABLISHMENT,
    IN_A_MONTH,
    LONG_AGO,
    MAIN,
    MAX_DAYS,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_function,
    a_grant,
    a_person,
    a_recognition,
    a_register,
    a_request,
    a_right,
    a_work_relation,
    an_appointment,
    an_establishment,
    an_offer,
    situation,
)
from tests.rules.pairs import Spoilt, decided, missed, rule

GRANT, EXTEND, REVOKE = Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.REVOKE_GRANT
REQUEST, APPROVE = Action.REQUEST_RIGHT, Action.APPROVE_REQUEST
WITH_PERIOD = (GRANT, APPROVE)
LONGEST = timedelta(days=MAX_DAYS)
AS_OUTSIDER: Spoilt = {"ask": {"actor": OUTSIDER}}
LOCAL = Role.LOCAL_ADMINISTRATOR
FLEMISH = Domain.FLEMISH_GOVERNMENT


def grantors(*roles: Role, **more: Any) -> Spoilt:
    return {"right": a_right(grantors=frozenset(roles), **more)}


def roles(*held: object) -> Spoilt:
    return {"appointments": held}


def asked(first: date, last: date | None) -> Spoilt:
    return {"ask": {"period": Period(first, last)}}


def until(last: date) -> Spoilt:
    return {"ask": {"last_day": last}}


def recognition(**spoilt: Any) -> Spoilt:
    return {"register": a_register(recognitions=(a_recognition(**spoilt),))}


def recognised_and(**spoilt: Any) -> Spoilt:
    """Another recognition keeps the enterprise recognised, so that only the first decides."""
    return {"register": a_register(recognitions=(a_recognition(**spoilt), a_recognition("another")))}


def for_contexts(*contexts: str) -> Any:
    """Contexts of the question, or of the thing that it names."""

    def spoil(action: Action) -> Spoilt:
        match action:
            case Action.EXTEND_GRANT:
                return {"grant": a_grant(contexts=contexts)}
            case Action.APPROVE_REQUEST:
                return {"request": a_request(contexts=contexts)}
        return {"ask": {"contexts": contexts}}

    return spoil


def establishment(**spoilt: Any) -> Any:
    """A right for establishments, and the unit that is asked for."""

    def spoil(action: Action) -> Spoilt:
        unit = a_register(establishments=(an_establishment(**spoilt),))
        right = a_right(context_kind=ContextKind.ESTABLISHMENT)
        return {**for_contexts(ESTABLISHMENT)(action), "register": unit, "right": right}

    return spoil


def profile(value: str) -> Any:
    def spoil(action: Action) -> Spoilt:
        right = a_right(context_kind=ContextKind.PROFILE, profiles=("reader", "editor"))
        return {**for_contexts(value)(action), "right": right}

    return spoil


def another(**spoilt: Any) -> Any:
    """Another grant beside the one that an extension names."""

    def spoil(action: Action) -> Spoilt:
        period = Period(IN_A_MONTH, IN_A_MONTH)
        grant = a_grant(**{"id": "another", "period": period, **spoilt})
        return {"grants": (a_grant(), grant) if action is EXTEND else (grant,)}

    return spoil


def named(**spoilt: Any) -> Spoilt:
    return {"grant": a_grant(**spoilt)}


def relation(first: date, last: date | None, person: str = WORKER) -> Spoilt:
    return {"work_relations": (a_work_relation(person, period=Period(first, last)),)}


PAIRS = (
    rule("GRANT-1", "the actor has a role that may grant it", holds={}, near_miss=AS_OUTSIDER),
    *(
        rule(
            "GRANT-1",
            f"the role {role} is one that may grant it",
            given=roles(an_appointment(role, MAIN)),
            holds=grantors(role),
            near_miss=grantors(other),
        )
        for role, other in (
            (Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER),
            (Role.CO_MAIN_ACCESS_MANAGER, Role.MAIN_ACCESS_MANAGER),
        )
    ),
    *(
        rule(
            "GRANT-1",
            f"the role {role} was accepted, not only offered",
            given=grantors(role),
            holds=roles(an_appointment(role, MAIN, domain=FLEMISH)),
            near_miss=roles(an_offer(role, MAIN, domain=FLEMISH)),
        )
        for role in (Role.MAIN_ACCESS_MANAGER, Role.CO_MAIN_ACCESS_MANAGER, Role.ACCESS_MANAGER)
    ),
    rule(
        "GRANT-1",
        "a representative, if the right lets them",
        given={"ask": {"actor": REPRESENTATIVE}},
        holds=grantors(Role.LEGAL_REPRESENTATIVE),
        near_miss=grantors(Role.MAIN_ACCESS_MANAGER),
    ),
    rule(
        "GRANT-1",
        "the function represents",
        given={"ask": {"actor": REPRESENTATIVE}} | grantors(Role.LEGAL_REPRESENTATIVE),
        holds={},
        near_miss={"register": a_register(functions=(a_function(code=FunctionCode.FOUNDER),))},
    ),
    rule(
        "GRANT-1",
        "an access manager's domain is the right's",
        given=roles(an_appointment(Role.ACCESS_MANAGER, MAIN, domain=Domain.ECONOMY)),
        holds=grantors(Role.ACCESS_MANAGER, domain=Domain.ECONOMY),
        near_miss=grantors(Role.ACCESS_MANAGER, domain=FLEMISH),
    ),
    rule(
        "GRANT-1",
        "an access manager for all counts for every domain",
        given=grantors(Role.ACCESS_MANAGER),
        holds=roles(an_appointment(Role.ACCESS_MANAGER, MAIN, domain=Domain.ALL)),
        near_miss=roles(an_appointment(Role.ACCESS_MANAGER, MAIN, domain=Domain.FINANCE)),
    ),
    rule(
        "GRANT-1",
        "a claim counts while its holder has another role",
        given=grantors(Role.MAIN_LOCAL_ADMINISTRATOR),
        holds=roles(
            an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, MAIN), an_appointment(Role.CO_MAIN_ACCESS_MANAGER, MAIN)
        ),
        near_miss=roles(an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, MAIN)),
    ),
    rule(
        "GRANT-1",
        "a local administrator counts with a work relation",
        given={**grantors(LOCAL), **roles(an_appointment(LOCAL, OUTSIDER)), **AS_OUTSIDER},
        holds={"work_relations": (a_work_relation(), a_work_relation(OUTSIDER))},
        near_miss={"work_relations": (a_work_relation(),)},
    ),
    rule("GRANT-1", "no role may grant it", holds={}, near_miss=grantors()),
    *(
        rule("GRANT-2", condition, *WITH_PERIOD, holds=relation(*holds), near_miss=relation(*near_miss))
        for condition, holds, near_miss in (
            ("the relation begins a day too late", (TOMORROW, None), (TODAY, None)),
            ("the relation ends a day too early", (TODAY, IN_A_MONTH - DAY), (TODAY, IN_A_MONTH)),
            ("the relation is another person's", (TODAY, None, OUTSIDER), (TODAY, None)),
        )
    ),
    *(
        rule("GRANT-2", condition, EXTEND, holds=relation(*holds), near_miss=relation(*near_miss))
        for condition, holds, near_miss in (
            ("the relation begins after the grant did", (date(2026, 1, 2), None), (date(2026, 1, 1), None)),
            ("the relation ends a day too early", (LONG_AGO, IN_A_MONTH - DAY), (LONG_AGO, IN_A_MONTH)),
            ("the relation is another person's", (LONG_AGO, None, OUTSIDER), (LONG_AGO, None)),
        )
    ),
    rule(
        "GRANT-2",
        "two relations cover it together, and none alone",
        *WITH_PERIOD,
        holds={
            "work_relations": (
                a_work_relation(period=Period(LONG_AGO, TODAY)),
                a_work_relation(id="next", period=Period(TOMORROW, None)),
            )
        },
        near_miss=relation(LONG_AGO, None),
    ),
    rule(
        "GRANT-3",
        "the enterprise is a local authority",
        holds={"target_group": TargetGroup.LB},
        near_miss={"target_group": TargetGroup.EA},
    ),
    rule(
        "GRANT-3",
        "the right is offered to another target group",
        holds={"right": a_right(target_groups=frozenset({TargetGroup.LB}))},
        near_miss={"right": a_right(target_groups=frozenset({TargetGroup.LB, TargetGroup.EA}))},
    ),
    rule("GRANT-4", "no context is given", holds=for_contexts(), near_miss=for_contexts(RECOGNITION)),
    rule("GRANT-5", "no such recognition", holds=for_contexts("99999"), near_miss=for_contexts(RECOGNITION)),
    rule(
        "GRANT-5",
        "one of two does not belong",
        holds=for_contexts(RECOGNITION, "99999"),
        near_miss=for_contexts(RECOGNITION),
    ),
    rule(
        "GRANT-5",
        "the recognition ended yesterday, not today",
        holds=recognised_and(period=Period(LONG_AGO, YESTERDAY)),
        near_miss=recognised_and(period=Period(LONG_AGO, TODAY)),
    ),
    rule(
        "GRANT-5",
        "the recognition begins tomorrow, not today",
        holds=recognised_and(period=Period(TOMORROW, None)),
        near_miss=recognised_and(period=Period(TODAY, None)),
    ),
    rule(
        "GRANT-5",
        "the recognition is over on the first day of the grant, though not today",
        *WITH_PERIOD,
        given=asked(TOMORROW, IN_A_MONTH),
        holds=recognised_and(period=Period(LONG_AGO, TODAY)),
        near_miss=recognised_and(period=Period(LONG_AGO, TOMORROW)),
    ),
    rule(
        "GRANT-5",
        "for an extension, what counts is today",
        EXTEND,
        given=named(period=Period(date(2026, 1, 1), YESTERDAY + 5 * DAY)),
        holds=recognised_and(period=Period(TOMORROW, None)),
        near_miss=recognised_and(period=Period(TODAY, None)),
    ),
    rule(
        "GRANT-5",
        "the establishment is another enterprise's from today on, not from tomorrow",
        holds=establishment(owners=((None, ENTERPRISE), (TODAY, OTHER_ENTERPRISE))),
        near_miss=establishment(owners=((None, ENTERPRISE), (TOMORROW, OTHER_ENTERPRISE))),
    ),
    rule(
        "GRANT-5",
        "the establishment becomes the enterprise's tomorrow, not today",
        holds=establishment(owners=((None, OTHER_ENTERPRISE), (TOMORROW, ENTERPRISE))),
        near_miss=establishment(owners=((None, OTHER_ENTERPRISE), (TODAY, ENTERPRISE))),
    ),
    rule(
        "GRANT-5",
        "the establishment closed yesterday, not today",
        holds=establishment(period=Period(LONG_AGO, YESTERDAY)),
        near_miss=establishment(period=Period(LONG_AGO, TODAY)),
    ),
    rule(
        "GRANT-5",
        "the establishment is another one",
        holds=establishment(number="2000000141"),
        near_miss=establishment(),
    ),
    rule("GRANT-5", "the profile is not in the right's list", holds=profile("owner"), near_miss=profile("editor")),
    rule(
        "GRANT-6",
        "the period begins yesterday, not today",
        holds=asked(YESTERDAY, IN_A_MONTH),
        near_miss=asked(TODAY, IN_A_MONTH),
    ),
    rule(
        "GRANT-7",
        "the period ends the day before it begins, not that day",
        *WITH_PERIOD,
        given=relation(LONG_AGO, None),
        holds=asked(TOMORROW, TODAY),
        near_miss=asked(TOMORROW, TOMORROW),
    ),
    rule("GRANT-7", "the new end is yesterday, not today", EXTEND, holds=until(YESTERDAY), near_miss=until(TODAY)),
    rule(
        "GRANT-7",
        "the new end is before a grant that has not begun",
        EXTEND,
        given=named(period=Period(IN_A_MONTH, IN_A_MONTH)),
        holds=until(IN_A_MONTH - DAY),
        near_miss=until(IN_A_MONTH),
    ),
    rule(
        "GRANT-8",
        "the end lies a day further than the longest period after the beginning",
        *WITH_PERIOD,
        holds=asked(TOMORROW, TOMORROW + LONGEST + DAY),
        near_miss=asked(TOMORROW, TOMORROW + LONGEST),
    ),
    rule(
        "GRANT-8",
        "the period has no end",
        *WITH_PERIOD,
        holds=asked(TODAY, None),
        near_miss=asked(TODAY, IN_A_MONTH),
    ),
    rule(
        "GRANT-8",
        "an extension counts from today when the grant has begun",
        EXTEND,
        holds=until(TODAY + LONGEST + DAY),
        near_miss=until(TODAY + LONGEST),
    ),
    rule(
        "GRANT-8",
        "an extension counts from the beginning of a grant that has not begun",
        EXTEND,
        given=named(period=Period(IN_A_MONTH, IN_A_MONTH)),
        holds=until(IN_A_MONTH + LONGEST + DAY),
        near_miss=until(IN_A_MONTH + LONGEST),
    ),
    rule(
        "GRANT-8",
        "a right has its own longest period",
        holds={"right": a_right(max_days=30)},
        near_miss={"right": a_right(max_days=31)},
    ),
    *(
        rule(
            "GRANT-9",
            condition,
            given={"right": a_right(context_kind=ContextKind.PROFILE, profiles=(RECOGNITION,))},
            holds=holds,
            near_miss=near_miss,
        )
        for condition, holds, near_miss in (
            ("no recognition", {"register": a_register(recognitions=())}, {}),
            (
                "the recognition ended yesterday, not today",
                recognition(period=Period(LONG_AGO, YESTERDAY)),
                recognition(period=Period(LONG_AGO, TODAY)),
            ),
            (
                "the recognition is suspended until today, not until yesterday",
                recognition(suspensions=(Period(LONG_AGO, TODAY),)),
                recognition(suspensions=(Period(LONG_AGO, YESTERDAY),)),
            ),
            (
                "one of two suspensions is on, not about to be",
                recognition(suspensions=(Period(LONG_AGO, YESTERDAY), Period(TODAY, None))),
                recognition(suspensions=(Period(LONG_AGO, YESTERDAY), Period(TOMORROW, None))),
            ),
        )
    ),
    rule(
        "GRANT-9",
        "the right needs a recognition",
        given=recognition(suspensions=(Period(LONG_AGO, None),)),
        holds={"right": a_right()},
        near_miss={"right": a_right(needs_recognition=False)},
    ),
    rule("GRANT-10", "another grant shares a context and a day", holds=another(), near_miss={}),
    rule("GRANT-10", "it is the same person's", holds=another(), near_miss=another(holder=OUTSIDER)),
    rule("GRANT-10", "it is of the same right", holds=another(), near_miss=another(right="subsidy_desk")),
    rule(
        "GRANT-10",
        "one context of several is in common",
        holds=another(contexts=("99999", RECOGNITION)),
        near_miss=another(contexts=("99999",)),
    ),
    rule(
        "GRANT-10",
        "the last day is in common, not the day after",
        holds=another(period=Period(IN_A_MONTH, None)),
        near_miss=another(period=Period(IN_A_MONTH + DAY, None)),
    ),
    rule(
        "GRANT-10",
        "it is revoked after this moment, not at it",
        holds=another(revoked_at=NOW + SECOND),
        near_miss=another(revoked_at=NOW),
    ),
    rule(
        "GRANT-10",
        "it has a day",
        holds=another(period=Period(TOMORROW, TOMORROW)),
        near_miss=another(period=Period(TOMORROW, TODAY)),
    ),
    rule(
        "GRANT-11",
        "four-eyes is on",
        given={"concerned": a_person(MAIN), "work_relations": (a_work_relation(MAIN),)},
        holds={"four_eyes": True},
        near_miss={"four_eyes": False},
    ),
    rule(
        "GRANT-11",
        "the holder is the actor",
        given={"four_eyes": True, "work_relations": (a_work_relation(MAIN), a_work_relation())},
        holds={"concerned": a_person(MAIN)},
        near_miss={"concerned": a_person(WORKER)},
    ),
    rule(
        "GRANT-12",
        "the grant was revoked at this moment, not after it",
        holds=named(revoked_at=NOW),
        near_miss=named(revoked_at=NOW + SECOND),
    ),
    rule(
        "GRANT-12",
        "the last day of the grant was yesterday, not today",
        holds=named(period=Period(date(2026, 1, 1), YESTERDAY)),
        near_miss=named(period=Period(date(2026, 1, 1), TODAY)),
    ),
    rule(
        "GRANT-13",
        "the actor is the holder",
        given={"appointments": ()},
        holds={"ask": {"actor": WORKER}},
        near_miss=AS_OUTSIDER,
    ),
)


def test_a_grant_that_begins_too_early_and_ends_too_late_is_refused_for_every_reason() -> None:
    facts = situation(GRANT, {"period": Period(YESTERDAY, None), "contexts": ()}, work_relations=())
    assert decide(facts, CATALOGUE).because == ("GRANT-2", "GRANT-4", "GRANT-6", "GRANT-8")


def test_extending_may_bring_the_end_forward() -> None:
    assert decide(situation(EXTEND, {"last_day": TODAY}), CATALOGUE).allowed is True


def test_a_period_of_no_day_is_refused_and_overlaps_nothing() -> None:
    facts = situation(GRANT, {"period": Period(TOMORROW, TODAY)}, grants=(a_grant(),))
    assert decide(facts, CATALOGUE).because == ("GRANT-7",)


def test_the_grant_that_is_extended_does_not_stand_in_its_own_way() -> None:
    itself = a_grant()
    assert decide(situation(EXTEND, grant=itself, grants=(itself,)), CATALOGUE).because == ("GRANT-1",)
    other = replace(itself, id="other")
    assert decide(situation(EXTEND, grant=itself, grants=(itself, other)), CATALOGUE).because == ("GRANT-10",)


def test_renouncing_a_right_that_one_may_grant_is_allowed_for_both_reasons() -> None:
    own = a_grant(MAIN)
    assert decide(situation(REVOKE, grant=own), CATALOGUE).because == ("GRANT-1", "GRANT-13")


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
