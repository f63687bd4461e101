"""What pages are dressed with: the style sheet stands in each page itself, and scripts are kept by browsers for good.

So the first page needs one request, and nothing moves when a style arrives late. A static file is addressed with the
beginning of its hash: another content has another address.
"""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from markupsafe import Markup

STATIC = "static"
STATIC_FOLDER = Path(__file__).parent / "static"
FOR_GOOD = "private, max-age=31536000, immutable"
VERSION_DIGITS = 12


def minified(style: str) -> str:
    """A style sheet without its comments and without space that means nothing."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    style = re.sub(r"\s+", " ", style)
    style = re.sub(r" ?([{};,>]) ?", r"\1", style)
    return style.replace(": ", ":").replace(";}", "}").strip()


@cache
def version(filename: str) -> str | None:
    """The beginning of the hash of a static file; None if there is no such file."""
    path = STATIC_FOLDER / filename
    return sha256(path.read_bytes()).hexdigest()[:VERSION_DIGITS] if path.is_file() else None


def kept_for_good(response: Response) -> bool:
    """Whether the answer is a static file at the address of this very content, which no browser need ask for again."""
    if request.endpoint != STATIC or response.status_code != 200:
        return False
    asked = request.args.get("v")
    return asked is not None and asked == version(str((request.view_args or {}).get("filename")))


def init_app(app: Flask) -> None:
    """Let pages hold the style sheet and the icon, and address static files by their content."""
    style = Markup(minified((STATIC_FOLDER / "style.css").read_text(encoding="utf-8")))  # noqa: S704  # a file of ours
    icon = f"data:image/svg+xml,{quote((STATIC_FOLDER / 'icon.svg').read_text(encoding='utf-8').strip())}"

    @app.url_defaults
    def address_by_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == STATIC:
            values["v"] = version(str(values["filename"]))

    app.jinja_env.globals.update(style=style, icon=icon)
