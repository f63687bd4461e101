"""LINK: who may link a person to an enterprise, and end that work relation."""

from accessmgr.core.rules.conditions import is_user_manager
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

LINK = (Action.LINK_PERSON,)
END = (Action.END_WORK_RELATION,)


def actor_is_user_manager(facts: Facts) -> bool:
    return is_user_manager(facts, facts.actor.id)


def person_is_linked_in_that_period(facts: Facts) -> bool:
    asked, person = facts.ask.period, facts.concerned
    return (
        asked is not None
        and person is not None
        and any(relation.person == person.id and relation.period.overlaps(asked) for relation in facts.work_relations)
    )


def actor_is_the_person_linked(facts: Facts) -> bool:
    return facts.relation is not None and facts.relation.person == facts.actor.id


def relation_is_over_or_day_is_past(facts: Facts) -> bool:
    relation, last_day = facts.relation, facts.ask.last_day
    is_over = relation is not None and relation.period.last is not None and relation.period.last < facts.today
    return is_over or (last_day is not None and last_day < facts.today)


def period_is_past_or_backwards(facts: Facts) -> bool:
    asked = facts.ask.period
    return asked is not None and (asked.first < facts.today or asked.is_empty)


RULES = (
    permit(
        "LINK-1",
        LINK + END,
        says=_("The person who asks is a user manager of the enterprise."),
        mend=_("A user manager of the enterprise can do this."),
        menders=(Mender.USER_MANAGER,),
        source=("S0", "F5", "F9"),
        when=actor_is_user_manager,
    ),
    forbid(
        "LINK-2",
        LINK,
        says=_("The person already has a work relation with the enterprise that overlaps the period."),
        mend=_("Use the work relation that exists, or choose a period that begins after it."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=person_is_linked_in_that_period,
    ),
    permit(
        "LINK-3",
        END,
        says=_("The person who asks is the person linked."),
        mend=_("The person linked can end their own work relation."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=actor_is_the_person_linked,
    ),
    forbid(
        "LINK-4",
        END,
        says=_("The work relation is over, or the last day asked for is before today."),
        mend=_("Choose today or a later day as the last day, if the work relation still runs."),
        menders=(Mender.ACTOR,),
        source=("F14", OURS),
        when=relation_is_over_or_day_is_past,
    ),
    forbid(
        "LINK-5",
        LINK,
        says=_("The period begins before today, or ends before it begins."),
        mend=_("Choose a first day that is today or later, and a last day that is not before it."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=period_is_past_or_backwards,
    ),
)
