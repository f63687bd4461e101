"""The simulated clock is read within the look that is open, so that a reader and a writer never wait for each other."""

import sqlite3
from pathlib import Path

from accessmgr.core.days import moment
from tests.web.building import built_app, product_of


def test_the_clock_is_read_in_an_open_look_while_somebody_waits_to_commit(tmp_path: Path) -> None:
    world = product_of(built_app(tmp_path)).world
    writer = sqlite3.connect(tmp_path / "accessmgr.sqlite", isolation_level=None, timeout=0)
    with world.store.reading() as look:
        look.size()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO persona VALUES ('x', 'x')")
        waits = False
        try:
            writer.execute("COMMIT")
        except sqlite3.OperationalError:
            waits = True
        shown = world.clock.now()
    writer.execute("COMMIT")
    writer.close()
    assert waits is True
    assert shown >= moment("2026-03-02T09:00")
