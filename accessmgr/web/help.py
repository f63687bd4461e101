"""Help: what each kind of user does here, step by step, and the words of the product in its four languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accessmgr.resources import folder
from accessmgr.sentences import LANGUAGES
from accessmgr.web.format import language

bp = Blueprint("help", __name__, url_prefix="/help")


@dataclass(frozen=True)
class Term:
    """A word of the product: how it is called and what it means, by language."""

    id: str
    called: Mapping[str, str]
    means: Mapping[str, str]


@cache
def glossary() -> tuple[Term, ...]:
    """The words, as `seeds/glossary.yaml` has them."""
    text = (folder("seeds") / "glossary.yaml").read_text(encoding="utf-8")
    return tuple(Term(each["id"], each["called"], each["means"]) for each in yaml.safe_load(text))


@bp.get("/")
def home() -> ResponseReturnValue:
    """What each kind of user does here."""
    return render_template("help/home.html")


@bp.get("/glossary")
def words() -> ResponseReturnValue:
    """The words, in the order of the language of the request, with what they are called in the others."""
    own = language()
    terms = sorted(glossary(), key=lambda term: term.called[own].casefold())
    return render_template("help/glossary.html", terms=terms, others=[code for code in LANGUAGES if code != own])
