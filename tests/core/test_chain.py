"""The chain that pages draw says the same as the decision, and tells since when and why a link is broken."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessmgr.core.actions import Action
from accessmgr.core.chain import PLACES, Chain, Link, Place, Standing, build
from accessmgr.core.chain_causes import CAUSES, Cause
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import AppointmentState, FunctionCode, Role
from accessmgr.core.rules import CATALOGUE
from tests.builders import (
    LAST_YEAR,
    LONG_AGO,
    MAIN,
    NOW,
    OTHER_ENTERPRISE,
    RECOGNITION,
    REPRESENTATIVE,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_function,
    a_grant,
    a_person,
    a_recognition,
    a_register,
    a_work_relation,
    an_appointment,
    situation,
)

MAIN_ROLE = an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN, by=REPRESENTATIVE)


def entering(ask: Mapping[str, Any] | None = None, **spoilt: Any) -> Facts:
    return situation(Action.ENTER_SECURE_AREA, ask, **spoilt)


def chain_of(facts: Facts, *appointments: Any, functions: Any = None) -> Chain:
    held = (a_function(),) if functions is None else functions
    return build(decide(facts, CATALOGUE), facts, appointments or (MAIN_ROLE,), held)


def link(chain: Chain, place: Place) -> Link:
    return next(one for one in chain.links if one.place is place)


def test_an_ordinary_chain_holds_from_the_register_to_the_context() -> None:
    chain = chain_of(entering())

    assert [one.place for one in chain.links] == list(Place)
    assert {one.standing for one in chain.links} == {Standing.HOLDS}
    assert chain.unbroken is True
    assert chain.people == {REPRESENTATIVE, MAIN, WORKER}
    assert link(chain, Place.USER).since == LONG_AGO


def _recognised(period: Period, *suspensions: Period) -> dict[str, Any]:
    known = (a_recognition(period=period, suspensions=suspensions), a_recognition("67890"))
    return {"register": a_register(recognitions=known)}


LAST_WEEK = TODAY - timedelta(days=7)

NEAR_MISSES = [
    ({"register": None}, Place.REGISTER, "REG-2", Cause.UNKNOWN, None),
    ({"register": a_register(period=Period(LONG_AGO, YESTERDAY))}, Place.REGISTER, "REG-1", Cause.ENDED, TODAY),
    ({"register": a_register(period=Period(TOMORROW, None))}, Place.REGISTER, "REG-1", Cause.NOT_YET, TOMORROW),
    ({"actor": a_person(WORKER, deceased=YESTERDAY)}, Place.USER, "PERSON-3", Cause.DECEASED, YESTERDAY),
    ({"work_relations": ()}, Place.USER, "ENTER-2", Cause.NEVER, None),
    (
        {"work_relations": (a_work_relation(period=Period(LONG_AGO, YESTERDAY)),)},
        Place.USER,
        "ENTER-2",
        Cause.ENDED,
        TODAY,
    ),
    ({"ask": {"level": 350}}, Place.USER, "KEY-3", Cause.LEVEL, None),
    ({"grants": ()}, Place.GRANT, "ENTER-1", Cause.NEVER, None),
    ({"grants": (a_grant(period=Period(LONG_AGO, YESTERDAY)),)}, Place.GRANT, "ENTER-1", Cause.ENDED, TODAY),
    ({"grants": (a_grant(period=Period(TOMORROW, None)),)}, Place.GRANT, "ENTER-1", Cause.NOT_YET, TOMORROW),
    ({"grants": (a_grant(revoked_at=NOW),)}, Place.GRANT, "ENTER-1", Cause.REVOKED, TODAY),
    (_recognised(Period(LONG_AGO, YESTERDAY)), Place.CONTEXT, "ENTER-4", Cause.ENDED, TODAY),
    (
        _recognised(Period(LONG_AGO, None), Period(LAST_WEEK, None)),
        Place.CONTEXT,
        "ENTER-4",
        Cause.SUSPENDED,
        LAST_WEEK,
    ),
]


@pytest.mark.parametrize(("spoilt", "place", "rule", "cause", "since"), NEAR_MISSES)
def test_the_broken_link_is_the_one_that_fails_and_tells_since_when(
    spoilt: dict[str, Any], place: Place, rule: str, cause: Cause, since: date | None
) -> None:
    spoilt = dict(spoilt)
    chain = chain_of(entering(spoilt.pop("ask", None), **spoilt))

    broken = [one for one in chain.links if one.standing is Standing.BROKEN]
    assert [one.place for one in broken] == [place]
    assert [(one.rule, one.cause, one.since) for one in broken[0].complaints] == [(rule, cause, since)]
    assert chain.unbroken is False


def test_without_a_recognition_neither_register_nor_context_holds() -> None:
    chain = chain_of(entering(register=a_register(recognitions=())))

    assert [one.place for one in chain.links if one.standing is Standing.BROKEN] == [Place.REGISTER, Place.CONTEXT]


def test_without_a_context_the_grant_and_the_context_are_missing() -> None:
    chain = chain_of(entering({"contexts": ()}))

    assert [one.place for one in chain.links if one.standing is Standing.BROKEN] == [Place.GRANT, Place.CONTEXT]


def test_a_manager_who_left_office_does_not_break_what_they_granted() -> None:
    ended = replace(MAIN_ROLE, closed_at=NOW, outcome=AppointmentState.ENDED)
    chain = chain_of(entering(), ended)

    assert link(chain, Place.MANAGER).standing is Standing.FORMER
    assert link(chain, Place.MANAGER).holders[0].until == TODAY
    assert chain.unbroken is True


def test_a_representative_whose_function_ended_is_shown_as_former() -> None:
    chain = chain_of(entering(), functions=(a_function(period=Period(LONG_AGO, YESTERDAY)),))

    assert link(chain, Place.REPRESENTATIVE).standing is Standing.FORMER
    assert link(chain, Place.REPRESENTATIVE).holders[0].until == YESTERDAY
    assert chain.unbroken is True


def test_a_representative_displaced_by_a_trustee_is_shown_as_former() -> None:
    trustee = a_function("trustee", id="trusteeship", code=FunctionCode.TRUSTEE)
    chain = chain_of(entering(), functions=(a_function(), trustee))

    assert link(chain, Place.REPRESENTATIVE).standing is Standing.FORMER
    assert [holder.person for holder in link(chain, Place.REPRESENTATIVE).holders] == [REPRESENTATIVE]


def test_the_managers_stand_in_the_order_in_which_they_were_appointed() -> None:
    co_main = an_appointment(Role.CO_MAIN_ACCESS_MANAGER, "co-main", by=MAIN)
    chain = chain_of(entering(grants=(a_grant(by="co-main"),)), co_main, MAIN_ROLE)

    assert [(one.person, one.role) for one in link(chain, Place.MANAGER).holders] == [
        (MAIN, Role.MAIN_ACCESS_MANAGER),
        ("co-main", Role.CO_MAIN_ACCESS_MANAGER),
    ]


def test_a_claim_leads_to_the_role_on_which_it_rests() -> None:
    claim = an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR, "accountant", by="accountant")
    domain = an_appointment(Role.ACCESS_MANAGER, "accountant", by=MAIN)
    chain = chain_of(entering(grants=(a_grant(by="accountant"),)), claim, domain, MAIN_ROLE)

    assert [one.person for one in link(chain, Place.MANAGER).holders] == [MAIN, "accountant"]
    assert [one.person for one in link(chain, Place.REPRESENTATIVE).holders] == [REPRESENTATIVE]


def test_without_a_grant_the_managers_shown_are_those_who_could_give_it() -> None:
    refused = replace(MAIN_ROLE, id="other", holder="other", accepted_at=None, closed_at=LAST_YEAR)
    chain = chain_of(entering(grants=()), MAIN_ROLE, replace(refused, outcome=AppointmentState.REFUSED))

    assert [one.person for one in link(chain, Place.MANAGER).holders] == [MAIN]
    assert [one.person for one in link(chain, Place.REPRESENTATIVE).holders] == [REPRESENTATIVE]


def test_nobody_is_shown_where_nobody_is_known() -> None:
    refused = replace(MAIN_ROLE, accepted_at=None, closed_at=LAST_YEAR, outcome=AppointmentState.REFUSED)
    chain = chain_of(entering(grants=()), refused, functions=())

    assert link(chain, Place.MANAGER).standing is Standing.NOBODY
    assert link(chain, Place.REPRESENTATIVE).standing is Standing.NOBODY


def test_every_rule_about_entering_has_its_link_and_its_cause() -> None:
    about_entering = {rule.id for rule in CATALOGUE if Action.ENTER_SECURE_AREA in rule.actions}

    assert set(PLACES) == about_entering
    assert set(CAUSES) == about_entering


days = st.integers(-3, 3).map(lambda offset: TODAY + timedelta(days=offset))
periods = st.builds(Period, days, st.none() | days)
recognitions = st.builds(
    lambda number, period, suspensions: a_recognition(number, period=period, suspensions=suspensions),
    st.sampled_from([RECOGNITION, "67890"]),
    periods,
    st.lists(periods, max_size=1).map(tuple),
)
registers = st.builds(
    lambda period, known: a_register(period=period, recognitions=known),
    st.just(Period(LONG_AGO, None)) | periods,
    st.lists(recognitions, max_size=2).map(tuple),
)
grants = st.builds(
    lambda period, revoked, enterprise, contexts: a_grant(
        period=period, revoked_at=revoked, contexts=contexts, **({"enterprise": enterprise} if enterprise else {})
    ),
    periods,
    st.sampled_from([None, None, NOW, NOW + timedelta(seconds=1)]),
    st.sampled_from([None, None, OTHER_ENTERPRISE]),
    st.sampled_from([(RECOGNITION,), ("67890",), (RECOGNITION, "67890")]),
)
worlds = st.builds(
    lambda level, contexts, deceased, register, relations, held: entering(
        {"level": level, "contexts": contexts},
        actor=a_person(WORKER, deceased=deceased),
        register=register,
        work_relations=relations,
        grants=held,
    ),
    st.sampled_from([400, 400, 500, 350]),
    st.sampled_from([(RECOGNITION,), (RECOGNITION,), ()]),
    st.sampled_from([None, None, YESTERDAY, TODAY, TOMORROW]),
    st.just(a_register()) | st.none() | registers,
    st.just((a_work_relation(),))
    | st.lists(st.builds(lambda p: a_work_relation(period=p), periods), max_size=2).map(tuple),
    st.just((a_grant(),)) | st.lists(grants, max_size=2).map(tuple),
)


@given(worlds)
def test_the_drawn_chain_is_unbroken_exactly_when_entering_is_allowed(facts: Facts) -> None:
    chain = chain_of(facts)

    assert chain.unbroken is decide(facts, CATALOGUE).allowed
