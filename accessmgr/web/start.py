"""The start page, the language, signing out, and whether the server is well; and the frame that every page shares."""

from typing import cast

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from accessmgr.core.actions import Action
from accessmgr.web import format as filters
from accessmgr.web import long_lists, menu
from accessmgr.web.current import permitted, product, signed_in, world
from accessmgr.web.explained import explained
from accessmgr.web.menu import checked_path
from accessmgr.web.next_step import next_step
from accessmgr.web.notices import in_words
from accessmgr.web.overview import overview
from accessmgr.web.refusals import reasons
from accessmgr.web.sessions import keep_language
from accessmgr.web.translations import LANGUAGES

NEWS = 3
"""How many notices the start page shows; the others are a page away."""

bp = Blueprint("start", __name__)


@bp.record_once
def set_up_frame(state: BlueprintSetupState) -> None:
    """Let every template use what the frame of a page needs."""
    app = cast(Flask, state.app)
    filters.init_app(app)
    menu.init_app(app)
    long_lists.init_app(app)
    app.jinja_env.globals.update(reasons=reasons, explained=explained)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Who you are here and what waits for you; what this is, for somebody who has not signed in."""
    if not current_user.is_authenticated:
        return render_template("start/welcome.html")
    news = in_words(product().notices.of(signed_in().person, NEWS))
    mine = overview()
    audits = not mine.enterprises and permitted(Action.READ_HISTORY)
    step = next_step(mine, audits)
    return render_template("start/home.html", mine=mine, news=news, audits=audits, step=step)


@bp.get("/about")
def about() -> ResponseReturnValue:
    """What "simulation" means here."""
    return render_template("start/about.html")


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Keep the language chosen, and go back to the page where it was chosen."""
    response = redirect(checked_path(request.form.get("next")), code=303)
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        keep_language(response, chosen)
    return response


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    product().sessions.end(signed_in().session)
    logout_user()
    flash(_("You are signed out."))
    return redirect(url_for("start.home"), code=303)


@bp.post("/sign-out/everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the person, on whatever device."""
    product().sessions.end_all(signed_in().person)
    logout_user()
    flash(_("You are signed out on all devices."))
    return redirect(url_for("start.home"), code=303)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether the process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the database answers and the keys can be read; and whether anything can be written."""
    try:
        with world().store.reading() as seen:
            seen.size()
            seen.find_person(None, ())
    except Exception as fault:  # whatever stops it, the answer is that the server is not ready
        return Response(f"not ready: {type(fault).__name__}\n", status=503, mimetype="text/plain")
    if (broken := product().trouble()) is not None:
        return Response(f"ready to read only: {broken}\n", mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")
