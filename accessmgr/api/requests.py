"""Requests for a right: list, make, approve, refuse, withdraw."""

import json
from collections.abc import Sequence

from pydantic import Field

from accessmgr.api.access import managed, place
from accessmgr.api.call import Call, versions
from accessmgr.api.endpoints import Example, Part
from accessmgr.api.schemas import (
    Contexts,
    Enterprise,
    Id,
    Moment,
    Nothing,
    Page,
    PageQuery,
    PeriodSent,
    RightCode,
    Sent,
    Thing,
    Words,
    Written,
    written,
)
from accessmgr.core.actions import Action
from accessmgr.core.events import What
from accessmgr.core.model import Grant, Request, RequestState
from accessmgr.usecases.perform import Done
from accessmgr.usecases.traces import Kind
from accessmgr.usecases.world import Look, Unknown

part = Part("requests", "Requests for a right, which the managers of the enterprise answer within 30 days.")


class RequestTold(Thing):
    """A request for a right. What people wrote is told with one request alone."""

    enterprise: Enterprise
    requester: Id
    right: str
    contexts: list[str]
    state: RequestState
    made_at: Moment
    closed_at: Moment | None = None
    reason: str | None = Field(default=None, description="What the requester wrote")
    refusal: str | None = Field(default=None, description="What whoever refused it wrote")


class Requests(Page[RequestTold]):
    """A page of requests."""


class RequestWritten(Written):
    """What became of a request; `grant` is the right that an approval gave."""

    request: RequestTold
    grant: Id | None = None


class RequestsQuery(PageQuery):
    """Which requests: those that one may answer in an enterprise, else one's own."""

    enterprise: Enterprise | None = None
    state: RequestState | None = None


class RequestWish(Sent):
    """A right that is asked for."""

    enterprise: Enterprise
    right: RightCode
    contexts: Contexts
    reason: Words | None = None


class Approval(Sent):
    """For which days the right is granted."""

    period: PeriodSent


class Refusal(Sent):
    """Why it is refused; the requester reads it."""

    reason: Words


@part.get("/requests", "requests.read", example=Example(query={"enterprise": "1999000150", "state": "pending"}))
def listed(call: Call, query: RequestsQuery) -> Requests:
    """Requests that one may answer in an enterprise, or one's own in all of them."""
    with call.world.store.reading() as look:
        at = call.world.clock.now()
        if query.enterprise is None:
            found = look.lists.requests(requester=call.person)
        else:
            here = managed(call, look, query.enterprise)
            in_it = look.lists.requests(enterprise=query.enterprise)
            found = [each for each in in_it if here.permits(Action.REFUSE_REQUEST, each)]
        wanted = [each for each in found if query.state in (None, each.state(at))]
        page, rest = call.page(wanted, query, lambda each: each.id)
        return Requests(items=told(call, look, page), next=rest)


@part.get("/requests/{request}", "requests.read", example=Example(path={"request": "{request}"}))
def one(call: Call, request: str) -> RequestTold:
    """One request, of one's own or which one may answer, with what was written."""
    with call.world.store.reading() as look:
        for found in look.lists.requests(id_=request):
            here = place(call, look, found.enterprise)
            if found.requester == call.person or here.permits(Action.REFUSE_REQUEST, found):
                return told(call, look, [found])[0].model_copy(update=_words(look, found))
    raise Unknown("request")


@part.post(
    "/requests",
    "requests.write",
    status=201,
    example=Example(
        {
            "enterprise": "1999000150",
            "right": "service_vouchers",
            "contexts": ["V99902"],
            "reason": "I plan the second recognition from April on",
        },
        who="ines",
    ),
)
def ask_for_right(call: Call, body: RequestWish) -> RequestWritten:
    """Ask for a right."""
    with call.world.store.reading() as look:
        if not place(call, look, body.enterprise).permits(Action.REQUEST_RIGHT, right=body.right):
            raise Unknown("enterprise")
    done = call.act(
        Action.REQUEST_RIGHT,
        enterprise=body.enterprise,
        right=body.right,
        contexts=tuple(body.contexts),
        reason=bool((body.reason or "").strip()),
        note=body.reason,
    )
    return _written(call, done)


@part.post(
    "/requests/{request}/approve",
    "requests.write",
    if_match=True,
    example=Example({"period": {"first": "2026-04-01", "last": "2027-03-31"}}, path={"request": "{request}"}),
)
def approve(call: Call, request: str, body: Approval) -> RequestWritten:
    """Approve a request, and so grant the right."""
    call.open_to(Action.APPROVE_REQUEST, request=request)
    call.unless_changed(Kind.REQUEST, request)
    return _written(call, call.act(Action.APPROVE_REQUEST, request=request, period=body.period.period()))


@part.post(
    "/requests/{request}/refuse",
    "requests.write",
    if_match=True,
    example=Example({"reason": "Not yet: ask again in April"}, path={"request": "{request}"}),
)
def refuse(call: Call, request: str, body: Refusal) -> RequestWritten:
    """Refuse a request, with a reason."""
    call.open_to(Action.REFUSE_REQUEST, request=request)
    call.unless_changed(Kind.REQUEST, request)
    done = call.act(Action.REFUSE_REQUEST, request=request, reason=bool(body.reason.strip()), note=body.reason)
    return _written(call, done)


@part.post(
    "/requests/{request}/withdraw",
    "requests.write",
    if_match=True,
    example=Example({}, path={"request": "{request}"}, who="emma"),
)
def withdraw(call: Call, request: str, body: Nothing) -> RequestWritten:
    """Withdraw one's own request."""
    call.open_to(Action.WITHDRAW_REQUEST, request=request)
    call.unless_changed(Kind.REQUEST, request)
    return _written(call, call.act(Action.WITHDRAW_REQUEST, request=request))


def told(call: Call, look: Look, requests: Sequence[Request]) -> list[RequestTold]:
    """Requests as they are told, without what was written."""
    at = call.world.clock.now()
    known = versions(look, Kind.REQUEST, [each.id for each in requests])
    return [
        RequestTold(
            id=each.id,
            version=known[each.id],
            enterprise=each.enterprise,
            requester=each.requester,
            right=each.right,
            contexts=list(each.contexts),
            state=each.state(at) or RequestState.PENDING,
            made_at=each.made_at,
            closed_at=each.closed_at,
        )
        for each in requests
    ]


def _words(look: Look, request: Request) -> dict[str, str]:
    """What the requester wrote, and what whoever refused wrote."""
    members = {What.RIGHT_REQUESTED: "reason", What.REQUEST_REFUSED: "refusal"}
    types = {row.sequence: json.loads(row.leaf)["type"] for row in look.lists.entries(subject=request.id)}
    told = {sequence: members[What(type_)] for sequence, type_ in types.items() if type_ in members}
    return {told[sequence]: text for sequence, text in look.notes(told).items()}


def _written(call: Call, done: Done) -> RequestWritten:
    row = next(event.row for event in done.events if isinstance(event.row, Request))
    grant = next((event.row.id for event in done.events if isinstance(event.row, Grant)), None)
    with call.world.store.reading() as look:
        return RequestWritten(request=told(call, look, [row])[0], grant=grant, **written(done))
