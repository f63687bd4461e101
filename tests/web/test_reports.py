"""Reports: who has which right in an enterprise, for those who manage its users, on a page and as a file."""

import csv
import io
import re
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.usecases import reports
from accessmgr.usecases.grant_lists import Sought
from accessmgr.usecases.reports import Order, Report
from tests.web.building import NETJES, PEOPLE, START, add_fact, do, post, product_of
from tests.web.users_cast import TODAY, Cast, cast

HERE = f"/users/{NETJES}/reports"


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """Netjes Thuis, where Inès has service vouchers until March 2027, Pieter an energy audit until May 2026."""
    found = cast(tmp_path_factory.mktemp("reports"))
    do(
        found.app,
        "sophie",
        Action.GRANT_RIGHT,
        enterprise=NETJES,
        person="pieter",
        right="energy_audit",
        contexts=("8999000103",),
        period=Period(TODAY, date(2026, 5, 1)),
    )
    where: dict[str, Any] = {"enterprise": NETJES, "right": "service_vouchers", "contexts": ("V99901",)}
    do(found.app, "ines", Action.ENTER_SECURE_AREA, **where)
    return found


def shown(the: Cast, query: str = "", who: str = "nadia") -> list[str]:
    """The names in the rows of a report."""
    page = the.client(who).get(f"{HERE}{query}").get_data(as_text=True)
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)


def rows(answer: Any) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")), delimiter=";"))


def test_a_report_lists_the_rights_by_name_or_by_their_end_and_says_how_many(the: Cast) -> None:
    assert shown(the) == ["Inès Dubois", "Pieter Jacobs"]
    assert shown(the, "?sort=end") == ["Pieter Jacobs", "Inès Dubois"]
    assert ">2 rights</h2>" in the.client("nadia").get(HERE).get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("right=energy_audit", ["Pieter Jacobs"]),
        ("right=service_vouchers", ["Inès Dubois"]),
        ("context=V99901", ["Inès Dubois"]),
        ("context=8.999.000.103", ["Pieter Jacobs"]),
        ("context=V9990", []),
        ("before=2026-05-02", ["Pieter Jacobs"]),
        ("before=2026-05-01", []),
        ("unused=2026-03-02", ["Pieter Jacobs"]),
        ("unused=2026-03-03", ["Inès Dubois", "Pieter Jacobs"]),
        ("unused=2026-03-01", []),
    ],
)
def test_a_report_shows_what_fits_alone(the: Cast, query: str, names: list[str]) -> None:
    assert shown(the, f"?{query}") == names
    assert sorted(shown(the, f"?{query}&sort=end")) == names


def test_a_name_is_looked_for_without_standing_in_the_address(the: Cast) -> None:
    answer = post(the.client("nadia"), HERE, {"name": "dubo", "sort": "end", "right": ""})
    assert answer.status_code == 303
    assert "dubo" not in answer.location
    assert shown(the, answer.location.removeprefix(HERE)) == ["Inès Dubois"]
    kept = the.client("nadia").get(f"{HERE}/rights.csv{answer.location.removeprefix(HERE)}")
    assert [row[0] for row in rows(kept)] == ["Family name", "Dubois"]


def test_what_is_wrong_in_the_form_is_told_at_its_field(the: Cast) -> None:
    answer = post(the.client("nadia"), HERE, {"before": "31/02/2026", "sort": "name"})
    assert answer.status_code == 422
    assert "Choose a day that exists" in answer.get_data(as_text=True)
    assert the.client("nadia").get(f"{HERE}?right=none").status_code == 422


@pytest.mark.parametrize(
    ("who", "status"), [("noah", 404), ("ines", 404), ("mila", 404), ("pieter", 200), ("hilde", 200), ("nadia", 200)]
)
def test_a_report_is_open_to_those_who_manage_users_there_and_to_nobody_else(the: Cast, who: str, status: int) -> None:
    paths = (HERE, f"{HERE}/rights.csv", f"/users/{NETJES}")
    assert [the.client(who).get(path).status_code for path in paths] == [status] * 3


def test_no_national_number_stands_in_a_report(the: Cast) -> None:
    client = the.client("nadia")
    told = client.get(HERE).get_data(as_text=True) + client.get(f"{HERE}/rights.csv").get_data(as_text=True)
    digits = re.sub(r"\D", "", told)
    assert [short for short, (_, _, number) in PEOPLE.items() if re.sub(r"\D", "", number) in digits] == []


def test_the_file_for_spreadsheets_has_a_mark_semicolons_and_no_formula(tmp_path: Path) -> None:
    the = cast(tmp_path)
    with product_of(the.app).world.store.writing() as tx:
        tx.add_person("evil", "=1+1", "@SUM(A1)", None)
        tx.append("register.changed", START)
    add_fact(
        the.app,
        "work_relation",
        id="w",
        enterprise=NETJES,
        person="evil",
        user_type="employee",
        first=TODAY,
        by="nadia",
    )
    days = {"first": TODAY, "last": date(2026, 12, 31)}
    held = {"id": "g", "enterprise": NETJES, "holder": "evil", "relation": "w", "by": "nadia", **days}
    add_fact(the.app, "right_grant", **held, right="service_vouchers", contexts=["V99902"])
    answer = the.client("nadia").get(f"{HERE}/rights.csv")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=rights-{NETJES}-2026-03-02.csv"
    assert answer.data.startswith(b"\xef\xbb\xbfFamily name;Given name;Right;")
    assert rows(answer)[1][:3] == ["'@SUM(A1)", "'=1+1", "Service vouchers for recognised enterprises"]
    assert rows(answer)[2] == [
        "Dubois",
        "Inès",
        "Service vouchers for recognised enterprises",
        "V99901",
        "2026-03-02",
        "2027-03-01",
        "Nadia El Amrani",
    ]
    book = zipfile.ZipFile(io.BytesIO(the.client("nadia").get(f"{HERE}/rights.xlsx").data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "@SUM(A1)" in sheet
    assert "<f>" not in sheet
    assert the.client("nadia").get(f"{HERE}/rights.pdf").status_code == 404


def test_a_report_goes_on_where_the_page_before_ended(tmp_path: Path) -> None:
    the = cast(tmp_path)
    many(the, 120)
    every = sorted(f"Jan Peeters {number:04}" for number in range(120))
    for sort in ("name", "end"):
        path, found, pages = f"{HERE}?sort={sort}&right=energy_audit", [], 0
        while path:
            page = the.client("nadia").get(path).get_data(as_text=True)
            found += re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)
            onward = re.search(r'href="([^"]*after=[^"]*)"', page)
            path, pages = onward[1].replace("&amp;", "&") if onward else "", pages + 1
        assert sorted(found) == every
        assert pages == 3


def test_a_whole_report_is_read_in_parts_that_fit_in_little_memory(tmp_path: Path) -> None:
    the = cast(tmp_path)
    many(the, 1200)
    world = product_of(the.app).world
    for order in Order:
        with world.store.reading() as seen:
            asked = Report(Sought(NETJES, TODAY, START, right="energy_audit"), order)
            sizes = [len(part) for part in reports.whole(seen, asked)]
        assert sizes == [500, 500, 200]
    tracemalloc.start()
    answer = the.client("nadia").get(f"{HERE}/rights.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows(answer)) == 1202
    assert peak < 40_000_000


def many(the: Cast, people: int) -> None:
    """Link so many people to Netjes Thuis, each with an energy audit."""
    with product_of(the.app).world.store.writing() as tx:
        for number in range(people):
            tx.add_person(f"p{number:04}", "Jan", f"Peeters {number:04}", None)
            _grant(tx, f"p{number:04}")
        tx.append("register.changed", START)


def _grant(tx: Any, person: str) -> None:
    relation = {"id": f"w-{person}", "enterprise": NETJES, "person": person, "user_type": "employee"}
    tx.add_fact("work_relation", **relation, first=date(2026, 1, 1), by="nadia")
    grant = {"id": f"g-{person}", "enterprise": NETJES, "holder": person, "relation": f"w-{person}", "by": "nadia"}
    days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    tx.add_fact("right_grant", **grant, **days, right="energy_audit", contexts=["8999000103"])
