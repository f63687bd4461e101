"""What tests of pages are built on: an application, a demo chain in it, and clients who are signed in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copy2, copytree
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import func, select

from accessmgr.app import create_app
from accessmgr.config import Settings
from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period, moment
from accessmgr.core.model import Key, UserType
from accessmgr.core.numbers import NationalNumber
from accessmgr.store.clock import clock_t
from accessmgr.store.engine import create_schema
from accessmgr.store.look import entry_t
from accessmgr.store.sessions import session_t
from accessmgr.store.tables import db
from accessmgr.usecases.perform import Done, Identity, perform
from accessmgr.vault.token_keys import Signer, TokenKeyFile
from accessmgr.web.current import Product

NETJES = "1999000150"
PROPRE = "1999000249"
START = moment("2026-03-02T09:00")
"""The first clock of the demo world."""

SINCE = date(2016, 3, 15)

PEOPLE = {
    "hilde": ("Hilde", "Vermeulen", "72.03.14-000.46"),
    "karel": ("Karel", "De Smedt", "68.09.23-999.93"),
    "nadia": ("Nadia", "El Amrani", "85.06.11-000.42"),
    "sophie": ("Sophie", "Lambert", "91.02.05-000.29"),
    "pieter": ("Pieter", "Jacobs", "88.11.04-999.30"),
    "ines": ("Inès", "Dubois", "95.08.17-000.86"),
    "noah": ("Noah", "Peeters", "01.03.22-999.61"),
    "emma": ("Emma", "Claes", "04.11.30-000.66"),
    "mila": ("Mila", "Desmet", "00.00.01-000.96"),
}
"""Fictional people by short name, which is their id: given name, family name, national number."""


@dataclass(frozen=True)
class Chain:
    """The ids of the demo chain in Netjes Thuis: who appointed, was linked, and got the right."""

    enterprise: str
    hilde: str
    karel: str
    nadia: str
    ines: str
    mila: str
    noah: str
    appointment: str
    relation: str
    grant: str


class _Compiled(BytecodeCache):
    """The templates that this process has compiled, for whichever application asks first."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled, if it was."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is compiled now."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()
_ELSEWHERE = {"database_url", "keys_file"}
"""Settings that lead out of the instance folder."""


def created(folder: Path, **settings: Any) -> Flask:
    """An application on an instance folder as it is."""
    app = create_app(Settings(**{"instance": str(folder), **settings}))
    app.jinja_env.bytecode_cache = _COMPILED
    return app


def built_app(folder: Path, **settings: Any) -> Flask:
    """An application on an empty database of its own, whose clock shows the first moment of the demo world.

    A setting given goes before the default, as in `built_app(tmp_path, four_eyes=True)`. Database and keys are made
    once and copied, unless they are to be elsewhere: making them takes long.
    """
    if _ELSEWHERE.isdisjoint(settings):
        copytree(_empty().name, folder, dirs_exist_ok=True)
        app = created(folder, **settings)
    else:
        app = _on_new_database(folder, **settings)
    set_clock = product_of(app).set_clock
    if set_clock is not None:
        set_clock(START)
    return app


def _on_new_database(folder: Path, **settings: Any) -> Flask:
    app = created(folder, **settings)
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        create_schema(connection)
    return app


@cache
def _empty() -> TemporaryDirectory[str]:
    """An instance folder with an empty database, and every key."""
    folder = TemporaryDirectory(prefix="accessmgr-empty-")
    app = _on_new_database(Path(folder.name))
    for signer in Signer:
        TokenKeyFile(Path(folder.name) / "keys" / "keys.json", signer).all()
    product_of(app).world.store.engine.dispose()  # type: ignore[attr-defined]
    return folder


def product_of(app: Flask) -> Product:
    """The product that the application serves."""
    product: Product = app.extensions["accessmgr"]
    return product


def add_people(app: Flask, *short_names: str, keys: Iterable[Key] = tuple(Key), language: str | None = None) -> None:
    """Add people of `PEOPLE`, all keys activated unless other `keys` are given."""
    with product_of(app).world.store.writing() as tx:
        for short in short_names:
            given, family, number = PEOPLE[short]
            tx.add_person(
                short, given, family, NationalNumber.parse(number), keys=[str(key) for key in keys], language=language
            )
            tx.add_persona(short, short)
        tx.append("register.imported", START, subjects=short_names)


def add_enterprise(app: Flask, number: str, name: str, *, target_group: str = "EA") -> None:
    """Add an enterprise, active since 2016, to the register, with its Dutch name."""
    with product_of(app).world.store.writing() as tx:
        tx.add_fact("enterprise", id=number, target_group=target_group, first=SINCE, type_code="2")
        tx.add_fact("denomination", entity=number, language="2", type_code="001", name=name)
        tx.append("register.imported", START, subjects=(number,))


def add_fact(app: Flask, table: str, **values: Any) -> None:
    """Add a row to a table of the register, with an entry of its own."""
    with product_of(app).world.store.writing() as tx:
        tx.add_fact(table, **values)
        tx.append("register.changed", START)


def do(
    app: Flask, actor: str, action: Action, *, level: int = 500, identity: Identity | None = None, **given: Any
) -> Done:
    """Do an action through the rules, or fail the test."""
    ask = Ask(action=action, actor=actor, level=level, **given)
    return perform(product_of(app).world, ask, identity=identity).or_refuse()


def identity_of(short: str) -> Identity:
    """Number and names by which a person of `PEOPLE` is found."""
    given, family, number = PEOPLE[short]
    return Identity(NationalNumber.parse(number), (given, family))


def demo_chain(app: Flask) -> Chain:
    """Netjes Thuis as in the demo world: its representatives, its main access manager, and a right for Inès.

    Hilde represents it and holds no right, Nadia is its main access manager, Inès holds service vouchers for
    V99901 until 1 March 2027, Mila is an auditor, Noah has no tie to it. An application on a copy of the empty
    database, which nobody has used yet, gets a copy of the one in which the chain was made once.
    """
    folder = _folder_to_fill(app)
    if folder is None:
        return _make_chain(app)
    made, chain, made_in = _chained()
    product_of(app).world.store.engine.dispose()  # type: ignore[attr-defined]
    for name in ("accessmgr.sqlite", "keys/checkpoint"):
        copy2(Path(made.name) / name, folder / name)
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(clock_t.update().values(real=datetime.now(UTC) - made_in))
    assert product_of(app).trouble() is None  # which knows the history from now on, as if it had made it
    return chain


def _folder_to_fill(app: Flask) -> Path | None:
    """The instance folder of an application on a copy of the empty database, if nothing was written to it since."""
    folder = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")).parent
    keys, empty = folder / "keys" / "keys.json", Path(_empty().name) / "keys" / "keys.json"
    if not keys.exists() or keys.read_bytes() != empty.read_bytes():
        return None
    with app.app_context(), db.engine.connect() as connection:
        used = [connection.execute(select(func.count()).select_from(table)).scalar() for table in (entry_t, session_t)]
    return None if any(used) else folder


@cache
def _chained() -> tuple[TemporaryDirectory[str], Chain, timedelta]:
    """An instance folder in which the chain was made, the ids in it, and how long that took."""
    folder = TemporaryDirectory(prefix="accessmgr-chain-")
    app = built_app(Path(folder.name))
    chain = _make_chain(app)
    product = product_of(app)
    product.world.store.engine.dispose()  # type: ignore[attr-defined]
    return folder, chain, product.world.clock.now() - START


def _make_chain(app: Flask) -> Chain:
    add_people(app, "hilde", "karel", "nadia", "ines", "mila", "noah")
    add_enterprise(app, NETJES, "Netjes Thuis")
    for fact in (
        {"id": "f-hilde", "code": "managing_director", "holder": "hilde"},
        {"id": "f-karel", "code": "director", "holder": "karel"},
    ):
        add_fact(app, "function", enterprise=NETJES, first=SINCE, **fact)
    add_fact(app, "recognition", id="V99901", enterprise=NETJES, first=date(2017, 1, 1))
    add_fact(app, "recognition", id="V99902", enterprise=NETJES, first=date(2021, 7, 1))
    add_fact(app, "establishment", id="8999000103", enterprise=NETJES, first=date(2016, 4, 1))
    add_fact(app, "auditor", id="mila")
    offered = do(
        app,
        "hilde",
        Action.APPOINT_MAIN_ACCESS_MANAGER,
        enterprise=NETJES,
        employee=True,
        identity=identity_of("nadia"),
    )
    offer = offered.events[-1].row.id
    do(app, "nadia", Action.ACCEPT_APPOINTMENT, appointment=offer)
    day = date(2026, 3, 2)
    linked = do(
        app,
        "nadia",
        Action.LINK_PERSON,
        enterprise=NETJES,
        user_type=UserType.EMPLOYEE,
        period=Period(day, None),
        identity=identity_of("ines"),
    )
    granted = do(
        app,
        "nadia",
        Action.GRANT_RIGHT,
        enterprise=NETJES,
        person="ines",
        right="service_vouchers",
        contexts=("V99901",),
        period=Period(day, date(2027, 3, 1)),
    )
    relation, grant = linked.events[-1].row.id, granted.events[-1].row.id
    return Chain(NETJES, "hilde", "karel", "nadia", "ines", "mila", "noah", offer, relation, grant)


def signed_in_client(app: Flask, person: str, key: Key = Key.ITSME, language: str = "en") -> FlaskClient:
    """A client whose person is signed in with a digital key, and who reads pages in a language."""
    client = app.test_client()
    client.set_cookie("language", language)
    begun = product_of(app).sessions.begin(person, key)
    with client.session_transaction() as session:
        session["_user_id"] = begun
    return client


def area_client(app: Flask, person: str, key: Key = Key.ITSME, language: str = "en") -> FlaskClient:
    """A client whose person is signed in, and went to the secure area."""
    return in_area(signed_in_client(app, person, key, language))


def in_area(client: FlaskClient) -> FlaskClient:
    """The client, whose person has signed in to the secure area too: as a browser does on its own."""
    assert followed(client, client.get("/secure-area/")).status_code == 200
    return client


def followed(client: FlaskClient, answer: Any) -> Any:
    """Where a browser ends up that follows every redirect, all of which lead to the product."""
    for _ in range(6):
        if answer.status_code not in (302, 303):
            return answer
        parts = urlsplit(answer.location)
        answer = client.get(parts.path, query_string=parts.query)
    raise AssertionError("the redirects come to no end")


def anonymous_client(app: Flask, language: str = "en") -> FlaskClient:
    """A client of nobody, who reads pages in a language."""
    client = app.test_client()
    client.set_cookie("language", language)
    return client


def token_of(page: str) -> str:
    """The token of the first form of a page, to post with."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None, "the page holds no form"
    return found[1]


def post(client: FlaskClient, path: str, fields: dict[str, Any] | None = None, *, token_from: str = "/about") -> Any:
    """Post a form as a browser would: with the token of a page that was opened first."""
    token = token_of(client.get(token_from).get_data(as_text=True))
    return client.post(path, data={"csrf_token": token, **(fields or {})})


def ask_for(client: FlaskClient, fields: dict[str, Any]) -> Any:
    """Request a right, all the way; the answer leads to the receipt."""
    check = post(client, "/users/requests/new", {"reason": "", **fields})
    assert check.status_code == 303, check.text
    return post(client, check.location)


def made_request(client: FlaskClient, receipt: str) -> str:
    """The page of the request to which the receipt of its making leads."""
    found = re.search(r'href="(/users/requests/[0-9a-f]+)"', client.get(receipt).get_data(as_text=True))
    assert found is not None, "the receipt leads to no request"
    return found[1]


def advance(app: Flask, wall_clock: str) -> datetime:
    """Set the simulator's clock forwards to a time in Brussels."""
    later = moment(wall_clock)
    set_clock = product_of(app).set_clock
    assert set_clock is not None
    set_clock(later)
    return later
