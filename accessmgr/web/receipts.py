"""Receipts: what somebody did, by which rules, what happens now, and the proof that it stands in the history.

A receipt is for whoever acted, and is read from the entry of the history; nothing is kept besides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.events import What
from accessmgr.core.ledger.bundle import encoded
from accessmgr.core.ledger.tree import leaf_hash
from accessmgr.core.model import Key
from accessmgr.usecases import proofs
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.perform import Done
from accessmgr.usecases.traces import Wanted
from accessmgr.usecases.world import Look
from accessmgr.web import entered
from accessmgr.web.current import consider, look, permitted, product, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.history_access import MYSELF, PURPOSES, purpose_asked, reading
from accessmgr.web.history_entries import parsed, rows
from accessmgr.web.history_lists import LARGEST, before_in_address, page_of
from accessmgr.web.managers_area import overview_of
from accessmgr.web.receipts_words import DONE, Told, also, next_steps, told
from accessmgr.web.users_area import standing

bp = Blueprint("receipts", __name__, url_prefix="/me/receipts")

CATEGORY = "receipt"
"""The category of a flashed message that holds the sequence of an entry, or nothing if there are several."""


@dataclass(frozen=True)
class Way:
    """Where to go on from a receipt."""

    address: str
    label: str


@bp.after_app_request
def hand_out(answer: Response) -> Response:
    """Whoever did something finds the link to its receipt on the page to which they are sent."""
    acted: Sequence[int] = g.pop("acted", [])
    if acted and answer.status_code == 303 and "/me/receipts/" not in answer.location:
        flash(str(acted[0]) if len(acted) == 1 else "", CATEGORY)
    return answer


def confirmed(done: Done, otherwise: str) -> ResponseReturnValue:
    """Go to the receipt, the confirmation that something was done; or elsewhere, if the person may not read it now."""
    own = {"person": signed_in().person, "purpose": entered.marked(PURPOSES, MYSELF)}
    readable = consider(Action.READ_HISTORY, **own).decision.allowed
    return redirect(url_for("receipts.receipt", sequence=done.sequence) if readable else otherwise, code=303)


@bp.get("/")
def mine() -> ResponseReturnValue:
    """One's own receipts, the newest first."""
    person = signed_in().person
    if reading(MYSELF, {"person": person}) is None:
        return purpose_asked(None, url_for("history.state_own_purpose"))
    types = [str(what) for what in DONE]
    with look() as seen:
        found = seen.lists.wanted(Wanted([person], types, before=before_in_address(), actor=person), PAGE + 1)
        page = page_of((row.sequence, row.leaf) for row in found)
        listed = [
            (told(parsed(leaf)).done, row) for leaf, row in zip(page.leaves, rows(seen, page.leaves), strict=True)
        ]
    return render_template("me/receipts.html", listed=listed, before=page.before)


@bp.get("/<int:sequence>")
def receipt(sequence: int) -> ResponseReturnValue:
    """What one did, on one sheet."""
    if reading(MYSELF, {"person": signed_in().person}) is None:
        return purpose_asked(None, url_for("history.state_own_purpose"))
    key_name = product().verifier_key().partition("+")[0]
    with look() as seen:
        leaf = _own(seen, sequence)
        entry = parsed(leaf)
        it, row = told(entry), rows(seen, [leaf])[0]
        names = {id_: named.name for id_, named in seen.lists.names(it.people).items()}
        level = entry["decision"]["asked"]["level"]
        return render_template(
            "me/receipt.html",
            it=it,
            row=row,
            also=also(it, names),
            next_steps=next_steps(it, names),
            ways=_ways(seen, it),
            level=level,
            keys=[key for key in Key if key.level == level],
            digest=encoded(leaf_hash(leaf)),
            key_name=key_name,
        )


@bp.get("/<int:sequence>/proof")
def proof(sequence: int) -> ResponseReturnValue:
    """The entry with its proof of inclusion and the checkpoint, as `docs/history-format.md` has it."""
    if reading(MYSELF, {"person": signed_in().person}) is None:
        return purpose_asked(None, url_for("history.state_own_purpose"))
    with look() as seen:
        _own(seen, sequence)
    note = proofs.checkpoint(world(), above=sequence)
    with look() as seen:
        content = b"".join(proofs.bundle(seen, [sequence], note))
    headers = {"Content-Disposition": f"attachment; filename=receipt-{sequence}.jsonl"}
    return Response(content, content_type="application/jsonl", headers=headers)


def _own(seen: Look, sequence: int) -> bytes:
    """The entry of something that the person did, or an answer as if there were none."""
    leaf = seen.lists.entry(sequence) if sequence < LARGEST else None
    entry: dict[str, Any] = parsed(leaf) if leaf is not None else {}
    if leaf is None or entry["actor"] != signed_in().person or entry["type"] not in DONE:
        abort(404)
    return leaf


def _ways(seen: Look, it: Told) -> list[Way]:
    """Where to go on: to what is likely to come next, and to the page of what was done."""
    number: str = it.row["enterprise"]
    match it.what:
        case What.RIGHT_REQUESTED | What.REQUEST_APPROVED | What.REQUEST_REFUSED | What.REQUEST_WITHDRAWN:
            opens = any(
                permitted(action, request=it.row["id"]) for action in (Action.WITHDRAW_REQUEST, Action.REFUSE_REQUEST)
            )
            request = [Way(url_for("users.one_request", request_id=it.row["id"]), _("To the request"))] if opens else []
            return [*request, Way(url_for("users.home"), _("Users and rights"))]
        case What.PERSON_LINKED | What.RELATION_ENDED | What.RIGHT_GRANTED | What.GRANT_EXTENDED | What.GRANT_REVOKED:
            return _ways_on_with(number, it)
        case What.ROLE_CLAIMED:
            return [Way(url_for("users.enterprise", number=number), _("To the people and their rights"))]
    name = seen.lists.enterprise_names([number], language())[number]
    if overview_of(seen, number).opens:
        return [Way(url_for("managers.enterprise", number=number), _("To the access managers of %(name)s", name=name))]
    return [Way(url_for("managers.home"), _("To your enterprises"))]


def _ways_on_with(number: str, it: Told) -> list[Way]:
    here = standing(number)
    ways = []
    if here.grantable and it.what in (What.PERSON_LINKED, What.RIGHT_GRANTED):
        label = _("Grant a right to this person") if it.what is What.PERSON_LINKED else _("Grant another right")
        ways.append(Way(url_for("users.grant", number=number, person=it.person), label))
    if not here.manages:
        return [*ways, Way(url_for("users.home"), _("Users and rights"))]
    ways.append(Way(url_for("users.person", number=number, person=it.person), _("To the page of this person")))
    return [*ways, Way(url_for("users.enterprise", number=number), _("To everybody in the enterprise"))]
