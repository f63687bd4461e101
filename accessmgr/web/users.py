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
from accessmgr.usecases.lists import PAGE, Lists, Named
from accessmgr.web import (
    drafts,
    users_bulk,
    users_copy,
    users_grants,
    users_many,
    users_people,
    users_reports,
    users_requests,
)
from accessmgr.web.current import act, look, signed_in
from accessmgr.web.format import language
from accessmgr.web.moment_asked import TimeFrame, time_frame
from accessmgr.web.users_area import begun, bp, grant_state, managed, not_over, nowhere, standings
from accessmgr.web.users_forms import SearchForm

__all__ = [
    "bp",
    "users_bulk",
    "users_copy",
    "users_grants",
    "users_many",
    "users_people",
    "users_reports",
    "users_requests",
]

SEARCH = "search"


@bp.get("/")
def home() -> ResponseReturnValue:
    """Where I manage users, my rights and requests."""
    with look() as seen:
        me, own = signed_in().person, nowhere()
        frame = time_frame(own.facts.at)
        lists = frame.lists(seen)
        linked = seen.lists.work_relations(person=me)
        stands = standings(seen, own, seen.lists.functions_of(me), seen.lists.appointments(holder=me), linked)
        where = [number for number, here in stands.items() if here.manages]
        grants = begun(lists.grants(holder=me), frame.begun)
        relations = linked if frame.is_now else begun(lists.work_relations(person=me), frame.begun)
        requests = [(each, state) for each in lists.requests(requester=me) if (state := each.state(frame.at))]
        names = lists.enterprise_names(
            {*where}
            | {each.enterprise for each in grants}
            | {each.enterprise for each, _state in requests}
            | {each.enterprise for each in relations},
            language(),
        )
        return render_template(
            "users/home.html",
            enterprises=sorted(where, key=lambda number: names[number]),
            names=names,
            grants=[(each, grant_state(each, frame.at, frame.day)) for each in grants],
            stand=own,
            frame=frame,
            requests=requests,
            relations=relations,
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
        after = _after(lists, request.args.get("after"))
        people = lists.people_of(number, search=search, after=after, begun=frame.begun)
        page, more = people[:PAGE], len(people) > PAGE
        pending = lists.pending_requests(number, frame.at)
        answerable = [each for each in pending if here.permits(Action.APPROVE_REQUEST, each)]
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
            requests=answerable,
            requesters=lists.names(each.requester for each in answerable),
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
            "rights": sorted({grant.right for grant in grants[person.id]}),
        }
        for person in people
    ]


def _nearest(relations: Iterable[WorkRelation], today: date) -> WorkRelation | None:
    ordered = sorted(relations, key=lambda each: each.period.first)
    running = [each for each in ordered if not_over(each.period, today)]
    return running[0] if running else (ordered[-1] if ordered else None)
