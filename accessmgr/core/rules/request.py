"""REQUEST: who may ask the managers for a right, and who answers."""

from accessmgr.core.model import RequestState, Role
from accessmgr.core.rules.conditions import may_grant
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

REQUEST = (Action.REQUEST_RIGHT,)
ANSWER = (Action.APPROVE_REQUEST, Action.REFUSE_REQUEST)
WITHDRAW = (Action.WITHDRAW_REQUEST,)


def right_can_be_requested(facts: Facts) -> bool:
    return facts.right is not None and facts.right.requestable


def nobody_else_could_grant_it(facts: Facts) -> bool:
    right = facts.right
    if right is None:
        return False
    people = {appointment.holder for appointment in facts.appointments}
    if Role.LEGAL_REPRESENTATIVE in right.grantors and facts.register is not None:
        people |= {function.holder for function in facts.register.functions if function.holder is not None}
    return not any(may_grant(facts, person, right) is True for person in people - {facts.actor.id})


def actor_asked_for_it_already(facts: Facts) -> bool:
    return any(
        request.requester == facts.actor.id
        and request.right == facts.ask.right
        and request.state(facts.at) is RequestState.PENDING
        and not set(request.contexts).isdisjoint(facts.contexts)
        for request in facts.requests
    )


def actor_may_grant_what_is_asked(facts: Facts) -> bool:
    return facts.right is not None and may_grant(facts, facts.actor.id, facts.right) is True


def actor_is_the_requester(facts: Facts) -> bool:
    return facts.request is not None and facts.request.requester == facts.actor.id


def request_is_not_pending(facts: Facts) -> bool:
    return facts.request is not None and facts.request.state(facts.at) is not RequestState.PENDING


def no_reason_is_given(facts: Facts) -> bool:
    return not facts.ask.reason


RULES = (
    permit(
        "REQUEST-1",
        REQUEST,
        says=_("The right is one that can be requested."),
        mend=_("This right cannot be requested: ask a manager of the enterprise to grant it."),
        menders=(Mender.GRANTOR,),
        source=("F4",),
        when=right_can_be_requested,
    ),
    forbid(
        "REQUEST-2",
        REQUEST,
        says=_("There is nobody else who could grant the right in the enterprise."),
        mend=_("The legal representative can appoint somebody who may grant it."),
        menders=(Mender.LEGAL_REPRESENTATIVE,),
        source=("F4",),
        when=nobody_else_could_grant_it,
    ),
    forbid(
        "REQUEST-3",
        REQUEST,
        says=_("The person who asks has a pending request for that right in the enterprise, with a context in common."),
        mend=_("Wait for the answer to that request, or withdraw it first."),
        menders=(Mender.ACTOR, Mender.GRANTOR),
        source=(OURS,),
        when=actor_asked_for_it_already,
    ),
    permit(
        "REQUEST-4",
        ANSWER,
        says=_("The person who asks holds, in the enterprise, one of the roles that may grant the right requested."),
        mend=_("Somebody with one of the roles that may grant this right can answer the request."),
        menders=(Mender.GRANTOR,),
        source=("F4",),
        when=actor_may_grant_what_is_asked,
    ),
    forbid(
        "REQUEST-5",
        ANSWER,
        says=_("The person who asks is the one who made the request."),
        mend=_("Somebody else who may grant this right must answer the request."),
        menders=(Mender.GRANTOR,),
        source=(OURS,),
        when=actor_is_the_requester,
    ),
    forbid(
        "REQUEST-6",
        (*ANSWER, *WITHDRAW),
        says=_("The request is not pending: it was answered or withdrawn, or it lapsed after 30 days."),
        mend=_("Make a new request if the right is still needed."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=request_is_not_pending,
    ),
    forbid(
        "REQUEST-7",
        (Action.REFUSE_REQUEST,),
        says=_("No reason is given for the refusal."),
        mend=_("Write in a few words why the request is refused."),
        menders=(Mender.ACTOR,),
        source=("F4",),
        when=no_reason_is_given,
    ),
    permit(
        "REQUEST-8",
        WITHDRAW,
        says=_("The person who asks is the one who made the request."),
        mend=_("Only the person who made the request can withdraw it."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=actor_is_the_requester,
    ),
)
