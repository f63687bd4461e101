"""Help leads to pages that there are, and every word of the glossary is told in four languages."""

import re
from pathlib import Path

import pytest

from accessmgr.core.model import Role
from accessmgr.sentences import LANGUAGES, in_each_language
from accessmgr.web.help import glossary
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


def test_each_step_leads_to_a_page_that_there_is(tmp_path: Path) -> None:
    app = built_app(tmp_path)
    main = app.test_client().get("/help/").text.partition("<main")[2].partition("</main>")[0]
    places = re.findall(r'href="(/[^"#]*)"', main)
    assert len(places) >= 10
    for place in places:
        assert app.url_map.bind("localhost").match(place)
