"""The tool that takes pictures of every page: a picture for each look, and a page to leaf through them."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser

from tests.web.all_pages import Shown
from tests.web.building import built_app

TOOL = Path(__file__).resolve().parent.parent / "tools" / "screenshots"


def tool() -> ModuleType:
    """The tool, as a module."""
    loader = SourceFileLoader("screenshots_tool", str(TOOL))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_a_page_is_taken_in_each_look(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    screenshots = tool()
    monkeypatch.setattr(screenshots, "FOLDER", tmp_path / "pictures")
    app = built_app(tmp_path / "instance")
    shown = Shown("start, wide", None, 200, app.test_client().get("/").text)
    with screenshots.opened(browser, app) as page:
        names = screenshots.pictures(page, shown, "en")
    assert names == [
        "en/start-wide-1280-light.png",
        "en/start-wide-1280-dark.png",
        "en/start-wide-390-light.png",
        "en/start-wide-390-dark.png",
    ]
    pictures = [(tmp_path / "pictures" / name).read_bytes() for name in names]
    assert len(set(pictures)) == 4


def test_the_page_to_leaf_through_holds_every_picture() -> None:
    html = tool().index([("en: <start>", ["en/start-1280-light.png", "en/start-390-light.png"])])
    assert html.count("<img") == 2
    assert "en: &lt;start&gt;" in html
    assert 'src="en/start-390-light.png"' in html


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    readme = (TOOL.parent.parent / "README.md").read_text(encoding="utf-8")
    pictures = sorted((TOOL.parent.parent / "docs" / "images").glob("*.png"))
    assert [picture.name for picture in pictures if f"docs/images/{picture.name}" not in readme] == []
    assert [picture.name for picture in pictures if picture.stat().st_size > tool().LARGEST] == []
