"""The main story in a real browser, on a served product: every language, with and without JavaScript, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Pages
from tests.live import copied, served
from tests.web.story import STORY, Walk

LOCALES = {"fr": "fr-BE", "nl": "nl-BE", "de": "de-BE", "en": "en-GB"}


@pytest.fixture(scope="module")
def demo_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with the demo world, made by a first start."""
    instance = tmp_path_factory.mktemp("demo") / "instance"
    with served(instance):
        pass
    return instance


@pytest.fixture
def base(demo_instance: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a product on a demo world of its own."""
    with served(copied(demo_instance, tmp_path / "instance")) as address:
        yield address


@pytest.mark.parametrize(
    ("language", "javascript"), [*((language, True) for language in LOCALES), ("fr", False), ("de", False)]
)
def test_the_story_goes_from_the_representative_to_the_auditor(
    language: str, javascript: bool, base: str, new_page: Pages
) -> None:
    page = new_page(javascript=javascript, locale=LOCALES[language])
    walk = Walk(page, base)
    for part in STORY:
        page.context.add_cookies([{"name": "language", "value": language, "url": base}])
        part(walk)
        assert page.locator("html").get_attribute("lang") == language


def test_the_story_can_be_walked_with_the_keyboard_alone(base: str, new_page: Pages) -> None:
    walk = Walk(new_page(locale="en-GB"), base, keyboard=True)
    for part in STORY:
        part(walk)
