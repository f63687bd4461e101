"""The catalogue as a page of text, so that the rules can be read without running anything."""

from collections.abc import Iterable
from itertools import groupby

from accessmgr.core.decide import OURS, Rule
from accessmgr.core.rules.sources import COMMISSION, SOURCES
from accessmgr.core.rules.stating import _

FAMILIES = {
    "SIGNIN": _("Signing in to an application"),
    "KEY": _("The level of the digital key"),
    "REG": _("The register of enterprises"),
    "PERSON": _("The people"),
    "APPOINT": _("Offering a role"),
    "ACCEPT": _("Answering an offer"),
    "END": _("Ending a role"),
    "CLAIM": _("Claiming the role of main local administrator"),
    "LINK": _("Work relations"),
    "GRANT": _("Giving, extending and revoking a right"),
    "REQUEST": _("Requesting a right"),
    "ENTER": _("Entering a secure area"),
    "HISTORY": _("Reading the history"),
    "NUMBER": _("Seeing a full national number"),
}
"""What each family of rules is about; messages of the translations."""

OPENING = """# The rules

This page is made from the rule catalogue (`accessmgr/core/rules/`) by `accessmgr rules docs`; change the catalogue,
not this page.

## How a decision is made

A person asks to do an action. Each rule names the actions of which it speaks, has an effect (*permit* or *forbid*) and
a condition. The decision follows from all rules of that action, in any order:

1. a rule whose condition could not be evaluated: **refused**, because of the broken rules;
2. else some forbid holds: **refused**, because of every forbid that holds;
3. else some permit holds: **allowed**, because of every permit that holds;
4. else: **refused**, because of every permit of that action, none of which held.

A fact that is not known is never taken for granted: neither a permit nor a forbid holds on it, unless the other facts
settle the matter.

## Where a rule comes from

The last column names the public sources that confirm the rule; they stand at the end of the page. "The commission" is
what this project was asked for. "A choice of this project" stands where no public source confirms the rule or a part
of it: it is no fact about the real access management.
"""


_SPECIAL = {OURS: "a choice of this project", COMMISSION: "the commission"}


def as_markdown(rules: Iterable[Rule]) -> str:
    """The page `docs/rules.md`: how a decision is made, and a table for each family of rules."""
    rules = tuple(rules)
    parts = [OPENING]
    for family, members in groupby(rules, key=lambda rule: rule.family):
        parts += [f"## {family}: {FAMILIES[family]}\n", _table(members)]
    named = {source for rule in rules for source in rule.source}
    parts += [
        "## Sources\n",
        *(f"- {id_}: {SOURCES[id_].publisher}, <{SOURCES[id_].url}>" for id_ in SOURCES if id_ in named),
    ]
    return "\n".join(parts) + "\n"


def _table(rules: Iterable[Rule]) -> str:
    head = "| Rule | Effect | Actions | Holds when | What would mend it | Source |\n|---|---|---|---|---|---|\n"
    return head + "".join(_row(rule) for rule in rules)


def _row(rule: Rule) -> str:
    actions = ", ".join(f"`{action}`" for action in sorted(rule.actions))
    sources = ", ".join(_SPECIAL.get(source, source) for source in rule.source)
    return f"| **{rule.id}** | {rule.effect} | {actions} | {rule.says} | {rule.mend} | {sources} |\n"
