"""Many rights at once: a file or pasted lines, what would come of each line, and what came of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from accessmgr.core.actions import Action
from accessmgr.core.days import Period, day
from accessmgr.core.model import Grant
from accessmgr.core.rules import RULES
from accessmgr.usecases.bulk import ACTIONS, MOST, Line, Outcome, consider_many, perform_many
from accessmgr.usecases.finding import find_linked
from accessmgr.usecases.lists import Named
from accessmgr.usecases.world import Look
from accessmgr.web import drafts
from accessmgr.web.bulk_file import HEADINGS, LARGEST, Column, Mistake, Unreadable
from accessmgr.web.bulk_forms import BulkConfirmForm, BulkForm
from accessmgr.web.bulk_lines import NEEDED, WHO, Wish, read_wishes
from accessmgr.web.current import ask, look, product, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.naming import OUTCOMES
from accessmgr.web.sheets import Table, csv_lines
from accessmgr.web.users_area import Standing, bp, managed, not_over

BULK, RESULT = "bulk", "bulk result"
LARGEST_REQUEST = 2 * LARGEST + 64 * 1024
"""Bytes of the largest form: a file and pasted lines, each of the largest size, and what a browser puts around them."""


@dataclass(frozen=True)
class ShownLine:
    """A line with what came or would come of it; people by id."""

    line: int
    outcome: Outcome
    rules: tuple[str, ...] = ()
    sequence: int | None = None
    person: str | None = None
    right: str | None = None
    contexts: tuple[str, ...] = ()
    period: Period | None = None


def init_app(app: Flask) -> None:
    """Let this form be larger than others; before anything reads what is sent."""

    @app.before_request
    def larger() -> None:
        if request.endpoint == "users.bulk_post":
            request.max_content_length = LARGEST_REQUEST


# --- what is asked ----------------------------------------------------------------------------------------


@bp.get("/<enterprise:number>/bulk")
def bulk(number: str) -> ResponseReturnValue:
    """What to do with many rights, and where its lines come from."""
    managed(number)
    return _page(number, BulkForm(formdata=None, data={"action": request.args.get("action")}))


@bp.post("/<enterprise:number>/bulk")
def bulk_post(number: str) -> ResponseReturnValue:
    """Read the lines, and keep what they ask for; nothing of them if anything is wrong."""
    managed(number)
    form = BulkForm()
    if not form.validate():
        return _page(number, form), 422
    action = Action(form.action.data)
    try:
        wishes = read_wishes(
            form.content, action, _rights(), lambda who: find_linked(world(), signed_in().person, number, who)
        )
    except Unreadable as unreadable:
        return _page(number, form, unreadable.mistakes), 422
    kept = drafts.put(BULK, {"action": action, "number": number, "lines": json.dumps([each.kept() for each in wishes])})
    return redirect(url_for("users.bulk_check", number=number, draft=kept), code=303)


@bp.get("/<enterprise:number>/bulk/lines/<action>.csv")
def bulk_template(number: str, action: str) -> ResponseReturnValue:
    """A file to fill in: the names of the columns, and for an extension or a revocation the rights that there are."""
    if action not in ACTIONS:
        abort(404)
    wanted = Action(action)
    columns = (*WHO[:3], *NEEDED[wanted]) if wanted is Action.GRANT_RIGHT else _COLUMNS_OF_HELD
    with look() as seen:
        here = managed(number)
        rows = () if wanted is Action.GRANT_RIGHT else list(_held(seen, here, wanted))
    head = tuple(HEADINGS[column][language()] for column in columns)
    return _file(Table(head, rows), f"{action}.csv")


_COLUMNS_OF_HELD = (Column.GRANT, Column.GIVEN, Column.FAMILY, Column.RIGHT, Column.CONTEXTS, Column.FIRST, Column.LAST)


def _held(seen: Look, here: Standing, action: Action) -> Iterator[tuple[str, ...]]:
    """The rights that are not over and that the person may extend or revoke."""
    grants = seen.lists.grants(enterprise=here.facts.ask.enterprise, limit=2 * MOST)
    held = [
        each
        for each in grants
        if not each.revoked(here.facts.at) and not_over(each.period, here.facts.today) and here.permits(action, each)
    ]
    names = seen.lists.names(each.holder for each in held)
    for each in held[:MOST]:
        yield (each.id, *_cells(names[each.holder], each))


def _cells(named: Named, grant: Grant) -> tuple[str, ...]:
    last = grant.period.last.isoformat() if grant.period.last else ""
    return (named.given, named.family, grant.right, "|".join(grant.contexts), grant.period.first.isoformat(), last)


def _rights() -> dict[str, str]:
    """The codes of the rights, by code and by every name that they have."""
    names = {name: code for code, by_language in product().right_names.items() for name in by_language.values()}
    return {**names, **{code: code for code in world().policy.rights}}


def _page(number: str, form: BulkForm, mistakes: Sequence[Mistake] = ()) -> str:
    with look() as seen:
        return render_template(
            "users/bulk.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            form=form,
            mistakes=mistakes,
            headings={column: by_language[language()] for column, by_language in HEADINGS.items()},
            most=MOST,
            largest=LARGEST // 1024,
        )


# --- what would come of it --------------------------------------------------------------------------------


@bp.get("/<enterprise:number>/bulk/<draft>")
def bulk_check(number: str, draft: str) -> ResponseReturnValue:
    """What would come of each line, decided by doing it and undoing it again."""
    managed(number)
    return _check_page(number, draft, BulkConfirmForm(formdata=None, data={"mode": "all"}))


@bp.post("/<enterprise:number>/bulk/<draft>")
def bulk_confirm(number: str, draft: str) -> ResponseReturnValue:
    """Do it."""
    managed(number)
    form = BulkConfirmForm()
    if not form.validate():
        return _check_page(number, draft, form), 422
    with drafts.once(BULK, draft) as answers:
        action, wishes = _wishes(number, answers)
        lines = perform_many(
            world(), _asks(number, action, wishes), all_or_nothing=form.mode.data == "all", enterprise=number
        )
    shown = [_shown(*pair) for pair in zip(wishes, lines, strict=True)]
    done = sum(each.outcome is Outcome.DONE for each in shown)
    flash(ngettext("%(num)d line was done.", "%(num)d lines were done.", done))
    kept = drafts.put(RESULT, {"action": action, "number": number, "lines": json.dumps([*map(_kept, shown)])})
    return redirect(url_for("users.bulk_result", number=number, draft=kept), code=303)


def _wishes(number: str, answers: drafts.Fields) -> tuple[Action, list[Wish]]:
    if answers["number"] != number:
        abort(409)
    return Action(str(answers["action"])), [Wish.of_kept(each) for each in json.loads(str(answers["lines"]))]


def _asks(number: str, action: Action, wishes: Iterable[Wish]) -> list[Any]:
    who = ask(action)
    return [wish.ask(action, who.actor, who.level, number) for wish in wishes]


def _check_page(number: str, draft: str, form: BulkConfirmForm) -> str:
    action, wishes = _wishes(number, drafts.get(BULK, draft))
    lines = consider_many(world(), _asks(number, action, wishes), enterprise=number)
    shown = [_shown(*pair) for pair in zip(wishes, lines, strict=True)]
    return _lines_page("users/bulk_check.html", number, action, shown, form=form, draft=draft)


def _shown(wish: Wish, line: Line) -> ShownLine:
    """A line with what the decision was about; without one, with what it asked for."""
    if line.done is None:
        asked_for = Period(day(wish.first), day(wish.last)) if wish.first and wish.last else None
        return ShownLine(wish.line, line.outcome, (), None, wish.person, wish.right, wish.contexts, asked_for)
    facts = line.done.facts
    return ShownLine(
        wish.line,
        line.outcome,
        tuple(finding.rule.id for finding in line.done.told),
        line.sequence,
        facts.concerned.id if facts.concerned else None,
        facts.right.code if facts.right else None,
        facts.contexts,
        facts.grant_period or (facts.grant.period if facts.grant else None),
    )


# --- what came of it --------------------------------------------------------------------------------------


@bp.get("/<enterprise:number>/bulk/results/<draft>")
def bulk_result(number: str, draft: str) -> ResponseReturnValue:
    """What came of each line."""
    managed(number)
    action, shown = _result(number, draft)
    return _lines_page("users/bulk_result.html", number, action, shown, draft=draft)


@bp.get("/<enterprise:number>/bulk/results/<draft>.csv")
def bulk_result_file(number: str, draft: str) -> ResponseReturnValue:
    """What came of each line, as a file."""
    managed(number)
    _action, shown = _result(number, draft)
    with look() as seen:
        people = {each.person for each in shown if each.person}
        names = seen.lists.names(people)
        masked = {person: national.masked for person, national in seen.numbers_of(people).items()}
    head = (
        _("Line"),
        _("Person"),
        _("National number"),
        _("Right"),
        _("Contexts"),
        _("What came of it"),
        _("Rules"),
        _("Entry in the history"),
    )
    rows = [
        (
            each.line,
            names[each.person].name if each.person in names else "",
            masked.get(each.person or "", ""),
            each.right or "",
            "|".join(each.contexts),
            str(OUTCOMES[each.outcome]),
            " ".join(each.rules),
            "" if each.sequence is None else each.sequence,
        )
        for each in shown
    ]
    return _file(Table(head, rows), "result.csv")


def _result(number: str, draft: str) -> tuple[Action, list[ShownLine]]:
    answers = drafts.get(RESULT, draft)
    if answers["number"] != number:
        abort(409)
    return Action(str(answers["action"])), [_of_kept(each) for each in json.loads(str(answers["lines"]))]


def _kept(shown: ShownLine) -> dict[str, Any]:
    period = [each.isoformat() if each else None for each in _ends(shown.period)] if shown.period else None
    return {**vars(shown), "period": period}


def _ends(period: Period) -> tuple[Any, Any]:
    return period.first, period.last


def _of_kept(kept: Mapping[str, Any]) -> ShownLine:
    ends = [day(each) if each else None for each in kept["period"] or ()]
    period = Period(ends[0], ends[1]) if ends and ends[0] else None
    lists = {name: tuple(kept[name]) for name in ("rules", "contexts")}
    return ShownLine(**{**kept, **lists, "outcome": Outcome(kept["outcome"]), "period": period})


# --- what the pages share ---------------------------------------------------------------------------------


def _lines_page(template: str, number: str, action: Action, shown: Sequence[ShownLine], **more: Any) -> str:
    refusing = dict.fromkeys(rule for each in shown if each.outcome is Outcome.REFUSED for rule in each.rules)
    with look() as seen:
        return render_template(
            template,
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            action=action,
            lines=shown,
            people=seen.lists.names(each.person for each in shown),
            allowed=sum(each.outcome is Outcome.DONE for each in shown),
            refusing=[RULES[rule] for rule in refusing],
            **more,
        )


def _file(table: Table, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(b"".join(csv_lines(table)), content_type="text/csv; charset=utf-8", headers=headers)
