"""What somebody may do who plays one part in an enterprise and no other: found by asking the permits of the catalogue.

The help pages are made from it, so that they say what the rules say, and there is no second list of who may do what.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import product

from accessmgr.core.actions import APPOINTS, Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.decide import Effect, Rule, find
from accessmgr.core.facts import Facts
from accessmgr.core.model import (
    Appointment,
    Domain,
    Function,
    FunctionCode,
    Grant,
    Key,
    Person,
    Register,
    Request,
    Right,
    Role,
    UserType,
    WorkRelation,
)


class Part(StrEnum):
    """A part that somebody plays in an enterprise, or towards it."""

    NONE = "none"
    USER = "user"
    LEGAL_REPRESENTATIVE = "legal_representative"
    MAIN_ACCESS_MANAGER = "main_access_manager"
    CO_MAIN_ACCESS_MANAGER = "co_main_access_manager"
    ACCESS_MANAGER = "access_manager"
    MAIN_LOCAL_ADMINISTRATOR = "main_local_administrator"
    LOCAL_ADMINISTRATOR = "local_administrator"
    AUDITOR = "auditor"


_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_BEFORE = _AT - timedelta(days=1)
_ALWAYS = Period(date(2020, 1, 1), None)
_ENTERPRISE, _ME, _OTHER = "enterprise", "me", "other"
_ROLES: Mapping[Part, tuple[Role, ...]] = {
    Part.MAIN_ACCESS_MANAGER: (Role.MAIN_ACCESS_MANAGER,),
    Part.CO_MAIN_ACCESS_MANAGER: (Role.CO_MAIN_ACCESS_MANAGER,),
    Part.ACCESS_MANAGER: (Role.ACCESS_MANAGER,),
    # Only somebody who may claim the role has it: here by being access manager for a domain besides.
    Part.MAIN_LOCAL_ADMINISTRATOR: (Role.MAIN_LOCAL_ADMINISTRATOR, Role.ACCESS_MANAGER),
    Part.LOCAL_ADMINISTRATOR: (Role.LOCAL_ADMINISTRATOR,),
}
_OFFERED = frozenset({Action.ACCEPT_APPOINTMENT, Action.REFUSE_APPOINTMENT})


def permits_of(part: Part, rules: Iterable[Rule], rights: Iterable[Right]) -> dict[Action, tuple[str, ...]]:
    """The actions that some permit lets the part do, each with the ids of those permits, in the order of the rules.

    :param rights: those that there are; what can be done with any of them counts
    """
    permits = [rule for rule in rules if rule.effect is Effect.PERMIT]
    cases = list(product(tuple(rights), (_ME, _OTHER), tuple(APPOINTS.values())))
    found = {}
    for action in Action:
        asked = [_facts(part, action, right, whose, role) for right, whose, role in cases]
        ids = tuple(rule.id for rule in permits if action in rule.actions and any(find(rule, it).holds for it in asked))
        if ids:
            found[action] = ids
    return found


def _facts(part: Part, action: Action, right: Right, whose: str, role: Role) -> Facts:
    """One case: the thing that the action is about is mine or somebody else's; an appointment is one in that role."""
    code = FunctionCode.DIRECTOR
    representative = _ME if part is Part.LEGAL_REPRESENTATIVE else _OTHER
    functions = (Function("function", _ENTERPRISE, code, representative, None, _ALWAYS),)
    contexts = ("context",)
    held = Grant("grant", _ENTERPRISE, whose, right.code, contexts, _ALWAYS, "relation", _OTHER)
    return Facts(
        ask=Ask(
            action=action,
            actor=_ME,
            level=500,
            key=Key.EID,
            enterprise=_ENTERPRISE,
            person=whose,
            right=right.code,
            contexts=contexts,
            purpose=True,
            reason=True,
        ),
        at=_AT,
        actor=Person(_ME, auditor=part is Part.AUDITOR, keys=frozenset(Key)),
        concerned=Person(whose),
        register=Register(_ALWAYS, functions),
        right=right,
        appointments=tuple(_appointments(part, right.domain)),
        work_relations=tuple(_relation(person) for person in ((_ME, _OTHER) if _is_linked(part) else (_OTHER,))),
        grants=(Grant("own", _ENTERPRISE, _ME, right.code, contexts, _ALWAYS, "relation", _OTHER),)
        if part is Part.USER
        else (),
        appointment=_appointment(role, whose, accepted=action not in _OFFERED),
        relation=_relation(whose),
        grant=held,
        request=Request("request", _ENTERPRISE, whose, right.code, contexts, _BEFORE),
    )


def _appointments(part: Part, domain: Domain) -> Iterator[Appointment]:
    for role in _ROLES.get(part, ()):
        yield _appointment(role, _ME, domain=domain if role is Role.ACCESS_MANAGER else None)


def _appointment(role: Role, holder: str, *, accepted: bool = True, domain: Domain | None = None) -> Appointment:
    at = _BEFORE if accepted else None
    return Appointment(f"{role} of {holder}", _ENTERPRISE, role, holder, _OTHER, _BEFORE, domain, accepted_at=at)


def _is_linked(part: Part) -> bool:
    return part in (Part.USER, Part.LOCAL_ADMINISTRATOR)


def _relation(person: str) -> WorkRelation:
    return WorkRelation(f"relation of {person}", _ENTERPRISE, person, UserType.EMPLOYEE, _ALWAYS, _OTHER)
