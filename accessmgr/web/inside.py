"""Calls of the product to itself without a network: its secure area is a client of its own provider.

So they need no second thread, no name that resolves inside, and no certificate that this machine trusts.
"""

from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import Client


@dataclass(frozen=True)
class Answer:
    """The answer to a call."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Inside:
    """The product at an address, called as a program elsewhere would call it."""

    app: Flask
    base_url: str

    def reaches(self, address: str) -> bool:
        """Whether an address is one of the product."""
        return address.startswith(f"{self.base_url}/")

    def call(self, address: str, form: Mapping[str, str] | None = None) -> Answer:
        """Send a form to an address, or just ask what is there."""
        return Context().run(self._call, address, form)  # a request of its own, whatever request asks for it

    def _call(self, address: str, form: Mapping[str, str] | None) -> Answer:
        client = Client(self.app, use_cookies=False)
        method = "GET" if form is None else "POST"
        with client.open(urlsplit(address).path, base_url=self.base_url, method=method, data=form) as answer:
            return Answer(answer.status_code, answer.get_data())
