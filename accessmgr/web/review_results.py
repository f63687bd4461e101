"""What came of reviews: for those who manage users of the enterprise, and those who may read its history."""

import json
from collections.abc import Iterator

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.days import day_of
from accessmgr.usecases.reviews import Item, Review, entries_of, statement
from accessmgr.usecases.world import Look
from accessmgr.web import format as form
from accessmgr.web.current import look, product, world
from accessmgr.web.format import language
from accessmgr.web.history_access import may_read, purpose_asked
from accessmgr.web.history_tables import Given, Listing
from accessmgr.web.reviews_area import OUTCOMES, position_in_address, progress_of, review_of, shown
from accessmgr.web.sheets import Cell, Table
from accessmgr.web.users_area import standing

AT_ONCE = 200
"""How many rights of a result a page shows, unless all are asked for."""

bp = Blueprint("review_results", __name__, url_prefix="/history/<enterprise:number>/reviews")


@bp.get("/")
def index(number: str) -> ResponseReturnValue:
    """The reviews of an enterprise, for those who look at results."""
    if not _may_see(number):
        return purpose_asked(number, url_for("history.state_purpose"))
    with look() as seen:
        found = progress_of(product().reviews.of(number), day_of(world().clock.now()))
        name = seen.lists.enterprise_names([number], language())[number]
    return render_template("reviews/results.html", number=number, name=name, found=found)


@bp.get("/<review_id>")
def result(number: str, review_id: str) -> ResponseReturnValue:
    """What came of a review, to be printed; what proves it can be taken along."""
    if not _may_see(number):
        return purpose_asked(number, url_for("history.state_purpose"))
    key_name = product().verifier_key().partition("+")[0]
    with look() as seen:
        found, today = review_of(number, review_id), day_of(world().clock.now())
        limit = None if request.args.get("all") else AT_ONCE + 1
        items = product().reviews.items(found.id, today, after=position_in_address(), limit=limit)
        page = items if limit is None else items[:AT_ONCE]
        [progress] = progress_of([found], today)
        return render_template(
            "reviews/result.html",
            items=page,
            next=page[-1].position if len(page) < len(items) else None,
            progress=progress,
            today=today,
            digest=_digest(seen, found),
            key_name=key_name,
            **shown(seen, found, page),
        )


@bp.get("/<review_id>/statement.json")
def as_statement(number: str, review_id: str) -> ResponseReturnValue:
    """The result of a closed review as the history holds its digest: without names, always the same bytes."""
    if not _may_see(number):
        return purpose_asked(number, url_for("history.state_purpose"))
    found = review_of(number, review_id)
    if found.closed is None:
        abort(404)
    items = product().reviews.items(found.id, found.last_day)
    headers = {"Content-Disposition": f"attachment; filename=review-{number}-{found.last_day}.json"}
    return Response(statement(found, items), content_type="application/json", headers=headers)


def listed(seen: Look, enterprise: str | None, given: Given) -> Listing:
    """The result of a review as a table, with the entries that prove it."""
    if enterprise is None:
        abort(404)
    found = review_of(enterprise, given.get("review", ""))
    today = day_of(world().clock.now())
    items = product().reviews.items(found.id, today)
    head = (
        _("Who"),
        _("Right"),
        _("Context"),
        _("Last use"),
        _("Last day before"),
        _("Last day"),
        _("Outcome"),
        _("Answered by"),
        _("Rules"),
        _("Entry"),
    )
    names = {id_: named.name for id_, named in seen.lists.names({i for e in items for i in _people(e)}).items()}

    def cells() -> Iterator[tuple[Cell, ...]]:
        for item in items:
            grant, last = item.grant, item.last or item.grant.period.last
            yield (
                names.get(grant.holder, grant.holder),
                form.right_name(grant.right),
                ", ".join(form.context(value, world().policy.rights.get(grant.right)) for value in grant.contexts),
                item.used.isoformat() if item.used else "",
                item.was.isoformat() if item.was else "",
                last.isoformat() if last else "",
                str(OUTCOMES[item.standing(today)][0]),
                names.get(item.by or "", ""),
                " ".join(item.because),
                "" if item.entry is None else item.entry,
            )

    return Listing(lambda: Table(head, cells()), lambda: entries_of(found, items))


def _digest(seen: Look, found: Review) -> str | None:
    """The digest of the statement, as the entry of the end of the review holds it; None before the end."""
    leaf = seen.lists.entry(found.closed) if found.closed is not None else None
    return None if leaf is None else str(json.loads(leaf)["data"]["digest"])


def _people(item: Item) -> tuple[str | None, ...]:
    return (item.grant.holder, item.by)


def _may_see(number: str) -> bool:
    """Whether the person manages users here, or reads the history; False if only their purpose is missing."""
    return standing(number).manages or may_read(number)
