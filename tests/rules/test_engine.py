"""What the engine promises, whatever the rules are."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accessmgr.core.actions import Action
from accessmgr.core.decide import Decision, Effect, Mender, Rule, decide, find
from accessmgr.core.facts import Facts
from accessmgr.core.rules import CATALOGUE
from tests.builders import NOW, TODAY, a_person, a_register, an_ask, facts_for, situation

ASKED, OTHER = Action.LINK_PERSON, Action.GRANT_RIGHT
FACTS = situation(ASKED)


def fails(facts: Facts) -> bool:
    raise LookupError("a fact that is not there")


ANSWERS: dict[str, Callable[[Facts], Any]] = {
    "holds": lambda facts: True,
    "does not hold": lambda facts: False,
    "raises": fails,
    "answers nothing": lambda facts: None,
    "answers one": lambda facts: 1,
    "answers nought": lambda facts: 0,
    "answers yes": lambda facts: "yes",
    "answers a list": lambda facts: [True],
}
BROKEN = tuple(name for name in ANSWERS if name not in ("holds", "does not hold"))


def a_rule(id_: str, effect: Effect = Effect.PERMIT, answer: str = "holds", *actions: Action) -> Rule:
    return Rule(
        id=id_,
        effect=effect,
        actions=frozenset(actions or (ASKED,)),
        says=f"{answer}.",
        mend="Nothing.",
        menders=(Mender.NOBODY,),
        source=("I",),
        when=ANSWERS[answer],
    )


ids = st.builds("{}-{}".format, st.sampled_from(["GRANT", "KEY", "LINK"]), st.integers(1, 20))
rules = st.builds(
    a_rule,
    ids,
    st.sampled_from(Effect),
    # Most answer as they should, or a broken one would hide all else.
    st.one_of(st.sampled_from(["holds", "does not hold"]), st.sampled_from(["holds", "does not hold", *BROKEN])),
    st.sampled_from([ASKED, ASKED, ASKED, OTHER]),
)
books = st.lists(rules, max_size=8, unique_by=lambda rule: rule.id)


def outcome(decision: Decision) -> tuple[bool, tuple[str, ...]]:
    return decision.allowed, decision.because


@given(books, rules)
def test_adding_a_forbid_never_allows(book: list[Rule], rule: Rule) -> None:
    forbid = a_rule("NEW-1", Effect.FORBID, rule.says.removesuffix("."), *rule.actions)
    before, after = decide(FACTS, book), decide(FACTS, [*book, forbid])
    assert (before.allowed, after.allowed) in {(True, True), (True, False), (False, False)}


@given(books)
def test_adding_a_forbid_that_holds_refuses(book: list[Rule]) -> None:
    assert decide(FACTS, [*book, a_rule("NEW-1", Effect.FORBID)]).allowed is False


@given(books, st.data())
def test_removing_a_permit_never_allows_more(book: list[Rule], data: st.DataObject) -> None:
    permits = [rule for rule in book if rule.effect is Effect.PERMIT and rule.says not in map("{}.".format, BROKEN)]
    assume(permits)
    removed = data.draw(st.sampled_from(permits))
    before, after = decide(FACTS, book), decide(FACTS, [rule for rule in book if rule is not removed])
    assert (before.allowed, after.allowed) in {(True, True), (True, False), (False, False)}


@given(books, st.randoms(use_true_random=False))
def test_order_does_not_matter(book: list[Rule], chance: random.Random) -> None:
    shuffled = book[:]
    chance.shuffle(shuffled)
    assert outcome(decide(FACTS, shuffled)) == outcome(decide(FACTS, book))


@given(books, st.data())
def test_repeating_a_rule_changes_nothing(book: list[Rule], data: st.DataObject) -> None:
    assume(book)
    repeated = [*book, data.draw(st.sampled_from(book))]
    assert outcome(decide(FACTS, repeated)) == outcome(decide(FACTS, book))


@given(books, st.sampled_from(Effect), st.sampled_from(BROKEN))
def test_a_broken_rule_refuses_whatever_else(book: list[Rule], effect: Effect, answer: str) -> None:
    working = [rule for rule in book if rule.says in ("holds.", "does not hold.")]
    assert outcome(decide(FACTS, [*working, a_rule("NEW-1", effect, answer)])) == (False, ("NEW-1",))


@given(books)
def test_no_rule_refuses(book: list[Rule]) -> None:
    of_other = [a_rule(rule.id, rule.effect, rule.says.removesuffix("."), OTHER) for rule in book]
    assert outcome(decide(FACTS, [])) == (False, ())
    assert outcome(decide(FACTS, of_other)) == (False, ())


@given(books)
def test_without_a_permit_that_holds_nothing_is_allowed(book: list[Rule]) -> None:
    unpermitted = [rule for rule in book if rule.effect is Effect.FORBID or rule.says != "holds."]
    assert decide(FACTS, unpermitted).allowed is False


@given(books)
def test_because_is_complete_and_sorted_as_plain_text(book: list[Rule]) -> None:
    of_action = [rule for rule in book if ASKED in rule.actions]
    broken = [rule.id for rule in of_action if rule.says.removesuffix(".") in BROKEN]
    forbids = [rule.id for rule in of_action if rule.effect is Effect.FORBID and rule.says == "holds."]
    permits = [rule.id for rule in of_action if rule.effect is Effect.PERMIT]
    holding = [rule.id for rule in of_action if rule.effect is Effect.PERMIT and rule.says == "holds."]
    decision = decide(FACTS, book)
    assert list(decision.because) == sorted(broken or forbids or holding or permits)


def test_ids_are_sorted_as_text_and_not_as_numbers() -> None:
    book = [a_rule("GRANT-2"), a_rule("KEY-1"), a_rule("GRANT-10"), a_rule("APPOINT-9")]
    assert decide(FACTS, book).because == ("APPOINT-9", "GRANT-10", "GRANT-2", "KEY-1")


@given(books)
def test_only_rules_of_the_action_count(book: list[Rule]) -> None:
    of_action = [rule for rule in book if ASKED in rule.actions]
    decision = decide(FACTS, book)
    assert [finding.rule for finding in decision.findings] == of_action
    assert outcome(decision) == outcome(decide(FACTS, of_action))


def test_a_rule_of_several_actions_counts_for_each() -> None:
    rule = a_rule("LINK-1", Effect.PERMIT, "holds", ASKED, OTHER)
    assert outcome(decide(situation(ASKED), [rule])) == (True, ("LINK-1",))
    assert outcome(decide(situation(OTHER), [rule])) == (True, ("LINK-1",))
    assert outcome(decide(situation(Action.SIGN_IN), [rule])) == (False, ())


def test_each_step_of_the_decision_goes_before_the_next() -> None:
    holding, missing = a_rule("GRANT-1"), a_rule("GRANT-2", Effect.PERMIT, "does not hold")
    forbid, idle = a_rule("KEY-1", Effect.FORBID), a_rule("KEY-2", Effect.FORBID, "does not hold")
    broken = a_rule("LINK-1", Effect.FORBID, "raises")
    assert outcome(decide(FACTS, [missing, idle])) == (False, ("GRANT-2",))
    assert outcome(decide(FACTS, [missing, idle, holding])) == (True, ("GRANT-1",))
    assert outcome(decide(FACTS, [missing, idle, holding, forbid])) == (False, ("KEY-1",))
    assert outcome(decide(FACTS, [missing, idle, holding, forbid, broken])) == (False, ("LINK-1",))


def test_rules_may_come_from_an_iterator_that_is_read_once() -> None:
    assert outcome(decide(FACTS, iter([a_rule("LINK-1"), a_rule("LINK-2", Effect.PERMIT)]))) == (
        True,
        ("LINK-1", "LINK-2"),
    )


def test_a_decision_tells_the_action_and_the_findings_behind_its_reasons_in_order() -> None:
    book = [a_rule("LINK-3"), a_rule("LINK-2", Effect.PERMIT, "does not hold"), a_rule("LINK-1")]
    decision = decide(FACTS, book)
    assert decision.action is Action.LINK_PERSON
    assert [finding.rule.id for finding in decision.reasons] == ["LINK-1", "LINK-3"]
    assert [finding.holds for finding in decision.findings] == [True, False, True]


def test_a_decision_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match=r"^a decision has no truth value: ask for `allowed`$"):
        bool(decide(FACTS, CATALOGUE))


def test_a_finding_names_the_facts_it_read() -> None:
    def reads(facts: Facts) -> bool:
        return facts.today == TODAY and facts.register is None

    rule = Rule(
        id="LINK-1",
        effect=Effect.PERMIT,
        actions=frozenset({ASKED}),
        says="",
        mend="",
        menders=(),
        source=(),
        when=reads,
    )
    finding = find(rule, FACTS)
    assert finding.facts == {"today": TODAY, "register": a_register()}
    assert finding.holds is False
    assert finding.broken is None


def test_a_fact_that_was_not_read_is_not_named() -> None:
    assert find(a_rule("LINK-1"), FACTS).facts == {}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("raises", "LookupError"),
        ("answers nothing", "neither true nor false"),
        ("answers one", "neither true nor false"),
        ("answers yes", "neither true nor false"),
    ],
)
def test_a_broken_finding_tells_what_broke_it(answer: str, told: str) -> None:
    finding = find(a_rule("LINK-1", Effect.PERMIT, answer), FACTS)
    assert (finding.holds, finding.broken, finding.facts) == (None, told, {})


def test_a_finding_tells_what_was_read_before_it_broke() -> None:
    def reads_and_breaks(facts: Facts) -> bool:
        return facts.at == NOW and facts.actor.id[99] == ""

    rule = Rule(
        id="LINK-1",
        effect=Effect.FORBID,
        actions=frozenset({ASKED}),
        says="",
        mend="",
        menders=(),
        source=(),
        when=reads_and_breaks,
    )
    finding = find(rule, FACTS)
    assert (finding.holds, finding.broken) == (None, "IndexError")
    assert finding.facts == {"at": NOW, "actor": a_person(FACTS.actor.id)}


def test_what_is_no_fault_of_a_rule_is_not_caught() -> None:
    def interrupted(facts: Facts) -> bool:
        raise KeyboardInterrupt

    rule = a_rule("LINK-1")
    object.__setattr__(rule, "when", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decide(FACTS, [rule])


def test_a_decision_is_the_same_each_time_and_leaves_the_facts_as_they_are() -> None:
    facts = facts_for(an_ask(OTHER))
    first, second = decide(facts, CATALOGUE), decide(facts, CATALOGUE)
    assert outcome(first) == outcome(second)
    assert facts == facts_for(an_ask(OTHER))


@pytest.mark.parametrize(("id_", "family"), [("GRANT-10", "GRANT"), ("SIGNIN-1", "SIGNIN")])
def test_a_rule_s_family_is_its_id_without_the_number(id_: str, family: str) -> None:
    assert a_rule(id_).family == family


@pytest.mark.parametrize(
    ("book", "expected"),
    [
        pytest.param([a_rule("LINK-1")], True, id="a permit holds"),
        pytest.param([a_rule("LINK-1"), a_rule("LINK-2", Effect.FORBID)], True, id="a permit holds, and a forbid too"),
        pytest.param([a_rule("LINK-1", Effect.PERMIT, "does not hold")], False, id="no permit holds"),
        pytest.param([a_rule("LINK-1", Effect.PERMIT, "raises")], False, id="the permit is broken"),
        pytest.param([a_rule("LINK-1", Effect.FORBID)], False, id="only a forbid holds"),
        pytest.param([], False, id="no rule speaks of it"),
    ],
)
def test_a_decision_tells_whether_some_permit_holds_whatever_forbids(book: list[Rule], expected: bool) -> None:
    assert decide(FACTS, book).permitted is expected
