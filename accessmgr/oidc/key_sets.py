"""The key sets of clients: as registered, or fetched from the client's address and kept for a while."""

import threading
import time
from collections.abc import Callable
from urllib.request import HTTPRedirectHandler, OpenerDirector, build_opener

from accessmgr.oidc import jose
from accessmgr.usecases.relying_parties import Client

KEPT = 300.0
"""How many seconds a fetched key set is good for, if nothing says that it changed."""
AT_MOST_EVERY = 10.0
PATIENCE = 3.0
LARGEST = 65_536


class KeySets:
    """What clients are known by. A key that is not in a fetched set makes it fetched anew, but not too often.

    :param fetch: gives what an address holds, or raises OSError
    """

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._kept: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def claims(self, client: Client, assertion: str) -> dict[str, object]:
        """The claims of an assertion that the client signed.

        :raise Unverified: it did not, or its keys cannot be had
        """
        if client.jwks is not None:
            return jose.read_with(client.jwks, assertion)
        if client.jwks_uri is None:
            raise jose.Unverified("no keys are registered for the client")
        try:
            return jose.read_with(self._get(client.jwks_uri, KEPT), assertion)
        except jose.Unverified:
            return jose.read_with(self._get(client.jwks_uri, AT_MOST_EVERY), assertion)

    def _get(self, address: str, newest: float) -> str:
        with self._lock:
            fetched, content = self._kept.get(address, (float("-inf"), ""))
        if time.monotonic() - fetched <= newest:
            return content
        try:
            content = self._fetch(address).decode("ascii")
        except (OSError, ValueError):
            raise jose.Unverified("the key set of the client cannot be fetched") from None
        with self._lock:
            self._kept[address] = (time.monotonic(), content)
        return content


def fetch(address: str) -> bytes:
    """What a web address holds, if it is not too much: no redirect is followed.

    :raise OSError: it cannot be had
    """
    with _opener().open(address, timeout=PATIENCE) as answer:
        content: bytes = answer.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError("too much")
    return content


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _opener() -> OpenerDirector:
    return build_opener(_NoRedirect)
