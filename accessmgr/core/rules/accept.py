"""ACCEPT, END and CLAIM: what becomes of an appointment, and the claim of the Flemish main role."""

from accessmgr.core.model import AppointmentState, Role
from accessmgr.core.rules.conditions import has_role_already, is_main_local_administrator, may_claim, may_offer
from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

ACCEPT = (Action.ACCEPT_APPOINTMENT,)
ANSWER = (Action.ACCEPT_APPOINTMENT, Action.REFUSE_APPOINTMENT)
END = (Action.END_APPOINTMENT,)
CLAIM = (Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR,)


def state_of_the_appointment(facts: Facts) -> AppointmentState | None:
    return facts.appointment.state(facts.at) if facts.appointment else None


def actor_is_the_appointee(facts: Facts) -> bool:
    return facts.appointment is not None and facts.appointment.holder == facts.actor.id


def appointment_is_not_pending(facts: Facts) -> bool:
    return state_of_the_appointment(facts) is not AppointmentState.PENDING


def maker_could_not_offer_it_now(facts: Facts) -> bool:
    offer = facts.appointment
    return offer is not None and may_offer(facts, offer.by, offer.role) is not True


def appointee_has_the_role_meanwhile(facts: Facts) -> bool:
    offer = facts.appointment
    return offer is not None and has_role_already(facts, offer.holder, offer.role, offer.domain)


def actor_could_offer_it_now(facts: Facts) -> bool:
    appointment = facts.appointment
    return appointment is not None and may_offer(facts, facts.actor.id, appointment.role) is True


def actor_holds_the_active_appointment(facts: Facts) -> bool:
    return actor_is_the_appointee(facts) and state_of_the_appointment(facts) is AppointmentState.ACTIVE


def main_role_would_be_left_without_a_word(facts: Facts) -> bool:
    appointment = facts.appointment
    is_active_main = (
        appointment is not None
        and appointment.role is Role.MAIN_ACCESS_MANAGER
        and state_of_the_appointment(facts) is AppointmentState.ACTIVE
    )
    return is_active_main and not facts.ask.without_successor


def appointment_is_neither_pending_nor_active(facts: Facts) -> bool:
    return state_of_the_appointment(facts) not in (AppointmentState.PENDING, AppointmentState.ACTIVE)


def actor_may_claim(facts: Facts) -> bool:
    return may_claim(facts, facts.actor.id)


def actor_claimed_already(facts: Facts) -> bool:
    return is_main_local_administrator(facts, facts.actor.id)


RULES = (
    permit(
        "ACCEPT-1",
        ANSWER,
        says=_("The person who asks is the one to whom the role was offered."),
        mend=_("Only the person to whom the role was offered can answer the offer."),
        menders=(Mender.APPOINTEE,),
        source=("S4", "S16"),
        when=actor_is_the_appointee,
    ),
    forbid(
        "ACCEPT-2",
        ANSWER,
        says=_("The offer is not pending: it was answered, withdrawn or ended, or it lapsed after 30 days."),
        mend=_("Ask whoever made the offer to make a new one."),
        menders=(Mender.LEGAL_REPRESENTATIVE, Mender.MAIN_ACCESS_MANAGER),
        source=("S9", OURS),
        when=appointment_is_not_pending,
    ),
    forbid(
        "ACCEPT-3",
        ACCEPT,
        says=_("Whoever made the offer could not make it now."),
        mend=_("Ask somebody who may offer this role today to make a new offer."),
        menders=(Mender.LEGAL_REPRESENTATIVE, Mender.MAIN_ACCESS_MANAGER),
        source=(OURS,),
        when=maker_could_not_offer_it_now,
    ),
    forbid(
        "ACCEPT-4",
        ACCEPT,
        says=_("The person to whom the role was offered has that role meanwhile."),
        mend=_("Nothing needs to be done: you have the role."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=appointee_has_the_role_meanwhile,
    ),
    permit(
        "END-1",
        END,
        says=_("The person who asks could offer that role now."),
        mend=_("Somebody who may offer this role can end it."),
        menders=(Mender.LEGAL_REPRESENTATIVE, Mender.MAIN_ACCESS_MANAGER, Mender.MAIN_LOCAL_ADMINISTRATOR),
        source=("S1", "S4"),
        when=actor_could_offer_it_now,
    ),
    permit(
        "END-2",
        END,
        says=_("The appointment is active, and the person who asks holds it."),
        mend=_("The holder of an active appointment can end it."),
        menders=(Mender.APPOINTEE,),
        source=(OURS,),
        when=actor_holds_the_active_appointment,
    ),
    forbid(
        "END-3",
        END,
        says=_("It is the active main role, and the request does not say that there is no successor."),
        mend=_("Appoint a successor who replaces this person, or say that there is no successor."),
        menders=(Mender.ACTOR, Mender.LEGAL_REPRESENTATIVE),
        source=("S8",),
        when=main_role_would_be_left_without_a_word,
    ),
    forbid(
        "END-4",
        END,
        says=_("The appointment is neither pending nor active."),
        mend=_("Nothing needs to be done: the appointment is over."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=appointment_is_neither_pending_nor_active,
    ),
    permit(
        "CLAIM-1",
        CLAIM,
        says=_(
            "The person who asks is main or co-main access manager of the enterprise, "
            "or its access manager for the Flemish government."
        ),
        mend=_("Have the main access manager appoint you, or ask the main access manager to do it."),
        menders=(Mender.MAIN_ACCESS_MANAGER,),
        source=("F10", "F1"),
        when=actor_may_claim,
    ),
    forbid(
        "CLAIM-2",
        CLAIM,
        says=_("The person who asks is already main local administrator of the enterprise."),
        mend=_("Nothing needs to be done: you have the role."),
        menders=(Mender.NOBODY,),
        source=(OURS,),
        when=actor_claimed_already,
    ),
)
