"""The served product tells a real receiver of a revocation, and a stop at the worst moment loses nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest
from flask import Flask

from accessmgr.app import create_app
from accessmgr.config import Settings
from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.usecases.relying_parties import SIGNALS
from accessmgr.usecases.streams import CLAIMS_CHANGE, Delivery
from tests.live import served
from tests.oidc.building import SECRET, basic, provider_of
from tests.signals.building import SERVICE, STREAM, Inbox, an_inbox, verified_with
from tests.web.building import NETJES, do, product_of

WITHIN = 60
"""Seconds that a busy machine may take before a token counts as lost; how fast it is stands in `make bench`."""


class Neighbour:
    """Another process on the same database, in which managers work."""

    def __init__(self, instance: Path) -> None:
        self.app: Flask = create_app(Settings(instance=str(instance)))
        with product_of(self.app).world.store.reading() as look:
            self.people = look.lists.personas()

    def revoke(self) -> None:
        """Take from Inès the right that she has."""
        with product_of(self.app).world.store.reading() as look:
            held = [grant for grant in look.lists.grants(holder=self.people["ines"]) if grant.revoked_at is None]
        do(self.app, self.people["nadia"], Action.REVOKE_GRANT, grant=held[0].id)

    def give(self) -> None:
        """Give it to her again."""
        wish: dict[str, Any] = {"enterprise": NETJES, "person": self.people["ines"], "right": "service_vouchers"}
        period = Period(date(2026, 3, 2), date(2026, 12, 31))
        do(self.app, self.people["nadia"], Action.GRANT_RIGHT, contexts=("V99901",), period=period, **wish)


def called(base: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    """The JSON of an answer."""
    with urlopen(Request(base + path, content, headers or {}), timeout=30) as answer:  # noqa: S310  # an address of ours
        return json.load(answer)


def subscribe(base: str, inbox: Inbox) -> None:
    """Make a stream as a service does."""
    form = {**basic(SERVICE.id, SECRET), "Content-Type": "application/x-www-form-urlencoded"}
    wish = f"grant_type=client_credentials&scope={SIGNALS}".encode()
    token = called(base, "/op/v1/token", wish, form)["access_token"]
    delivery = {"method": str(Delivery.PUSH), "endpoint_url": inbox.address}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    called(base, STREAM, json.dumps({"delivery": delivery}).encode(), headers)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with an_inbox() as listening:
        yield listening


def test_a_revocation_reaches_a_receiver_whatever_stops_meanwhile(tmp_path: Path, inbox: Inbox) -> None:
    instance = tmp_path / "instance"
    with served(instance) as base:
        neighbour = Neighbour(instance)
        provider_of(neighbour.app).clients.add(SERVICE, datetime.now(UTC))
        keys = called(base, "/op/v1/keys")
        subscribe(base, inbox)
        neighbour.revoke()
        assert inbox.has(1, WITHIN)
        told = verified_with(keys, inbox.tokens[0])
        assert told["sub_id"]["sub"] == neighbour.people["ines"]
        assert told["events"][CLAIMS_CHANGE]["claims"] == {"dienstencheques_rol_3d": []}
        assert (told["iss"], told["aud"]) == (base, "app")

        # it stops after the receiver got the second one, and before the receiver answered
        inbox.held = Event()
        neighbour.give()
        assert inbox.has(2, WITHIN)
    neighbour.revoke()  # and while it stands still, there is a third
    inbox.held.set()
    with served(instance):
        while len({verified_with(keys, token)["jti"] for token in inbox.tokens}) < 3:
            assert inbox.has(len(inbox.tokens) + 1, WITHIN)

    got = [verified_with(keys, token) for token in inbox.tokens]
    first, second, third = {each["jti"]: each for each in got}.values()
    assert [each["jti"] for each in got] == [first["jti"], *[second["jti"]] * (len(got) - 2), third["jti"]]
    assert len(got) >= 4
    assert [int(each["txn"]) - int(first["txn"]) for each in (second, third)] == [1, 2]
    assert third["events"][CLAIMS_CHANGE]["claims"] == {"dienstencheques_rol_3d": []}
    provider_of(neighbour.app).tokens.engine.dispose()  # type: ignore[attr-defined]
