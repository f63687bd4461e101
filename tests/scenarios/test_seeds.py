"""The scenarios that come with the product hold, each in its own test, and all of them on PostgreSQL too."""

from pathlib import Path

import pytest

from accessmgr.resources import folder
from accessmgr.scenarios.databases import databases
from accessmgr.scenarios.reader import read
from accessmgr.scenarios.runner import Report, run
from accessmgr.seeding import given_world

SEEDS = folder("seeds") / "scenarios"
FILES = sorted(SEEDS.rglob("*.yaml"))


def unmet(report: Report) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(outcome.index, outcome.do, outcome.because) for outcome in report.outcomes if not outcome.met]


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(SEEDS)) for file in FILES])
def test_the_scenario_holds(file: Path) -> None:
    assert unmet(run(read(file, given_world))) == []


def test_every_scenario_holds_on_postgresql(postgres_url: str) -> None:
    with databases(postgres_url) as new_database:
        found = {file.name: unmet(run(read(file, given_world), new_database)) for file in FILES}
    assert {name: steps for name, steps in found.items() if steps} == {}
    assert len(found) >= 128
