"""The management of access managers: where one stands, and who has which role in an enterprise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.model import AppointmentState, Function, Role
from accessmgr.core.representation import Explained, why_represents
from accessmgr.usecases.appointments import Overview, as_it_was, counting
from accessmgr.usecases.lists import Lists, Named
from accessmgr.usecases.world import Look
from accessmgr.web import managers_appoint, managers_offering, managers_register
from accessmgr.web.current import consider, look, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.long_lists import ON_A_PAGE, enterprises_shown
from accessmgr.web.managers_area import bp, overview_here, today
from accessmgr.web.managers_forms import SearchForm
from accessmgr.web.moment_asked import time_frame
from accessmgr.web.users_area import Standing as StandingAsUserManager

__all__ = ["bp", "managers_appoint", "managers_offering", "managers_register"]

SECTIONS = (
    Role.MAIN_ACCESS_MANAGER,
    Role.CO_MAIN_ACCESS_MANAGER,
    Role.ACCESS_MANAGER,
    Role.MAIN_LOCAL_ADMINISTRATOR,
    Role.LOCAL_ADMINISTRATOR,
)
"""The roles in the order in which the page of an enterprise shows them."""

OFFERED_BY = {role: action for action, role in APPOINTS.items()}


@dataclass(frozen=True)
class Represented:
    """An enterprise in which somebody holds functions; None while the register has no answer about it."""

    number: str
    because: tuple[Explained, ...] | None


@bp.get("/")
def home() -> ResponseReturnValue:
    """The enterprises that one represents or has a role in, and the offers that wait for an answer."""
    person, at = signed_in().person, world().clock.now()
    with look() as seen:
        shown = enterprises_shown(seen.lists.enterprise_names(seen.lists.role_places(person, at, today()), language()))
        mine = seen.lists.held_in(person, shown.numbers)
        offers = seen.lists.offers_to(person, at, ON_A_PAGE)
        return render_template(
            "managers/home.html",
            shown=shown,
            represented=_represented(seen, mine.functions),
            held=counting(mine.appointments, mine.relations, at),
            offers=offers,
            names={**shown.names, **seen.lists.enterprise_names((each.enterprise for each in offers), language())},
            people=seen.lists.names(each.by for each in offers),
            search=SearchForm(formdata=None),
        )


@bp.get("/<enterprise:number>")
def enterprise(number: str) -> ResponseReturnValue:
    """Who has which role in an enterprise, what is offered, and what the person may do about it."""
    with look() as seen:
        found = overview_here(seen, number)
        frame = time_frame(found.facts.at)
        if not frame.is_now:
            found = as_it_was(found, seen, frame.at, frame.size(seen))
        lists = frame.lists(seen)
        return render_template(
            "managers/enterprise.html",
            number=number,
            name=lists.enterprise_names([number], language())[number],
            found=found,
            frame=frame,
            sections=SECTIONS,
            offered_by=OFFERED_BY,
            people=_people(lists, found),
            manages_users=StandingAsUserManager(found.facts).manages,
        )


@bp.get("/<enterprise:number>/who")
def who(number: str) -> ResponseReturnValue:
    """Who manages access in an enterprise, for whoever has a tie to it; for others there is no such page."""
    with look() as seen:
        asked = consider(Action.REQUEST_RIGHT, enterprise=number)
        if not asked.tied:
            abort(404)
        at = asked.facts.at
        active = [
            each for each in seen.lists.appointments(enterprise=number) if each.state(at) is AppointmentState.ACTIVE
        ]
        return render_template(
            "managers/who.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            sections=[(role, [each for each in active if each.role is role]) for role in SECTIONS],
            people=seen.lists.names(each.holder for each in active),
        )


def _represented(seen: Look, held: Iterable[Function]) -> list[Represented]:
    """The enterprises whose legal representative is today who holds functions, and those of which it is unknown."""
    person, numbers = signed_in().person, {function.enterprise for function in held}
    found, day = [], today()
    for number, functions in seen.lists.functions_in(numbers).items():
        explained = why_represents(functions, day) if functions is not None else ()
        because = tuple(each for each in explained if each.represents and each.function.holder == person)
        if because or functions is None:
            found.append(Represented(number, because or None))
    return found


def _people(lists: Lists, found: Overview) -> Mapping[str, Named]:
    appointments = [held.appointment for held in found.active] + list(found.offers)
    return lists.names({person for each in appointments for person in (each.holder, each.by)})
