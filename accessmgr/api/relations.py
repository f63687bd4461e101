"""Work relations: who is linked to an enterprise, linking somebody, and the end of it."""

from collections.abc import Sequence

from accessmgr.api.access import managed, place
from accessmgr.api.call import Call, versions
from accessmgr.api.endpoints import Example, Part
from accessmgr.api.schemas import (
    Day,
    Enterprise,
    Id,
    Name,
    NationalNumberText,
    Page,
    PageQuery,
    PeriodSent,
    PeriodTold,
    Sent,
    Thing,
    Written,
    written,
)
from accessmgr.core.actions import Action
from accessmgr.core.model import UserType, WorkRelation
from accessmgr.core.numbers import NationalNumber
from accessmgr.usecases.perform import Done, Identity
from accessmgr.usecases.traces import Kind
from accessmgr.usecases.world import Look, Unknown

part = Part("relations", "Work relations: who is linked to an enterprise, in what way and for how long.")


class RelationTold(Thing):
    """The link of a person to an enterprise."""

    enterprise: Enterprise
    person: Id
    user_type: UserType
    period: PeriodTold
    by: Id


class Relations(Page[RelationTold]):
    """A page of work relations."""


class RelationWritten(Written):
    """What became of a work relation, and the grants that end earlier because of it."""

    relation: RelationTold
    shortened: list[Id]


class RelationsQuery(PageQuery):
    """Which work relations: those of a person with an enterprise whose users one manages, else one's own."""

    enterprise: Enterprise | None = None
    person: Id | None = None


class LinkWish(Sent):
    """Somebody to be linked, who is found by number and names together."""

    enterprise: Enterprise
    number: NationalNumberText
    given: Name
    family: Name
    user_type: UserType
    period: PeriodSent


class LastDay(Sent):
    """The last day."""

    last: Day


@part.get("/relations", "relations.read", example=Example(query={"enterprise": "1999000150", "person": "{ines}"}))
def listed(call: Call, query: RelationsQuery) -> Relations:
    """The work relations of a person with an enterprise, or one's own with all of them."""
    with call.world.store.reading() as look:
        mine = query.person in (None, call.person)
        if query.enterprise is not None and not mine:
            managed(call, look, query.enterprise)
        elif not mine:
            raise Unknown("person")
        person = query.person or call.person
        found = look.lists.work_relations(enterprise=query.enterprise, person=person)
        page, rest = call.page(found, query, lambda each: each.id)
        return Relations(items=told(look, page), next=rest)


@part.get("/relations/{relation}", "relations.read", example=Example(path={"relation": "{relation}"}))
def one(call: Call, relation: str) -> RelationTold:
    """One work relation: one's own, or with an enterprise whose users one manages."""
    with call.world.store.reading() as look:
        for found in look.lists.work_relations(id_=relation):
            if found.person == call.person or place(call, look, found.enterprise).manages:
                return told(look, [found])[0]
    raise Unknown("relation")


@part.post(
    "/relations",
    "relations.write",
    status=201,
    example=Example(
        {
            "enterprise": "1999000150",
            "number": "91.02.05-000.29",
            "given": "Sophie",
            "family": "Lambert",
            "user_type": "employee",
            "period": {"first": "2026-03-02"},
        }
    ),
)
def link_person(call: Call, body: LinkWish) -> RelationWritten:
    """Link a person to an enterprise."""
    with call.world.store.reading() as look:
        if not place(call, look, body.enterprise).permits(Action.LINK_PERSON):
            raise Unknown("enterprise")
    done = call.act(
        Action.LINK_PERSON,
        identity=Identity(NationalNumber(body.number), (body.given, body.family)),
        enterprise=body.enterprise,
        user_type=body.user_type,
        period=body.period.period(),
    )
    return _written(call, done)


@part.post(
    "/relations/{relation}/end",
    "relations.write",
    if_match=True,
    example=Example({"last": "2026-12-31"}, path={"relation": "{relation}"}),
)
def end(call: Call, relation: str, body: LastDay) -> RelationWritten:
    """End a work relation on a day.

    The rights that rest on it end no later.
    """
    call.open_to(Action.END_WORK_RELATION, relation=relation)
    call.unless_changed(Kind.WORK_RELATION, relation)
    return _written(call, call.act(Action.END_WORK_RELATION, relation=relation, last_day=body.last))


def told(look: Look, relations: Sequence[WorkRelation]) -> list[RelationTold]:
    """Work relations as they are told."""
    known = versions(look, Kind.WORK_RELATION, [each.id for each in relations])
    return [
        RelationTold(
            id=each.id,
            version=known[each.id],
            enterprise=each.enterprise,
            person=each.person,
            user_type=each.user_type,
            period=PeriodTold.of(each.period),
            by=each.by,
        )
        for each in relations
    ]


def _written(call: Call, done: Done) -> RelationWritten:
    row = next(event.row for event in done.events if isinstance(event.row, WorkRelation))
    shortened = [event.row.id for event in done.events if event.row is not row]
    with call.world.store.reading() as look:
        return RelationWritten(relation=told(look, [row])[0], shortened=shortened, **written(done))
