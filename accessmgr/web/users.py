"""The user management (`/users/`): where one manages users, one's own rights, and the people of an enterprise."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from string import ascii_uppercase
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import Grant, Request, WorkRelation
from accessmgr.usecases.lists import PAGE, Lists, Named
from accessmgr.web import (
    drafts,
    users_answers,
    users_asking,
    users_bulk,
    users_copy,
    users_granting,
    users_grants,
    users_linking,
    users_many,
    users_people,
    users_reports,
    users_requests,
)
from accessmgr.web.current import act, look, signed_in
from accessmgr.web.format import language
from accessmgr.web.long_lists import ON_A_PAGE, cut, enterprises_shown
from accessmgr.web.moment_asked import TimeFrame, time_frame
from accessmgr.web.users_area import answerable, begun, bp, grant_state, managed, not_over, nowhere, standings
from accessmgr.web.users_forms import SearchForm

__all__ = [
    "bp",
    "users_answers",
    "users_asking",
    "users_bulk",
    "users_copy",
    "users_granting",
    "users_grants",
    "users_linking",
    "users_many",
    "users_people",
    "users_reports",
    "users_requests",
]

SEARCH = "search"
FEW = 10
"""How many requests a page shows that is about more than requests; the others are a page away."""


@bp.get("/")
def home() -> ResponseReturnValue:
    """Where I manage users, my rights and requests."""
    with look() as seen:
        me, own = signed_in().person, nowhere()
        frame = time_frame(own.facts.at)
        lists = frame.lists(seen)
        places = seen.lists.role_places(me, own.facts.at, own.facts.today)
        shown = enterprises_shown(lists.enterprise_names(places, language()))
        held = seen.lists.held_in(me, shown.numbers)
        stands = standings(seen, own, held.functions, held.appointments, held.relations)
        after = request.args.get
        grants, more_grants = cut(
            lists.own_grants(me, after=after("rights_after"), limit=ON_A_PAGE + 1, begun=frame.begun)
        )
        relations, more_relations = cut(
            lists.own_relations(me, after=after("linked_after"), limit=ON_A_PAGE + 1, begun=frame.begun)
        )
        requests, more_requests = cut(lists.own_requests(me, frame.at, limit=FEW + 1), FEW)
        mine: tuple[Grant | WorkRelation | Request, ...] = (*grants, *relations, *requests)
        return render_template(
            "users/home.html",
            shown=shown,
            enterprises=[number for number in shown.numbers if number in stands and stands[number].manages],
            names={**shown.names, **lists.enterprise_names({each.enterprise for each in mine}, language())},
            grants=[(each, grant_state(each, frame.at, frame.day)) for each in grants],
            more_grants=more_grants,
            stand=own,
            frame=frame,
            requests=[(each, each.state(frame.at)) for each in requests],
            more_requests=more_requests,
            relations=relations,
            more_relations=more_relations,
            action=Action,
        )


@bp.get("/<enterprise:number>")
def enterprise(number: str) -> ResponseReturnValue:
    """The people linked to an enterprise, and the requests that wait."""
    with look() as seen:
        here = managed(number)
        frame = time_frame(here.facts.at)
        lists = frame.lists(seen)
        draft = request.args.get("search")
        search = str(drafts.get(SEARCH, draft)["text"]) if draft else ""
        letter = request.args.get("letter", "")[:1].upper()
        after = _after(lists, request.args.get("after")) or ((letter, "", "") if letter else None)
        people = lists.people_of(number, search=search, after=after, begun=frame.begun)
        page, more = people[:PAGE], len(people) > PAGE
        requests = lists.requests_to_answer(number, frame.at, answerable(here), limit=FEW + 1)
        return render_template(
            "users/enterprise.html",
            number=number,
            name=lists.enterprise_names([number], language())[number],
            stand=here,
            frame=frame,
            action=Action,
            form=SearchForm(formdata=None, data={"text": search}),
            search=search,
            draft=draft,
            rows=_with_rights(lists, number, page, frame),
            next=page[-1].id if more else None,
            letters=ascii_uppercase if more or after else "",
            requests=requests[:FEW],
            more_requests=len(requests) > FEW,
            requesters=lists.names(each.requester for each in requests),
        )


@bp.post("/<enterprise:number>/search")
def search(number: str) -> ResponseReturnValue:
    """Keep a name to search for, so that it stands in no address."""
    frame = time_frame(managed(number).facts.at)
    form = SearchForm()
    if not form.validate() or not form.text.data:
        return redirect(url_for("users.enterprise", number=number, **frame.address), code=303)
    kept = drafts.put(SEARCH, {"text": form.text.data})
    return redirect(url_for("users.enterprise", number=number, search=kept, **frame.address), code=303)


@bp.post("/<enterprise:number>/claim")
def claim(number: str) -> ResponseReturnValue:
    """Become main local administrator."""
    act(Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=number)
    flash(_("You are now main local administrator of this enterprise."))
    return redirect(url_for("users.enterprise", number=number), code=303)


def _after(lists: Lists, person: str | None) -> tuple[str, str, str] | None:
    last = lists.names([person]).get(person or "")
    return (last.family, last.given, last.id) if last else None


def _with_rights(lists: Lists, number: str, people: list[Named], frame: TimeFrame) -> list[dict[str, Any]]:
    """A row for each person: the work relation of the day or else the nearest, and the rights that are not over."""
    ids = [person.id for person in people]
    relations, grants = defaultdict[str, list[WorkRelation]](list), defaultdict[str, list[Grant]](list)
    for relation in begun(lists.relations_among(number, ids), frame.begun):
        relations[relation.person].append(relation)
    for grant in begun(lists.grants_among(number, ids), frame.begun):
        if not grant.revoked(frame.at) and not_over(grant.period, frame.day):
            grants[grant.holder].append(grant)
    return [
        {
            "person": person,
            "relation": _nearest(relations[person.id], frame.day),
            "rights": sorted(_first_to_end(grants[person.id]).items()),
        }
        for person in people
    ]


def _first_to_end(grants: Iterable[Grant]) -> dict[str, Period]:
    """The period of each right; of the one that ends first, where there are several."""
    ordered = sorted(grants, key=lambda each: each.period.last or date.max, reverse=True)
    return {each.right: each.period for each in ordered}


def _nearest(relations: Iterable[WorkRelation], today: date) -> WorkRelation | None:
    ordered = sorted(relations, key=lambda each: each.period.first)
    running = [each for each in ordered if not_over(each.period, today)]
    return running[0] if running else (ordered[-1] if ordered else None)
