"""Jobs that somebody has begun and not finished: shown where they go on, and thrown away when they are not wanted."""

from collections.abc import Mapping
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
    """What somebody was doing, in a sentence, the right that it is about if one was chosen, and where it goes on."""

    id: str
    address: str
    says: str
    right: str | None


@bp.app_template_global()
def unfinished_jobs(person: str | None = None) -> list[Begun]:
    """What the person who is signed in has not finished, the latest first: all of it, or what is for somebody."""
    kept = drafts.unfinished()
    if person is not None:
        kept = [each for each in kept if each.purpose.startswith("grant/") and each.purpose.endswith(f"/{person}")]
    if not kept:
        return []
    parts = [_parts(each.purpose) for each in kept]
    with look() as seen:
        companies = seen.lists.enterprise_names({number for _kind, number, _about in parts if number}, language())
        people = seen.lists.names(about for kind, _number, about in parts if kind == "grant")
    names = {id_: named.name for id_, named in people.items()}
    return [
        Begun(
            each.id, f"{each.path}/{each.id}", _says(kind, companies.get(number, ""), about, names), _right(each.fields)
        )
        for each, (kind, number, about) in zip(kept, parts, strict=True)
    ]


@bp.post("/<draft>/throw-away")
def throw_away(draft: str) -> ResponseReturnValue:
    """Forget what was typed."""
    drafts.throw_away(draft)
    flash(_("What you had begun is thrown away. Nothing was done."))
    return redirect(url_for("start.home"), code=303)


def _right(fields: Mapping[str, list[str]]) -> str | None:
    """The code of the right that was chosen."""
    return next(iter([*fields.get("right", ()), *fields.get("ec", ())]), None)


def _parts(purpose: str) -> tuple[str, str, str]:
    """The kind of a job, the number of the enterprise and whom or what it is about; empty what it has not."""
    kind, _slash, rest = purpose.partition("/")
    number, _slash, about = rest.partition("/")
    return kind, number, about


def _says(kind: str, company: str, about: str, names: Mapping[str, str]) -> str:
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
