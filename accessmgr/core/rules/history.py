"""HISTORY and NUMBER: who may read and export the history, and see a full national number."""

from accessmgr.core.rules.conditions import (
    either,
    is_legal_representative,
    is_main_local_administrator,
    is_main_or_co_main,
)
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

READ = (Action.READ_HISTORY,)
READ_AND_EXPORT = (Action.READ_HISTORY, Action.EXPORT_HISTORY)
REVEAL = (Action.REVEAL_NUMBER,)


def actor_is_auditor(facts: Facts) -> bool:
    return facts.actor.auditor


def actor_manages_the_enterprise(facts: Facts) -> bool:
    person = facts.actor.id
    answers = (
        is_legal_representative(facts, person),
        is_main_or_co_main(facts, person),
        is_main_local_administrator(facts, person),
    )
    return either(answers) is True


def actor_asks_only_about_themself(facts: Facts) -> bool:
    return facts.ask.person == facts.actor.id


def auditor_gives_no_purpose(facts: Facts) -> bool:
    return facts.actor.auditor and not facts.ask.purpose


def number_is_their_own(facts: Facts) -> bool:
    return facts.ask.person == facts.actor.id


def auditor_gives_a_reason(facts: Facts) -> bool:
    return facts.actor.auditor and facts.ask.reason


RULES = (
    permit(
        "HISTORY-1",
        READ_AND_EXPORT,
        says=_("The person who asks is an auditor."),
        mend=_("An auditor, assigned by the operator, can do this."),
        menders=(Mender.OPERATOR,),
        source=("card",),
        when=actor_is_auditor,
    ),
    permit(
        "HISTORY-2",
        READ_AND_EXPORT,
        says=_(
            "The person who asks is a legal representative, the main or a co-main access manager, "
            "or a main local administrator of the enterprise."
        ),
        mend=_("A legal representative or main manager of the enterprise can do this."),
        menders=(Mender.LEGAL_REPRESENTATIVE, Mender.MAIN_ACCESS_MANAGER),
        source=("F5", "F8"),
        when=actor_manages_the_enterprise,
    ),
    permit(
        "HISTORY-3",
        READ,
        says=_("The person who asks wants only entries about themself."),
        mend=_("Anyone can read the entries about themself."),
        menders=(Mender.ACTOR,),
        source=("F10",),
        when=actor_asks_only_about_themself,
    ),
    forbid(
        "HISTORY-4",
        READ_AND_EXPORT,
        says=_("The person who asks is an auditor, and gives no purpose."),
        mend=_("Write for which purpose you look at the history."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=auditor_gives_no_purpose,
    ),
    permit(
        "NUMBER-1",
        REVEAL,
        says=_("The number is that of the person who asks."),
        mend=_("Anyone can see their own number."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=number_is_their_own,
    ),
    permit(
        "NUMBER-2",
        REVEAL,
        says=_("The person who asks is an auditor, and gives a reason."),
        mend=_("An auditor who gives a reason can see the number."),
        menders=(Mender.OPERATOR,),
        source=(OURS,),
        when=auditor_gives_a_reason,
    ),
)
