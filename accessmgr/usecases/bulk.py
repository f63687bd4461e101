"""Many questions at once, a line each: each decided by the same rules, in the same way, as if it came alone.

Lines are done in their order, and each sees what those before it brought about.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from accessmgr.core.actions import Action, Ask
from accessmgr.core.decide import Decision
from accessmgr.core.facts import Facts
from accessmgr.usecases.perform import Done, decided, recorded
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Conflict, Unknown, World, Writing

MOST = 1000
"""So many lines at most are taken at once."""

AT_ONCE = 50
"""So many lines are done in one transaction where each is done by itself, so that readers need not wait for all."""

ACTIONS = (Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.REVOKE_GRANT)
"""The actions that can be asked for in many lines."""

_log = logging.getLogger(__name__)


class TooMany(ValueError):
    """There are more lines than are taken at once, or none."""


class Outcome(StrEnum):
    """What came of a line."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"
    FAILED = "failed"
    NOT_DONE = "not_done"


@dataclass(frozen=True)
class Line:
    """What came of a line: `unknown` if it names what does not exist, `not_done` if another one was refused.

    `done` holds the decision where there is one. A refusal has no sequence where it is not on record (`perform_many`).
    """

    outcome: Outcome
    done: Done | None = None

    @property
    def because(self) -> tuple[str, ...]:
        """The ids of the rules that the decision follows from."""
        return self.done.decision.because if self.done else ()

    @property
    def sequence(self) -> int | None:
        """The entry of the history that tells it."""
        return self.done.sequence if self.done else None


class _Undone(Exception):
    """Not every line was allowed, so the transaction ends without any."""


def perform_many(
    world: World,
    asks: Sequence[Ask],
    *,
    all_or_nothing: bool,
    enterprise: str | None = None,
    note: str | None = None,
) -> list[Line]:
    """Do what is asked, line by line, and give what came of each, in their order.

    All or nothing: nothing is changed unless every line is allowed. Each refusal is on record then, as it is decided
    on the state that stays. What follows only from what an earlier line would have brought about has no place in the
    history, where there is no such state: its line tells it, and has no sequence if nothing else refuses it.
    Else each line is by itself: done or refused on record, whatever comes of others.

    `enterprise`: a line about another one, or about somebody who has no tie to it, names what does not exist.
    `note`: words that are kept, sealed, with the entry of each line.

    :raise TooMany: there are no lines, or more than `MOST`
    :raise Conflict: all or nothing, and somebody changed the same thing meanwhile
    :raise Unrecorded: nothing could be written; if some lines were, the others are `failed`
    """
    _check_size(asks)
    if all_or_nothing:
        return _all_or_nothing(world, asks, enterprise, note)
    lines: list[Line] = []
    try:
        for start in range(0, len(asks), AT_ONCE):
            for line in _each_by_itself(world, asks[start : start + AT_ONCE], enterprise, note):
                lines.append(line)  # what is done stays told when a later one cannot be written
    except Unrecorded:
        if not lines:
            raise
        _log.exception("the history could not be written after %s of %s lines", len(lines), len(asks))
    return lines + [Line(Outcome.FAILED)] * (len(asks) - len(lines))


def _check_size(asks: Sequence[Ask]) -> None:
    if not 0 < len(asks) <= MOST:
        raise TooMany(f"between 1 and {MOST} lines are taken at once, not {len(asks)}")


def _all_or_nothing(world: World, asks: Sequence[Ask], enterprise: str | None, note: str | None) -> list[Line]:
    try:
        with world.store.writing() as tx:
            lines = [_do(world, tx, ask, enterprise, note) for ask in asks]
            if any(line.outcome is not Outcome.DONE for line in lines):
                raise _Undone
            return lines
    except _Undone:
        pass
    with world.store.writing() as tx:
        return [_put_on_record(world, tx, ask, line, note) for ask, line in zip(asks, lines, strict=True)]


def _put_on_record(world: World, tx: Writing, ask: Ask, line: Line, note: str | None) -> Line:
    """What came of a line of which nothing is left, with the entry of its refusal, if it is refused by itself too."""
    if line.outcome is Outcome.DONE:
        return Line(Outcome.NOT_DONE)
    if line.done is None:
        return line
    try:
        facts, decision = decided(world, tx, ask)
    except Unknown:
        return Line(Outcome.UNKNOWN)
    sequence = None if decision.allowed else recorded(tx, facts, decision, note).sequence
    return Line(Outcome.REFUSED, replace(line.done, sequence=sequence))


def _each_by_itself(world: World, asks: Sequence[Ask], enterprise: str | None, note: str | None) -> Iterator[Line]:
    """Some lines in one transaction; where that fails, each in its own."""
    try:
        with world.store.writing() as tx:
            lines = [_do(world, tx, ask, enterprise, note) for ask in asks]
    except Unrecorded:
        raise
    except Exception as fault:  # whatever it is, it takes nothing from the other lines
        if len(asks) > 1:
            for ask in asks:
                yield from _each_by_itself(world, [ask], enterprise, note)
            return
        if not isinstance(fault, Conflict):
            _log.exception("a fault in a line to %s", asks[0].action)
        lines = [Line(Outcome.CONFLICT if isinstance(fault, Conflict) else Outcome.FAILED)]
    yield from lines


def _do(world: World, tx: Writing, ask: Ask, enterprise: str | None, note: str | None = None) -> Line:
    try:
        facts, decision = decided(world, tx, ask)
    except Unknown:
        return Line(Outcome.UNKNOWN)
    if enterprise is not None and _is_elsewhere(tx, facts, decision, enterprise):
        return Line(Outcome.UNKNOWN)
    return Line(Outcome.DONE if decision.allowed else Outcome.REFUSED, recorded(tx, facts, decision, note))


def _is_elsewhere(tx: Writing, facts: Facts, decision: Decision, enterprise: str) -> bool:
    """Whether a line is about another enterprise, or about somebody who has no tie to this one."""
    if facts.enterprise != enterprise:
        return True
    holder = facts.ask.person
    return holder is not None and not decision.allowed and not tx.has_tie(holder, enterprise)


def consider_many(world: World, asks: Sequence[Ask], *, enterprise: str | None = None) -> list[Line]:
    """What would come of each line if all were done in turn: it happens in a transaction that is always undone.

    So lines see those before them, as they will when they are done. A line that would be done has the outcome `done`.

    :raise TooMany: there are no lines, or more than `MOST`
    :raise Conflict: somebody changes the same thing at this moment
    """
    _check_size(asks)
    with world.store.trying() as tx:
        return [_imagined(_do(world, tx, ask, enterprise)) for ask in asks]


def _imagined(line: Line) -> Line:
    """A line without the entry that there will not be."""
    return line if line.done is None else replace(line, done=replace(line.done, sequence=None))
