"""How the catalogue states a rule: `permit(...)` and `forbid(...)`, with messages marked for translation."""

from collections.abc import Callable, Iterable
from functools import partial

from accessmgr.core.actions import Action
from accessmgr.core.decide import OURS, Effect, Mender, Rule
from accessmgr.core.facts import Facts

__all__ = ["OURS", "Action", "Facts", "Mender", "Rule", "_", "forbid", "permit"]


def _(message: str) -> str:
    """Mark a message for translation; the pages translate it when they show it."""
    return message


def _stated(
    effect: Effect,
    rule_id: str,
    actions: Iterable[Action],
    *,
    says: str,
    mend: str,
    menders: tuple[Mender, ...],
    source: tuple[str, ...],
    when: Callable[[Facts], bool],
) -> Rule:
    return Rule(
        id=rule_id,
        effect=effect,
        actions=frozenset(actions),
        says=says,
        mend=mend,
        menders=menders,
        source=source,
        when=when,
    )


permit = partial(_stated, Effect.PERMIT)
"""A rule that allows when its condition holds and nothing forbids."""

forbid = partial(_stated, Effect.FORBID)
"""A rule that refuses when its condition holds, whatever permits."""
