"""KEY: the assurance level that the digital key must have."""

from accessmgr.core.actions import APPOINTS
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid

LEVEL_TO_APPOINT = 450
LEVEL_TO_MANAGE = 400

MANAGES = (
    Action.ACCEPT_APPOINTMENT,
    Action.REFUSE_APPOINTMENT,
    Action.END_APPOINTMENT,
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR,
    Action.LINK_PERSON,
    Action.END_WORK_RELATION,
    Action.GRANT_RIGHT,
    Action.EXTEND_GRANT,
    Action.REVOKE_GRANT,
    Action.REQUEST_RIGHT,
    Action.APPROVE_REQUEST,
    Action.REFUSE_REQUEST,
    Action.WITHDRAW_REQUEST,
    Action.READ_HISTORY,
    Action.EXPORT_HISTORY,
    Action.REVEAL_NUMBER,
)


def ends_own_appointment(facts: Facts) -> bool:
    return facts.appointment is not None and facts.appointment.holder == facts.actor.id


def level_is_too_low_to_appoint(facts: Facts) -> bool:
    if facts.ask.action is Action.END_APPOINTMENT and ends_own_appointment(facts):
        return False
    return facts.ask.level < LEVEL_TO_APPOINT


def level_is_too_low_to_manage(facts: Facts) -> bool:
    if facts.ask.action is Action.END_APPOINTMENT and not ends_own_appointment(facts):
        return False
    return facts.ask.level < LEVEL_TO_MANAGE


def level_is_too_low_for_the_right(facts: Facts) -> bool:
    return facts.right is not None and facts.ask.level < facts.right.level


RULES = (
    forbid(
        "KEY-1",
        (*APPOINTS, Action.END_APPOINTMENT),
        says=_("The level of the digital key is below 450, and appointments ask for eID or itsme."),
        mend=_("Sign in with eID or itsme and carry on."),
        menders=(Mender.ACTOR,),
        source=("S0", "F17", OURS),
        when=level_is_too_low_to_appoint,
    ),
    forbid(
        "KEY-2",
        MANAGES,
        says=_("The level of the digital key is below 400."),
        mend=_("Sign in with eID, itsme or a security code from the app, and carry on."),
        menders=(Mender.ACTOR,),
        source=(OURS,),
        when=level_is_too_low_to_manage,
    ),
    forbid(
        "KEY-3",
        (Action.ENTER_SECURE_AREA,),
        says=_("The level of the digital key is below the one that the right asks for."),
        mend=_("Sign in with a stronger digital key and carry on."),
        menders=(Mender.ACTOR,),
        source=("S0", OURS),
        when=level_is_too_low_for_the_right,
    ),
)
