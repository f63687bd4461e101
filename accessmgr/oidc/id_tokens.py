"""What is told of a person: in ID tokens, at introspection and as userinfo, each time as it is now."""

from collections.abc import Iterable
from typing import Any

from accessmgr.oidc import jose
from accessmgr.oidc.claims import claims
from accessmgr.oidc.provider import Provider, json_values
from accessmgr.usecases.capacities import Capacity, portrait
from accessmgr.usecases.means import urn
from accessmgr.usecases.relying_parties import NUMBER, Client
from accessmgr.usecases.tokens import ACCESS_LIVES, Family

LANGUAGE = "nl"
"""The language in which the real one names organisations."""


def told(op: Provider, family: Family, scope: Iterable[str], client: Client) -> dict[str, Any]:
    """The claims about the person of a family, for a scope, decided now."""
    scope = tuple(scope)
    if family.person is None or family.key is None:
        return {}
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
    return claims(seen, scope, client, op.applications, op.claim_names)


def id_token(
    op: Provider, family: Family, scope: Iterable[str], client: Client, access_token: str, nonce: str | None
) -> str:
    """The ID token that goes with an access token."""
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
    content = {**told(op, family, scope, client), **json_values(about_this_sign_in)}
    return jose.sign(op.keys, content, with_kid=not client.strict)
