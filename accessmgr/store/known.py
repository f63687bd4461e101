"""What a query of facts must say about time: at which size of the history the rows were what the system knew."""

from typing import Any

from sqlalchemy import BigInteger, Text, and_, bindparam
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
