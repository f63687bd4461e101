"""The user management (`/users/`): where one manages users, one's own rights, and the people of an enterprise."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.model import Grant, WorkRelation
from accessmgr.usecases.lists import PAGE, Named
from accessmgr.usecases.world import Look
from accessmgr.web import drafts, users_grants, users_people, users_requests
from accessmgr.web.current import act, look, signed_in
from accessmgr.web.format import language
from accessmgr.web.users_area import Standing, bp, grant_state, managed, not_over, nowhere, standings
from accessmgr.web.users_forms import SearchForm

__all__ = ["bp", "users_grants", "users_people", "users_requests"]

SEARCH = "search"


@bp.get("/")
def home() -> ResponseReturnValue:
    """Where I manage users, my rights and requests."""
    with look() as seen:
        me, own = signed_in().person, nowhere()
        grants = seen.lists.grants(holder=me)
        requests = seen.lists.requests(requester=me)
        relations = seen.lists.work_relations(person=me)
        stands = standings(seen, own, seen.lists.functions_of(me), seen.lists.appointments(holder=me), relations)
        where = [number for number, here in stands.items() if here.manages]
        names = seen.lists.enterprise_names(
            {*where}
            | {each.enterprise for each in grants}
            | {each.enterprise for each in requests}
            | {each.enterprise for each in relations},
            language(),
        )
        return render_template(
            "users/home.html",
            enterprises=sorted(where, key=lambda number: names[number]),
            names=names,
            grants=[(each, grant_state(each, own.facts.at, own.facts.today)) for each in grants],
            stand=own,
            requests=[(each, each.state(own.facts.at)) for each in requests],
            relations=relations,
            action=Action,
        )


@bp.get("/<enterprise:number>")
def enterprise(number: str) -> ResponseReturnValue:
    """The people linked to an enterprise, and the requests that wait."""
    with look() as seen:
        here = managed(number)
        draft = request.args.get("search")
        search = str(drafts.get(SEARCH, draft)["text"]) if draft else ""
        people = seen.lists.people_of(number, search=search, after=_after(seen, request.args.get("after")))
        page, more = people[:PAGE], len(people) > PAGE
        answerable = [
            each
            for each in seen.lists.pending_requests(number, here.facts.at)
            if here.permits(Action.APPROVE_REQUEST, each)
        ]
        return render_template(
            "users/enterprise.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            stand=here,
            action=Action,
            form=SearchForm(formdata=None, data={"text": search}),
            search=search,
            draft=draft,
            rows=_with_rights(seen, number, page, here),
            next=page[-1].id if more else None,
            requests=answerable,
            requesters=seen.lists.names(each.requester for each in answerable),
        )


@bp.post("/<enterprise:number>/search")
def search(number: str) -> ResponseReturnValue:
    """Keep a name to search for, so that it stands in no address."""
    managed(number)
    form = SearchForm()
    if not form.validate() or not form.text.data:
        return redirect(url_for("users.enterprise", number=number), code=303)
    kept = drafts.put(SEARCH, {"text": form.text.data})
    return redirect(url_for("users.enterprise", number=number, search=kept), code=303)


@bp.post("/<enterprise:number>/claim")
def claim(number: str) -> ResponseReturnValue:
    """Become main local administrator."""
    act(Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=number)
    flash(_("You are now main local administrator of this enterprise."))
    return redirect(url_for("users.enterprise", number=number), code=303)


def _after(seen: Look, person: str | None) -> tuple[str, str, str] | None:
    last = seen.lists.names([person]).get(person or "")
    return (last.family, last.given, last.id) if last else None


def _with_rights(seen: Look, number: str, people: list[Named], here: Standing) -> list[dict[str, Any]]:
    """A row for each person: the work relation of today or else the nearest, and the rights that are not over."""
    ids = [person.id for person in people]
    relations, grants = defaultdict[str, list[WorkRelation]](list), defaultdict[str, list[Grant]](list)
    for relation in seen.lists.relations_among(number, ids):
        relations[relation.person].append(relation)
    for grant in seen.lists.grants_among(number, ids):
        if not grant.revoked(here.facts.at) and not_over(grant.period, here.facts.today):
            grants[grant.holder].append(grant)
    return [
        {
            "person": person,
            "relation": _nearest(relations[person.id], here.facts.today),
            "rights": sorted({grant.right for grant in grants[person.id]}),
        }
        for person in people
    ]


def _nearest(relations: Iterable[WorkRelation], today: date) -> WorkRelation | None:
    ordered = sorted(relations, key=lambda each: each.period.first)
    running = [each for each in ordered if not_over(each.period, today)]
    return running[0] if running else (ordered[-1] if ordered else None)
