"""The engine: rules are data, and `decide` is the one function that decides.

The semantics are those of the rulebook, "How a decision is made": a broken rule refuses, else a
forbid that holds refuses, else a permit that holds allows, else the decision is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

from accessmgr.core.actions import Action
from accessmgr.core.facts import Facts, noted


class Effect(StrEnum):
    """What a rule does when its condition holds."""

    PERMIT = "permit"
    FORBID = "forbid"


class Mender(StrEnum):
    """Who could mend what a refusal rests on."""

    ACTOR = "actor"
    LEGAL_REPRESENTATIVE = "legal_representative"
    MAIN_ACCESS_MANAGER = "main_access_manager"
    MAIN_LOCAL_ADMINISTRATOR = "main_local_administrator"
    USER_MANAGER = "user_manager"
    GRANTOR = "grantor"
    APPOINTEE = "appointee"
    REGISTER = "register"
    OPERATOR = "operator"
    NOBODY = "nobody"


OURS = "I"
"""The source of what no public source confirms: a choice of this project."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the rulebook.

    `says` is the condition as a sentence, `mend` says what would change the outcome and `menders` who
    could do it; both are messages of the translations. `source` names sources of the domain notes,
    and `OURS` for a choice of this project. `when` is the condition: a pure function of the facts
    that answers True or False, where an unknown fact answers False unless the others settle it.
    """

    id: str
    effect: Effect
    actions: frozenset[Action]
    says: str
    mend: str
    menders: tuple[Mender, ...]
    source: tuple[str, ...]
    when: Callable[[Facts], bool]

    @property
    def family(self) -> str:
        """The part of the id before its number, as `GRANT`."""
        return self.id.rpartition("-")[0]


class Finding(NamedTuple):
    """What one rule said. `holds` is None and `broken` tells why if its condition could not be evaluated.

    `read_from` is what it was asked of, None where nothing of that is to be told.
    """

    rule: Rule
    holds: bool | None
    read_from: Facts | None
    broken: str | None = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the condition read, by name: it is pure, so it reads the same when it is asked once more."""
        if self.read_from is None:
            return {}
        reading, notes = noted(self.read_from)
        with suppress(Exception):  # if it broke, it breaks again, and what it read before is told
            self.rule.when(reading)
        return notes


@dataclass(frozen=True)
class Decision:
    """The outcome with the complete set of rule ids that it follows from, sorted as plain text."""

    action: Action
    allowed: bool
    because: tuple[str, ...]
    findings: tuple[Finding, ...]

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision has no truth value: ask for `allowed`")

    @property
    def permitted(self) -> bool:
        """Whether some permit holds, whatever forbids it now."""
        return any(finding.holds and finding.rule.effect is Effect.PERMIT for finding in self.findings)

    @cached_property
    def reasons(self) -> tuple[Finding, ...]:
        """The findings of the rules in `because`, in their order."""
        by_id = {finding.rule.id: finding for finding in self.findings}
        return tuple(by_id[rule_id] for rule_id in self.because)


def find(rule: Rule, facts: Facts) -> Finding:
    """Evaluate one rule."""
    try:
        answer = rule.when(facts)
    except Exception as fault:  # whatever goes wrong in a condition must refuse, never let pass
        return Finding(rule, None, facts, type(fault).__name__)
    if answer is True or answer is False:
        return Finding(rule, answer, facts)
    return Finding(rule, None, facts, "neither true nor false")


def decide(facts: Facts, rules: Iterable[Rule]) -> Decision:
    """Decide what `facts.ask` asks, by all rules that speak of its action, in any order."""
    action = facts.ask.action
    findings = tuple([find(rule, facts) for rule in rules if action in rule.actions])
    broken = [finding for finding in findings if finding.holds is None]
    holding = [finding for finding in findings if finding.holds]
    forbids = [finding for finding in holding if finding.rule.effect is Effect.FORBID]
    permits = [finding for finding in holding if finding.rule.effect is Effect.PERMIT]
    missing = [finding for finding in findings if finding.rule.effect is Effect.PERMIT]
    allowed = bool(permits) and not broken and not forbids
    because = sorted({finding.rule.id for finding in broken or forbids or permits or missing})
    return Decision(action, allowed, tuple(because), findings)
