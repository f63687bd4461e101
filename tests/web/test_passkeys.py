"""Passkeys in a real browser, with a device that Chromium imitates: made, used, removed; and what is refused."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page

from accessmgr.core.model import Key
from accessmgr.web.passkey_ceremony import Place, place_of
from tests.browser import Pages
from tests.live import served
from tests.web.building import add_people, built_app, post, product_of, signed_in_client

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Browsing:
    """A page under the name `localhost`, with a device that makes passkeys."""

    page: Page
    base: str
    cdp: CDPSession
    device: str

    @classmethod
    def with_device(cls, page: Page, address: str) -> "Browsing":
        base = address.replace("127.0.0.1", "localhost")
        page.context.add_cookies([{"name": "language", "value": "en", "url": base}])
        cdp = page.context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        device = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
        return cls(page, base, cdp, device)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def be(self, persona: str) -> None:
        self.page.context.clear_cookies(name="accessmgr")
        self.go("/simulator/")
        with self.page.expect_navigation():
            self.page.locator(f"form:has(input[value='{persona}']) button").click()

    def press(self) -> None:
        """Press the button that asks the device, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.locator("form[data-passkey] button").click()

    def add(self, name: str) -> None:
        self.go("/me/passkeys/add")
        self.page.locator("form[data-passkey] input[name=name]").fill(name)
        self.press()

    def leave(self) -> None:
        self.page.context.clear_cookies(name="accessmgr")

    def sign_in(self, path: str = "/sign-in/passkey") -> None:
        self.go(path)
        self.press()

    def answer(self) -> str:
        """What the device answers to the challenge of the sign-in page, which is not sent."""
        self.go("/sign-in/passkey")
        self.page.evaluate(
            "() => { window.submitted = HTMLFormElement.prototype.submit;"
            " HTMLFormElement.prototype.submit = () => { window.kept = true; }; }"
        )
        self.page.locator("form[data-passkey] button").click()
        self.page.wait_for_function("() => window.kept")
        return self.page.locator("input[name=answer]").input_value()

    def send(self, answer: str) -> None:
        """Send an answer as it is."""
        with self.page.expect_navigation():
            self.page.evaluate(
                "(answer) => { const form = document.querySelector('form[data-passkey]');"
                " form.elements.namedItem('answer').value = answer;"
                " (window.submitted ?? HTMLFormElement.prototype.submit).call(form); }",
                answer,
            )

    def credential(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.device})[
            "credentials"
        ]
        return found[0]

    def count_back_to(self, counter: int) -> None:
        """Give the device a copy of its passkey as it was when it had counted so far."""
        kept = self.credential()
        identified = {"authenticatorId": self.device}
        self.cdp.send("WebAuthn.removeCredential", {**identified, "credentialId": kept["credentialId"]})
        self.cdp.send("WebAuthn.addCredential", {**identified, "credential": {**kept, "signCount": counter}})

    @property
    def who(self) -> str:
        """Who is signed in, as the frame of the page about the product says; empty for nobody."""
        self.go("/about")
        shown = self.page.locator("header .who")
        return shown.inner_text() if shown.locator("strong").count() else ""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("passkeys") / "instance") as address:
        yield address


@pytest.fixture
def browsing(address: str, new_page: Pages) -> Browsing:
    return Browsing.with_device(new_page(locale="en-GB"), address)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path, base_url="http://localhost")
    add_people(app, "hilde", "noah")
    return app


def test_a_passkey_is_added_signs_in_and_is_removed(browsing: Browsing) -> None:
    browsing.be("sophie")
    browsing.add("my <phone>")
    assert "my <phone>" in browsing.page.locator("main").inner_text()
    browsing.leave()
    assert browsing.who == ""
    browsing.sign_in("/sign-in/passkey?next=/rules/")
    assert browsing.page.url == f"{browsing.base}/rules/"
    assert "Sophie Lambert" in browsing.who
    assert "passkey, level 400" in browsing.who
    browsing.go("/me/")
    browsing.page.locator("a[href^='/me/passkeys/']:not([href$='add'])").click()
    browsing.page.locator("input[name=name]").fill("old phone")
    browsing.page.locator("form:has(input[name=name]) button").click()
    assert "old phone" in browsing.page.locator("main").inner_text()
    browsing.page.locator("a[href^='/me/passkeys/']:not([href$='add'])").click()
    with browsing.page.expect_navigation():
        browsing.page.locator("form[action$='/remove'] button").click()
    browsing.leave()
    browsing.sign_in()
    assert browsing.page.url == f"{browsing.base}/sign-in/passkey"
    assert "no passkey that is known here" in browsing.page.locator("main").inner_text()
    assert browsing.who == ""


def test_an_answer_is_good_once(browsing: Browsing) -> None:
    browsing.be("emma")
    browsing.add("laptop")
    browsing.leave()
    answer = browsing.answer()
    [session] = [each for each in browsing.page.context.cookies() if each["name"] == "accessmgr"]
    browsing.send(answer)
    assert "Emma Claes" in browsing.who
    browsing.leave()
    browsing.go("/sign-in/passkey")
    before = {"name": "accessmgr", "value": session["value"], "url": browsing.base}
    browsing.page.context.add_cookies([before])  # type: ignore[list-item]  # in which the challenge waited
    browsing.send(answer)
    assert browsing.who == ""


def test_an_answer_to_another_challenge_signs_nobody_in(browsing: Browsing) -> None:
    browsing.be("ines")
    browsing.add("laptop")
    browsing.leave()
    answer = browsing.answer()
    browsing.go("/sign-in/passkey")
    browsing.send(answer)
    assert browsing.who == ""


def test_a_copy_that_counts_less_is_refused(browsing: Browsing) -> None:
    browsing.be("nadia")
    browsing.add("laptop")
    for _time in range(2):
        browsing.leave()
        browsing.sign_in()
        assert "Nadia El Amrani" in browsing.who
    browsing.leave()
    browsing.count_back_to(1)
    browsing.sign_in()
    assert "This passkey was copied" in browsing.page.locator("main").inner_text()
    assert browsing.who == ""


def test_a_device_knows_a_person_by_a_random_handle(browsing: Browsing) -> None:
    browsing.be("karel")
    browsing.add("laptop")
    handle = base64.b64decode(browsing.credential()["userHandle"])
    assert len(handle) == 32
    assert b"karel" not in handle.lower()


def test_under_a_number_the_page_leads_to_the_name(address: str, new_page: Pages) -> None:
    page = new_page(locale="en-GB")
    page.goto(f"{address}/sign-in/passkey?next=/rules/")
    named = address.replace("127.0.0.1", "localhost")
    assert page.locator("main a").first.get_attribute("href") == f"{named}/sign-in/passkey?next=/rules/"
    assert page.locator("form[data-passkey]").count() == 0


def test_without_javascript_the_page_says_so_and_offers_the_other_keys(address: str, new_page: Pages) -> None:
    page = new_page(javascript=False, locale="en-GB")
    page.goto(f"{address.replace('127.0.0.1', 'localhost')}/sign-in/passkey")
    assert "A passkey needs JavaScript" in page.locator("main").inner_text()
    assert page.locator("form[data-passkey]").is_hidden()
    page.locator("main a", has_text="Choose another digital key").click()
    assert page.url.endswith("/sign-in?next=/")


def test_adding_a_passkey_asks_for_eid_or_itsme(app: Flask) -> None:
    client = signed_in_client(app, "hilde", Key.APP)
    assert "Sign in with a stronger key" in client.get("/me/passkeys/add").text
    assert "data-options" not in client.get("/me/passkeys/add").text
    assert post(client, "/me/passkeys/add", {"name": "phone", "answer": "{}"}).status_code == 403
    strong = signed_in_client(app, "hilde", Key.ITSME)
    assert "data-options" in strong.get("/me/passkeys/add").text
    assert post(strong, "/me/passkeys/add", {"name": "phone", "answer": "{}"}).status_code == 422
    assert product_of(app).passkeys.of("hilde") == []


@pytest.mark.parametrize(
    "answer", ["", "x", "[]", "{}", '{"rawId": 1}', '{"id":"AA","rawId":"AA","response":{}}', "[" * 30_000]
)
def test_an_answer_that_is_none_signs_nobody_in(app: Flask, answer: str) -> None:
    client = app.test_client()
    client.get("/sign-in/passkey")
    assert post(client, "/sign-in/passkey", {"answer": answer}, token_from="/sign-in/passkey").status_code == 422


def test_what_is_asked_for_is_fresh_each_time_and_wants_the_person_verified(app: Flask) -> None:
    client = app.test_client()
    asked = [
        re.search(r'data-options="([^"]*)"', client.get("/sign-in/passkey").text.replace("&#34;", "'")) for _ in "ab"
    ]
    told = [json.loads(match[1].replace("'", '"')) for match in asked if match]
    assert [each["userVerification"] for each in told] == ["required", "required"]
    assert [each["rpId"] for each in told] == ["localhost", "localhost"]
    assert told[0]["challenge"] != told[1]["challenge"]
    assert "allowCredentials" not in told[0]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("http://127.0.0.1:8000", Place("localhost", "http://localhost:8000")),
        ("http://localhost:8000/", Place("localhost", "http://localhost:8000")),
        ("https://access.example", Place("access.example", "https://access.example")),
        ("https://access.example:8443", Place("access.example", "https://access.example:8443")),
        ("https://192.0.2.7", None),
        ("http://access.example", None),
    ],
)
def test_where_passkeys_are_good_follows_from_the_address_of_the_product(address: str, place: Place | None) -> None:
    assert place_of(address) == place
