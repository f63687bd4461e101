"""Erasing people from the command line: what it asks, says and refuses; and older databases, brought up to it."""

import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from accessmgr.cli.running import keys_path, running, store_of
from accessmgr.core.numbers import NationalNumber
from accessmgr.store import tables
from accessmgr.vault.keyring import KeyRing, Purpose
from tests.cli.commands import Commands
from tests.cli.older import make_older

GIVEN, FAMILY = "Zebedea", "Quistwater"
NUMBER = NationalNumber("80010199976")
GONE = "5a0c7f3e9b1d4c2f8e6a0b9c7d5e3f11"
ERASED_ROWS = "1 key, 1 national_number, 1 short_name, 1 name, 1 contact, 1 note"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on the demo world, in which one more person is known, who is tied to nothing."""
    run = Commands(tmp_path / "instance", monkeypatch, capsys)
    assert run("db", "upgrade").status == 0
    assert run("seed", "demo").status == 0
    with running() as (_, product), product.world.store.writing() as tx:
        tx.add_person(GONE, GIVEN, FAMILY, NUMBER)
        tx.add_persona("zeb", GONE)
        tx.keep_contact(GONE, "zebedea@quistwater.example")
        tx.keep_note(GONE, "words of Zebedea")
        tx.append("person.entered", product.world.clock.now(), actor=GONE, subjects=[GONE])
    return run


def found() -> str | None:
    """The id of the person, found by number and names."""
    with running() as (_, product), product.world.store.reading() as look:
        return look.find_person(NUMBER, (GIVEN, FAMILY))


def erase(run: Commands, *words: str) -> tuple[int, str, str]:
    ran = run("person", "erase", *words, "--reason", "asked by letter")
    return ran.status, ran.out, ran.err


def test_a_person_is_erased_once_and_the_history_verifies_before_and_after(run: Commands, tmp_path: Path) -> None:
    export = tmp_path / "before.jsonl"
    export.write_text(run("history", "export").out)
    assert run("history", "verify").out.startswith("VALID")
    assert found() == GONE
    assert erase(run, "zeb", "--yes") == (0, f"{GONE} erased: {ERASED_ROWS}\n", "")
    assert found() is None
    assert erase(run, GONE, "--yes") == (1, "", f"accessmgr: `{GONE}` is erased already\n")
    assert run("history", "verify").out.startswith("VALID")
    assert run("history", "verify", str(export)).out.startswith("VALID")
    export.write_text(run("history", "export").out)
    assert run("history", "verify", str(export)).out.startswith("VALID")
    told = run("history", "show", "--format", "json", "--person", GONE).out
    assert [json.loads(line)["type"] for line in told.splitlines()] == ["person.erased", "person.entered"]


def test_a_dry_run_destroys_nothing_and_asks_nothing(run: Commands) -> None:
    assert erase(run, "zeb", "--dry-run") == (0, f"{GONE} would be erased: {ERASED_ROWS}\n", "")
    assert found() == GONE


def test_who_is_somebody_is_not_erased_and_it_is_said_why(run: Commands) -> None:
    status, out, err = erase(run, "mila", "--yes")
    assert (status, out) == (1, "")
    assert err.endswith("is still somebody here, with the assignment as auditor: end that first\n")
    assert run("auditor", "remove", "mila").status == 0
    assert erase(run, "mila", "--yes")[0] == 0


def test_where_nobody_can_be_asked_yes_has_to_be_said(run: Commands) -> None:
    assert erase(run, "zeb") == (2, "", "accessmgr: nobody can be asked here, so say --yes\n")
    assert found() == GONE


@pytest.mark.parametrize(("answer", "status", "still"), [("n\n", 130, GONE), ("y\n", 0, None)])
def test_on_a_terminal_it_asks(
    run: Commands, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, still: str | None
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: answer.strip())
    assert erase(run, "zeb")[0] == status
    assert found() == still


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        (("--reason", "x"), "name one PERSON, or say --expired"),
        (("zeb", "--expired", "--reason", "x"), "name one PERSON, or say --expired"),
        (("zeb", "--reason", "  "), "--reason is empty"),
        (("zeb",), "Missing option '--reason'."),
        (("nobody", "--reason", "x"), "there is no person `nobody`"),
    ],
)
def test_wrong_use_is_told_in_one_line(run: Commands, words: tuple[str, ...], mistake: str) -> None:
    ran = run("person", "erase", *words)
    assert (ran.status, ran.out, ran.err) == (2, "", f"accessmgr: {mistake}\n")


def test_the_retention_lists_and_erases_whom_it_lets_go(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("person", "expired").out == ""
    assert erase(run, "--expired") == (0, "nobody is expired\n", "")
    with running() as (_, product):
        assert product.set_clock is not None
        later = product.world.clock.now()
        product.set_clock(later.replace(year=later.year + 9))
    assert run("person", "expired").out == ""
    monkeypatch.setenv("ACCESSMGR_RETENTION_YEARS", "8")
    assert GONE in json.loads(run("person", "expired", "--format", "json").out)
    assert GONE in run("person", "expired").out.splitlines()
    assert erase(run, "--expired", "--dry-run")[1].count(f"{GONE} would be erased: ") == 1
    status, out, err = erase(run, "--expired", "--yes")
    assert (status, err, out.count(f"{GONE} erased: {ERASED_ROWS}\n")) == (0, "", 1)
    assert run("person", "expired").out == ""
    assert run("history", "verify").out.startswith("VALID")


def test_the_keys_are_rotated_after_an_erasure_and_everybody_else_is_found(run: Commands) -> None:
    erase(run, "zeb", "--yes")
    with running() as (_, product), product.world.store.reading() as look:
        numbers = look.numbers_of(look.lists.personas().values())
    assert run("keys", "rotate").out == f"{len(numbers)} national numbers are sealed under new keys\n"
    with running() as (_, product), store_of(product).reading() as look:
        assert look.numbers_of(look.lists.personas().values()) == numbers
        assert {look.person_with(number) for number in numbers.values()} == set(numbers)


def test_an_upgrade_seals_what_an_older_database_holds_under_peoples_own_keys(run: Commands) -> None:
    make_older(run.folder)
    assert run("db", "upgrade").status == 0
    assert found() == GONE
    with running() as (_, product), product.world.store.reading() as look:
        assert look.contact_of(GONE) == "zebedea@quistwater.example"
        assert "words of Zebedea" in look.notes(range(look.size())).values()
    assert erase(run, "zeb", "--yes")[:2] == (0, f"{GONE} erased: {ERASED_ROWS}\n")


def test_an_upgrade_with_the_wrong_key_file_changes_nothing_and_says_so(
    run: Commands, caplog: pytest.LogCaptureFixture
) -> None:
    make_older(run.folder)
    with running():
        path = keys_path()
    right = KeyRing.load(path)
    KeyRing.fresh().save(path)
    assert run("db", "upgrade").status == 1
    missing = right.current(Purpose.DATA).id
    assert f"no key `{missing}` on the ring: this key file is not that of the database" in caplog.text
    right.save(path)
    assert run("db", "upgrade").status == 0
    assert found() == GONE


def test_in_postgresql_a_migrated_database_lets_a_person_be_erased_too(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACCESSMGR_DATABASE_URL", postgres_url)
    run = Commands(tmp_path / "instance", monkeypatch, capsys)
    for words in (("db", "upgrade"), ("seed", "demo"), ("auditor", "remove", "mila")):
        assert run(*words).status == 0
    assert erase(run, "mila", "--yes")[0] == 0
    assert run("history", "verify").out.startswith("VALID")
    assert run("keys", "rotate").status == 0
    with running() as (_, product):
        store = store_of(product)
        with store.engine.connect() as connection:
            compared = compare_metadata(MigrationContext.configure(connection), tables.Base.metadata)
        store.engine.dispose()
    assert compared == []
