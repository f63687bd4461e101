"""The command line: what each command says and does, and its exit status."""

import json
import sqlite3
from pathlib import Path

import pytest

from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyRing
from tests.cli.commands import Commands
from tests.cli.older import make_older

DEMO = Path(__file__).parents[2] / "seeds" / "worlds" / "demo"
ENTER = (
    "check",
    "enter_secure_area",
    "--enterprise",
    "1999.000.150",
    "--right",
    "service_vouchers",
    "--context",
    "V99901",
)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands where there is nothing yet."""
    return Commands(tmp_path / "instance", monkeypatch, capsys)


@pytest.fixture
def demo(bare: Commands) -> Commands:
    """Commands on the demo world."""
    assert bare("db", "upgrade").status == 0
    assert bare("seed", "demo").status == 0
    return bare


def entries(run: Commands) -> list[dict[str, object]]:
    """The newest entries of the history."""
    return [json.loads(line) for line in run("history", "show", "--format", "json").out.splitlines()]


def database(run: Commands) -> sqlite3.Connection:
    """The database file, opened beside the product."""
    return sqlite3.connect(run.folder / "accessmgr.sqlite")


def test_every_command_has_help_with_an_example(bare: Commands) -> None:
    words = (
        "serve, act, db upgrade, db status, db copy, seed, register import, register update, rules list, "
        "rules explain, rules docs, scenario run, check, who, history show, history asked, "
        "history export, history verify, history prove, history checkpoint, "
        "client add, client list, client rotate-secret, client remove, keys rotate, keys list, "
        "auditor add, auditor remove, person erase, person expired, "
        "settings"
    )
    for command in words.split(", "):
        ran = bare(*command.split(), "--help")
        assert ran.status == 0, command
        assert f"Example: accessmgr {command}" in ran.out, command


def test_upgrade_makes_a_missing_database_and_status_tells_its_revision(bare: Commands) -> None:
    assert bare("db", "upgrade").out == "schema 0016\n"
    assert bare("db", "status").out == "schema 0016 of 0016, 0 entries, last never\n"


def test_an_older_database_is_given_the_tree_over_its_entries(demo: Commands) -> None:
    nodes = 'select level, "index", hash from ledger_node order by 1, 2'
    before = database(demo).execute(nodes).fetchall()
    make_older(demo.folder)
    assert demo("db", "upgrade").out == "schema 0016\n"
    assert len(before) > 10
    assert database(demo).execute(nodes).fetchall() == before


def test_a_command_without_a_database_says_so_in_one_line(bare: Commands) -> None:
    ran = bare("history", "show")
    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert "accessmgr db upgrade" in ran.err


def test_serving_a_database_without_schema_says_what_to_do(bare: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSMGR_DATABASE_URL", f"sqlite:///{bare.folder.parent / 'empty.sqlite'}")
    ran = bare("serve")
    assert (ran.status, ran.err) == (
        2,
        "accessmgr: the database has no schema yet, or an old one: `accessmgr db upgrade` makes it\n",
    )


def test_a_world_is_loaded_once(demo: Commands) -> None:
    again = demo("seed", "demo")
    assert (again.status, again.err) == (
        2,
        "accessmgr: the database holds a world already: `make reset` starts over\n",
    )


def test_an_unknown_world_is_wrong_use(bare: Commands) -> None:
    bare("db", "upgrade")
    assert (bare("seed", "atlantis").status, bare("seed", "../demo").status) == (2, 2)


def test_check_answers_with_the_decision_and_its_exit_status(demo: Commands) -> None:
    allowed, refused = demo(*ENTER, "--as", "ines"), demo(*ENTER, "--as", "noah")
    assert (allowed.status, allowed.out.splitlines()[0]) == (0, "allowed because of ENTER-1")
    assert (refused.status, refused.out.splitlines()[0]) == (1, "refused because of ENTER-1")
    weak = json.loads(demo(*ENTER, "--as", "ines", "--key", "sms", "--format", "json").out)
    assert (weak["allowed"], weak["because"]) == (False, ["KEY-3"])


def test_check_asks_about_another_day_and_another_knowledge(demo: Commands) -> None:
    assert demo(*ENTER, "--as", "noah", "--on", "2026-02-15T10:00").status == 0
    assert demo(*ENTER, "--as", "noah", "--on", "2026-02-15T10:00", "--known-at", "2026-01-05T08:00").status == 1


def test_check_changes_nothing_and_that_it_was_asked_is_in_the_decision_log(demo: Commands) -> None:
    demo(*ENTER, "--as", "noah")
    demo(*ENTER, "--as", "ines")
    assert [entry["type"] for entry in entries(demo)[:2]] == ["decisions.asked"] * 2
    lines = [json.loads(line) for line in demo("history", "asked", "--format", "json").out.splitlines()]
    assert [(line["action"], line["allowed"], line["because"]) for line in lines] == [
        ("enter_secure_area", True, ["ENTER-1"]),
        ("enter_secure_area", False, ["ENTER-1"]),
    ]
    of_noah = demo("history", "asked", "--person", "noah", "--enterprise", "1999.000.150").out
    assert of_noah.count("\n") == 1
    assert of_noah.endswith("enter_secure_area 1999000150 Noah Peeters  refused ENTER-1\n")
    assert demo("history", "asked", "--person", "emma").out == ""
    assert demo("history", "asked", "--limit", "1").out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        (("check", "fly", "--as", "ines"), "'fly' is not one of"),
        ((*ENTER, "--as", "nobody"), "there is no person `nobody`"),
        (("check", "enter_secure_area", "--as", "ines", "--enterprise", "1999.000.151"), "wrong check digits"),
        (("check", "enter_secure_area", "--as", "ines", "--enterprise", "1999.000.150"), "needs --right"),
        ((*ENTER[:5], "wine", "--as", "ines"), "there is no such right"),
        ((*ENTER, "--as", "ines", "--on", "2026-02-30T10:00"), "2026-02-30"),
        (("check", "revoke_grant", "--as", "ines", "--grant", "none"), "there is no such grant"),
    ],
)
def test_wrong_use_is_told_in_one_line(demo: Commands, words: tuple[str, ...], mistake: str) -> None:
    ran = demo(*words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert mistake in ran.err


def test_who_lists_those_who_can_enter_on_a_day(demo: Commands) -> None:
    asked = ("who", "service_vouchers", "1999.000.150", "V99901")
    assert demo(*asked).out == "Inès Dubois  ENTER-1\n"
    then = json.loads(demo(*asked, "--on", "2026-02-15T10:00", "--format", "json").out)
    assert [(one["name"], one["context"]) for one in then] == [("Inès Dubois", "V99901"), ("Noah Peeters", "V99901")]


def test_who_without_a_context_lists_each_as_known_then(demo: Commands) -> None:
    asked = ("who", "service_vouchers", "1999.000.150")
    assert "V99901  Inès Dubois  ENTER-1" in demo(*asked).out.splitlines()
    with_each = json.loads(demo(*asked, "--on", "2026-02-15T10:00", "--format", "json").out)
    of_one = json.loads(demo(*asked, "V99901", "--on", "2026-02-15T10:00", "--format", "json").out)
    assert [one for one in with_each if one["context"] == "V99901"] == of_one
    assert demo(*asked, "--on", "2026-02-15T10:00", "--known-at", "1999-01-01T00:00").out == ""
    assert demo(*asked, "V.999-01").out == "Inès Dubois  ENTER-1\n"
    assert demo(*asked, "V99900").out == ""
    assert "there is no right `none`" in demo("who", "none", "1999.000.150").err


def test_history_shows_entries_by_enterprise_and_person(demo: Commands) -> None:
    ran = demo("history", "show", "--enterprise", "1999000150", "--person", "emma", "--format", "json")
    assert [json.loads(line)["type"] for line in ran.out.splitlines()] == ["right.requested", "person.linked"]
    assert demo("history", "show", "--limit", "1").out.count("\n") == 1


def test_rules_are_listed_and_explained(bare: Commands) -> None:
    assert bare("rules", "list").out.count("\n") == 69
    explained = bare("rules", "explain", "grant-2").out
    assert "GRANT-2 (forbid)" in explained
    assert "a choice of this project" in explained
    assert bare("rules", "explain", "GRANT-99").status == 2


def test_the_page_of_rules_is_written_and_checked(
    bare: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    assert bare("rules", "docs", "--check").status == 1
    assert bare("rules", "docs").status == 0
    assert bare("rules", "docs", "--check").status == 0


def test_an_auditor_is_added_and_removed_and_both_are_on_record(demo: Commands) -> None:
    read = ("check", "read_history", "--as", "karel", "--enterprise", "1999.000.249", "--purpose", "sample")
    assert demo(*read).status == 1
    assert demo("auditor", "add", "karel").status == 0
    assert demo(*read).status == 0
    assert demo("auditor", "add", "karel").status == 2
    assert demo("auditor", "remove", "karel").status == 0
    assert demo(*read).status == 1
    told = [entry["type"] for entry in entries(demo)[:5]]
    assert told == ["decisions.asked", "auditor.removed", "decisions.asked", "auditor.added", "decisions.asked"]


def test_keys_are_rotated_and_people_are_found_as_before(demo: Commands) -> None:
    old = {line.split()[0] for line in demo("keys", "list").out.splitlines() if "signing" not in line}
    assert demo("keys", "rotate").out == "15 national numbers are sealed under new keys\n"
    new = {line.split()[0] for line in demo("keys", "list").out.splitlines()}
    assert len(new) == 3
    assert old.isdisjoint(new)
    ids = "select key_id from person_key union select index_key_id from national_number"
    assert {row[0] for row in database(demo).execute(ids)} < new


def test_a_rotation_that_was_interrupted_goes_on(demo: Commands) -> None:
    path = demo.folder / "keys" / "keys.json"
    rotation.begin(KeyRing.load(path)).save(path)
    assert demo("keys", "rotate").status == 0
    assert len(demo("keys", "list").out.splitlines()) == 3


def test_the_key_file_is_for_its_owner_alone(demo: Commands) -> None:
    path = demo.folder / "keys" / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    ran = demo("keys", "list")
    assert ran.status == 2
    assert "keys.json" in ran.err


def test_the_register_can_be_imported_again_and_changes_nothing(demo: Commands) -> None:
    count = "select count(*) from enterprise"
    before = database(demo).execute(count).fetchone()
    ran = demo("register", "import", str(DEMO))
    assert (ran.status, ran.out.startswith("extract 143 of 2026-01-02:")) == (0, True)
    assert database(demo).execute(count).fetchone() == before


def test_a_refused_import_leaves_one_entry_and_nothing_else(demo: Commands, tmp_path: Path) -> None:
    ran = demo("register", "import", str(tmp_path / "nothing.zip"))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert [entry["type"] for entry in entries(demo)[:1]] == ["import.refused"]


def test_a_scenario_is_played_on_the_running_database(demo: Commands, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(
        "scenario: Nadia revokes\nformat: 1\nat: 2026-03-02T09:00\nworld: demo\nsteps:\n"
        "  - {do: enter_secure_area, as: ines, key: app, enterprise: netjes,\n"
        "     right: service_vouchers, context: V99901}\n"
        "  - {do: end_work_relation, as: noah, key: app, relation: r1, expect: allowed}\n",
        encoding="utf-8",
    )
    ran = demo("act", str(scenario))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert [entry["type"] for entry in entries(demo)[:1]] == ["secure_area.entered"]


def test_settings_are_listed_without_secrets(bare: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSMGR_SECRET_KEY", "a very secret word of our own, long")
    ran = bare("settings")
    assert "ACCESSMGR_SECRET_KEY=(set)" in ran.out
    assert "very secret" not in ran.out


@pytest.mark.parametrize(
    ("settings", "mistake"),
    [
        ({"ACCESSMGR_COLOUR": "red"}, "unknown setting `ACCESSMGR_COLOUR`"),
        ({"ACCESSMGR_FOUR_EYES": "perhaps"}, "must be `on` or `off`"),
        ({"ACCESSMGR_THREADS": "0"}, "whole number"),
        ({"ACCESSMGR_SIMULATION": "off"}, "ACCESSMGR_SECRET_KEY"),
        ({"ACCESSMGR_SIMULATION": "off", "ACCESSMGR_SECRET_KEY": "x" * 40}, "https://"),
    ],
)
def test_unsafe_or_unknown_settings_stop_the_start(
    bare: Commands, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], mistake: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ran = bare("db", "status")
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert mistake in ran.err
