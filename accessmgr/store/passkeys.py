"""The table of passkeys (`usecases.passkeys.Passkeys`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, delete, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from accessmgr.store import tables
from accessmgr.store.engine import begin
from accessmgr.store.key_tables import Passkey as Row
from accessmgr.store.vaulted import NumberVault, key_for, person_key
from accessmgr.usecases.passkeys import Passkey

passkey_t = Row.__table__
key_t = tables.PersonKey.__table__
SEALED_AS = "passkey"


class StoredPasskeys:
    """Passkeys in the database, their names sealed for their person."""

    def __init__(self, engine: Engine, vault: NumberVault) -> None:
        self.engine = engine
        self.vault = vault

    def of(self, person: str) -> Sequence[Passkey]:
        """The passkeys of a person, the oldest first."""
        return self._found(passkey_t.c.person == person)

    def find(self, credential: bytes) -> Passkey | None:
        """The passkey with that credential id, None if there is none."""
        return next(iter(self._found(passkey_t.c.credential == credential)), None)

    def add(self, passkey: Passkey) -> bool:
        """Keep a new passkey; False if its credential is known already."""
        values = {
            "id": passkey.id,
            "person": passkey.person,
            "credential": passkey.credential,
            "public_key": passkey.public_key,
            "handle": passkey.handle,
            "counter": passkey.counter,
            "created_at": passkey.created_at,
            "used_at": passkey.used_at,
        }
        try:
            with begin(self.engine, writing=True) as connection, connection.begin():
                key = key_for(connection, self.vault, passkey.person)
                sealed = self.vault.seal_text(SEALED_AS, key, passkey.name)
                connection.execute(passkey_t.insert().values(**values, sealed=sealed))
        except IntegrityError:
            return False
        return True

    def rename(self, person: str, id_: str, name: str) -> bool:
        """Give a passkey of the person another name; False if they have none of that id."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            sealed = self.vault.seal_text(SEALED_AS, key_for(connection, self.vault, person), name)
            renaming = update(passkey_t).where(passkey_t.c.id == id_, passkey_t.c.person == person)
            return connection.execute(renaming.values(sealed=sealed)).rowcount == 1

    def remove(self, person: str, id_: str) -> bool:
        """Forget a passkey of the person; False if they have none of that id."""
        removing = delete(passkey_t).where(passkey_t.c.id == id_, passkey_t.c.person == person)
        with begin(self.engine, writing=True) as connection, connection.begin():
            return connection.execute(removing).rowcount == 1

    def use(self, id_: str, counter: int, at: datetime) -> bool:
        """Note that a passkey was used; False if its counter went back, so that there must be a copy of it."""
        does_not_count = and_(passkey_t.c.counter == 0, literal(counter) == 0)
        using = update(passkey_t).where(passkey_t.c.id == id_, or_(passkey_t.c.counter < counter, does_not_count))
        with begin(self.engine, writing=True) as connection, connection.begin():
            return connection.execute(using.values(counter=counter, used_at=at)).rowcount == 1

    def _found(self, which: Any) -> list[Passkey]:
        found = select(passkey_t, key_t.c.key_id, key_t.c.wrapped).join(key_t, key_t.c.person == passkey_t.c.person)
        with begin(self.engine, writing=False) as connection:
            rows = connection.execute(found.where(which).order_by(passkey_t.c.created_at)).mappings().all()
        return [self._passkey(row) for row in rows]

    def _passkey(self, row: Any) -> Passkey:
        return Passkey(
            id=row["id"],
            person=row["person"],
            credential=bytes(row["credential"]),
            public_key=bytes(row["public_key"]),
            handle=bytes(row["handle"]),
            counter=row["counter"],
            name=self.vault.open_text(SEALED_AS, person_key(row), bytes(row["sealed"])),
            created_at=row["created_at"],
            used_at=row["used_at"],
        )
