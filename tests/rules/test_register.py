"""REG and PERSON: each condition, and its near miss."""

from dataclasses import replace
from datetime import date

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.rules import CATALOGUE
from tests.builders import LONG_AGO, TODAY, TOMORROW, YESTERDAY, a_person, a_register, situation
from tests.rules.pairs import Spoilt, decided, missed, rule


def actor_died_today(action: Action) -> Spoilt:
    return {"actor": a_person(situation(action).actor.id, deceased=TODAY)}


def actor_dies_tomorrow(action: Action) -> Spoilt:
    return {"actor": a_person(situation(action).actor.id, deceased=TOMORROW)}


def concerned_died_today(action: Action) -> Spoilt:
    return _concerned(action, TODAY)


def concerned_dies_tomorrow(action: Action) -> Spoilt:
    return _concerned(action, TOMORROW)


def _concerned(action: Action, deceased: date) -> Spoilt:
    concerned = situation(action).concerned
    assert concerned is not None
    return {"concerned": replace(concerned, deceased=deceased)}


PAIRS = (
    rule(
        "REG-1",
        "the last day of the enterprise was yesterday, not today",
        holds={"register": a_register(period=Period(LONG_AGO, YESTERDAY))},
        near_miss={"register": a_register(period=Period(LONG_AGO, TODAY))},
    ),
    rule(
        "REG-1",
        "the first day of the enterprise is tomorrow, not today",
        holds={"register": a_register(period=Period(TOMORROW, None))},
        near_miss={"register": a_register(period=Period(TODAY, None))},
    ),
    rule("REG-2", "the register has no answer", holds={"register": None}),
    rule(
        "PERSON-1",
        "the person died today, not tomorrow",
        holds=concerned_died_today,
        near_miss=concerned_dies_tomorrow,
    ),
    rule("PERSON-2", "no one known person was found", holds={"concerned": None}),
    rule("PERSON-3", "the actor died today, not tomorrow", holds=actor_died_today, near_miss=actor_dies_tomorrow),
)


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
