"""Exports of the history: any list of it as CSV, as XLSX, or as a bundle with proofs. Each is recorded first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from accessmgr.core.actions import Action
from accessmgr.core.days import day_of
from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.usecases import proofs
from accessmgr.web import downloads
from accessmgr.web.current import act, consider, look, permitted, world
from accessmgr.web.fields import PlainStringField
from accessmgr.web.history_tables import LISTS, Listing, number_of
from accessmgr.web.review_results import listed as reviewed
from accessmgr.web.sheets import csv_lines, write_xlsx

bp = Blueprint("history_exports", __name__, url_prefix="/history")

TYPES = {**downloads.TYPES, "jsonl": "application/jsonl"}
"""The forms of an export, each with its media type."""


class ExportForm(FlaskForm):
    """For what an auditor takes something away. An empty purpose is for the rules to refuse."""

    purpose = PlainStringField(longest=200)


@dataclass(frozen=True)
class Offer:
    """That something can be exported, and whether a purpose must be given."""

    needs_purpose: bool


@bp.app_template_global()
def export_offer(enterprise: str | None) -> Offer | None:
    """What to offer to the person who looks at a list of an enterprise (None: of all): None if they may not export."""
    decision = consider(Action.EXPORT_HISTORY, enterprise=enterprise).decision
    return Offer(needs_purpose="HISTORY-4" in decision.because) if decision.permitted else None


@bp.post("/export")
def export() -> ResponseReturnValue:
    """Record that something is taken away, and give it."""
    form, given = ExportForm(), request.form
    enterprise, kind = _enterprise(given.get("enterprise", "")), given.get("format", "csv")
    if not permitted(Action.EXPORT_HISTORY, enterprise=enterprise) or not form.validate():
        abort(404)
    listed = {**LISTS, "review": reviewed}.get(given.get("list", "entries"))
    if listed is None or kind not in TYPES:
        abort(404)
    with look() as seen:  # what does not exist is not taken, and so not recorded
        listed(seen, enterprise, given)
        note = (
            proofs.checkpoint_at(seen, number_of(given["size"], 0)) if given.get("size") and kind == "jsonl" else None
        )
    purpose = form.purpose.data or ""
    done = act(Action.EXPORT_HISTORY, enterprise=enterprise, purpose=bool(purpose), note=purpose)
    note = note or proofs.checkpoint(world(), above=done.sequence or 0)
    parts = ("history", enterprise, given.get("list", "entries"), day_of(world().clock.now()).isoformat())
    name = f"{'-'.join(filter(None, parts))}.{kind}"

    def listing(file: IO[bytes]) -> None:
        with look() as seen:
            write(kind, listed(seen, enterprise, given), file, note)

    return downloads.made(name, TYPES[kind], listing)


def write(kind: str, listing: Listing, file: IO[bytes], note: str) -> None:
    """Write a list into a file; a bundle is proved in the tree of the checkpoint `note`."""
    if kind == "xlsx":
        write_xlsx(listing.table(), file)
        return
    with look() as seen:
        lines: Iterable[bytes] = (
            csv_lines(listing.table()) if kind == "csv" else proofs.bundle(seen, listing.sequences(), note)
        )
        file.writelines(lines)


def _enterprise(text: str) -> str | None:
    """The number of the enterprise, None for all of them."""
    if not text:
        return None
    try:
        return EnterpriseNumber.parse(text).digits
    except InvalidNumber:
        abort(404)
