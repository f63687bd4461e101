"""What is told of a person: in ID tokens, at introspection and as userinfo, each time as it is now."""

from collections.abc import Iterable, Mapping
from typing import Any

from accessmgr.core.model import Key
from accessmgr.oidc import jose
from accessmgr.oidc.claims import claims, grant_list, rest_on
from accessmgr.oidc.provider import Provider, json_values
from accessmgr.usecases.capacities import Capacity, Grounds, entitlements, grounds, portrait
from accessmgr.usecases.means import urn
from accessmgr.usecases.relying_parties import NUMBER, Client
from accessmgr.usecases.tokens import ACCESS_LIVES, Family, Ground

LANGUAGE = "nl"
"""The language in which the real one names organisations."""


def told(op: Provider, family: Family, scope: Iterable[str], client: Client) -> dict[str, Any]:
    """The claims about the person of a family, for a scope, decided now."""
    return about(op, family, scope, client)[0]


def about(
    op: Provider, family: Family, scope: Iterable[str], client: Client
) -> tuple[dict[str, Any], tuple[Ground, ...]]:
    """The claims about the person of a family, with what they rest on."""
    scope = tuple(scope)
    if family.person is None or family.key is None:
        return {}, ()
    capacity = Capacity(family.target_group, family.enterprise) if family.target_group else None
    with op.world.store.reading() as look:
        seen = portrait(
            op.world,
            look,
            family.person,
            family.key,
            capacity,
            applications=frozenset(scope) & frozenset(op.applications.values()),
            language=LANGUAGE,
            with_number=NUMBER in scope and client.rrn,
        )
        found = grounds(look, seen, op.world.clock.now()) if family.told else Grounds((), ())
    told_now = claims(seen, scope, client, op.applications, op.claim_names)
    return told_now, rest_on(found, scope, op.applications)


def rights_now(op: Provider, person: str, client: Client) -> dict[str, list[str]]:
    """The claim about the rights of a person in the application of a client, in the enterprises that it may ask about.

    As a sign-in with the strongest key would tell it now.
    """
    application = client.application or ""
    with op.world.store.reading() as look:
        held = look.lists.grants(holder=person)
        enterprises = {grant.enterprise for grant in held if client.may_ask_in(grant.enterprise)}
        own = entitlements(op.world, look, person, Key.EID, frozenset({application}), enterprises)
    return grant_list(own, application, op.claim_names)


def id_token(
    op: Provider, family: Family, content: Mapping[str, Any], client: Client, access_token: str, nonce: str | None
) -> str:
    """The ID token that goes with an access token, with that content about the person."""
    now = op.now()
    about_this_sign_in = {
        "iss": op.issuer,
        "aud": client.id,
        "azp": client.id,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIVES).timestamp()),
        "auth_time": int(family.auth_time.timestamp()) if family.auth_time else None,
        "sid": family.sid,
        "nonce": nonce,
        "at_hash": jose.half_hash(access_token),
        "acr": urn(family.key) if family.key and (family.acr or client.strict) else None,
    }
    whole = {**content, **json_values(about_this_sign_in)}
    return jose.sign(op.keys, whole, with_kid=not client.strict)
