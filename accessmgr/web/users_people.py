"""People of an enterprise: see one, end a work relation, reveal a number. `users_linking.py` links one."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.days import day
from accessmgr.core.model import WorkRelation
from accessmgr.usecases.world import Look
from accessmgr.web import drafts
from accessmgr.web.current import act, look, permitted, signed_in
from accessmgr.web.foreseen import foreseen_of
from accessmgr.web.format import language
from accessmgr.web.moment_asked import time_frame
from accessmgr.web.users_area import Standing, begun, bp, grant_state, not_over, standing
from accessmgr.web.users_forms import EndForm, ReasonForm
from accessmgr.web.users_many import ticking_of

END = "end relation"


# --- one person -------------------------------------------------------------------------------------------


@bp.get("/<enterprise:number>/people/<person>")
def person(number: str, person: str) -> ResponseReturnValue:
    """A person within an enterprise: work relations, rights, requests."""
    with look() as seen:
        here = standing(number)
        relations = seen.lists.work_relations(enterprise=number, person=person)
        grants = seen.lists.grants(enterprise=number, holder=person)
        requests = seen.lists.requests(enterprise=number, requester=person)
        themself = any(here.permits(Action.END_WORK_RELATION, each) for each in relations)
        if not (relations or grants or requests) or not (here.manages or themself):
            abort(404)
        frame = time_frame(here.facts.at)
        lists = frame.lists(seen)
        if not frame.is_now:
            relations = begun(lists.work_relations(enterprise=number, person=person), frame.begun)
            grants = begun(lists.grants(enterprise=number, holder=person), frame.begun)
            requests = lists.requests(enterprise=number, requester=person)
        national = seen.number_of(person)
        names = lists.names([person, *(each.by for each in relations), *(each.by for each in grants)])
        return render_template(
            "users/person.html",
            number=number,
            name=lists.enterprise_names([number], language())[number],
            person=names.get(person) or seen.lists.names([person])[person],
            makers=names,
            masked=national.masked if national else None,
            reveals=national is not None and here.reveals(person),
            stand=here,
            frame=frame,
            action=Action,
            relations=[(each, not_over(each.period, frame.day)) for each in relations],
            grants=[(each, grant_state(each, frame.at, frame.day)) for each in grants],
            many=ticking_of(here, grants) if frame.is_now else None,
            requests=[(each, state) for each in requests if (state := each.state(frame.at))],
        )


@bp.get("/people/<person>/number")
def number_(person: str) -> ResponseReturnValue:
    """Ask for a full national number."""
    if not permitted(Action.REVEAL_NUMBER, person=person, reason=True):
        abort(404)
    return _number_page(person, ReasonForm(formdata=None))


@bp.post("/people/<person>/number")
def reveal_number(person: str) -> ResponseReturnValue:
    """Show a full national number, once, on this page alone."""
    form = ReasonForm()
    if not form.validate():
        return _number_page(person, form), 422
    reason = (form.reason.data or "").strip()
    act(Action.REVEAL_NUMBER, person=person, reason=bool(reason), note=reason or None)
    with look() as seen:
        national = seen.number_of(person)
    return _number_page(person, form, shown=national.display if national else _("There is none."))


def _number_page(person: str, form: ReasonForm, shown: str | None = None) -> str:
    with look() as seen:
        return render_template(
            "users/number.html",
            person=seen.lists.names([person])[person],
            mine=person == signed_in().person,
            form=form,
            shown=shown,
        )


# --- end a work relation ----------------------------------------------------------------------------------


@bp.get("/relations/<relation>/end")
def end_relation(relation: str) -> ResponseReturnValue:
    """On which day a work relation is to end."""
    with look() as seen:
        found, here = _relation(seen, relation)
        return _end_page(seen, found, here, EndForm(formdata=None, data={"last": here.facts.today}))


@bp.post("/relations/<relation>/end")
def end_relation_post(relation: str) -> ResponseReturnValue:
    """Keep the day, and show what follows."""
    with look() as seen:
        found, here = _relation(seen, relation)
        form = EndForm()
        if not form.validate():
            return _end_page(seen, found, here, form), 422
    kept = drafts.put(END, {"relation": relation, "last": form.last.chosen.isoformat()})
    return redirect(url_for("users.end_relation_check", relation=relation, draft=kept), code=303)


@bp.get("/relations/<relation>/end/<draft>")
def end_relation_check(relation: str, draft: str) -> ResponseReturnValue:
    """What follows: who can no longer do what, and which rights end with the work relation."""
    with look() as seen:
        found, _here = _relation(seen, relation)
        last = day(str(drafts.get(END, draft)["last"]))
    follows = foreseen_of(found.enterprise, Action.END_WORK_RELATION, relation=relation, last_day=last)
    with look() as seen:
        return render_template(
            "users/end_relation_check.html",
            relation=found,
            ends=found.period.cut_to(last).last,
            follows=follows,
            draft=draft,
            **_shown(seen, found),
        )


@bp.post("/relations/<relation>/end/<draft>")
def end_relation_confirm(relation: str, draft: str) -> ResponseReturnValue:
    """End the work relation."""
    with drafts.once(END, draft) as answers:
        done = act(Action.END_WORK_RELATION, relation=relation, last_day=day(str(answers["last"])))
    ended = next(event.row for event in done.events if isinstance(event.row, WorkRelation))
    flash(_("The work relation ends. The rights that rested on it end no later."))
    return redirect(url_for("users.person", number=ended.enterprise, person=ended.person), code=303)


def _relation(seen: Look, id_: str) -> tuple[WorkRelation, Standing]:
    """A work relation that the person who is signed in may end, or an answer as if it did not exist."""
    found = next(iter(seen.lists.work_relations(id_=id_)), None)
    if found is None:
        abort(404)
    here = standing(found.enterprise)
    if not here.permits(Action.END_WORK_RELATION, found):
        abort(404)
    return found, here


def _end_page(seen: Look, found: WorkRelation, here: Standing, form: EndForm) -> str:
    held = seen.lists.grants(enterprise=found.enterprise, holder=found.person)
    resting = [
        grant
        for grant in held
        if grant.relation == found.id and not grant.revoked(here.facts.at) and not_over(grant.period, here.facts.today)
    ]
    return render_template("users/end_relation.html", relation=found, resting=resting, form=form, **_shown(seen, found))


def _shown(seen: Look, found: WorkRelation) -> dict[str, object]:
    return {
        "number": found.enterprise,
        "name": seen.lists.enterprise_names([found.enterprise], language())[found.enterprise],
        "person": seen.lists.names([found.person])[found.person],
    }
