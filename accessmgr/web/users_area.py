"""The user management: its blueprint, and what its pages share: where one stands in an enterprise, contexts, states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, abort
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.days import Period
from accessmgr.core.decide import Decision, decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, ContextKind, Function, Grant, Register, Request, Right, WorkRelation
from accessmgr.core.rules import CATALOGUE
from accessmgr.core.rules.conditions import belongs
from accessmgr.usecases.world import Look
from accessmgr.web.current import ask, consider, world
from accessmgr.web.fields import CheckboxesField
from accessmgr.web.format import context as context_name
from accessmgr.web.format import language

bp = Blueprint("users", __name__, url_prefix="/users")


@bp.context_processor
def rights_by_code() -> dict[str, object]:
    """The rights by code, for the names of contexts."""
    return {"rights_by_code": world().policy.rights}


Thing = Grant | Request | WorkRelation
Lasting = TypeVar("Lasting", Grant, WorkRelation)
ALWAYS = Period(date.min, None)
MANAGING = (Action.LINK_PERSON, Action.GRANT_RIGHT, Action.APPROVE_REQUEST)


@dataclass(frozen=True)
class Standing:
    """What the person who is signed in may ask for in an enterprise, by the catalogue, from one look at the facts."""

    facts: Facts

    def decision(self, action: Action, thing: Thing | None = None, right: str | None = None) -> Decision:
        """What would be decided about an action on a thing of the enterprise, or on a right.

        Contexts stay out of it: whether they belong to the enterprise is asked when the action is.
        """
        code = thing.right if isinstance(thing, Grant | Request) else right
        facts = replace(
            self.facts,
            ask=ask(action, enterprise=self.facts.ask.enterprise, right=right, reason=True),
            right=world().policy.rights.get(code or ""),
            grant=replace(thing, contexts=()) if isinstance(thing, Grant) else None,
            request=thing if isinstance(thing, Request) else None,
            relation=thing if isinstance(thing, WorkRelation) else None,
        )
        return decide(facts, CATALOGUE)

    def permits(self, action: Action, thing: Thing | None = None, right: str | None = None) -> bool:
        """Whether some permit of the action holds, whatever forbids it now."""
        return self.decision(action, thing, right).permitted

    def reveals(self, person: str) -> bool:
        """Whether the person may see the full number of somebody: no fact about the enterprise counts in that."""
        asked = ask(Action.REVEAL_NUMBER, person=person, reason=True)
        return decide(replace(self.facts, ask=asked), CATALOGUE).permitted

    def offers(self, action: Action, thing: Thing | None = None, right: str | None = None) -> bool:
        """Whether to offer the action: it is allowed, or would be with a stronger digital key."""
        return worth_offering(self.decision(action, thing, right))

    @property
    def grantable(self) -> tuple[str, ...]:
        """The codes of the rights that the person may grant here."""
        return tuple(code for code in world().policy.rights if self.permits(Action.GRANT_RIGHT, right=code))

    @property
    def links(self) -> bool:
        """Whether the person may link people here."""
        return self.permits(Action.LINK_PERSON)

    @property
    def manages(self) -> bool:
        """Whether the person manages users here: some permit to link, to grant or to approve holds."""
        return any(self.permits(action, right=code) for action in MANAGING for code in world().policy.rights)

    @property
    def appoints(self) -> bool:
        """Whether the person may offer some role here."""
        return any(self.permits(action) for action in APPOINTS)


def answerable(here: Standing) -> tuple[str, ...]:
    """The codes of the rights for which the person may answer requests."""
    return tuple(code for code in world().policy.rights if here.permits(Action.APPROVE_REQUEST, right=code))


def worth_offering(decision: Decision) -> bool:
    """Whether a decision allows, or refuses for no other reason than the digital key, which a person can change."""
    by_key_alone = all(rule_id.startswith("KEY-") for rule_id in decision.because)
    return decision.allowed or (decision.permitted and by_key_alone)


def standing(enterprise: str) -> Standing:
    """Where the person who is signed in stands in an enterprise, known or not."""
    return Standing(consider(Action.LINK_PERSON, enterprise=enterprise).facts)


def nowhere() -> Standing:
    """Where the person stands whatever the enterprise: with what is their own."""
    return Standing(consider(Action.LINK_PERSON).facts)


def standings(
    seen: Look,
    own: Standing,
    held: Iterable[Function],
    appointments: Sequence[Appointment],
    relations: Sequence[WorkRelation],
) -> dict[str, Standing]:
    """Where the person who is signed in stands in each enterprise in which they have a role or a function.

    `own` is what `nowhere` gave; functions held, appointments and relations are all of the person's. So it takes few
    queries, however many enterprises there are, and the facts hold no more than what permits of that person look at.
    """
    numbers = {each.enterprise for each in appointments} | {each.enterprise for each in held}
    functions = seen.lists.functions_in(numbers)
    return {
        number: Standing(
            replace(
                own.facts,
                ask=replace(own.facts.ask, enterprise=number),
                appointments=tuple(each for each in appointments if each.enterprise == number),
                work_relations=tuple(each for each in relations if each.enterprise == number),
                register=_answer(functions[number]),
            )
        )
        for number in sorted(numbers)
    }


def _answer(functions: tuple[Function, ...] | None) -> Register | None:
    return None if functions is None else Register(ALWAYS, functions)


def managed(enterprise: str) -> Standing:
    """Where the person stands; answers as for an enterprise that does not exist unless they manage users there."""
    found = standing(enterprise)
    if not found.manages:
        abort(404)
    return found


# --- contexts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContextChoice:
    """A context that belongs to an enterprise today, with what helps to recognise it."""

    value: str
    right: Right
    place: str = ""
    suspended: bool = False

    @property
    def label(self) -> str:
        """The context as people read it."""
        name = context_name(self.value, self.right)
        if self.suspended:
            return _("%(recognition)s (suspended at present)", recognition=name)
        return f"{name}, {self.place}" if self.place else name


def context_choices(seen: Look, here: Standing, right: Right) -> list[ContextChoice]:
    """The contexts for a right that belong to the enterprise today, as the register or the right's list has them."""
    match right.context_kind:
        case ContextKind.PROFILE:
            return [ContextChoice(value, right) for value in right.profiles]
        case ContextKind.RECOGNITION:
            return _recognitions(here.facts, right)
    return _establishments(seen, here.facts.ask.enterprise or "", right)


def offer_contexts(field: CheckboxesField, seen: Look, here: Standing, right: Right) -> None:
    """Let a field offer the contexts for a right that belong to the enterprise today."""
    field.choices = [SelectChoice(each.value, each.label) for each in context_choices(seen, here, right)]


def _recognitions(facts: Facts, right: Right) -> list[ContextChoice]:
    held = facts.register.recognitions if facts.register else ()
    return [
        ContextChoice(each.number, right, suspended=each.suspended(facts.today))
        for each in sorted(held, key=lambda each: each.number)
        if belongs(facts, right, each.number, facts.today)
    ]


def _establishments(seen: Look, enterprise: str, right: Right) -> list[ContextChoice]:
    numbers = tuple(row.id for row in seen.lists.establishments(enterprise))
    if not numbers:
        return []
    facts = consider(Action.GRANT_RIGHT, enterprise=enterprise, right=right.code, contexts=numbers).facts
    addresses = seen.lists.addresses(numbers)
    return [
        ContextChoice(number, right, place=_place(addresses.get(number)))
        for number in numbers
        if belongs(facts, right, number, facts.today)
    ]


def _place(address: Any | None) -> str:
    if address is None:
        return ""
    french = language() == "fr"
    street, town = (
        (address.street_fr or address.street_nl, address.municipality_fr or address.municipality_nl)
        if french
        else (address.street_nl or address.street_fr, address.municipality_nl or address.municipality_fr)
    )
    house = " ".join(part for part in (street, address.house_number) if part)
    return ", ".join(part for part in (house, " ".join(part for part in (address.zipcode, town) if part)) if part)


# --- states and days --------------------------------------------------------------------------------------


class GrantState(StrEnum):
    """Where a grant stands at a moment."""

    EFFECTIVE = "effective"
    FUTURE = "future"
    ENDED = "ended"
    REVOKED = "revoked"


def grant_state(grant: Grant, at: datetime, today: date) -> GrantState:
    """Where a grant stands at a moment of a day."""
    if grant.revoked(at):
        return GrantState.REVOKED
    if grant.period.has(today):
        return GrantState.EFFECTIVE
    return GrantState.FUTURE if not grant.period.is_empty and today < grant.period.first else GrantState.ENDED


def not_over(period: Period, today: date) -> bool:
    """Whether a period has a day that is today or later."""
    return not period.is_empty and (period.last is None or period.last >= today)


def begun(things: Iterable[Lasting], day: date | None) -> list[Lasting]:
    """Those that have begun on a day; all of them if none is given."""
    return [each for each in things if day is None or each.period.first <= day]


def default_period(relations: Sequence[WorkRelation], right: Right, today: date) -> Period:
    """From today, or from the next work relation, until the right's longest period or the work relation ends."""
    ahead = sorted((each.period for each in relations if not_over(each.period, today)), key=lambda each: each.first)
    relation = ahead[0] if ahead else Period(today, None)
    first = max(today, relation.first)
    return Period(first, relation.cut_to(first + timedelta(days=right.max_days)).last)
