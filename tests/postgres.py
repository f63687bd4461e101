"""A PostgreSQL server that lives as long as the test run: in a temporary folder, reached through a socket in it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

SUPERUSER = "postgres"
START_WITHIN_SECONDS = 60

INITDB_OPTIONS = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]

# A database of a test need not survive a power cut, and must be quick.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "UTC",
}


@dataclass
class PostgresServer:
    """A running server; its databases are named by number."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """The address of a database in the form that SQLAlchemy takes."""
        url = URL.create("postgresql+psycopg", SUPERUSER, database=database, query={"host": str(self.folder)})
        return url.render_as_string(hide_password=False)

    def create_database(self, like: str | None = None) -> str:
        """Make a database, empty or a copy of the one at the address `like`, and give its address.

        A database that is copied must have no open connection.
        """
        name = f"test_{next(self._numbers)}"
        model = make_url(like).database if like else "template0"
        assert model
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(model)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove the database at an address, whoever is still connected."""
        name = make_url(url).database
        assert name
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def answers(self) -> bool:
        """Whether a connection can be made now."""
        try:
            self._run(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own, and stop and remove it at the end.

    :raise RuntimeError: the server's programs are not installed, or it does not start
    """
    binaries = _find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="accessmgr-pg-"))
    server = PostgresServer(folder)
    owner = _unprivileged_user(folder)
    try:
        subprocess.run(
            [binaries / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER, *INITDB_OPTIONS],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **owner,
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *_options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                **owner,
            )
        try:
            _wait_until_it_answers(server, process)
            yield server
        finally:
            # SIGINT is PostgreSQL's fast shutdown: it drops the clients and stops.
            process.send_signal(signal.SIGINT)
            process.wait(timeout=START_WITHIN_SECONDS)
    finally:
        shutil.rmtree(folder)


def _options() -> list[str]:
    return [word for name, value in SERVER_SETTINGS.items() for word in ("-c", f"{name}={value}")]


def _find_binaries() -> Path:
    """The folder of the newest PostgreSQL: Debian keeps it out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    if not found:
        raise RuntimeError("no PostgreSQL server is installed: apt-get install postgresql")
    return Path(found).resolve().parent


def _unprivileged_user(folder: Path) -> dict[str, Any]:
    """How to start a process as another user: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _wait_until_it_answers(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_WITHIN_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > give_up:
            log = (server.folder / "log").read_text(errors="replace")
            raise RuntimeError(f"the PostgreSQL server does not start:\n{log}")
        time.sleep(0.05)
