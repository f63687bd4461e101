"""Pages of a search: what is asked for, and tokens that nobody else can make, read or use for another search."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from accessmgr.authzen.reading import malformed, mapping, part, text, whole

MOST = 100
"""How many results a page may have."""
ORDINARY = 50
"""How many it has unless told otherwise."""

BOUND = ("subject", "action", "resource", "context")
"""What may not differ from page to page."""

Place = tuple[str, ...]
"""A place in the order of what is searched through; empty is the beginning."""


@dataclass(frozen=True)
class Page:
    """The page that is asked for: at most so many results, after a place."""

    search: str
    limit: int = ORDINARY
    after: Place = ()


class PageTokens:
    """Makes and reads tokens, which are encrypted: they hold places, and places are ids of people.

    :param secret: of the application, the same in every process
    """

    def __init__(self, secret: str) -> None:
        self._cipher = Fernet(base64.urlsafe_b64encode(sha256(f"pages of searches\0{secret}".encode()).digest()))

    def page_in(self, body: Mapping[str, Any], client: str, path: str) -> Page:
        """The page that a body asks for, at an endpoint.

        :raise Problem: 400 the token is none of ours, of another search or caller, or the limit differs from before
        """
        told = part(body, "page", mapping) or {}
        limit, token = part(told, "limit", whole, "/page"), part(told, "token", text, "/page")
        search = sha256(json.dumps([client, path, [body.get(name) for name in BOUND]], sort_keys=True).encode())
        if token is None:
            return Page(search.hexdigest(), ORDINARY if limit is None else limit)
        page = self._read(token)
        if page is None or page.search != search.hexdigest():
            raise malformed("/page/token", "not a token of this search")
        if limit not in (None, page.limit):
            raise malformed("/page/limit", "differs from that of the page before")
        return page

    def next_after(self, page: Page, after: Place) -> str:
        """The token of the page that follows, after a place."""
        return self._cipher.encrypt(json.dumps([page.search, page.limit, after]).encode()).decode()

    def _read(self, token: str) -> Page | None:
        try:
            search, limit, after = json.loads(self._cipher.decrypt(token.encode()))
        except InvalidToken:
            return None
        return Page(search, limit, tuple(after))
