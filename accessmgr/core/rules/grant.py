"""GRANT: who may give, extend and revoke a right, to whom, for which contexts and how long."""

from accessmgr.core.rules.conditions import belongs, is_recognised, may_grant
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

GRANT, EXTEND, REVOKE = Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.REVOKE_GRANT
REQUEST, APPROVE = Action.REQUEST_RIGHT, Action.APPROVE_REQUEST


def actor_may_grant(facts: Facts) -> bool:
    return facts.right is not None and may_grant(facts, facts.actor.id, facts.right) is True


def no_work_relation_covers_the_period(facts: Facts) -> bool:
    holder, asked = facts.concerned, facts.grant_period
    return (
        holder is not None
        and asked is not None
        and not any(relation.person == holder.id and relation.period.covers(asked) for relation in facts.work_relations)
    )


def right_is_not_for_the_target_group(facts: Facts) -> bool:
    right, group = facts.right, facts.target_group
    return right is not None and group is not None and group not in right.target_groups


def no_context_is_given(facts: Facts) -> bool:
    return not facts.contexts


def some_context_does_not_belong(facts: Facts) -> bool:
    right = facts.right
    if right is None:
        return False
    day = facts.ask.period.first if facts.ask.period else facts.today
    return any(belongs(facts, right, context, day) is False for context in facts.contexts)


def period_begins_before_today(facts: Facts) -> bool:
    return facts.ask.period is not None and facts.ask.period.first < facts.today


def period_is_backwards(facts: Facts) -> bool:
    asked = facts.grant_period
    if asked is None or asked.last is None:
        return False
    return asked.last < asked.first or (facts.ask.action is EXTEND and asked.last < facts.today)


def period_is_too_long(facts: Facts) -> bool:
    asked, right = facts.grant_period, facts.right
    if asked is None or right is None:
        return False
    if asked.last is None:
        return True
    return (asked.last - max(asked.first, facts.today)).days > right.max_days


def needed_recognition_is_missing(facts: Facts) -> bool:
    return facts.right is not None and facts.right.needs_recognition and is_recognised(facts) is False


def holder_has_it_already(facts: Facts) -> bool:
    holder, asked, right = facts.concerned, facts.grant_period, facts.right
    if holder is None or asked is None or right is None:
        return False
    return any(
        grant.holder == holder.id
        and grant.right == right.code
        and (facts.grant is None or grant.id != facts.grant.id)
        and not grant.revoked(facts.at)
        and grant.period.overlaps(asked)
        and not set(grant.contexts).isdisjoint(facts.contexts)
        for grant in facts.grants
    )


def holder_would_grant_to_themself(facts: Facts) -> bool:
    return facts.four_eyes and facts.concerned is not None and facts.concerned.id == facts.actor.id


def grant_is_revoked_or_over(facts: Facts) -> bool:
    grant = facts.grant
    if grant is None:
        return False
    return grant.revoked(facts.at) or (grant.period.last is not None and grant.period.last < facts.today)


def actor_is_the_holder(facts: Facts) -> bool:
    return facts.grant is not None and facts.grant.holder == facts.actor.id


RULES = (
    permit(
        "GRANT-1",
        (GRANT, EXTEND, REVOKE),
        says=_("The person who asks holds, in the enterprise, one of the roles that may grant this right."),
        mend=_("Somebody with one of the roles that may grant this right can do this."),
        menders=(Mender.GRANTOR,),
        source=("S0", "F17", "F18"),
        when=actor_may_grant,
    ),
    forbid(
        "GRANT-2",
        (GRANT, EXTEND, APPROVE),
        says=_("No work relation of the person with the enterprise covers the whole period of the right."),
        mend=_("Choose a period within the work relation, or link the person for the whole period first."),
        menders=(Mender.ACTOR, Mender.USER_MANAGER),
        source=("F9", "F3", OURS),
        when=no_work_relation_covers_the_period,
    ),
    forbid(
        "GRANT-3",
        (GRANT, APPROVE, REQUEST),
        says=_("The right is not offered to the target group of the enterprise."),
        mend=_("This right is not for this kind of enterprise; choose another right."),
        menders=(Mender.NOBODY,),
        source=("F5",),
        when=right_is_not_for_the_target_group,
    ),
    forbid(
        "GRANT-4",
        (GRANT, APPROVE, REQUEST),
        says=_("No context is given for the right."),
        mend=_("Choose at least one context, such as a recognition number."),
        menders=(Mender.ACTOR,),
        source=("F3", "F22"),
        when=no_context_is_given,
    ),
    forbid(
        "GRANT-5",
        (GRANT, EXTEND, APPROVE, REQUEST),
        says=_("Some context does not belong to the enterprise on that day."),
        mend=_("Choose only contexts that belong to the enterprise on the first day of the right."),
        menders=(Mender.ACTOR,),
        source=("S0", OURS),
        when=some_context_does_not_belong,
    ),
    forbid(
        "GRANT-6",
        (GRANT, APPROVE),
        says=_("The period of the right begins before today."),
        mend=_("Choose a first day that is today or later."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=period_begins_before_today,
    ),
    forbid(
        "GRANT-7",
        (GRANT, EXTEND, APPROVE),
        says=_("The period of the right ends before it begins, or the new end is before today."),
        mend=_("Choose a last day that is not before the first day, nor before today."),
        menders=(Mender.ACTOR,),
        source=("F9",),
        when=period_is_backwards,
    ),
    forbid(
        "GRANT-8",
        (GRANT, EXTEND, APPROVE),
        says=_("The end lies further away than the longest period of the right."),
        mend=_("Choose an earlier last day; the right can be extended later."),
        menders=(Mender.ACTOR,),
        source=("F6", "F9"),
        when=period_is_too_long,
    ),
    forbid(
        "GRANT-9",
        (GRANT, EXTEND, APPROVE, REQUEST),
        says=_("The right needs a recognition, and the enterprise is not recognised today."),
        mend=_("The enterprise must have a recognition that is neither ended nor suspended."),
        menders=(Mender.REGISTER,),
        source=("F19", OURS),
        when=needed_recognition_is_missing,
    ),
    forbid(
        "GRANT-10",
        (GRANT, EXTEND, APPROVE),
        says=_("The person has another grant of that right in the enterprise, with a context and a day in common."),
        mend=_("Extend the grant that exists, or choose other contexts or another period."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=holder_has_it_already,
    ),
    forbid(
        "GRANT-11",
        (GRANT, EXTEND),
        says=_("The four-eyes setting is on, and the person would grant the right to themself."),
        mend=_("Ask another manager of the enterprise to grant it."),
        menders=(Mender.GRANTOR,),
        source=("S13", OURS),
        when=holder_would_grant_to_themself,
    ),
    forbid(
        "GRANT-12",
        (EXTEND, REVOKE),
        says=_("The grant is revoked, or its last day is before today."),
        mend=_("Grant the right anew if it is needed."),
        menders=(Mender.GRANTOR,),
        source=("F14", OURS),
        when=grant_is_revoked_or_over,
    ),
    permit(
        "GRANT-13",
        (REVOKE,),
        says=_("The person who asks holds the right, and renounces it."),
        mend=_("The holder of the right can renounce it."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=actor_is_the_holder,
    ),
)
