"""One decision asked about without doing anything: by the person themself, or about who enters where they manage."""

from typing import Any

from pydantic import Field

from accessmgr.api.access import managed
from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part, Writes
from accessmgr.api.schemas import Contexts, Day, Enterprise, Id, MomentSent, PeriodSent, RightCode, Sent, Told
from accessmgr.calls.answers import explained
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Domain, Key, UserType
from accessmgr.usecases.decision_log import ask_in
from accessmgr.usecases.world import Look, Unknown

part = Part("check", "Whether something could be done, and why: nothing is changed by asking.")

THINGS = ("appointment", "relation", "grant", "request")


class Check(Sent):
    """What would be done, by whom and when.

    Of another person (`who`) one asks only whether they may enter, in an enterprise whose users one manages.
    """

    action: Action
    who: Id | None = Field(None, description="Who would do it; oneself if left out")
    key: Key | None = Field(None, description="With which digital key; by default one's own, of another the weakest")
    enterprise: Enterprise | None = None
    person: Id | None = Field(None, description="For or about whom it would be done")
    right: RightCode | None = None
    contexts: Contexts | None = None
    period: PeriodSent | None = None
    last: Day | None = None
    domain: Domain | None = None
    user_type: UserType | None = None
    employee: bool = False
    replaces: bool = False
    without_successor: bool = False
    appointment: Id | None = None
    relation: Id | None = None
    grant: Id | None = None
    request: Id | None = None
    reason: bool = Field(False, description="Whether a reason would be given")
    purpose: bool = Field(False, description="Whether a purpose would be given")
    on: MomentSent | None = Field(None, description="At which moment; now if left out")
    known_at: MomentSent | None = Field(None, description="As known at which moment; as known now if left out")


class Checked(Told):
    """What would be decided, and why."""

    allowed: bool
    because: list[str]
    token: str
    why: dict[str, Any] = Field(description="The chain, what fails since when, who can mend it and where that starts")


@part.post(
    "/check",
    "reports.read",
    writes=Writes.NOTHING,
    example=Example(
        {
            "action": "enter_secure_area",
            "who": "{ines}",
            "key": "itsme",
            "enterprise": "1999000150",
            "right": "service_vouchers",
            "contexts": ["V99901"],
        }
    ),
)
def check(call: Call, body: Check) -> Checked:
    """Ask for one decision, which goes to the log of decisions that were asked about."""
    with call.world.store.reading() as look:
        ask = _ask(call, look, body)
        done, line = ask_in(call.world, look, ask, on=body.on, known_at=body.known_at, client=call.client.id)
        if not done.tied and any(getattr(body, name) for name in THINGS):
            raise Unknown("thing")
        known = None if body.known_at is None else look.size_at(body.known_at)
        why = explained(done, look, full=True, link=call.link, known=known)
    call.api.log.add(line)
    because, token = why.pop("because"), why.pop("token")
    return Checked(allowed=done.decision.allowed, because=because, token=token, why=why)


def _ask(call: Call, look: Look, body: Check) -> Ask:
    who = body.who or call.person
    if who != call.person:
        if body.action is not Action.ENTER_SECURE_AREA or body.enterprise is None:
            flaw = Flaw("of another person one asks only whether they may enter, in an enterprise", "/who")
            raise Problem(422, "this is not asked about another person", [flaw])
        managed(call, look, body.enterprise)
        if who not in look.lists.names([who]) or not look.has_tie(who, body.enterprise):
            raise Unknown("person")
    key = body.key or (call.key if who == call.person else None)
    return Ask(
        action=body.action,
        actor=who,
        key=key,
        level=key.level if key else 0,
        enterprise=body.enterprise,
        person=body.person,
        right=body.right,
        contexts=tuple(body.contexts or ()),
        period=body.period.period() if body.period else None,
        last_day=body.last,
        domain=body.domain,
        user_type=body.user_type,
        employee=body.employee,
        replaces=body.replaces,
        without_successor=body.without_successor,
        appointment=body.appointment,
        relation=body.relation,
        grant=body.grant,
        request=body.request,
        reason=body.reason,
        purpose=body.purpose,
    )
