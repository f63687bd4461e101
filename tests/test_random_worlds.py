"""The random documents are worth comparing with: repeatable, right by the oracle, and showing every rule often."""

from __future__ import annotations

from tests.oracle import run
from tests.random_worlds import coverage, random_document

EXPECTED = {True: "allowed", False: "refused"}
"""What a step carries for each outcome."""


def test_one_seed_is_one_document():
    assert random_document(3, steps=40) == random_document(3, steps=40)
    assert random_document(3, steps=40) != random_document(4, steps=40)


def test_the_steps_carry_what_the_oracle_says_to_the_whole_document():
    for seed in range(30):
        document = random_document(seed)
        results = run(document)
        carried = [(step.get("expect", "allowed"), step.get("because", [])) for step in document["steps"]]
        assert [(EXPECTED[result["allowed"]], result["because"]) for result in results] == carried
        assert [result["index"] for result in results] == list(range(80))


def test_every_rule_is_often_a_reason_and_much_is_allowed():
    decisions, allowed, rules = coverage(150)
    assert [rule for rule, count in rules.items() if count < decisions / 1000] == []
    assert allowed > decisions * 3 / 10
