"""Everybody whom tests of the user management need: the demo chain, and managers of other kinds."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import Key, UserType
from tests.web.building import (
    NETJES,
    PROPRE,
    SINCE,
    Chain,
    add_enterprise,
    add_fact,
    add_people,
    anonymous_client,
    built_app,
    created,
    demo_chain,
    do,
    identity_of,
    product_of,
    signed_in_client,
)

TODAY = date(2026, 3, 2)
ABSENT = "1999000348"
"""An enterprise number that checks, of no enterprise that the register knows."""

ROLES = {
    "main manager": "nadia",
    "co-main manager": "sophie",
    "local administrator": "pieter",
    "legal representative": "hilde",
    "employee": "ines",
    "outsider": "noah",
    "auditor": "mila",
}
"""Who plays which role in Netjes Thuis."""


@dataclass(frozen=True)
class Cast:
    """An application with everybody in it."""

    app: Flask
    chain: Chain
    request: str

    def client(self, who: str, key: Key = Key.ITSME, language: str = "en") -> FlaskClient:
        """A client in which somebody is signed in; `anonymous` is nobody."""
        if who == "anonymous":
            return anonymous_client(self.app, language)
        return signed_in_client(self.app, ROLES.get(who, who), key, language)


def cast(folder: Path) -> Cast:
    """Netjes Thuis with its managers, Propre & Net with its manager Karel, and a request by Emma in Netjes Thuis.

    It is built once, and copied into the folder: building takes many transactions.
    """
    built, chain, request = _built()
    copytree(built.name, folder, dirs_exist_ok=True)
    return Cast(created(folder), chain, request)


@cache
def _built() -> tuple[TemporaryDirectory[str], Chain, str]:
    folder = TemporaryDirectory(prefix="accessmgr-cast-")
    app = built_app(Path(folder.name))
    chain = demo_chain(app)
    add_people(app, "sophie", "pieter", "emma")
    add_fact(
        app,
        "address",
        entity="8999000103",
        type_code="BAET",
        zipcode="9000",
        municipality_nl="Gent",
        municipality_fr="Gand",
        street_nl="Voorbeeldstraat",
        street_fr="Rue de l'Exemple",
        house_number="12",
    )
    co_main = do(
        app,
        "nadia",
        Action.APPOINT_CO_MAIN_ACCESS_MANAGER,
        enterprise=NETJES,
        employee=True,
        identity=identity_of("sophie"),
    )
    do(app, "sophie", Action.ACCEPT_APPOINTMENT, appointment=co_main.events[-1].row.id)
    do(app, "sophie", Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=NETJES)
    do(
        app,
        "sophie",
        Action.LINK_PERSON,
        enterprise=NETJES,
        user_type=UserType.EMPLOYEE,
        period=Period(TODAY, None),
        identity=identity_of("pieter"),
    )
    local = do(app, "sophie", Action.APPOINT_LOCAL_ADMINISTRATOR, enterprise=NETJES, identity=identity_of("pieter"))
    do(app, "pieter", Action.ACCEPT_APPOINTMENT, appointment=local.events[-1].row.id)
    add_enterprise(app, PROPRE, "Propre & Net")
    add_fact(app, "function", id="f-propre", enterprise=PROPRE, code="manager", holder="karel", first=SINCE)
    asked = do(app, "emma", Action.REQUEST_RIGHT, enterprise=NETJES, right="service_vouchers", contexts=("V99901",))
    product_of(app).world.store.engine.dispose()  # type: ignore[attr-defined]
    return folder, chain, asked.events[-1].row.id


def bare(page: str, *numbers: str) -> str:
    """A page without tokens, without the numbers asked for, and without the names of forms that wait."""
    without = re.sub(r'(name="csrf_token" value|nonce)="[^"]*"', "", page)
    without = re.sub(r"(?<=/)[\w-]{22}(?=\")", "DRAFT", without)
    for number in numbers:
        without = without.replace(number, "NUMBER").replace(f"{number[:4]}.{number[4:7]}.{number[7:]}", "NUMBER")
    return without
