"""What every test may ask for: an empty database of either kind, a browser; and a run that tells what it left out."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from tests.browser import Pages, running_browser
from tests.postgres import PostgresServer, running_server
from tests.reused import ReusedDatabase
from tests.statements import share
from tests.usecases.stage import a_stage

# Time limits say more about the machine than about the code; in CI the same examples are tried each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
# mutmut runs a test many times in one process, which no health check expects.
settings.register_profile("mutants", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
settings.load_profile("mutants" if "MUTANT_UNDER_TEST" in os.environ else "ci" if os.environ.get("CI") else "here")

share()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each process of the run."""
    with running_server() as server:
        yield server


@pytest.fixture
def new_postgres_database(postgres_server: PostgresServer) -> Iterator[Callable[..., str]]:
    """A function that makes a PostgreSQL database, gone after the test, and gives its address.

    It takes `like`, the address of a database to copy.
    """
    made: list[str] = []

    def new(like: str | None = None) -> str:
        made.append(postgres_server.create_database(like))
        return made[-1]

    yield new
    for url in made:
        postgres_server.drop_database(url)


@pytest.fixture
def postgres_url(new_postgres_database: Callable[..., str]) -> str:
    """The address of an empty PostgreSQL database."""
    return new_postgres_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'accessmgr.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; a test that asks for it runs once on each kind."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(scope="session")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that holds the ordinary world, one for each process of the run."""
    file = tmp_path_factory.mktemp("stage") / "stage.sqlite"
    with a_stage(f"sqlite:///{file}"):
        return file


@pytest.fixture(scope="session")
def postgres_stage(postgres_server: PostgresServer) -> ReusedDatabase:
    """A PostgreSQL database that holds the ordinary world, one for each process of the run."""
    model = postgres_server.create_database()
    with a_stage(model):
        pass
    return ReusedDatabase(postgres_server, model)


@pytest.fixture(params=["sqlite", "postgresql"])
def stage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the ordinary world, for `a_stage`; a test that asks for it runs on each kind."""
    if request.param == "postgresql":
        reused: ReusedDatabase = request.getfixturevalue("postgres_stage")
        return reused.restored()
    file = tmp_path / "accessmgr.sqlite"
    copyfile(request.getfixturevalue("sqlite_stage"), file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window, one for each process of the run."""
    with running_browser() as browser:
        yield browser


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Pages]:
    """A function `(javascript=True, locale="fr-BE")` that opens a page; a fault in a page fails the test."""
    pages = Pages(browser)
    yield pages
    pages.close()
    assert pages.faults == []


def _left_out(reporter: pytest.TerminalReporter) -> list[str]:
    lines = []
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        lines.append(f"{report.nodeid}: {reason}")
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that did not run."""
    left_out = _left_out(terminalreporter)
    if left_out:
        terminalreporter.section("did not run")
        for line in left_out:
            terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, a test that did not run is a failure of the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and _left_out(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
