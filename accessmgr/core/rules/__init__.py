"""The catalogue: every authorisation rule, one short module a family, under the ids of the rulebook."""

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

RULES: dict[str, Rule] = {rule.id: rule for rule in CATALOGUE}
"""Every rule by its id."""
