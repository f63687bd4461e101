"""All that is kept about one person, to be taken along. Whether they may have it is decided before (HISTORY-3)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from accessmgr.core.events import plain
from accessmgr.usecases.contacts import contact_of
from accessmgr.usecases.own_record import PAGE, Place
from accessmgr.usecases.passkeys import Passkey
from accessmgr.usecases.world import Look


def decisions_about(look: Look, person: str) -> Iterator[Mapping[str, Any]]:
    """Every decision about a person in the decision log, the newest first."""
    before: Place | None = None
    while found := look.lists.decided_about(person, before, PAGE):
        yield from (each.told for each in found)
        before = found[-1].place


def entries_about(look: Look, person: str) -> Iterator[Mapping[str, Any]]:
    """Every entry of the history about a person, the newest first."""
    before: int | None = None
    while found := look.lists.entries(subject=person, before=before):
        for entry in found:
            yield json.loads(bytes(entry.leaf))
        before = found[-1].sequence


def my_data(look: Look, person: str, passkeys: Sequence[Passkey], at: datetime) -> dict[str, Any]:
    """All that is kept about a person, but their national number, which is shown only if asked for.

    Other people stand in it by their ids alone. What the history and the decision log tell is told as it is kept.
    """
    named, contact, lists = look.lists.names([person])[person], contact_of(look, person), look.lists
    told = {
        "made_at": at,
        "person": {"id": person, "given_name": named.given, "family_name": named.family},
        "contact": None if contact is None else plain(contact),
        "digital_keys": [{"key": key, "since": since} for key, since in sorted(lists.keys_since(person).items())],
        "passkeys": [
            {"name": each.name, "created_at": each.created_at, "used_at": each.used_at, "counter": each.counter}
            for each in passkeys
        ],
        "functions": lists.functions_of(person),
        "roles": lists.appointments(holder=person),
        "work_relations": lists.work_relations(person=person),
        "rights": lists.grants(holder=person),
        "requests": lists.requests(requester=person),
        "history": list(entries_about(look, person)),
        "decisions": list(decisions_about(look, person)),
    }
    return dict(plain(told))
