"""Rights of a person in an enterprise: extend, revoke or renounce. `users_granting.py` grants them."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.model import Grant
from accessmgr.usecases.lists import Named
from accessmgr.usecases.world import Look
from accessmgr.web.current import act, look, signed_in, world
from accessmgr.web.foreseen import Foreseen, foreseen_of
from accessmgr.web.format import day as day_text
from accessmgr.web.format import language
from accessmgr.web.users_area import Standing, bp, standing
from accessmgr.web.users_forms import ExtendForm, ReasonForm

# --- extend, revoke ---------------------------------------------------------------------------------------


@bp.get("/grants/<grant>/extend")
def extend(grant: str) -> ResponseReturnValue:
    """Until which day the right is to last."""
    with look() as seen:
        found, here = _grant(seen, grant, Action.EXTEND_GRANT)
        last = _furthest(seen, found, here)
        form = ExtendForm(formdata=None, data={"last": last, "was": _last(found)})
        return _extend_page(seen, found, here, form)


@bp.post("/grants/<grant>/extend")
def extend_post(grant: str) -> ResponseReturnValue:
    """Give the right another last day, unless somebody did so meanwhile; what an earlier one does is shown first."""
    with look() as seen:
        found, here = _grant(seen, grant, Action.EXTEND_GRANT)
        form = ExtendForm()
        if not form.validate():
            return _extend_page(seen, found, here, form), 422
        if form.was.data != _last(found):
            abort(409)
    if form.shortens and not form.is_checked:
        follows = foreseen_of(found.enterprise, Action.EXTEND_GRANT, grant=grant, last_day=form.last.chosen)
        if follows is None or follows.refused is None:
            form.checked.data = form.last.chosen.isoformat()
            with look() as seen:
                return _extend_page(seen, found, here, form, follows=follows)
    act(Action.EXTEND_GRANT, grant=grant, last_day=form.last.data)
    flash(_("The right now lasts until %(day)s.", day=day_text(form.last.data)))
    return redirect(url_for("users.person", number=found.enterprise, person=found.holder), code=303)


@bp.get("/grants/<grant>/revoke")
def revoke(grant: str) -> ResponseReturnValue:
    """Whether the right is really to be revoked, or renounced, and why; with what follows."""
    with look() as seen:
        found, _here = _grant(seen, grant, Action.REVOKE_GRANT)
    return _revoke_page(found, ReasonForm(formdata=None))


@bp.post("/grants/<grant>/revoke")
def revoke_post(grant: str) -> ResponseReturnValue:
    """Revoke the right from this moment on."""
    with look() as seen:
        found, here = _grant(seen, grant, Action.REVOKE_GRANT)
        manages = here.manages
    form = ReasonForm()
    if not form.validate():
        return _revoke_page(found, form), 422
    reason = (form.reason.data or "").strip()
    act(Action.REVOKE_GRANT, grant=grant, reason=bool(reason), note=reason or None)
    flash(_("The right is revoked from this moment on."))
    person = url_for("users.person", number=found.enterprise, person=found.holder)
    return redirect(person if manages else url_for("users.home"), code=303)


# --- what the views share ---------------------------------------------------------------------------------


def _grant(seen: Look, id_: str, action: Action) -> tuple[Grant, Standing]:
    """A grant on which some permit of the action holds, or an answer as if it did not exist."""
    found = next(iter(seen.lists.grants(id_=id_)), None)
    if found is None:
        abort(404)
    here = standing(found.enterprise)
    if not here.permits(action, found):
        abort(404)
    return found, here


def _extend_page(seen: Look, found: Grant, here: Standing, form: ExtendForm, *, follows: Foreseen | None = None) -> str:
    right = world().policy.rights[found.right]
    named = seen.lists.names([found.holder])[found.holder]
    latest = max(found.period.first, here.facts.today) + timedelta(days=right.max_days)
    return render_template(
        "users/extend.html",
        grant=found,
        right=right,
        form=form,
        latest=latest,
        follows=follows,
        **_shown(seen, found.enterprise, named),
    )


def _revoke_page(found: Grant, form: ReasonForm) -> str:
    follows = foreseen_of(found.enterprise, Action.REVOKE_GRANT, grant=found.id, reason=True)
    with look() as seen:
        named = seen.lists.names([found.holder])[found.holder]
        return render_template(
            "users/revoke.html",
            grant=found,
            right=world().policy.rights[found.right],
            mine=found.holder == signed_in().person,
            form=form,
            follows=follows,
            **_shown(seen, found.enterprise, named),
        )


def _shown(seen: Look, number: str, named: Named) -> dict[str, object]:
    name = seen.lists.enterprise_names([number], language())[number]
    return {"number": number, "name": name, "person": named}


def _furthest(seen: Look, found: Grant, here: Standing) -> object:
    """The last day that the longest period and the work relation leave open."""
    right = world().policy.rights[found.right]
    latest = max(found.period.first, here.facts.today) + timedelta(days=right.max_days)
    relations = seen.lists.work_relations(enterprise=found.enterprise, person=found.holder)
    around = [each.period for each in relations if each.period.has(found.period.first)]
    return around[0].cut_to(latest).last if around else latest


def _last(found: Grant) -> str:
    return found.period.last.isoformat() if found.period.last else ""
