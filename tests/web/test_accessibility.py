"""Every page against axe, the checker of accessibility: wide and narrow, light and dark, in all languages."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Page, Route

import accessmgr.web
from accessmgr.api.parts import IN_SIMULATION, PARTS
from accessmgr.web.translations import LANGUAGES
from tests.browser import Pages
from tests.web.all_pages import Shown, shown
from tests.web.building import built_app

HOST = "http://127.0.0.1"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 900}
OF_COLOURS = ["color-contrast", "link-in-text-block"]
OF_WIDTH = ["target-size", "scrollable-region-focusable", "link-name", "label", "aria-hidden-focus"]
"""The rules whose outcome differs with the colours, and with the width of the window."""
PAIRS = """() => [...new Set([...document.querySelectorAll("body *")].filter(
  it => [...it.childNodes].some(child => child.nodeType === 3 && child.data.trim()) && it.checkVisibility()
).map(it => {
  const own = getComputedStyle(it), grounds = [];
  for (let each = it; each; each = each.parentElement) {
    const {backgroundColor: colour, backgroundImage: image, opacity} = getComputedStyle(each);
    grounds.push(colour === "rgba(0, 0, 0, 0)" && image === "none" && opacity === "1" ? "" : [colour, image, opacity]);
    if (/^rgb\\(/.test(colour)) break;
  }
  const inText = it.matches("p a, li a, dd a, td a");
  const font = [own.fontSize, own.fontWeight, own.textDecorationLine];
  return [own.color, own.fill, font, grounds.filter(Boolean), inText].join(";");
}))]"""
"""Which colours of text stand on which ground in a page, with what else decides how much they must differ."""
MAIN = {
    "welcome",
    "sign-in",
    "sign-in eid with errors",
    "start of nadia",
    "managers for the manager",
    "appoint access_manager with errors",
    "offer",
    "people for nadia",
    "grant with errors",
    "request to answer",
    "area",
    "area, refused to an outsider",
    "history for the auditor",
    "chains",
    "simulator, register",
    "absent",
}
"""The pages that are looked at in every language."""


@pytest.fixture
def page(new_page: Pages, tmp_path: Path) -> Page:
    """A blank page of a browser that gets the scripts of the product from here."""
    opened = new_page()
    app = built_app(tmp_path)
    opened.route("**/static/**", lambda route: answer_static(route, app))
    return opened


def answer_static(route: Route, app: Flask) -> None:
    """Answer with a static file of the product."""
    with app.test_client().get(route.request.url.removeprefix(HOST)) as answer:
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.get_data())


@dataclass
class Checker:
    """Looks at one page after the other; colours that it has seen on the same ground need no second look."""

    page: Page
    seen: set[str] = field(default_factory=set)

    def faults_of(self, one: Shown) -> list[str]:
        """What is wrong with one page: all of it wide and light, then what colours and a narrow window may change."""
        html = one.html.replace(".submit();", ";")  # a form that sends itself stays, to be looked at
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")  # or colours would be between two
        self.page.route(f"{HOST}/page", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=html))
        self.page.goto(f"{HOST}/page")
        self.page.unroute(f"{HOST}/page")
        self.page.evaluate(AXE_SCRIPT)
        brings = self._brings_colours("light")
        rules = {"rules": {rule: {"enabled": brings} for rule in OF_COLOURS}}
        found = [*self._axe("wide, light", rules), *self._too_wide("wide")]
        self.page.emulate_media(color_scheme="dark")
        if self._brings_colours("dark"):
            found += self._axe("wide, dark", {"runOnly": OF_COLOURS})
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        if self._brings_colours("dark"):
            found += self._axe("narrow, dark", {"runOnly": OF_COLOURS})
        found += [*self._axe("narrow, dark", {"runOnly": OF_WIDTH}), *self._too_wide("narrow")]
        return [f"{one.name}, {fault}" for fault in found]

    def _brings_colours(self, scheme: str) -> bool:
        pairs = {f"{scheme}: {pair}" for pair in self.page.evaluate(PAIRS)}
        new = pairs - self.seen
        self.seen |= pairs
        return bool(new)

    def _axe(self, look: str, options: dict[str, Any]) -> list[str]:
        asked = json.dumps({"resultTypes": ["violations"], **options})
        result: dict[str, Any] = self.page.evaluate(f"axe.run({asked})")
        violations = result["violations"]
        return [f"{look}: {each['id']}: {node['html']}" for each in violations for node in each["nodes"]]

    def _too_wide(self, look: str) -> list[str]:
        wider = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return [f"{look}: it is wider than the window"] if wider else []


def colours(scheme: str) -> dict[str, str]:
    """The colours of the style sheet by name."""
    style = (Path(accessmgr.web.__file__).parent / "static" / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[("light", "dark").index(scheme)]))


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours: 1 is none, 21 black on white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_stripes_and_in_drawings_stands_out_too(scheme: str) -> None:
    named = colours(scheme)
    texts = [("band-ink", "band"), ("band-ink", "band-stripe"), ("band-link", "band"), ("band-link", "band-stripe")]
    texts += [(ink, sheet) for ink in ("ink", "soft", "bad") for sheet in ("sheet", "bad-pale")]
    texts += [("ok", "sheet"), ("wait", "sheet")]
    lines = [(line, "sheet") for line in ("edge", "ok", "wait", "bad")]
    assert [pair for pair in texts if contrast(named[pair[0]], named[pair[1]]) < 4.5] == []
    assert [pair for pair in lines if contrast(named[pair[0]], named[pair[1]]) < 3] == []
    assert round(contrast("#000000", "#ffffff")) == 21


def test_the_pages_come_from_every_route_that_has_one() -> None:
    with TemporaryDirectory() as folder:
        rules = built_app(Path(folder)).url_map.iter_rules()
    routes = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    no_pages = {
        *(
            f"api.{endpoint.name}"
            for part in (*PARTS, *IN_SIMULATION)
            for endpoint in part.endpoints
            if endpoint.method == "GET"
        ),
        "api.openapi",
        "authzen.configuration",
        "oidc.configuration",
        "oidc.keys",
        "oidc.userinfo",
        "signals.configuration",
        "signals.metadata",
        "signals.status",
        "static",
        "start.healthz",
        "start.readyz",
        "metrics.scrape",
        "history.checkpoint",
        "history.key",
        "receipts.proof",
        "me_record.data",
        "users.report_file",
        "users.bulk_result_file",
        "review_results.as_statement",
        "reviews.following",
        "users.bulk_template",
    }
    assert routes - {one.endpoint for one in shown("en")} == no_pages
    assert {one.status for one in shown("en")} == {200, 400, 403, 404, 405, 409, 413, 422, 429, 500}


@pytest.mark.parametrize("part", range(6))
def test_no_page_has_a_fault_in_english(page: Page, part: int) -> None:
    checker = Checker(page)
    assert [fault for one in shown("en")[part::6] for fault in checker.faults_of(one)] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_main_page_has_a_fault_in_the_other_languages(page: Page, language: str) -> None:
    chosen = [one for one in shown(language) if one.name in MAIN]
    assert len(chosen) == len(MAIN)
    checker = Checker(page)
    assert [fault for one in chosen for fault in checker.faults_of(one)] == []
