"""The catalogue says what the rulebook says, and no rule goes without a near miss."""

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.decide import Mender, decide
from accessmgr.core.rules import CATALOGUE, RULES
from tests.builders import situation
from tests.rules import (
    test_accept,
    test_appoint,
    test_enter,
    test_grant,
    test_history,
    test_key,
    test_link,
    test_register,
    test_request,
    test_sign_in,
)
from tests.rules.pairs import PERMITTED_BY
from tests.rules.rulebook import TABLE, actions_of

FAMILIES = (
    test_sign_in,
    test_key,
    test_register,
    test_appoint,
    test_accept,
    test_link,
    test_grant,
    test_request,
    test_enter,
    test_history,
)
TRIED = {(pair.rule, action) for family in FAMILIES for pair in family.PAIRS for action in pair.tried}


def test_the_catalogue_has_the_69_rules_of_the_rulebook_and_no_other() -> None:
    assert len(TABLE) == 69
    assert [rule.id for rule in CATALOGUE] == list(RULES)
    assert sorted(RULES) == sorted(TABLE)


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_has_the_effect_of_the_rulebook(rule: str) -> None:
    assert RULES[rule].effect == TABLE[rule][0]


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_speaks_of_the_actions_of_the_rulebook(rule: str) -> None:
    assert RULES[rule].actions == frozenset(actions_of(rule))


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_names_the_sources_of_the_rulebook(rule: str) -> None:
    assert RULES[rule].source == tuple(TABLE[rule][2].split())


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_says_what_it_means_in_sentences(rule: str) -> None:
    for sentence in (RULES[rule].says, RULES[rule].mend):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence == " ".join(sentence.split())


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_says_who_could_mend_a_refusal(rule: str) -> None:
    menders = RULES[rule].menders
    assert len(menders) >= 1
    assert all(isinstance(mender, Mender) for mender in menders)


def test_no_two_rules_of_an_action_say_the_same() -> None:
    said = [(action, rule.says) for rule in CATALOGUE for action in rule.actions]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_belongs_to_the_family_that_its_id_names(rule: str) -> None:
    assert f"{RULES[rule].family}-{rule.rsplit('-')[-1]}" == rule


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_is_tried_with_a_near_miss_for_each_of_its_actions(rule: str) -> None:
    assert {action for tried, action in TRIED if tried == rule} == set(actions_of(rule))


def test_every_pair_is_about_a_rule_and_an_action_of_the_rulebook() -> None:
    assert {(rule, action) for rule in TABLE for action in actions_of(rule)} == TRIED


@pytest.mark.parametrize("action", Action)
def test_the_ordinary_question_is_allowed_by_one_permit(action: Action) -> None:
    decision = decide(situation(action), CATALOGUE)
    assert decision.allowed is True
    assert decision.because == (PERMITTED_BY[action],)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_permit_and_every_other_rule_forbids(action: Action) -> None:
    rules = [rule for rule in CATALOGUE if action in rule.actions]
    effects = {str(rule.effect) for rule in rules}
    assert effects == {"permit", "forbid"}


@pytest.mark.parametrize("action", Action)
def test_no_rule_is_broken_by_the_ordinary_question(action: Action) -> None:
    decision = decide(situation(action), CATALOGUE)
    assert [finding.rule.id for finding in decision.findings if finding.broken] == []
