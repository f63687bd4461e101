"""Enterprises to which somebody is tied, the people of one, and the public register."""

from collections.abc import Iterable

from pydantic import Field

from accessmgr.api.access import managed, place
from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part, Writes
from accessmgr.api.schemas import Enterprise, Id, Name, Page, PageQuery, PeriodTold, Sent, Told, Words, Written, written
from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.days import day_of
from accessmgr.core.model import AppointmentState, FunctionCode, Role, TargetGroup
from accessmgr.core.representation import Standing, why_represents
from accessmgr.usecases.lists import PAGE, Named
from accessmgr.usecases.world import Look, Unknown

part = Part("enterprises", "Enterprises to which the person is tied, their people, and the public register.")

OFFERED = (*APPOINTS, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, Action.LINK_PERSON, Action.READ_HISTORY)
"""What the answer about an enterprise tells that some permit lets the person do there."""


class EnterpriseTold(Told):
    """An enterprise to which the person is tied, with the roles that they have there."""

    number: Enterprise
    name: str
    represents: bool = Field(description="Whether the person is its legal representative today")
    roles: list[Role]


class Enterprises(Page[EnterpriseTold]):
    """A page of enterprises."""


class EnterpriseStanding(EnterpriseTold):
    """Where the person stands in an enterprise."""

    manages_users: bool
    may: list[Action] = Field(description="Actions of which some permit holds, whatever forbids them now")
    may_grant: list[str] = Field(description="Codes of the rights that the person may grant")


class FunctionTold(Told):
    """A function of the public register, and what it comes to today."""

    code: FunctionCode
    holder: str | None = None
    held_by: Enterprise | None = None
    period: PeriodTold
    standing: Standing


class RecognitionTold(Told):
    """A recognition as service-voucher company."""

    number: str
    period: PeriodTold


class EstablishmentTold(Told):
    """An establishment unit, which is or was the enterprise's."""

    number: str
    period: PeriodTold


class Card(Told):
    """What the public register shows about an enterprise."""

    number: Enterprise
    name: str
    target_group: TargetGroup
    period: PeriodTold
    functions: list[FunctionTold]
    recognitions: list[RecognitionTold]
    establishments: list[EstablishmentTold]


class FoundTold(Told):
    """An enterprise that a search found."""

    number: Enterprise
    name: str


class Found(Told):
    """What a search found: the first twenty."""

    items: list[FoundTold]


class RegisterQuery(Sent):
    """The beginning of a name."""

    name: str = Field(min_length=2, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")


class PersonTold(Told):
    """A person who is or was linked to the enterprise."""

    id: Id
    given: str
    family: str


class People(Page[PersonTold]):
    """A page of people, by family name."""


class PeopleSearch(PageQuery):
    """A part of a name: it is sent in a body, for a name stands in no address."""

    name: Name


class Reason(Sent):
    """Why a national number is shown; about oneself it may be left out."""

    reason: Words | None = None


class NumberShown(Written):
    """A national number, which is told this once: it is not kept with an `Idempotency-Key`."""

    number: str | None = Field(None, description="Absent if the person has none")


@part.get("/enterprises", "enterprises.read", example=Example(query={"limit": "10"}))
def listed(call: Call, query: PageQuery) -> Enterprises:
    """The enterprises to which the person is tied."""
    with call.world.store.reading() as look:
        numbers = look.lists.enterprises_of(call.person)
        page, rest = call.page(numbers, query, str)
        return Enterprises(items=list(_told(call, look, page)), next=rest)


@part.get("/enterprises/{enterprise}", "enterprises.read", example=Example(path={"enterprise": "1999000150"}))
def one(call: Call, enterprise: str) -> EnterpriseStanding:
    """Where the person stands in an enterprise to which they are tied."""
    with call.world.store.reading() as look:
        if enterprise not in look.lists.enterprises_of(call.person):
            raise Unknown("enterprise")
        here, (told,) = place(call, look, enterprise), _told(call, look, [enterprise])
        rights = call.world.policy.rights
        return EnterpriseStanding(
            **dict(told),
            manages_users=here.manages,
            may=[action for action in OFFERED if here.permits(action)],
            may_grant=[code for code in rights if here.permits(Action.GRANT_RIGHT, right=code)],
        )


@part.get("/enterprises/{enterprise}/people", "relations.read", example=Example(path={"enterprise": "1999000150"}))
def people(call: Call, enterprise: str, query: PageQuery) -> People:
    """The people who are or were linked to an enterprise whose users one manages."""
    return _people(call, enterprise, query, "")


@part.post(
    "/enterprises/{enterprise}/people/search",
    "relations.read",
    writes=Writes.NOTHING,
    example=Example({"name": "Dub"}, path={"enterprise": "1999000150"}),
)
def search_people(call: Call, enterprise: str, body: PeopleSearch) -> People:
    """Those of them whose name holds a text."""
    return _people(call, enterprise, body, body.name)


@part.post(
    "/people/{person}/number",
    "numbers.read",
    keeps=False,
    example=Example({}, path={"person": "{ines}"}, who="ines"),
)
def reveal_number(call: Call, person: str, body: Reason) -> NumberShown:
    """Show the full national number of a person, which is recorded.

    To the person themself, and to auditors who give a reason.
    """
    reason = (body.reason or "").strip()
    call.open_to(Action.REVEAL_NUMBER, person=person, reason=True)
    done = call.act(Action.REVEAL_NUMBER, person=person, reason=bool(reason), note=reason)
    with call.world.store.reading() as look:
        number = look.number_of(person)
    return NumberShown(number=number.display if number else None, **written(done))


@part.get("/register", "register.read", example=Example(query={"name": "Netjes"}))
def search_register(call: Call, query: RegisterQuery) -> Found:
    """Enterprises of the public register whose name begins with a text."""
    with call.world.store.reading() as look:
        numbers = look.lists.search_enterprises(query.name)
        names = look.lists.enterprise_names(numbers, call.language)
    return Found(items=[FoundTold(number=number, name=names[number]) for number in numbers])


@part.get("/register/{enterprise}", "register.read", example=Example(path={"enterprise": "1999000150"}))
def card(call: Call, enterprise: str) -> Card:
    """What the public register shows about an enterprise."""
    with call.world.store.reading() as look:
        found = look.lists.enterprise_card(enterprise, call.language)
        if found is None or look.is_silent(enterprise):
            raise Unknown("enterprise")
        today = day_of(call.world.clock.now())
        functions = [held.function for held in found.functions]
        standing = {each.function.id: each.standing for each in why_represents(functions, today)}
        return Card(
            number=found.number,
            name=found.name,
            target_group=TargetGroup(found.target_group),
            period=PeriodTold.of(found.period),
            functions=[
                FunctionTold(
                    code=held.function.code,
                    holder=held.holder,
                    held_by=held.function.held_by,
                    period=PeriodTold.of(held.function.period),
                    standing=standing[held.function.id],
                )
                for held in found.functions
            ],
            recognitions=[
                RecognitionTold(number=each.id, period=PeriodTold(first=each.first, last=each.last))
                for each in found.recognitions
            ],
            establishments=[
                EstablishmentTold(number=each.id, period=PeriodTold(first=each.first, last=each.last))
                for each in found.establishments
            ],
        )


def _told(call: Call, look: Look, numbers: Iterable[str]) -> Iterable[EnterpriseTold]:
    numbers = list(numbers)
    at, person = call.world.clock.now(), call.person
    names = look.lists.enterprise_names(numbers, call.language)
    functions = look.lists.functions_in(numbers)
    roles = {number: list[Role]() for number in numbers}
    for each in look.lists.appointments(holder=person):
        if each.enterprise in roles and each.state(at) is AppointmentState.ACTIVE:
            roles[each.enterprise].append(each.role)
    for number in numbers:
        explained = why_represents(functions[number] or (), day_of(at))
        represents = any(each.represents and each.function.holder == person for each in explained)
        yield EnterpriseTold(number=number, name=names[number], represents=represents, roles=sorted(set(roles[number])))


def _people(call: Call, enterprise: str, query: PageQuery, search: str) -> People:
    with call.world.store.reading() as look:
        managed(call, look, enterprise)
        last = look.lists.names([call.position(query.cursor)])
        after = next(((one.family, one.given, one.id) for one in last.values()), None)
        found: list[Named] = look.lists.people_of(enterprise, search=search, after=after)
        limit = min(query.limit, PAGE)
        page = found[:limit]
        rest = call.cursor(page[-1].id) if len(found) > limit else None
        return People(items=[PersonTold(id=one.id, given=one.given, family=one.family) for one in page], next=rest)
