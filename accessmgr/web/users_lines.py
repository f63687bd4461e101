"""Many lines at once, wherever they come from: what would come of each, and after the confirmation what came of it."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from accessmgr.core.actions import Action
from accessmgr.core.rules import RULES
from accessmgr.usecases.bulk import Line, Outcome, consider_many, perform_many
from accessmgr.usecases.hypothetical import DoingEach
from accessmgr.web import drafts
from accessmgr.web.bulk_forms import BulkConfirmForm
from accessmgr.web.bulk_plan import BULK, Origin, Plan, plan_of
from accessmgr.web.bulk_shown import ShownLine, as_table, kept, of_kept, shown_lines
from accessmgr.web.current import look, permitted, world
from accessmgr.web.foreseen import Foreseen, foreseen
from accessmgr.web.format import language
from accessmgr.web.sheets import Table, csv_lines
from accessmgr.web.users_area import bp, managed

RESULT = "bulk result"
MOST_FORESEEN = 100
"""Of so many lines at most a page tells who loses what; of more, each line tells it by itself."""

TAKES_AWAY = (Action.EXTEND_GRANT, Action.REVOKE_GRANT)


@bp.get("/<enterprise:number>/bulk/<draft>")
def bulk_check(number: str, draft: str) -> ResponseReturnValue:
    """What would come of each line, decided by doing it and undoing it again."""
    managed(number)
    return _check_page(number, draft)


@bp.post("/<enterprise:number>/bulk/<draft>")
def bulk_confirm(number: str, draft: str) -> ResponseReturnValue:
    """Do it."""
    managed(number)
    form = BulkConfirmForm()
    if not form.validate():
        return _check_page(number, draft, form), 422
    with drafts.once(BULK, draft) as answers:
        plan = plan_of(number, answers)
        all_or_nothing = form.mode.data == "all"
        lines = perform_many(world(), plan.asks, all_or_nothing=all_or_nothing, enterprise=number, note=plan.reason)
    shown = shown_lines(plan.wishes, lines)
    done = sum(each.outcome is Outcome.DONE for each in shown)
    flash(ngettext("%(num)d line was done.", "%(num)d lines were done.", done))
    result = {"action": plan.action, "number": number, "lines": kept(shown), "origin": plan.origin, "back": plan.back}
    return redirect(url_for("users.bulk_result", number=number, draft=drafts.put(RESULT, result)), code=303)


@bp.get("/<enterprise:number>/bulk/results/<draft>")
def bulk_result(number: str, draft: str) -> ResponseReturnValue:
    """What came of each line."""
    managed(number)
    answers, shown = _result(number, draft)
    return _lines_page(
        "users/bulk_result.html",
        number,
        shown,
        draft=draft,
        action=Action(str(answers["action"])),
        origin=Origin(str(answers["origin"])),
        back=answers["back"],
        reads_history=permitted(Action.READ_HISTORY, enterprise=number),
    )


@bp.get("/<enterprise:number>/bulk/results/<draft>.csv")
def bulk_result_file(number: str, draft: str) -> ResponseReturnValue:
    """What came of each line, as a file."""
    managed(number)
    _answers, shown = _result(number, draft)
    people = {each.person for each in shown if each.person}
    with look() as seen:
        return csv_answer(as_table(shown, seen.lists.names(people), seen.numbers_of(people)), "result.csv")


def csv_answer(table: Table, name: str) -> Response:
    """A table to take away."""
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(b"".join(csv_lines(table)), content_type="text/csv; charset=utf-8", headers=headers)


def _check_page(number: str, draft: str, form: BulkConfirmForm | None = None) -> str:
    plan = plan_of(number, drafts.get(BULK, draft))
    lines = consider_many(world(), plan.asks, enterprise=number)
    usual = "all" if plan.origin is Origin.FILE else "each"
    return _lines_page(
        "users/bulk_check.html",
        number,
        shown_lines(plan.wishes, lines),
        action=plan.action,
        origin=plan.origin,
        back=plan.back,
        reason=plan.reason,
        form=form or BulkConfirmForm(formdata=None, data={"mode": usual}),
        draft=draft,
        takes_away=plan.action in TAKES_AWAY,
        follows=_follows(plan, lines),
        most=MOST_FORESEEN,
    )


def _follows(plan: Plan, lines: Sequence[Line]) -> Foreseen | None:
    """Who would lose or gain what if the lines were done that can be; None if that cannot be worked out."""
    doing = [asked for asked, line in zip(plan.asks, lines, strict=True) if line.outcome is Outcome.DONE]
    if plan.action not in TAKES_AWAY or not 0 < len(doing) <= MOST_FORESEEN:
        return None
    return foreseen(plan.number, DoingEach(tuple(doing)))


def _result(number: str, draft: str) -> tuple[drafts.Fields, list[ShownLine]]:
    answers = drafts.get(RESULT, draft)
    if answers["number"] != number:
        abort(409)
    return answers, of_kept(str(answers["lines"]))


def _lines_page(template: str, number: str, shown: Sequence[ShownLine], **more: Any) -> str:
    refusing = dict.fromkeys(rule for each in shown if each.outcome is Outcome.REFUSED for rule in each.rules)
    with look() as seen:
        return render_template(
            template,
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            lines=shown,
            people=seen.lists.names(each.person for each in shown),
            allowed=sum(each.outcome is Outcome.DONE for each in shown),
            refusing=[RULES[rule] for rule in refusing],
            **more,
        )
