"""How a rule is stated: what is written is what the rule has."""

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.decide import Effect, Mender
from accessmgr.core.facts import Facts
from accessmgr.core.rules.stating import _, forbid, permit


def never(facts: Facts) -> bool:
    return False


@pytest.mark.parametrize(("state", "effect"), [(permit, Effect.PERMIT), (forbid, Effect.FORBID)])
def test_a_rule_has_what_is_stated_of_it(state: object, effect: Effect) -> None:
    rule = state(  # type: ignore[operator]
        "GRANT-99",
        (Action.GRANT_RIGHT, Action.EXTEND_GRANT),
        says="It is so.",
        mend="Change it.",
        menders=(Mender.OPERATOR,),
        source=("S0", "I"),
        when=never,
    )
    assert rule.id == "GRANT-99"
    assert rule.effect is effect
    assert rule.actions == frozenset({Action.GRANT_RIGHT, Action.EXTEND_GRANT})
    assert rule.says == "It is so."
    assert rule.mend == "Change it."
    assert rule.menders == (Mender.OPERATOR,)
    assert rule.source == ("S0", "I")
    assert rule.when is never


def test_marking_a_message_leaves_it_as_it_is() -> None:
    assert _("It is so.") == "It is so."
