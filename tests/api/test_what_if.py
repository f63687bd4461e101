"""What if, asked by a program: who would lose or gain what, for whom it may be told, and nothing kept."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.building import Desk, a_desk, token_of, told
from tests.web.building import NETJES, PROPRE

INES = {"person": "ines", "action": "enter_secure_area", "right": "service_vouchers", "context": "V99901"}
ALL_OF_IT = {"first": "2026-03-02", "last": "2027-03-01"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The demo chain, of which the tests of this module change nothing."""
    return a_desk(tmp_path_factory.mktemp("what_if"))


def the(desk: Desk, what: str) -> str:
    """The id of Inès's grant or work relation, or of Nadia's appointment."""
    who = {"grants": "ines", "relations": "ines", "appointments": "nadia"}[what]
    return str(told(desk.get(who, f"/{what}"), 200)["items"][0]["id"])


def asked(desk: Desk, who: str, change: dict[str, Any], enterprise: str = NETJES, **more: Any) -> Any:
    return desk.post(who, "/what-if", {"enterprise": enterprise, "change": change, **more})


def test_a_revocation_is_told_before_it_is_made_and_nothing_is_kept(desk: Desk) -> None:
    before, grant = desk.size(), the(desk, "grants")
    found = told(asked(desk, "nadia", {"kind": "revoke_grant", "grant": grant}), 200)
    assert found == {
        "happens": True,
        "because": ["GRANT-1"],
        "by": "nadia",
        "events": [{"what": "grant.revoked", "id": grant}],
        "shifts": [
            {**INES, "before": [ALL_OF_IT], "after": [], "lost": [ALL_OF_IT], "gained": [], "because": ["ENTER-1"]}
        ],
        "renewals": [],
        "more": 0,
        "looked_at": 1,
        "grants": 1,
    }
    assert desk.size() == before


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"kind": "suspend_recognition", "recognition": "V99901", "first": "2026-04-01", "last": "2026-04-02"},
         {"first": "2026-04-01", "last": "2026-04-02"}),
        ({"kind": "close_enterprise", "last": "2026-03-31"}, {"first": "2026-04-01", "last": "2027-03-01"}),
        ({"kind": "record_death", "person": "ines", "day": "2026-03-02"}, ALL_OF_IT),
        ({"kind": "change_right", "right": "service_vouchers", "level": 500}, ALL_OF_IT),
        ({"kind": "end_work_relation", "relation": "?", "last": "2026-03-31"},
         {"first": "2026-04-01", "last": "2027-03-01"}),
        ({"kind": "extend_grant", "grant": "?", "last": "2026-12-31"}, {"first": "2027-01-01", "last": "2027-03-01"}),
    ],
)  # fmt: skip
def test_who_could_enter_no_more_and_when(desk: Desk, change: dict[str, Any], lost: dict[str, str]) -> None:
    ids = {"relation": the(desk, "relations"), "grant": the(desk, "grants")}
    found = told(asked(desk, "hilde", {**change, **{name: ids[name] for name in ids if name in change}}), 200)
    (shift,) = [each for each in found["shifts"] if each["action"] == "enter_secure_area"]
    assert (shift["person"], shift["lost"]) == ("ines", [lost])


def test_who_could_manage_no_more(desk: Desk) -> None:
    gone = told(asked(desk, "nadia", {"kind": "end_appointment", "appointment": the(desk, "appointments")}), 200)
    assert {(each["person"], each["action"]) for each in gone["shifts"]} >= {
        ("nadia", "link_person"), ("nadia", "grant_right"), ("nadia", "appoint_co_main_access_manager"),
    }  # fmt: skip
    change = {"kind": "end_function", "function": "managing_director", "person": "hilde", "last": "2026-03-31"}
    found = told(asked(desk, "nadia", change), 200)
    assert ("hilde", "appoint_main_access_manager") in {(each["person"], each["action"]) for each in found["shifts"]}
    assert (found.get("by"), found["because"]) == (None, [])


def test_a_right_that_cannot_be_given_anew(desk: Desk) -> None:
    found = told(asked(desk, "nadia", {"kind": "change_right", "right": "service_vouchers", "max_days": 30}), 200)
    (renewal,) = found["renewals"]
    assert (renewal["holder"], renewal["last"], renewal["because"]) == ("ines", "2027-03-01", ["GRANT-8"])


def test_an_action_that_the_rules_refuse_tells_why_and_changes_nothing(desk: Desk) -> None:
    change = {"kind": "action", "action": "extend_grant", "grant": the(desk, "grants"), "last": "2039-01-01"}
    found = told(asked(desk, "nadia", change), 200)
    assert (found["happens"], found["because"], found["shifts"]) == (False, ["GRANT-8"], [])


def test_an_action_gains_somebody_a_right(desk: Desk) -> None:
    change: dict[str, Any] = {"kind": "action", "action": "grant_right", "person": "ines", "right": "service_vouchers"}
    change |= {"contexts": ["V99902"], "period": {"first": "2026-04-01", "last": "2026-04-30"}}
    (shift,) = told(asked(desk, "nadia", change), 200)["shifts"]
    assert (shift["context"], shift["gained"]) == ("V99902", [{"first": "2026-04-01", "last": "2026-04-30"}])


def test_it_is_told_to_those_who_may_make_the_change_or_read_the_history(desk: Desk) -> None:
    revoke = {"kind": "revoke_grant", "grant": the(desk, "grants")}
    suspend = {"kind": "suspend_recognition", "recognition": "V99901", "first": "2026-04-01"}
    statuses = {who: [asked(desk, who, each).status_code for each in (revoke, suspend)] for who in
                ("nadia", "hilde", "ines", "noah", "mila")}  # fmt: skip
    assert statuses == {
        "nadia": [200, 200], "hilde": [200, 200], "ines": [200, 404], "noah": [404, 404], "mila": [403, 403],
    }  # fmt: skip


def test_somebody_without_a_tie_is_told_no_more_than_that_nothing_allows_it(desk: Desk) -> None:
    wish = {"kind": "action", "action": "request_right", "right": "service_vouchers", "contexts": ["V99999"]}
    outsider, own = (told(asked(desk, who, wish), 200) for who in ("noah", "ines"))
    assert (outsider["happens"], outsider["because"]) == (False, ["REQUEST-1"])
    assert (own["happens"], own["because"]) == (False, ["GRANT-5"])


def test_an_auditor_asks_with_the_word_of_a_case(desk: Desk) -> None:
    opened = desk.post("mila", "/history/cases", {"enterprise": NETJES, "case": "2026/14", "purpose": "Inspection"})
    case = told(opened, 201)["case"]
    found = told(asked(desk, "mila", {"kind": "revoke_grant", "grant": the(desk, "grants")}, case=case), 200)
    assert (found["happens"], len(found["shifts"])) == (True, 1)


def test_what_is_elsewhere_is_not_there(desk: Desk) -> None:
    revoke = {"kind": "revoke_grant", "grant": the(desk, "grants")}
    assert asked(desk, "nadia", revoke, PROPRE).status_code == 404
    assert asked(desk, "nadia", {"kind": "revoke_grant", "grant": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "nothing"},
        {"kind": "revoke_grant"},
        {"kind": "action", "action": "grant_right", "person": "ines"},
        {"kind": "action", "action": "link_person", "person": "ines"},
        {"kind": "close_enterprise", "last": "2026-02-30"},
    ],
)
def test_a_change_that_is_none_is_told(desk: Desk, change: dict[str, Any]) -> None:
    assert asked(desk, "nadia", change).status_code == 422


def test_the_token_must_be_good_for_reports(tmp_path: Path) -> None:
    other = a_desk(tmp_path)
    other.tokens["nadia"] = token_of(other.world.provider, "nadia", ("grants.read",))
    assert asked(other, "nadia", {"kind": "close_enterprise", "last": "2026-03-31"}).status_code == 403
