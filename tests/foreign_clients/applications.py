"""Two applications that were not written for this provider, as processes, and a browser that only follows links."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

from tests.oidc.building import hint
from tests.repository import ROOT

HERE = Path(__file__).parent
PATIENCE = 20
"""Seconds that one answer may take on a busy machine."""


class Browser:
    """Keeps cookies, follows redirects, and knows where it got."""

    def __init__(self) -> None:
        self._opener: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
        self.address = ""
        self.status = 0

    def get(self, address: str, **fields: str) -> Any:
        """What the last page on the way holds: JSON, or a text."""
        return self._open(Request(f"{address}?{urlencode(fields)}" if fields else address))  # noqa: S310

    def post(self, address: str, **fields: str) -> Any:
        """The same after sending a form."""
        return self._open(Request(address, data=urlencode(fields).encode()))  # noqa: S310  # addresses of this machine

    def _open(self, request: Request) -> Any:
        try:
            answer = self._opener.open(request, timeout=PATIENCE)
        except HTTPError as refused:
            answer = refused
        with answer:
            self.address, self.status, content = answer.url, answer.status, answer.read().decode()
        return json.loads(content) if answer.headers.get_content_type() == "application/json" else content


@contextmanager
def in_node(base: str) -> Iterator[str]:
    """The application on openid-client; gives its address.

    :raise RuntimeError: Node or the library is not installed
    """
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "openid-client").exists():
        raise RuntimeError("Node with openid-client is not installed: make test")
    with _running([node, str(HERE / "node_application.mjs"), f"{base}/op"]) as address:
        yield address


@contextmanager
def in_django(base: str) -> Iterator[str]:
    """The application on mozilla-django-oidc; gives its address."""
    with _running([sys.executable, "-m", "tests.foreign_clients.django_project", f"{base}/op"]) as address:
        yield address


def persona(name: str, key: str = "itsme") -> str:
    """The hint that signs a person of the demo world in without pages."""
    return hint(persona=name, key=key, cap_hint="EA", code_hint="1999000150")


@contextmanager
def _running(command: list[str]) -> Iterator[str]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        address = (process.stdout.readline() if process.stdout else "").strip()
        if not address:
            raise RuntimeError(f"`{command[-2]}` did not start")
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
