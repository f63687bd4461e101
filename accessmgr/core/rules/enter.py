"""ENTER: who enters the secure area of a right's application, for an enterprise and a context."""

from accessmgr.core.model import ContextKind
from accessmgr.core.rules.conditions import belongs, is_linked_today, is_recognised
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

ENTER = (Action.ENTER_SECURE_AREA,)


def actor_holds_an_effective_grant(facts: Facts) -> bool:
    return any(
        grant.holder == facts.actor.id
        and grant.right == facts.ask.right
        and grant.enterprise == facts.enterprise
        and not set(grant.contexts).isdisjoint(facts.contexts)
        and grant.period.has(facts.today)
        and not grant.revoked(facts.at)
        for grant in facts.grants
    )


def actor_is_not_linked(facts: Facts) -> bool:
    return not is_linked_today(facts, facts.actor.id)


def needed_recognition_is_missing(facts: Facts) -> bool:
    return facts.right is not None and facts.right.needs_recognition and is_recognised(facts) is False


def context_does_not_belong_or_is_suspended(facts: Facts) -> bool:
    right = facts.right
    if right is None:
        return False
    elsewhere = any(belongs(facts, right, context, facts.today) is False for context in facts.contexts)
    recognitions = facts.register.recognitions if facts.register else ()
    suspended = right.context_kind is ContextKind.RECOGNITION and any(
        recognition.number in facts.contexts and recognition.suspended(facts.today) for recognition in recognitions
    )
    return elsewhere or suspended


def no_context_is_given(facts: Facts) -> bool:
    return not facts.contexts


RULES = (
    permit(
        "ENTER-1",
        ENTER,
        says=_("The person who asks holds a grant of the right, in the enterprise, for that context, effective now."),
        mend=_("Ask a manager of the enterprise to grant the right for that context, or to extend it."),
        menders=(Mender.GRANTOR,),
        source=("S0", "A2"),
        when=actor_holds_an_effective_grant,
    ),
    forbid(
        "ENTER-2",
        ENTER,
        says=_("The person who asks has no work relation with the enterprise today."),
        mend=_("Ask a user manager of the enterprise to link you to it."),
        menders=(Mender.USER_MANAGER,),
        source=("F3", OURS),
        when=actor_is_not_linked,
    ),
    forbid(
        "ENTER-3",
        ENTER,
        says=_("The right needs a recognition, and the enterprise is not recognised today."),
        mend=_("The enterprise must have a recognition that is neither ended nor suspended."),
        menders=(Mender.REGISTER,),
        source=("F20", OURS),
        when=needed_recognition_is_missing,
    ),
    forbid(
        "ENTER-4",
        ENTER,
        says=_("The context does not belong to the enterprise today, or it is a recognition that is suspended."),
        mend=_("Choose a context that belongs to the enterprise and is not suspended."),
        menders=(Mender.ACTOR, Mender.REGISTER),
        source=(OURS,),
        when=context_does_not_belong_or_is_suspended,
    ),
    forbid(
        "ENTER-5",
        ENTER,
        says=_("No context is given."),
        mend=_("Choose the context for which you want to enter."),
        menders=(Mender.ACTOR,),
        source=("F22", OURS),
        when=no_context_is_given,
    ),
)
