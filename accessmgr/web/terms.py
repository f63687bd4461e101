"""Words of the glossary where people first meet them: marked once on a page, with what they mean one press away."""

import re
from collections.abc import Iterator, Sequence
from typing import cast

from flask import Blueprint, Flask, g
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from markupsafe import Markup, escape

from accessmgr.glossary import Term, term
from accessmgr.web.format import language

MARKED = (
    "main_access_manager",
    "co_main_access_manager",
    "legal_representative",
    "main_local_administrator",
    "local_administrator",
    "work_relation",
    "recognition",
    "secure_area",
    "context",
    "digital_key",
)
"""The words that puzzle people, the longer before those that stand in them."""

bp = Blueprint("terms", __name__)


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Let templates mark words, as in `{{ _("…") | terms }}`."""
    cast(Flask, state.app).add_template_filter(terms)


def terms(text: str, *ids: str) -> Markup:
    """A text in which the first use of each word on this page opens what it means.

    :param ids: which words, all of `MARKED` if none are given

    A word is found by how it begins, so an ending of plural or case does not hide it.
    """
    return Markup("").join(_marked(str(escape(text)), [found for id_ in ids or MARKED if (found := term(id_))]))


def _marked(html: str, words: Sequence[Term]) -> Iterator[Markup]:
    """The text in pieces, some of them marked words. `html` is escaped already."""
    if not words:
        yield Markup(html)  # noqa: S704  # escaped by the caller
        return
    first, later = words[0], words[1:]
    seen: set[str] = g.setdefault("terms", set())
    called = str(escape(first.called[language()]))
    found = None if first.id in seen else re.search(rf"\b{re.escape(called)}\w*", html, re.IGNORECASE)
    if found is None:
        yield from _marked(html, later)
        return
    seen.add(first.id)
    yield from _marked(html[: found.start()], later)
    yield _opening(Markup(found[0]), first)  # noqa: S704  # a piece of what was escaped
    yield from _marked(html[found.end() :], later)


def _opening(shown: Markup, word: Term) -> Markup:
    """A button that opens the meaning of a word, which a pointer at rest shows too."""
    return Markup(
        '<button type="button" class="term" popovertarget="term-{id}" aria-describedby="means-{id}" title="{means}">'
        '{shown}</button><span class="term-means" id="term-{id}" popover><span id="means-{id}">{means}</span> '
        '<a href="/help/glossary#{id}">{more}</a></span>'
    ).format(id=word.anchor, means=word.means[language()], shown=shown, more=_("All words"))
