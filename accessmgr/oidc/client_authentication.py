"""How a client proves who it is: by its secret, in a header or in the form, or by a token that it signed."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from werkzeug.datastructures import Headers

from accessmgr.calls import limits
from accessmgr.oidc import jose
from accessmgr.oidc.provider import Provider
from accessmgr.usecases.relying_parties import Client, Method, hashed, is_secret

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=1)
LONGEST_ID = 256

_NOBODY = Client(id="nobody", name="", secret=hashed("nobody"))


def authenticate(op: Provider, headers: Headers, form: Mapping[str, str]) -> tuple[Client, Method]:
    """The client that a request is from, and how it proved that.

    :raise InvalidRequestError: it offers two proofs at once
    :raise InvalidClientError: it proves nothing; who is unknown and who is wrong get the same answer
    :raise Problem: 429 it has made as many calls as it may
    """
    limits.begin()
    offered = [
        method
        for method, given in (
            (Method.BASIC, "Authorization" in headers),
            (Method.POST, "client_secret" in form),
            (Method.ASSERTION, "client_assertion" in form or "client_assertion_type" in form),
        )
        if given
    ]
    if len(offered) > 1:
        raise InvalidRequestError("the client authenticates in two ways at once")
    method = offered[0] if offered else Method.NONE
    client = _proved(op, method, headers, form)
    if client is None or method not in client.methods or form.get("client_id", client.id) != client.id:
        raise InvalidClientError(status_code=401, description="the client is not known, or did not prove who it is")
    limits.count(client)
    return client, method


def _proved(op: Provider, method: Method, headers: Headers, form: Mapping[str, str]) -> Client | None:
    match method:
        case Method.BASIC:
            return _with_secret(op, *_from_header(headers["Authorization"]))
        case Method.POST:
            return _with_secret(op, form.get("client_id", ""), form["client_secret"])
        case Method.ASSERTION:
            return _with_assertion(op, form)
    return op.clients.find(form.get("client_id", ""))


def _with_secret(op: Provider, client_id: str, secret: str) -> Client | None:
    client = op.clients.find(client_id)
    right = is_secret(client if client and client.secret else _NOBODY, secret)
    return client if client and client.secret and right else None


def _from_header(header: str) -> tuple[str, str]:
    """Name and secret, each written as in a form (RFC 6749, 2.3.1)."""
    scheme, _, content = header.partition(" ")
    try:
        text = base64.b64decode(content, validate=True).decode("utf-8")
    except ValueError:
        text = ""
    name, separator, secret = text.partition(":")
    if scheme.lower() != "basic" or not separator:
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _with_assertion(op: Provider, form: Mapping[str, str]) -> Client | None:
    assertion = form.get("client_assertion", "")
    subject = jose.claimed_subject(assertion) if form.get("client_assertion_type") == ASSERTION_TYPE else None
    client = op.clients.find(subject) if subject else None
    if client is None or Method.ASSERTION not in client.methods:
        return None
    try:
        claims = op.key_sets.claims(client, assertion)
    except jose.Unverified:
        return None
    return client if _is_for_us(op, client, claims) else None


def _is_for_us(op: Provider, client: Client, claims: Mapping[str, Any]) -> bool:
    """Whether the claims say who, to whom, until when, and were never shown before."""
    now = op.now()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    expires, not_before, issued = (_moment(claims.get(name)) for name in ("exp", "nbf", "iat"))
    jti = claims.get("jti")
    return (
        claims.get("iss") == client.id
        and claims.get("sub") == client.id
        and bool({op.issuer, op.address("v1/token")} & {each for each in audiences if isinstance(each, str)})
        and expires is not None
        and now - SKEW < expires <= now + LONGEST_LIFE
        and ("nbf" not in claims or (not_before is not None and not_before <= now + SKEW))
        and ("iat" not in claims or (issued is not None and issued <= now + SKEW))
        and isinstance(jti, str)
        and 0 < len(jti) <= LONGEST_ID
        and jti.isprintable()
        and op.tokens.first_use(client.id, jti, expires + SKEW, now)
    )


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
