"""The pages that people see on their way through the provider: who asks, with which keys, and where they may lead."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from accessmgr.core.model import Key
from accessmgr.usecases.relying_parties import Mode
from tests.oidc.building import APP, CALLBACK, Application, World, a_world
from tests.web.building import PROPRE, SINCE, add_enterprise, add_fact, post

TWO_KEYS = replace(APP, id="two", name="Pay & <b>Save</b>", means=frozenset({Key.EID, Key.ITSME}))
STRICT = replace(APP, id="strict", mode=Mode.STRICT)
HELD = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
LED = "form-action 'self' https://app.example; frame-ancestors 'none'; base-uri 'none'"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The demo chain; Karel represents a second enterprise too."""
    world = a_world(tmp_path, APP, TWO_KEYS, STRICT)
    add_enterprise(world.app, PROPRE, "Propre & Net")
    add_fact(world.app, "function", id="f-propre", enterprise=PROPRE, code="manager", holder="karel", first=SINCE)
    return world


def lead(page: str) -> str:
    """The first sentence of a page."""
    return page.partition('<p class="lead">')[2].partition("</p>")[0]


def test_the_sign_in_page_names_the_application_that_asks_and_the_keys_that_it_takes(world: World) -> None:
    browser = world.browser()
    address = Application(world, TWO_KEYS).ask(browser).location
    page = browser.get(address).get_data(as_text=True)
    assert lead(page) == (
        "Pay &amp; &lt;b&gt;Save&lt;/b&gt; asks you to sign in. Choose one of the digital keys that it takes."
    )
    assert re.findall(r'href="/sign-in/([\w/]+)\?', page) == ["eid", "itsme"]
    assert "In a hurry?" not in page


def test_a_sign_in_page_that_nobody_asked_for_names_no_application(world: World) -> None:
    browser = world.browser()
    Application(world, TWO_KEYS).ask(browser)
    page = browser.get("/sign-in").get_data(as_text=True)
    assert lead(page).startswith("Choose the digital key with which you sign in.")
    assert "In a hurry?" in page


def test_the_phone_says_to_which_application_one_signs_in(world: World) -> None:
    browser = world.browser()
    address = Application(world, TWO_KEYS).ask(browser).location
    onward = parse_qs(urlsplit(address).query)["next"][0]
    sent = post(browser, "/sign-in/itsme", {"person": "ines", "next": onward}, token_from="/sign-in/itsme")
    page = browser.get(sent.location).get_data(as_text=True)
    assert "signing in to Pay &amp; &lt;b&gt;Save&lt;/b&gt;, by accessmgr at localhost" in page


def test_the_choice_of_capacity_names_application_and_organisations_and_leads_to_its_origin(world: World) -> None:
    answer = Application(world).ask(world.browser("karel"), scope="openid vo")
    page = answer.get_data(as_text=True)
    assert "You can use An application in several capacities." in lead(page)
    assert [f"{name} <span" in page for name in ("Netjes Thuis", "Propre &amp; Net")] == [True, True]
    assert LED in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("uri", ["https://evil.example/callback", f"{CALLBACK}/", "javascript:alert(1)", ""])
def test_the_error_page_leads_nowhere_but_to_the_product(world: World, uri: str) -> None:
    answer = Application(world).ask(world.browser(), redirect_uri=uri)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    elsewhere = {link for link in re.findall(r'(?:href|action)="([^"]*)"', page) if not re.match(r"/(?!/)|#", link)}
    assert elsewhere == {world.app.jinja_env.globals["icon"]}
    assert HELD in answer.headers["Content-Security-Policy"]


def test_no_page_of_the_provider_can_be_framed_or_sends_where_it_came_from(world: World) -> None:
    browser = world.browser("ines")
    asked = {"response_mode": "form_post"}
    shown = [
        Application(world).ask(browser, **asked),
        Application(world).ask(browser, redirect_uri="https://evil.example/"),
        browser.get("/op/v1/logout", query_string={"client_id": "strict"}),
        browser.get("/op/clients"),
        browser.get("/op/clients/app"),
        world.browser().get("/op/v1/logout"),
    ]
    assert ["frame-ancestors 'none'" in each.headers["Content-Security-Policy"] for each in shown] == [True] * 6
    assert [each.headers["Referrer-Policy"] for each in shown] == ["no-referrer"] * 6


def test_who_is_signed_out_reads_so_and_what_stays_open(world: World) -> None:
    answer = world.browser("ines").get("/op/v1/logout")
    page = answer.get_data(as_text=True)
    assert "<h1>You are signed out</h1>" in page
    assert "Other applications that you opened before stay open" in page
    assert HELD in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("language", "title"), [("en", "In which capacity?"), ("nl", "In welke hoedanigheid?"), ("fr", "En quelle qualité")]
)
def test_the_pages_speak_the_language_of_the_person(world: World, language: str, title: str) -> None:
    browser = world.browser("karel")
    browser.set_cookie("language", language)
    page = Application(world).ask(browser, scope="openid vo").get_data(as_text=True)
    assert f'<html lang="{language}">' in page
    assert title in page
