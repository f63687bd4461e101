"""The table of text messages (`usecases.text_messages.TextMessages`): the outbox of the simulation."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Select, delete, select, update

from accessmgr.store import tables
from accessmgr.store.engine import begin
from accessmgr.store.key_tables import TextMessage as Row
from accessmgr.store.vaulted import NumberVault, key_for, person_key
from accessmgr.usecases.text_messages import TextMessage

KEPT_FOR = timedelta(days=1)
SEALED_AS = "text message"

message_t = Row.__table__
key_t = tables.PersonKey.__table__


class StoredTextMessages:
    """Text messages in the database, their codes sealed for their person."""

    def __init__(self, engine: Engine, vault: NumberVault) -> None:
        self.engine = engine
        self.vault = vault

    def send(self, person: str, code: str, at: datetime) -> str:
        """Send a code to a person, and give the id of the message; messages of yesterday go."""
        id_ = secrets.token_urlsafe(16)
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(delete(message_t).where(message_t.c.sent_at < at - KEPT_FOR))
            sealed = self.vault.seal_text(SEALED_AS, key_for(connection, self.vault, person), code)
            connection.execute(message_t.insert().values(id=id_, person=person, sealed=sealed, sent_at=at))
        return id_

    def newest(self, limit: int) -> Sequence[TextMessage]:
        """The newest messages, the latest first."""
        return self._found(_messages().order_by(message_t.c.sent_at.desc()).limit(limit))

    def find(self, id_: str) -> TextMessage | None:
        """The message with that id, None if it is gone."""
        return next(iter(self._found(_messages().where(message_t.c.id == id_))), None)

    def use(self, id_: str, at: datetime) -> bool:
        """Note that a code was used; False if it was already."""
        using = update(message_t).where(message_t.c.id == id_, message_t.c.used_at.is_(None)).values(used_at=at)
        with begin(self.engine, writing=True) as connection, connection.begin():
            return connection.execute(using).rowcount == 1

    def _found(self, asked: Select[Any]) -> list[TextMessage]:
        with begin(self.engine, writing=False) as connection:
            rows = connection.execute(asked).mappings().all()
        return [
            TextMessage(
                id=row["id"],
                person=row["person"],
                code=self.vault.open_text(SEALED_AS, person_key(row), bytes(row["sealed"])),
                sent_at=row["sent_at"],
                used_at=row["used_at"],
            )
            for row in rows
        ]


def _messages() -> Select[Any]:
    return select(message_t, key_t.c.key_id, key_t.c.wrapped).join(key_t, key_t.c.person == message_t.c.person)
