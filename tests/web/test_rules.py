"""The pages of the rules: open to everyone, complete, and honest about their sources."""

import re
from pathlib import Path

import pytest
from flask import Flask

from accessmgr.core.rules import CATALOGUE
from accessmgr.web.examples import by_rule
from tests.web.building import anonymous_client, area_client, built_app, demo_chain


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


def shown(app: Flask, path: str) -> str:
    page = anonymous_client(app).get(path).get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_catalogue_links_each_rule_once(app: Flask) -> None:
    page = anonymous_client(app).get("/rules/").get_data(as_text=True)

    assert re.findall(r'class="rule" href="/rules/([A-Z]+-[0-9]+)"', page) == [rule.id for rule in CATALOGUE]


def test_each_rule_has_a_page_with_an_example(app: Flask) -> None:
    client = anonymous_client(app)
    pages = {rule.id: client.get(f"/rules/{rule.id}") for rule in CATALOGUE}

    assert {page.status_code for page in pages.values()} == {200}
    assert [id_ for id_, page in pages.items() if "There is no example" in page.get_data(as_text=True)] == []


def test_a_choice_of_this_project_is_never_shown_as_confirmed(app: Flask) -> None:
    page = shown(app, "/rules/ENTER-4")

    assert "a choice of this project" in page
    assert "Confirmed by" not in page


def test_a_confirmed_rule_links_its_sources(app: Flask) -> None:
    page = anonymous_client(app).get("/rules/ENTER-1").get_data(as_text=True)

    assert 'href="https://titres-services.flandre.be/entreprise/espace-securise' in page
    assert "a choice of this project" not in page


def test_a_rule_confirmed_in_part_shows_both(app: Flask) -> None:
    page = shown(app, "/rules/ENTER-2")

    assert "Confirmed by" in page
    assert "a choice of this project" in page


def test_the_examples_are_readable_and_name_what_they_decide(app: Flask) -> None:
    page = shown(app, "/rules/GRANT-2")

    assert "Nadia El Amrani asks to: grant a right." in page
    assert "refused GRANT-2" in page


def test_the_examples_are_called_what_they_are_in_the_language_of_the_reader(app: Flask) -> None:
    page = app.test_client().get("/rules/GRANT-2", headers={"Accept-Language": "nl"}).get_data(as_text=True)

    assert "<summary><strong>een recht duurt niet langer dan de werkrelatie</strong></summary>" in page


def test_examples_about_a_rule_come_before_those_in_which_it_plays_a_part() -> None:
    assert Path(by_rule()["ENTER-1"][0].path).name.startswith("ENTER-1-")


def test_what_it_decided_lately_is_counted_without_naming_anybody(app: Flask) -> None:
    demo_chain(app)
    area_client(app, "ines").get("/secure-area/1999000150/service_vouchers/V99901/")
    page = shown(app, "/rules/ENTER-1").split("Examples")[0]

    assert "It decided 1 of the latest entries" in page
    assert "Netjes" not in page
    assert "Dubois" not in page


def test_an_unknown_rule_is_no_page(app: Flask) -> None:
    assert anonymous_client(app).get("/rules/ENTER-99").status_code == 404
