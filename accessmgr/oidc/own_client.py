"""The product's own client: registered by what the product is, so it follows its address and its keys by itself."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accessmgr.core.rules.stating import _
from accessmgr.oidc import jose
from accessmgr.oidc.provider import SigningKeys
from accessmgr.usecases.relying_parties import (
    OFFLINE,
    OPENID,
    Client,
    Level,
    Method,
    RelyingParties,
    WrongRegistration,
    goes_safely,
)

SECURE_AREA = "secure-area"
NAME = _("Secure area of the service vouchers")
CALLBACK = "/secure-area/callback"
"""Where the provider's answers reach the secure area."""
AFTER_LOGOUT = "/secure-area/signed-out"
BACK_CHANNEL = "/secure-area/backchannel-logout"


@dataclass(frozen=True)
class WithOwn:
    """The clients that are kept, and the one that is not.

    :param own: the registration of the product's own client, as it is now
    """

    kept: RelyingParties
    own: Callable[[], Client]

    def find(self, client_id: str) -> Client | None:
        """The client of that id, None if there is none."""
        return self.own() if client_id == SECURE_AREA else self.kept.find(client_id)

    def all(self) -> Sequence[Client]:
        """All clients, by id."""
        return sorted((*self.kept.all(), self.own()), key=lambda client: client.id)

    def add(self, client: Client, at: datetime) -> None:
        """Keep a new client.

        :raise WrongRegistration: there is one of that id, or was one
        """
        _refuse_own(client.id)
        self.kept.add(client, at)

    def change_secret(self, client_id: str, secret: str, at: datetime) -> None:
        """Replace the hash of a client's secret."""
        _refuse_own(client_id)
        self.kept.change_secret(client_id, secret, at)

    def remove(self, client_id: str, at: datetime) -> None:
        """Remove a client; what was issued to it is good no more."""
        _refuse_own(client_id)
        self.kept.remove(client_id, at)


def secure_area(base_url: str, keys: SigningKeys, application: str) -> Client:
    """The secure area as a client: it signs in with its own key, for all enterprises of a target group at once."""
    told_at = f"{base_url}{BACK_CHANNEL}"
    return Client(
        id=SECURE_AREA,
        name=NAME,
        redirect_uris=(f"{base_url}{CALLBACK}",),
        post_logout_uris=(f"{base_url}{AFTER_LOGOUT}",),
        scopes=frozenset({OPENID, "profile", "vo", application, OFFLINE}),
        methods=frozenset({Method.ASSERTION}),
        application=application,
        introspection=True,
        level=Level.TARGET_GROUP,
        backchannel_logout_uri=told_at if goes_safely(told_at) else None,
        jwks=json.dumps(jose.key_set(keys.published())),
    )


def _refuse_own(client_id: str) -> None:
    if client_id == SECURE_AREA:
        raise WrongRegistration(f"`{SECURE_AREA}` is the product's own client")
