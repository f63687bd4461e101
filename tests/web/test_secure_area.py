"""Who gets into the secure area, what they see there, and what they are told who do not."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import Key
from accessmgr.store.asked import lines_asked
from accessmgr.usecases.decision_log import DecisionLog
from tests.web.building import (
    NETJES,
    PROPRE,
    add_enterprise,
    add_fact,
    advance,
    anonymous_client,
    area_client,
    built_app,
    demo_chain,
    do,
    post,
    product_of,
)

HOME = "/secure-area/"
AREA = f"/secure-area/{NETJES}/service_vouchers/V99901/"
ABSENT = "1999000348"
WAY_IN = {"enterprise": "1999.000.150", "right": "service_vouchers", "context": "V99901"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path)
    demo_chain(app)
    add_enterprise(app, PROPRE, "Propre & Net")
    add_fact(app, "recognition", id="V99903", enterprise=PROPRE, first=date(2018, 1, 1))
    return app


def recorded(app: Flask) -> list[tuple[str, list[str]]]:
    with product_of(app).world.store.reading() as seen:
        entries = [json.loads(entry.leaf) for entry in seen.lists.entries(limit=10)]
    return [(entry["type"], entry["decision"].get("because", [])) for entry in entries]


def shown(page: Any) -> str:
    """What a page says, without its markup and tokens."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def test_the_employee_finds_each_way_in_that_they_hold(app: Flask) -> None:
    page = shown(area_client(app, "ines").get(HOME))

    assert "Netjes Thuis" in page
    assert "Context: V99901" in page
    assert "V99902" not in page


def test_whoever_holds_nothing_is_told_so(app: Flask) -> None:
    assert "You hold no right in any enterprise." in shown(area_client(app, "noah").get(HOME))


def test_entering_is_recorded_and_leads_to_the_first_page(app: Flask) -> None:
    answer = post(area_client(app, "ines"), "/secure-area/enter", WAY_IN)

    assert (answer.status_code, answer.headers["Location"]) == (303, AREA)
    assert recorded(app)[0] == ("secure_area.entered", ["ENTER-1"])


def test_the_page_says_why_one_may_be_there_and_shows_demo_data(app: Flask) -> None:
    client = area_client(app, "ines")
    post(client, "/secure-area/enter", WAY_IN)
    page = shown(client.get(AREA))

    assert "Every link holds: the person may enter." in page
    assert "demo data" in page
    assert "Performances" in page


def test_each_page_of_the_application_opens_and_others_do_not_exist(app: Flask) -> None:
    client = area_client(app, "ines")

    assert [client.get(f"{AREA}{page}").status_code for page in ("performances", "employees", "vouchers")] == [200] * 3
    assert client.get(f"{AREA}salaries").status_code == 404


def test_the_demo_data_is_the_same_each_time_and_differs_by_context(app: Flask) -> None:
    day = date(2026, 3, 2)
    period = Period(day, date(2026, 12, 31))
    asked: dict[str, Any] = {"enterprise": NETJES, "person": "ines", "right": "service_vouchers", "period": period}
    do(app, "nadia", Action.GRANT_RIGHT, contexts=("V99902",), **asked)
    client = area_client(app, "ines")

    def table(context: str) -> str:
        page = client.get(f"/secure-area/{NETJES}/service_vouchers/{context}/vouchers").get_data(as_text=True)
        return page.split("<tbody>")[1].split("</tbody>")[0]

    assert table("V99901") == table("V99901")
    assert table("V99901") != table("V99902")


def test_a_page_opened_by_its_address_counts_as_entering_once(app: Flask) -> None:
    client = area_client(app, "ines")
    client.get(AREA)
    client.get(f"{AREA}vouchers")

    assert [type_ for type_, _ in recorded(app)].count("secure_area.entered") == 1


def test_each_further_page_stands_in_the_decision_log(app: Flask) -> None:
    client, log = area_client(app, "ines"), product_of(app).decision_log
    client.get(AREA)
    client.get(f"{AREA}vouchers")
    client.get(f"{AREA}employees")
    log.flush()
    with product_of(app).world.store.reading() as look:
        lines = [json.loads(line) for line in lines_asked(look.connection, ["ines", NETJES])]  # type: ignore[attr-defined]

    assert [(line["person"], line["because"], line["asked"]["contexts"]) for line in lines] == [
        ("ines", ["ENTER-1"], ["V99901"]),
        ("ines", ["ENTER-1"], ["V99901"]),
    ]


def test_a_further_page_stays_closed_while_the_decision_log_cannot_be_written(app: Flask) -> None:
    client, full = area_client(app, "ines"), DecisionLog(product_of(app).world, most=1)
    app.extensions["accessmgr"] = replace(product_of(app), decision_log=full)
    client.get(AREA)

    assert [client.get(f"{AREA}vouchers").status_code for _ in range(2)] == [200, 503]
    full.flush()
    assert client.get(f"{AREA}vouchers").status_code == 200


def test_a_right_that_works_for_another_application_is_entered_all_the_same(app: Flask) -> None:
    period = Period(date(2026, 3, 2), date(2026, 12, 31))
    asked: dict[str, Any] = {"enterprise": NETJES, "person": "ines", "right": "subsidy_desk", "period": period}
    do(app, "hilde", Action.GRANT_RIGHT, contexts=("reader",), **asked)
    page = area_client(app, "ines").get(f"/secure-area/{NETJES}/subsidy_desk/reader/")

    assert page.status_code == 200
    assert "This application has no pages in the demo world." in shown(page)


def test_a_right_that_is_revoked_meanwhile_closes_the_next_page(app: Flask, tmp_path: Path) -> None:
    client = area_client(app, "ines")
    assert client.get(AREA).status_code == 200
    with product_of(app).world.store.reading() as seen:
        grant = seen.lists.grants(holder="ines")[0]
    do(app, "nadia", Action.REVOKE_GRANT, grant=grant.id)
    page = client.get(f"{AREA}vouchers")

    assert page.status_code == 403
    assert "It was revoked on 2 March 2026." in shown(page)
    assert recorded(app)[0] == ("action.refused", ["ENTER-1"])


def test_a_right_that_runs_out_overnight_closes_the_next_page(app: Flask) -> None:
    client = area_client(app, "ines")
    advance(app, "2027-03-01T23:59")
    assert client.get(AREA).status_code == 200
    advance(app, "2027-03-02T00:00")
    page = client.get(AREA)

    assert page.status_code == 403
    assert "It ended: it is broken since 2 March 2027." in shown(page)


@pytest.mark.parametrize("person", ["hilde", "nadia"])
def test_neither_representative_nor_manager_enters_without_work_relation_and_right(app: Flask, person: str) -> None:
    page = area_client(app, person).get(AREA)

    assert page.status_code == 403
    assert recorded(app)[0] == ("action.refused", ["ENTER-2"])
    assert "The chain is broken at: User, Right." in shown(page)
    assert "The right was never granted for this context." in shown(page)


@pytest.mark.parametrize(
    ("swapped", "rules"),
    [
        ({"context": "V99902"}, ["ENTER-1"]),
        ({"context": "V99903"}, ["ENTER-4"]),
        ({"context": ""}, ["ENTER-5"]),
        ({"right": "energy_audit", "context": "8999000103"}, ["ENTER-1"]),
    ],
)
def test_another_context_or_right_than_the_one_granted_is_refused(
    app: Flask, swapped: dict[str, str], rules: list[str]
) -> None:
    answer = post(area_client(app, "ines"), "/secure-area/enter", {**WAY_IN, **swapped})

    assert answer.status_code == 403
    assert recorded(app)[0] == ("action.refused", rules)
    assert "The chain is broken at:" in shown(answer)


def test_another_enterprise_and_one_that_does_not_exist_get_the_same_answer(app: Flask) -> None:
    client = area_client(app, "ines")
    foreign = shown(post(client, "/secure-area/enter", {**WAY_IN, "enterprise": PROPRE}))
    absent = shown(post(client, "/secure-area/enter", {**WAY_IN, "enterprise": ABSENT}))

    assert "You have no tie to this enterprise" in foreign
    assert "The chain" not in foreign
    assert foreign == absent


def test_another_persons_way_in_is_refused_without_a_word_about_the_enterprise(app: Flask) -> None:
    page = area_client(app, "noah").get(AREA)

    assert page.status_code == 403
    assert "Netjes" not in shown(page)
    assert "Nadia" not in shown(page)


def test_a_weaker_key_than_the_right_asks_for_is_refused(app: Flask) -> None:
    page = area_client(app, "ines", Key.SMS).get(AREA)

    assert page.status_code == 403
    assert recorded(app)[0] == ("action.refused", ["KEY-3"])
    assert "The digital key used is not strong enough for this right." in shown(page)


def test_a_number_with_a_typing_error_is_told_at_its_field(app: Flask) -> None:
    answer = post(area_client(app, "ines"), "/secure-area/enter", {**WAY_IN, "enterprise": "1999.000.151"})

    assert answer.status_code == 422
    assert 'value="1999.000.151"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        f"/secure-area/{NETJES}/no_such_right/x/",
        "/secure-area/1999000151/service_vouchers/x/",
        f"/secure-area/{NETJES}/energy_audit/x%00/",
    ],
)
def test_an_unknown_right_or_an_impossible_number_is_no_page(app: Flask, address: str) -> None:
    assert area_client(app, "ines").get(address).status_code == 404


def test_nobody_enters_without_signing_in(app: Flask) -> None:
    client = anonymous_client(app)

    assert [client.get(path).status_code for path in (HOME, AREA)] == [302, 302]
