"""Who counts as what: the words of the rulebook that several rules share, as functions of the facts.

An answer can be unknown (None) while the register does not answer; `either` and `holds` say how
unknowns combine: one True settles an "or", and a rule never holds on an unknown.
"""

from collections.abc import Iterable
from datetime import date

from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    OFFICE_HOLDERS,
    REPRESENTING,
    Appointment,
    AppointmentState,
    ContextKind,
    Domain,
    Right,
    Role,
)


def either(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of the answers is yes: True settles it, else an unknown leaves it unknown."""
    together: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            together = None
    return together


def is_legal_representative(facts: Facts, person: str) -> bool | None:
    """Whether the person is a legal representative today (rulebook, "Legal representative")."""
    if facts.register is None:
        return None
    held = [function for function in facts.register.functions if function.period.has(facts.today)]
    office = [function for function in held if function.code in OFFICE_HOLDERS]
    return any(function.holder == person and function.code in REPRESENTING for function in office or held)


def active(facts: Facts, role: Role) -> list[Appointment]:
    """The active appointments in a role."""
    return [
        appointment
        for appointment in facts.appointments
        if appointment.role is role and appointment.state(facts.at) is AppointmentState.ACTIVE
    ]


def holds_role(facts: Facts, person: str, role: Role) -> bool:
    """Whether an active appointment gives the person the role, in whatever domain."""
    return any(appointment.holder == person for appointment in active(facts, role))


def is_main(facts: Facts, person: str) -> bool:
    """Whether the person is the main access manager."""
    return holds_role(facts, person, Role.MAIN_ACCESS_MANAGER)


def is_main_or_co_main(facts: Facts, person: str) -> bool:
    """Whether the person is the main or a co-main access manager."""
    return is_main(facts, person) or holds_role(facts, person, Role.CO_MAIN_ACCESS_MANAGER)


def is_access_manager(facts: Facts, person: str, domain: Domain) -> bool:
    """Whether the person is access manager for the domain, or for all."""
    return any(
        appointment.holder == person and appointment.domain in (domain, Domain.ALL)
        for appointment in active(facts, Role.ACCESS_MANAGER)
    )


def may_claim(facts: Facts, person: str) -> bool:
    """Whether the person holds a role that lets them be main local administrator."""
    return is_main_or_co_main(facts, person) or is_access_manager(facts, person, Domain.FLEMISH_GOVERNMENT)


def is_main_local_administrator(facts: Facts, person: str) -> bool:
    """Whether the person made a claim, and holds a role that lets it count."""
    return holds_role(facts, person, Role.MAIN_LOCAL_ADMINISTRATOR) and may_claim(facts, person)


def is_linked_today(facts: Facts, person: str) -> bool:
    """Whether the person has a work relation with the enterprise today."""
    return any(relation.person == person and relation.period.has(facts.today) for relation in facts.work_relations)


def is_local_administrator(facts: Facts, person: str) -> bool:
    """Whether the person is local administrator: it counts only with a work relation today."""
    return holds_role(facts, person, Role.LOCAL_ADMINISTRATOR) and is_linked_today(facts, person)


def is_user_manager(facts: Facts, person: str) -> bool:
    """Whether the person may manage users of the enterprise (rulebook, "User manager")."""
    return may_claim(facts, person) or is_local_administrator(facts, person)


def may_offer(facts: Facts, person: str, role: Role) -> bool | None:
    """Whether the permit to offer that role would hold for the person (APPOINT-1, -5, -7, -9)."""
    match role:
        case Role.MAIN_ACCESS_MANAGER:
            return is_legal_representative(facts, person)
        case Role.CO_MAIN_ACCESS_MANAGER:
            return is_main(facts, person)
        case Role.ACCESS_MANAGER:
            return is_main_or_co_main(facts, person)
        case Role.LOCAL_ADMINISTRATOR:
            return is_main_local_administrator(facts, person)
    return False


def has_role_already(facts: Facts, person: str, role: Role, domain: Domain | None) -> bool:
    """Whether the offer of that role would give the person nothing new (APPOINT-4, -6, -8, -11)."""
    match role:
        case Role.MAIN_ACCESS_MANAGER:
            return is_main(facts, person)
        case Role.CO_MAIN_ACCESS_MANAGER:
            return is_main_or_co_main(facts, person)
        case Role.ACCESS_MANAGER if domain is not None:
            return is_access_manager(facts, person, domain)
        case Role.LOCAL_ADMINISTRATOR:
            return is_local_administrator(facts, person)
    raise ValueError(f"the role `{role}` is not offered")


def may_grant(facts: Facts, person: str, right: Right) -> bool | None:
    """Whether the person holds one of the roles that the right lets grant it (GRANT-1)."""
    return either(_holds_grantor(facts, person, role, right) for role in sorted(right.grantors))


def _holds_grantor(facts: Facts, person: str, role: Role, right: Right) -> bool | None:
    match role:
        case Role.LEGAL_REPRESENTATIVE:
            return is_legal_representative(facts, person)
        case Role.ACCESS_MANAGER:
            return is_access_manager(facts, person, right.domain)
        case Role.MAIN_LOCAL_ADMINISTRATOR:
            return is_main_local_administrator(facts, person)
        case Role.LOCAL_ADMINISTRATOR:
            return is_local_administrator(facts, person)
    return holds_role(facts, person, role)


def belongs(facts: Facts, right: Right, value: str, day: date) -> bool | None:
    """Whether the context belongs to the enterprise on that day (rulebook, "Context")."""
    if right.context_kind is ContextKind.PROFILE:
        return value in right.profiles
    if facts.register is None:
        return None
    if right.context_kind is ContextKind.RECOGNITION:
        return any(
            recognition.number == value and recognition.period.has(day) for recognition in facts.register.recognitions
        )
    return any(
        establishment.number == value and establishment.owner(day) == facts.enterprise and establishment.period.has(day)
        for establishment in facts.register.establishments
    )


def is_recognised(facts: Facts) -> bool | None:
    """Whether the enterprise has today a recognition that is neither ended nor suspended."""
    if facts.register is None:
        return None
    return any(
        recognition.period.has(facts.today) and not recognition.suspended(facts.today)
        for recognition in facts.register.recognitions
    )
