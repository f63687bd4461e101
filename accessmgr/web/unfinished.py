"""Jobs that somebody has begun and not finished: shown where they go on, and thrown away when they are not wanted."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.model import Role
from accessmgr.web import drafts
from accessmgr.web.current import look
from accessmgr.web.format import language
from accessmgr.web.format import role as role_name

bp = Blueprint("unfinished", __name__, url_prefix="/me/unfinished")


@dataclass(frozen=True)
class Begun:
    """What somebody was doing, in a sentence, and where it goes on."""

    id: str
    address: str
    says: str


@bp.app_template_global()
def unfinished_jobs(person: str | None = None) -> list[Begun]:
    """What the person who is signed in has not finished, the latest first: all of it, or what is for somebody."""
    kept = drafts.unfinished()
    if person is not None:
        kept = [each for each in kept if each.purpose.startswith("grant/") and each.purpose.endswith(f"/{person}")]
    if not kept:
        return []
    parts = {each.id: [*each.purpose.split("/"), "", ""][:3] for each in kept}
    with look() as seen:
        companies = seen.lists.enterprise_names(
            {number for _kind, number, _who in parts.values() if number}, language()
        )
        people = seen.lists.names(who for kind, _number, who in parts.values() if kind == "grant")
    names = {id_: named.name for id_, named in people.items()}
    return [
        Begun(each.id, f"{each.path}/{each.id}", _says(*parts[each.id], companies, names))
        for each in kept
    ]  # fmt: skip


@bp.post("/<draft>/throw-away")
def throw_away(draft: str) -> ResponseReturnValue:
    """Forget what was typed."""
    drafts.throw_away(draft)
    flash(_("What you had begun is thrown away. Nothing was done."))
    return redirect(url_for("start.home"), code=303)


def _says(kind: str, number: str, about: str, companies: dict[str, str], names: dict[str, str]) -> str:
    company = companies.get(number, number)
    match kind:
        case "appoint":
            role = role_name(Role(about))
            return _("You were offering a role in %(enterprise)s: %(role)s.", enterprise=company, role=role)
        case "link":
            return _("You were linking a person to %(enterprise)s.", enterprise=company)
        case "grant":
            who = names.get(about, "")
            return _("You were granting a right to %(name)s, in %(enterprise)s.", name=who, enterprise=company)
    return _("You were asking for a right.")
