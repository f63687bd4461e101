"""Triggers by which the database itself refuses what the store never does: rewriting, deleting, doubling.

A state row may change in one way: the end of its recorded period is set once. Besides, what is sealed in it may be
sealed anew, and names may be blanked when a person is erased, to that and nothing else. Overlapping work relations
and doubled grants are refused, as the last judge in a race.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Table, text

from accessmgr.store.tables import APPEND_ONLY, OPEN, VERSIONED

LAST = "'9999-12-31'"
NOT_APART = f"coalesce(r.last, {LAST}) >= NEW.first AND coalesce(NEW.last, {LAST}) >= r.first"
NOT_EMPTY = f"coalesce(r.last, {LAST}) >= r.first AND coalesce(NEW.last, {LAST}) >= NEW.first"
OVERLAP = f"{NOT_APART} AND {NOT_EMPTY}"

DOUBLE_LINK = (
    "SELECT 1 FROM work_relation r WHERE r.enterprise = NEW.enterprise AND r.person = NEW.person "  # noqa: S608  # names and numbers of our own
    f"AND r.id <> NEW.id AND r.recorded_to = {OPEN} AND {OVERLAP}"
)
DOUBLE_GRANT = (
    "SELECT 1 FROM right_grant r WHERE r.enterprise = NEW.enterprise AND r.holder = NEW.holder "  # noqa: S608
    f'AND r."right" = NEW."right" AND r.id <> NEW.id AND r.recorded_to = {OPEN} AND r.revoked_at IS NULL '
    f"AND {OVERLAP} AND "
)
SHARED_CONTEXT = {
    "sqlite": "EXISTS (SELECT 1 FROM json_each(r.contexts) a JOIN json_each(NEW.contexts) b ON a.value = b.value)",
    "postgresql": "r.contexts ?| ARRAY(SELECT jsonb_array_elements_text(NEW.contexts))",
}

CHANGING = frozenset({"recorded_to", "sealed"})
"""Columns that may change: the end of the recorded period, once; and what is sealed."""

BLANKS = {
    "person": {"given": "''", "family": "''", "language": "NULL"},
    "function": {"holder_name": "''"},
}
"""What the columns that name a person may be changed to, which is what erasing leaves of them."""


WATCHED = (*VERSIONED, *APPEND_ONLY)


def install(connection: Connection, watched: Sequence[Table] = WATCHED) -> None:
    """Create the triggers, on tables that have none yet."""
    for statement in statements(connection.dialect.name, watched):
        connection.execute(text(statement.replace(":", r"\:")))


@contextmanager
def lifted(connection: Connection) -> Iterator[None]:
    """Let rows be deleted for once, in the transaction of the connection: where a simulated world starts over."""
    if connection.dialect.name == "postgresql":
        for table in WATCHED:
            connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        yield
        for table in WATCHED:
            connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        return
    kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in kept:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in kept:
        connection.exec_driver_sql(sql)


def replace(connection: Connection, watched: Sequence[Table]) -> None:
    """Put the triggers against rewriting of these tables in the place of older ones."""
    for table in watched:
        name = _name(table, "UPDATE")
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text(f"DROP FUNCTION {name} CASCADE"))
        for statement in statements(connection.dialect.name, [table]):
            if f"CREATE TRIGGER {name} " in statement or f"CREATE FUNCTION {name}(" in statement:
                connection.execute(text(statement.replace(":", r"\:")))


def statements(dialect: str, watched: Sequence[Table]) -> Iterator[str]:
    """The statements that create the triggers of these tables, in SQLite or PostgreSQL."""
    write = _sqlite if dialect == "sqlite" else _postgresql
    unequal = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    closes = f"OLD.recorded_to = {OPEN} AND NEW.recorded_to < {OPEN}"
    for table in watched:
        fixed = [column.name for column in table.columns if column.name not in CHANGING]
        blanks = BLANKS.get(table.name, {})
        changed = " OR ".join(
            f'OLD."{name}" {unequal} NEW."{name}"'
            + (f' AND NEW."{name}" {unequal} {blanks[name]}' if name in blanks else "")
            for name in fixed
        )
        if "recorded_to" in table.columns:
            changed += f" OR (OLD.recorded_to {unequal} NEW.recorded_to AND NOT ({closes}))"
        yield from write(table, "UPDATE", changed, "rows are succeeded, never changed")
        yield from write(table, "DELETE", None, "rows are never deleted")
    by_name = {table.name: table for table in watched}
    is_open = f"NEW.recorded_to = {OPEN}"
    double = f"{is_open} AND NEW.revoked_at IS NULL AND EXISTS ({DOUBLE_GRANT}{SHARED_CONTEXT[dialect]})"
    for name, when, message in (
        ("work_relation", f"{is_open} AND EXISTS ({DOUBLE_LINK})", "work relations overlap"),
        ("right_grant", double, "the right is granted already"),
    ):
        if name in by_name:
            yield from write(by_name[name], "INSERT", when, message)


def _sqlite(table: Table, operation: str, when: str | None, message: str) -> Iterator[str]:
    condition = f"WHEN {when} " if when else ""
    yield (
        f"CREATE TRIGGER {_name(table, operation)} BEFORE {operation} ON {table.name} FOR EACH ROW {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _postgresql(table: Table, operation: str, when: str | None, message: str) -> Iterator[str]:
    name = _name(table, operation)
    refusal = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"
    body = f"IF {when} THEN {refusal} END IF;" if when else refusal
    result = "OLD" if operation == "DELETE" else "NEW"
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {result}; END $$"
    yield f"CREATE TRIGGER {name} BEFORE {operation} ON {table.name} FOR EACH ROW EXECUTE FUNCTION {name}()"
    if operation == "DELETE":
        yield (
            f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table.name} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _name(table: Table, operation: str) -> str:
    return f"{table.name}_refuses_{operation.lower()}"
