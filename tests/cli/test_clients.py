"""Applications are registered, listed, given a new secret and removed; what makes no sense is refused in one line."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import Commands

ADD = ("client", "add", "payroll", "--name", "Payroll")
CALLBACK = ("--redirect-uri", "https://payroll.example/callback")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on an empty database."""
    commands = Commands(tmp_path / "instance", monkeypatch, capsys)
    assert commands("db", "upgrade").status == 0
    return commands


def listed(run: Commands) -> dict[str, dict[str, object]]:
    return {client["id"]: client for client in json.loads(run("client", "list", "--format", "json").out)}


def secret_in(text: str) -> str:
    return text.rpartition(": ")[2].strip()


def test_a_client_is_registered_with_a_secret_that_is_shown_once(run: Commands) -> None:
    added = run(*ADD, *CALLBACK, "--scope", "openid", "--scope", "dienstencheques", "--key", "eid", "--mode", "strict")
    assert added.status == 0
    assert len(secret_in(added.out)) == 43
    shown = listed(run)
    assert sorted(shown) == ["payroll", "secure-area"]
    assert shown["payroll"]["scopes"] == ["dienstencheques", "openid"]
    assert (shown["payroll"]["keys"], shown["payroll"]["mode"], shown["payroll"]["pkce"]) == (["eid"], "strict", True)
    assert secret_in(added.out) not in run("client", "list").out


def test_what_a_client_may_ask_about_is_kept(run: Commands) -> None:
    limits = ("--resource-type", "right", "--enterprise", "1999.000.150", "--without-reasons")
    assert run(*ADD, "--scope", "authzen", *limits).status == 0
    assert run("client", "add", "open", "--name", "Open", "--scope", "authzen").status == 0
    shown = listed(run)
    kept = [
        tuple(shown[name][part] for part in ("resource_types", "enterprises", "reasons"))
        for name in ("payroll", "open")
    ]
    assert kept == [(["right"], ["1999000150"], False), (None, None, True)]
    assert run("client", "add", "wrong", "--name", "Wrong", "--resource-type", "spaceship").status == 2


def test_a_new_secret_is_another_one(run: Commands) -> None:
    first = secret_in(run(*ADD, *CALLBACK).out)
    second = secret_in(run("client", "rotate-secret", "payroll").out)
    assert len(second) == 43
    assert first != second


def test_a_removed_client_is_gone_and_its_name_is_not_given_again(run: Commands) -> None:
    run(*ADD, *CALLBACK)
    assert run("client", "remove", "payroll").status == 0
    assert sorted(listed(run)) == ["secure-area"]
    again = run(*ADD, *CALLBACK)
    assert (again.status, "there is a client `payroll` already" in again.err) == (2, True)


def test_what_was_done_to_a_client_stands_in_the_history_without_its_secret(run: Commands) -> None:
    secret = secret_in(run(*ADD, *CALLBACK).out)
    run("client", "rotate-secret", "payroll")
    run("client", "remove", "payroll")
    exported = run("history", "export").out
    assert [
        exported.count(f'"{what}"') for what in ("client.registered", "client_secret.rotated", "client.removed")
    ] == [
        1,
        1,
        1,
    ]
    assert secret not in exported


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*ADD, "--redirect-uri", "https://payroll.example/#x"), "not a whole address without fragment"),
        ((*ADD, "--redirect-uri", "javascript:alert(1)"), "no address of an application"),
        ((*ADD, "--redirect-uri", "https://*.payroll.example/callback"), "a character that an address has not"),
        ((*ADD, *CALLBACK, "--scope", "everything"), "there is no scope `everything`"),
        ((*ADD, *CALLBACK, "--application", "nothing"), "there is no application `nothing`"),
        ((*ADD, *CALLBACK, "--method", "none", "--method", "client_secret_post"), "the method `none` alone"),
        ((*ADD, *CALLBACK, "--method", "none", "--without-pkce"), "a public client needs PKCE"),
        ((*ADD, *CALLBACK, "--method", "private_key_jwt"), "needs a key set or its address"),
        (("client", "add", "a name", "--name", "A"), "is not a name of letters"),
        (("client", "remove", "payroll"), "there is no client `payroll`"),
        (("client", "remove", "secure-area"), "is the product's own client"),
        (("client", "rotate-secret", "secure-area"), "has no secret"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(run: Commands, words: tuple[str, ...], told: str) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert sorted(listed(run)) == ["secure-area"]


def test_the_key_that_signs_tokens_is_replaced_by_the_one_announced(run: Commands) -> None:
    first, second = (run("keys", "rotate", "--signing").out for _ in range(2))
    assert first.startswith("tokens are signed by key ")
    assert first != second
