"""Signed-in sessions: a random id in the cookie, its hash in the table, at most two real hours."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, and_, delete, or_, select, update

from accessmgr.core.model import Key
from accessmgr.store import outbox, streams, tables
from accessmgr.store.engine import begin
from accessmgr.store.tables import OPEN
from accessmgr.store.vaulted import NumberVault, key_for, person_key
from accessmgr.usecases.world import Listed, OpenSession

LONGEST = timedelta(hours=2)
UNFINISHED = timedelta(days=7)
"""How long what somebody has not finished waits for them, in real days; any other form waits as long as a session."""

MOST_UNFINISHED = 20
NAMED_BY = 16
"""How many characters of what is kept of a session's id are its name."""

draft_t = tables.Draft.__table__
session_t = tables.Session.__table__
person_t = tables.Person.__table__
key_t = tables.PersonKey.__table__


class StoredSessions:
    """The table of sessions (`usecases.world.Sessions`).

    Its clock is the real one: setting the simulated one ends nobody's session.
    """

    def __init__(self, engine: Engine, vault: NumberVault) -> None:
        self.engine = engine
        self.vault = vault

    def begin(self, person: str, key: Key) -> str:
        """Begin a session, and give the id for the cookie."""
        session_id = secrets.token_urlsafe(32)
        values = {"id": _hashed(session_id), "person": person, "key": str(key), "created_at": datetime.now(UTC)}
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(session_t.insert().values(values))
        return session_id

    def find(self, session_id: str) -> OpenSession | None:
        """The open session with that id; None if it is unknown, ended or too old."""
        found = (
            select(
                session_t.c.person,
                session_t.c.key,
                session_t.c.created_at,
                person_t.c.given,
                person_t.c.family,
                person_t.c.language,
            )
            .join(person_t, person_t.c.id == session_t.c.person)
            .where(
                session_t.c.id == _hashed(session_id),
                session_t.c.ended_at.is_(None),
                session_t.c.created_at > datetime.now(UTC) - LONGEST,
                person_t.c.recorded_to == OPEN,
            )
        )
        with begin(self.engine, writing=False) as connection:
            row = connection.execute(found).first()
        return None if row is None else OpenSession(row[0], Key(row[1]), *row[2:])

    def has_ended(self, kept: str) -> bool:
        """Whether a session, given as it is kept (`tokens.Family.session`), was ended; not whether it is too old."""
        found = select(session_t.c.ended_at).where(session_t.c.id == kept)
        with begin(self.engine, writing=False) as connection:
            return connection.execute(found).scalar() is not None

    def end(self, session_id: str) -> None:
        """End one session."""
        self._end(session_t.c.id == _hashed(session_id))

    def end_all(self, person: str) -> None:
        """End every session of a person."""
        self._end(session_t.c.person == person)

    def name(self, session_id: str) -> str:
        """The name under which a session is listed: the beginning of what is kept of its id."""
        return _hashed(session_id)[:NAMED_BY]

    def open_of(self, person: str) -> Sequence[Listed]:
        """The open sessions of a person, the newest first."""
        found = select(session_t.c.id, session_t.c.key, session_t.c.created_at).where(
            session_t.c.person == person,
            session_t.c.ended_at.is_(None),
            session_t.c.created_at > datetime.now(UTC) - LONGEST,
        )
        with begin(self.engine, writing=False) as connection:
            rows = connection.execute(found.order_by(session_t.c.created_at.desc())).all()
        return [Listed(row.id[:NAMED_BY], Key(row.key), row.created_at) for row in rows]

    def end_named(self, person: str, name: str) -> bool:
        """End the open session of that person and name; False if there is none."""
        if name not in {each.name for each in self.open_of(person)}:
            return False
        self._end(and_(session_t.c.person == person, session_t.c.id.startswith(name, autoescape=True)))
        return True

    def keep_draft(self, draft_id: str, person: str, text: str, *, unfinished: bool = False) -> None:
        """Keep a form of a person, sealed, in place of what they kept under that id; what has waited too long goes."""
        now = datetime.now(UTC)
        values = {
            "id": _hashed(draft_id),
            "person": person,
            "kept_at": now,
            "until": now + (UNFINISHED if unfinished else LONGEST),
            "unfinished": unfinished,
        }
        with begin(self.engine, writing=True) as connection, connection.begin():
            sealed = self.vault.seal_text("draft", key_for(connection, self.vault, person), text)
            mine = and_(draft_t.c.id == _hashed(draft_id), draft_t.c.person == person)
            connection.execute(delete(draft_t).where(or_(mine, draft_t.c.until < now)))
            connection.execute(draft_t.insert().values(sealed=sealed, **values))

    def draft(self, draft_id: str, person: str) -> str | None:
        """The form that was kept for the person, None if there is none."""
        found = select(draft_t.c.sealed, *key_t.c).join(key_t, key_t.c.person == draft_t.c.person)
        found = found.where(
            draft_t.c.id == _hashed(draft_id),
            draft_t.c.person == person,
            draft_t.c.until > datetime.now(UTC),
        )
        with begin(self.engine, writing=False) as connection:
            row = connection.execute(found).mappings().first()
        return None if row is None else self.vault.open_text("draft", person_key(row), row["sealed"])

    def take_draft(self, draft_id: str, person: str) -> str | None:
        """The form that was kept for the person, which only one taker gets; None if it is gone."""
        text = self.draft(draft_id, person)
        with begin(self.engine, writing=True) as connection, connection.begin():
            mine = and_(draft_t.c.id == _hashed(draft_id), draft_t.c.person == person)
            taken = connection.execute(delete(draft_t).where(mine))
        return text if taken.rowcount == 1 else None

    def unfinished(self, person: str) -> list[str]:
        """The latest forms that the person has not finished, the newest first."""
        found = select(draft_t.c.sealed, *key_t.c).join(key_t, key_t.c.person == draft_t.c.person)
        found = found.where(
            draft_t.c.person == person, draft_t.c.unfinished.is_(True), draft_t.c.until > datetime.now(UTC)
        )
        with begin(self.engine, writing=False) as connection:
            rows = connection.execute(found.order_by(draft_t.c.kept_at.desc()).limit(MOST_UNFINISHED)).mappings().all()
        return [self.vault.open_text("draft", person_key(row), row["sealed"]) for row in rows]

    def _end(self, which: object) -> None:
        ending = update(session_t).where(which, session_t.c.ended_at.is_(None))  # type: ignore[arg-type]
        with begin(self.engine, writing=True) as connection, connection.begin():
            ended = connection.execute(ending.values(ended_at=datetime.now(UTC)).returning(session_t.c.id)).scalars()
            hashes = ended.all()
            outbox.tell_of_sessions(connection, hashes)
            streams.tell_of_sessions(connection, hashes)


def _hashed(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
