"""Two days of an enterprise, and two people in it, compared on pages."""

from pathlib import Path

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from tests.web.building import NETJES, Chain, advance, built_app, demo_chain, do, signed_in_client
from tests.web.test_history_who import INES_ENTERS, shown

DAYS = f"/history/{NETJES}/compare"
PEOPLE = f"/history/{NETJES}/compare-people"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain, in which the right was revoked on 4 May 2026."""
    chain = demo_chain(app)
    advance(app, "2026-05-04T10:00")
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant)
    return chain


def test_what_was_gained_is_shown_with_the_entries_that_gave_it(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{DAYS}?first=2026-03-01&second=2026-05-03"))

    assert f"{INES_ENTERS} gained ENTER-1 What made the difference:" in page
    assert "granted a right (Inès Dubois) GRANT-1" in page


def test_what_was_lost_is_shown_with_the_reason_and_the_entry(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "hilde").get(f"{DAYS}?first=2026-05-03&second=2026-05-04"))

    assert f"{INES_ENTERS} lost ENTER-1 Right: It was revoked on 4 May 2026." in page
    assert "Nadia El Amrani as manager who may grant the right – revoked a right (Inès Dubois) GRANT-1" in page
    assert "granted a right" not in page


def test_what_ended_by_itself_says_so(app: Flask) -> None:
    demo_chain(app)
    page = shown(signed_in_client(app, "nadia").get(f"{DAYS}?first=2027-03-01&second=2027-03-02"))

    assert "It ended: it is broken since 2 March 2027." in page
    assert "No entry made the difference" in page


def test_days_without_a_difference_say_so(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{DAYS}?first=2026-04-01&second=2026-04-02"))

    assert "There is no difference" in page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("first=2026-05-03&second=2026-05-03", "Choose a second day that comes after the first."),
        ("first=2026-05-03", "Choose the second day."),
        ("second=2026-05-03", "Choose the first day."),
        ("first=x&second=2026-05-03", "Choose a day that exists"),
    ],
)
def test_days_that_cannot_be_compared_are_told(app: Flask, chain: Chain, asked: str, told: str) -> None:
    page = signed_in_client(app, "nadia").get(f"{DAYS}?{asked}")

    assert page.status_code == 422
    assert told in shown(page)


def test_two_people_are_told_apart_by_rules(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{PEOPLE}?one=ines&other=nadia&on=2026-05-03"))

    assert "link a person to the enterprise may not LINK-1 may LINK-1" in page
    assert "grant a right: Service vouchers for recognised enterprises may not GRANT-1 may GRANT-1" in page
    assert (
        "enter the secure area: Service vouchers for recognised enterprises, V99901 may ENTER-1 may not ENTER-2" in page
    )


def test_two_people_are_compared_on_the_day_asked(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{PEOPLE}?one=ines&other=nadia&on=2026-05-05"))

    assert "link a person to the enterprise" in page
    assert "enter the secure area: " not in page


@pytest.mark.parametrize("asked", ["one=ines&other=ines", "one=ines&other=noah", "one=ines", "one=&other=ines"])
def test_people_who_cannot_be_compared_are_told(app: Flask, chain: Chain, asked: str) -> None:
    assert signed_in_client(app, "nadia").get(f"{PEOPLE}?{asked}").status_code == 422


@pytest.mark.parametrize("path", [DAYS, PEOPLE])
def test_others_find_nothing_there(app: Flask, chain: Chain, path: str) -> None:
    answers = {who: signed_in_client(app, who).get(path).status_code for who in ("ines", "noah", "mila", "karel")}

    assert answers == {"ines": 404, "noah": 404, "mila": 403, "karel": 200}
