"""Rights of people: list, read, grant, extend, revoke."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from accessmgr.api.access import managed, place
from accessmgr.api.call import Call, versions
from accessmgr.api.endpoints import Example, Part
from accessmgr.api.schemas import (
    Context,
    Contexts,
    Day,
    Enterprise,
    Id,
    Moment,
    Page,
    PageQuery,
    PeriodSent,
    PeriodTold,
    RightCode,
    Sent,
    Thing,
    Words,
    Written,
    written,
)
from accessmgr.core.actions import Action
from accessmgr.core.days import day_of
from accessmgr.core.model import Grant
from accessmgr.usecases.perform import Done
from accessmgr.usecases.traces import Kind
from accessmgr.usecases.world import Look, Unknown

part = Part("grants", "Rights given to people in an enterprise, for contexts and a period.")

MOST_LOOKED_AT = 2000
"""How many grants a page looks through for those that are wanted; the next page goes on from there."""


class GrantState(StrEnum):
    """Where a grant stands at present."""

    EFFECTIVE = "effective"
    FUTURE = "future"
    ENDED = "ended"
    REVOKED = "revoked"


class GrantTold(Thing):
    """A right of a person."""

    enterprise: Enterprise
    holder: Id
    right: str
    contexts: list[str]
    period: PeriodTold
    relation: Id
    by: Id
    state: GrantState
    revoked_at: Moment | None = None


class Grants(Page[GrantTold]):
    """A page of grants."""


class GrantWritten(Written):
    """What became of a grant."""

    grant: GrantTold


class GrantsQuery(PageQuery):
    """Which grants: those of an enterprise whose users one manages, else one's own."""

    enterprise: Enterprise | None = None
    holder: Id | None = None
    right: RightCode | None = None
    context: Context | None = None
    state: GrantState | None = None
    ends_before: Day | None = Field(None, description="Only those whose last day lies before this one")


class GrantWish(Sent):
    """A right to be granted."""

    enterprise: Enterprise
    holder: Id
    right: RightCode
    contexts: Contexts
    period: PeriodSent


class Extension(Sent):
    """The new last day."""

    last: Day


class Revocation(Sent):
    """Why; a holder who renounces may leave it out."""

    reason: Words | None = None


@part.get("/grants", "grants.read", example=Example(query={"enterprise": "1999000150", "state": "effective"}))
def listed(call: Call, query: GrantsQuery) -> Grants:
    """Grants in an enterprise, or one's own in all of them.

    Those of an enterprise come in no order that means something.
    """
    after = call.position(query.cursor) or ""
    with call.world.store.reading() as look:
        at = call.world.clock.now()
        if query.enterprise is not None:
            managed(call, look, query.enterprise)
            found, rest = _some_of(look, query.enterprise, after, query, at)
        else:
            own = sorted((each for each in look.lists.grants(holder=call.person)), key=lambda each: each.id)
            wanted = [each for each in own if each.id > after and _is_wanted(each, query, at)]
            found, rest = wanted[: query.limit], None
            if len(wanted) > query.limit:
                rest = found[-1].id
        return Grants(items=told(look, found, at), next=call.cursor(rest))


@part.get("/grants/{grant}", "grants.read", example=Example(path={"grant": "{grant}"}))
def one(call: Call, grant: str) -> GrantTold:
    """One grant: one's own, or in an enterprise whose users one manages."""
    with call.world.store.reading() as look:
        found = _seen(call, look, grant)
        return told(look, [found], call.world.clock.now())[0]


@part.post(
    "/grants",
    "grants.write",
    status=201,
    example=Example(
        {
            "enterprise": "1999000150",
            "holder": "{ines}",
            "right": "service_vouchers",
            "contexts": ["V99902"],
            "period": {"first": "2026-04-01", "last": "2027-03-31"},
        }
    ),
)
def grant_right(call: Call, body: GrantWish) -> GrantWritten:
    """Grant a right to a person within their work relation."""
    with call.world.store.reading() as look:
        here = place(call, look, body.enterprise)
        known = look.lists.names([body.holder]) and look.has_tie(body.holder, body.enterprise)
        if not known or not here.permits(Action.GRANT_RIGHT, right=body.right):
            raise Unknown("enterprise")
    done = call.act(
        Action.GRANT_RIGHT,
        enterprise=body.enterprise,
        person=body.holder,
        right=body.right,
        contexts=tuple(body.contexts),
        period=body.period.period(),
    )
    return _written(call, done)


@part.post(
    "/grants/{grant}/extend",
    "grants.write",
    if_match=True,
    example=Example({"last": "2027-02-01"}, path={"grant": "{grant}"}),
)
def extend(call: Call, grant: str, body: Extension) -> GrantWritten:
    """Give a right another last day."""
    call.open_to(Action.EXTEND_GRANT, grant=grant)
    call.unless_changed(Kind.GRANT, grant)
    return _written(call, call.act(Action.EXTEND_GRANT, grant=grant, last_day=body.last))


@part.post(
    "/grants/{grant}/revoke",
    "grants.write",
    if_match=True,
    example=Example({"reason": "Left the planning team"}, path={"grant": "{grant}"}),
)
def revoke(call: Call, grant: str, body: Revocation) -> GrantWritten:
    """Revoke a right from this moment on, or renounce one's own."""
    call.open_to(Action.REVOKE_GRANT, grant=grant)
    call.unless_changed(Kind.GRANT, grant)
    done = call.act(Action.REVOKE_GRANT, grant=grant, reason=bool((body.reason or "").strip()), note=body.reason)
    return _written(call, done)


def told(look: Look, grants: list[Grant], at: datetime) -> list[GrantTold]:
    """Grants as they are told."""
    known = versions(look, Kind.GRANT, [each.id for each in grants])
    return [
        GrantTold(
            id=each.id,
            version=known[each.id],
            enterprise=each.enterprise,
            holder=each.holder,
            right=each.right,
            contexts=list(each.contexts),
            period=PeriodTold.of(each.period),
            relation=each.relation,
            by=each.by,
            state=state(each, at, day_of(at)),
            revoked_at=each.revoked_at,
        )
        for each in grants
    ]


def state(grant: Grant, at: datetime, today: date) -> GrantState:
    """Where a grant stands at a moment of a day."""
    if grant.revoked(at):
        return GrantState.REVOKED
    if grant.period.has(today):
        return GrantState.EFFECTIVE
    return GrantState.FUTURE if not grant.period.is_empty and today < grant.period.first else GrantState.ENDED


def _some_of(
    look: Look, enterprise: str, after: str, query: GrantsQuery, at: datetime
) -> tuple[list[Grant], str | None]:
    """The next grants of an enterprise that are wanted, and after which one the next page begins."""
    looked_at = look.lists.grants_after(enterprise, after, MOST_LOOKED_AT)
    wanted = [each for each in looked_at if _is_wanted(each, query, at)]
    if len(wanted) > query.limit:
        return wanted[: query.limit], wanted[query.limit - 1].id
    return wanted, looked_at[-1].id if len(looked_at) == MOST_LOOKED_AT else None


def _is_wanted(grant: Grant, query: GrantsQuery, at: datetime) -> bool:
    ends = grant.period.last
    return (
        query.holder in (None, grant.holder)
        and query.right in (None, grant.right)
        and (query.context is None or query.context in grant.contexts)
        and query.state in (None, state(grant, at, day_of(at)))
        and (query.ends_before is None or (ends is not None and ends < query.ends_before))
    )


def _seen(call: Call, look: Look, grant: str) -> Grant:
    """A grant that the person may see.

    :raise Unknown: there is none
    """
    for found in look.lists.grants(id_=grant):
        if found.holder == call.person or place(call, look, found.enterprise).manages:
            return found
    raise Unknown("grant")


def _written(call: Call, done: Done) -> GrantWritten:
    row = next(event.row for event in reversed(done.events) if isinstance(event.row, Grant))
    with call.world.store.reading() as look:
        return GrantWritten(grant=told(look, [row], done.facts.at)[0], **written(done))
