"""The calls of clients, counted in one row a client (`usecases.quotas.Quotas`)."""

from datetime import datetime

from sqlalchemy import Engine, bindparam, select, text, update

from accessmgr.store import token_tables
from accessmgr.store.engine import begin

count_t = token_tables.CallCount.__table__

SHARE = 16
"""At most one in so many of the calls that are left is given away at once."""

_MAKE = text("INSERT INTO call_count (client, since, taken) VALUES (:client, :since, 0) ON CONFLICT DO NOTHING")
_MAKE = _MAKE.bindparams(bindparam("since", type_=count_t.c.since.type))


class StoredQuotas:
    """The table of call counts."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def take(self, client: str, since: datetime, quota: int, at_once: int) -> int:
        """Take calls of a client's quota in a window: so many at once, or what is left."""
        its = select(count_t.c.since, count_t.c.taken).where(count_t.c.client == client).with_for_update()
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(_MAKE, {"client": client, "since": since})
            counted_since, taken = connection.execute(its).one()
            taken = taken if counted_since >= since else 0  # a clock that is behind begins no window anew
            left = max(quota - taken, 0)
            given = min(max(min(at_once, left // SHARE), 1), left)
            counted = update(count_t).where(count_t.c.client == client)
            connection.execute(counted.values(since=max(counted_since, since), taken=taken + given))
        return given
