"""The one next sensible step of a person, as the first big button of the start page: what waits, then what they may do.

What they may do follows from the permits of the catalogue; here is only which of it comes first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from accessmgr.core.actions import Action
from accessmgr.web.current import world
from accessmgr.web.format import right_name
from accessmgr.web.format import role as role_name
from accessmgr.web.overview import Overview


@dataclass(frozen=True)
class Step:
    """What there is to do, and the button that leads there."""

    says: str
    button: str
    path: str


def next_step(mine: Overview, audits: bool) -> Step | None:
    """The first of the steps that there are, None if there is none."""
    steps = (_offers, _answers, _appoints, _claims, _enters, _manages)
    found = next((step for each in steps for step in each(mine)), None)
    if found is None and audits:
        says = _("As an auditor you read the history of an enterprise, for a case that you work on.")
        return Step(says, _("Read the history"), url_for("history.home"))
    return found or next(_asks(mine), None)


def _offers(mine: Overview) -> Iterator[Step]:
    for offer in mine.offers:
        says = _(
            "%(enterprise)s offers you the role of %(role)s. It counts once you accept it.",
            enterprise=mine.enterprises[offer.enterprise],
            role=role_name(offer.role),
        )
        yield Step(says, _("Accept or refuse"), url_for("managers.offer", appointment=offer.id))


def _answers(mine: Overview) -> Iterator[Step]:
    for number, count in mine.to_answer:
        says = ngettext(
            "Somebody waits for your answer in %(enterprise)s.",
            "%(num)s people wait for your answer in %(enterprise)s.",
            count,
            enterprise=mine.enterprises[number],
        )
        yield Step(says, _("Answer requests"), url_for("users.requests_here", number=number))


def _appoints(mine: Overview) -> Iterator[Step]:
    for number in mine.without_main:
        says = _(
            "Nobody manages access in %(enterprise)s yet. You may appoint its main access manager.",
            enterprise=mine.enterprises[number],
        )
        path = url_for("managers.appoint", number=number, role="main_access_manager")
        yield Step(says, _("Appoint a main access manager"), path)


def _claims(mine: Overview) -> Iterator[Step]:
    for place in mine.places:
        if place.standing is not None and place.standing.offers(Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR):
            says = _(
                "Become main local administrator of %(enterprise)s: then others can help you with its users.",
                enterprise=place.name,
            )
            path = url_for("users.enterprise", number=place.number)
            yield Step(says, _("Become main local administrator"), path)


def _enters(mine: Overview) -> Iterator[Step]:
    for place in mine.places:
        for grant in place.grants:
            if grant.period.has(mine.own.facts.today):
                says = _(
                    "Your right “%(right)s” lets you work for %(enterprise)s.",
                    right=right_name(grant.right),
                    enterprise=place.name,
                )
                yield Step(says, _("Enter the secure area"), url_for("secure_area.home"))


def _manages(mine: Overview) -> Iterator[Step]:
    for place in mine.places:
        if place.shows_users:
            says = _(
                "You look after the users of %(enterprise)s: link people, and grant rights.", enterprise=place.name
            )
            yield Step(says, _("See the users"), url_for("users.enterprise", number=place.number))


def _asks(mine: Overview) -> Iterator[Step]:
    """Ask for a right; nobody who waits for an answer needs to do anything."""
    if not mine.requests and any(mine.own.permits(Action.REQUEST_RIGHT, right=code) for code in world().policy.rights):
        where = mine.places[0].number if mine.places else None
        says = _("To work in a secure area for an enterprise you need a right. You can ask for it here.")
        yield Step(says, _("Ask for a right"), url_for("users.new_request", oc=where))
