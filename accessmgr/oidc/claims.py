"""What an ID token says of a person: a pure function of their portrait, the scope, and the client's registration."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from accessmgr.core.model import TargetGroup
from accessmgr.usecases.capacities import Entitlement, Grounds, Portrait
from accessmgr.usecases.relying_parties import NUMBER, Client
from accessmgr.usecases.tokens import Ground

GROUP_NAMES = {TargetGroup.EA: "Economische actoren", TargetGroup.LB: "Lokale besturen"}
"""What the real one calls its target groups, always in Dutch."""


def claim_of(application: str) -> str:
    """The claim that lists the rights in an application."""
    return f"{application}_rol_3d"


def claims(
    portrait: Portrait, scope: Iterable[str], client: Client, applications: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, Any]:
    """The claims about a person.

    :param applications: the application of each right
    :param names: how each right is called in claims
    """
    told: dict[str, Any] = {"sub": portrait.person}
    for one in scope:
        match one:
            case "profile":
                told |= {"given_name": portrait.given, "family_name": portrait.family}
            case "vo":
                told |= _organisation(portrait)
            case "wettelijkvertegenwoordiger" if portrait.represents:
                told["wv_orgcode"] = _represented(portrait)
            case _ if one == NUMBER and client.rrn and portrait.number is not None:
                told["rrn"] = portrait.number.digits
            case _ if one in applications.values():
                own = [each for each in portrait.entitlements if applications[each.right] == one]
                told[claim_of(one)] = _roles(own, names, by_group=_by_group(portrait) and not client.strict)
    return told


def grant_list(own: Iterable[Entitlement], application: str, names: Mapping[str, str]) -> dict[str, list[str]]:
    """The claim that lists the rights of a person in an application, for whatever enterprises."""
    return {claim_of(application): _roles(own, names, by_group=False)}


def rest_on(found: Grounds, scope: Iterable[str], applications: Mapping[str, str]) -> tuple[Ground, ...]:
    """What the claims of a scope rest on: of what a portrait rests on, what they tell of."""
    told = set(scope)
    of_rights = bool(told & set(applications.values()))
    return (*(found.ties if of_rights or "vo" in told else ()), *(found.grants if of_rights else ()))


def _organisation(portrait: Portrait) -> dict[str, str]:
    told = {"vo_id": str(uuid5(NAMESPACE_URL, f"person:{portrait.person}"))}
    if portrait.capacity is None:
        return told
    group = portrait.capacity.target_group
    told |= {"vo_doelgroepcode": str(group), "vo_doelgroepnaam": GROUP_NAMES[group]}
    if portrait.capacity.enterprise is not None and portrait.organisation is not None:
        told |= {"vo_orgcode": portrait.capacity.enterprise, "vo_orgnaam": portrait.organisation}
    return told


def _represented(portrait: Portrait) -> str | list[str]:
    return list(portrait.represents) if _by_group(portrait) else portrait.represents[0]


def _by_group(portrait: Portrait) -> bool:
    return portrait.capacity is not None and portrait.capacity.enterprise is None


def _roles(own: Iterable[Entitlement], names: Mapping[str, str], *, by_group: bool) -> list[str]:
    """`Right-context:enterprise`; for a whole target group one text lists all enterprises of a right and context."""
    keys: dict[str, list[str]] = {}
    for each in own:
        keys.setdefault(f"{names[each.right]}-{each.context}", []).append(each.enterprise)
    if by_group:
        return [f"{role}:{', '.join(enterprises)}" for role, enterprises in keys.items()]
    return [f"{role}:{enterprise}" for role, enterprises in keys.items() for enterprise in enterprises]
