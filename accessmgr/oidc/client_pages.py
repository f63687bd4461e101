"""What is registered of each application, as whoever connects it would want to read it. In simulation only.

Secrets are not kept in the clear, and so are shown nowhere.
"""

import json
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from accessmgr.core.model import LEVELS, TargetGroup
from accessmgr.core.numbers import NationalNumber
from accessmgr.oidc.claims import claims
from accessmgr.oidc.provider import Provider, provider
from accessmgr.usecases.capacities import Capacity, Entitlement, Portrait
from accessmgr.usecases.means import urn
from accessmgr.usecases.relying_parties import MANAGEMENT, OF_CLIENTS, OFFLINE, OPENID, Client, Level, Method
from accessmgr.usecases.tokens import ACCESS_LIVES, CODE_LIVES, REFRESH_LIVES

LIBRARIES = {
    "openid_client": "openid-client (Node.js)",
    "passport": "Passport (Node.js)",
    "spring": "Spring Security",
    "aspnet": "ASP.NET Core",
    "authlib": "Authlib with Flask",
    "django": "mozilla-django-oidc",
    "keycloak": "Keycloak",
}
"""What each example is for; its text is a template of that name."""
AT_HOME = "http://127.0.0.1:*/"
SAMPLE_NUMBER = NationalNumber.parse("95.08.17-000.86")
SAMPLE_ENTERPRISE = "1999000150"

bp = Blueprint("oidc_clients", __name__, url_prefix="/op/clients")


@bp.get("")
def clients() -> ResponseReturnValue:
    """All applications."""
    return render_template("oidc/clients.html", clients=provider().clients.all())


@bp.get("/<client_id>")
def client(client_id: str) -> ResponseReturnValue:
    """One application."""
    op = provider()
    found = op.clients.find(client_id)
    if found is None:
        abort(404)
    scope = _in_order(found.scopes)
    return render_template(
        "oidc/client.html",
        client=found,
        op=op,
        scopes={one: _brought(op, found, one) for one in scope},
        payload=json.dumps(payload(op, found, scope), indent=2, ensure_ascii=False),
        keys=[(key, urn(key)) for key in LEVELS if key in found.means],
        lives={"code": CODE_LIVES, "access": ACCESS_LIVES, "refresh": REFRESH_LIVES},
        by_group=found.level is Level.TARGET_GROUP,
        own=sorted(found.scopes & OF_CLIENTS),
        management=MANAGEMENT,
        configurations=configurations(op, found) if found.public or with_secret(found) else {},
    )


def payload(op: Provider, client: Client, scope: tuple[str, ...]) -> dict[str, Any]:
    """An ID token that the client could get, of a fictional person."""
    protocol = {
        "iss": op.issuer,
        "aud": client.id,
        "azp": client.id,
        "iat": 1772438400,
        "exp": 1772442000,
        "auth_time": 1772438395,
        "nonce": "n-0S6_WzA2Mj",
        "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
        "sid": "08a5019c17e1d0f7f3c8a1f1a6a0c7d2",
    }
    extra = {"acr": urn(next(key for key in LEVELS if key in client.means))} if client.strict else {"kid": "6f1d0c"}
    return {**_told(op, client, scope), **protocol, **extra}


def configurations(op: Provider, client: Client) -> dict[str, tuple[str, str]]:
    """The examples by name: what each is for, and its text."""
    given = {
        "issuer": op.issuer,
        "client": client,
        "scope": " ".join(one for one in _in_order(client.scopes) if one not in OF_CLIENTS),
        "redirect_uri": _example(client.redirect_uris, "callback"),
        "afterwards": _example(client.post_logout_uris, "signed-out"),
        "method": "none" if client.public else min(client.methods & {Method.BASIC, Method.POST}),
        "http": op.issuer.startswith("http://"),
        "roles": f"{client.application}_rol_3d" if client.application else None,
    }
    return {
        name: (library, render_template(f"oidc/configurations/{name}.txt", **given))
        for name, library in LIBRARIES.items()
    }


def with_secret(client: Client) -> bool:
    """Whether the client proves who it is by a secret."""
    return bool(client.methods & {Method.BASIC, Method.POST})


def _in_order(scopes: frozenset[str]) -> tuple[str, ...]:
    """The scopes as one would write them: `openid` first, what is no claim last."""
    last = OF_CLIENTS | {OFFLINE}
    return tuple(sorted(scopes, key=lambda one: (one != OPENID, one in last, one)))


def _brought(op: Provider, client: Client, scope: str) -> list[str]:
    """The claims that a scope brings."""
    return sorted(set(_told(op, client, (scope,))) - (set() if scope == OPENID else {"sub"}))


def _told(op: Provider, client: Client, scope: tuple[str, ...]) -> dict[str, Any]:
    by_group = client.level is Level.TARGET_GROUP
    somebody = Portrait(
        person="3f0c…",
        given="Inès",
        family="Dubois",
        number=SAMPLE_NUMBER,
        capacity=Capacity(TargetGroup.EA, None if by_group else SAMPLE_ENTERPRISE),
        organisation="Netjes Thuis",
        represents=(SAMPLE_ENTERPRISE,),
        entitlements=tuple(Entitlement(right, "V99901", SAMPLE_ENTERPRISE) for right in sorted(op.applications)),
    )
    return claims(somebody, scope, client, op.applications, op.claim_names)


def _example(uris: tuple[str, ...], path: str) -> str:
    """An address that is registered, with a port and a path where any will do."""
    first = uris[0] if uris else f"https://your-application.example/{path}"
    return first.replace(AT_HOME, "http://127.0.0.1:3000/", 1).replace("/*", f"/{path}")
