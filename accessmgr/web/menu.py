"""The frame of every page: its menu, its languages, and where it is."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from accessmgr.web.current import now, product, trouble
from accessmgr.web.format import language
from accessmgr.web.translations import LANGUAGES

NAMES = {"fr": "français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}


@dataclass(frozen=True)
class Item:
    """An entry of the menu."""

    path: str
    name: object
    current: bool


EVERYWHERE = (("/", _("Start")),)
SIGNED_IN = (
    ("/managers/", _("Access managers")),
    ("/users/", _("Users")),
    ("/secure-area/", _("Secure area")),
    ("/history/", _("History")),
)
FOR_ALL = (("/rules/", _("Rules")), ("/help/", _("Help")))
SIMULATION = (("/simulator/", _("Simulator")),)


def menu() -> list[Item]:
    """The entries of the menu: for those who signed in, the parts of the product too."""
    signed_in = SIGNED_IN if current_user.is_authenticated else ()
    entries = (*EVERYWHERE, *signed_in, *FOR_ALL, *(SIMULATION if product().simulation else ()))
    return [Item(path, name, _is_current(path)) for path, name in entries]


def here() -> str:
    """The path of this page with its query, to come back to; the start page for one that came from a form."""
    return checked_path(request.full_path.rstrip("?")) if request.method == "GET" else "/"


def checked_path(text: str | None) -> str:
    """The path of a page of this product to go on to: the text if it is one, else the start page.

    A text that a browser might read as another site, or that no page of ours answers, is never one.
    """
    if not text or len(text) > 2000 or not text.startswith("/") or text.startswith("//"):
        return "/"
    if "\\" in text or not text.isascii() or any(character <= " " or character == "\x7f" for character in text):
        return "/"
    try:
        parts = urlsplit(text)
        endpoint, _arguments = current_app.url_map.bind("localhost").match(parts.path, method="GET")
    except RequestRedirect as redirect:
        return text if urlsplit(redirect.new_url).path == f"{parts.path}/" else "/"
    except (HTTPException, ValueError):
        return "/"
    if parts.scheme or parts.netloc or str(endpoint).startswith("sign_in."):
        return "/"
    return text


def init_app(app: Flask) -> None:
    """Let templates ask for the menu and the languages."""

    def languages() -> list[tuple[str, str]]:
        return [(code, NAMES[code]) for code in LANGUAGES]

    app.jinja_env.globals.update(
        menu=menu,
        here=here,
        language=language,
        languages=languages,
        simulation=lambda: product().simulation,
        trouble=trouble,
        now=now,
    )


def _is_current(path: str) -> bool:
    return request.path == "/" if path == "/" else f"{request.path}/".startswith(f"{path.rstrip('/')}/")
