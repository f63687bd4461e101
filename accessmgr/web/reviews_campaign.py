"""One review with what waits and what was answered; and answers for many rights at once, by ticking them."""

from collections.abc import Sequence
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from accessmgr.core.days import day
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.perform import Done
from accessmgr.usecases.reviews import ANSWERS, Outcome, Reply, reply_to_many
from accessmgr.web import drafts
from accessmgr.web.current import look, product, signed_in, world
from accessmgr.web.reviews_area import bp, of_managed, position_in_address, progress_of, shown
from accessmgr.web.reviews_forms import OtherDayForm

MANY = "review answers"
SHOWN = {"open": {Outcome.OPEN}, "answered": set(Outcome) - {Outcome.OPEN}, "all": set(Outcome)}
"""Which grants a list shows, by the word in its address."""


@bp.get("/<review_id>")
def review(number: str, review_id: str) -> ResponseReturnValue:
    """How far a review is, and a page of its rights: those that wait, those answered, or all."""
    return campaign_page(number, review_id)


def campaign_page(
    number: str, review_id: str, form: OtherDayForm | None = None, ticked: frozenset[str] = frozenset()
) -> str:
    """The page of a review; `ticked` are the grants whose boxes stay ticked."""
    with look() as seen:
        here, found = of_managed(number, review_id)
        [progress] = progress_of([found], here.facts.today)
        takes = found.takes_answers(here.facts.today)
        show = request.args.get("show", "open" if takes and progress.open else "all")
        only = SHOWN.get(show, SHOWN["all"])
        items = product().reviews.items(
            found.id,
            here.facts.today,
            None if show == "all" else only,
            after=position_in_address(),
            limit=PAGE + 1,
        )
        page, more = items[:PAGE], len(items) > PAGE
        waits = [each for each in page if takes and each.standing(here.facts.today) is Outcome.OPEN]
        mine = here.grantable
        ticks = frozenset(each.grant.id for each in waits if each.grant.right in mine)
        return render_template(
            "reviews/review.html",
            progress=progress,
            takes=takes,
            show=show,
            items=page,
            next=page[-1].position if more else None,
            today=here.facts.today,
            mine=mine,
            form=form or OtherDayForm(formdata=None),
            ticks=ticks,
            ticked=ticks if request.args.get("tick") == "page" else ticked,
            **shown(seen, found, page),
        )


@bp.post("/<review_id>")
def many(number: str, review_id: str) -> ResponseReturnValue:
    """Confirm what is ticked; what changes rights is shown once more first."""
    here, found = of_managed(number, review_id)
    answer, ticked = request.form.get("answer", ""), list(dict.fromkeys(request.form.getlist("grant")))[:PAGE]
    if answer not in ANSWERS or not found.takes_answers(here.facts.today):
        abort(409 if answer in ANSWERS else 404)
    if not ticked:
        flash(_("Tick at least one right first."), "bad")
        return campaign_page(number, review_id), 422
    form = OtherDayForm()
    if answer == Outcome.CHANGED and not form.validate():
        return campaign_page(number, review_id, form, frozenset(ticked)), 422
    if answer == Outcome.CONFIRMED:
        return _tell(number, review_id, _answer_many(review_id, ticked, Outcome.CONFIRMED, None))
    last = form.last.chosen.isoformat() if answer == Outcome.CHANGED else None
    kept = drafts.put(MANY, {"review": review_id, "answer": answer, "grants": ticked, "last": last})
    return redirect(url_for(".many_check", number=number, review_id=review_id, draft=kept), code=303)


@bp.get("/<review_id>/many/<draft>")
def many_check(number: str, review_id: str, draft: str) -> ResponseReturnValue:
    """Check what is to be ended, or to have another last day."""
    with look() as seen:
        here, found = of_managed(number, review_id)
        answers = drafts.get(MANY, draft)
        if answers["review"] != review_id:
            abort(409)
        wanted = frozenset(_grants(answers))
        every = product().reviews.items(review_id, here.facts.today, {Outcome.OPEN})
        items = [each for each in every if each.grant.id in wanted]
        return render_template(
            "reviews/many.html",
            items=items,
            gone=len(wanted) - len(items),
            answer=Outcome(str(answers["answer"])),
            last=day(str(answers["last"])) if answers["last"] else None,
            draft=draft,
            today=here.facts.today,
            **shown(seen, found, items),
        )


@bp.post("/<review_id>/many/<draft>")
def many_confirm(number: str, review_id: str, draft: str) -> ResponseReturnValue:
    """Do it, each right by itself."""
    of_managed(number, review_id)
    with drafts.once(MANY, draft) as answers:
        if answers["review"] != review_id:
            abort(409)
        last = day(str(answers["last"])) if answers["last"] else None
        told = _answer_many(review_id, _grants(answers), Outcome(str(answers["answer"])), last)
    return _tell(number, review_id, told)


def _answer_many(
    review_id: str, grants: Sequence[str], answer: Outcome, last: date | None
) -> list[tuple[str, Done | None]]:
    who = signed_in()
    given = Reply(answer, who.person, who.key.level, last)
    return reply_to_many(world(), product().reviews, review_id, grants, given)


def _tell(number: str, review_id: str, told: list[tuple[str, Done | None]]) -> ResponseReturnValue:
    """Say what came of many answers, and go back to what waits."""
    done = [each for _grant, each in told if each is not None]
    allowed, gone = sum(each.decision.allowed for each in done), len(told) - len(done)
    refused = sorted({rule for each in done if not each.decision.allowed for rule in each.decision.because})
    if allowed:
        flash(ngettext("One right is answered for.", "%(num)d rights are answered for.", allowed))
    if refused:
        count = len(done) - allowed
        text = ngettext(
            "One right still waits: the rules refuse it", "%(num)d rights still wait: the rules refuse it", count
        )
        flash(f"{text} ({', '.join(refused)}). {_('Open it to see why.')}", "bad")
    if gone:
        flash(ngettext("One was answered for meanwhile.", "%(num)d were answered for meanwhile.", gone), "wait")
    return redirect(url_for(".review", number=number, review_id=review_id), code=303)


def _grants(answers: drafts.Fields) -> list[str]:
    kept = answers["grants"]
    return kept if isinstance(kept, list) else []
