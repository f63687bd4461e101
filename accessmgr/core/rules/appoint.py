"""APPOINT: who may offer which role in an enterprise to whom."""

from accessmgr.core.actions import APPOINTS
from accessmgr.core.model import Role
from accessmgr.core.rules.conditions import (
    active,
    has_role_already,
    is_legal_representative,
    is_linked_today,
    may_offer,
)
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

MAIN = (Action.APPOINT_MAIN_ACCESS_MANAGER,)
CO_MAIN = (Action.APPOINT_CO_MAIN_ACCESS_MANAGER,)
DOMAIN = (Action.APPOINT_ACCESS_MANAGER,)
LOCAL = (Action.APPOINT_LOCAL_ADMINISTRATOR,)


def actor_may_offer_the_role(facts: Facts) -> bool:
    return may_offer(facts, facts.actor.id, APPOINTS[facts.ask.action]) is True


def appointee_is_an_outsider(facts: Facts) -> bool:
    if facts.concerned is None or facts.ask.employee:
        return False
    return is_legal_representative(facts, facts.concerned.id) is False


def main_role_is_taken_and_not_replaced(facts: Facts) -> bool:
    return bool(active(facts, Role.MAIN_ACCESS_MANAGER)) and not facts.ask.replaces


def appointee_has_the_role(facts: Facts) -> bool:
    if facts.concerned is None:
        return False
    return has_role_already(facts, facts.concerned.id, APPOINTS[facts.ask.action], facts.ask.domain)


def appointee_is_not_linked(facts: Facts) -> bool:
    return facts.concerned is not None and not is_linked_today(facts, facts.concerned.id)


RULES = (
    permit(
        "APPOINT-1",
        MAIN,
        says=_("The person who asks is a legal representative of the enterprise."),
        mend=_("A legal representative, found under the functions of the enterprise in the register, can do this."),
        menders=(Mender.LEGAL_REPRESENTATIVE,),
        source=("S1", "S4", "S14"),
        when=actor_may_offer_the_role,
    ),
    forbid(
        "APPOINT-2",
        MAIN + CO_MAIN,
        says=_("The appointee is neither declared an employee nor a legal representative of the enterprise."),
        mend=_("Appoint an employee and declare it, or appoint a legal representative."),
        menders=(Mender.ACTOR,),
        source=("S1", "S7"),
        when=appointee_is_an_outsider,
    ),
    forbid(
        "APPOINT-3",
        MAIN,
        says=_("The enterprise has a main access manager, and the request does not say that it replaces them."),
        mend=_("Say that the new main access manager replaces the present one."),
        menders=(Mender.ACTOR,),
        source=("S8",),
        when=main_role_is_taken_and_not_replaced,
    ),
    forbid(
        "APPOINT-4",
        MAIN,
        says=_("The appointee is already the main access manager of the enterprise."),
        mend=_("Nothing needs to be done: this person has the role."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=appointee_has_the_role,
    ),
    permit(
        "APPOINT-5",
        CO_MAIN,
        says=_("The person who asks is the main access manager of the enterprise."),
        mend=_("The main access manager can do this."),
        menders=(Mender.MAIN_ACCESS_MANAGER,),
        source=("S1", "S7"),
        when=actor_may_offer_the_role,
    ),
    forbid(
        "APPOINT-6",
        CO_MAIN,
        says=_("The appointee is already the main or a co-main access manager of the enterprise."),
        mend=_("Nothing needs to be done: this person has such a role."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=appointee_has_the_role,
    ),
    permit(
        "APPOINT-7",
        DOMAIN,
        says=_("The person who asks is the main or a co-main access manager of the enterprise."),
        mend=_("The main or a co-main access manager can do this."),
        menders=(Mender.MAIN_ACCESS_MANAGER,),
        source=("S1",),
        when=actor_may_offer_the_role,
    ),
    forbid(
        "APPOINT-8",
        DOMAIN,
        says=_("The appointee is already access manager for that domain, or for all domains."),
        mend=_("Nothing needs to be done for this domain; choose another one if you meant it."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=appointee_has_the_role,
    ),
    permit(
        "APPOINT-9",
        LOCAL,
        says=_("The person who asks is a main local administrator of the enterprise."),
        mend=_("A main local administrator can do this."),
        menders=(Mender.MAIN_LOCAL_ADMINISTRATOR,),
        source=("F12",),
        when=actor_may_offer_the_role,
    ),
    forbid(
        "APPOINT-10",
        LOCAL,
        says=_("The appointee has no work relation with the enterprise today."),
        mend=_("Link the person to the enterprise first."),
        menders=(Mender.USER_MANAGER,),
        source=("F3", "F5"),
        when=appointee_is_not_linked,
    ),
    forbid(
        "APPOINT-11",
        LOCAL,
        says=_("The appointee is already local administrator of the enterprise."),
        mend=_("Nothing needs to be done: this person has the role."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=appointee_has_the_role,
    ),
)
