"""What the script adds to a drawing, in a real browser: a slider over the days, and size by the wheel."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from accessmgr.core.actions import Action
from tests.browser import Pages
from tests.web.building import NETJES, advance, do
from tests.web.users_cast import Cast, cast

DRAWING = f"/history/{NETJES}/drawing"


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """The cast on 20 April 2026, ten days after the right of Inès was revoked."""
    the = cast(tmp_path_factory.mktemp("served"))
    advance(the.app, "2026-04-10T09:00")
    do(the.app, "nadia", Action.REVOKE_GRANT, grant=the.chain.grant)
    advance(the.app, "2026-04-20T09:00")
    return the


@pytest.fixture(scope="module")
def base(the: Cast) -> Iterator[str]:
    """Where it is served."""
    server = make_server("127.0.0.1", 0, the.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def opened(the: Cast, base: str, page: Page, asked: str = "") -> Page:
    """The drawing, as Nadia sees it."""
    cookie = the.client("main manager").get_cookie(the.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    mine = {"name": cookie.key, "value": cookie.value, "url": base}
    page.context.add_cookies([mine, {"name": "language", "value": "en", "url": base}])  # type: ignore[list-item]
    page.goto(f"{base}{DRAWING}{asked}")
    return page


def test_the_slider_leads_through_the_days_of_change(the: Cast, base: str, new_page: Pages) -> None:
    page = opened(the, base, new_page())
    slider = page.get_by_role("slider", name="Day")
    expect(slider).to_have_attribute("aria-valuetext", "20 April 2026")
    expect(page.get_by_role("status")).to_contain_text("Broken in 1 box.")
    slider.focus()
    for shown in ("10 April 2026", "2 March 2026"):
        page.keyboard.press("ArrowLeft")
        expect(slider).to_have_attribute("aria-valuetext", shown)
    expect(page.locator(".whole-head")).to_contain_text("Every link that is drawn holds.")
    expect(slider).to_be_focused()
    assert page.url == f"{base}{DRAWING}?on=2026-03-02"


def test_the_drawing_grows_with_the_wheel_and_the_control_key(the: Cast, base: str, new_page: Pages) -> None:
    page = opened(the, base, new_page())
    drawing = page.locator(".whole-drawing")
    before = drawing.bounding_box()
    drawing.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(drawing).to_have_class("whole-drawing scaled")
    after = drawing.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] * 1.1, abs=2)


def test_without_a_script_there_is_no_slider_and_the_links_lead_on(the: Cast, base: str, new_page: Pages) -> None:
    page = opened(the, base, new_page(javascript=False))
    expect(page.get_by_role("slider")).to_have_count(0)
    page.get_by_role("link", name="10 April 2026").click()
    page.get_by_role("link", name="A day earlier").click()
    expect(page.locator(".whole-head")).to_contain_text("Every link that is drawn holds.")
    page.get_by_role("link", name="Larger").click()
    expect(page.locator(".whole-drawing")).to_have_attribute("width", str(round(1240 * 1.5)))
    page.get_by_role("link", name="Only as a list").click()
    expect(page.locator(".whole-drawing")).to_have_count(0)
    assert page.url == f"{base}{DRAWING}?on=2026-04-09&zoom=150&view=list"


def test_on_a_phone_the_page_itself_does_not_scroll_sideways(the: Cast, base: str, new_page: Pages) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    opened(the, base, page, "?zoom=200")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
