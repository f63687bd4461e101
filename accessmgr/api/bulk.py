"""Many rights in one call: granted, extended and revoked line by line, all or nothing or each by itself."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from accessmgr.api.access import managed
from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part, Writes
from accessmgr.api.schemas import Contexts, Day, Id, PeriodSent, RightCode, Sent, Told
from accessmgr.calls.problems import Problem
from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Grant
from accessmgr.usecases.bulk import MOST, Line, Outcome, consider_many, perform_many
from accessmgr.usecases.world import Conflict

part = Part("bulk", "Many rights in one call, each line decided as if it came alone.")

LARGEST = 1024 * 1024
"""Bytes of the largest body: so many lines with some dozen contexts each."""


class Mode(StrEnum):
    """What a line that cannot be done does to the others."""

    ALL_OR_NOTHING = "all_or_nothing"
    EACH = "each"


class GrantLine(Sent):
    """A right to be granted."""

    action: Literal[Action.GRANT_RIGHT]
    holder: Id
    right: RightCode
    contexts: Contexts
    period: PeriodSent


class ExtendLine(Sent):
    """Another last day for a right."""

    action: Literal[Action.EXTEND_GRANT]
    grant: Id
    last: Day


class RevokeLine(Sent):
    """A right to be revoked."""

    action: Literal[Action.REVOKE_GRANT]
    grant: Id


class LinesSent(Sent):
    """The lines, in the order in which they are done; each sees what those before it brought about."""

    lines: list[Annotated[GrantLine | ExtendLine | RevokeLine, Field(discriminator="action")]] = Field(
        min_length=1, max_length=MOST
    )


class BulkSent(LinesSent):
    """The lines, and what one that cannot be done does to the others."""

    mode: Mode


class LineTold(Told):
    """What came of a line, or would come of it."""

    line: int = Field(description="Its place among the lines that were sent, from 1")
    outcome: Outcome = Field(
        description="`not_done`: it could be done, but another line could not. "
        "`unknown`: it names what does not exist in this enterprise. `failed`: a fault; nothing of the line was done"
    )
    because: list[str] = Field(description="The ids of the rules that the decision follows from")
    sequence: int | None = Field(
        None,
        description="The entry of the history that tells it. A refusal that follows only from what an earlier line "
        "would have brought about has none, if nothing was done",
    )
    grant: str | None = Field(None, description="The id of the grant that was made or changed")


class LinesTold(Told):
    """What came of each line, in their order."""

    done: int = Field(description="How many lines were done, or would be")
    lines: list[LineTold]


_REVOKE_AND_GRANT = [
    {"action": "revoke_grant", "grant": "{grant}"},
    {
        "action": "grant_right",
        "holder": "{ines}",
        "right": "service_vouchers",
        "contexts": ["V99901", "V99902"],
        "period": {"first": "2026-04-01", "last": "2027-03-31"},
    },
]


@part.post(
    "/enterprises/{enterprise}/grants/bulk",
    "grants.write",
    writes=Writes.APART,
    largest=LARGEST,
    example=Example({"mode": "each", "lines": _REVOKE_AND_GRANT}, path={"enterprise": "1999000150"}),
)
def change_many(call: Call, enterprise: str, body: BulkSent) -> LinesTold:
    """Grant, extend and revoke many rights in an enterprise.

    The answer is 200 whatever came of the lines: each has its outcome. With `all_or_nothing` nothing is changed unless
    every line is allowed; what is refused is on record either way.
    """
    with call.world.store.reading() as look:
        managed(call, look, enterprise)
    all_or_nothing = body.mode is Mode.ALL_OR_NOTHING
    try:
        lines = perform_many(
            call.world, _asks(call, enterprise, body), all_or_nothing=all_or_nothing, enterprise=enterprise
        )
    except Conflict:
        raise Problem(409, "somebody changed the same thing meanwhile: nothing was done") from None
    return _told(lines)


@part.post(
    "/enterprises/{enterprise}/grants/bulk/preview",
    "grants.write",
    writes=Writes.NOTHING,
    largest=LARGEST,
    example=Example({"lines": _REVOKE_AND_GRANT}, path={"enterprise": "1999000150"}),
)
def preview_many(call: Call, enterprise: str, body: LinesSent) -> LinesTold:
    """What would come of each line if all were done in turn. Nothing is changed, and nothing is recorded."""
    with call.world.store.reading() as look:
        managed(call, look, enterprise)
    return _told(consider_many(call.world, _asks(call, enterprise, body), enterprise=enterprise))


def _asks(call: Call, enterprise: str, body: LinesSent) -> list[Ask]:
    return [_ask(call, enterprise, line) for line in body.lines]


def _ask(call: Call, enterprise: str, line: GrantLine | ExtendLine | RevokeLine) -> Ask:
    match line:
        case GrantLine():
            return call.ask(
                line.action,
                enterprise=enterprise,
                person=line.holder,
                right=line.right,
                contexts=tuple(line.contexts),
                period=line.period.period(),
            )
        case ExtendLine():
            return call.ask(line.action, grant=line.grant, last_day=line.last)
    return call.ask(line.action, grant=line.grant)


def _told(lines: list[Line]) -> LinesTold:
    return LinesTold(
        done=sum(line.outcome is Outcome.DONE for line in lines),
        lines=[
            LineTold(
                line=place,
                outcome=line.outcome,
                because=[finding.rule.id for finding in line.done.told] if line.done else [],
                sequence=line.sequence,
                grant=_grant(line),
            )
            for place, line in enumerate(lines, 1)
        ],
    )


def _grant(line: Line) -> str | None:
    """The grant that a line made or changed; what was only tried has made none."""
    if line.done is None or line.sequence is None:
        return None
    return next((event.row.id for event in line.done.events if isinstance(event.row, Grant)), None)
