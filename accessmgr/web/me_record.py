"""What was decided about the person who is signed in, and all that is kept about them, to take along."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.core.days import moment
from accessmgr.usecases.my_data import my_data
from accessmgr.usecases.own_record import PAGE, Place
from accessmgr.web.current import look, product, signed_in, world
from accessmgr.web.format import language
from accessmgr.web.history_access import MYSELF, purpose_asked, reading

bp = Blueprint("me_record", __name__, url_prefix="/me")


@dataclass(frozen=True)
class Decision:
    """A decision of the log with its moments: `at` is the one that it was about."""

    told: Mapping[str, Any]
    asked_at: datetime
    at: datetime


@bp.get("/decisions")
def decisions() -> ResponseReturnValue:
    """The decisions about the person in the decision log, the newest first."""
    if reading(MYSELF, {"person": signed_in().person}) is None:
        return purpose_asked(None, url_for("history.state_own_purpose"))
    with look() as seen:
        found = seen.lists.decided_about(signed_in().person, _place(request.args.get("before", "")), PAGE + 1)
        shown = found[:PAGE]
        numbers = {each.told["enterprise"] for each in shown if each.told.get("enterprise")}
        names = seen.lists.enterprise_names(numbers, language())
    before = "-".join(map(str, shown[-1].place)) if len(found) > PAGE else None
    rows = [Decision(each.told, moment(each.told["asked_at"]), moment(each.told["at"])) for each in shown]
    return render_template("me/decisions.html", rows=rows, names=names, before=before)


@bp.get("/data")
def data() -> ResponseReturnValue:
    """All that is kept about the person, as JSON in a file."""
    person = signed_in().person
    if reading(MYSELF, {"person": person}) is None:
        return purpose_asked(None, url_for("history.state_own_purpose"))
    with look() as seen:
        told = my_data(seen, person, product().passkeys.of(person), world().clock.now())
    text = json.dumps(told, indent=2, ensure_ascii=False)
    return Response(
        f"{text}\n",
        mimetype="application/json",
        headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
    )


def _place(text: str) -> Place | None:
    """Where a page begins: before this place in the decision log; an address that names none begins at the newest."""
    found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,9})", text)
    return None if found is None else (int(found[1]), int(found[2]))
