"""KEY: each condition, and its near miss."""

from accessmgr.core.actions import Action
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.rules import CATALOGUE
from tests.builders import NEWCOMER, a_right
from tests.rules.pairs import decided, missed, rule
from tests.rules.rulebook import actions_of

END = Action.END_APPOINTMENT
BUT_END = tuple(action for action in actions_of("KEY-2") if action is not END)
BY_ITS_HOLDER = {"ask": {"actor": NEWCOMER}}

PAIRS = (
    rule("KEY-1", "the level is 449", holds={"ask": {"level": 449}}, near_miss={"ask": {"level": 450}}),
    rule(
        "KEY-1",
        "somebody else ends the appointment, not its holder",
        END,
        given={"ask": {"level": 449}},
        holds={},
        near_miss=BY_ITS_HOLDER,
        permitted_by=("END-2",),
    ),
    rule("KEY-2", "the level is 399", *BUT_END, holds={"ask": {"level": 399}}, near_miss={"ask": {"level": 400}}),
    rule(
        "KEY-2",
        "the level is 399 when the holder ends the appointment",
        END,
        given=BY_ITS_HOLDER,
        holds={"ask": {"level": 399}},
        near_miss={"ask": {"level": 400}},
        permitted_by=("END-2",),
    ),
    rule(
        "KEY-2",
        "the holder ends the appointment: for others there is KEY-1",
        END,
        given={"ask": {"level": 399}},
        holds=BY_ITS_HOLDER,
        refused_by=("KEY-1",),
    ),
    rule("KEY-3", "the level is below the right's", holds={"ask": {"level": 399}}, near_miss={"ask": {"level": 400}}),
    rule(
        "KEY-3",
        "the right asks for more than the key gives",
        given={"ask": {"level": 400}},
        holds={"right": a_right(level=401)},
        near_miss={"right": a_right(level=400)},
    ),
)


@decided(PAIRS)
def test_the_rule_decides(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome


@missed(PAIRS)
def test_its_near_miss_is_decided_without_it(facts: Facts, outcome: tuple[bool, tuple[str, ...]]) -> None:
    decision = decide(facts, CATALOGUE)
    assert (decision.allowed, decision.because) == outcome
