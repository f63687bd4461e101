"""Any day on pages: what was so on a day, what was known of it on a day, and no action in the past."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from accessmgr.usecases.register import end_recognition
from tests.web.building import (
    NETJES,
    Chain,
    advance,
    built_app,
    demo_chain,
    do,
    identity_of,
    product_of,
    signed_in_client,
)

MANAGERS = f"/managers/{NETJES}"
OF_ENTRIES = (f"/history/{NETJES}", "/history/me")
PAGES = (
    MANAGERS,
    f"/users/{NETJES}",
    f"/users/{NETJES}/people/ines",
    "/users/",
    f"/history/{NETJES}/chain?person=ines",
    *OF_ENTRIES,
)
"""Every page that shows another day, for somebody who manages the enterprise."""


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application on an empty database, at nine in the morning of 2 March 2026."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain in it."""
    return demo_chain(app)


def text_of(response: Any) -> str:
    """The text of a page as a person reads it: without tags, spaces as one."""
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", response.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'").split())


def test_a_page_says_which_moment_it_shows_and_leads_back_to_now(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")
    asked = {
        "on=2026-03-01": "You look at 1 March 2026, with what is known now.",
        "on=2026-03-01T12:30": "You look at 1 March 2026, 12:30, with what is known now.",
        "on=2026-03-01&on_time=12:30": "You look at 1 March 2026, 12:30, with what is known now.",
        "on=01/03/2026": "You look at 1 March 2026, with what is known now.",
        "known=2026-03-01": "You look at the present as it was known on 1 March 2026.",
        "on=2026-02-28&known=2026-03-01T08:00": "You look at 28 February 2026, as it was known on 1 March 2026, 08:00.",
    }
    for query, told in asked.items():
        page = client.get(f"{MANAGERS}?{query}")
        assert (page.status_code, told in text_of(page)) == (200, True), query
        assert f'<a href="{MANAGERS}">Back to now</a>' in page.get_data(as_text=True)
    assert "You look at" not in text_of(client.get(MANAGERS))
    for present in ("on=2026-03-02", "known=2026-03-02", "known=2099-01-01", "on=&known=&on_time="):
        assert "You look at" not in text_of(client.get(f"{MANAGERS}?{present}")), present


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("on=yesterday", "Situation on: Choose a day that exists, written as day/month/year, such as 31/03/2026."),
        ("on=2026-02-30", "Situation on: Choose a day that exists, written as day/month/year, such as 31/03/2026."),
        ("on=1066-10-14", "Situation on: Choose a day between 1900 and 2199."),
        ("known=2026-03-01T25:00", "Time at which it was known: Write the time as hours and minutes, such as 14:30."),
        ("known=2026-03-01Tnoon", "Time at which it was known: Write the time as hours and minutes, such as 14:30."),
        ("known_time=12:00", "Time at which it was known: Choose the day too."),
        ("on=2025-03-30T02:30", "Time of that day: The clock in Belgium never showed this time on that day."),
    ],
)
def test_a_day_that_is_none_is_answered_with_the_form(app: Flask, chain: Chain, query: str, told: str) -> None:
    client = signed_in_client(app, "nadia")
    for path in PAGES:
        page = client.get(f"{path}{'&' if '?' in path else '?'}{query}")
        if path in OF_ENTRIES and query.startswith("on="):
            assert page.status_code == 200
            continue
        assert (page.status_code, told in text_of(page)) == (422, True), path
        assert f'<form method="get" action="{path.split("?")[0]}">' in page.get_data(as_text=True)


def test_who_had_which_role_is_shown_for_the_day(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-10T09:00")
    do(app, "nadia", Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    advance(app, "2026-03-10T10:00")
    client = signed_in_client(app, "hilde")
    assert "Nadia" not in text_of(client.get(MANAGERS))
    for query, has_role in (
        ("on=2026-03-10T08:59", True),
        ("on=2026-03-10T09:05", False),
        ("on=2026-03-05", True),
        ("on=2026-03-02T08:59", False),
        ("on=2026-03-02T09:05", True),
        ("known=2026-03-09", True),
        ("known=2026-03-02T08:59", False),
        ("on=2026-03-09&known=2026-03-02T09:05", True),
        ("on=2026-03-01&known=2026-03-05", False),
    ):
        assert ("Nadia El Amrani" in text_of(client.get(f"{MANAGERS}?{query}"))) is has_role, query


def test_an_offer_waits_on_the_days_on_which_it_waited(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-10T09:00")
    offered = do(
        app,
        "nadia",
        Action.APPOINT_CO_MAIN_ACCESS_MANAGER,
        enterprise=NETJES,
        employee=True,
        identity=identity_of("karel"),
    )
    advance(app, "2026-03-12T09:00")
    do(app, "karel", Action.ACCEPT_APPOINTMENT, appointment=offered.events[-1].row.id)
    client = signed_in_client(app, "nadia")
    waits = "Offers that wait for an answer"
    for query, waited in (("on=2026-03-09", False), ("on=2026-03-11", True), ("on=2026-03-12", False), ("", False)):
        assert (waits in text_of(client.get(f"{MANAGERS}?{query}"))) is waited, query
    assert waits in text_of(client.get(f"{MANAGERS}?known=2026-03-11"))


def test_links_and_rights_are_those_of_the_day(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-10T09:00")
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant, reason=True)
    users, card = f"/users/{NETJES}", f"/users/{NETJES}/people/ines"
    manager, holder = signed_in_client(app, "nadia"), signed_in_client(app, "ines")
    for client, path in ((manager, users), (manager, card), (holder, card), (holder, "/users/")):
        then, before = text_of(client.get(f"{path}?on=2026-03-09")), text_of(client.get(f"{path}?on=2026-03-01"))
        assert "Service vouchers" in then, path
        assert "revoked since" not in then, path
        assert "Service vouchers" not in before, path
    assert "revoked since 10 March 2026, 09:00" in text_of(manager.get(card))
    assert "revoked since" not in text_of(manager.get(f"{card}?known=2026-03-09"))
    assert "Service vouchers" not in text_of(manager.get(f"{card}?known=2026-03-02T08:59"))
    assert "Inès Dubois" not in text_of(manager.get(f"{users}?on=2026-03-01"))
    assert "Nobody was linked then." in text_of(manager.get(f"{users}?known=2026-03-01"))


def test_a_request_counts_from_its_own_moment(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-10T09:00")
    do(app, "ines", Action.REQUEST_RIGHT, enterprise=NETJES, right="service_vouchers", contexts=("V99902",))
    client = signed_in_client(app, "ines")
    for path in ("/users/", f"/users/{NETJES}/people/ines"):
        assert "waiting for an answer" in text_of(client.get(path))
        assert "waiting for an answer" in text_of(client.get(f"{path}?on=2026-03-11"))
        assert "waiting for an answer" not in text_of(client.get(f"{path}?on=2026-03-09"))
        assert "waiting for an answer" not in text_of(client.get(f"{path}?known=2026-03-09"))


def test_a_late_correction_is_seen_in_what_is_known_now_and_not_in_what_was_known_then(
    app: Flask, chain: Chain
) -> None:
    advance(app, "2026-03-10T09:00")
    end_recognition(product_of(app).world, "V99901", date(2026, 3, 4))
    advance(app, "2026-03-10T10:00")
    client = signed_in_client(app, "nadia")
    chain_page = f"/history/{NETJES}/chain?person=ines"
    holds, broken = "Every link holds", "The chain is broken at: Context"
    for query, told in (
        ("", broken),
        ("&on=2026-03-05", broken),
        ("&on=2026-03-05&known=2026-03-05", holds),
        ("&known=2026-03-09", holds),
        ("&on=2026-03-04", holds),
        ("&on=2026-03-05&known=2026-03-10T09:05", broken),
    ):
        assert told in text_of(client.get(f"{chain_page}{query}")), query


def test_the_history_shows_the_entries_known_by_then(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-10T09:00")
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant, reason=True)
    for person, path in (("nadia", f"/history/{NETJES}"), ("ines", "/history/me")):
        client = signed_in_client(app, person)
        assert "revoked a right Service vouchers" in text_of(client.get(path))
        then = client.get(f"{path}?known=2026-03-09")
        assert "granted a right Service vouchers" in text_of(then)
        assert "revoked a right Service vouchers" not in text_of(then)
        assert f'<a href="{path}">Back to now</a>' in then.get_data(as_text=True)


def test_in_the_past_nothing_can_be_done(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")
    for path in PAGES:
        page = client.get(f"{path}{'&' if '?' in path else '?'}known=2026-03-01").get_data(as_text=True)
        main = page[page.index("<main") : page.index("</main>")]
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"?]*)', main)
        assert [form for form in forms if not form.endswith(("/search", "/history/export"))] == [], path
        assert "What you can do" not in main, path
        assert re.findall(r'href="[^"]*/(?:appoint|end|add|grant|revoke|extend|new)[/"]', main) == [], path


def test_whoever_may_not_look_now_may_not_look_at_then(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-10T09:00")
    do(app, "nadia", Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    for person in ("nadia", "noah"):
        client = signed_in_client(app, person)
        for path in (MANAGERS, f"/users/{NETJES}", f"/users/{NETJES}/people/ines", f"/history/{NETJES}"):
            assert client.get(f"{path}?on=2026-03-09&known=2026-03-09").status_code == 404, (person, path)
    assert signed_in_client(app, "hilde").get(f"{MANAGERS}?on=2026-03-09").status_code == 200
