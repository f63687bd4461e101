"""The number of queries of a page of the user management does not grow with what it lists."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event

from accessmgr.store.tables import db
from tests.web.building import NETJES, PROPRE, START, add_fact, product_of
from tests.web.test_many import add_grant
from tests.web.users_cast import Cast, cast


def queries(the: Cast, who: str, path: str) -> int:
    """How many queries a page takes, those for the session and the clock included."""
    client = the.client(who)
    client.get("/about")  # the first page of a process compares the history with the checkpoint outside
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with the.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    return len([statement for statement in asked if statement.startswith(("SELECT", "WITH"))])


def link_forty(the: Cast) -> None:
    """Link forty people to Netjes Thuis, each with a grant and a request that waits."""
    people = [f"p{index:02}" for index in range(40)]
    with product_of(the.app).world.store.writing() as tx:
        for person in people:
            tx.add_person(person, "Jan", f"Peeters {person}", None)
            tx.add_fact(
                "work_relation",
                id=f"w-{person}",
                enterprise=NETJES,
                person=person,
                user_type="employee",
                first=date(2026, 1, 1),
                by="nadia",
            )
            tx.add_fact(
                "right_grant",
                id=f"g-{person}",
                enterprise=NETJES,
                holder=person,
                right="energy_audit",
                contexts=["8999000103"],
                first=date(2026, 1, 1),
                last=date(2026, 12, 31),
                relation=f"w-{person}",
                by="nadia",
            )
            tx.add_fact(
                "right_request",
                id=f"q-{person}",
                enterprise=NETJES,
                requester=person,
                right="service_vouchers",
                contexts=["V99901"],
                made_at=START,
            )
        tx.append("register.changed", START)


def test_the_page_of_an_enterprise_takes_as_many_queries_for_forty_people_as_for_two(tmp_path: Path) -> None:
    the = cast(tmp_path)
    few = queries(the, "nadia", f"/users/{NETJES}")
    link_forty(the)
    page = the.client("nadia").get(f"/users/{NETJES}").text
    assert page.count("Jan Peeters") == 49
    assert page.count("/users/requests/") == 10
    assert "All requests that wait" in page
    assert queries(the, "nadia", f"/users/{NETJES}") == few
    assert few <= 14


def test_the_start_page_takes_as_many_queries_for_two_enterprises_as_for_one(tmp_path: Path) -> None:
    the = cast(tmp_path)
    one = queries(the, "hilde", "/users/")
    add_fact(the.app, "function", id="f-2", enterprise=PROPRE, code="director", holder="hilde", first=date(2020, 1, 1))
    assert "Propre &amp; Net" in the.client("hilde").get("/users/").text
    assert queries(the, "hilde", "/users/") == one
    assert one <= 15


def test_the_page_of_a_person_takes_few_queries(tmp_path: Path) -> None:
    assert queries(cast(tmp_path), "nadia", f"/users/{NETJES}/people/ines") <= 18


@pytest.mark.parametrize("path", ["grants", "requests/answer", "people/pieter/copy"])
def test_a_list_to_tick_takes_as_many_queries_for_forty_rows_as_for_one(tmp_path: Path, path: str) -> None:
    the = cast(tmp_path)
    few = queries(the, "nadia", f"/users/{NETJES}/{path}")
    link_forty(the)
    assert the.client("nadia").get(f"/users/{NETJES}/{path}").text.count("Jan Peeters") >= 40
    assert queries(the, "nadia", f"/users/{NETJES}/{path}") == few
    assert few <= 12


def test_the_page_of_a_person_takes_as_many_queries_for_forty_rights_as_for_one(tmp_path: Path) -> None:
    the = cast(tmp_path)
    few = queries(the, "nadia", f"/users/{NETJES}/people/ines")
    for index in range(40):
        add_grant(the, f"g{index}", "ines", "subsidy_desk", f"c{index}")
    assert queries(the, "nadia", f"/users/{NETJES}/people/ines") == few
    assert few <= 13  # one of them for what the person has begun and not finished
