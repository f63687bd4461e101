"""Why a function represents or not, and that it says the same as the condition of the rules."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import BRUSSELS, Period
from accessmgr.core.facts import Facts
from accessmgr.core.model import Function, FunctionCode, Person, Register
from accessmgr.core.representation import Standing, representatives, why_represents
from accessmgr.core.rules.conditions import is_legal_representative

TODAY = date(2026, 3, 2)
ENTERPRISE = "1999000150"
DIRECTOR = Function("f1", ENTERPRISE, FunctionCode.DIRECTOR, "hilde", None, Period(date(2016, 3, 15), None))
TRUSTEE = Function("f2", ENTERPRISE, FunctionCode.TRUSTEE, "luc", None, Period(date(2026, 2, 2), None))


def standing(*functions: Function) -> Standing:
    return why_represents(functions, TODAY)[0].standing


def test_a_director_whose_function_is_valid_today_represents() -> None:
    assert standing(DIRECTOR) is Standing.REPRESENTS
    assert representatives([DIRECTOR], TODAY) == {"hilde"}


def test_a_founder_never_represents() -> None:
    assert standing(replace(DIRECTOR, code=FunctionCode.FOUNDER)) is Standing.NOT_REPRESENTING


def test_a_function_counts_on_its_first_and_its_last_day_and_on_no_day_beside() -> None:
    def lasting(first: date, last: date | None) -> Standing:
        return standing(replace(DIRECTOR, period=Period(first, last)))

    yesterday, tomorrow = TODAY - timedelta(1), TODAY + timedelta(1)
    assert lasting(TODAY, TODAY) is Standing.REPRESENTS
    assert lasting(date(2016, 3, 15), yesterday) is Standing.OVER
    assert lasting(tomorrow, None) is Standing.NOT_YET


def test_a_trustee_displaces_a_director_and_represents_alone() -> None:
    director, trustee = why_represents([DIRECTOR, TRUSTEE], TODAY)
    assert director.standing is Standing.DISPLACED
    assert director.displaced_by == (TRUSTEE,)
    assert trustee.standing is Standing.REPRESENTS
    assert trustee.displaced_by == ()
    assert representatives([DIRECTOR, TRUSTEE], TODAY) == {"luc"}


def test_a_trustee_whose_function_is_over_displaces_nobody() -> None:
    over = replace(TRUSTEE, period=Period(date(2025, 1, 1), TODAY - timedelta(1)))
    assert standing(DIRECTOR, over) is Standing.REPRESENTS


def test_an_enterprise_that_names_nobody_represents_by_nobody_and_displaces_all_the_same() -> None:
    nameless = replace(TRUSTEE, holder=None, held_by="1999000546")
    director, trustee = why_represents([DIRECTOR, nameless], TODAY)
    assert director.standing is Standing.DISPLACED
    assert trustee.standing is Standing.NAMES_NOBODY
    assert representatives([DIRECTOR, nameless], TODAY) == frozenset()


def test_a_permanent_representative_represents_through_the_enterprise_that_names_them() -> None:
    assert standing(replace(DIRECTOR, held_by="1999000546")) is Standing.REPRESENTS


def test_a_holder_without_a_national_number_cannot_act_here() -> None:
    assert standing(replace(DIRECTOR, holder=None)) is Standing.NO_NUMBER


PEOPLE = ("hilde", "luc", "karel")
days = st.integers(-3, 3).map(lambda offset: TODAY + timedelta(offset))
functions = st.builds(
    Function,
    id=st.uuids().map(str),
    enterprise=st.just(ENTERPRISE),
    code=st.sampled_from(FunctionCode),
    holder=st.sampled_from((*PEOPLE, None)),
    held_by=st.sampled_from((None, "1999000546")),
    period=st.builds(Period, days, st.none() | days),
)


@given(st.lists(functions, max_size=5))
def test_the_explanation_and_the_condition_of_the_rules_name_the_same_representatives(held: list[Function]) -> None:
    facts = Facts(
        ask=Ask(action=Action.APPOINT_MAIN_ACCESS_MANAGER, actor="hilde", enterprise=ENTERPRISE),
        at=datetime(2026, 3, 2, 9, tzinfo=BRUSSELS),
        actor=Person("hilde"),
        register=Register(Period(date(2016, 3, 15), None), tuple(held)),
    )
    by_the_rules = {person for person in PEOPLE if is_legal_representative(facts, person)}
    assert representatives(held, TODAY) == by_the_rules
