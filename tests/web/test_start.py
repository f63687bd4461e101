"""The start page: what waits for a person, what ends soon, and where they have a tie."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from accessmgr.core.actions import Action
from accessmgr.core.model import Domain
from tests.web.building import (
    NETJES,
    Chain,
    advance,
    anonymous_client,
    built_app,
    demo_chain,
    do,
    followed,
    identity_of,
    product_of,
    signed_in_client,
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with an empty world."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain in it."""
    return demo_chain(app)


def home(app: Flask, person: str) -> str:
    """The words of a person's start page."""
    page = signed_in_client(app, person).get("/").get_data(as_text=True)
    content = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", content).split())


def test_somebody_who_has_not_signed_in_reads_how_one_gets_access(app: Flask) -> None:
    page = anonymous_client(app).get("/").get_data(as_text=True)
    assert "How a person gets access" in page
    assert 'href="/sign-in"' in page
    assert 'href="/simulator/"' in page


def test_who_audits_is_led_to_the_history_of_any_enterprise_and_nobody_else_is(app: Flask, chain: Chain) -> None:
    told = "Read the history of an enterprise, for a case that you work on"
    assert [told in home(app, who) for who in ("mila", chain.hilde, chain.nadia, chain.ines)] == [True] + [False] * 3
    assert "As an auditor you need none" in home(app, "mila")


def test_one_reads_what_one_is_and_has_in_each_enterprise(app: Flask, chain: Chain) -> None:
    told = home(app, chain.ines)
    assert "Netjes Thuis 1999.000.150" in told
    assert "employee, from 2 March 2026, without end" in told
    assert "Right: Service vouchers for recognised enterprises V99901, from 2 March 2026 to 1 March 2027" in told
    assert "managing director (in the register)" in home(app, chain.hilde)
    assert "main access manager" in home(app, chain.nadia)


@pytest.mark.parametrize(
    ("who", "links"),
    [
        ("hilde", [f"/managers/{NETJES}", f"/users/{NETJES}"]),
        ("nadia", [f"/managers/{NETJES}", f"/users/{NETJES}"]),
        ("ines", ["/secure-area/", f"/managers/{NETJES}/who"]),
    ],
)
def test_an_enterprise_links_only_to_pages_that_open(app: Flask, chain: Chain, who: str, links: list[str]) -> None:
    client = signed_in_client(app, getattr(chain, who))
    page = client.get("/").get_data(as_text=True)
    card = page.partition('<p class="actions">')[2].partition("</p>")[0]
    found = re.findall(r'href="([^"]+)"', card)
    assert found == links
    assert [followed(client, client.get(link)).status_code for link in found] == [200] * len(links)


def test_an_offer_waits_until_it_is_answered(app: Flask, chain: Chain) -> None:
    offered = do(
        app,
        chain.nadia,
        Action.APPOINT_ACCESS_MANAGER,
        enterprise=NETJES,
        domain=Domain.FINANCE,
        identity=identity_of("noah"),
    )
    told = home(app, chain.noah)
    assert "Nadia El Amrani offers you the role of access manager in Netjes Thuis. Domain: finance." in told
    do(app, chain.noah, Action.REFUSE_APPOINTMENT, appointment=offered.events[-1].row.id)
    assert "offers you the role" not in home(app, chain.noah)


def test_a_request_waits_for_those_who_may_answer_it_and_for_nobody_else(app: Flask, chain: Chain) -> None:
    do(app, chain.ines, Action.REQUEST_RIGHT, enterprise=NETJES, right="service_vouchers", contexts=("V99902",))
    assert "One request waits in Netjes Thuis." in home(app, chain.nadia)
    assert "request waits" not in home(app, chain.hilde)
    assert "You requested “Service vouchers for recognised enterprises” in Netjes Thuis" in home(app, chain.ines)
    assert "One request waits" not in home(app, chain.ines)


@pytest.mark.parametrize(("today", "shown"), [("2027-01-29", False), ("2027-01-30", True), ("2027-03-01", True)])
def test_what_ends_within_thirty_days_is_told(app: Flask, chain: Chain, today: str, shown: bool) -> None:
    advance(app, f"{today}T09:00")
    assert ("1 March 2027: your right" in home(app, chain.ines)) is shown


def test_what_has_ended_is_no_longer_on_the_start_page(app: Flask, chain: Chain) -> None:
    do(app, chain.nadia, Action.END_WORK_RELATION, relation=chain.relation, last_day=date(2026, 3, 10))
    advance(app, "2026-03-11T09:00")
    told = home(app, chain.ines)
    assert "Right:" not in told
    assert "employee" not in told


def test_somebody_without_any_tie_is_told_who_can_help(app: Flask, chain: Chain) -> None:
    assert "You have no tie to any enterprise yet." in home(app, chain.noah)


def test_a_form_refused_before_it_is_read_is_answered_in_the_language_chosen(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, chain.nadia, language="fr").post("/sign-out").get_data(as_text=True)
    assert "Le formulaire n’a pas pu être accepté" in page
    assert "Aller au contenu" in page


def test_the_start_page_asks_the_database_little(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.nadia)
    engine = product_of(app).sessions.engine  # type: ignore[attr-defined]
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    client.get("/")
    reads = [statement for statement in asked if statement.startswith("SELECT")]
    assert len(reads) <= 22


def step(app: Flask, person: str) -> tuple[str, str]:
    """The button of the first section of a person's start page, and where it leads."""
    page = signed_in_client(app, person).get("/").get_data(as_text=True)
    found = re.search(r'next-step panel.*?<a class="button" href="([^"]+)">([^<]+)</a>', page, re.DOTALL)
    assert found is not None
    return found[2], found[1].replace("&amp;", "&")


def test_the_next_step_of_each_is_what_the_rules_let_them_do(app: Flask, chain: Chain) -> None:
    steps = {who: step(app, who) for who in ("hilde", "nadia", "ines", "noah", "mila")}
    assert steps == {
        "hilde": ("See the users", f"/users/{NETJES}"),
        "nadia": ("Become main local administrator", f"/users/{NETJES}"),
        "ines": ("Enter the secure area", "/secure-area/"),
        "noah": ("Ask for a right", "/users/requests/new"),
        "mila": ("Read the history", "/history/"),
    }
    opened = {who: signed_in_client(app, who) for who in steps}
    assert {followed(opened[who], opened[who].get(path)).status_code for who, (_, path) in steps.items()} == {200}


def test_a_representative_of_an_enterprise_without_main_access_manager_is_led_to_appoint_one(app: Flask) -> None:
    chain = demo_chain(app)
    do(app, chain.hilde, Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    where = f"/managers/{NETJES}/appoint/main_access_manager"
    assert step(app, "hilde") == ("Appoint a main access manager", where)
    client = signed_in_client(app, "hilde")
    assert followed(client, client.get(where)).status_code == 200
    offered: dict[str, Any] = {"enterprise": NETJES, "employee": True, "identity": identity_of("noah")}
    offer = do(app, "hilde", Action.APPOINT_MAIN_ACCESS_MANAGER, **offered).events[-1].row.id
    assert step(app, "noah") == ("Accept or refuse", f"/managers/offers/{offer}")
    assert step(app, "hilde") == ("See the users", f"/users/{NETJES}")


def test_who_may_answer_a_request_is_led_to_it_and_who_made_it_has_nothing_to_do(app: Flask, chain: Chain) -> None:
    do(app, chain.noah, Action.REQUEST_RIGHT, enterprise=NETJES, right="service_vouchers", contexts=("V99902",))
    assert step(app, "nadia") == ("Answer requests", f"/users/{NETJES}/requests")
    assert "Your next step" not in home(app, "noah")


@pytest.mark.parametrize(("today", "told"), [("2027-01-29", False), ("2027-01-30", True)])
def test_a_manager_is_told_of_rights_of_their_people_that_end_soon(
    app: Flask, chain: Chain, today: str, told: bool
) -> None:
    advance(app, f"{today}T09:00")
    says = "One right of your people in Netjes Thuis ends within 30 days."
    assert (says in home(app, "nadia")) is told
    assert says not in home(app, "ines")


def test_the_report_behind_it_shows_those_rights(app: Flask, chain: Chain) -> None:
    advance(app, "2027-01-30T09:00")
    client = signed_in_client(app, "nadia")
    link = re.search(r'href="([^"]*reports[^"]*)"', client.get("/").get_data(as_text=True))
    assert link is not None
    report = client.get(link[1].replace("&amp;", "&")).get_data(as_text=True)
    assert "Inès Dubois" in report
    assert ">One right</h2>" in report


def test_somebody_with_nothing_yet_reads_how_to_get_access_with_links_to_the_forms(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "noah")
    steps = client.get("/").get_data(as_text=True).partition('<ol class="steps">')[2].partition("</ol>")[0]
    links = re.findall(r'href="([^"]+)"', steps)
    assert links == ["/managers/register", "/users/requests/new"]
    assert [client.get(link).status_code for link in links] == [200, 200]


def test_the_welcome_page_draws_the_chain_small(app: Flask) -> None:
    page = anonymous_client(app).get("/").get_data(as_text=True)
    chain = page.partition('<ol class="small-chain"')[2].partition("</ol>")[0]
    links = ["Register", "Legal representative", "Access manager", "You, with a right", "Secure area"]
    assert re.findall(r"<li>(.*?)</li>", chain) == links
