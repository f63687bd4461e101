"""What was asked, as the history and the decision log tell it: ids, days and known values, never a free word."""

from typing import Any

from accessmgr.core.events import plain
from accessmgr.core.facts import Facts
from accessmgr.core.model import ContextKind


def asked(facts: Facts) -> dict[str, Any]:
    """What was asked, without anything that the person typed and the register does not know."""
    told = facts.ask.given()
    told.pop("person", None)
    if facts.concerned is not None:
        told["person"] = facts.concerned.id
    if facts.contexts and facts.right is not None:
        told["contexts"] = known_among(facts)
        told["contexts_asked"] = len(facts.contexts)
    return dict(plain(told))


def known_among(facts: Facts) -> list[str]:
    """The contexts asked about that may be written down: those that the register or the right's list knows."""
    return [value for value in facts.contexts if is_known(facts, value)]


def is_known(facts: Facts, value: str) -> bool:
    """Whether a context may be written down, as in the history: free text may not."""
    if facts.right is None:
        return False
    if facts.right.context_kind is ContextKind.PROFILE:
        return value in facts.right.profiles
    if facts.register is None:
        return False
    units = (unit.number for unit in facts.register.establishments)
    return value in (recognition.number for recognition in facts.register.recognitions) or value in units
