"""What tests of the management API are built on: the demo chain, a client, and people who act through it."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from accessmgr.core.model import Key
from accessmgr.oidc.provider import Provider
from accessmgr.usecases.perform import new_id
from accessmgr.usecases.relying_parties import MANAGEMENT, Client, hashed
from accessmgr.usecases.tokens import ACCESS_LIVES, Family, NewToken, Use, new_text
from tests.oidc.building import World, a_world, json_of
from tests.web.building import NETJES

SOFTWARE = Client(
    id="software",
    name="Software of managers",
    redirect_uris=("https://software.example/callback",),
    scopes=frozenset({"openid", "offline_access", *MANAGEMENT}),
    secret=hashed("a secret"),
)
ALL = tuple(sorted(MANAGEMENT))


def token_of(provider: Provider, person: str | None, scope: tuple[str, ...] = ALL, key: Key | None = Key.EID) -> str:
    """A new access token of the software, on behalf of somebody; None for nobody."""
    text, now = new_text(), provider.now()
    family = Family(
        id=new_id(), client=SOFTWARE.id, scope=scope, begun_at=now, person=person, key=key if person else None
    )
    provider.tokens.issue(family, [NewToken(text, Use.ACCESS, scope, now, now + ACCESS_LIVES)])
    return text


@dataclass
class Desk:
    """The product, and people who act through the software."""

    world: World
    tokens: dict[str, str] = field(default_factory=dict)

    def headers(self, who: str) -> dict[str, str]:
        """The header with somebody's token."""
        if who not in self.tokens:
            self.tokens[who] = token_of(self.world.provider, who)
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def get(self, who: str, path: str, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        """Read as somebody."""
        given = {**self.headers(who), **(headers or {})}
        return self.world.app.test_client().get(f"/api/v1{path}", headers=given, query_string=query or None)

    def post(self, who: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> TestResponse:
        """Send a body as somebody."""
        given = {**self.headers(who), **(headers or {})}
        return self.world.app.test_client().post(f"/api/v1{path}", headers=given, json={} if body is None else body)

    def size(self) -> int:
        """The number of entries of the history."""
        return self.world.size()


def a_desk(folder: Path) -> Desk:
    """The demo chain, with the software."""
    return Desk(a_world(folder, SOFTWARE))


def keyed(text: str | None = None) -> dict[str, str]:
    """The header with a key of a call."""
    return {"Idempotency-Key": text or secrets.token_hex(8)}


def told(answer: TestResponse, status: int) -> dict[str, Any]:
    """The members of an answer, which must have a status."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    return json_of(answer)


def a_grant(**more: Any) -> dict[str, Any]:
    """A right that Nadia may grant Inès."""
    period = {"first": "2026-03-10", "last": "2026-12-31"}
    wish = {"enterprise": NETJES, "holder": "ines", "right": "service_vouchers", "contexts": ["V99902"]}
    return {**wish, "period": period, **more}
