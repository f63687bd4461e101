"""The tables of streams (`usecases.streams.Streams`), and what writes to them in the transaction of a change."""

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, exists, func, or_, select, union, update

from accessmgr.store import stream_tables, tables, token_tables
from accessmgr.store.engine import begin
from accessmgr.store.tables import OPEN
from accessmgr.store.vaulted import SYSTEM, NumberVault, key_for, key_of
from accessmgr.usecases.streams import MOST_WAITING, SESSION_REVOKED, Delivery, Signal, Status, Stream

stream_t = stream_tables.EventStream.__table__
signal_t = stream_tables.WaitingSignal.__table__
family_t = token_tables.TokenFamily.__table__
head_t = tables.LogHead.__table__
grant_t = tables.Grant.__table__
recognition_t = tables.Recognition.__table__
suspension_t = tables.Suspension.__table__
establishment_t = tables.Establishment.__table__
move_t = tables.EstablishmentMove.__table__

PURPOSE = "event_stream.authorization"
SIGNED_OUT = "the person signed out"


class StoredStreams:
    """The tables of streams. What a receiver wants to see in a header is sealed with the key of the system."""

    def __init__(self, engine: Engine, vault: NumberVault) -> None:
        self.engine = engine
        self.vault = vault

    def add(self, stream: Stream, at: datetime) -> Stream:
        """Keep a new stream, which follows the history from now on."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            seen = connection.execute(select(head_t.c.size)).scalar_one() - 1
            values = {
                "id": stream.id,
                "client": stream.client,
                "made_at": at,
                "seen": seen,
                "day": stream.day,
                "failures": 0,
            }
            values |= {"status": str(stream.status), **self._configuration(connection, stream)}
            connection.execute(stream_t.insert().values(values))
        return self.find(stream.id) or stream

    def find(self, id_: str) -> Stream | None:
        """The stream of that id, None if there is none."""
        found = self._streams(stream_t.c.id == id_)
        return found[0] if found else None

    def all(self, client: str | None = None) -> Sequence[Stream]:
        """All streams, or those of a client, the oldest first."""
        return self._streams(*([] if client is None else [stream_t.c.client == client]))

    def configure(self, stream: Stream) -> None:
        """Keep what the receiver set of a stream, and begin anew with trying."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            values = {**self._configuration(connection, stream), "failures": 0, "failing_since": None, "due_at": None}
            connection.execute(update(stream_t).where(stream_t.c.id == stream.id).values(values))

    def set_status(self, id_: str, status: Status, reason: str | None) -> None:
        """Set the status. A stream that is off loses its queue, and one that was off follows the history from now."""
        which = stream_t.c.id == id_
        afresh = {"failures": 0, "failing_since": None, "due_at": None}
        with begin(self.engine, writing=True) as connection, connection.begin():
            if status is Status.DISABLED:
                connection.execute(delete(signal_t).where(signal_t.c.stream == id_))
            last = select(head_t.c.size - 1).scalar_subquery()
            was_off = and_(which, stream_t.c.status == str(Status.DISABLED))
            connection.execute(update(stream_t).where(was_off).values(seen=last))
            connection.execute(update(stream_t).where(which).values(status=str(status), reason=reason, **afresh))

    def remove(self, id_: str) -> None:
        """Remove a stream with its queue."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(delete(signal_t).where(signal_t.c.stream == id_))
            connection.execute(delete(stream_t).where(stream_t.c.id == id_))

    def behind(self, today: date) -> Sequence[Stream]:
        """The streams that go on, have room in their queue, and have history or days left to follow."""
        size = select(head_t.c.size).scalar_subquery()
        waiting = select(func.count()).select_from(signal_t).where(signal_t.c.stream == stream_t.c.id)
        room = waiting.correlate(stream_t).scalar_subquery() < MOST_WAITING
        late = or_(stream_t.c.seen < size - 1, stream_t.c.day < today)
        return self._streams(stream_t.c.status == str(Status.ENABLED), late, room)

    def due(self, at: datetime) -> Sequence[Stream]:
        """The streams that go on, have tokens to send, and are to be tried at a moment."""
        return self._streams(
            stream_t.c.status == str(Status.ENABLED),
            stream_t.c.delivery == str(Delivery.PUSH),
            or_(stream_t.c.due_at.is_(None), stream_t.c.due_at <= at),
            or_(stream_t.c.taken_until.is_(None), stream_t.c.taken_until <= at),
            exists().where(signal_t.c.stream == stream_t.c.id),
        )

    def follow(self, stream: Stream, last: int, day: date, signals: Iterable[Signal]) -> bool:
        """Note that a stream followed the history further, and put in its queue what came of that; all or nothing.

        False if somebody else did so meanwhile.
        """
        as_it_was = (stream_t.c.seen == stream.seen, stream_t.c.day == stream.day)
        mine = update(stream_t).where(stream_t.c.id == stream.id, *as_it_was)
        with begin(self.engine, writing=True) as connection, connection.begin():
            if connection.execute(mine.values(seen=last, day=day)).rowcount != 1:
                return False
            rows = [_columns(stream.id, signal) for signal in signals]
            if rows:
                connection.execute(signal_t.insert(), rows)
        return True

    def put(self, id_: str, signal: Signal) -> None:
        """Put a signal in the queue of a stream."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(signal_t.insert().values(_columns(id_, signal)))

    def waiting(self, id_: str, limit: int) -> Sequence[Signal]:
        """The first signals in the queue of a stream."""
        found = select(signal_t).where(signal_t.c.stream == id_).order_by(signal_t.c.number).limit(limit)
        with begin(self.engine, writing=False) as connection:
            return [_signal(row) for row in connection.execute(found)]

    def how_many_wait(self, id_: str) -> int:
        """How many signals are in the queue of a stream."""
        found = select(func.count()).select_from(signal_t).where(signal_t.c.stream == id_)
        with begin(self.engine, writing=False) as connection:
            return int(connection.execute(found).scalar_one())

    def take(self, id_: str, at: datetime, until: datetime) -> bool:
        """Have a stream for oneself until a moment, or until it is let go; False if somebody else has it."""
        free = or_(stream_t.c.taken_until.is_(None), stream_t.c.taken_until <= at)
        taking = update(stream_t).where(stream_t.c.id == id_, free)
        with begin(self.engine, writing=True) as connection, connection.begin():
            return connection.execute(taking.values(taken_until=until)).rowcount == 1

    def let_go(self, id_: str) -> None:
        """Let others have the stream."""
        self._note(id_, taken_until=None)

    def took(self, id_: str, signals: Iterable[str], until: datetime | None = None) -> None:
        """Note that the receiver took signals: they leave the queue, and the stream is kept for as long."""
        gone = delete(signal_t).where(signal_t.c.stream == id_, signal_t.c.id.in_(list(signals)))
        values = {"failures": 0, "failing_since": None, "due_at": None, "taken_until": until}
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(gone)
            connection.execute(update(stream_t).where(stream_t.c.id == id_).values(values))

    def failed(self, stream: Stream, fault: str, at: datetime) -> None:
        """Note that the receiver did not take a signal: it is tried again later; after a day the stream is paused."""
        values: dict[str, Any] = {"failures": stream.failures + 1, "failing_since": stream.failing_since or at}
        values |= {"due_at": stream.next_try(at), "taken_until": None}
        if stream.is_given_up(at):
            values |= {"status": str(Status.PAUSED), "reason": f"the receiver took nothing for a day: {fault}"}
        self._note(stream.id, **values)

    def asked_to_verify(self, id_: str, at: datetime, since: datetime) -> bool:
        """Note that the receiver wants to see a signal; False if it did so after a moment already."""
        long_ago = or_(stream_t.c.verified_at.is_(None), stream_t.c.verified_at <= since)
        noting = update(stream_t).where(stream_t.c.id == id_, long_ago)
        with begin(self.engine, writing=True) as connection, connection.begin():
            return connection.execute(noting.values(verified_at=at)).rowcount == 1

    def has_signed_in(self, client: str, person: str) -> bool:
        """Whether a person signed in to a client, and what came of that was not revoked."""
        found = select(family_t.c.id).where(family_t.c.person == person, family_t.c.client == client)
        with begin(self.engine, writing=False) as connection:
            return connection.execute(found.where(family_t.c.revoked_at.is_(None)).limit(1)).first() is not None

    def touched(self, sequence: int, rights: frozenset[str]) -> Iterable[str]:
        """The holders of rights in enterprises of which an entry of the register told something new."""
        news = union(*_news(sequence + 1)).subquery()
        known = (grant_t.c.recorded_to == OPEN, grant_t.c.right.in_(sorted(rights)))
        found = select(grant_t.c.holder).where(*known, grant_t.c.enterprise.in_(select(news.c.enterprise))).distinct()
        with begin(self.engine, writing=False) as connection:
            return list(connection.execute(found).scalars())

    def turned(self, after: date, today: date, rights: frozenset[str]) -> Iterable[str]:
        """The holders of rights for whom something begins or is over, by itself, on a day after one and up to today.

        It reads whole tables, once a day.
        """
        known = (
            grant_t.c.recorded_to == OPEN,
            grant_t.c.right.in_(sorted(rights)),
            grant_t.c.revoked_at.is_(None),
            or_(grant_t.c.last.is_(None), grant_t.c.last >= after),
        )
        news = union(*_turning(after, today)).subquery()
        theirs = or_(_turns(grant_t, after, today), grant_t.c.enterprise.in_(select(news.c.enterprise)))
        with begin(self.engine, writing=False) as connection:
            return list(connection.execute(select(grant_t.c.holder).where(*known, theirs).distinct()).scalars())

    def _configuration(self, connection: Connection, stream: Stream) -> dict[str, Any]:
        sealed = None
        if stream.authorization is not None:
            sealed = self.vault.seal_text(PURPOSE, key_for(connection, self.vault, SYSTEM), stream.authorization)
        return {
            "delivery": str(stream.delivery),
            "endpoint": stream.endpoint,
            "authorization": sealed,
            "requested": None if stream.requested is None else json.dumps(stream.requested),
            "description": stream.description,
        }

    def _streams(self, *which: Any) -> list[Stream]:
        found = select(stream_t).where(*which).order_by(stream_t.c.made_at, stream_t.c.id)
        with begin(self.engine, writing=False) as connection:
            return [self._stream(connection, row) for row in connection.execute(found).all()]

    def _stream(self, connection: Connection, row: Any) -> Stream:
        key = key_of(connection, SYSTEM) if row.authorization is not None else None
        return Stream(
            id=row.id,
            client=row.client,
            delivery=Delivery(row.delivery),
            endpoint=row.endpoint,
            authorization=self.vault.open_text(PURPOSE, key, row.authorization) if key else None,
            requested=None if row.requested is None else tuple(json.loads(row.requested)),
            description=row.description,
            status=Status(row.status),
            reason=row.reason,
            seen=row.seen,
            day=row.day,
            failures=row.failures,
            failing_since=row.failing_since,
        )

    def _note(self, id_: str, **values: Any) -> None:
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(update(stream_t).where(stream_t.c.id == id_).values(values))


def tell_of_sessions(connection: Connection, sessions: Iterable[str]) -> None:
    """Put in the streams of the clients of sessions, given by hash, that the sessions end."""
    told = select(stream_t.c.id, stream_t.c.requested, family_t.c.person, family_t.c.sid).distinct()
    told = told.join(family_t, family_t.c.client == stream_t.c.client)
    told = told.where(family_t.c.session.in_(list(sessions)), stream_t.c.status != str(Status.DISABLED))
    now = datetime.now(UTC)
    rows = [
        _columns(
            row.id,
            Signal(
                id=secrets.token_hex(16),
                type=SESSION_REVOKED,
                subject={"person": row.person, "session": row.sid},
                content={"initiating_entity": "user", "reason_admin": {"en": SIGNED_OUT}},
                made_at=now,
            ),
        )
        for row in connection.execute(told).all()
        if row.requested is None or SESSION_REVOKED in json.loads(row.requested)
    ]
    if rows:
        connection.execute(signal_t.insert(), rows)


def _news(size: int) -> list[Any]:
    """The enterprises of what the entry that made the history so large brought or ended."""
    own = (tables.Enterprise, tables.Establishment, tables.EstablishmentMove, tables.Recognition)
    found = []
    for table in (each.__table__ for each in own):
        number = table.c.id if table.name == "enterprise" else table.c.enterprise
        found.append(select(number.label("enterprise")).where(_is_new(table, size)))
    of_recognition = recognition_t.c.id == suspension_t.c.recognition
    suspended = select(recognition_t.c.enterprise).join(suspension_t, of_recognition)
    return [*found, suspended.where(_is_new(suspension_t, size))]


def _turning(after: date, today: date) -> list[Any]:
    """The enterprises of which something begins or is over, by itself, on a day after one and up to today."""
    own = (tables.Enterprise, tables.Establishment, tables.Recognition)
    found = []
    for table in (each.__table__ for each in own):
        number = table.c.id if table.name == "enterprise" else table.c.enterprise
        found.append(select(number.label("enterprise")).where(_turns(table, after, today)))
    moves = (move_t.c.recorded_to == OPEN, move_t.c.since > after, move_t.c.since <= today)
    left = select(establishment_t.c.enterprise).join(move_t, move_t.c.establishment == establishment_t.c.id)
    suspended = select(recognition_t.c.enterprise).join(suspension_t, recognition_t.c.id == suspension_t.c.recognition)
    return [
        *found,
        select(move_t.c.enterprise).where(*moves),
        left.where(*moves),
        suspended.where(_turns(suspension_t, after, today)),
    ]


def _turns(table: Any, after: date, today: date) -> Any:
    begins = and_(table.c.first > after, table.c.first <= today)
    return and_(table.c.recorded_to == OPEN, or_(begins, and_(table.c.last >= after, table.c.last < today)))


def _is_new(table: Any, size: int) -> Any:
    return or_(table.c.recorded_from == size, table.c.recorded_to == size)


def _columns(stream: str, signal: Signal) -> dict[str, Any]:
    return {
        "id": signal.id,
        "stream": stream,
        "type": signal.type,
        "subject": json.dumps(dict(signal.subject)),
        "content": json.dumps(dict(signal.content)),
        "txn": signal.txn,
        "made_at": signal.made_at,
    }


def _signal(row: Any) -> Signal:
    return Signal(
        id=row.id,
        type=row.type,
        subject=json.loads(row.subject),
        content=json.loads(row.content),
        txn=row.txn,
        made_at=row.made_at,
    )
