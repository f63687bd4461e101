"""Notices on pages and in letters: one's own, in one's language, with the way on."""

from pathlib import Path

import pytest
from flask import Flask

from accessmgr.app import NOTIFIER
from accessmgr.core.actions import Action
from accessmgr.usecases.contacts import keep_contact
from accessmgr.usecases.notices import Kind, Notice
from accessmgr.usecases.notifying import Notifier
from accessmgr.web.letters import BY_KIND
from tests.web.building import START, add_people, built_app, demo_chain, do, product_of, signed_in_client


def notifier(app: Flask) -> Notifier:
    found: Notifier = app.extensions[NOTIFIER]
    return found


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """Inès was told that her right was revoked."""
    app = built_app(tmp_path)
    chain = demo_chain(app)
    notifier(app).follow()
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant)
    notifier(app).follow()
    return app


def test_a_person_reads_their_own_notices_and_no_one_else_does(app: Flask) -> None:
    own = signed_in_client(app, "ines").get("/notices/").text
    assert "Your right in Netjes Thuis was revoked" in own
    assert "V99901" in own
    others = signed_in_client(app, "noah").get("/notices/").text
    assert "Netjes Thuis" not in others
    assert "There is nothing yet" in others


def test_the_start_page_tells_the_news(app: Flask) -> None:
    page = signed_in_client(app, "ines").get("/").text
    assert "Your right in Netjes Thuis was revoked" in page
    assert "Your right in Netjes Thuis was revoked" not in signed_in_client(app, "noah").get("/").text


def test_in_simulation_every_letter_can_be_read_with_what_became_of_it(app: Flask) -> None:
    client = app.test_client()
    assert "on its way" in client.get("/simulator/letters/", headers={"Accept-Language": "en"}).text
    notifier(app).send()
    page = client.get("/simulator/letters/", headers={"Accept-Language": "en"}).text
    assert "Inès Dubois" in page
    assert "not sent: no e-mail address is known" in page


def test_outside_simulation_nobody_reads_the_letters_of_others(tmp_path: Path) -> None:
    secret = "s" * 40
    app = built_app(
        tmp_path, simulation=False, base_url="https://access.example.be", secret_key=secret, database_url=""
    )
    assert "letters.letters" not in app.view_functions


@pytest.mark.parametrize(
    ("language", "greeting"), [("fr", "Bonjour"), ("nl", "Beste"), ("de", "Guten Tag"), ("en", "Dear"), (None, "Dear")]
)
def test_a_letter_is_in_the_language_of_its_person(tmp_path: Path, language: str | None, greeting: str) -> None:
    app = built_app(tmp_path)
    add_people(app, "emma", language=language)
    add_people(app, "nadia")
    keep_contact(product_of(app).world, "emma", "emma@example.be", "", by="emma")
    letter = notifier(app).write(Notice(id="1", person="emma", kind=Kind.LOOKED_AT, made_at=START), "emma@example.be")
    assert letter.text.startswith(f"{greeting} Emma Claes,")
    assert "http://127.0.0.1:8000/history/" in letter.text
    assert letter.to == "emma@example.be"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_notice_has_its_words_and_leads_to_a_page(app: Flask, kind: Kind) -> None:
    notice = Notice(id="1", person="ines", kind=kind, made_at=START, enterprise="1999000150", thing="a" * 32)
    letter = notifier(app).write(notice, "ines@example.be")
    assert "%" not in letter.subject + letter.text
    path = letter.text.partition("http://127.0.0.1:8000")[2].splitlines()[0]
    endpoint, _ = app.url_map.bind("127.0.0.1").match(path)
    assert endpoint
    assert BY_KIND[kind].path.startswith("/")
