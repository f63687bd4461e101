"""Help leads to pages that there are, and every word of the glossary is told in four languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from accessmgr.core.model import Role
from accessmgr.glossary import glossary
from accessmgr.sentences import LANGUAGES, in_each_language
from accessmgr.web.help import GUIDES
from accessmgr.web.naming import ROLES
from accessmgr.web.terms import MARKED, terms
from tests.browser import Pages
from tests.live import served
from tests.web.building import built_app


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


def marked(text: str, language: str, tmp_path: Path) -> str:
    """A text with its words marked, in a language."""
    with built_app(tmp_path).test_request_context("/", headers={"Accept-Language": language}):
        return str(terms(text))


def test_every_word_that_is_marked_is_in_the_glossary() -> None:
    assert set(MARKED) <= {term.id for term in glossary()}


def test_the_first_use_of_a_word_opens_what_it_means_and_the_second_does_not(tmp_path: Path) -> None:
    html = marked("A work relation is needed. No work relation, no right.", "en", tmp_path)
    assert html.count("<button") == 1
    assert html.startswith('A <button type="button" class="term" popovertarget="term-work-relation"')
    assert html.endswith("No work relation, no right.")
    assert 'href="/help/glossary#work-relation"' in html


def test_the_longer_word_goes_before_the_one_that_stands_in_it(tmp_path: Path) -> None:
    html = marked("main local administrator", "en", tmp_path)
    assert 'id="term-main-local-administrator"' in html
    assert html.count("<button") == 1


def test_a_word_is_found_with_its_ending(tmp_path: Path) -> None:
    assert ">Arbeitsbeziehungen</button>" in marked("Es gibt Arbeitsbeziehungen.", "de", tmp_path)


def test_a_text_is_escaped_before_its_words_are_marked(tmp_path: Path) -> None:
    html = marked("<b>work relation</b> & more", "en", tmp_path)
    assert html.startswith("&lt;b&gt;<button")
    assert html.endswith("&lt;/b&gt; &amp; more")


def popover_of(page: Page, base: str) -> str:
    """The welcome page, on which no word is open yet; and where the meaning of the first one stands."""
    page.goto(f"{base}/")
    assert page.locator("button.term").count() >= 1
    assert page.locator(".term-means:popover-open").count() == 0
    return ".term-means:popover-open"


def test_what_a_word_means_is_shown_to_pointer_keyboard_and_finger_and_goes_when_told(
    tmp_path: Path, new_page: Pages
) -> None:
    with served(tmp_path / "instance") as base:
        page = new_page(locale="en-GB")
        shown, word = popover_of(page, base), page.locator("button.term").first
        word.hover()
        page.locator(shown).wait_for()
        page.locator(shown).hover()
        assert "One enters with a right" in page.inner_text(shown)
        page.keyboard.press("Escape")
        page.locator(shown).wait_for(state="detached")
        page.mouse.move(0, 0)
        page.locator("main").focus()
        page.keyboard.press("Tab")
        page.locator(shown).wait_for()
        page.keyboard.press("Escape")
        page.locator(shown).wait_for(state="detached")

        plain = new_page(javascript=False, locale="en-GB")
        shown, word = popover_of(plain, base), plain.locator("button.term").first
        assert "One enters with a right" in str(word.get_attribute("title"))
        word.click()
        plain.locator(shown).wait_for()
        plain.keyboard.press("Escape")
        plain.locator(shown).wait_for(state="detached")
