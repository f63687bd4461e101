"""Answering in a review, one right after the other: each answer leads to the next right that waits."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.decide import Decision, Rule
from accessmgr.core.rules import RULES
from accessmgr.usecases.perform import Done
from accessmgr.usecases.reviews import ANSWERS, Item, Outcome, Reply, Review, Settled, reply
from accessmgr.usecases.world import Look
from accessmgr.web.current import consider, look, product, signed_in, world
from accessmgr.web.foreseen import foreseen_of
from accessmgr.web.format import day as day_text
from accessmgr.web.reviews_area import bp, of_managed, progress_of, shown
from accessmgr.web.reviews_forms import ReplyForm
from accessmgr.web.users_area import Standing, worth_offering


@bp.get("/<review_id>/next")
def following(number: str, review_id: str) -> ResponseReturnValue:
    """Go to the first right that waits for this person."""
    here, found = of_managed(number, review_id)
    return _onwards(here, found)


@bp.get("/<review_id>/grants/<grant>")
def one(number: str, review_id: str, grant: str) -> ResponseReturnValue:
    """One right of the review, and what can be answered for it."""
    with look() as seen:
        here, found, item = _item(number, review_id, grant)
        return _one_page(seen, here, found, item, _reply_form(item))


@bp.get("/<review_id>/grants/<grant>/end")
def end(number: str, review_id: str, grant: str) -> ResponseReturnValue:
    """What follows if the right ends, before it does."""
    with look() as seen:
        here, found, item = _item(number, review_id, grant)
        if item.standing(here.facts.today) is not Outcome.OPEN or not found.takes_answers(here.facts.today):
            return redirect(url_for(".one", number=number, review_id=review_id, grant=grant), code=303)
    follows = foreseen_of(number, Action.REVOKE_GRANT, grant=grant, reason=True)
    with look() as seen:
        return render_template(
            "reviews/end.html", item=item, form=_reply_form(item), follows=follows, **shown(seen, found, [item])
        )


@bp.post("/<review_id>/grants/<grant>")
def one_post(number: str, review_id: str, grant: str) -> ResponseReturnValue:
    """Answer for one right, and go on to the next that waits."""
    with look() as seen:
        here, found, item = _item(number, review_id, grant)
        form, answer = ReplyForm(), request.form.get("answer", "")
        if answer not in ANSWERS:
            abort(404)
        if not form.validate() or (answer == Outcome.CHANGED and form.last.data is None):
            form.last.errors = form.last.errors or [_("Give the new last day.")]
            return _one_page(seen, here, found, item, form), 422
        name = seen.lists.names([item.grant.holder])[item.grant.holder].name
    if form.was.data != _last(item):
        flash(_("The right has another last day meanwhile. Look again before you answer."), "wait")
        return redirect(url_for(".one", number=number, review_id=review_id, grant=grant), code=303)
    who, note = signed_in(), (form.reason.data or "").strip() or None
    given = Reply(Outcome(answer), who.person, who.key.level, form.last.data, note)
    try:
        done = reply(world(), product().reviews, review_id, grant, given).or_refuse()
    except Settled:
        flash(_("Somebody answered for this right meanwhile, or the review is over."), "wait")
    else:
        flash(_said(given.answer, name, done))
    return _onwards(here, found, after=item.position)


def _said(answer: Outcome, name: str, done: Done) -> str:
    last = done.facts.ask.last_day
    match answer:
        case Outcome.CONFIRMED:
            return _("Confirmed: %(name)s keeps the right.", name=name)
        case Outcome.CHANGED:
            return _("The right of %(name)s now lasts until %(day)s.", name=name, day=day_text(last))
    return _("The right of %(name)s has ended.", name=name)


def _onwards(here: Standing, found: Review, after: int = -1) -> ResponseReturnValue:
    """Go to the next right that waits for this person, after a position or from the beginning, or to the review."""
    today, rights = here.facts.today, here.grantable
    for start in (after, -1):
        some = product().reviews.items(found.id, today, {Outcome.OPEN}, rights=rights, after=start, limit=1)
        if some and found.takes_answers(today):
            path = url_for(".one", number=found.enterprise, review_id=found.id, grant=some[0].grant.id)
            return redirect(path, code=303)
    return redirect(url_for(".review", number=found.enterprise, review_id=found.id), code=303)


def _one_page(seen: Look, here: Standing, found: Review, item: Item, form: ReplyForm) -> str:
    today, last = here.facts.today, item.grant.period.last
    keeps = consider(Action.EXTEND_GRANT, grant=item.grant.id, last_day=last).decision
    ends = consider(Action.REVOKE_GRANT, grant=item.grant.id, reason=True).decision
    [progress] = progress_of([found], today)
    return render_template(
        "reviews/one.html",
        item=item,
        form=form,
        progress=progress,
        is_open=item.standing(today) is Outcome.OPEN and found.takes_answers(today),
        keeps=keeps,
        ends=ends,
        why=_why(keeps),
        today=today,
        **shown(seen, found, [item]),
    )


def _why(decision: Decision) -> list[Rule]:
    """The rules by which it is refused whatever the digital key; none if it is not."""
    return [] if worth_offering(decision) else [RULES[id_] for id_ in decision.because]


# --- what the views share ---------------------------------------------------------------------------------


def _item(number: str, review_id: str, grant: str) -> tuple[Standing, Review, Item]:
    here, found = of_managed(number, review_id)
    item = product().reviews.item(review_id, grant)
    return (here, found, item) if item is not None else abort(404)


def _reply_form(item: Item) -> ReplyForm:
    return ReplyForm(formdata=None, data={"was": _last(item)})


def _last(item: Item) -> str:
    last = item.grant.period.last
    return last.isoformat() if last else ""
