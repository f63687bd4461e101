"""Sign-in sessions on the web: Flask-Login over the table of sessions, and the language of a request."""

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_babel import lazy_gettext as _
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from accessmgr.web.current import SignedIn, product
from accessmgr.web.translations import LANGUAGES, PoDomain

LANGUAGE_COOKIE = "language"
A_YEAR = 365 * 24 * 3600

OPEN_ENDPOINTS = frozenset(
    {
        "static",
        "start.home",
        "start.about",
        "start.language",
        "start.healthz",
        "start.readyz",
        "metrics.scrape",
        "help.home",
        "help.words",
        "help.role",
        "history.checkpoint",
        "history.key",
        "rules.catalogue",
        "rules.rule",
        "sign_in.choose",
        "sign_in.eid",
        "sign_in.eid_post",
        "sign_in.itsme",
        "sign_in.itsme_post",
        "sign_in.itsme_phone",
        "sign_in.itsme_phone_post",
        "sign_in.app",
        "sign_in.app_post",
        "sign_in.passkey",
        "sign_in.passkey_post",
        "sign_in.sms",
        "sign_in.sms_post",
        "sign_in.sms_code",
        "sign_in.sms_code_post",
        "sign_in.eidas",
        "sign_in.eidas_person",
        "sign_in.eidas_person_post",
        "sign_in.eidas_abroad",
        "sign_in.eidas_abroad_post",
        "managers.register_search",
        "managers.register_card",
        "secure_area.home",
        "secure_area.enter",
        "secure_area.area",
        "secure_area.callback",
        "secure_area.leave",
        "secure_area.sign_out",
        "secure_area.signed_out",
        "secure_area.backchannel_logout",
        "simulator.home",
        "simulator.become",
        "simulator.advance",
        "simulator.register",
        "simulator.change",
        "simulator.death",
        "simulator.start_over",
        "tour.home",
        "tour.chapter",
        "tour.begin",
        "tour.close",
        "letters.letters",
        "messages.messages",
    }
)
"""The routes that need no sign-in; every other one does. The secure area has people sign in by itself."""


def init_app(app: Flask, also_open: frozenset[str] = frozenset()) -> None:
    """Let the application know who is signed in, and in which language to answer.

    :param also_open: routes outside the pages that need no sign-in
    """
    login = LoginManager(app)
    login.login_view = "sign_in.choose"
    login.login_message = _("Sign in first: this page is for people who are signed in.")
    login.localize_callback = str
    login.session_protection = None  # the session is a row of ours: it ends there, whatever the browser says of itself
    login.user_loader(_load)
    babel = Babel(app, default_locale="en", default_timezone="Europe/Brussels", locale_selector=_language)
    babel.domain_instance = PoDomain()  # not before each request: a form may be refused earlier than that

    @app.before_request
    def need_sign_in() -> ResponseReturnValue | None:
        open_to_all = request.endpoint is None or request.endpoint in OPEN_ENDPOINTS | also_open
        if open_to_all or current_user.is_authenticated:
            return None
        asked: ResponseReturnValue = login.unauthorized()
        return asked


def keep_language(response: Response, chosen: str) -> None:
    """Let an answer keep the language chosen, whoever is signed in."""
    secure = request.is_secure
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=A_YEAR, httponly=True, samesite="Lax", secure=secure)


def _load(session_id: str) -> SignedIn | None:
    found = None if g.get("bare") else product().sessions.find(session_id)
    if found is None:
        return None
    return SignedIn(session_id, found.person, found.key, found.given, found.family, found.language)


def _language() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    if current_user.is_authenticated and current_user.language in LANGUAGES:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES) or "en"
