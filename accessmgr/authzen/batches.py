"""Many questions in one call, answered in their order about one state (Authorization API 1.0, section 7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accessmgr.authzen.deciding import Deciding
from accessmgr.authzen.questions import question_in
from accessmgr.authzen.reading import items, mapping, part, word
from accessmgr.calls.problems import Problem

MOST = 100
"""How many questions one call may put."""

SHARED = ("subject", "action", "resource", "context")
"""What a question takes from the call where it does not say otherwise."""

NAMING = {"subject": ("type", "id"), "action": ("name",), "resource": ("type", "id")}
"""What is taken from the call even where a question has a member of its own that lacks it (not the properties)."""


class Semantic(StrEnum):
    """After which answer the rest is left out."""

    EXECUTE_ALL = "execute_all"
    DENY_ON_FIRST_DENY = "deny_on_first_deny"
    PERMIT_ON_FIRST_PERMIT = "permit_on_first_permit"

    def ends_with(self, decision: bool) -> bool:
        """Whether an answer is the last one."""
        return {
            Semantic.EXECUTE_ALL: False,
            Semantic.DENY_ON_FIRST_DENY: not decision,
            Semantic.PERMIT_ON_FIRST_PERMIT: decision,
        }[self]


@dataclass(frozen=True)
class Batch:
    """The questions of a call, each with what it takes from the call, not yet read."""

    questions: tuple[Any, ...]
    semantic: Semantic


def batch_in(body: Mapping[str, Any]) -> Batch | None:
    """The questions of a body; None if it is a single question, for it has no list of them.

    :raise Problem: 400 the call as a whole is malformed
    """
    told = part(body, "evaluations", lambda value, pointer: items(value, pointer, MOST))
    if not told:
        return None
    shared = {name: part(body, name, mapping) for name in SHARED}
    options = part(body, "options", mapping) or {}
    semantic = part(options, "evaluations_semantic", word(Semantic), "/options") or Semantic.EXECUTE_ALL
    return Batch(tuple(_with_shared(shared, one) for one in told), semantic)


def answers(deciding: Deciding, batch: Batch) -> Iterator[dict[str, Any]]:
    """The answers, up to the one that ends it; a question that cannot be answered is refused, with the error.

    :raise Problem: 503 the state asked for is not reached
    """
    for told in batch.questions:
        answer = _answer(deciding, told)
        yield answer
        if batch.semantic.ends_with(answer["decision"]):
            return


def _answer(deciding: Deciding, told: Any) -> dict[str, Any]:
    try:
        return deciding.answer(question_in(mapping(told, "")))
    except Problem as problem:
        if problem.status >= 500:
            raise
        where = "".join(f": {flaw.detail} at `{flaw.pointer}`" for flaw in problem.flaws)
        error = {"status": problem.status, "message": f"{problem.detail}{where}"}
        return {"decision": False, "context": {"error": error}}


def _with_shared(shared: Mapping[str, Any], told: Any) -> Any:
    if not isinstance(told, dict):
        return told
    whole = {**shared, **{name: value for name, value in told.items() if value is not None}}
    for name, members in NAMING.items():
        own, of_call = whole[name], shared[name]
        if isinstance(own, dict) and of_call is not None:
            whole[name] = {**{member: of_call.get(member) for member in members}, **own}
    return whole
