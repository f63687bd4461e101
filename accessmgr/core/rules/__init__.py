"""The catalogue: every authorisation rule, one short module a family, under the ids of the rulebook."""

from collections.abc import Mapping

from accessmgr.core.actions import Action
from accessmgr.core.decide import Rule
from accessmgr.core.rules import accept, appoint, enter, grant, history, key, link, register, request, sign_in

CATALOGUE: tuple[Rule, ...] = (
    *sign_in.RULES,
    *key.RULES,
    *register.RULES,
    *appoint.RULES,
    *accept.RULES,
    *link.RULES,
    *grant.RULES,
    *request.RULES,
    *enter.RULES,
    *history.RULES,
)
"""Every rule. Their order is that of the rulebook, and decides nothing."""

ABOUT: Mapping[Action, tuple[Rule, ...]] = {
    action: tuple(rule for rule in CATALOGUE if action in rule.actions) for action in Action
}
"""The rules that speak of each action: all that a decision about it looks at."""

RULES: dict[str, Rule] = {rule.id: rule for rule in CATALOGUE}
"""Every rule by its id."""
