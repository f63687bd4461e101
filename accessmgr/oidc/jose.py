"""Every use of JOSE: signing tokens, publishing keys, reading hints and assertions. RS256 and nothing else."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from accessmgr.oidc.provider import SigningKey, SigningKeys

ALGORITHM = "RS256"
ID_TOKEN = "JWT"  # noqa: S105  # the name of a type
"""The type of an ID token; what is signed for another purpose has another."""
LARGEST = 16_384
"""The longest JWT that is read, in characters: real ones are a tenth of that."""


class Unverified(Exception):
    """A token that is not what it should be; the text says what is wrong with it, and nothing of its content."""


def sign(keys: SigningKeys, claims: Mapping[str, Any], *, type_: str = ID_TOKEN, with_kid: bool = False) -> str:
    """A signed token. `with_kid` repeats the id of the key as a claim, as the real provider does."""
    key = keys.current()
    content = {**claims, "kid": key.id} if with_kid else dict(claims)
    header = {"alg": ALGORITHM, "typ": type_, "kid": key.id}
    return jwt.encode(header, content, _private(key.id, key.pem), algorithms=[ALGORITHM])


def key_set(keys: Sequence[SigningKey]) -> dict[str, Any]:
    """The public parts of keys, as a JSON Web Key Set."""
    return {"keys": [_public(key.id, key.pem) for key in keys]}


def half_hash(text: str) -> str:
    """The left half of the SHA-256 of a text, as `at_hash` holds it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode("ascii")).digest()[:16]).rstrip(b"=").decode()


def read_own(keys: SigningKeys, token: str) -> dict[str, Any]:
    """The claims of an ID token that this provider signed, with whatever key it ever had; expired or not.

    :raise Unverified: it did not, or it signed the token for another purpose
    """
    claims = _verified(token, KeySet([_private(key.id, key.pem) for key in keys.all()]))
    if jws.extract_compact(token.encode("ascii")).headers().get("typ") != ID_TOKEN:
        raise Unverified("the token is no ID token")
    return claims


def read_with(content: str, token: str) -> dict[str, Any]:
    """The claims of a token signed under a key of a client's key set, given as JSON.

    :raise Unverified: it is not, or the key set is none
    """
    try:
        found = json.loads(content)
        public = [key for key in found["keys"] if key.get("kty") == "RSA" and "d" not in key]
        keys = KeySet.import_key_set({"keys": public})
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unverified("the key set of the client cannot be read") from None
    return _verified(token, keys)


def claimed_subject(token: str) -> str | None:
    """The subject that a token names, before anything is verified; None if it names none."""
    try:
        content = json.loads(jws.extract_compact(_short(token).encode("ascii")).payload)
    except (JoseError, ValueError, RecursionError, Unverified):
        return None
    subject = content.get("sub") if isinstance(content, dict) else None
    return subject if isinstance(subject, str) else None


def _verified(token: str, keys: KeySet) -> dict[str, Any]:
    try:
        header = jws.extract_compact(_short(token).encode("ascii")).headers()
        if header.get("alg") != ALGORITHM:
            raise Unverified("the algorithm is not RS256")
        if "crit" in header or "b64" in header:
            raise Unverified("the token asks for extensions")
        if "kid" not in header and len(keys.keys) > 1:
            return _by_trying(token, keys)
        return _claims(jwt.decode(token, keys, algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise Unverified("the token is not signed by a known key") from None


def _by_trying(token: str, keys: KeySet) -> dict[str, Any]:
    """The claims of a token that does not name its key."""
    for key in keys.keys:
        try:
            return _claims(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)
        except JoseError:
            continue
    raise Unverified("the token is not signed by a known key")


def _claims(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise Unverified("the token holds no claims")
    return dict(content)


def _short(token: str) -> str:
    if len(token) > LARGEST or not token.isascii():
        raise Unverified("the token is too long, or no text of a token")
    return token


@lru_cache(maxsize=16)
def _private(key_id: str, pem: str) -> RSAKey:
    return RSAKey.import_key(pem, {"kid": key_id, "use": "sig", "alg": ALGORITHM})


@lru_cache(maxsize=16)
def _public(key_id: str, pem: str) -> dict[str, Any]:
    return dict(_private(key_id, pem).as_dict(private=False))
