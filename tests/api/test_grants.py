"""Rights through the API: listed and read by who may see them, granted, extended and revoked by the rules."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.building import Desk, a_desk, a_grant, told
from tests.web.building import NETJES


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


def the_grant(desk: Desk) -> str:
    (only,) = told(desk.get("ines", "/grants"), 200)["items"]
    return str(only["id"])


def test_a_manager_grants_a_right_and_is_told_by_which_entry(desk: Desk) -> None:
    before = desk.size()
    given = told(desk.post("nadia", "/grants", a_grant()), 201)
    assert (given["sequence"], given["token"], desk.size()) == (before, str(before + 1), before + 1)
    assert (given["grant"]["holder"], given["grant"]["contexts"], given["grant"]["state"]) == (
        "ines",
        ["V99902"],
        "future",
    )


def test_somebody_who_manages_nobody_there_is_told_of_no_such_thing(desk: Desk) -> None:
    before = desk.size()
    answer = desk.post("noah", "/grants", a_grant())
    elsewhere = desk.post("noah", "/grants", a_grant(enterprise="1999000249"))
    assert (answer.status_code, answer.data) == (404, elsewhere.data)
    assert desk.size() == before


def test_a_grant_beyond_the_longest_period_is_refused_by_its_rule_and_on_record(desk: Desk) -> None:
    before = desk.size()
    answer = desk.post("nadia", "/grants", a_grant(period={"first": "2026-03-10", "last": "2039-03-10"}))
    problem = told(answer, 403)
    assert (problem["because"], problem["sequence"]) == (["GRANT-8"], before)
    assert (answer.content_type, desk.size()) == ("application/problem+json", before + 1)


def test_a_right_is_extended_and_revoked(desk: Desk) -> None:
    grant = the_grant(desk)
    longer = told(desk.post("nadia", f"/grants/{grant}/extend", {"last": "2027-03-02"}), 200)
    assert longer["grant"]["period"] == {"first": "2026-03-02", "last": "2027-03-02"}
    gone = told(desk.post("nadia", f"/grants/{grant}/revoke", {"reason": "Left"}), 200)
    assert gone["grant"]["state"] == "revoked"
    assert told(desk.get("nadia", f"/grants/{grant}"), 200) == gone["grant"]


def test_a_holder_sees_their_own_and_an_outsider_sees_none(desk: Desk) -> None:
    grant = the_grant(desk)
    assert told(desk.get("ines", f"/grants/{grant}"), 200)["holder"] == "ines"
    absent = desk.get("noah", "/grants/0123")
    assert desk.get("noah", f"/grants/{grant}").data == absent.data
    assert absent.status_code == 404
    assert told(desk.get("noah", "/grants"), 200) == {"items": []}
    assert desk.get("noah", "/grants", enterprise=NETJES).status_code == 404


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(desk: Desk) -> None:
    grant = the_grant(desk)
    read = desk.get("nadia", f"/grants/{grant}")
    longer = desk.post("nadia", f"/grants/{grant}/extend", {"last": "2027-03-02"}, {"If-Match": read.headers["ETag"]})
    assert longer.status_code == 200
    stale = desk.post("nadia", f"/grants/{grant}/revoke", {"reason": "x"}, {"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.headers["ETag"]) == (412, longer.headers["ETag"])
    fresh = desk.post("nadia", f"/grants/{grant}/revoke", {"reason": "x"}, {"If-Match": longer.headers["ETag"]})
    assert fresh.status_code == 200


def test_pages_of_a_list_follow_each_other_and_a_cursor_is_good_for_its_list_alone(desk: Desk) -> None:
    told(desk.post("nadia", "/grants", a_grant()), 201)
    first = told(desk.get("nadia", "/grants", enterprise=NETJES, limit=1), 200)
    second = told(desk.get("nadia", "/grants", enterprise=NETJES, limit=1, cursor=first["next"]), 200)
    assert (len(first["items"]), len(second["items"]), "next" in second) == (1, 1, False)
    assert first["items"] != second["items"]
    other = desk.get("nadia", "/grants", enterprise=NETJES, state="revoked", cursor=first["next"])
    assert other.status_code == 422
    assert desk.get("ines", "/grants", enterprise=NETJES, cursor=first["next"]).status_code == 422


def test_a_list_is_narrowed_by_right_context_holder_state_and_end(desk: Desk) -> None:
    told(desk.post("nadia", "/grants", a_grant()), 201)
    asked: list[tuple[dict[str, Any], int]] = [
        ({"context": "V99902"}, 1),
        ({"context": "V99903"}, 0),
        ({"right": "service_vouchers"}, 2),
        ({"right": "subsidy_desk"}, 0),
        ({"holder": "ines", "state": "future"}, 1),
        ({"holder": "noah"}, 0),
        ({"ends_before": "2027-01-01"}, 1),
        ({"ends_before": "2026-12-31"}, 0),
    ]
    found = [len(told(desk.get("nadia", "/grants", enterprise=NETJES, **query), 200)["items"]) for query, _ in asked]
    assert found == [count for _, count in asked]
