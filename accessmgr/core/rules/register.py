"""REG and PERSON: what the registers must say of the enterprise and of the people."""

from accessmgr.core.actions import APPOINTS, FINDS_PERSON
from accessmgr.core.rules.sign_in import actor_is_deceased
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid

NEEDS_REGISTER = (
    *APPOINTS,
    Action.ACCEPT_APPOINTMENT,
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR,
    Action.LINK_PERSON,
    Action.GRANT_RIGHT,
    Action.EXTEND_GRANT,
    Action.REQUEST_RIGHT,
    Action.APPROVE_REQUEST,
    Action.ENTER_SECURE_AREA,
)


def enterprise_is_not_active(facts: Facts) -> bool:
    return facts.register is not None and not facts.register.period.has(facts.today)


def register_has_no_answer(facts: Facts) -> bool:
    return facts.register is None


def person_concerned_is_deceased(facts: Facts) -> bool:
    person = facts.concerned
    return person is not None and person.deceased is not None and person.deceased <= facts.today


def nobody_has_number_and_names(facts: Facts) -> bool:
    return facts.concerned is None


RULES = (
    forbid(
        "REG-1",
        NEEDS_REGISTER,
        says=_("The enterprise is in the register, and is not active today."),
        mend=_("If the enterprise is active, have its data in the register corrected."),
        menders=(Mender.REGISTER,),
        source=("G9", OURS),
        when=enterprise_is_not_active,
    ),
    forbid(
        "REG-2",
        NEEDS_REGISTER,
        says=_("The register has no answer about the enterprise."),
        mend=_("Try again later: nothing is decided on facts that are not known."),
        menders=(Mender.REGISTER,),
        source=(OURS,),
        when=register_has_no_answer,
    ),
    forbid(
        "PERSON-1",
        (*FINDS_PERSON, Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.APPROVE_REQUEST),
        says=_("The register records the death of the person concerned, today or earlier."),
        mend=_("If this is a mistake, have the register corrected."),
        menders=(Mender.REGISTER,),
        source=(OURS,),
        when=person_concerned_is_deceased,
    ),
    forbid(
        "PERSON-2",
        FINDS_PERSON,
        says=_("The number and the names given do not belong to one known person."),
        mend=_("Check the number and the names with the person, and write them as on the identity card."),
        menders=(Mender.ACTOR,),
        source=("S2", "F9", OURS),
        when=nobody_has_number_and_names,
    ),
    forbid(
        "PERSON-3",
        tuple(action for action in Action if action is not Action.SIGN_IN),
        says=_("The register records the death of the person who asks, today or earlier."),
        mend=_("If this is a mistake, have the register corrected."),
        menders=(Mender.REGISTER,),
        source=(OURS,),
        when=actor_is_deceased,
    ),
)
