"""Long lists: a person with very many enterprises, an enterprise with very many people; a page shows some, by name."""

import re
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from accessmgr.store import people_lists
from tests.web.building import NETJES, START, followed, in_area, product_of
from tests.web.test_users_queries import link_forty, queries
from tests.web.users_cast import Cast, cast

ENTERPRISES = 45


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """Netjes Thuis and everybody in it, and forty-five enterprises in which Noah manages users and has a right."""
    found = cast(tmp_path_factory.mktemp("long"))
    busy(found)
    return found


def busy(the: Cast) -> None:
    """Give Noah roles, work relations, rights, requests and offers in forty-five enterprises."""
    days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    with product_of(the.app).world.store.writing() as tx:
        for index in range(ENTERPRISES):
            number = numbered(index)
            tx.add_fact("enterprise", id=number, target_group="EA", first=date(2020, 1, 1), type_code="2")
            name = f"Zaak {index:02} Été"
            tx.add_fact("denomination", entity=number, language="2", type_code="001", name=name)
            linked = {"id": f"w-{index}", "enterprise": number, "person": "noah", "user_type": "employee"}
            tx.add_fact("work_relation", **linked, first=date(2026, 1, 1), by="hilde")
            held = {"id": f"g-{index}", "enterprise": number, "holder": "noah", "relation": f"w-{index}", "by": "hilde"}
            tx.add_fact("right_grant", **held, **days, right="energy_audit", contexts=["8999000103"])
            role = {"id": f"a-{index}", "enterprise": number, "holder": "noah", "by": "hilde"}
            made = {"offered_at": START, "accepted_at": START, "employee": True}
            tx.add_fact("appointment", **role, **made, role="main_access_manager")
        tx.append("register.changed", START)


def numbered(index: int) -> str:
    """A fictional enterprise number."""
    digits = 19_995_000 + index
    return f"{digits:08}{97 - digits % 97:02}"


def walked(the: Cast, path: str, pattern: str, parameter: str = "after") -> list[list[str]]:
    """What a pattern finds on each page of a list, to its end."""
    client, pages = in_area(the.client("noah")), []
    while path:
        page = followed(client, client.get(path)).get_data(as_text=True)
        pages.append(re.findall(pattern, page))
        onward = re.search(rf'href="([^"]*[?&;]{parameter}=[^"&]*)"', page)
        path = onward[1].replace("&amp;", "&") if onward else ""
    return pages


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/users/", r'<li><a href="/users/(1999\d+)">'),
        ("/managers/", r'<th scope="row"><a href="/managers/(1999\d+)">'),
        ("/secure-area/", r'name="enterprise" value="(1999\d+)"'),
    ],
)
def test_enterprises_are_shown_by_name_twenty_at_a_time_each_once(the: Cast, path: str, pattern: str) -> None:
    pages = walked(the, path, pattern)
    assert [len(page) for page in pages] == [20, 20, 5]
    assert list(chain(*pages)) == [numbered(index) for index in range(ENTERPRISES)]


def test_own_rights_and_work_relations_go_on_too(the: Cast) -> None:
    linked = walked(the, "/users/", r'href="/users/(1999\d+)/people/noah"', "linked_after")
    assert sorted(chain(*linked)) == [numbered(index) for index in range(ENTERPRISES)]
    rights = walked(the, "/users/", r'href="/users/grants/(g-\d+)/revoke"', "rights_after")
    assert sorted(chain(*rights)) == sorted(f"g-{index}" for index in range(ENTERPRISES))


@pytest.mark.parametrize(
    ("text", "found"),
    [("zaak 07", [7]), ("ete", list(range(20))), (numbered(7), [7]), ("BE 1999.500.095", [0]), ("nowhere", [])],
)
def test_an_enterprise_is_looked_up_by_name_or_number(the: Cast, text: str, found: list[int]) -> None:
    pages = walked(the, f"/users/?q={text}", r'<li><a href="/users/(1999\d+)">')
    assert pages[0] == [numbered(index) for index in found]


def test_no_page_asks_more_for_forty_five_enterprises_than_for_one(the: Cast) -> None:
    asked = {path: queries(the, "noah", path) for path in ("/", "/users/", "/managers/", "/users/requests")}
    assert {path: count for path, count in asked.items() if count > 24} == {}


def test_an_enterprise_of_few_people_or_many_shows_the_same_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    the = cast(tmp_path)
    link_forty(the)
    few = of_netjes(the, ""), of_netjes(the, "peeters P1"), of_netjes(the, "", after=("Peeters p20", "Jan", "p20"))
    monkeypatch.setattr(people_lists, "MANY", 3)
    many = of_netjes(the, ""), of_netjes(the, "peeters P1"), of_netjes(the, "", after=("Peeters p20", "Jan", "p20"))
    assert many == few
    assert [len(names) for names in few] == [42, 10, 19]


def of_netjes(the: Cast, search: str, after: tuple[str, str, str] | None = None) -> list[str]:
    """The names of the people linked to Netjes Thuis, as a page lists them."""
    with product_of(the.app).world.store.reading() as seen:
        return [one.name for one in seen.lists.people_of(NETJES, search=search, after=after)]


def test_requests_that_wait_go_on_where_the_page_before_ended(tmp_path: Path) -> None:
    the = cast(tmp_path)
    link_forty(the)
    with product_of(the.app).world.store.reading() as seen:
        asked: dict[str, Any] = {"enterprise": NETJES, "at": START, "rights": ["service_vouchers"]}
        first = seen.lists.requests_to_answer(**asked, limit=30)
        rest = seen.lists.requests_to_answer(**asked, after=first[-1].id, limit=30)
        other = seen.lists.requests_to_answer(NETJES, START, ["energy_audit"], limit=30)
        counted = seen.lists.pending_in([NETJES], START, "emma")
    assert len({one.id for one in (*first, *rest)}) == 40
    assert other == []
    assert counted == {(NETJES, "service_vouchers"): 40}


def test_a_letter_leads_to_the_family_names_from_there_on(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("nadia")
    pattern = r'<th scope="row"><a [^>]*>([^<]*)</a>'
    assert re.findall(pattern, client.get(f"/users/{NETJES}").text) == ["Inès Dubois", "Pieter Jacobs"]
    found = client.get(f"/users/{NETJES}?letter=e").text
    assert re.findall(pattern, found) == ["Pieter Jacobs"]
    assert f'href="/users/{NETJES}?letter=A"' in found
