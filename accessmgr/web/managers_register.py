"""The public register: a search, and the card of an enterprise with who represents it and why, or why not."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber, NationalNumber
from accessmgr.core.representation import Explained, why_represents
from accessmgr.usecases.world import Look
from accessmgr.web.current import look
from accessmgr.web.fields import MISTAKES
from accessmgr.web.format import language
from accessmgr.web.managers_area import bp, today
from accessmgr.web.managers_forms import SearchForm
from accessmgr.web.places import place

CODES = ("TypeOfEnterprise", "JuridicalForm", "JuridicalSituation", "TypeOfDenomination")
SHORTEST_NAME = 2


@dataclass(frozen=True)
class Found:
    """An enterprise that a search found."""

    number: str
    name: str
    place: str


@bp.get("/register")
def register_search() -> ResponseReturnValue:
    """Search the public register, by number or by name."""
    form = SearchForm(request.args)
    if "q" not in request.args:
        return render_template("managers/search.html", form=form, found=None)
    if _is_national_number(form.q.data):
        flash(_("That was the number of a person. Enterprises are found by their own number, or by their name."), "bad")
        return redirect(url_for(".register_search"), code=303)
    if not form.validate():
        return render_template("managers/search.html", form=form, found=None), 422
    try:
        found = _found(form.q.data)
    except ValueError as wrong:
        form.q.errors = [wrong.args[0]]
        return render_template("managers/search.html", form=form, found=None), 422
    if len(found) == 1 and _is_number_like(form.q.data):
        return redirect(url_for(".register_card", number=found[0].number), code=303)
    return render_template("managers/search.html", form=form, found=found)


@bp.get("/register/<enterprise:number>")
def register_card(number: str) -> ResponseReturnValue:
    """An enterprise as the public register shows it."""
    with look() as seen:
        card = seen.lists.enterprise_card(number, language())
        if card is None:
            abort(404)
        if seen.is_silent(number):
            return render_template("managers/card_unknown.html", number=number)
        units = [unit.id for unit in card.establishments]
        day = today()
        explained = {each.function.id: each for each in why_represents((held.function for held in card.functions), day)}
        return render_template(
            "managers/card.html",
            card=card,
            names=seen.lists.denominations([number, *units]),
            addresses=_places(seen, [number, *units]),
            meaning=seen.lists.meanings(language(), CODES),
            explained=explained,
            mine=_mine(explained.values()),
            today=day,
        )


def _mine(explained: Iterable[Explained]) -> list[Explained] | None:
    """What the functions of whoever is signed in come to, the representing ones first; None for nobody."""
    if not current_user.is_authenticated:
        return None
    mine = (each for each in explained if each.function.holder == current_user.person)
    return sorted(mine, key=lambda each: not each.represents)


def _found(text: str) -> list[Found]:
    """The enterprises that a search finds.

    :raise ValueError: the text is neither a number nor long enough for a name; it holds what to tell
    """
    with look() as seen:
        if _is_number_like(text):
            try:
                numbers = [EnterpriseNumber.parse(text).digits]
            except InvalidNumber as wrong:
                raise ValueError(MISTAKES[wrong.reason]) from None
            numbers = [number for number in numbers if seen.lists.enterprise_card(number, language())]
        elif len(text) < SHORTEST_NAME:
            raise ValueError(_("Write at least two letters of the name."))
        else:
            numbers = seen.lists.search_enterprises(text)
        names = seen.lists.enterprise_names(numbers, language())
        places = _places(seen, numbers)
    return [Found(number, names[number], places.get(number, "")) for number in numbers]


def _places(seen: Look, entities: Iterable[str]) -> dict[str, str]:
    return {entity: place(address, language()) for entity, address in seen.lists.addresses(entities).items()}


def _is_number_like(text: str) -> bool:
    """Whether somebody who typed this meant a number: digits, with whatever people put between or before them."""
    bare = text.upper().removeprefix("BE")
    return any(character.isdigit() for character in bare) and not any(character.isalpha() for character in bare)


def _is_national_number(text: str | None) -> bool:
    try:
        NationalNumber.parse(text or "")
    except InvalidNumber:
        return False
    return True
