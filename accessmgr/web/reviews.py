"""Reviews of an enterprise: their list, and a new one in steps."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.days import day
from accessmgr.usecases.reviews import Wanted, chosen, open_review
from accessmgr.web import drafts, reviews_answers, reviews_campaign
from accessmgr.web.current import look, product, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.reviews_area import bp, progress_of
from accessmgr.web.reviews_forms import ALL, END, KEEP, SAMPLE, NewReviewForm
from accessmgr.web.users_area import managed

__all__ = ["bp", "reviews_answers", "reviews_campaign"]

NEW = "review"
FIRST_FEW = 5
A_MONTH = timedelta(days=30)
"""How long managers usually have."""


@bp.get("/")
def index(number: str) -> ResponseReturnValue:
    """The reviews of an enterprise, the newest first."""
    with look() as seen:
        here = managed(number)
        found = progress_of(product().reviews.of(number), here.facts.today)
        name = seen.lists.enterprise_names([number], language())[number]
    return render_template("reviews/index.html", number=number, name=name, found=found, today=here.facts.today)


@bp.get("/new")
def new(number: str) -> ResponseReturnValue:
    """What to review, until when, and what happens to what nobody confirms; a draft in the address goes on."""
    here, draft = managed(number), request.args.get("draft")
    usual = {"scope": ALL, "last": here.facts.today + A_MONTH}
    return _new_page(number, NewReviewForm(formdata=None, data=_typed(drafts.get(NEW, draft)) if draft else usual))


@bp.post("/new")
def new_post(number: str) -> ResponseReturnValue:
    """Keep the answers, and let them be checked."""
    here = managed(number)
    form = NewReviewForm()
    if not form.checked(here.facts.today):
        return _new_page(number, form), 422
    wanted = form.wanted(number)
    answers: drafts.Fields = {
        "number": number,
        "last": wanted.last_day.isoformat(),
        "ends": wanted.ends,
        "sample": str(wanted.sample) if wanted.sample else None,
    }
    return redirect(url_for(".check", number=number, draft=drafts.put(NEW, answers)), code=303)


@bp.get("/new/<draft>")
def check(number: str, draft: str) -> ResponseReturnValue:
    """Check your answers: how many rights it would be, and which come first."""
    with look() as seen:
        here = managed(number)
        wanted = _wanted(number, drafts.get(NEW, draft))
        found = chosen(seen, product().reviews, wanted, here.facts.at)
        return render_template(
            "reviews/check.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            wanted=wanted,
            draft=draft,
            count=len(found),
            unused=sum(used is None for _grant, used in found),
            first=found[:FIRST_FEW],
            people=seen.lists.names(grant.holder for grant, _used in found[:FIRST_FEW]),
        )


@bp.post("/new/<draft>")
def confirm(number: str, draft: str) -> ResponseReturnValue:
    """Open the review."""
    managed(number)
    with drafts.once(NEW, draft) as answers:
        wanted, who = _wanted(number, answers), signed_in()
        try:
            opened = open_review(world(), product().reviews, wanted, who.person, who.key.level)
        except ValueError:
            flash(_("The last day is over meanwhile. Choose another one."), "bad")
            return redirect(url_for(".new", number=number), code=303)
    if opened is None:
        flash(_("Nobody holds a right here at present, so there is nothing to review."), "bad")
        return redirect(url_for(".index", number=number), code=303)
    flash(_("The review is open. Those who can answer are told."))
    return redirect(url_for(".review", number=number, review_id=opened.id), code=303)


def _new_page(number: str, form: NewReviewForm) -> str:
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
    return render_template("reviews/new.html", number=number, name=name, form=form)


def _wanted(number: str, answers: drafts.Fields) -> Wanted:
    if answers["number"] != number:
        raise LookupError("the answers are about another enterprise")
    sample = answers["sample"]
    return Wanted(number, day(str(answers["last"])), bool(answers["ends"]), int(str(sample)) if sample else None)


def _typed(answers: drafts.Fields) -> dict[str, object]:
    """The answers as the form takes them."""
    return {
        "scope": SAMPLE if answers["sample"] else ALL,
        "number": int(str(answers["sample"])) if answers["sample"] else None,
        "last": day(str(answers["last"])),
        "unanswered": END if answers["ends"] else KEEP,
    }
