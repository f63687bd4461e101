"""The first-run tour: the whole story as one plays it oneself, and the bar that leads back to it from every page."""

from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Flask, abort, g, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from accessmgr.web.current import look, product
from accessmgr.web.format import language
from accessmgr.web.personas import Persona, personas
from accessmgr.web.sessions import LANGUAGE_COOKIE, keep_language
from accessmgr.web.tour_story import CHAPTERS, ENTERPRISE, FIRST, PLAYED_WITH, Chapter, played

COOKIE = "tour"
"""Tells that somebody is in the tour. It holds nothing else: how far one is, the world tells."""
A_WEEK = 7 * 24 * 3600

bp = Blueprint("tour", __name__, url_prefix="/simulator/tour")


@dataclass(frozen=True)
class Bar:
    """What the bar says: how many chapters are done of how many, the next one, and whom its forms ask for, if any."""

    done: int
    all: int
    next: Chapter | None
    about: Persona | None

    @property
    def number(self) -> int:
        """The number of the next chapter; the last one's at the end."""
        return min(self.done + 1, self.all)


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Let the frame of every page ask for the bar."""
    cast(Flask, state.app).jinja_env.globals["tour_bar"] = bar


@bp.get("/")
def home() -> ResponseReturnValue:
    """All chapters, and which of them are done."""
    return render_template(
        "tour/home.html",
        chapters=CHAPTERS,
        done=_done(_people()),
        bar=bar(),
        can_start_over=product().start_over is not None,
    )


@bp.get("/<int:chapter>")
def chapter(chapter: int) -> ResponseReturnValue:
    """One chapter."""
    people = _people()
    done = _done(people)
    if done is None or not 1 <= chapter <= len(CHAPTERS):
        abort(404)
    told = CHAPTERS[chapter - 1]
    return render_template(
        "tour/chapter.html",
        chapter=told,
        number=chapter,
        chapters=CHAPTERS,
        done=done,
        who=people.get(told.who or ""),
        about=people.get(told.about or ""),
    )


@bp.post("/begin")
def begin() -> ResponseReturnValue:
    """Begin the tour, or go on with it: with the first chapter that is not done."""
    done = _done(_people())
    if done is None:
        abort(404)
    answer = make_response(redirect(url_for(".chapter", chapter=min(done + 1, len(CHAPTERS))), code=303))
    if LANGUAGE_COOKIE not in request.cookies:  # else each person of the tour would speak a language of their own
        keep_language(answer, language())
    answer.set_cookie(COOKIE, "1", max_age=A_WEEK, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


@bp.post("/close")
def close() -> ResponseReturnValue:
    """Leave the tour: the bar goes, and what was done stays."""
    answer = make_response(redirect(url_for(".home"), code=303))
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def bar() -> Bar | None:
    """The bar, for somebody who is in the tour, None for everybody else and where the demo world is not."""
    if g.get("bare") or COOKIE not in request.cookies:
        return None
    people = _people()
    done = _done(people)
    if done is None:
        return None
    following = CHAPTERS[done] if done < len(CHAPTERS) else None
    return Bar(done, len(CHAPTERS), following, people.get(following.about or "") if following else None)


def _people() -> dict[str, Persona]:
    return {persona.short: persona for persona in personas()}


def _done(people: dict[str, Persona]) -> int | None:
    """How many chapters are done; None if this database does not hold who and what the tour is played with."""
    if not people.keys() >= PLAYED_WITH:
        return None
    with look() as seen:
        known = ENTERPRISE in seen.lists.enterprise_names([ENTERPRISE], language())
        return played(seen, people[FIRST].person) if known else None
