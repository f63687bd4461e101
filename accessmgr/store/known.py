"""What a query of facts must say about time: at which size of the history the rows were what the system knew."""

from typing import Any, cast

from sqlalchemy import BigInteger, Connection, Select, Text, and_, bindparam, func, literal_column
from sqlalchemy.sql.expression import ColumnElement

from accessmgr.store.tables import OPEN

NOW = OPEN - 1
"""The history size that stands for "all that is known now"."""

KNOWN = bindparam("known", type_=BigInteger())
OF_ENTERPRISE = bindparam("enterprise", type_=Text())
"""Parameters that a statement has many times over are one object each: binding them is half of a small query."""


def known(table: Any) -> ColumnElement[bool]:
    """Whether a row is what the system knew at the size `known`."""
    return and_(table.c.recorded_from <= KNOWN, table.c.recorded_to > KNOWN)


class Knowing:
    """Queries within one look that all answer with what was known at one moment.

    :param size: the history size whose knowledge counts; None is all that is known now
    """

    def __init__(self, connection: Connection, size: int | None = None) -> None:
        self.connection = connection
        self.size = size

    def knows(self, table: Any) -> ColumnElement[bool]:
        """Whether a row is what the system knew then. What is known now is the end of each index by itself."""
        if self.size is None:
            return cast(ColumnElement[bool], table.c.recorded_to == OPEN)
        return and_(table.c.recorded_from <= self.size, table.c.recorded_to > self.size)

    def rows_with(self, statement: Select[Any], table: Any, **wanted: str | None) -> Select[Any]:
        """The rows of a table, known then, that have the values wanted; a value None does not count."""
        values = (table.c[name] == value for name, value in wanted.items() if value is not None)
        return statement.where(self.knows(table), *values)


def content(table: Any) -> list[Any]:
    """The columns of a table that say something of its thing, without those of the recording."""
    return [column for column in table.c if column.name not in ("row", "recorded_from", "recorded_to")]


def listed(column: Any) -> ColumnElement[str]:
    """A column as the indexes of long lists have it: by these words a statement asks for such an index.

    Under its own name, a database without statistics would take it where another index finds far fewer rows.
    """
    return func.coalesce(column, literal_column("''"))


def holding(text: str) -> str:
    """The pattern of texts that hold a text, in lower case; its own wildcards stand for themselves."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
