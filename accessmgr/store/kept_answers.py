"""The table of kept answers (`usecases.kept_answers`), written in the transaction of what the call does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select

from accessmgr.store import tables
from accessmgr.store.token_tables import KeptAnswer
from accessmgr.store.vaulted import key_for, person_key
from accessmgr.store.writing import Writing
from accessmgr.usecases import world
from accessmgr.usecases.kept_answers import LIVES, Answered, CallKey

kept_t = KeptAnswer.__table__
key_t = tables.PersonKey.__table__
PURPOSE = "answer"


class StoredAnswers:
    """The table of kept answers.

    :param now: the real clock
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now

    def find(self, tx: world.Writing, key: CallKey) -> Answered | None:
        """What was answered to the key, None if nothing was, or it is more than a day ago."""
        own = _of(tx)
        found = select(kept_t.c.digest, kept_t.c.status, kept_t.c.sealed, *key_t.c)
        found = found.select_from(kept_t.outerjoin(key_t, key_t.c.person == kept_t.c.person))
        found = found.where(kept_t.c.id == key.id, kept_t.c.made_at > self.now() - LIVES)
        row = own.connection.execute(found).mappings().first()
        if row is None:
            return None
        text = None if row["sealed"] is None else own.vault.open_text(PURPOSE, person_key(row), row["sealed"])
        return Answered(row["digest"], row["status"], text)

    def keep(self, tx: world.Writing, key: CallKey, status: int | None, text: str | None) -> None:
        """Keep an answer in place of what was kept; those of more than a day ago go."""
        own, now = _of(tx), self.now()
        sealed = None
        if text is not None:
            sealed = own.vault.seal_text(PURPOSE, key_for(own.connection, own.vault, key.owner), text)
        own.connection.execute(delete(kept_t).where(kept_t.c.made_at <= now - LIVES))
        self.forget(tx, key)
        values: dict[str, Any] = {"id": key.id, "digest": key.digest, "person": key.owner, "status": status}
        own.connection.execute(kept_t.insert().values(**values, sealed=sealed, made_at=now))

    def forget(self, tx: world.Writing, key: CallKey) -> None:
        """Keep nothing for the key."""
        _of(tx).connection.execute(delete(kept_t).where(kept_t.c.id == key.id))


def _of(tx: world.Writing) -> Writing:
    """A transaction as the store has it."""
    return cast(Writing, tx)
