"""The token endpoint on Authlib: what is given for a code, for a refresh token, and to a client that acts for itself.

Authlib redeems in several steps, between which another request fits, and so uses a code twice. Here what is spent is
used up, and what is got for it is kept, in one statement of the store; whoever comes second ends the family.
"""

from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Request
from flask import request as flask_request

from accessmgr.oidc.client_authentication import authenticate
from accessmgr.oidc.id_tokens import about, id_token
from accessmgr.oidc.provider import Provider, provider
from accessmgr.usecases.perform import new_id
from accessmgr.usecases.relying_parties import OF_CLIENTS, OFFLINE, OPENID, Client
from accessmgr.usecases.tokens import ACCESS_LIVES, REFRESH_LIVES, Code, Family, NewToken, Token, Use, new_text


@dataclass(frozen=True)
class Caller:
    """A client as Authlib asks about it."""

    client: Client

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may ask for tokens in that way."""
        allowed = {
            "authorization_code": bool(self.client.redirect_uris),
            "refresh_token": OFFLINE in self.client.scopes,
            "client_credentials": not self.client.public,
        }
        return allowed.get(grant_type, False)


@dataclass(frozen=True)
class HeldCode:
    """A code as Authlib asks about it. Its challenge is always by S256."""

    code: Code

    def get_redirect_uri(self) -> str:
        """The redirect URI to which it was sent."""
        return self.code.redirect_uri


class ProviderRequest(FlaskOAuth2Request):
    """A request as Authlib reads it, from the form alone.

    Whether its way here was safe is settled by BASE_URL when the program starts, not by what a proxy passes on.
    """

    def __init__(self, request: Request) -> None:
        OAuth2Request.__init__(self, method=request.method, uri="https://checked.at.start/", headers=request.headers)
        self._request = request
        self.payload = FormPayload(request)


class FormPayload(FlaskOAuth2Payload):
    """The fields of the form."""

    @property
    def data(self) -> Any:
        """The form."""
        return self._request.form


class Server(AuthorizationServer):
    """The token endpoint."""

    def create_oauth2_request(self, request: object) -> ProviderRequest:
        """The request that is being answered."""
        return ProviderRequest(flask_request)

    def authenticate_client(self, request: Any, methods: object, endpoint: str = "token") -> Caller:
        """The client that asks."""
        client, method = authenticate(provider(), flask_request.headers, flask_request.form)
        request.auth_method = str(method)
        return Caller(client)


class OnlyS256(CodeChallenge):
    """PKCE by SHA-256: a code with a challenge needs its verifier, and one without takes none."""

    def get_authorization_code_challenge(self, authorization_code: HeldCode) -> str | None:
        """The challenge of a code."""
        return authorization_code.code.challenge

    def get_authorization_code_challenge_method(self, authorization_code: HeldCode) -> str:
        """The only method there is."""
        return "S256"


class CodeGrant(AuthorizationCodeGrant):
    """Tokens for a code."""

    def query_authorization_code(self, code: str, client: Caller) -> HeldCode | None:
        """The code, if the client may redeem it now. A code that was used already ends what came of it."""
        op = provider()
        found = op.tokens.code(code)
        if found is None or found.family.client != client.client.id:
            return None
        if found.used:
            op.tokens.revoke(found.family.id, op.now())
            return None
        fresh = op.now() < found.expires_at and found.family.revoked_at is None
        return HeldCode(found) if fresh and op.still_signed_in(found.family) else None

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Redeem the code."""
        code = self.request.authorization_code.code
        return (
            200,
            _redeemed(
                provider(),
                self.request.client.client,
                code.family,
                code.family.scope,
                spent=self.request.form["code"],
                use=Use.CODE,
                nonce=code.nonce,
            ),
            self.TOKEN_RESPONSE_HEADER,
        )


class RefreshGrant(RefreshTokenGrant):
    """New tokens for a refresh token, which is used up by that."""

    def validate_token_request(self) -> None:
        """Check who asks, and with what."""
        caller = self._validate_request_client()
        text = self.request.form.get("refresh_token")
        if not text:
            raise InvalidRequestError("refresh_token is missing")
        self.request.client = caller
        self.request.refresh_token = _usable(provider(), caller.client, text)
        self.request.scope = _narrowed(self.request.refresh_token, self.request.form.get("scope"))

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Redeem the refresh token."""
        token = self.request.refresh_token
        return (
            200,
            _redeemed(
                provider(),
                self.request.client.client,
                token.family,
                self.request.scope,
                spent=self.request.form["refresh_token"],
                use=Use.REFRESH,
            ),
            self.TOKEN_RESPONSE_HEADER,
        )


class OwnGrant(ClientCredentialsGrant):
    """A token for a client that acts for itself."""

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Issue the token."""
        op, client = provider(), self.request.client.client
        allowed = OF_CLIENTS & client.scopes
        asked = self.request.form.get("scope", "").split()
        if not allowed.issuperset(asked):
            raise InvalidScopeError()
        scope = tuple(dict.fromkeys(asked or sorted(allowed)))
        family = Family(id=new_id(), client=client.id, scope=scope, begun_at=op.now())
        access = _new(op, Use.ACCESS, scope)
        op.tokens.issue(family, [access])
        return 200, _answer(access), self.TOKEN_RESPONSE_HEADER


def server() -> Server:
    """The token endpoint with its three grants."""
    made = Server()
    made.register_grant(CodeGrant, [OnlyS256(required=True)])
    made.register_grant(RefreshGrant)
    made.register_grant(OwnGrant)
    return made


def _usable(op: Provider, client: Client, text: str) -> Token:
    """The refresh token, if the client may use it now. One that was used already ends its family.

    :raise InvalidRequestError: its window is past, and the client is used to ACM, which says so
    :raise InvalidGrantError: it is not good
    """
    token = op.tokens.token(text, Use.REFRESH)
    if token is None or token.family.client != client.id:
        raise InvalidGrantError()
    over = token.used or not op.still_signed_in(token.family)
    if over:
        op.tokens.revoke(token.family.id, op.now())
    if op.now() >= token.expires_at and not client.strict:
        raise InvalidRequestError("the refresh token has expired")
    if over or not token.active(op.now()):
        raise InvalidGrantError()
    return token


def _narrowed(token: Token, asked: str | None) -> tuple[str, ...]:
    """The scope of the family, or the part of it that is asked for."""
    if not asked:
        return token.family.scope
    scope = tuple(dict.fromkeys(asked.split()))
    if not set(scope) <= set(token.family.scope):
        raise InvalidScopeError()
    return scope


def _redeemed(
    op: Provider,
    client: Client,
    family: Family,
    scope: tuple[str, ...],
    *,
    spent: str,
    use: Use,
    nonce: str | None = None,
) -> dict[str, Any]:
    """What is got for a code or refresh token.

    :raise InvalidGrantError: somebody else used it meanwhile: the family ends
    """
    access = _new(op, Use.ACCESS, scope)
    refresh = _new(op, Use.REFRESH, family.scope) if OFFLINE in family.scope else None
    signed, grounds = None, None
    if OPENID in scope:
        content, grounds = about(op, family, scope, client)
        signed = id_token(op, family, content, client, access.text, nonce)
    new = [token for token in (access, refresh) if token]
    if not op.tokens.redeem(spent, use, family.id, new, op.now(), grounds if family.told else None):
        op.tokens.revoke(family.id, op.now())
        raise InvalidGrantError()
    given = {"refresh_token": refresh.text if refresh else None, "id_token": signed}
    return _answer(access) | {name: text for name, text in given.items() if text is not None}


def _new(op: Provider, use: Use, scope: tuple[str, ...]) -> NewToken:
    now = op.now()
    return NewToken(new_text(), use, scope, now, now + (ACCESS_LIVES if use is Use.ACCESS else REFRESH_LIVES))


def _answer(access: NewToken) -> dict[str, Any]:
    return {
        "access_token": access.text,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIVES.total_seconds()),
        "scope": " ".join(access.scope),
    }
