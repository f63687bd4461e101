"""The demo world, served to people who act through its own client, and put back as it was as often as needed."""

import atexit
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from accessmgr import seeding
from accessmgr.app import create_app
from accessmgr.config import Settings
from accessmgr.oidc.provider import Provider
from accessmgr.store.engine import create_schema
from accessmgr.store.store import Store
from accessmgr.store.tables import db
from accessmgr.usecases.perform import new_id
from accessmgr.usecases.tokens import ACCESS_LIVES, Family, NewToken, Use, new_text
from tests.oidc.building import provider_of
from tests.web.building import NETJES, product_of

CLIENT = "demo-management"


@cache
def _seeded() -> Path:
    folder = TemporaryDirectory(prefix="accessmgr-demo-")
    atexit.register(folder.cleanup)
    app = create_app(Settings(instance=folder.name))
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        create_schema(connection)
    product = product_of(app)
    assert isinstance(product.world.store, Store)
    assert product.set_clock is not None
    seeding.seed(product.world.store, "demo", product.set_clock)
    product.world.store.engine.dispose()
    return Path(folder.name)


@dataclass
class Demo:
    """The demo world in a folder of its own."""

    folder: Path
    app: Flask
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def provider(self) -> Provider:
        """Its provider."""
        return provider_of(self.app)

    def put_back(self) -> None:
        """Let the world be as it was when it opened, with the tokens that people have."""
        product_of(self.app).world.store.engine.dispose()  # type: ignore[attr-defined]
        rmtree(self.folder)
        copytree(_seeded(), self.folder)
        self.tokens.clear()

    def token(self, who: str) -> str:
        """The token of somebody, by short name."""
        if who not in self.tokens:
            scope = tuple(sorted(self.client_scopes()))
            now, text, person = self.provider.now(), new_text(), self.people()[who]
            with self.provider.world.store.reading() as look:
                key = max(look.keys_of(person), key=lambda one: one.level)
            family = Family(id=new_id(), client=CLIENT, scope=scope, begun_at=now, person=person, key=key)
            self.provider.tokens.issue(family, [NewToken(text, Use.ACCESS, scope, now, now + ACCESS_LIVES)])
            self.tokens[who] = text
        return self.tokens[who]

    def client_scopes(self) -> frozenset[str]:
        """The scopes of the client."""
        client = self.provider.clients.find(CLIENT)
        assert client is not None
        return client.scopes

    def people(self) -> dict[str, str]:
        """The ids of people, by short name."""
        with self.provider.world.store.reading() as look:
            return look.lists.personas()

    def ids(self) -> dict[str, str]:
        """The ids of people by short name, and those of the things that examples name."""
        people = self.people()
        with self.provider.world.store.reading() as look:
            lists = look.lists
            return {
                **people,
                "appointment": lists.appointments(enterprise=NETJES, holder=people["nadia"])[-1].id,
                "relation": lists.work_relations(enterprise=NETJES, person=people["ines"])[0].id,
                "grant": lists.grants(enterprise=NETJES, holder=people["ines"])[0].id,
                "request": lists.requests(enterprise=NETJES, requester=people["emma"])[0].id,
                "entry": "12",
            }

    def send(self, who: str, method: str, path: str, **more: Any) -> Any:
        """Call as somebody."""
        headers = {"Authorization": f"Bearer {self.token(who)}"}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **more)


def a_demo(folder: Path) -> Demo:
    """The demo world in an empty folder."""
    copytree(_seeded(), folder, dirs_exist_ok=True)
    return Demo(folder, create_app(Settings(instance=str(folder))))
