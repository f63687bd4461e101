"""Every decision of the history once more: from the facts of its moment, by the policy of its moment."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from accessmgr.core.actions import Action, Ask
from accessmgr.core.asked import asked
from accessmgr.core.days import Period, day, moment
from accessmgr.core.decide import decide
from accessmgr.core.events import What, change
from accessmgr.core.facts import Facts
from accessmgr.core.ledger import canonical
from accessmgr.core.model import Domain, Key, UserType
from accessmgr.core.rules import ABOUT
from accessmgr.store import facts as fact_queries
from accessmgr.store.rebuilding import differs
from accessmgr.store.vaulted import SYSTEM
from accessmgr.store.writing import BEGINNINGS, subjects_of
from accessmgr.usecases.verbs import VERBS
from accessmgr.usecases.world import Policy, Unknown

OF_DECISIONS = frozenset(str(what) for what, _ in VERBS.values()) | {str(What.ACTION_REFUSED)}
"""The types of the entries that only a decision makes."""

THINGS = ("appointment", "relation", "grant", "request")


class Forged(Exception):
    """What an entry tells does not follow from the facts of its moment; says why."""


def decide_again(connection: Connection, entry: Mapping[str, Any], policy: Policy) -> Facts | None:
    """Decide again what an entry tells, and give the facts of its moment; None if it does not tell all that was asked.

    What people typed and the register does not know is left out of entries; such a question was refused.

    :raise Flawed: the decision, or what it brought about, does not follow
    :raise KeyError, TypeError, ValueError: it does not read as a decision at all
    """
    sequence = entry["sequence"]
    ask, at = ask_of(entry), moment(entry["recorded_at"])
    if not is_whole(entry["decision"]["asked"]) and entry["decision"]["allowed"] is False:
        _check_refusal(sequence, entry)
        return None
    try:
        facts = fact_queries.load(connection, policy, ask, at, sequence)
        _check(entry, facts)
    except Unknown as unknown:
        raise differs(sequence, f"entry {sequence} names a {unknown} that was not known then") from unknown
    except Forged as forged:
        raise differs(sequence, f"{forged} entry {sequence} does not follow from the facts of its moment") from forged
    return facts


def check_no_decision(entry: Mapping[str, Any]) -> None:
    """Check that an entry without a decision needs none: an operator's export is told too, and no rule decides it.

    :raise Flawed: it is of a type, or tells of changes, that only a decision makes
    """
    by_operator = entry["type"] == What.HISTORY_EXPORTED and entry["actor"] == SYSTEM
    if (entry["type"] in OF_DECISIONS and not by_operator) or "changes" in entry["data"]:
        raise differs(entry["sequence"], f"entry {entry['sequence']} tells of a change that nobody decided")


def subjects_told(entry: Mapping[str, Any], facts: Facts) -> set[str]:
    """Whom and what an entry about a decision on these facts is about."""
    return subjects_of(facts, list(_events(entry, facts)))


def _check(entry: Mapping[str, Any], facts: Facts) -> None:
    told = entry["decision"]
    decision = decide(facts, ABOUT[facts.ask.action])
    if told["allowed"] is not decision.allowed or told["because"] != list(decision.because):
        raise Forged("the decision in")
    what = VERBS[facts.ask.action][0] if decision.allowed else What.ACTION_REFUSED
    if entry["type"] != what:
        raise Forged("the type of")
    if told["asked"] != asked(facts):
        raise Forged("the question in")
    changes = [change(event) for event in _events(entry, facts)]
    if sorted(map(canonical, changes)) != sorted(map(canonical, entry["data"].get("changes", []))):
        raise Forged("the change in")
    if entry["data"].get("enterprise") != facts.enterprise:
        raise Forged("the enterprise of")


def _check_refusal(sequence: int, entry: Mapping[str, Any]) -> None:
    if entry["type"] != What.ACTION_REFUSED or "changes" in entry["data"]:
        raise differs(sequence, f"entry {sequence} is a refusal, and changes something")


def _events(entry: Mapping[str, Any], facts: Facts) -> Iterator[Any]:
    """What the decision brings about, with the ids that the entry tells."""
    if entry["decision"]["allowed"] is not True:
        return iter(())
    begun = (told["row"]["id"] for told in entry["data"].get("changes", []) if told["what"] in BEGINNINGS)
    return VERBS[facts.ask.action][1](facts, lambda: next(begun, ""))


def is_whole(told: Mapping[str, Any]) -> bool:
    """Whether everything that was asked is told: of a thing that is named, the contexts are its own."""
    if any(thing in told for thing in THINGS):
        return True
    return len(told.get("contexts", [])) == told.get("contexts_asked", 0)


def ask_of(entry: Mapping[str, Any]) -> Ask:
    """The question that an entry about a decision tells.

    :raise KeyError, TypeError, ValueError: it tells none
    """
    told = dict(entry["decision"]["asked"])
    told.pop("contexts_asked", None)
    readers: dict[str, Any] = {
        "key": Key,
        "domain": Domain,
        "user_type": UserType,
        "period": _period,
        "last_day": day,
        "contexts": tuple,
        "acr_values": lambda keys: frozenset(map(Key, keys)),
    }
    given = {name: readers.get(name, _as_it_is)(value) for name, value in told.items()}
    return Ask(action=Action(entry["decision"]["action"]), actor=entry["actor"], **given)


def _as_it_is(value: Any) -> Any:
    return value


def _period(told: Mapping[str, str]) -> Period:
    last: date | None = day(told["last"]) if "last" in told else None
    return Period(day(told["first"]), last)
