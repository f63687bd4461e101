"""Every job of the rulebook in a real browser, in every language: each time in another way of using the browser.

The jobs follow each other in one enterprise of the demo world. They go by names of fields, addresses and ids of rules,
and answer whatever page asks for an answer, so that a job may be cut into steps in another way.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser import VIEWPORT, Pages
from tests.live import copied, served
from tests.web.story import CONTEXT, PROPRE, Walk, sign_in_with_eid

LOCALES = {"fr": "fr-BE", "nl": "nl-BE", "de": "de-BE", "en": "en-GB"}
PHONE = {"width": 390, "height": 844}
WAYS = ("mouse", "no script", "keyboard", "phone")
"""How the browser is used; the jobs of each language begin the round at another one."""
NUMBERS = {
    "anke": ("79.07.30-000.32", "Anke", "Willems"),
    "karel": ("68.09.23-999.93", "Karel", "De Smedt"),
    "nadia": ("85.06.11-000.42", "Nadia", "El Amrani"),
    "noah": ("01.03.22-999.61", "Noah", "Peeters"),
    "pieter": ("88.11.04-999.30", "Pieter", "Jacobs"),
}
RECEIPT = "/me/receipts/"
GRANT_DONE, RELATION_DONE = "^(?!.*/users/grants/)", "^(?!.*/users/relations/)"
"""The addresses where jobs end: not all have a receipt at once, but each leaves the page that asks."""
HERE, USERS = f"/managers/{PROPRE}", f"/users/{PROPRE}"
DEEP_LINK = f"/users/requests/new?dg=EA&ec=service_vouchers&ctx={CONTEXT}&oc={PROPRE}"


@dataclass
class Worker:
    """Somebody who does jobs in the browser."""

    walk: Walk
    language: str

    def be(self, who: str, *, strong: bool = False) -> None:
        """Be somebody: with the button of the simulator, or with eID for what asks for a strong key."""
        if strong:
            self.walk.page.context.clear_cookies(name="accessmgr")
            sign_in_with_eid(self.walk, " ".join(NUMBERS[who][1:]))
        else:
            self.walk.be(who)
        language = {"name": "language", "value": self.language, "url": self.walk.base}
        self.walk.page.context.add_cookies([language])  # type: ignore[list-item]  # a persona brings their own

    def answer(self, until: str, **answers: str) -> None:
        """Answer question after question, whichever page asks it, until an address that matches."""
        for _page in range(9):
            for name, value in answers.items():
                self._give(name, value)
            on = self.walk.page.locator("main form button[type=submit]:not(.quiet)")
            assert on.count() > 0, f"{self.walk.page.url} leads no further: {self.read()[:1500]}"
            self.walk.press(on.first)
            if re.search(until, self.walk.page.url):
                return
        raise AssertionError(f"{self.walk.page.url} is still not {until}: {self.read()[:1500]}")

    def press(self, action: str) -> None:
        """Send the form of the page that leads to an address that ends so."""
        self.walk.press(self.walk.page.locator(f"main form[action$='{action}'] button[type=submit]").first)

    def sees(self, *rules: str) -> None:
        """Be told these rules by the page."""
        shown = self.read()
        assert [rule for rule in rules if rule not in shown] == [], f"{self.walk.page.url}: {shown[:1500]}"

    def read(self) -> str:
        """What the page says."""
        return self.walk.page.inner_text("main")

    def open_person(self, family: str) -> None:
        """Open the page of somebody who is linked to the enterprise."""
        self.walk.go(USERS)
        self.walk.press(self.walk.page.locator("main tbody th a", has_text=family))

    def _give(self, name: str, value: str) -> None:
        controls = self.walk.page.locator(f"main [name={name}]:not([type=hidden])")
        if controls.count() == 0:
            return
        if controls.first.get_attribute("type") in ("radio", "checkbox"):
            if not self.walk.page.locator(f"main input[name={name}][value='{value}']").is_checked():
                self.walk.choose(name, value)
        elif controls.first.evaluate("it => it.tagName") == "SELECT":
            controls.first.select_option(value)
        else:
            self.walk.fill(**{name: value})


def offer(worker: Worker, role: str, whom: str, **more: str) -> None:
    """Offer a role to somebody, whose data are typed."""
    number, given, family = NUMBERS[whom]
    contact = {"email": f"{whom}@example.be", "phone": "+32 2 555 01 23", "employee": "yes"}
    worker.walk.go(f"{HERE}/appoint/{role}")
    worker.answer(RECEIPT, number=number, given=given, family=family, **contact, **more)


def take(worker: Worker, who: str) -> None:
    """Accept the role that is offered."""
    worker.be(who)
    worker.walk.go("/managers/")
    worker.walk.follow("/managers/offers/")
    worker.press("/accept")


def offers_and_is_refused(worker: Worker) -> None:
    worker.be("sophie")
    offer(worker, "main_access_manager", "karel")
    worker.sees("APPOINT-1")
    worker.be("karel")
    worker.walk.go("/managers/")
    worker.walk.follow("/managers/offers/")
    worker.press("/refuse")


def appoints_the_main_access_manager(worker: Worker) -> None:
    worker.be("sophie")
    offer(worker, "main_access_manager", "anke")
    worker.sees("APPOINT-1")
    take(worker, "anke")


def appoints_a_co_main_access_manager(worker: Worker) -> None:
    worker.be("anke", strong=True)
    offer(worker, "co_main_access_manager", "nadia")
    take(worker, "nadia")


def appoints_an_access_manager_of_a_domain(worker: Worker) -> None:
    worker.be("anke", strong=True)
    offer(worker, "access_manager", "karel", domain="finance")
    take(worker, "karel")


def lays_a_role_down(worker: Worker) -> None:
    worker.be("karel")
    worker.walk.go(HERE)
    worker.walk.follow("/managers/appointments/.*/end$")
    worker.press("/end")


def claims_the_main_local_role(worker: Worker) -> None:
    worker.be("anke")
    worker.walk.go(USERS)
    worker.press("/claim")


def links_a_person(worker: Worker) -> None:
    worker.be("anke")
    for whom in ("noah", "pieter"):
        number, given, family = NUMBERS[whom]
        worker.walk.go(f"{USERS}/people/add")
        days = {"first": "2026-03-02", "last": "2026-12-31"}
        worker.answer(RECEIPT, number=number, given=given, family=family, user_type="employee", **days)
        worker.sees("LINK-1")


def appoints_a_local_administrator(worker: Worker) -> None:
    worker.be("anke", strong=True)
    offer(worker, "local_administrator", "pieter")
    take(worker, "pieter")


def grants_a_right(worker: Worker) -> None:
    worker.be("anke")
    worker.open_person("Peeters")
    worker.walk.follow("/grant$")
    days = {"first": "2026-03-02", "last": "2026-06-30"}
    if worker.walk.page.locator("main a[href$='right=service_vouchers']").count():
        worker.walk.follow("right=service_vouchers$")
    worker.answer(RECEIPT, right="service_vouchers", contexts=CONTEXT, **days)
    worker.sees("GRANT-1")


def changes_the_last_day(worker: Worker) -> None:
    worker.be("anke")
    for last in ("2026-12-31", "2026-09-30"):  # later, and earlier again
        worker.open_person("Peeters")
        worker.walk.follow("/extend$")
        worker.answer(GRANT_DONE, last=last)


def enters(worker: Worker) -> None:
    worker.be("noah")
    worker.walk.go("/secure-area/")
    worker.walk.press(worker.walk.page.locator(f"form:has(input[value='{PROPRE}']) button"))
    worker.sees("ENTER-1")


def revokes(worker: Worker) -> None:
    worker.be("anke")
    worker.open_person("Peeters")
    worker.walk.follow("/revoke$")
    worker.answer(GRANT_DONE, reason="No longer needed")


def requests_and_withdraws(worker: Worker) -> None:
    request(worker)
    worker.walk.go("/users/requests")
    worker.walk.follow("/users/requests/(?!new)[^/]+$")
    worker.press("/withdraw")


def request(worker: Worker) -> None:
    """Request the right by the link that an application gives."""
    worker.be("noah")
    worker.walk.go(DEEP_LINK)
    days = {"first": "2026-03-02", "last": "2026-06-30"}
    worker.answer(RECEIPT, contexts=CONTEXT, reason="I plan the shifts", **days)


def open_request(worker: Worker) -> None:
    """Open the request that waits in the enterprise."""
    worker.be("anke")
    worker.walk.go(f"{USERS}/requests")
    worker.walk.follow("/users/requests/[^/]+$")


def requests_and_is_approved(worker: Worker) -> None:
    request(worker)
    open_request(worker)
    approve = worker.walk.page.locator("main form[action$='/approve']")
    for name, value in {"first": "2026-03-02", "last": "2026-04-30"}.items():
        approve.locator(f"[name={name}]").fill(value)
    worker.press("/approve")
    worker.walk.follow(f"^{RECEIPT}")


def renounces(worker: Worker) -> None:
    worker.be("noah")
    worker.walk.go("/users/")
    worker.walk.follow("/users/grants/.*/revoke$")
    worker.answer(GRANT_DONE)


def requests_and_is_refused(worker: Worker) -> None:
    request(worker)
    open_request(worker)
    worker.walk.page.locator("main form[action$='/refuse'] [name=reason]").fill("Somebody else plans them")
    worker.press("/refuse")


def grants_many_from_a_list(worker: Worker) -> None:
    worker.be("anke")
    head = "national_number;given_name;family_name;right;contexts;first_day;last_day"
    lines = [
        f"{';'.join(NUMBERS[whom])};service_vouchers;{CONTEXT};2026-03-02;2026-12-31" for whom in ("noah", "pieter")
    ]
    worker.walk.go(f"{USERS}/bulk")
    worker.walk.choose("action", "grant_right")
    worker.walk.page.locator("main textarea[name=text]").fill("\n".join([head, *lines]))
    worker.answer("/bulk/results/", mode="all")


def revokes_those_that_are_ticked(worker: Worker) -> None:
    worker.be("anke")
    worker.walk.go(f"{USERS}/grants")
    for box in worker.walk.page.locator("main input[name=grant]").all():
        worker.walk.choose("grant", box.get_attribute("value") or "")
    worker.walk.press(worker.walk.page.locator("main button[name=do][value=revoke_grant]"))
    worker.answer("/bulk/results/", mode="all")


def ends_a_work_relation(worker: Worker) -> None:
    worker.be("anke")
    worker.open_person("Peeters")
    worker.walk.follow("/relations/.*/end$")
    worker.answer(RELATION_DONE, last="2026-03-02")


def ends_with_a_successor(worker: Worker) -> None:
    worker.be("sophie")
    offer(worker, "main_access_manager", "karel", replaces="y")
    take(worker, "karel")
    worker.walk.go(HERE)
    assert "Karel" in worker.read()


def ends_without_a_successor(worker: Worker) -> None:
    worker.be("sophie")
    worker.walk.go(HERE)
    row = worker.walk.page.locator("main tr", has_text="Karel").locator("a[href$='/end']").first
    worker.walk.press(row)
    worker.press("/end")


JOBS: tuple[Callable[[Worker], None], ...] = (
    offers_and_is_refused,
    appoints_the_main_access_manager,
    appoints_a_co_main_access_manager,
    appoints_an_access_manager_of_a_domain,
    lays_a_role_down,
    claims_the_main_local_role,
    links_a_person,
    appoints_a_local_administrator,
    grants_a_right,
    changes_the_last_day,
    enters,
    revokes,
    requests_and_withdraws,
    requests_and_is_approved,
    renounces,
    requests_and_is_refused,
    grants_many_from_a_list,
    revokes_those_that_are_ticked,
    ends_a_work_relation,
    ends_with_a_successor,
    ends_without_a_successor,
)
"""The jobs, in an order in which each finds what it needs."""


@pytest.fixture(scope="module")
def demo_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with the demo world, made by a first start."""
    instance = tmp_path_factory.mktemp("jobs") / "instance"
    with served(instance):
        pass
    return instance


@pytest.mark.parametrize("language", LOCALES)
def test_every_job_can_be_done(language: str, demo_instance: Path, tmp_path: Path, new_page: Pages) -> None:
    with served(copied(demo_instance, tmp_path / "instance")) as base:
        scripted, plain = (new_page(javascript=on, locale=LOCALES[language]) for on in (True, False))
        for place, job in enumerate(JOBS, start=list(LOCALES).index(language)):
            way = WAYS[place % len(WAYS)]
            page = plain if way == "no script" else scripted
            page.set_viewport_size(PHONE if way == "phone" else VIEWPORT)  # type: ignore[arg-type]
            try:
                job(Worker(Walk(page, base, keyboard=way == "keyboard"), language))
                assert page.locator("html").get_attribute("lang") == language
            except BaseException as failed:
                failed.add_note(f"in the job {job.__name__}, {language}, {way}, at {page.url}")
                raise
