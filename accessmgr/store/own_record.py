"""What is kept about one person (`usecases.own_record.OwnRecord`), found by index."""

import json
from datetime import datetime

from sqlalchemy import func, select

from accessmgr.core.model import Key
from accessmgr.store import tables
from accessmgr.store.asked import asked_about
from accessmgr.store.known import Knowing
from accessmgr.usecases.own_record import Decided, Place

key_t = tables.DigitalKey.__table__
entry_t = tables.Entry.__table__
session_t = tables.Session.__table__


class StoreOwnRecord(Knowing):
    """What is kept about one person, within one look."""

    def keys_since(self, person: str) -> dict[Key, datetime | None]:
        """Since when a person has each digital key; None if it was always known."""
        found = (
            select(key_t.c.key, entry_t.c.recorded_at)
            .select_from(key_t.outerjoin(entry_t, entry_t.c.sequence == key_t.c.recorded_from - 1))
            .where(key_t.c.person == person, self.knows(key_t))
        )
        return {Key(key): since for key, since in self.connection.execute(found)}

    def keys_used(self, person: str) -> dict[Key, datetime]:
        """When the person signed in last with each digital key, in real time."""
        latest = func.max(session_t.c.created_at)
        found = select(session_t.c.key, latest).where(session_t.c.person == person).group_by(session_t.c.key)
        return {Key(key): at for key, at in self.connection.execute(found)}

    def decided_about(self, person: str, before: Place | None, limit: int) -> list[Decided]:
        """The decisions about a person in the decision log, the newest first, those before a place."""
        found = asked_about(self.connection, person, before, limit)
        return [Decided((batch, position), json.loads(line)) for batch, position, line in found]
