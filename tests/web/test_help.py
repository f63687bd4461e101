"""Help leads to pages that there are, and every word of the glossary is told in four languages."""

import re
from pathlib import Path

import pytest

from accessmgr.core.model import Role
from accessmgr.sentences import LANGUAGES, in_each_language
from accessmgr.web.help import GUIDES, glossary
from accessmgr.web.naming import ROLES
from tests.web.building import built_app


def test_every_word_is_called_and_explained_in_each_language() -> None:
    for term in glossary():
        assert set(term.called) == set(LANGUAGES), term.id
        assert set(term.means) == set(LANGUAGES), term.id
        assert len({*term.means.values()}) == len(LANGUAGES), term.id
    ids = [term.id for term in glossary()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("role", Role)
def test_each_role_is_called_as_on_every_other_page(role: Role) -> None:
    [term] = [term for term in glossary() if term.id == role]
    [english] = [str(name) for key, name in ROLES.items() if key is role]
    assert dict(term.called) == dict(in_each_language(english))


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_stand_in_the_order_of_their_language(tmp_path: Path, language: str) -> None:
    client = built_app(tmp_path).test_client()
    page = client.get("/help/glossary", headers={"Accept-Language": language}).text
    shown = re.findall(r"<dfn>(.*?)</dfn>", page)
    assert len(shown) == len(glossary())
    assert shown == sorted(shown, key=str.casefold)


GUIDES_BY_SLUG = {guide.slug: guide for guide in GUIDES}


def main_of(page: str) -> str:
    """The content of a page."""
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("slug", GUIDES_BY_SLUG)
def test_each_part_has_a_page_whose_links_lead_to_pages_that_there_are(slug: str, tmp_path: Path) -> None:
    app = built_app(tmp_path)
    answer = app.test_client().get(f"/help/{slug}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    places = set(re.findall(r'href="(/[^"#]*)"', main_of(answer.text)))
    assert len(places) >= 10
    for place in places:
        assert app.url_map.bind("localhost").match(place)


def test_there_is_no_page_for_a_part_that_there_is_not(tmp_path: Path) -> None:
    assert built_app(tmp_path).test_client().get("/help/emperor").status_code == 404


def test_a_page_tells_what_the_rules_let_the_part_do_and_nothing_else(tmp_path: Path) -> None:
    client = built_app(tmp_path).test_client()
    said = {slug: table_of(client.get(f"/help/{slug}").text) for slug in GUIDES_BY_SLUG}
    assert "APPOINT-1" in said["legal-representative"]
    assert "APPOINT-1" not in said["main-access-manager"]
    assert "APPOINT-5" in said["main-access-manager"]
    assert "APPOINT-5" not in said["co-main-access-manager"]
    assert said["auditor"] == {"HISTORY-1", "NUMBER-2"}
    assert said["local-administrator"] == {"LINK-1", "GRANT-1", "REQUEST-4"}
    assert said["integrator"] == {"SIGNIN-1", "ENTER-1"}
    assert {"ENTER-1", "REQUEST-1", "LINK-3"} <= said["user"]


def table_of(page: str) -> set[str]:
    """The rules in the table of what may be done."""
    return set(re.findall(r'href="/rules/([A-Z]+-\d+)"', page.partition("<tbody>")[2].partition("</tbody>")[0]))


def test_every_obstacle_is_told_with_what_helps(tmp_path: Path) -> None:
    page = built_app(tmp_path).test_client().get("/help/main-access-manager", headers={"Accept-Language": "en"}).text
    told = main_of(page).partition("</table>")[2]
    assert set(re.findall(r'href="/rules/([A-Z]+-\d+)"', told)) >= {"GRANT-2", "GRANT-11", "PERSON-2", "KEY-1", "REG-2"}
    assert "Choose a period within the work relation" in told


def test_each_step_leads_to_a_page_that_there_is(tmp_path: Path) -> None:
    app = built_app(tmp_path)
    main = app.test_client().get("/help/").text.partition("<main")[2].partition("</main>")[0]
    places = re.findall(r'href="(/[^"#]*)"', main)
    assert len(places) >= 10
    for place in places:
        assert app.url_map.bind("localhost").match(place)
