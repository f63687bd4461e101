"""Security codes by app: secrets sealed in the database, and the last step used, so that a code works once."""

import hmac
import string
from datetime import UTC, datetime

import pyotp
from sqlalchemy import Engine, select, update

from accessmgr.store import tables
from accessmgr.store.engine import begin
from accessmgr.store.vaulted import NumberVault, key_for, person_key

STEP = 30
"""How many seconds a code is shown."""

totp_t = tables.Totp.__table__
key_t = tables.PersonKey.__table__


class StoredTotp:
    """The table of secrets (`usecases.world.Totp`). Its clock is the real one, as that of the app."""

    def __init__(self, engine: Engine, vault: NumberVault) -> None:
        self.engine = engine
        self.vault = vault

    def enrol(self, person: str) -> str:
        """Give the person a new secret, and give it in base 32, to be shown once as a QR code."""
        secret = pyotp.random_base32()
        with begin(self.engine, writing=True) as connection, connection.begin():
            sealed = self.vault.seal_text("totp", key_for(connection, self.vault, person), secret)
            values = {"sealed": sealed, "last_step": 0}
            changed = connection.execute(update(totp_t).where(totp_t.c.person == person).values(values))
            if changed.rowcount == 0:
                connection.execute(totp_t.insert().values(person=person, **values))
        return secret

    def enrolled(self, person: str) -> bool:
        """Whether the person has a secret."""
        with begin(self.engine, writing=False) as connection:
            found = select(totp_t.c.person).where(totp_t.c.person == person)
            return connection.execute(found).first() is not None

    def accept(self, person: str, code: str) -> bool:
        """Whether the code is right, now or a step ago or ahead, and was not used before; it is used then."""
        digits = "".join(character for character in code if character in string.digits)
        with begin(self.engine, writing=True) as connection, connection.begin():
            found = select(totp_t, key_t.c.key_id, key_t.c.wrapped).join(key_t, key_t.c.person == totp_t.c.person)
            row = connection.execute(found.where(totp_t.c.person == person)).mappings().first()
            if row is None:
                return False
            generator = pyotp.TOTP(self.vault.open_text("totp", person_key(row), row["sealed"]))
            step = _step_of(generator, digits, int(datetime.now(UTC).timestamp()) // STEP)
            if step is None or step <= row["last_step"]:
                return False
            used = update(totp_t).where(totp_t.c.person == person, totp_t.c.last_step < step).values(last_step=step)
            return connection.execute(used).rowcount == 1


def _step_of(generator: pyotp.TOTP, digits: str, present: int) -> int | None:
    """The step whose code it is, if that is the present one or one beside it."""
    nearby = (present - 1, present, present + 1)
    return max((step for step in nearby if hmac.compare_digest(generator.at(step * STEP), digits)), default=None)
