"""Who sees which page of the user management: every page for every role, and enterprises that are not theirs."""

import re
from pathlib import Path

import pytest

from tests.web.building import NETJES, PROPRE, advance, post
from tests.web.users_cast import ABSENT, Cast, bare, cast

ORDER = (
    "main manager",
    "co-main manager",
    "local administrator",
    "legal representative",
    "employee",
    "outsider",
    "auditor",
    "anonymous",
)

# One status for each role, in the order above.
GETS = {
    "/users/": (200, 200, 200, 200, 200, 200, 200, 302),
    "/users/{enterprise}": (200, 200, 200, 200, 404, 404, 404, 302),
    "/users/{enterprise}/people/add": (200, 200, 200, 404, 404, 404, 404, 302),
    "/users/{enterprise}/people/ines": (200, 200, 200, 200, 200, 404, 404, 302),
    "/users/{enterprise}/people/pieter": (200, 200, 200, 200, 404, 404, 404, 302),
    "/users/{enterprise}/people/ines/grant": (200, 200, 200, 200, 404, 404, 404, 302),
    "/users/{enterprise}/people/ines/grant?right=service_vouchers": (200, 200, 422, 422, 404, 404, 404, 302),
    "/users/{enterprise}/people/ines/grant?right=energy_audit": (200, 200, 200, 422, 404, 404, 404, 302),
    "/users/{enterprise}/people/ines/grant?right=subsidy_desk": (200, 422, 422, 200, 404, 404, 404, 302),
    "/users/grants/{grant}/extend": (200, 200, 404, 404, 404, 404, 404, 302),
    "/users/grants/{grant}/revoke": (200, 200, 404, 404, 200, 404, 404, 302),
    "/users/relations/{relation}/end": (200, 200, 200, 404, 200, 404, 404, 302),
    "/users/requests/{request}": (200, 200, 404, 404, 404, 404, 404, 302),
    "/users/requests/new": (200, 200, 200, 200, 200, 200, 200, 302),
    "/users/people/ines/number": (404, 404, 404, 404, 200, 404, 200, 302),
}

UNKNOWN = "0" * 32
ABSENT_THINGS = (
    f"/users/{NETJES}/people/{UNKNOWN}",
    f"/users/{NETJES}/people/noah",
    f"/users/{NETJES}/people/{UNKNOWN}/grant",
    f"/users/{NETJES}/people/noah/grant",
    f"/users/grants/{UNKNOWN}/extend",
    f"/users/grants/{UNKNOWN}/revoke",
    f"/users/relations/{UNKNOWN}/end",
    f"/users/requests/{UNKNOWN}",
    f"/users/people/{UNKNOWN}/number",
    "/users/1999000151",
    "/users/199900015",
)


def path_in(the: Cast, path: str) -> str:
    """The path with the ids of a cast."""
    return path.format(enterprise=NETJES, grant=the.chain.grant, relation=the.chain.relation, request=the.request)


def test_every_page_opens_to_the_roles_that_the_rules_permit_and_to_nobody_else(tmp_path: Path) -> None:
    the = cast(tmp_path)
    clients = [the.client(role) for role in ORDER]
    got = {path: tuple(client.get(path_in(the, path)).status_code for client in clients) for path in GETS}
    assert got == GETS


def test_somebody_who_asked_for_a_right_sees_their_own_request(tmp_path: Path) -> None:
    the = cast(tmp_path)
    page = the.client("emma").get(f"/users/requests/{the.request}")
    assert page.status_code == 200
    assert "Withdraw the request" in page.text
    assert "Approve and grant the right" not in page.text


@pytest.mark.parametrize("path", ABSENT_THINGS)
def test_what_does_not_exist_answers_404_to_a_manager_too(tmp_path: Path, path: str) -> None:
    assert cast(tmp_path).client("main manager").get(path).status_code == 404


@pytest.mark.parametrize("rest", ["", "/people/add", "/people/ines", "/people/ines/grant"])
def test_a_foreign_enterprise_answers_exactly_as_an_absent_one(tmp_path: Path, rest: str) -> None:
    client = cast(tmp_path).client("main manager")
    foreign, absent = (client.get(f"/users/{number}{rest}") for number in (PROPRE, ABSENT))
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert bare(foreign.text, PROPRE) == bare(absent.text, ABSENT)


def test_a_claim_in_a_foreign_enterprise_is_refused_exactly_as_in_an_absent_one(tmp_path: Path) -> None:
    client = cast(tmp_path).client("main manager")
    foreign, absent = (post(client, f"/users/{number}/claim") for number in (PROPRE, ABSENT))
    assert (foreign.status_code, absent.status_code) == (403, 403)
    assert bare(foreign.text, PROPRE) == bare(absent.text, ABSENT)
    assert "CLAIM-1" in foreign.text


def test_the_start_page_lists_just_the_enterprises_whose_page_opens(tmp_path: Path) -> None:
    the = cast(tmp_path)
    for role in ORDER[:-1]:
        client = the.client(role)
        opens = [number for number in (NETJES, PROPRE) if client.get(f"/users/{number}").status_code == 200]
        page = client.get("/users/").text
        listed = [number for number in (NETJES, PROPRE) if f'href="/users/{number}"' in page]
        assert listed == opens, role


def test_a_local_administrator_whose_work_relation_ended_manages_nobody(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("local administrator")
    before = client.get(f"/users/{NETJES}").status_code
    relation = re.search(r"/users/relations/(\w+)/end", client.get(f"/users/{NETJES}/people/pieter").text)
    assert relation is not None
    ended = post(client, f"/users/relations/{relation[1]}/end", {"last": "2026-03-02"})
    post(client, ended.headers["Location"])
    advance(the.app, "2026-03-03T08:00")
    assert (before, client.get(f"/users/{NETJES}").status_code) == (200, 404)


def test_pages_of_other_people_hold_no_full_number_and_no_name_in_title_or_address(tmp_path: Path) -> None:
    client = cast(tmp_path).client("main manager")
    page = client.get(f"/users/{NETJES}/people/ines").text
    assert "••.••.••-•••.86" in page
    assert "95.08.17-000.86" not in page
    assert "95081700086" not in page
    title = re.search(r"<title>(.*?)</title>", page)
    assert title is not None
    assert "Dubois" not in title[1]
