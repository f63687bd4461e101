"""Pairs of cases for one condition of a rule: one in which it holds, and a near miss that differs in it alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.facts import Facts
from tests.builders import situation
from tests.rules.rulebook import TABLE, actions_of, permits_of

Spoilt = dict[str, Any]
ORDINARY: Spoilt = {}

PERMITTED_BY = {action: permits_of(action)[0] for action in Action} | {
    Action.READ_HISTORY: "HISTORY-2",
    Action.EXPORT_HISTORY: "HISTORY-2",
}
"""The permit by which the ordinary situation of an action is allowed."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """`given` spoils both cases; `holds` or `near_miss` comes on top. Each is keywords of `situation`.

    `because` is that of the case in which the rule holds, if it is not the rule alone. `permitted_by` are the
    permits of the near miss of a forbid, if they are not those of the ordinary situation; `refused_by` is what
    refuses that near miss, if anything does.
    """

    rule: str
    condition: str
    given: Spoilt = field(default_factory=dict)
    holds: Spoilt | Callable[[Action], Spoilt]
    near_miss: Spoilt | Callable[[Action], Spoilt] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    because: tuple[str, ...] = ()
    permitted_by: tuple[str, ...] = ()
    refused_by: tuple[str, ...] = ()

    @property
    def tried(self) -> tuple[Action, ...]:
        """The actions with which the pair is tried: unless it says otherwise, all that the rule speaks of."""
        return self.actions or actions_of(self.rule)

    @property
    def is_permit(self) -> bool:
        """Whether the rule permits."""
        return TABLE[self.rule][0] == "permit"

    def facts(self, action: Action, spoilt: Spoilt | Callable[[Action], Spoilt]) -> Facts:
        """The situation of one of the two cases."""
        on_top = spoilt(action) if callable(spoilt) else spoilt
        ask = {**self.given.get("ask", {}), **on_top.get("ask", {})}
        return situation(action, **{**self.given, **on_top, "ask": ask})


def rule(
    rule_id: str,
    condition: str,
    *actions: Action,
    holds: Spoilt | Callable[[Action], Spoilt],
    near_miss: Spoilt | Callable[[Action], Spoilt] = ORDINARY,
    **more: Any,
) -> Pair:
    """A pair for a condition of the rule."""
    return Pair(rule=rule_id, condition=condition, actions=actions, holds=holds, near_miss=near_miss, **more)


def decided(pairs: Sequence[Pair]) -> Any:
    """Parametrise a test with the case of each pair in which the rule decides, for each action."""
    cases = []
    for pair in pairs:
        for action in pair.tried:
            facts, because = pair.facts(action, pair.holds), pair.because or (pair.rule,)
            cases.append(pytest.param(facts, (pair.is_permit, because), id=_name(pair, action)))
    return pytest.mark.parametrize(("facts", "outcome"), cases)


def missed(pairs: Sequence[Pair]) -> Any:
    """Parametrise a test with the near miss of each pair, for each action."""
    cases = []
    for pair in pairs:
        for action in pair.tried:
            if pair.is_permit or pair.refused_by:
                outcome = (False, pair.refused_by or permits_of(action))
            else:
                outcome = (True, pair.permitted_by or (PERMITTED_BY[action],))
            cases.append(pytest.param(pair.facts(action, pair.near_miss), outcome, id=_name(pair, action)))
    return pytest.mark.parametrize(("facts", "outcome"), cases)


def _name(pair: Pair, action: Action) -> str:
    return f"{pair.rule}: {pair.condition} ({action})"
