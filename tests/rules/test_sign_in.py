"""SIGNIN: each condition, and its near miss."""

from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Key
from accessmgr.core.rules import CATALOGUE
from tests.builders import TODAY, TOMORROW, WORKER, a_person
from tests.rules.pairs import decided, missed, rule

EID_ONLY, ITSME_ONLY = frozenset({Key.EID}), frozenset({Key.ITSME})
BOTH_KEYS = {"actor": a_person(WORKER, keys=EID_ONLY | ITSME_ONLY)}

PAIRS = (
    rule("SIGNIN-1", "the key used is activated", holds={}, near_miss={"ask": {"key": Key.ITSME}}),
    rule("SIGNIN-1", "a key is used", holds={}, near_miss={"ask": {"key": None}}),
    rule("SIGNIN-1", "the keys are known", holds={}, near_miss={"actor": a_person(WORKER, keys=None)}),
    rule(
        "SIGNIN-2",
        "the person died today, not tomorrow",
        holds={"actor": a_person(WORKER, keys=EID_ONLY, deceased=TODAY)},
        near_miss={"actor": a_person(WORKER, keys=EID_ONLY, deceased=TOMORROW)},
    ),
    rule(
        "SIGNIN-3",
        "the application does not allow the key",
        given=BOTH_KEYS,
        holds={"allowed_keys": ITSME_ONLY},
        near_miss={"allowed_keys": EID_ONLY},
    ),
    rule(
        "SIGNIN-3",
        "the application allows no key at all, rather than every key",
        holds={"allowed_keys": frozenset()},
        near_miss={"allowed_keys": None},
    ),
    rule(
        "SIGNIN-3",
        "the request names keys, and not this one",
        given=BOTH_KEYS,
        holds={"ask": {"acr_values": ITSME_ONLY}},
        near_miss={"ask": {"acr_values": EID_ONLY}},
    ),
    rule(
        "SIGNIN-3",
        "the request names the key, and the application does not allow it",
        given=BOTH_KEYS | {"ask": {"acr_values": EID_ONLY}},
        holds={"allowed_keys": ITSME_ONLY},
        near_miss={"allowed_keys": EID_ONLY | ITSME_ONLY},
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
