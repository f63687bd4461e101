"""Following the history: what its entries change for the people of a stream's client becomes signals in its queue."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

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


def follow_all(transmitter: Transmitter) -> None:
    """Let each stream follow the history to its end, or as far as its queue has room."""
    while [stream for stream in transmitter.streams.behind() if follow(transmitter, stream)]:
        pass


def follow(transmitter: Transmitter, stream: Stream) -> bool:
    """Let a stream follow the history by a page; gives whether there is more to follow.

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
            (each, changes.people_of(look, each, rights)) for each in changes.within(page.changes, client.may_ask_in)
        ]
    signals = list(_signals(transmitter, stream, client, _affected(transmitter, client, named)))
    if not signals and not page.more and page.last - stream.seen < UNNOTED:
        return False
    return transmitter.streams.follow(stream, page.last, signals) and page.more


def _affected(transmitter: Transmitter, client: Client, named: Iterable[tuple[Change, list[str]]]) -> Affected:
    affected: Affected = {}
    rights = transmitter.rights_of(client)
    for change, people in named:
        concerned = set(people)
        if change.type == changes.IMPORTED:
            concerned |= set(transmitter.streams.touched(change.sequence, rights))
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
            claims = transmitter.claims(person, client.application)
            told = [change.told() for change in found]
            yield _signal(stream, CLAIMS_CHANGE, sequence, person, found, now, claims=claims, changes=told)


def _signal(
    stream: Stream, type_: str, sequence: int, person: str, found: list[Change], now: datetime, **more: object
) -> Signal:
    """A signal about a person. Its id follows from what it is about, so that following twice makes it no other."""
    first = found[0]
    kinds = dict.fromkeys(change.change or change.type for change in found)
    content = {
        "event_timestamp": int(first.at.timestamp()),
        "initiating_entity": "system" if first.change or first.type == changes.IMPORTED else _who(first, person),
        "reason_admin": {"en": ", ".join(kinds)},
        **more,
    }
    about = f"{stream.id} {sequence} {person} {type_}"
    id_ = hashlib.sha256(about.encode()).hexdigest()[:32]
    return Signal(id=id_, type=type_, subject={"person": person}, content=content, txn=str(sequence), made_at=now)


def _who(change: Change, person: str) -> str:
    return "user" if change.by == person else "admin"
