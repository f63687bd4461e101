"""An application of the provider, as any other might be written: it sends people there to sign in, and checks what
comes back. It proves who it is by a key of its own, and knows the provider by its discovery document.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeGuard
from urllib.parse import urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from accessmgr.usecases.means import URNS

ALGORITHM = "RS256"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
ASSERTION_LIVES = timedelta(minutes=1)
SKEW = timedelta(minutes=1)
OLDEST = timedelta(minutes=10)
"""How old a token may be when it comes."""


class NotSignedIn(Exception):
    """What came back signs nobody in. The text is one word or a few on why, for whoever looks after the application."""


class Answer(Protocol):
    """The answer of the provider to a call."""

    @property
    def status(self) -> int:
        """Its status."""

    @property
    def body(self) -> bytes:
        """Its content."""


class OwnKey(Protocol):
    """A private key of the application."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def pem(self) -> str:
        """The key."""


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: what the answer must match, and the page to go on to."""

    state: str
    nonce: str
    verifier: str
    back: str


@dataclass(frozen=True)
class RelyingParty:
    """The application. `call` asks an address, or sends a form to it; `first_use` remembers the id of a token until a
    moment, and is False if it was remembered already.
    """

    client_id: str
    issuer: str
    redirect_uri: str
    scope: str
    key: Callable[[], OwnKey]
    call: Callable[[str, Mapping[str, str] | None], Answer]
    first_use: Callable[[str, datetime], bool]
    now: Callable[[], datetime]

    def begin(self, back: str) -> tuple[str, Begun]:
        """The address at which somebody signs in, and what to remember of it until they come back."""
        begun = Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), back)
        fields = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": self.scope,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _base64(hashlib.sha256(begun.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "acr_values": " ".join(URNS),
        }
        return f"{self._known()['authorization_endpoint']}?{urlencode(fields)}", begun

    def finish(self, begun: Begun, answer: Mapping[str, str]) -> dict[str, Any]:
        """The claims of the ID token that an answer brings.

        :raise NotSignedIn: anything is not as it should be
        """
        if answer.get("state") != begun.state:
            raise NotSignedIn("state")
        if answer.get("iss") != self.issuer:
            raise NotSignedIn("iss")
        if "error" in answer:
            raise NotSignedIn(answer["error"] if answer["error"] in ERRORS else "error")
        given = self._tokens(begun, answer.get("code", ""))
        claims = self._verified(given["id_token"], "JWT")
        self._check(claims, OLDEST)
        self._check_sign_in(claims, begun, given["access_token"])
        return claims

    def ended(self, token: str) -> tuple[str, str]:
        """The person and session of a logout token.

        :raise NotSignedIn: it is none, not for this application, or was shown before
        """
        claims = self._verified(token, "logout+jwt")
        self._check(claims, OLDEST)
        events, person, sid, jti = (claims.get(name) for name in ("events", "sub", "sid", "jti"))
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict) or "nonce" in claims:
            raise NotSignedIn("events")
        if not (isinstance(person, str) and isinstance(sid, str) and isinstance(jti, str)):
            raise NotSignedIn("sid")
        if not self.first_use(jti, self.now() + OLDEST + SKEW):
            raise NotSignedIn("jti")
        return person, sid

    @property
    def logout_address(self) -> str:
        """The address at which somebody signs out at the provider too."""
        return str(self._known()["end_session_endpoint"])

    def _known(self) -> dict[str, Any]:
        """What the provider says of itself."""
        told = self._json(f"{self.issuer}/.well-known/openid-configuration", None)
        if told.get("issuer") != self.issuer:
            raise NotSignedIn("issuer")
        return told

    def _tokens(self, begun: Begun, code: str) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": begun.verifier,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        given = self._json(self._known()["token_endpoint"], form)
        if str(given.get("token_type")).lower() != "bearer" or not isinstance(given.get("access_token"), str):
            raise NotSignedIn("token_type")
        if not isinstance(given.get("id_token"), str):
            raise NotSignedIn("id_token")
        return given

    def _assertion(self) -> str:
        key, now = self.key(), self.now()
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "jti": secrets.token_hex(16),
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LIVES).timestamp()),
        }
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.id}
        return jwt.encode(header, claims, RSAKey.import_key(key.pem), algorithms=[ALGORITHM])

    def _json(self, address: str, form: Mapping[str, str] | None) -> dict[str, Any]:
        """
        :raise NotSignedIn: the provider does not answer, or not with what was asked for
        """
        try:
            answer = self.call(address, form)
            content = json.loads(answer.body)
        except (OSError, ValueError) as fault:
            raise NotSignedIn("provider") from fault
        if answer.status != 200 or not isinstance(content, dict):
            error = content.get("error") if isinstance(content, dict) else None
            raise NotSignedIn(error if error in ERRORS else "provider")
        return content

    def _verified(self, token: str, type_: str) -> dict[str, Any]:
        """The claims of a token that the provider signed, of that type."""
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            if header.get("alg") != ALGORITHM or header.get("typ") != type_ or not header.get("kid"):
                raise NotSignedIn("header")
            keys = KeySet.import_key_set(self._json(self._known()["jwks_uri"], None))  # type: ignore[arg-type]
            claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, KeyError) as fault:
            raise NotSignedIn("signature") from fault
        if not isinstance(claims, dict):
            raise NotSignedIn("claims")
        return dict(claims)

    def _check(self, claims: Mapping[str, Any], oldest: timedelta) -> None:
        """Check by whom a token is, for whom, and when."""
        now, issued, expires = self.now(), claims.get("iat"), claims.get("exp")
        if claims.get("iss") != self.issuer:
            raise NotSignedIn("iss")
        if claims.get("aud") not in (self.client_id, [self.client_id]):
            raise NotSignedIn("aud")
        if not _is_number(expires) or expires <= now.timestamp():
            raise NotSignedIn("exp")
        if not _is_number(issued) or not (now - oldest).timestamp() <= issued <= (now + SKEW).timestamp():
            raise NotSignedIn("iat")

    def _check_sign_in(self, claims: Mapping[str, Any], begun: Begun, access_token: str) -> None:
        """Check that an ID token is that of the sign-in that was begun."""
        half = _base64(hashlib.sha256(access_token.encode()).digest()[:16])
        if claims.get("azp", self.client_id) != self.client_id:
            raise NotSignedIn("azp")
        if claims.get("nonce") != begun.nonce:
            raise NotSignedIn("nonce")
        if claims.get("at_hash") != half:
            raise NotSignedIn("at_hash")
        if claims.get("acr") not in URNS:
            raise NotSignedIn("acr")
        if not isinstance(claims.get("sub"), str) or not isinstance(claims.get("sid"), str):
            raise NotSignedIn("sub")


ERRORS = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unmet_authentication_requirements",
    }
)
"""The errors that are repeated to people; any other text from outside is not."""


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
