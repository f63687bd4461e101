"""What the tests of conformance share: which module of a plan each re-expresses, and a client as the plans have it.

The module lists are those of the OpenID Foundation's conformance suite for the Basic OP, RP-initiated logout OP and
back-channel logout OP plans. A test runs with a client in each of the modes named, and does what its module does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from accessmgr.store.sessions import session_t
from accessmgr.usecases.relying_parties import Client, Mode
from accessmgr.web.sign_in_forms import pin_of
from tests.oidc.building import APP, Application, World, a_world, json_of, parameters
from tests.web.building import token_of

Test = TypeVar("Test", bound=Callable[..., None])

BOTH = (Mode.ACM, Mode.STRICT)
RP = replace(APP, pkce=False)
"""The client of the plans, whose requests have no PKCE: a registration that is possible in simulation alone."""


class Result(StrEnum):
    """What comes of a module."""

    PASSES = "passes"
    STRICT = "passes when strict"
    NOT_OFFERED = "does not apply"


@dataclass(frozen=True)
class Module:
    """A module of a plan, and what comes of it here."""

    name: str
    result: Result


def module(name: str, result: Result = Result.PASSES) -> Callable[[Test], Test]:
    """A test that re-expresses a module; one that passes when strict runs with a strict client alone."""
    modes = (Mode.STRICT,) if result is Result.STRICT else BOTH

    def marked(test: Test) -> Test:
        test.module = Module(name, result)  # type: ignore[attr-defined]
        return pytest.mark.parametrize("mode", modes, ids=str)(test)

    return marked


@dataclass
class Rp(Application):
    """The client of the plans, and the browser of its user. Ines is signed in by a test card when she is asked."""

    client: Client = RP
    browser: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.world.app.test_client()

    def fields(self, **more: Any) -> dict[str, str]:
        """An authorization request without PKCE."""
        return super().fields(**{"code_challenge": None, "code_challenge_method": None, "scope": "openid", **more})

    def authorize(self, **more: Any) -> TestResponse:
        """The provider's answer to a request, the user having signed in where they were asked."""
        return self.signed_in(self.ask(self.browser, **more))

    def signed_in(self, answer: TestResponse) -> TestResponse:
        """What comes of a page that asks to sign in; any other answer as it is."""
        if not answer.location.startswith("/sign-in?"):
            return answer
        back = parse_qs(urlsplit(answer.location).query)["next"][0]
        page = self.browser.get("/sign-in/eid", query_string={"next": back}).get_data(as_text=True)
        form = {"csrf_token": token_of(page), "person": "ines", "pin": pin_of("ines"), "next": back}
        return self.browser.get(self.browser.post("/sign-in/eid", data=form).location)

    def flow(self, **more: Any) -> dict[str, Any]:
        """A whole flow: the tokens that it brings."""
        sent = parameters(self.authorize(**more))
        assert (sent["state"], sent["iss"]) == (self.state, "http://127.0.0.1:8000/op")
        answer = self.exchange(sent["code"])
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return json_of(answer)

    def flow_claims(self, **more: Any) -> dict[str, Any]:
        """The verified claims of the ID token that a flow brings."""
        return self.verified(self.flow(**more)["id_token"])

    def exchange(self, code: str) -> TestResponse:
        """Send a code to the token endpoint."""
        return self.redeem(code, code_verifier=None)

    def error(self, **more: Any) -> str:
        """The error that a request brings."""
        return parameters(self.ask(self.browser, **more))["error"]

    def logs_out(self, **fields: str) -> TestResponse:
        """Send the user to the end of the session."""
        return self.browser.get("/op/v1/logout", query_string=fields)

    def sign_in_ago(self, much: timedelta) -> None:
        """Let the sign-in of the user be that long ago."""
        engine = self.world.provider.tokens.engine  # type: ignore[attr-defined]
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            connection.execute(update(session_t).values(created_at=datetime.now(UTC) - much))


def rp(folder: Path, mode: Mode) -> Rp:
    """The client of the plans, registered in a mode in a world of its own."""
    client = replace(RP, mode=mode)
    world: World = a_world(folder, client)
    return Rp(world, client)


def discovery(op: Rp) -> dict[str, Any]:
    """The provider's configuration."""
    return json_of(op.world.app.test_client().get("/op/.well-known/openid-configuration"))
