"""Many rights at once from a file or pasted lines: what is asked of each."""

from collections.abc import Iterator, Sequence

from flask import Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.actions import Action
from accessmgr.core.model import Grant
from accessmgr.usecases.bulk import ACTIONS, MOST
from accessmgr.usecases.finding import find_linked
from accessmgr.usecases.lists import Named
from accessmgr.usecases.world import Look
from accessmgr.web.bulk_file import HEADINGS, LARGEST, Column, Mistake, Unreadable
from accessmgr.web.bulk_forms import BulkForm
from accessmgr.web.bulk_lines import NEEDED, WHO, read_wishes
from accessmgr.web.bulk_plan import Origin, Plan
from accessmgr.web.current import look, product, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.sheets import Table
from accessmgr.web.users_area import Standing, bp, managed, not_over
from accessmgr.web.users_lines import csv_answer

LARGEST_REQUEST = 2 * LARGEST + 64 * 1024
"""Bytes of the largest form: a file and pasted lines, each of the largest size, and what a browser puts around them."""


def init_app(app: Flask) -> None:
    """Let this form be larger than others; before anything reads what is sent."""

    @app.before_request
    def larger() -> None:
        if request.endpoint == "users.bulk_post":
            request.max_content_length = LARGEST_REQUEST


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
    back = url_for("users.bulk", number=number, action=action)
    kept = Plan(action, number, tuple(wishes), Origin.FILE, back).keep()
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
    return csv_answer(Table(head, rows), f"{action}.csv")


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
