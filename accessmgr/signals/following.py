"""Following the history: what its entries change for the people of a stream's client becomes signals in its queue."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from accessmgr.core.days import start_of
from accessmgr.signals.transmitter import Transmitter
from accessmgr.usecases import changes
from accessmgr.usecases.changes import Change
from accessmgr.usecases.relying_parties import Client
from accessmgr.usecases.streams import CLAIMS_CHANGE, SESSION_REVOKED, Signal, Status, Stream

PAGE = 100
"""How many entries that change something are followed at once."""
UNNOTED = 500
"""How many entries that bring no signal are passed over before that is noted: what is read again costs little."""

Affected = dict[tuple[int, str], list[Change]]
"""The changes of an entry, by its sequence and each person whom they concern."""


def follow_all(transmitter: Transmitter, only: str | None = None) -> None:
    """Let each stream, or only one, follow the history to its end, or as far as its queue has room."""
    today, more = transmitter.today(), True
    while more:
        behind = transmitter.streams.behind(today)
        followed = [follow(transmitter, stream, today) for stream in behind if only in (None, stream.id)]
        more = any(followed)


def follow(transmitter: Transmitter, stream: Stream, today: date) -> bool:
    """Let a stream follow the history by a page, then the days; gives whether there is more to follow.

    What a person may do is read after the entries that change it, each time in a look of its own.
    """
    client = transmitter.clients.find(stream.client)
    if client is None:
        transmitter.streams.set_status(stream.id, Status.DISABLED, "the client is removed")
        return False
    with transmitter.world.store.reading() as look:
        page = changes.page(look, stream.seen, PAGE)
        rights = transmitter.rights_of(client)
        named = [
            (each, changes.people_of(look, each, rights, client.may_ask_in))
            for each in changes.within(page.changes, client.may_ask_in)
        ]
    signals = list(_signals(transmitter, stream, client, _affected(transmitter, client, named)))
    if page.more:
        return transmitter.streams.follow(stream, page.last, stream.day, signals)
    if not signals and stream.day >= today and page.last - stream.seen < UNNOTED:
        return False
    signals += _of_days(transmitter, stream, client, today)
    transmitter.streams.follow(stream, page.last, max(stream.day, today), signals)
    return False


def _of_days(transmitter: Transmitter, stream: Stream, client: Client, today: date) -> list[Signal]:
    """What begins and ends by itself, for it has no entry."""
    if stream.day >= today or client.application is None or CLAIMS_CHANGE not in stream.delivered:
        return []
    turned = transmitter.streams.turned(stream.day, today, transmitter.rights_of(client))
    content = {
        "event_timestamp": int(start_of(today).timestamp()),
        "initiating_entity": "system",
        "reason_admin": {"en": "a first or last day"},
    }
    return [
        Signal(
            id=_id(stream.id, str(today), person, CLAIMS_CHANGE),
            type=CLAIMS_CHANGE,
            subject={"person": person},
            content={**content, "claims": transmitter.claims(person, client), "changes": []},
            made_at=transmitter.now(),
        )
        for person in _known_to(transmitter, client, turned)
    ]


def _known_to(transmitter: Transmitter, client: Client, people: Iterable[str]) -> list[str]:
    """Those people who have a grant in an enterprise of which the client may know."""
    rights = transmitter.rights_of(client)
    with transmitter.world.store.reading() as look:
        return sorted(
            person
            for person in people
            if client.enterprises is None
            or any(
                grant.right in rights and client.may_ask_in(grant.enterprise)
                for grant in look.lists.grants(holder=person)
            )
        )


def _affected(transmitter: Transmitter, client: Client, named: Iterable[tuple[Change, list[str]]]) -> Affected:
    affected: Affected = {}
    rights = transmitter.rights_of(client)
    for change, people in named:
        concerned = set(people)
        if change.type == changes.IMPORTED:
            concerned.update(_known_to(transmitter, client, transmitter.streams.touched(change.sequence, rights)))
        if change.is_death and change.person and transmitter.streams.has_signed_in(client.id, change.person):
            concerned.add(change.person)
        for person in sorted(concerned):
            affected.setdefault((change.sequence, person), []).append(change)
    return affected


def _signals(transmitter: Transmitter, stream: Stream, client: Client, affected: Affected) -> Iterator[Signal]:
    now = transmitter.now()
    for (sequence, person), found in affected.items():
        if SESSION_REVOKED in stream.delivered and any(change.is_death for change in found):
            yield _signal(stream, SESSION_REVOKED, sequence, person, found, now)
        if CLAIMS_CHANGE in stream.delivered and client.application is not None:
            claims = transmitter.claims(person, client)
            told = [change.told() for change in found]
            yield _signal(stream, CLAIMS_CHANGE, sequence, person, found, now, claims=claims, changes=told)


def _signal(
    stream: Stream, type_: str, sequence: int, person: str, found: list[Change], now: datetime, **more: object
) -> Signal:
    """A signal about a person. Its id follows from what it is about, so that following twice makes no other."""
    first = found[0]
    kinds = dict.fromkeys(change.change or change.type for change in found)
    content = {
        "event_timestamp": int(first.at.timestamp()),
        "initiating_entity": "system" if first.change or first.type == changes.IMPORTED else _who(first, person),
        "reason_admin": {"en": ", ".join(kinds)},
        **more,
    }
    return Signal(
        id=_id(stream.id, str(sequence), person, type_),
        type=type_,
        subject={"person": person},
        content=content,
        txn=str(sequence),
        made_at=now,
    )


def _id(*about: object) -> str:
    return hashlib.sha256(" ".join(map(str, about)).encode()).hexdigest()[:32]


def _who(change: Change, person: str) -> str:
    return "user" if change.by == person else "admin"
