"""The command that plays files and folders: its report, its exit code, and what it leaves in a database."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url

from accessmgr.scenarios.command import run_paths
from tests.scenarios.documents import ACCEPT, OFFER, with_steps

GOOD = with_steps(OFFER, "{advance: 1h}", ACCEPT)
UNMET = with_steps(OFFER, ACCEPT.replace("}", ", expect: refused, because: [ACCEPT-2]}"))
WRONG = with_steps(OFFER, ACCEPT.replace("a1", "a2"))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_json_is_as_the_format_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "one.yaml", UNMET)
    assert run_paths([path], "json") == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": str(path),
            "scenario": "a right does not outlive the work relation",
            "passed": False,
            "steps": [
                {
                    "index": 0,
                    "do": "appoint_main_access_manager",
                    "allowed": True,
                    "because": ["APPOINT-1"],
                    "met": True,
                },
                {"index": 1, "do": "accept_appointment", "allowed": True, "because": ["ACCEPT-1"], "met": False},
            ],
        }
    ]


def test_the_text_shows_where_an_expectation_was_not_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "one.yaml", UNMET)
    assert run_paths([path]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"FAILED  {path}: a right does not outlive the work relation",
        f"  step 1 ({path}:39), accept_appointment:",
        "    expected refused because of ACCEPT-2",
        "    decided  allowed because of ACCEPT-1",
        "scenarios: 1, steps: 2, failed: 1",
    ]


def test_files_of_a_folder_come_in_the_order_of_their_names_however_deep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.yaml", "a/z.yml", "a/y.yaml", "notes.txt"):
        written(tmp_path, name, GOOD)
    assert run_paths([tmp_path], "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [Path(one["file"]).relative_to(tmp_path).as_posix() for one in report] == ["a/y.yaml", "a/z.yml", "b.yaml"]
    assert [one["passed"] for one in report] == [True, True, True]


def test_one_wrong_file_among_good_ones_is_named_and_nothing_else_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, "a.yaml", GOOD)
    wrong = written(tmp_path, "b.yaml", WRONG)
    worse = written(tmp_path, "c.yaml", "scenario: [")
    assert run_paths([tmp_path], "json") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert lines[0] == f"{wrong}:39: `appointment`: no earlier step that was allowed made `a2`"
    assert [line.split(": ")[0] for line in lines] == [f"{wrong}:39", f"{worse}:2"]


def test_what_is_not_there_is_a_mistake_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_paths([tmp_path / "none.yaml"]) == 2
    assert run_paths([tmp_path]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / 'none.yaml'}:1: this cannot be read: No such file or directory",
        f"{tmp_path}: there is no scenario file in this folder",
    ]


def test_an_sqlite_file_is_made_for_the_run_and_one_that_holds_something_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, database = written(tmp_path, "scenarios/one.yaml", GOOD), tmp_path / "new.sqlite"
    assert run_paths([path, path], database=f"sqlite:///{database}") == 0
    assert not database.exists()
    database.write_bytes(b"something")
    assert run_paths([path], database=f"sqlite:///{database}") == 2
    assert database.read_bytes() == b"something"
    assert "holds a database already" in capsys.readouterr().err


def test_postgresql_holds_afterwards_what_it_held_before(tmp_path: Path, postgres_url: str) -> None:
    path = written(tmp_path, "one.yaml", GOOD)
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE person (kept integer)")
        connection.exec_driver_sql("INSERT INTO person VALUES (7)")
    assert run_paths([path, path], database=postgres_url) == 0
    with engine.connect() as connection:
        assert inspect(connection).get_schema_names() == ["information_schema", "public"]
        assert connection.exec_driver_sql("SELECT kept FROM person").scalars().all() == [7]
    engine.dispose()


@pytest.mark.parametrize("address", ["nonsense", "mystery://host/database"])
def test_a_database_that_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert run_paths([written(tmp_path, "one.yaml", GOOD)], database=address) == 2
    assert capsys.readouterr().err == (
        "the database of `--database` cannot be used: it must be an address that can be reached\n"
    )


def test_a_database_that_does_not_answer_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], postgres_url: str
) -> None:
    gone = make_url(postgres_url).set(database="no_such_database").render_as_string(hide_password=False)
    assert run_paths([written(tmp_path, "one.yaml", GOOD)], database=gone) == 2
    assert capsys.readouterr().err.startswith("the database of `--database` cannot be used")
