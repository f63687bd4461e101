"""Prepared statements: they answer as SQLAlchemy does, tell its listeners, and fail as it fails."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, Select, bindparam, column, create_engine, select, table, union_all
from sqlalchemy.exc import DBAPIError

from accessmgr.cli.bench_measures import counting
from accessmgr.store import tables
from accessmgr.store.engine import begin, create_schema, prepare
from accessmgr.store.prepared import Prepared

GRANT = tables.Grant.__table__
ROW = {
    "id": "grant",
    "enterprise": "1999000150",
    "holder": "ines",
    "right": "service_vouchers",
    "contexts": ["V99901", "V99902"],
    "first": date(2026, 1, 1),
    "last": None,
    "relation": "relation",
    "by": "nadia",
    "revoked_at": datetime(2026, 3, 2, 8, 0, 0, 5, tzinfo=UTC),
}
BY_ID = select(*(GRANT.c[name] for name in ROW)).where(
    GRANT.c.id == bindparam("id"), GRANT.c.recorded_to == tables.OPEN
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = prepare(create_engine(database_url))
    with begin(engine, writing=True) as connection, connection.begin():
        create_schema(connection)
        connection.execute(GRANT.insert().values(**ROW))
    yield engine
    engine.dispose()


def test_it_answers_in_the_types_of_the_columns(engine: Engine) -> None:
    with begin(engine, writing=False) as connection, connection.begin():
        assert Prepared(BY_ID).rows(connection, {"id": "grant"}) == [tuple(ROW.values())]
        assert [tuple(row) for row in connection.execute(BY_ID, {"id": "grant"})] == [tuple(ROW.values())]


def test_the_first_row_has_its_columns_by_name(engine: Engine) -> None:
    with begin(engine, writing=False) as connection:
        assert Prepared(BY_ID).first(connection, {"id": "grant"})._asdict() == ROW
        assert Prepared(BY_ID).first(connection, {"id": "another"}) is None


def test_a_moment_is_given_to_it_as_to_any_statement(engine: Engine) -> None:
    since = select(GRANT.c.id).where(GRANT.c.revoked_at <= bindparam("at", type_=tables.Moment()))
    with begin(engine, writing=False) as connection:
        assert Prepared(since).rows(connection, {"at": ROW["revoked_at"]}) == [("grant",)]
        assert Prepared(since).rows(connection, {"at": datetime(2026, 3, 2, 8, 0, 0, 4, tzinfo=UTC)}) == []


def test_a_parameter_that_stands_twice_is_given_once(engine: Engine) -> None:
    twice = union_all(BY_ID, BY_ID)
    with begin(engine, writing=False) as connection:
        assert Prepared(twice).rows(connection, {"id": "grant"}) == [tuple(ROW.values())] * 2


def test_listeners_are_told_of_it(engine: Engine) -> None:
    with counting(engine) as statements, begin(engine, writing=False) as connection:
        Prepared(BY_ID).rows(connection, {"id": "grant"})
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_it_fails_as_any_statement_fails_without_telling_what_was_asked(engine: Engine) -> None:
    wrong: Select[Any] = select(column("id")).select_from(table("nowhere")).where(column("id") == bindparam("id"))
    with pytest.raises(DBAPIError) as fault, begin(engine, writing=False) as connection:
        Prepared(wrong).rows(connection, {"id": "a secret"})
    assert "nowhere" in str(fault.value)
    assert "a secret" not in str(fault.value)
    with begin(engine, writing=False) as connection:
        assert len(Prepared(BY_ID).rows(connection, {"id": "grant"})) == 1
