"""What if: who would lose or gain what, and when, if something changed; nothing of it is kept."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part, Writes
from accessmgr.api.reading import of_enterprise
from accessmgr.api.schemas import Contexts, Day, Enterprise, Id, PeriodSent, PeriodTold, RightCode, Sent, Told, Words
from accessmgr.calls.answers import because
from accessmgr.core.actions import Action
from accessmgr.core.arguments import ARGUMENTS
from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode
from accessmgr.usecases import hypothetical
from accessmgr.usecases.hypothetical import Doing
from accessmgr.usecases.shifts import Shift
from accessmgr.usecases.what_if import Difference, Renewal, may_make, what_if

part = Part("what-if", "What would follow if something changed: decided by the same rules, on a world that is undone.")

MOST = 1000
"""How many shifts and renewals an answer tells."""

SENT_AS = {"since": "period", "begin": "period", "end": "period", "last_day": "last"}
"""What some arguments of actions are called here."""


class Ending(Sent):
    """Something ends by an action of the rulebook: by the person if they may, else by somebody who may."""

    def doing(self, call: Call, action: Action, **given: Any) -> Doing:
        """The change."""
        return Doing(call.ask(action, **given), by_whoever_may=True)


class AppointmentEnds(Ending):
    """A role ends, or an offer is withdrawn; of the main access manager, without a successor."""

    kind: Literal["end_appointment"]
    appointment: Id

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return self.doing(call, Action.END_APPOINTMENT, appointment=self.appointment, without_successor=True)


class RelationEnds(Ending):
    """A work relation gets a last day."""

    kind: Literal["end_work_relation"]
    relation: Id
    last: Day

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return self.doing(call, Action.END_WORK_RELATION, relation=self.relation, last_day=self.last)


class GrantRevoked(Ending):
    """A grant is revoked at once."""

    kind: Literal["revoke_grant"]
    grant: Id

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return self.doing(call, Action.REVOKE_GRANT, grant=self.grant, reason=True)


class GrantEndsOn(Ending):
    """A grant gets another last day, earlier or later."""

    kind: Literal["extend_grant"]
    grant: Id
    last: Day

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return self.doing(call, Action.EXTEND_GRANT, grant=self.grant, last_day=self.last)


class FunctionEnds(Sent):
    """A person's functions of a code get a last day in the register."""

    kind: Literal["end_function"]
    function: FunctionCode
    person: Id
    last: Day

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return hypothetical.FunctionEnds(self.function, self.person, self.last)


class EnterpriseEnds(Sent):
    """The enterprise gets a last day in the register."""

    kind: Literal["close_enterprise"]
    last: Day

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return hypothetical.EnterpriseEnds(self.last)


class RecognitionSuspended(Sent):
    """A recognition is suspended, without an end if there is no last day."""

    kind: Literal["suspend_recognition"]
    recognition: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,30}$")]
    first: Day
    last: Day | None = None

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return hypothetical.RecognitionSuspended(self.recognition, Period(self.first, self.last))


class PersonDies(Sent):
    """Somebody dies on a day."""

    kind: Literal["record_death"]
    person: Id
    day: Day

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return hypothetical.PersonDies(self.person, self.day)


class RightChanges(Sent):
    """A right gets other conditions; what is left out stays as it is."""

    kind: Literal["change_right"]
    right: RightCode
    max_days: int | None = Field(None, ge=1, le=36500, description="The longest period, in days")
    level: int | None = Field(None, ge=0, le=500, description="The lowest level of the digital key")
    needs_recognition: bool | None = None

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        return hypothetical.RightChanges(self.right, self.max_days, self.level, self.needs_recognition)


class ActionDone(Sent):
    """The person does an action of the rulebook themself, if the rules let them."""

    kind: Literal["action"]
    action: Literal[
        Action.ACCEPT_APPOINTMENT,
        Action.REFUSE_APPOINTMENT,
        Action.END_APPOINTMENT,
        Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR,
        Action.END_WORK_RELATION,
        Action.GRANT_RIGHT,
        Action.EXTEND_GRANT,
        Action.REVOKE_GRANT,
        Action.REQUEST_RIGHT,
        Action.APPROVE_REQUEST,
        Action.REFUSE_REQUEST,
        Action.WITHDRAW_REQUEST,
    ]
    person: Id | None = None
    right: RightCode | None = None
    contexts: Contexts | None = None
    period: PeriodSent | None = None
    last: Day | None = None
    without_successor: bool = False
    appointment: Id | None = None
    relation: Id | None = None
    grant: Id | None = None
    request: Id | None = None
    reason: Words | None = Field(None, description="Only whether there is one counts")

    @model_validator(mode="after")
    def has_what_the_action_needs(self) -> "ActionDone":
        """What the action cannot do without is there."""
        needed = [SENT_AS.get(name, name) for name in ARGUMENTS[self.action][0].split()]
        if self.action is Action.EXTEND_GRANT:
            needed = ["grant", "last"]
        missing = [name for name in dict.fromkeys(needed) if name != "enterprise" and getattr(self, name) is None]
        if missing:
            raise ValueError(f"the action needs `{missing[0]}`")
        return self

    def change(self, call: Call, enterprise: str) -> hypothetical.Change:
        """The change."""
        named = ("person", "right", "without_successor", "appointment", "relation", "grant", "request")
        given: dict[str, Any] = {name: getattr(self, name) for name in named}
        period = self.period.period() if self.period else None
        given |= {"contexts": tuple(self.contexts or ()), "last_day": self.last, "period": period}
        return Doing(call.ask(self.action, enterprise=enterprise, reason=bool((self.reason or "").strip()), **given))


ChangeSent = Annotated[
    AppointmentEnds
    | RelationEnds
    | GrantRevoked
    | GrantEndsOn
    | FunctionEnds
    | EnterpriseEnds
    | RecognitionSuspended
    | PersonDies
    | RightChanges
    | ActionDone,
    Field(discriminator="kind"),
]


class Question(Sent):
    """What would change, in which enterprise."""

    enterprise: Enterprise
    change: ChangeSent
    case: str | None = Field(None, max_length=500, description="The word of an auditor's open case")


class ShiftTold(Told):
    """Somebody may do something on other days than before. Today counts as it is now, a later day as it begins."""

    person: Id
    action: Action
    right: str | None = None
    context: str | None = None
    offer: Id | None = None
    before: list[PeriodTold]
    after: list[PeriodTold]
    lost: list[PeriodTold]
    gained: list[PeriodTold]
    because: list[str] = Field(description="The rules that decide so on the first of these days")


class RenewalTold(Told):
    """A grant that stays, and could not be given its present last day anew."""

    grant: Id
    holder: Id
    right: str
    last: date | None = None
    because: list[str]


class WouldHappen(Told):
    """Something that would happen to a thing of the chain."""

    what: str
    id: Id


class WhatFollows(Told):
    """What would follow. Of `shifts` and `renewals` at most a thousand each are told; `more` is how many are not."""

    happens: bool = Field(description="Whether the rules would let the change happen")
    because: list[str] = Field(description="The rules by which it would happen or not; none if no rules decide")
    by: Id | None = Field(None, description="Who would do it, if rules decide about it")
    events: list[WouldHappen]
    shifts: list[ShiftTold]
    renewals: list[RenewalTold]
    more: int
    looked_at: int = Field(description="How many grants were looked at: those that last longest")
    grants: int = Field(description="Of how many")


@part.post(
    "/what-if",
    "reports.read",
    writes=Writes.NOTHING,
    example=Example(
        {
            "enterprise": "1999000150",
            "change": {"kind": "suspend_recognition", "recognition": "V99901", "first": "2026-04-01"},
        }
    ),
)
def ask_what_if(call: Call, body: Question) -> WhatFollows:
    """Who would lose or gain what, and when, if something changed.

    For whoever a permit lets make the change, or who may read the history of the enterprise. Nothing of it is kept.
    """
    change = body.change.change(call, body.enterprise)
    with call.world.store.reading() as look:
        if not may_make(call.world, look, body.enterprise, change, call.person):
            of_enterprise(call, look, body.enterprise, body.case)
    return _told(what_if(call.world, body.enterprise, change, call.person))


def _told(found: Difference) -> WhatFollows:
    done = found.done
    shifts, renewals = found.shifts[:MOST], found.renewals[:MOST]
    return WhatFollows(
        happens=found.happens,
        because=list(because(done)) if done else [],
        by=done.facts.actor.id if done else None,
        events=[WouldHappen(what=event.what, id=event.row.id) for event in done.events] if done else [],
        shifts=[_shift(each) for each in shifts],
        renewals=[_renewal(each) for each in renewals],
        more=len(found.shifts) - len(shifts) + len(found.renewals) - len(renewals),
        looked_at=found.looked_at,
        grants=found.grants,
    )


def _shift(found: Shift) -> ShiftTold:
    able = found.able
    return ShiftTold(
        person=able.person,
        action=able.action,
        right=able.right or None,
        context=able.context or None,
        offer=able.offer or None,
        before=_periods(found.before),
        after=_periods(found.after),
        lost=_periods(found.lost),
        gained=_periods(found.gained),
        because=list(found.because),
    )


def _renewal(found: Renewal) -> RenewalTold:
    grant = found.grant
    return RenewalTold(
        grant=grant.id, holder=grant.holder, right=grant.right, last=grant.period.last, because=list(found.because)
    )


def _periods(periods: Iterable[Period]) -> list[PeriodTold]:
    return [PeriodTold.of(period) for period in periods]
