"""Sixty-four redeem one code or one refresh token at the same moment: one succeeds, and the others end what it got."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from accessmgr.store.tokens import StoredTokens
from accessmgr.usecases.tokens import Family, NewToken, Use
from tests.builders import NOW
from tests.live import served, told_by
from tests.oidc.building import basic, challenge_of, hint
from tests.usecases.stage import a_stage

AT_ONCE = 64
ROUNDS = 100
"""For each kind of text in each kind of database: two hundred for a code, two hundred for a refresh token."""
OVER_HTTP = 2
SOON, LATER = NOW + timedelta(seconds=5), NOW + timedelta(hours=1)
VERIFIER = "v" * 43
CALLBACK = "http://127.0.0.1:9/callback"


# --- at the store -----------------------------------------------------------------------------------------


@pytest.fixture
def tokens(stage_url: str) -> Iterator[StoredTokens]:
    with a_stage(stage_url) as stage:
        yield StoredTokens(stage.store.engine)


def a_family(name: str) -> Family:
    return Family(id=name, client="app", scope=("openid", "offline_access"), begun_at=NOW, person="ines")


def a_token(text: str, use: Use) -> NewToken:
    return NewToken(text, use, ("openid",), SOON, LATER)


def with_code(tokens: StoredTokens, name: str) -> None:
    tokens.begin(a_family(name), f"spent {name}", redirect_uri=CALLBACK, challenge=None, nonce=None)


def with_refresh_token(tokens: StoredTokens, name: str) -> None:
    tokens.issue(a_family(name), [a_token(f"spent {name}", Use.REFRESH)])


@pytest.mark.parametrize(
    ("use", "prepare"), [(Use.CODE, with_code), (Use.REFRESH, with_refresh_token)], ids=["code", "refresh token"]
)
def test_of_sixty_four_who_redeem_at_once_one_succeeds(
    tokens: StoredTokens, use: Use, prepare: Callable[[StoredTokens, str], None]
) -> None:
    start = Barrier(AT_ONCE)

    def race(round_: int, runner: int) -> bool:
        name, got = f"family {round_}", f"token {round_} {runner}"
        start.wait()
        return tokens.redeem(f"spent {name}", use, name, [a_token(got, Use.ACCESS)], SOON)

    winners: Counter[int] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as runners:
        for round_ in range(ROUNDS):
            prepare(tokens, f"family {round_}")
            won = list(runners.map(race, [round_] * AT_ONCE, range(AT_ONCE)))
            winners[sum(won)] += 1
            kept = [tokens.token(f"token {round_} {runner}", Use.ACCESS) is not None for runner in range(0, AT_ONCE, 8)]
            assert kept == won[::8]
    assert winners == {1: ROUNDS}


# --- over HTTP --------------------------------------------------------------------------------------------


class Server:
    """The served product, as the demo application calls it."""

    def __init__(self, base: str) -> None:
        self._address = urlsplit(base).netloc

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, Any]:
        """Status, `Location`, and what the answer holds if that is JSON."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **basic("demo-confidential", "demo-secret")}
        connection = HTTPConnection(self._address, timeout=30)
        try:
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, answer.getheader("Location", ""), json.loads(content) if is_json else None

    def code(self) -> dict[str, str]:
        """What redeems a fresh code."""
        fields = {
            "client_id": "demo-confidential",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid offline_access",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            "login_hint": hint(persona="ines", key="itsme", cap_hint="EA", code_hint="1999000150"),
        }
        _, location, _ = self.send("GET", f"/op/v1/auth?{urlencode(fields)}")
        code = dict(parse_qsl(urlsplit(location).query))["code"]
        return {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}

    def refresh_token(self) -> dict[str, str]:
        """What redeems a fresh refresh token."""
        _, _, given = self.send("POST", "/op/v1/token", self.code())
        return {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}

    def race(self, fields: dict[str, str]) -> list[tuple[int, str, Any]]:
        """Redeem it sixty-four times at once."""
        start = Barrier(AT_ONCE)

        def redeem(_: int) -> tuple[int, str, Any]:
            start.wait()
            return self.send("POST", "/op/v1/token", fields)

        with ThreadPoolExecutor(AT_ONCE) as runners:
            return list(runners.map(redeem, range(AT_ONCE)))

    def is_active(self, token: str) -> bool:
        """Whether the token is good."""
        _, _, told = self.send("POST", "/op/v1/introspect", {"token": token})
        return bool(told["active"])


@pytest.fixture
def server(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The product, served on a database of each kind."""
    monkeypatch.setenv("ACCESSMGR_DATABASE_URL", database_url)
    instance = tmp_path / "instance"
    told_by(instance, "db", "upgrade")
    told_by(instance, "seed", "demo")
    with served(instance) as base:
        yield Server(base)


def test_over_http_too_one_of_sixty_four_succeeds_and_what_it_got_is_good_no_more(server: Server) -> None:
    _, _, given = server.send("POST", "/op/v1/token", server.code())
    assert [server.is_active(given[token]) for token in ("access_token", "refresh_token")] == [True, True]
    for fresh in (server.code, server.refresh_token):
        for _ in range(OVER_HTTP):
            answers = server.race(fresh())
            outcomes = Counter((status, (told or {}).get("error")) for status, _, told in answers)
            assert outcomes == {(200, None): 1, (400, "invalid_grant"): AT_ONCE - 1}
            got = next(told for status, _, told in answers if status == 200)
            assert server.is_active(got["access_token"]) is False
            assert server.is_active(got["refresh_token"]) is False
