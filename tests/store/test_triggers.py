"""The database itself refuses what the store never does: rewriting, deleting, re-opening, doubling."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, Date, Integer, LargeBinary, String, Table, text
from sqlalchemy.exc import IntegrityError

from accessmgr.core.days import Period
from accessmgr.core.events import Noun
from accessmgr.core.model import AppointmentState, Role
from accessmgr.store.tables import APPEND_ONLY, OPEN, VERSIONED, Moment
from tests.builders import (
    IN_A_MONTH,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    TODAY,
    TOMORROW,
    WORKER,
    YESTERDAY,
    a_grant,
    a_work_relation,
    an_appointment,
    an_offer,
)
from tests.usecases.stage import Stage, a_stage, put

VERSIONED_BY_NAME = {table.name: table for table in VERSIONED}
SEALED_ANEW = {"contact": {"sealed"}, "note": {"sealed"}}
"""Columns that a rotation of keys writes anew."""


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, once in each kind of database."""
    with a_stage(stage_url) as stage:
        yield stage


def a_value(column: Any, *, other: bool = False) -> Any:
    """A value that a column takes, or another one."""
    match column.type:
        case Moment():
            return datetime.fromisoformat("2026-01-01T00:00:00+00:00") + timedelta(days=other)
        case Date():
            return date(2026, 1, 1) + timedelta(days=other)
        case Boolean():
            return other
        case JSON():
            return ["b"] if other else ["a"]
        case LargeBinary():
            return b"b" if other else b"a"
        case Integer():
            return 901 + other
    return "b" if other else "a"


def a_row(table: Table) -> dict[str, Any]:
    row = {column.name: a_value(column) for column in table.columns}
    return {**row, "recorded_from": 0, "recorded_to": OPEN} if "recorded_to" in row else row


def refuses(connection: Connection, statement: Any) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError:
        return True
    return False


def same(table: Table) -> Any:
    """The condition that picks the row of `a_row`."""
    (first, *_) = table.primary_key
    return first == a_value(first)


def test_no_row_is_rewritten(stage: Stage) -> None:
    with stage.writing() as connection:
        let_through: dict[str, set[str]] = {}
        for table in (*VERSIONED, *APPEND_ONLY):
            connection.execute(table.insert().values(a_row(table)))
            for column in table.columns:
                changed = table.update().where(same(table)).values({column.name: a_value(column, other=True)})
                if column.name != "recorded_to" and not refuses(connection, changed):
                    let_through.setdefault(table.name, set()).add(column.name)
    assert let_through == SEALED_ANEW


BLANKS: dict[str, dict[str, str | None]] = {
    "person": {"given": "", "family": "", "language": None},
    "function": {"holder_name": ""},
}
"""What erasing leaves of the columns that name a person."""


def test_names_may_be_blanked_and_nothing_else_may(stage: Stage) -> None:
    with stage.writing() as connection:
        let_through: dict[str, dict[str, str | None]] = {}
        for table in (*VERSIONED, *APPEND_ONLY):
            connection.execute(table.insert().values(a_row(table)))
            for column in table.columns:
                for blank in ("", None):
                    blanked = table.update().where(same(table)).values({column.name: blank})
                    if isinstance(column.type, String) and not refuses(connection, blanked):
                        let_through.setdefault(table.name, {})[column.name] = blank
    assert let_through == BLANKS


def test_a_blanked_name_is_not_filled_in_again(stage: Stage) -> None:
    with stage.writing() as connection:
        person = VERSIONED_BY_NAME["person"]
        connection.execute(person.insert().values(a_row(person)))
        connection.execute(person.update().where(same(person)).values(BLANKS["person"]))
        filled = [{"given": "a"}, {"family": "a"}, {"language": "nl"}, {"given": "", "family": "a"}]
        assert [refuses(connection, person.update().where(same(person)).values(values)) for values in filled] == [
            True
        ] * 4


def test_no_row_is_deleted(stage: Stage) -> None:
    with stage.writing() as connection:
        let_through = []
        for table in (*VERSIONED, *APPEND_ONLY):
            connection.execute(table.insert().values(a_row(table)))
            if not refuses(connection, table.delete().where(same(table))):
                let_through.append(table.name)
    assert let_through == []


def test_postgresql_refuses_to_empty_a_table(postgres_url: str) -> None:
    with a_stage(postgres_url) as stage, stage.writing() as connection:
        let_through = [
            table.name
            for table in (*VERSIONED, *APPEND_ONLY)
            if not refuses(connection, text(f"TRUNCATE {table.name}"))
        ]
    assert let_through == []


def test_a_recorded_period_is_closed_once_and_not_opened_again(stage: Stage) -> None:
    with stage.writing() as connection:
        wrong = []
        for table in VERSIONED:
            connection.execute(table.insert().values(a_row(table)))
            answers = [
                refuses(connection, table.update().where(same(table)).values(recorded_to=size))
                for size in (OPEN + 1, 950, 951, OPEN)
            ]
            if answers != [True, False, True, True]:
                wrong.append(table.name)
    assert wrong == []


def test_a_row_is_not_rewritten_while_it_is_closed(stage: Stage) -> None:
    with stage.writing() as connection:
        let_through = []
        for table in VERSIONED:
            connection.execute(table.insert().values(a_row(table)))
            closed = table.update().where(same(table)).values(recorded_to=950, recorded_from=5)
            if not refuses(connection, closed):
                let_through.append(table.name)
    assert let_through == []


def test_every_table_of_the_chain_and_of_the_register_is_watched() -> None:
    assert sorted(table.name for table in VERSIONED) == [
        "address",
        "appointment",
        "auditor",
        "code",
        "contact",
        "death",
        "denomination",
        "digital_key",
        "enterprise",
        "establishment",
        "establishment_move",
        "function",
        "person",
        "recognition",
        "right_grant",
        "right_request",
        "silence",
        "suspension",
        "work_relation",
    ]
    assert sorted(table.name for table in APPEND_ONLY) == [
        "asked_decision",
        "checkpoint",
        "cosignature",
        "entry",
        "entry_subject",
        "ledger_node",
        "log_origin",
        "note",
        "policy_in_force",
        "register_import",
    ]


# --- doubling -----------------------------------------------------------------------------------------------

MAIN_ROLE, CLAIMED = Role.MAIN_ACCESS_MANAGER, Role.MAIN_LOCAL_ADMINISTRATOR
ENDED: dict[str, Any] = {"closed_at": NOW, "outcome": AppointmentState.ENDED}
FIRST_CLAIM = an_appointment(CLAIMED, WORKER, id="first claim")
LINKED = a_work_relation(NEWCOMER, period=Period(TODAY, IN_A_MONTH))
GRANTED = a_grant(period=Period(TODAY, IN_A_MONTH), contexts=("12345", "67890"))


def again(noun: Any, **spoilt: Any) -> Noun:
    return replace(noun, id="second", **spoilt)


@pytest.mark.parametrize(
    ("there", "doubled"),
    [
        # The world has an active main manager already.
        ([], an_appointment(MAIN_ROLE, NEWCOMER)),
        ([FIRST_CLAIM], again(FIRST_CLAIM)),
        ([LINKED], again(LINKED)),
        ([LINKED], again(LINKED, period=Period(IN_A_MONTH, None))),
        ([LINKED], again(LINKED, period=Period(LONG_AGO, TODAY))),
        ([again(LINKED, period=Period(LONG_AGO, None))], LINKED),
        ([GRANTED], again(GRANTED)),
        ([GRANTED], again(GRANTED, contexts=("99999", "67890"))),
        ([GRANTED], again(GRANTED, period=Period(IN_A_MONTH, None))),
    ],
)
def test_what_rules_out_another_row_is_refused(stage: Stage, there: list[Noun], doubled: Noun) -> None:
    stage.put(*there)
    with pytest.raises(IntegrityError):
        stage.put(doubled)


@pytest.mark.parametrize(
    ("there", "beside"),
    [
        ([], an_offer(MAIN_ROLE, NEWCOMER)),
        ([], an_appointment(MAIN_ROLE, NEWCOMER, enterprise=OTHER_ENTERPRISE)),
        ([], an_appointment(MAIN_ROLE, NEWCOMER, **ENDED)),
        ([], an_appointment(Role.CO_MAIN_ACCESS_MANAGER, MAIN)),
        ([FIRST_CLAIM], again(FIRST_CLAIM, holder=NEWCOMER)),
        ([FIRST_CLAIM], again(FIRST_CLAIM, enterprise=OTHER_ENTERPRISE)),
        ([replace(FIRST_CLAIM, **ENDED)], again(FIRST_CLAIM)),
        ([LINKED], again(LINKED, person=OUTSIDER)),
        ([LINKED], again(LINKED, enterprise=OTHER_ENTERPRISE)),
        ([LINKED], again(LINKED, period=Period(LONG_AGO, YESTERDAY))),
        ([LINKED], again(LINKED, period=Period(IN_A_MONTH + timedelta(days=1), None))),
        ([LINKED], again(LINKED, period=Period(TOMORROW, TODAY))),
        ([GRANTED], again(GRANTED, contexts=("99999",))),
        ([GRANTED], again(GRANTED, holder=NEWCOMER)),
        ([GRANTED], again(GRANTED, right="energy_audit")),
        ([GRANTED], again(GRANTED, enterprise=OTHER_ENTERPRISE)),
        ([GRANTED], again(GRANTED, period=Period(LONG_AGO, YESTERDAY))),
        ([GRANTED], again(GRANTED, period=Period(TOMORROW, TODAY))),
        ([GRANTED], again(GRANTED, revoked_at=NOW)),
        ([replace(GRANTED, revoked_at=NOW)], again(GRANTED)),
    ],
)
def test_what_does_not_is_let_in(stage: Stage, there: list[Noun], beside: Noun) -> None:
    stage.put(*there)
    before = sum(map(len, stage.content().values()))
    stage.put(beside)
    assert sum(map(len, stage.content().values())) == before + 1


def test_one_thing_has_one_row_that_is_known_now(stage: Stage) -> None:
    stage.put(a_grant())
    with pytest.raises(IntegrityError), stage.writing() as connection:
        put(connection, a_grant(revoked_at=NOW))
