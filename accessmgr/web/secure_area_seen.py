"""What the secure area saw of the person who is signed in: the claims of the ID token, and where each comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from accessmgr.web.format import moment

MOMENTS = frozenset({"iat", "exp", "auth_time"})


@dataclass(frozen=True)
class Seen:
    """A claim: its name and value, in words where it comes from, and the rules behind it."""

    name: str
    value: str
    origin: str
    rules: tuple[str, ...] = ()


SIGN_IN: Mapping[str, object] = {
    "iss": _("The provider that signed it; the area compares it with the one that it asked."),
    "aud": _("For whom it is; the area takes none that is for another application."),
    "azp": _("Who asked for it; the area takes none that another application asked for."),
    "exp": _("Until when it is good; the area takes none that has expired."),
    "iat": _("When it was signed; the area takes none that is old."),
    "nonce": _("A random word of the area, so that it takes no token of another sign-in."),
    "at_hash": _("Half a hash of the access token that came with it."),
    "auth_time": _("When the person signed in at the provider."),
    "sid": _("The sign-in at the provider: when that ends, the provider tells the area, which closes."),
    "kid": _("The key that signed it, among the keys that the provider publishes."),
    "sub": _("The person, by an id that says nothing of them."),
    "acr": _("The digital key with which the person signed in."),
}
PERSON = {"given_name", "family_name"}
RULES: Mapping[str, tuple[str, ...]] = {"acr": ("SIGNIN-1", "SIGNIN-3"), "sub": ("SIGNIN-1", "SIGNIN-2")}


def claims_seen() -> list[Seen]:
    """The claims of the ID token by which the person came in."""
    return [_seen(name, value) for name, value in sorted(g.area_claims.items())]


def _seen(name: str, value: object) -> Seen:
    return Seen(name, _text(name, value), str(SIGN_IN.get(name) or _of_person(name)), _rules(name))


def _of_person(name: str) -> str:
    if name in PERSON:
        return gettext("The name that the provider knows.")
    if name.endswith("_rol_3d"):
        return gettext("The rights by which the person could enter when the token was signed, as the rules decided.")
    return gettext("The capacity in which the person came: work relation, role or function.")


def _rules(name: str) -> tuple[str, ...]:
    return ("ENTER-1",) if name.endswith("_rol_3d") else RULES.get(name, ())


def _text(name: str, value: object) -> str:
    if name in MOMENTS and isinstance(value, int):
        return moment(datetime.fromtimestamp(value, UTC))
    return "\n".join(str(each) for each in value) if isinstance(value, list) else str(value)
