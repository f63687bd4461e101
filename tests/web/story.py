"""The main story, walked through the pages of a served product: from the representative to the auditor.

It goes by addresses, names of fields and ids of rules, which are the same in every language.
"""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

PROPRE = "1999000249"
CONTEXT = "V99903"


@dataclass
class Walk:
    """A browser page that goes through the story, with mouse or keyboard."""

    page: Page
    base: str
    keyboard: bool = False

    def go(self, path: str) -> None:
        """Open an address."""
        answer = self.page.goto(f"{self.base}{path}")
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"

    def press(self, control: Locator) -> None:
        """Press a button or follow a link, and wait for the page it leads to; with the keyboard by Tab and Enter."""
        if self.keyboard:
            self._tab_to(control)
        with self.page.expect_navigation():
            if self.keyboard:
                self.page.keyboard.press("Enter")
            else:
                control.click()

    def fill(self, **fields: str) -> None:
        """Fill fields by name; a day in the order that the field takes."""
        for name, value in fields.items():
            control = self.page.locator(f"main [name={name}]")
            if not self.keyboard:
                control.fill(value)
                continue
            self._tab_to(control)
            if control.get_attribute("type") == "date":
                control.fill(value)  # the order in which a day is typed is the browser's own
            else:
                self.page.keyboard.press("Control+A")
                self.page.keyboard.type(value)

    def choose(self, name: str, value: str) -> None:
        """Choose a radio button or tick a box."""
        control = self.page.locator(f"main input[name={name}][value='{value}']")
        if not self.keyboard:
            control.check()
            return
        if control.get_attribute("type") == "radio":
            group = self.page.locator(f"main input[name={name}]")
            self._tab_to(group, any_of=True)
            self.page.keyboard.press("Space")
            for _ in range(group.count()):
                if control.is_checked():
                    return
                self.page.keyboard.press("ArrowDown")
        else:
            self._tab_to(control)
            self.page.keyboard.press("Space")
        assert control.is_checked()

    def send(self) -> None:
        """Send the first form of the page that is not one of the frame."""
        self.press(self.page.locator("main form button[type=submit]").first)

    def follow(self, pattern: str) -> None:
        """Follow the first link in the page whose address matches."""
        links = self.page.locator("main a")
        links.first.wait_for(state="attached")
        addresses = links.evaluate_all("links => links.map(link => link.getAttribute('href') ?? '')")
        found = [place for place, address in enumerate(addresses) if re.search(pattern, address)]
        assert found, f"{self.page.url} has no link to {pattern}, but {addresses}"
        self.press(links.nth(found[0]))

    def be(self, persona: str) -> None:
        """Sign out, if anybody is in, and be one of the people of the demo world."""
        self.page.context.clear_cookies(name="accessmgr")
        self.go("/simulator/")
        self.press(self.page.locator(f"form:has(input[value='{persona}']) button"))

    def _tab_to(self, wanted: Locator, *, any_of: bool = False) -> None:
        """Press Tab until the wanted control has the focus, as somebody without a mouse would."""
        controls = wanted.all() if any_of else [wanted]
        for _ in range(400):
            if any(control.evaluate("it => it === document.activeElement") for control in controls):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("the keyboard does not reach the control")


def sign_in_with_eid(walk: Walk, name: str) -> None:
    """Sign in on the sign-in page, with a test card and the PIN that is shown beside it."""
    walk.go("/sign-in/eid")
    choice = walk.page.locator("main label", has_text=name)
    card = choice.locator("xpath=ancestor-or-self::*[.//input[@type='radio']][1]")
    pin = re.search(r"\b(\d{4})\b(?!.*\b\d{4}\b)", card.inner_text(), re.DOTALL)
    assert pin is not None
    walk.choose("person", card.locator("input[type=radio]").get_attribute("value") or "")
    walk.fill(pin=pin[1])
    walk.press(walk.page.locator("main form:has([name=pin]) button[type=submit]").first)


def representative_appoints(walk: Walk) -> None:
    """Sophie sees why she represents Propre & Net, and appoints Anke its main access manager."""
    sign_in_with_eid(walk, "Sophie Lambert")
    walk.go("/managers/")
    walk.follow(f"/managers/register/{PROPRE}$")
    assert "Sophie Lambert" in walk.page.inner_text("main")
    walk.go(f"/managers/{PROPRE}")
    walk.follow("/appoint/main_access_manager$")
    walk.fill(number="79.07.30-000.32", given="Anke", family="Willems")
    walk.send()
    walk.fill(email="anke@example.be", phone="+32 2 555 01 23")
    walk.send()
    walk.choose("employee", "yes")
    walk.send()
    shown = walk.page.inner_text("main")
    assert "79.07.30" not in shown
    assert "32" in shown
    walk.send()
    assert walk.page.url.startswith(f"{walk.base}/me/receipts/")
    assert "APPOINT-1" in walk.page.inner_text("main")


def manager_accepts(walk: Walk) -> None:
    """Anke reads the offer and accepts it."""
    walk.be("anke")
    walk.go("/managers/")
    walk.follow("/managers/offers/")
    walk.press(walk.page.locator("form[action$='/accept'] button"))


def manager_links_and_grants(walk: Walk) -> None:
    """Anke finds Noah by number, links him, and grants him the service vouchers for one recognition."""
    walk.go(f"/users/{PROPRE}")
    walk.follow("/people/add$")
    walk.fill(number="01032299961", given="noah", family="PEETERS")
    walk.send()
    walk.fill(first="2026-03-02", last="2026-12-31")
    walk.choose("user_type", "employee")
    walk.send()
    walk.send()
    walk.go(f"/users/{PROPRE}")
    walk.follow(f"/users/{PROPRE}/people/(?!add)[^/]+$")
    walk.follow("/grant$")
    walk.choose("right", "service_vouchers")
    walk.send()
    walk.choose("contexts", CONTEXT)
    walk.send()
    walk.fill(first="2026-03-02", last="2026-06-30")
    walk.send()
    assert CONTEXT in walk.page.inner_text("main")
    walk.send()


def manager_extends(walk: Walk) -> None:
    """Anke goes on from the receipt, and gives the right a later last day, within the work relation."""
    walk.follow(f"/users/{PROPRE}/people/[^/]+$")
    walk.follow("/extend$")
    walk.fill(last="2026-12-31")
    walk.send()


def employee_enters(walk: Walk) -> None:
    """Noah enters the secure area for the new employer."""
    walk.be("noah")
    walk.go("/secure-area/")
    walk.press(walk.page.locator(f"form:has(input[value='{PROPRE}']) button"))
    assert walk.page.url.startswith(f"{walk.base}/secure-area/{PROPRE}/service_vouchers/{CONTEXT}")
    assert "ENTER-1" in walk.page.inner_text("main")


def manager_revokes(walk: Walk) -> None:
    """Anke revokes the right, and ends the work relation."""
    walk.be("anke")
    walk.go(f"/users/{PROPRE}")
    walk.follow(f"/users/{PROPRE}/people/(?!add)[^/]+$")
    walk.follow("/revoke$")
    walk.send()
    walk.go(f"/users/{PROPRE}")
    walk.follow(f"/users/{PROPRE}/people/(?!add)[^/]+$")
    walk.follow("/relations/.*/end$")
    walk.send()
    walk.send()


def employee_is_refused(walk: Walk) -> None:
    """Noah is told which link fails, by which rule, and since when."""
    walk.be("noah")
    walk.go("/secure-area/")
    walk.press(walk.page.locator(f"form:has(input[value='{PROPRE}']) button"))
    told = walk.page.inner_text("main")
    assert "ENTER-1" in told
    assert "2026" in told


def auditor_reads(walk: Walk) -> None:
    """Mila gives a purpose, and reads who did what."""
    walk.be("mila")
    walk.go("/history/")
    walk.fill(enterprise="1999.000.249", case="2026/14", purpose="Yearly sample")
    walk.press(walk.page.locator("main form:has([name=enterprise]) button[type=submit]"))
    assert walk.page.url == f"{walk.base}/history/{PROPRE}"
    read = walk.page.inner_text("main")
    for rule in ("APPOINT-1", "ACCEPT-1", "LINK-1", "GRANT-1", "ENTER-1"):
        assert rule in read, f"{rule} is not in the history"


STORY = (
    representative_appoints,
    manager_accepts,
    manager_links_and_grants,
    manager_extends,
    employee_enters,
    manager_revokes,
    employee_is_refused,
    auditor_reads,
)
"""The parts of the story, in their order."""
