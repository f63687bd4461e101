"""The rulebook as implemented: each rule with its sentence, its source, examples, and what it decided lately."""

import json
from collections import Counter
from itertools import groupby

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from accessmgr.core.decide import OURS
from accessmgr.core.rules import CATALOGUE, RULES
from accessmgr.core.rules.document import FAMILIES
from accessmgr.core.rules.sources import COMMISSION, SOURCES
from accessmgr.web.current import look
from accessmgr.web.examples import by_rule

bp = Blueprint("rules", __name__, url_prefix="/rules")

LATELY = 1000
"""How many of the latest entries of the history are looked at."""
EXAMPLES = 5
"""How many examples a rule's page shows."""


@bp.get("/")
def catalogue() -> ResponseReturnValue:
    """Every rule, by family."""
    families = [(name, list(rules)) for name, rules in groupby(CATALOGUE, key=lambda rule: rule.family)]
    return render_template("rules/catalogue.html", families=families, titles=FAMILIES, ours=OURS)


@bp.get("/<rule_id>")
def rule(rule_id: str) -> ResponseReturnValue:
    """One rule, with all that is known about it."""
    found = RULES.get(rule_id)
    if found is None:
        abort(404)
    examples = by_rule().get(rule_id, [])
    looked_at, decided = _decided_lately()
    return render_template(
        "rules/rule.html",
        rule=found,
        title=FAMILIES[found.family],
        sources=[(id_, SOURCES[id_]) for id_ in found.source if id_ in SOURCES],
        commissioned=COMMISSION in found.source,
        ours=OURS in found.source,
        examples=examples[:EXAMPLES],
        more=[example.title for example in examples[EXAMPLES:]],
        decided=decided[rule_id],
        looked_at=looked_at,
    )


def _decided_lately() -> tuple[int, Counter[str]]:
    """How many of the latest entries were looked at, and how many of them each rule decided."""
    with look() as seen:
        entries = seen.lists.entries(limit=LATELY)
    decisions = (json.loads(entry.leaf)["decision"] for entry in entries)
    return len(entries), Counter(id_ for decision in decisions for id_ in decision.get("because", ()))
