"""Searches: who may do it, to what it may be done, and what may be done; each row as a single question would say.

(Authorization API 1.0, section 8.) A page looks at so many candidates at most, so it may have fewer results than were
asked for and still be followed by another.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accessmgr.authzen.candidates import Candidate, Candidates
from accessmgr.authzen.deciding import Deciding
from accessmgr.authzen.pages import MOST, Page, Place
from accessmgr.authzen.questions import (
    PERSON,
    Question,
    Resource,
    Subject,
    action_in,
    action_properties,
    arguments,
    check_complete,
    circumstances_in,
    is_complete,
    resource_in,
    subject_in,
)
from accessmgr.authzen.reading import malformed
from accessmgr.core.actions import Action
from accessmgr.core.arguments import ARGUMENTS
from accessmgr.usecases.world import Unknown

MOST_LOOKED_AT = 300
"""How many candidates are decided for a page."""

Search = Callable[[Place], Iterator[Candidate]]
"""The candidates of a search after a place."""


@dataclass(frozen=True)
class Found:
    """The results of a page, and the place after which the next one begins; None if this is the last."""

    results: tuple[Mapping[str, Any], ...]
    after: Place | None


def page_of(deciding: Deciding, search: Search, page: Page) -> Found:
    """The results of a page; nothing if the question names something unknown."""
    results: list[Mapping[str, Any]] = []
    looked_at, place = 0, page.after
    try:
        for candidate in search(page.after):
            if len(results) >= min(page.limit, MOST) or looked_at == MOST_LOOKED_AT:
                return Found(tuple(results), place)
            looked_at, place = looked_at + 1, candidate.place
            if deciding.would_allow(candidate.question, candidate.facts):
                results.append(candidate.told)
    except Unknown:
        pass
    return Found(tuple(results), None)


def subjects(deciding: Deciding, body: Mapping[str, Any]) -> Search:
    """Who may do it.

    :raise Problem: 400 the question is malformed, 403 the client may not ask so
    """
    subject, action, resource = subject_in(body, with_id=False), action_in(body), resource_in(body)
    if subject.type != PERSON:
        raise malformed("/subject/type", f"people are found as `{PERSON}`")
    given = arguments(action, resource, action_properties(body))
    check_complete(action, given)
    return Candidates(deciding, _question(deciding, body, Subject(PERSON), action, resource, given)).subjects


def resources(deciding: Deciding, body: Mapping[str, Any]) -> Search:
    """To what the subject may do it.

    :raise Problem: 400 the question is malformed, 403 the client may not ask so
    """
    subject, action, resource = subject_in(body), action_in(body), resource_in(body, with_id=False)
    given = arguments(action, resource, action_properties(body))
    given.pop(resource.type, None)
    sought = {resource.type: "", **({"enterprise": ""} if resource.type == "right" else {})}
    check_complete(action, {**sought, **given})
    return Candidates(deciding, _question(deciding, body, subject, action, resource, given)).resources


def actions(deciding: Deciding, body: Mapping[str, Any]) -> Search:
    """What the subject may do to it, of what can be asked with what is given.

    :raise Problem: 400 the question is malformed, 403 the client may not ask so
    """
    subject, resource = subject_in(body), resource_in(body)
    asked = {
        action: arguments(action, resource, {})
        for action in sorted(Action)
        if resource.type in " ".join(ARGUMENTS[action]).split()
    }
    candidates = [
        Candidate((action,), {"name": action}, _question(deciding, body, subject, action, resource, given))
        for action, given in asked.items()
        if is_complete(action, given)
    ]
    return lambda after: (one for one in candidates if one.place > after)


def _question(
    deciding: Deciding,
    body: Mapping[str, Any],
    subject: Subject,
    action: Action,
    resource: Resource,
    given: Mapping[str, Any],
) -> Question:
    deciding.check_type(resource.type)
    question = Question(subject, action, resource.type, given, circumstances_in(body))
    deciding.check_reached(question.circumstances)
    return question
