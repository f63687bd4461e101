"""The requests that wait for an answer in an enterprise: approve or refuse many of them at once."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.actions import Action
from accessmgr.core.days import THIRTY_DAYS, Period
from accessmgr.core.model import Request
from accessmgr.usecases.bulk import MOST
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.world import Look
from accessmgr.web.bulk_lines import Wish
from accessmgr.web.bulk_plan import Origin, Plan
from accessmgr.web.current import look, world
from accessmgr.web.format import language
from accessmgr.web.many_forms import AnswersForm
from accessmgr.web.users_area import Standing, answerable, bp, default_period, managed, not_over


@bp.get("/<enterprise:number>/requests/answer")
def answers(number: str) -> ResponseReturnValue:
    """The requests that wait and that the person may answer, the newest first, with a box to tick for each."""
    with look() as seen:
        here = managed(number)
        return _page(seen, here, AnswersForm(formdata=None))


@bp.post("/<enterprise:number>/requests/answer")
def answers_post(number: str) -> ResponseReturnValue:
    """Keep what is to be answered to the requests ticked."""
    form = AnswersForm()
    with look() as seen:
        here = managed(number)
        if not form.validate():
            return _page(seen, here, form), 422
        asked = [each for each in _waiting(seen, here, MOST) if each.id in form.request.data]
        proposed = _proposed(seen, here, asked)
    action, reason = Action(form.do.data), None
    wishes: Iterable[Wish] = _approved(form, proposed, here.facts.today)
    if action is Action.REFUSE_REQUEST:
        reason = form.reason.data.strip()
        wishes = (Wish(line, request=id_) for line, id_ in _lines(form))
    plan = Plan(action, number, tuple(wishes), Origin.TICKED, url_for("users.answers", number=number), reason)
    return redirect(url_for("users.bulk_check", number=number, draft=plan.keep()), code=303)


def _lines(form: AnswersForm) -> Iterator[tuple[int, str]]:
    """The requests ticked, each once and with its line."""
    return enumerate(dict.fromkeys(form.request.data), start=1)


def _approved(form: AnswersForm, proposed: Mapping[str, Period], today: date) -> Iterator[Wish]:
    """A line for each request, with the days given or else those proposed."""
    for line, id_ in _lines(form):
        first, last = form.within(proposed.get(id_, Period(today, today)))
        yield Wish(line, request=id_, first=first.isoformat(), last=last.isoformat() if last else None)


def _waiting(seen: Look, here: Standing, limit: int) -> list[Request]:
    """The newest requests that wait for an answer by the person."""
    number = here.facts.ask.enterprise or ""
    return seen.lists.requests_to_answer(number, here.facts.at, answerable(here), limit=limit)


def _proposed(seen: Look, here: Standing, waiting: Iterable[Request]) -> Mapping[str, Period]:
    """For each request the days that fit the work relation of who made it, whether it has begun or begins later."""
    facts, rights = here.facts, world().policy.rights
    asked = [each for each in waiting if each.right in rights]
    linked = seen.lists.relations_among(facts.ask.enterprise or "", {each.requester for each in asked})
    return {
        each.id: default_period(
            [relation for relation in linked if relation.person == each.requester], rights[each.right], facts.today
        )
        for each in asked
        if any(relation.person == each.requester and not_over(relation.period, facts.today) for relation in linked)
    }


def _page(seen: Look, here: Standing, form: AnswersForm) -> str:
    number, waiting = here.facts.ask.enterprise or "", _waiting(seen, here, PAGE + 1)
    shown = waiting[:PAGE]
    ticks_all = request.args.get("tick") == "page" and not form.is_submitted()
    return render_template(
        "users/answers.html",
        number=number,
        name=seen.lists.enterprise_names([number], language())[number],
        requests=[(each, each.made_at + THIRTY_DAYS) for each in shown],
        more=len(waiting) > len(shown),
        requesters=seen.lists.names(each.requester for each in shown),
        proposed=_proposed(seen, here, shown),
        form=form,
        ticked={each.id for each in shown} if ticks_all else set(form.request.data or ()),
    )
