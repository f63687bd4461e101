"""`db copy` moves everything into an empty database of another kind: history, proofs and keys stay as they are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from accessmgr.store.copying import copy_all
from accessmgr.store.engine import prepare
from accessmgr.store.tables import Base
from tests.cli.commands import Commands


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on the demo world, in SQLite."""
    run = Commands(tmp_path / "instance", monkeypatch, capsys)
    assert run("db", "upgrade").status == 0
    assert run("seed", "demo").status == 0
    return run


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_what_was_in_sqlite_is_in_postgresql_and_goes_on_there(
    demo: Commands, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(f"sqlite:///{demo.folder / 'accessmgr.sqlite'}")
    told = demo("history", "checkpoint").out
    copied = demo("db", "copy", postgres_url)
    assert (copied.status, copied.err) == (0, "")
    assert f"{len(before['entry'])} entries of the history" in copied.out
    assert content(postgres_url) == content(f"sqlite:///{demo.folder / 'accessmgr.sqlite'}")
    monkeypatch.setenv("ACCESSMGR_DATABASE_URL", postgres_url)
    assert demo("history", "checkpoint").out == told
    assert demo("auditor", "add", "nadia").status == 0
    verified = demo("history", "verify")
    assert verified.status == 0
    assert len(content(postgres_url)["entry"]) == len(before["entry"]) + 1


def test_a_database_that_holds_something_is_not_written_to(demo: Commands, postgres_url: str) -> None:
    assert demo("db", "copy", postgres_url).status == 0
    there = content(postgres_url)
    again = demo("db", "copy", postgres_url)
    assert again.status == 2
    assert again.err.startswith("accessmgr: nothing was copied: the other database is not empty: it has rows in `")
    assert content(postgres_url) == there


def test_a_copy_that_stops_half_way_leaves_an_empty_database(
    demo: Commands, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setenv("ACCESSMGR_DATABASE_URL", postgres_url)
        assert demo("db", "upgrade").status == 0
    empty = content(postgres_url)
    source, target = (
        prepare(create_engine(f"sqlite:///{demo.folder / 'accessmgr.sqlite'}")),
        create_engine(postgres_url),
    )
    with pytest.raises(KeyboardInterrupt):
        copy_all(source, target, stopping_at("right_grant"))
    assert content(postgres_url) == empty
    assert copy_all(source, target, stopping_at("none"))["entry"] == len(content(postgres_url)["entry"])
    source.dispose()
    target.dispose()


def stopping_at(table: str) -> Callable[[str, int], None]:
    """A progress that ends the program when a table is reached."""

    def progress(reached: str, _rows: int) -> None:
        if reached == table:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize(
    ("url", "message"),
    [("nonsense", "cannot be read"), ("postgresql+psycopg://nobody@127.0.0.1:1/none", "OperationalError")],
)
def test_an_address_that_leads_nowhere_is_said_so(demo: Commands, url: str, message: str) -> None:
    ran = demo("db", "copy", url)
    assert ran.status != 0
    assert message in ran.err
    assert "nobody" not in ran.err
