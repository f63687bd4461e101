"""The feed of changes: what happened since, for a service that drops what it no longer may rely on."""

from datetime import date
from typing import Any

from pydantic import Field

from accessmgr.api.call import Call
from accessmgr.api.endpoints import Part
from accessmgr.api.schemas import Enterprise, Id, Moment, Sent, Told
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.usecases import changes
from accessmgr.usecases.relying_parties import EVENTS, Client

LARGEST_SEQUENCE = 2**53 - 1

part = Part("events", "What changed about who may enter the application of a client, for the client itself.")


class EventsQuery(Sent):
    """From where, and how much."""

    after: int = Field(-1, ge=-1, le=LARGEST_SEQUENCE, description="`next` of the call before; -1 is the beginning")
    limit: int = Field(100, ge=1, le=1000, description="How many entries of the history are told at most")


class Happened(Told):
    """A change. What is left out is not narrowed: without `person` it is about everybody with the right.

    A last day, or a first day of what the register tells, may lie ahead; nothing is told again on that day.
    """

    sequence: int = Field(description="Of the entry of the history; the changes of one entry stand together")
    recorded_at: Moment
    type: str
    person: Id | None = None
    enterprise: Enterprise | None = None
    right: str | None = None
    contexts: list[str] | None = None
    grant: Id | None = None
    first: date | None = None
    last: date | None = None
    revoked_at: Moment | None = None
    change: str | None = Field(None, description="What the register tells")
    since: date | None = Field(None, description="The first day on which that counts")
    recognition: str | None = None
    establishment: str | None = None


class Feed(Told):
    """Changes in the order of the history, each once if every call takes `next` of the one before as `after`."""

    events: list[Happened]
    next: int = Field(description="The sequence up to which the history was looked through")
    more: bool = Field(description="Whether there is more to look through at once")
    token: int = Field(description="The size of the history at this moment")


@part.get("/events", EVENTS, alone=True)
def since(call: Call, query: EventsQuery) -> Feed:
    """Changes after an entry of the history.

    A client calls for itself, and sees what concerns the rights of the application that it is registered for: their
    grants, and what ends a work relation or changes the register for people and enterprises that have such grants; in
    the enterprises that it may ask about, if its registration names any.
    """
    client = _client_of(call)
    rights = call.world.policy.rights
    own = frozenset(code for code, right in rights.items() if right.application == client.application)
    with call.world.store.reading() as look:
        page = changes.page(look, query.after, query.limit)
        seen = changes.seen_by(look, page.changes, own, client.may_ask_in)
    if query.after >= page.size:
        detail = "the history is not so long: it is another one than the cursor is of"
        raise Problem(422, "the parameters are not in order", [Flaw(detail, "/after")])
    told = [Happened.model_validate(_told(change)) for change in seen]
    return Feed(events=told, next=max(page.last, query.after), more=page.more, token=page.size)


def _client_of(call: Call) -> Client:
    """:raise Problem: 403 a person stands behind the token, or the client has no application"""
    if call.caller is None or call.caller.person is not None:
        raise Problem(403, "a client reads the feed for itself, not for a person")
    if call.caller.client.application is None:
        raise Problem(403, "the client is registered for no application")
    return call.caller.client


def _told(change: changes.Change) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in change.told().items()}
