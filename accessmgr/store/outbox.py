"""The table of messages to clients (`usecases.outbox.Outbox`), and what writes them in the transaction of a change.

A client is told of a sign-in once: when its session ends, or when something ends on which its claims rested.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, select, update
from sqlalchemy.sql.expression import ColumnElement

from accessmgr.core.days import day_of
from accessmgr.core.events import Event, Noun
from accessmgr.core.model import Appointment, AppointmentState, Grant, Request, WorkRelation
from accessmgr.store import token_tables
from accessmgr.store.engine import begin
from accessmgr.usecases.outbox import KEPT, Because, Message
from accessmgr.usecases.tokens import Ground

message_t = token_tables.LogoutMessage.__table__
ground_t = token_tables.ClaimGround.__table__
family_t = token_tables.TokenFamily.__table__
token_t = token_tables.IssuedToken.__table__


class StoredOutbox:
    """The table of messages."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def take(self, at: datetime) -> list[Message]:
        """The messages that are due, which nobody else gets until they would be due again."""
        due = message_t.c.due_at <= at
        with begin(self.engine, writing=False) as connection:
            found = connection.execute(select(message_t).where(due).order_by(message_t.c.made_at)).all()
        return [message for message in map(_message, found) if self._taken(message, at)]

    def _taken(self, message: Message, at: datetime) -> bool:
        """Put off what is being tried, so that a sender that stops meanwhile leaves it to the next one."""
        own = update(message_t).where(message_t.c.id == message.id, message_t.c.due_at == message.due_at)
        with begin(self.engine, writing=True) as connection, connection.begin():
            values = {"due_at": message.next_try(at) or at, "tries": message.tries + 1}
            return connection.execute(own.values(values)).rowcount == 1

    def sent(self, message: str, at: datetime) -> None:
        """Note that the client took a message."""
        self._note(message, due_at=None, sent_at=at, fault=None)

    def failed(self, message: Message, fault: str, at: datetime) -> None:
        """Note that a try failed: it is tried again later, or given up after a day."""
        self._note(message.id, due_at=message.next_try(at), fault=fault)

    def give_up(self, message: str, fault: str) -> None:
        """Note that there is nobody to send a message to."""
        self._note(message, due_at=None, fault=fault)

    def all(self) -> Sequence[Message]:
        """Every message that is kept, the oldest first."""
        with begin(self.engine, writing=False) as connection:
            return [_message(row) for row in connection.execute(select(message_t).order_by(message_t.c.made_at))]

    def lapse(self, today: date, at: datetime) -> None:
        """Write the messages about what ended by itself before that day, and let go of what is long over."""
        ended, old = ground_t.c.last < today, message_t.c.made_at < at - KEPT
        with begin(self.engine, writing=False) as connection:
            waits = connection.execute(select(exists().where(ended), exists().where(old))).one()
        if any(waits):
            with begin(self.engine, writing=True) as connection, connection.begin():
                _tell_of_lost(connection, ended)
                connection.execute(delete(message_t).where(old, message_t.c.due_at.is_(None)))

    def _note(self, message: str, **values: Any) -> None:
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(update(message_t).where(message_t.c.id == message).values(values))


def tell_of_sessions(connection: Connection, sessions: Iterable[str]) -> None:
    """Write the messages about sessions, given by hash, that end."""
    _write(connection, family_t.c.session.in_(list(sessions)), Because.SESSION)


def tell_of_events(connection: Connection, events: Sequence[Event], at: datetime) -> None:
    """Write the messages about claims that rested on what the events leave without force at that moment."""
    lost = [event.row.id for event in events if not _holds(event.row, at)]
    if lost:
        _tell_of_lost(connection, ground_t.c.thing.in_(lost))
    for event in events:
        if isinstance(event.row, Grant | WorkRelation) and event.row.id not in lost:
            known = update(ground_t).where(ground_t.c.thing == event.row.id)
            connection.execute(known.values(last=event.row.period.last))


def keep_grounds(connection: Connection, family: str, grounds: Iterable[Ground]) -> None:
    """Keep what the claims of a family rest on, in place of what was kept before."""
    connection.execute(delete(ground_t).where(ground_t.c.family == family))
    rows = [{"family": family, "thing": ground.thing, "last": ground.last} for ground in grounds]
    if rows:
        connection.execute(ground_t.insert(), rows)


def _tell_of_lost(connection: Connection, which: ColumnElement[bool]) -> None:
    families = connection.execute(select(ground_t.c.family).where(which).distinct()).scalars().all()
    if families:
        _write(connection, family_t.c.id.in_(families), Because.CLAIMS)
        connection.execute(delete(ground_t).where(ground_t.c.family.in_(families)))


def _write(connection: Connection, which: ColumnElement[bool], because: Because) -> None:
    """Write a message for each client and session among families whose tokens were fetched and stand."""
    now = datetime.now(UTC)
    told = select(family_t.c.client, family_t.c.person, family_t.c.sid).distinct()
    told = told.where(which, family_t.c.told, family_t.c.revoked_at.is_(None))
    told = told.where(exists().where(token_t.c.family == family_t.c.id))
    rows = [
        {
            "id": secrets.token_hex(16),
            **row,
            "because": str(because),
            "made_at": now,
            "due_at": now,
            "tries": 0,
        }
        for row in connection.execute(told).mappings()
    ]
    if rows:
        connection.execute(message_t.insert(), rows)


def _holds(row: Noun, at: datetime) -> bool:
    """Whether a thing is in force at a moment."""
    match row:
        case Grant():
            return row.period.has(day_of(at)) and not row.revoked(at)
        case WorkRelation():
            return row.period.has(day_of(at))
        case Appointment():
            return row.state(at) is AppointmentState.ACTIVE
        case Request():
            return True


def _message(row: Any) -> Message:
    values = {**row._mapping, "because": Because(row.because)}
    return Message(**values)
