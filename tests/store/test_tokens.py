"""Codes and tokens are used once, whoever tries at the same moment; clients keep what was registered of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from accessmgr.core.model import Key, TargetGroup
from accessmgr.store.relying_parties import StoredClients, means_of
from accessmgr.store.tokens import StoredTokens
from accessmgr.usecases.relying_parties import Client, Level, Method, Mode, WrongRegistration, hashed, is_secret
from accessmgr.usecases.tokens import Family, NewToken, Use
from tests.builders import NOW
from tests.usecases.stage import Stage, a_stage

AT_ONCE = 16
ROUNDS = range(10)
SOON, LATER = NOW + timedelta(seconds=5), NOW + timedelta(hours=1)


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    with a_stage(stage_url) as stage:
        yield stage


@pytest.fixture
def tokens(stage: Stage) -> StoredTokens:
    return StoredTokens(stage.store.engine)


def a_family(name: str = "family") -> Family:
    return Family(
        id=name,
        client="app",
        scope=("openid", "vo"),
        begun_at=NOW,
        person="ines",
        key=Key.ITSME,
        session="session",
        sid="sid",
        auth_time=NOW,
        target_group=TargetGroup.EA,
        enterprise="1999000150",
        acr=True,
    )


def begun(tokens: StoredTokens, name: str = "family", code: str = "code") -> Family:
    family = a_family(name)
    tokens.begin(family, code, redirect_uri="https://app.example/cb", challenge="challenge", nonce="nonce")
    return family


def a_token(text: str, use: Use = Use.ACCESS) -> NewToken:
    return NewToken(text, use, ("openid",), SOON, LATER)


def at_once(tries: list[tuple[str, Use, str, str]], tokens: StoredTokens) -> list[bool]:
    """Redeem all at the same moment: what is spent, for what, of which family, for which new token."""
    start = Barrier(len(tries))

    def redeem(one: tuple[str, Use, str, str]) -> bool:
        spent, use, family, new = one
        start.wait()
        return tokens.redeem(spent, use, family, [a_token(new)], SOON)

    with ThreadPoolExecutor(len(tries)) as people:
        return list(people.map(redeem, tries))


def test_a_family_comes_back_as_it_was_kept(tokens: StoredTokens) -> None:
    family = begun(tokens)
    code = tokens.code("code")
    assert code is not None
    assert code.family == family
    assert (code.redirect_uri, code.challenge, code.nonce, code.used) == (
        "https://app.example/cb",
        "challenge",
        "nonce",
        False,
    )
    assert tokens.families("session", "app") == [family]
    assert tokens.families("session", "other") == []


def test_a_code_is_redeemed_once_by_whoever_tries_at_the_same_moment(tokens: StoredTokens) -> None:
    for round_ in ROUNDS:
        begun(tokens, f"family {round_}", f"code {round_}")
        tries = [(f"code {round_}", Use.CODE, f"family {round_}", f"t {round_} {one}") for one in range(AT_ONCE)]
        assert sorted(at_once(tries, tokens))[-2:] == [False, True]


def test_a_refresh_token_is_redeemed_once_by_whoever_tries_at_the_same_moment(tokens: StoredTokens) -> None:
    for round_ in ROUNDS:
        tokens.issue(a_family(f"family {round_}"), [a_token(f"refresh {round_}", Use.REFRESH)])
        tries = [(f"refresh {round_}", Use.REFRESH, f"family {round_}", f"t {round_} {one}") for one in range(AT_ONCE)]
        assert sorted(at_once(tries, tokens))[-2:] == [False, True]


def test_what_lost_the_race_leaves_no_token(tokens: StoredTokens) -> None:
    begun(tokens)
    assert tokens.redeem("code", Use.CODE, "family", [a_token("first")], SOON) is True
    assert tokens.redeem("code", Use.CODE, "family", [a_token("second")], SOON) is False
    assert tokens.token("first", Use.ACCESS) is not None
    assert tokens.token("second", Use.ACCESS) is None


@pytest.mark.parametrize(
    ("spent", "use", "family", "after"),
    [
        ("code", Use.CODE, "family", timedelta(seconds=30)),
        ("code", Use.REFRESH, "family", timedelta(0)),
        ("code", Use.CODE, "another", timedelta(0)),
        ("another", Use.CODE, "family", timedelta(0)),
    ],
    ids=["expired", "for another use", "of another family", "unknown"],
)
def test_a_code_is_not_redeemed_when_something_is_wrong(
    tokens: StoredTokens, spent: str, use: Use, family: str, after: timedelta
) -> None:
    begun(tokens)
    assert tokens.redeem(spent, use, family, [a_token("new")], NOW + after) is False
    assert tokens.token("new", Use.ACCESS) is None
    assert tokens.redeem("code", Use.CODE, "family", [a_token("new")], NOW + timedelta(seconds=29)) is True


def test_a_revoked_family_gives_nothing_more_and_its_tokens_are_not_good(tokens: StoredTokens) -> None:
    begun(tokens)
    tokens.redeem("code", Use.CODE, "family", [a_token("access"), a_token("refresh", Use.REFRESH)], SOON)
    before = tokens.token("access", Use.ACCESS)
    tokens.revoke("family", SOON)
    after = tokens.token("access", Use.ACCESS)
    assert before is not None
    assert after is not None
    assert (before.active(SOON), after.active(SOON)) == (True, False)
    assert tokens.redeem("refresh", Use.REFRESH, "family", [a_token("new")], SOON) is False
    assert tokens.families("session") == []


def test_one_token_is_revoked_without_the_others(tokens: StoredTokens) -> None:
    begun(tokens)
    tokens.redeem("code", Use.CODE, "family", [a_token("one"), a_token("other")], SOON)
    tokens.revoke_token("one", Use.ACCESS, SOON)
    found = [tokens.token(text, Use.ACCESS) for text in ("one", "other")]
    assert [token is not None and token.active(SOON) for token in found] == [False, True]


def test_a_token_is_good_for_its_use_alone(tokens: StoredTokens) -> None:
    tokens.issue(a_family(), [a_token("access")])
    assert tokens.token("access", Use.REFRESH) is None
    assert tokens.code("access") is None


def test_an_assertion_is_used_once_by_each_client(tokens: StoredTokens) -> None:
    assert tokens.first_use("app", "id", LATER, NOW) is True
    assert tokens.first_use("app", "id", LATER, NOW) is False
    assert tokens.first_use("other", "id", LATER, NOW) is True
    assert tokens.first_use("app", "id", LATER, LATER + timedelta(seconds=1)) is True


def test_a_request_waits_two_hours(tokens: StoredTokens) -> None:
    tokens.keep_request("ticket", {"state": "x"}, NOW)
    waiting = tokens.request("ticket", NOW + timedelta(hours=2))
    assert waiting is not None
    assert dict(waiting.fields) == {"state": "x"}
    assert tokens.request("ticket", NOW + timedelta(hours=2, seconds=1)) is None
    tokens.drop_request("ticket")
    assert tokens.request("ticket", NOW) is None


def test_nothing_that_is_kept_can_be_used_by_whoever_reads_it(stage: Stage, tokens: StoredTokens) -> None:
    begun(tokens)
    with stage.store.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT id FROM authorization_code").scalar_one()
    assert kept != "code"
    assert tokens.code(kept) is None


CLIENT = Client(
    id="app",
    name="An application",
    redirect_uris=("https://app.example/cb",),
    post_logout_uris=("https://app.example/",),
    scopes=frozenset({"openid", "rrn"}),
    methods=frozenset({Method.ASSERTION, Method.BASIC}),
    application="dienstencheques",
    means=frozenset({Key.EID, Key.ITSME}),
    level=Level.TARGET_GROUP,
    mode=Mode.STRICT,
    pkce=False,
    rrn=True,
    introspection=True,
    jwks='{"keys": []}',
    backchannel_logout_uri="https://app.example/logout",
    secret=hashed("its secret"),
)


def test_a_client_comes_back_as_it_was_registered(stage: Stage) -> None:
    clients = StoredClients(stage.store.engine)
    clients.add(CLIENT, NOW)
    assert clients.find("app") == CLIENT
    assert list(clients.all()) == [CLIENT]
    with stage.store.reading() as look:
        assert means_of(look.connection, "app") == frozenset({Key.EID, Key.ITSME})


def test_a_removed_client_is_gone_with_its_tokens_and_its_id_is_not_given_again(
    stage: Stage, tokens: StoredTokens
) -> None:
    clients = StoredClients(stage.store.engine)
    clients.add(CLIENT, NOW)
    begun(tokens)
    clients.remove("app", SOON)
    assert clients.find("app") is None
    assert tokens.families("session") == []
    with pytest.raises(WrongRegistration, match="already"):
        clients.add(CLIENT, LATER)


def test_a_new_secret_replaces_the_old_one(stage: Stage) -> None:
    clients = StoredClients(stage.store.engine)
    clients.add(CLIENT, NOW)
    clients.change_secret("app", hashed("another"), SOON)
    found = clients.find("app")
    assert found is not None
    assert found == replace(CLIENT, secret=found.secret)
    assert (is_secret(found, "its secret"), is_secret(found, "another")) == (False, True)
