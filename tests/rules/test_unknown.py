"""What is not known: neither a permit nor a forbid holds on it, unless its other facts settle it."""

from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.decide import decide, find
from accessmgr.core.model import ContextKind, Domain, Role
from accessmgr.core.rules import CATALOGUE, RULES
from accessmgr.core.rules.conditions import either
from tests.builders import (
    MAIN,
    NEWCOMER,
    REPRESENTATIVE,
    WORKER,
    a_grant,
    a_right,
    an_appointment,
    an_offer,
    situation,
)
from tests.rules.rulebook import TABLE, actions_of

MAIN_ROLE = Role.MAIN_ACCESS_MANAGER
OF_MAIN = an_appointment(MAIN_ROLE, MAIN)
BY_REPRESENTATIVE = a_right(grantors=frozenset({Role.LEGAL_REPRESENTATIVE}))
BY_BOTH = a_right(grantors=frozenset({Role.LEGAL_REPRESENTATIVE, MAIN_ROLE}))
BY_PROFILE = a_right(context_kind=ContextKind.PROFILE, profiles=("reader",))
AS_REPRESENTATIVE = {"actor": REPRESENTATIVE}
NO_ROLE: dict[str, Any] = {"appointments": ()}

# Every rule that may look at the register, with facts on which its answer could depend on nothing else.
DEPENDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "REG-1": ({}, {}),
    "APPOINT-1": ({}, {}),
    "APPOINT-2": ({"employee": False}, {}),
    "END-1": (AS_REPRESENTATIVE | {"without_successor": True}, {"appointment": an_appointment(MAIN_ROLE)}),
    "GRANT-1": (AS_REPRESENTATIVE, {"right": BY_REPRESENTATIVE}),
    "GRANT-5": ({"contexts": ("99999",)}, {}),
    "GRANT-9": ({}, {}),
    "REQUEST-4": (AS_REPRESENTATIVE, {"right": BY_REPRESENTATIVE}),
    "ENTER-3": ({}, {}),
    "ENTER-4": ({"contexts": ("99999",)}, {}),
    "HISTORY-2": (AS_REPRESENTATIVE, {}),
}
HOLD_ON_UNKNOWN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "REG-2": ({}, {}),
    "ACCEPT-3": ({}, {"appointment": an_offer(MAIN_ROLE, by=REPRESENTATIVE)}),
    "REQUEST-2": ({}, {"right": BY_REPRESENTATIVE} | NO_ROLE),
}


def silent(rules: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> list[Any]:
    return [
        pytest.param(rule, situation(action, ask, **{**spoilt, "register": None}), id=f"{rule} ({action})")
        for rule, (ask, spoilt) in rules.items()
        for action in actions_of(rule)
    ]


@pytest.mark.parametrize(("rule", "facts"), silent(DEPENDS))
def test_no_rule_holds_on_a_register_that_has_no_answer(rule: str, facts: Any) -> None:
    finding = find(RULES[rule], facts)
    assert finding.holds is False
    assert finding.facts["register"] is None


@pytest.mark.parametrize(("rule", "facts"), silent(HOLD_ON_UNKNOWN))
def test_what_asks_whether_somebody_could_takes_an_unknown_as_no(rule: str, facts: Any) -> None:
    assert find(RULES[rule], facts).holds is True


def test_no_other_rule_looks_at_the_register() -> None:
    names = {
        "APPOINT-1", "APPOINT-2", "ACCEPT-3", "END-1", "GRANT-1", "REQUEST-2", "REQUEST-4", "HISTORY-2", "REG-1",
        "REG-2", "GRANT-5", "GRANT-9", "ENTER-3", "ENTER-4",
    }  # fmt: skip
    assert set(DEPENDS) | set(HOLD_ON_UNKNOWN) == names
    spoilt: dict[str, Any] = {"right": BY_BOTH, "register": None}
    for rule in set(TABLE) - names:
        for action in actions_of(rule):
            assert "register" not in find(RULES[rule], situation(action, **spoilt)).facts


@pytest.mark.parametrize(
    ("rule", "action", "spoilt"),
    [
        ("GRANT-1", Action.GRANT_RIGHT, {"right": BY_BOTH}),
        ("REQUEST-4", Action.APPROVE_REQUEST, {"right": BY_BOTH}),
        ("HISTORY-2", Action.READ_HISTORY, {}),
        ("END-1", Action.END_APPOINTMENT, {}),
    ],
)
def test_a_role_settles_what_the_register_leaves_open(rule: str, action: Action, spoilt: dict[str, Any]) -> None:
    assert find(RULES[rule], situation(action, register=None, **spoilt)).holds is True


def test_one_who_could_grant_settles_what_the_register_leaves_open() -> None:
    facts = situation(Action.REQUEST_RIGHT, register=None, right=BY_BOTH)
    assert find(RULES["REQUEST-2"], facts).holds is False


def test_a_declared_employee_settles_what_the_register_leaves_open() -> None:
    facts = situation(Action.APPOINT_CO_MAIN_ACCESS_MANAGER, register=None)
    assert decide(facts, CATALOGUE).because == ("REG-2",)


@pytest.mark.parametrize("rule", ["GRANT-5", "ENTER-4"])
@pytest.mark.parametrize(("profile", "holds"), [("reader", False), ("owner", True)])
def test_a_profile_is_never_unknown(rule: str, profile: str, holds: bool) -> None:
    action = Action.GRANT_RIGHT if rule == "GRANT-5" else Action.ENTER_SECURE_AREA
    facts = situation(action, {"contexts": (profile,)}, register=None, right=BY_PROFILE)
    assert find(RULES[rule], facts).holds is holds


def test_an_enterprise_without_known_target_group_is_not_refused_for_it() -> None:
    facts = situation(Action.GRANT_RIGHT, target_group=None)
    assert find(RULES["GRANT-3"], facts).holds is False


@pytest.mark.parametrize("action", [Action.APPOINT_ACCESS_MANAGER, Action.LINK_PERSON])
def test_rules_about_a_person_who_was_not_found_do_not_hold(action: Action) -> None:
    held = (OF_MAIN, an_appointment(Role.ACCESS_MANAGER, NEWCOMER, domain=Domain.FINANCE))
    assert decide(situation(action, concerned=None, appointments=held), CATALOGUE).because == ("PERSON-2",)


def test_whoever_was_not_found_is_neither_outsider_nor_holder_nor_unlinked() -> None:
    main = situation(Action.APPOINT_MAIN_ACCESS_MANAGER, {"employee": False}, concerned=None)
    assert decide(main, CATALOGUE).because == ("PERSON-2",)
    local = situation(Action.APPOINT_LOCAL_ADMINISTRATOR, concerned=None, work_relations=())
    assert decide(local, CATALOGUE).because == ("PERSON-2",)


@pytest.mark.parametrize(
    ("answers", "together"),
    [
        ((), False),
        ((False, False), False),
        ((False, True), True),
        ((True, None), True),
        ((None, True), True),
        ((None, False), None),
        ((False, None), None),
        ((None, None), None),
    ],
)
def test_one_yes_settles_an_or_and_else_an_unknown_leaves_it_unknown(
    answers: tuple[bool | None, ...], together: bool | None
) -> None:
    assert either(answers) is together


OF_THE_RIGHT = (
    "KEY-3", "GRANT-1", "GRANT-3", "GRANT-5", "GRANT-8", "GRANT-9", "GRANT-10", "REQUEST-1", "REQUEST-2", "REQUEST-4",
    "ENTER-3", "ENTER-4",
)  # fmt: skip


def test_a_role_that_is_never_offered_cannot_be_accepted() -> None:
    claim = an_appointment(Role.MAIN_LOCAL_ADMINISTRATOR)
    with pytest.raises(ValueError, match=r"^the role `main_local_administrator` is not offered$"):
        RULES["ACCEPT-4"].when(situation(Action.ACCEPT_APPOINTMENT, appointment=claim))


@pytest.mark.parametrize("rule", OF_THE_RIGHT)
def test_no_rule_holds_on_a_right_that_is_not_known(rule: str) -> None:
    for action in actions_of(rule):
        finding = find(RULES[rule], situation(action, right=None, appointments=(), grants=(a_grant(id="another"),)))
        assert finding.holds is False
        assert finding.facts["right"] is None


def test_no_other_rule_looks_at_the_right() -> None:
    for rule in set(TABLE) - set(OF_THE_RIGHT):
        for action in actions_of(rule):
            assert "right" not in find(RULES[rule], situation(action)).facts


NAMED = {
    "ACCEPT-1": ("appointment", False),
    "ACCEPT-2": ("appointment", True),
    "ACCEPT-3": ("appointment", False),
    "ACCEPT-4": ("appointment", False),
    "END-1": ("appointment", False),
    "END-2": ("appointment", False),
    "END-3": ("appointment", False),
    "END-4": ("appointment", True),
    "LINK-3": ("relation", False),
    "LINK-4": ("relation", False),
    "GRANT-12": ("grant", False),
    "GRANT-13": ("grant", False),
    "REQUEST-5": ("request", False),
    "REQUEST-6": ("request", False),
    "REQUEST-8": ("request", False),
}


@pytest.mark.parametrize(("rule", "thing", "holds"), [(rule, *row) for rule, row in NAMED.items()])
def test_a_thing_that_the_question_does_not_name_is_neither_the_actor_s_nor_open(
    rule: str, thing: str, holds: bool
) -> None:
    for action in actions_of(rule):
        finding = find(RULES[rule], situation(action, **{thing: None, "concerned": None}))
        assert finding.holds is holds
        assert finding.broken is None


@pytest.mark.parametrize(
    ("action", "rules"),
    [
        (Action.LINK_PERSON, ("LINK-2", "LINK-5")),
        (Action.GRANT_RIGHT, ("GRANT-2", "GRANT-6", "GRANT-7", "GRANT-8", "GRANT-10")),
        (Action.APPROVE_REQUEST, ("GRANT-2", "GRANT-6", "GRANT-7", "GRANT-8", "GRANT-10")),
    ],
)
def test_no_rule_holds_on_a_period_that_is_not_given(action: Action, rules: tuple[str, ...]) -> None:
    facts = situation(action, {"period": None}, work_relations=(), grants=(a_grant(id="another"),))
    for rule in rules:
        assert find(RULES[rule], facts).holds is False


@pytest.mark.parametrize("rule", ["GRANT-2", "GRANT-10", "GRANT-11", "PERSON-1"])
def test_no_rule_holds_on_a_holder_who_is_not_known(rule: str) -> None:
    spoilt: dict[str, Any] = {"work_relations": (), "grants": (a_grant(id="another"),), "four_eyes": True}
    finding = find(RULES[rule], situation(Action.GRANT_RIGHT, concerned=None, **spoilt))
    assert (finding.holds, finding.broken) == (False, None)


def test_a_right_that_is_not_known_is_refused() -> None:
    for action in (Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.REVOKE_GRANT):
        assert decide(situation(action, right=None), CATALOGUE).allowed is False
    assert decide(situation(Action.REQUEST_RIGHT, {"actor": WORKER}, right=None), CATALOGUE).allowed is False
