"""The tour as somebody plays it in a browser: from its own pages, by its own buttons."""

from collections.abc import Callable

from tests.web.story import CONTEXT, PROPRE, Walk


def fill_in(walk: Walk, **fields: str) -> None:
    """Answer whatever each page of a job asks for, and send it, until a page asks for nothing more."""
    for _ in range(12):
        asked = [name for name in fields if walk.page.locator(f"main [name={name}]").count()]
        if not asked:
            return
        for name in asked:
            if walk.page.locator(f"main [name={name}]").first.get_attribute("type") in ("radio", "checkbox"):
                walk.choose(name, fields[name])
            else:
                walk.fill(**{name: fields[name]})
        walk.send()
    raise AssertionError("the steps come to no end")


def read_the_card(walk: Walk) -> None:
    """Sophie reads the card."""
    assert "Sophie Lambert" in walk.page.inner_text("main")


def appoint(walk: Walk) -> None:
    """Sophie appoints Nadia."""
    walk.follow("/appoint/main_access_manager$")
    fill_in(
        walk,
        number="85.06.11-000.42",
        given="Nadia",
        family="El Amrani",
        email="nadia@example.be",
        phone="+32 2 555 01 23",
        employee="yes",
    )
    walk.send()


def accept(walk: Walk) -> None:
    """Nadia accepts."""
    walk.follow("/managers/offers/")
    walk.press(walk.page.locator("form[action$='/accept'] button"))


def link(walk: Walk) -> None:
    """Nadia links Inès."""
    walk.follow("/people/add$")
    fill_in(walk, number="95.08.17-000.86", given="Inès", family="Dubois", first="2026-03-02", user_type="employee")
    walk.send()


def grant(walk: Walk) -> None:
    """Nadia gives Inès the right."""
    walk.follow(f"/users/{PROPRE}/people/(?!add)[^/]+$")
    walk.follow("/grant$")
    fill_in(walk, right="service_vouchers", contexts=CONTEXT, first="2026-03-02", last="2026-12-31")
    walk.send()


def enter(walk: Walk) -> None:
    """Inès goes to the secure area, let in or not."""
    walk.press(walk.page.locator(f"form:has(input[value='{PROPRE}']) button"))
    assert "ENTER-" in walk.page.inner_text("main")


def suspend(walk: Walk) -> None:
    """The register suspends the recognition."""
    panel = walk.page.locator("details:has([name=suspend-recognition-day])")
    panel.locator("summary").click()
    walk.fill(**{"suspend-recognition-day": "2026-03-02"})
    walk.press(panel.locator("button"))


def audit(walk: Walk) -> None:
    """Mila reads the history for a purpose."""
    walk.fill(enterprise="1999.000.249", case="2026/14", purpose="Yearly sample")
    walk.press(walk.page.locator("main form:has([name=enterprise]) button[type=submit]"))


PARTS: tuple[Callable[[Walk], None], ...] = (
    read_the_card,
    appoint,
    accept,
    link,
    grant,
    enter,
    suspend,
    enter,
    audit,
)
"""What is done in each chapter, from the page to which it leads."""


def play(walk: Walk) -> None:
    """Begin the tour, play each chapter, and go back to it by the bar."""
    walk.go("/simulator/tour/")
    walk.press(walk.page.locator("form[action$='/begin'] button"))
    for part in PARTS:
        walk.press(walk.page.locator("main form[action$='/become'] button, main a.button").first)
        part(walk)
        walk.press(walk.page.locator(".tour-bar a"))
