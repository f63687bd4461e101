"""Many rights in one call: what would come of each line, what came of it, once for each key."""

from pathlib import Path
from typing import Any

import pytest

from accessmgr.api.bulk import LARGEST
from accessmgr.core.model import Key
from tests.api.building import Desk, a_desk, keyed, token_of, told
from tests.web.building import NETJES, PROPRE

BULK = f"/enterprises/{NETJES}/grants/bulk"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


def a_line(first: str = "2026-03-10", last: str = "2026-12-31", **spoilt: Any) -> dict[str, Any]:
    """A right that Nadia may grant Inès."""
    line = {"action": "grant_right", "holder": "ines", "right": "service_vouchers", "contexts": ["V99902"]}
    return {**line, "period": {"first": first, "last": last}, **spoilt}


def a_call(*lines: dict[str, Any], mode: str = "each") -> dict[str, Any]:
    return {"mode": mode, "lines": list(lines)}


def outcomes(answer: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(line["outcome"], line["because"]) for line in answer["lines"]]


def the_grant(desk: Desk) -> str:
    return str(told(desk.get("ines", "/grants"), 200)["items"][0]["id"])


def test_each_line_by_itself_has_its_outcome_and_its_entry(desk: Desk) -> None:
    before, grant = desk.size(), the_grant(desk)
    lines = (
        a_line(),
        a_line(),
        {"action": "extend_grant", "grant": grant, "last": "2027-02-01"},
        {"action": "revoke_grant", "grant": grant},
        {"action": "revoke_grant", "grant": "none"},
        a_line(holder="noah"),
        a_line(contexts=["V99903"]),
    )
    answer = told(desk.post("nadia", BULK, a_call(*lines)), 200)
    assert outcomes(answer) == [
        ("done", ["GRANT-1"]),
        ("refused", ["GRANT-10"]),
        ("done", ["GRANT-1"]),
        ("done", ["GRANT-1"]),
        ("unknown", []),
        ("unknown", []),
        ("refused", ["GRANT-5"]),
    ]
    assert [line.get("sequence", before - 1) - before for line in answer["lines"]] == [0, 1, 2, 3, -1, -1, 4]
    assert [line["line"] for line in answer["lines"]] == [1, 2, 3, 4, 5, 6, 7]
    assert ([line.get("grant") for line in answer["lines"]][2:4], answer["done"]) == ([grant, grant], 3)
    made = told(desk.get("nadia", f"/grants/{answer['lines'][0]['grant']}"), 200)
    assert (made["holder"], made["contexts"]) == ("ines", ["V99902"])


def test_all_or_nothing_changes_nothing_and_puts_the_refusal_on_record(desk: Desk) -> None:
    before = desk.size()
    answer = told(desk.post("nadia", BULK, a_call(a_line(), a_line(contexts=["V99903"]), mode="all_or_nothing")), 200)
    assert outcomes(answer) == [("not_done", []), ("refused", ["GRANT-5"])]
    assert (answer["done"], answer["lines"][1]["sequence"], desk.size()) == (0, before, before + 1)
    answer = told(desk.post("nadia", BULK, a_call(a_line(), mode="all_or_nothing")), 200)
    assert outcomes(answer) == [("done", ["GRANT-1"])]


def test_the_preview_tells_what_then_happens_and_changes_nothing(desk: Desk) -> None:
    before, lines = desk.size(), [a_line(), a_line()]
    shown = told(desk.post("nadia", f"{BULK}/preview", {"lines": lines}), 200)
    assert (outcomes(shown), shown["done"]) == ([("done", ["GRANT-1"]), ("refused", ["GRANT-10"])], 1)
    assert ([sorted(line) for line in shown["lines"]], desk.size()) == ([["because", "line", "outcome"]] * 2, before)
    assert outcomes(told(desk.post("nadia", BULK, a_call(*lines)), 200)) == outcomes(shown)


def test_the_same_call_with_the_same_key_is_done_once(desk: Desk) -> None:
    before, key = desk.size(), keyed()
    first, again = (desk.post("nadia", BULK, a_call(a_line(), a_line()), key) for _ in range(2))
    assert (first.status_code, again.status_code, again.data, desk.size()) == (200, 200, first.data, before + 2)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_who_manages_nobody_there_is_told_of_no_such_thing(desk: Desk) -> None:
    before = desk.size()
    for path, body in ((BULK, a_call(a_line())), (f"{BULK}/preview", {"lines": [a_line()]})):
        answer = desk.post("noah", path, body)
        absent = desk.post("noah", path.replace(NETJES, PROPRE), body)
        assert (answer.status_code, absent.status_code, answer.data) == (404, 404, absent.data)
    assert desk.size() == before


def test_a_right_of_another_enterprise_is_none_of_this_one(desk: Desk) -> None:
    answer = desk.post(
        "nadia", BULK.replace(NETJES, PROPRE), a_call({"action": "revoke_grant", "grant": the_grant(desk)})
    )
    assert answer.status_code == 404


def test_a_weak_key_is_refused_line_by_line(desk: Desk) -> None:
    desk.tokens["nadia"] = token_of(desk.world.provider, "nadia", key=Key.SMS)
    assert outcomes(told(desk.post("nadia", BULK, a_call(a_line())), 200)) == [("refused", ["KEY-2"])]


def test_a_token_that_may_only_read_is_refused(desk: Desk) -> None:
    desk.tokens["nadia"] = token_of(desk.world.provider, "nadia", ("grants.read",))
    assert desk.post("nadia", BULK, a_call(a_line())).status_code == 403


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"mode": "each", "lines": []}, "/lines"),
        (a_call(*[{"action": "revoke_grant", "grant": "x"}] * 1001), "/lines"),
        ({"mode": "some", "lines": [a_line()]}, "/mode"),
        ({"lines": [a_line()]}, "/mode"),
        (a_call(a_line(), a_line(action="end_work_relation")), "/lines/1"),
        (a_call(a_line(national_number="95.08.17-000.86")), "/lines/0/national_number"),
        (a_call(a_line(first="2026-02-30")), "/lines/0/period/first"),
        (a_call({"action": "extend_grant", "grant": "x"}), "/lines/0/last"),
        (a_call({"action": "revoke_grant", "grant": "a b"}), "/lines/0/grant"),
    ],
)
def test_a_body_that_is_not_in_order_is_told_by_its_place_and_nothing_is_done(
    desk: Desk, body: dict[str, Any], pointer: str
) -> None:
    before = desk.size()
    problem = told(desk.post("nadia", BULK, body), 422)
    assert ([flaw["pointer"] for flaw in problem["errors"]], desk.size()) == ([f"#{pointer}"], before)


def test_a_thousand_lines_are_taken_and_a_larger_body_is_not(desk: Desk) -> None:
    lines = [{"action": "revoke_grant", "grant": f"none{number}"} for number in range(1000)]
    answer = told(desk.post("nadia", BULK, a_call(*lines)), 200)
    assert {line["outcome"] for line in answer["lines"]} == {"unknown"}
    large = a_call({"action": "revoke_grant", "grant": "x" * LARGEST})
    assert desk.post("nadia", BULK, large).status_code == 413
