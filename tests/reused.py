"""A PostgreSQL database that one test after the other gets in the same state: putting that back is much quicker than
making a database."""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.postgres import SUPERUSER, PostgresServer

# Whatever changes a table, a trigger or a rule of a table writes a row of the catalogue anew.
_CATALOGUE = """
    SELECT array_agg(ARRAY[rows, newest] ORDER BY name) FROM (
        SELECT 'class' AS name, count(*) AS rows, max(xmin::text::bigint) AS newest FROM pg_class UNION ALL
        SELECT 'attribute', count(*), max(xmin::text::bigint) FROM pg_attribute UNION ALL
        SELECT 'constraint', count(*), max(xmin::text::bigint) FROM pg_constraint UNION ALL
        SELECT 'trigger', count(*), max(xmin::text::bigint) FROM pg_trigger UNION ALL
        SELECT 'function', count(*), max(xmin::text::bigint) FROM pg_proc UNION ALL
        SELECT 'setting', count(*), max(xmin::text::bigint) FROM pg_db_role_setting
    ) AS catalogue
"""
_OTHERS_LEAVE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class ReusedDatabase:
    """A copy of a database that is put back to the state of its model for each test.

    :param model: the address of a database, to which nobody is connected
    """

    server: PostgresServer
    model: str
    _url: str | None = None
    _catalogue: Any = None
    _rows: dict[str, bytes] = field(default_factory=dict)
    _sequences: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def restored(self) -> str:
        """The address of a database in the state of the model.

        It is the one of before, unless somebody changed its tables: then it is another one.
        """
        if self._url is not None and not self._put_back(self._url):
            self.server.drop_database(self._url)
            self._url = None
        if self._url is None:
            self._url = self.server.create_database(self.model)
            self._remember(self._url)
        return self._url

    def _remember(self, url: str) -> None:
        with self._connected(url) as connection:
            for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows:
                    self._rows[table] = b"".join(bytes(part) for part in rows)
            for (name,) in connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"):
                row = connection.execute(f"SELECT last_value, is_called FROM {name}".encode()).fetchone()
                assert row is not None
                self._sequences[name] = row
            self._catalogue = connection.execute(_CATALOGUE).fetchone()

    def _put_back(self, url: str) -> bool:
        with self._connected(url) as connection:
            connection.execute(_OTHERS_LEAVE)
            if connection.execute(_CATALOGUE).fetchone() != self._catalogue:
                return False
            connection.execute("SET session_replication_role = replica")  # no trigger, no foreign key stands in the way
            connection.execute("; ".join(f"DELETE FROM {table}" for table in self._rows).encode())
            for table, rows in self._rows.items():
                if rows:
                    with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                        copy.write(rows)
            for name, (last, called) in self._sequences.items():
                connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, last, called))
        return True

    def _connected(self, url: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self.server.folder), user=SUPERUSER, dbname=make_url(url).database)
