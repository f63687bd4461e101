"""Where the mending of a refusal starts: for each rule the pages with the form, filled in as far as an address may be.

An address holds enterprise numbers, opaque ids, and codes and contexts that the register or a list knows; never a
name, a national number or anything else that somebody typed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.asked import known_among
from accessmgr.core.decide import Mender
from accessmgr.core.facts import Facts
from accessmgr.core.model import AppointmentState, Role
from accessmgr.core.rules.conditions import (
    is_legal_representative,
    is_main,
    is_main_local_administrator,
    is_user_manager,
    may_grant,
)


@dataclass(frozen=True)
class Start:
    """A page where somebody who can mend a refusal starts: the endpoint, and what its address is filled in with."""

    mender: Mender
    endpoint: str
    values: Mapping[str, Any]


OPEN = frozenset({"sign_in.choose", "users.new_request", "secure_area.home", "history.me"})
"""The pages that open to everybody; the others only to somebody for whom a permit holds."""

Starts = Callable[[Facts], Iterator[Start]]


def starts(rule_id: str, facts: Facts) -> list[Start]:
    """Where the mending of a refusal by that rule starts; none if the question names too little."""
    return [start for find in MENDING.get(rule_id, ()) for start in find(facts)]


def is_mender(mender: Mender, facts: Facts, person: str) -> bool:
    """Whether the person is, by the facts, one of those who could mend it."""
    match mender:
        case Mender.ACTOR:
            return person == facts.actor.id
        case Mender.LEGAL_REPRESENTATIVE:
            return is_legal_representative(facts, person) is True
        case Mender.MAIN_ACCESS_MANAGER:
            return is_main(facts, person)
        case Mender.MAIN_LOCAL_ADMINISTRATOR:
            return is_main_local_administrator(facts, person)
        case Mender.USER_MANAGER:
            return is_user_manager(facts, person)
        case Mender.GRANTOR:
            return facts.right is not None and may_grant(facts, person, facts.right) is True
        case Mender.APPOINTEE:
            return facts.appointment is not None and facts.appointment.holder == person
    return False


def bare(facts: Facts) -> Facts:
    """The facts without all that they tell about the enterprise, for whoever may not be told."""
    return replace(
        facts,
        register=None,
        target_group=None,
        appointments=(),
        work_relations=(),
        grants=(),
        requests=(),
    )


# --- pages ------------------------------------------------------------------------------------------------


def _page(mender: Mender, endpoint: str, **values: Any) -> Iterator[Start]:
    yield Start(mender, endpoint, {name: value for name, value in values.items() if value})


def _sign_in(facts: Facts, step_up: int = 0) -> Iterator[Start]:
    yield from _page(Mender.ACTOR, "sign_in.choose", step_up=step_up)


def _request(facts: Facts) -> Iterator[Start]:
    """Request the right, where it is one that can be requested."""
    right = facts.right
    if right is not None and right.requestable and facts.enterprise is not None:
        group = str(facts.target_group) if facts.target_group is not None else None
        named = {"ec": right.code, "ctx": known_among(facts), "oc": facts.enterprise}
        yield from _page(Mender.ACTOR, "users.new_request", dg=group, **named)


def _of_whom(facts: Facts) -> str | None:
    """The person who is to get or have the right, or to be linked."""
    if facts.ask.action in (Action.ENTER_SECURE_AREA, Action.REQUEST_RIGHT):
        return facts.actor.id
    return facts.concerned.id if facts.concerned is not None else None


def _grant(facts: Facts, mender: Mender = Mender.GRANTOR) -> Iterator[Start]:
    """Grant the right; to somebody who is not linked, link them first."""
    person = _of_whom(facts)
    if facts.enterprise is None or facts.right is None or person is None:
        return
    values = {"number": facts.enterprise, "person": person, "right": facts.right.code, "ctx": known_among(facts)}
    yield from _page(mender, "users.grant", **values)


def _link(facts: Facts, mender: Mender = Mender.USER_MANAGER) -> Iterator[Start]:
    if facts.enterprise is not None:
        yield from _page(mender, "users.add", number=facts.enterprise, person=_of_whom(facts))


def _appoint(facts: Facts, mender: Mender, role: Role | None = None) -> Iterator[Start]:
    """Offer a role: the one named, else that of the question."""
    wanted = role or APPOINTS.get(facts.ask.action) or (facts.appointment.role if facts.appointment else None)
    if facts.enterprise is not None and wanted in APPOINTS.values():
        domain = facts.ask.domain or (facts.appointment.domain if facts.appointment else None)
        values = {"number": facts.enterprise, "role": str(wanted)}
        yield from _page(mender, "managers.appoint", **values, domain=domain and str(domain))


def _appointment(facts: Facts, mender: Mender, endpoint: str) -> Iterator[Start]:
    if facts.appointment is not None:
        yield Start(mender, endpoint, {"appointment": facts.appointment.id})


OFFERED_BY: Mapping[Role, Mender] = {
    Role.MAIN_ACCESS_MANAGER: Mender.LEGAL_REPRESENTATIVE,
    Role.CO_MAIN_ACCESS_MANAGER: Mender.MAIN_ACCESS_MANAGER,
    Role.ACCESS_MANAGER: Mender.MAIN_ACCESS_MANAGER,
    Role.LOCAL_ADMINISTRATOR: Mender.MAIN_LOCAL_ADMINISTRATOR,
}
"""Who offers each role, and ends it."""


def _new_offer(facts: Facts) -> Iterator[Start]:
    """Offer the role of the appointment once more."""
    if facts.appointment is not None and facts.appointment.role in OFFERED_BY:
        yield from _appoint(facts, OFFERED_BY[facts.appointment.role])


def _end(facts: Facts) -> Iterator[Start]:
    """End the appointment, by whoever could offer its role."""
    if facts.appointment is not None and facts.appointment.role in OFFERED_BY:
        yield from _appointment(facts, OFFERED_BY[facts.appointment.role], "managers.end")


def _accept_offer(facts: Facts) -> Iterator[Start]:
    """Accept a role that was offered to the actor and waits for their answer."""
    for offer in facts.appointments:
        if offer.holder == facts.actor.id and offer.state(facts.at) is AppointmentState.PENDING:
            yield Start(Mender.ACTOR, "managers.offer", {"appointment": offer.id})


def _again(facts: Facts) -> Iterator[Start]:
    """The form of the question itself, to be filled in otherwise."""
    action = facts.ask.action
    if action is Action.LINK_PERSON:
        yield from _link(facts, Mender.ACTOR)
    elif action in APPOINTS:
        yield from _appoint(facts, Mender.ACTOR)
    elif facts.request is not None:
        yield from _page(Mender.ACTOR, "users.one_request", request_id=facts.request.id)
    elif facts.relation is not None:
        yield from _page(Mender.ACTOR, "users.end_relation", relation=facts.relation.id)
    elif action is Action.EXTEND_GRANT and facts.grant is not None:
        yield from _page(Mender.ACTOR, "users.extend", grant=facts.grant.id)
    elif action is Action.GRANT_RIGHT:
        yield from _grant(facts, Mender.ACTOR)
    elif action is Action.REQUEST_RIGHT:
        yield from _request(facts)
    elif action is Action.ENTER_SECURE_AREA:
        yield from _page(Mender.ACTOR, "secure_area.home")


def _by_a_grantor(facts: Facts) -> Iterator[Start]:
    """What was asked, done by somebody who may grant the right."""
    action, grant, asked = facts.ask.action, facts.grant, facts.request
    if asked is not None:
        yield from _page(Mender.GRANTOR, "users.one_request", request_id=asked.id)
    elif grant is not None and action in (Action.EXTEND_GRANT, Action.REVOKE_GRANT):
        endpoint = "users.extend" if action is Action.EXTEND_GRANT else "users.revoke"
        yield from _page(Mender.GRANTOR, endpoint, grant=grant.id)
    else:
        yield from _grant(facts)


def _by_a_user_manager(facts: Facts) -> Iterator[Start]:
    if facts.relation is not None:
        yield from _page(Mender.USER_MANAGER, "users.end_relation", relation=facts.relation.id)
    else:
        yield from _link(facts)


def _their_page(facts: Facts) -> Iterator[Start]:
    """The page of the person concerned, with the work relation that exists."""
    if facts.enterprise is not None and facts.concerned is not None:
        yield Start(Mender.ACTOR, "users.person", {"number": facts.enterprise, "person": facts.concerned.id})


def _other_grant(facts: Facts) -> Iterator[Start]:
    """Extend the grant that is in the way."""
    for grant in facts.grants:
        shares = not set(grant.contexts).isdisjoint(facts.contexts)
        is_other = facts.grant is None or grant.id != facts.grant.id
        if (
            shares
            and is_other
            and facts.concerned
            and grant.holder == facts.concerned.id
            and not grant.revoked(facts.at)
        ):
            yield Start(Mender.ACTOR, "users.extend", {"grant": grant.id})


def _pending_request(facts: Facts) -> Iterator[Start]:
    """The request that waits for an answer."""
    for request in facts.requests:
        if request.requester == facts.actor.id and not set(request.contexts).isdisjoint(facts.contexts):
            for mender in (Mender.ACTOR, Mender.GRANTOR):
                yield Start(mender, "users.one_request", {"request_id": request.id})


def _history(facts: Facts, mender: Mender) -> Iterator[Start]:
    if facts.enterprise is not None:
        yield from _page(mender, "history.enterprise", number=facts.enterprise)


def _own_history(facts: Facts) -> Iterator[Start]:
    yield from _page(Mender.ACTOR, "history.me")


# --- the rules --------------------------------------------------------------------------------------------

LR, MAIN, MLA = Mender.LEGAL_REPRESENTATIVE, Mender.MAIN_ACCESS_MANAGER, Mender.MAIN_LOCAL_ADMINISTRATOR
_main_role: Starts = partial(_appoint, mender=LR, role=Role.MAIN_ACCESS_MANAGER)
_stronger_key: Starts = partial(_sign_in, step_up=1)

MENDING: Mapping[str, tuple[Starts, ...]] = {
    "SIGNIN-1": (_sign_in,),
    "SIGNIN-3": (_sign_in,),
    "KEY-1": (_stronger_key,),
    "KEY-2": (_stronger_key,),
    "KEY-3": (_stronger_key,),
    "PERSON-2": (_again,),
    "APPOINT-1": (partial(_appoint, mender=LR),),
    "APPOINT-2": (_again,),
    "APPOINT-3": (_again,),
    "APPOINT-5": (partial(_appoint, mender=MAIN), _accept_offer),
    "APPOINT-7": (partial(_appoint, mender=MAIN), _accept_offer),
    "APPOINT-8": (_again,),
    "APPOINT-9": (partial(_appoint, mender=MLA), _accept_offer),
    "APPOINT-10": (_link,),
    "ACCEPT-1": (partial(_appointment, mender=Mender.APPOINTEE, endpoint="managers.offer"),),
    "ACCEPT-2": (_new_offer,),
    "ACCEPT-3": (_new_offer,),
    "END-1": (_end,),
    "END-2": (partial(_appointment, mender=Mender.APPOINTEE, endpoint="managers.end"),),
    "END-3": (partial(_appointment, mender=Mender.ACTOR, endpoint="managers.end"), _main_role),
    "CLAIM-1": (partial(_appoint, mender=MAIN, role=Role.ACCESS_MANAGER), _accept_offer),
    "LINK-1": (_by_a_user_manager, _accept_offer),
    "LINK-2": (_their_page,),
    "LINK-4": (_again,),
    "LINK-5": (_again,),
    "GRANT-1": (_by_a_grantor, _accept_offer),
    "GRANT-2": (_again, _link),
    "GRANT-4": (_again,),
    "GRANT-5": (_again,),
    "GRANT-6": (_again,),
    "GRANT-7": (_again,),
    "GRANT-8": (_again,),
    "GRANT-10": (_other_grant,),
    "GRANT-11": (_by_a_grantor,),
    "GRANT-12": (_grant,),
    "REQUEST-1": (_grant,),
    "REQUEST-2": (_main_role,),
    "REQUEST-3": (_pending_request,),
    "REQUEST-4": (_by_a_grantor, _accept_offer),
    "REQUEST-5": (_by_a_grantor,),
    "REQUEST-7": (_again,),
    "ENTER-1": (_request, _grant),
    "ENTER-2": (_link,),
    "ENTER-4": (_again,),
    "ENTER-5": (_again,),
    "HISTORY-2": (partial(_history, mender=LR), partial(_history, mender=MAIN), _accept_offer),
    "HISTORY-3": (_own_history,),
    "HISTORY-4": (partial(_history, mender=Mender.ACTOR),),
}
"""For each rule that a person can mend here, the pages where that starts."""
