"""The endpoints that programs call: discovery, keys, tokens, introspection, userinfo, revocation."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error, UnauthorizedClientError
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from accessmgr.calls import limits, problems
from accessmgr.calls.problems import Problem
from accessmgr.oidc import jose
from accessmgr.oidc.claims import claim_of
from accessmgr.oidc.client_authentication import authenticate
from accessmgr.oidc.grants import server
from accessmgr.oidc.id_tokens import told
from accessmgr.oidc.provider import Provider, json_values, provider
from accessmgr.usecases.deadlines import TooLate
from accessmgr.usecases.means import URNS
from accessmgr.usecases.relying_parties import OPENID, Client, Method
from accessmgr.usecases.tokens import Token, Use

LONGEST = 16_384
OF_SIGN_IN = ("sub", "iss", "aud", "azp", "exp", "iat", "auth_time", "nonce", "acr", "at_hash", "sid")
OF_PERSON = ("given_name", "family_name", "rrn", "wv_orgcode")
OF_ORGANISATION = ("vo_id", "vo_doelgroepcode", "vo_doelgroepnaam", "vo_orgcode", "vo_orgnaam")

bp = Blueprint("oidc", __name__, url_prefix="/op")
tokens = server()


bp.register_error_handler(Problem, problems.told)
bp.register_error_handler(TooLate, problems.too_late)
bp.register_error_handler(OperationalError, problems.too_late)


@bp.errorhandler(OAuth2Error)
def oauth_error(error: OAuth2Error) -> ResponseReturnValue:
    """An error of the standard, as JSON."""
    status, body, headers = error()
    return jsonify(dict(body)), status, headers


@bp.get("/.well-known/openid-configuration")
def configuration() -> ResponseReturnValue:
    """What the provider can do, and where (OpenID Connect Discovery)."""
    op = provider()
    secret_or_key = [str(method) for method in Method if method is not Method.NONE]
    return jsonify(
        issuer=op.issuer,
        authorization_endpoint=op.address("v1/auth"),
        token_endpoint=op.address("v1/token"),
        userinfo_endpoint=op.address("v1/userinfo"),
        jwks_uri=op.address("v1/keys"),
        introspection_endpoint=op.address("v1/introspect"),
        revocation_endpoint=op.address("v1/revoke"),
        end_session_endpoint=op.address("v1/logout"),
        scopes_supported=op.scopes,
        response_types_supported=["code"],
        response_modes_supported=["query", "fragment", "form_post"],
        grant_types_supported=["authorization_code", "refresh_token", "client_credentials"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[jose.ALGORITHM],
        token_endpoint_auth_methods_supported=[*secret_or_key, str(Method.NONE)],
        token_endpoint_auth_signing_alg_values_supported=[jose.ALGORITHM],
        introspection_endpoint_auth_methods_supported=secret_or_key,
        revocation_endpoint_auth_methods_supported=[*secret_or_key, str(Method.NONE)],
        code_challenge_methods_supported=["S256"],
        acr_values_supported=list(URNS),
        prompt_values_supported=["none", "login", "select_account", "consent"],
        claims_supported=[*OF_SIGN_IN, *OF_PERSON, *OF_ORGANISATION, *_role_claims(op)],
        ui_locales_supported=["fr", "nl", "de", "en"],
        claims_parameter_supported=False,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
        authorization_response_iss_parameter_supported=True,
        backchannel_logout_supported=True,
        backchannel_logout_session_supported=True,
    )


@bp.get("/v1/keys")
def keys() -> ResponseReturnValue:
    """The public keys by which tokens are verified: the present one, the next, and the one retired last."""
    return jsonify(jose.key_set(provider().keys.published()))


@bp.post("/v1/token")
def token() -> ResponseReturnValue:
    """Tokens for a code, for a refresh token, or for a client itself."""
    form = _form()
    if not form.get("grant_type"):
        raise InvalidRequestError("grant_type is missing")
    answer: Response = tokens.create_token_response()
    return answer


@bp.post("/v1/introspect")
def introspect() -> ResponseReturnValue:
    """What a token of the client is worth now; of any other it is told only that it is not active."""
    op, form = provider(), _form()
    client, _ = authenticate(op, request.headers, form)
    if not client.introspection:
        raise UnauthorizedClientError("the client is not registered for introspection")
    found = _found(op, client, form)
    if found is None or not found.active(op.now()) or not op.still_signed_in(found.family):
        return jsonify(active=False)
    return jsonify(_introspected(op, client, found))


@bp.get("/v1/userinfo")
@bp.post("/v1/userinfo")
def userinfo() -> ResponseReturnValue:
    """The claims about the person of an access token, as they are now."""
    op = provider()
    text = _bearer()
    if text is None:
        return _unauthorized(None, 401)
    found = op.tokens.token(text, Use.ACCESS)
    client = op.clients.find(found.family.client) if found else None
    if found is None or client is None or not found.active(op.now()) or not op.still_signed_in(found.family):
        return _unauthorized("invalid_token", 401)
    if found.family.person is None or OPENID not in found.scope:
        return _unauthorized("insufficient_scope", 403)
    limits.count(client)
    return jsonify(told(op, found.family, found.scope, client))


@bp.post("/v1/revoke")
def revoke() -> ResponseReturnValue:
    """Let a token be good no more; with a refresh token, all that came of its sign-in (RFC 7009)."""
    op, form = provider(), _form()
    client, _ = authenticate(op, request.headers, form)
    found = _found(op, client, form)
    if found is not None and found.use is Use.REFRESH:
        op.tokens.revoke(found.family.id, op.now())
    elif found is not None:
        op.tokens.revoke_token(form["token"], Use.ACCESS, op.now())
    return Response(status=200)


def _role_claims(op: Provider) -> list[str]:
    return [claim_of(application) for application in sorted(set(op.applications.values()))]


def _introspected(op: Provider, client: Client, found: Token) -> dict[str, Any]:
    family = found.family
    organisation = told(op, family, ("vo", *found.scope), client)
    body = {
        **organisation,
        "active": True,
        "aud": family.client,
        "client_id": family.client,
        "exp": int(found.expires_at.timestamp()),
        "iat": int(found.issued_at.timestamp()),
        "iss": op.issuer,
        "scope": " ".join(found.scope),
        "sub": family.person or family.client,
        "token_type": "bearer" if found.use is Use.ACCESS else "refresh_token",
        "sid": family.sid,
        "vo_applicatienaam": client.name,
    }
    kept = json_values(body)
    return {**kept, "jwt": jose.sign(op.keys, kept, type_="token-introspection+jwt")}


def _found(op: Provider, client: Client, form: Mapping[str, str]) -> Token | None:
    """The token that the form holds, of whatever use, if it was issued to the client."""
    text = form.get("token")
    if not text:
        raise InvalidRequestError("token is missing")
    for use in (Use.ACCESS, Use.REFRESH):
        token_ = op.tokens.token(text, use)
        if token_ is not None:
            return token_ if token_.family.client == client.id else None
    return None


def _form() -> Mapping[str, str]:
    """The fields of the form, each once, none in the address and none too long.

    :raise InvalidRequestError: it is otherwise
    """
    pairs = list(request.form.items(multi=True))
    if request.args:
        raise InvalidRequestError("parameters belong in the form")
    if len({name for name, _ in pairs}) != len(pairs):
        raise InvalidRequestError("a parameter stands twice")
    if any(len(value) > LONGEST for _, value in pairs):
        raise InvalidRequestError("a parameter is too long")
    return request.form


def _bearer() -> str | None:
    """The access token in the header, None if there is none; in the address it is never looked for."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and text:
        return text
    return request.form.get("access_token") if request.method == "POST" else None


def _unauthorized(error: str | None, status: int) -> ResponseReturnValue:
    challenge = 'Bearer realm="op"' + (f', error="{error}"' if error else "")
    body = jsonify(error=error) if error else jsonify({})
    return body, status, {"WWW-Authenticate": challenge}
