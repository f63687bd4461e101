"""What the user management says when it cannot do what is asked: each case is one step away from one that works."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import UserType
from tests.web.building import NETJES, PROPRE, add_fact, ask_for, do, identity_of, made_request, post
from tests.web.users_cast import ABSENT, TODAY, Cast, bare, cast

ADD = f"/users/{NETJES}/people/add"
GRANT = f"/users/{NETJES}/people/ines/grant?right=service_vouchers"
LINK = {
    "number": "01.03.22-999.61",
    "given": "Noah",
    "family": "Peeters",
    "user_type": "employee",
    "first": "2026-03-02",
    "last": "2026-12-31",
}
CONTEXTS = {"contexts": ["V99902"], "first": "2026-03-02", "last": "2026-12-31"}

WRONG_LINKS = [
    ({"number": ""}, "Give the number."),
    ({"number": "01.03.22-999"}, "The number has too few or too many digits."),
    ({"number": "01.03.22-999.62"}, "The number holds a typing error"),
    ({"number": "01.13.22-999.61"}, "The first six digits of the number are not a day of birth."),
    ({"number": "o1.03.22-999.61"}, "Write the number with digits only"),
    ({"given": "  "}, "Give the given name."),
    ({"family": ""}, "Give the family name."),
    ({"family": "Pee\u202eters"}, "The text holds characters that cannot be seen."),
    ({"user_type": ""}, "Choose one of the three."),
    ({"user_type": "director"}, "Choose one of the three."),
    ({"first": ""}, "Give the first day."),
    ({"first": "2026-02-31"}, "Choose a day that exists"),
    ({"last": "31/02/2026"}, "Choose a day that exists"),
    ({"last": "2026-03-01"}, "The last day is before the first day."),
]

WRONG_GRANTS: list[tuple[dict[str, Any], str]] = [
    ({"contexts": []}, "Choose at least one context."),
    ({"contexts": ["V99901", "B12345"]}, "Choose only contexts that belong to the enterprise."),
    ({"first": "30/02/2026"}, "Choose a day that exists"),
    ({"last": ""}, "Give the last day."),
    ({"last": "2026-03-01"}, "The last day is before the first day."),
]

REFUSED_GRANTS = [
    ({"contexts": ["V99901"]}, "GRANT-10"),
    ({"first": "2026-03-01"}, "GRANT-6"),
    ({"last": "2031-03-03"}, "GRANT-8"),
]


def link(the: Cast, **changed: str) -> Any:
    """Send answers to link Noah, and confirm them."""
    client = the.client("main manager")
    check = post(client, ADD, {**LINK, **changed})
    assert check.status_code == 303, check.text
    return post(client, check.headers["Location"])


def grant(the: Cast, **changed: Any) -> Any:
    """Send answers to grant Inès a right, and confirm them."""
    client = the.client("main manager")
    check = post(client, GRANT, {**CONTEXTS, **changed})
    assert check.status_code == 303, check.text
    return post(client, check.headers["Location"])


def test_answers_that_are_right_are_taken(tmp_path: Path) -> None:
    the = cast(tmp_path)
    assert link(the).status_code == 303
    assert grant(the).status_code == 303


def test_each_wrong_answer_about_a_person_is_told_at_its_field(tmp_path: Path) -> None:
    client = cast(tmp_path).client("main manager")
    for changed, told in WRONG_LINKS:
        answer = post(client, ADD, {**LINK, **changed})
        assert answer.status_code == 422, changed
        assert told in answer.text, changed
        assert "Please correct what is marked below" in answer.text
    assert "Noah" not in client.get(f"/users/{NETJES}").text


def test_each_wrong_answer_about_a_right_is_told_at_its_field(tmp_path: Path) -> None:
    client = cast(tmp_path).client("main manager")
    for changed, told in WRONG_GRANTS:
        answer = post(client, GRANT, {**CONTEXTS, **changed})
        assert answer.status_code == 422, changed
        assert told in answer.text, changed
        assert "B12345" not in answer.text


@pytest.mark.parametrize(("changed", "rule"), REFUSED_GRANTS)
def test_a_grant_that_a_rule_forbids_is_refused_with_the_rule(
    tmp_path: Path, changed: dict[str, Any], rule: str
) -> None:
    refused = grant(cast(tmp_path), **changed)
    assert refused.status_code == 403
    assert rule in refused.text


def test_the_longest_period_to_the_day_is_granted(tmp_path: Path) -> None:
    assert grant(cast(tmp_path), last="2031-03-02").status_code == 303


def test_a_link_that_a_rule_forbids_is_refused_with_the_rule(tmp_path: Path) -> None:
    the = cast(tmp_path)
    past = link(the, first="2026-03-01")
    assert (past.status_code, "LINK-5" in past.text) == (403, True)
    assert link(the).status_code == 303
    twice = link(the, first="2026-12-31", last="")
    assert (twice.status_code, "LINK-2" in twice.text) == (403, True)
    assert link(the, first="2027-01-01", last="").status_code == 303


def test_an_unknown_number_and_a_wrong_name_get_the_very_same_page(tmp_path: Path) -> None:
    the = cast(tmp_path)
    wrong = link(the, family="Petersen")
    unknown = link(the, number="79.07.30-000.32")
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert "PERSON-2" in wrong.text
    assert bare(wrong.text) == bare(unknown.text)


def test_the_eleventh_look_up_after_ten_wrong_ones_stops_even_if_it_is_right(tmp_path: Path) -> None:
    the = cast(tmp_path)
    wrong = [link(the, family="Petersen").status_code for _ in range(10)]
    assert wrong == [403] * 10
    assert link(the).status_code == 429


def test_nine_wrong_look_ups_do_not_stop_a_right_one(tmp_path: Path) -> None:
    the = cast(tmp_path)
    wrong = [link(the, family="Petersen").status_code for _ in range(9)]
    assert wrong == [403] * 9
    assert link(the).status_code == 303


@pytest.mark.parametrize("right", ["unknown", "service_vouchers'--"])
def test_an_unknown_right_is_told_with_those_that_there_are(tmp_path: Path, right: str) -> None:
    client = cast(tmp_path).client("main manager")
    path = f"/users/{NETJES}/people/ines/grant?right={right}"
    for answer in (client.get(path), post(client, path, CONTEXTS)):
        assert answer.status_code == 422
        assert "You cannot grant that right here, or there is no such right." in answer.text


def test_a_stale_form_does_nothing(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    for path, fields in (
        (ADD, LINK),
        (GRANT, CONTEXTS),
        (f"/users/{NETJES}/claim", {}),
        (f"/users/{NETJES}/search", {"text": "dub"}),
        (f"/users/grants/{the.chain.grant}/extend", {"last": "2027-06-30", "was": "2027-03-01"}),
        (f"/users/grants/{the.chain.grant}/revoke", {}),
        (f"/users/relations/{the.chain.relation}/end", {"last": "2026-03-02"}),
        (f"/users/requests/{the.request}/approve", {"first": "2026-03-02", "last": "2026-12-31"}),
        (f"/users/requests/{the.request}/refuse", {"reason": "No."}),
        (f"/users/requests/{the.request}/withdraw", {}),
        ("/users/people/nadia/number", {}),
        ("/users/requests/new", {"oc": NETJES, "ec": "service_vouchers", "contexts": ["V99901"]}),
    ):
        answer = client.post(path, data={**fields, "csrf_token": "old"})
        assert answer.status_code == 400, path
    assert "revoked" not in client.get(f"/users/{NETJES}/people/ines").text


def test_forms_sent_twice_are_done_once(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    for path, fields in ((ADD, LINK), (GRANT, CONTEXTS)):
        check = post(client, path, fields).headers["Location"]
        assert (post(client, check).status_code, post(client, check).status_code) == (303, 409)
    extend = f"/users/grants/{the.chain.grant}/extend"
    fields = {"last": "2027-06-30", "was": "2027-03-01"}
    assert (post(client, extend, fields).status_code, post(client, extend, fields).status_code) == (303, 409)
    revoke = f"/users/grants/{the.chain.grant}/revoke"
    assert (post(client, revoke).status_code, post(client, revoke).status_code) == (303, 403)
    end = post(client, f"/users/relations/{the.chain.relation}/end", {"last": "2026-03-02"}).headers["Location"]
    assert (post(client, end).status_code, post(client, end).status_code) == (303, 409)


def test_answers_that_were_refused_still_wait(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    check = post(client, ADD, {**LINK, "family": "Petersen"}).headers["Location"]
    assert post(client, check).status_code == 403
    assert client.get(check).status_code == 200


def test_answers_of_somebody_else_are_not_to_be_had(tmp_path: Path) -> None:
    the = cast(tmp_path)
    check = post(the.client("main manager"), ADD, LINK).headers["Location"]
    other = the.client("co-main manager")
    assert other.get(check).status_code == 409
    assert post(other, check).status_code == 409


def test_a_person_whose_work_relation_ended_meanwhile_gets_no_right(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    check = post(client, GRANT, CONTEXTS).headers["Location"]
    do(the.app, "sophie", Action.END_WORK_RELATION, relation=the.chain.relation, last_day=TODAY)
    refused = post(client, check)
    assert (refused.status_code, "GRANT-2" in refused.text) == (403, True)


def test_days_that_a_rule_forbids_are_refused_when_a_right_is_extended(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    extend = f"/users/grants/{the.chain.grant}/extend"
    for last, rule in (("2026-03-01", "GRANT-7"), ("2031-03-03", "GRANT-8")):
        refused = post(client, extend, {"last": last, "was": "2027-03-01"})
        assert (refused.status_code, rule in refused.text) == (403, True)
    impossible = post(client, extend, {"last": "2027-02-29", "was": "2027-03-01"})
    assert (impossible.status_code, "Choose a day that exists" in impossible.text) == (422, True)
    assert post(client, extend, {"last": "2031-03-02", "was": "2027-03-01"}).status_code == 303


def test_a_work_relation_does_not_end_in_the_past(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    path = f"/users/relations/{the.chain.relation}/end"
    check = post(client, path, {"last": "2026-03-01"}).headers["Location"]
    refused = post(client, check)
    assert (refused.status_code, "LINK-4" in refused.text) == (403, True)
    assert post(client, path, {"last": "31/04/2026"}).status_code == 422


def test_an_outsider_cannot_do_by_a_form_what_no_page_offers(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("outsider")
    for path, fields in (
        (ADD, LINK),
        (GRANT, CONTEXTS),
        (f"/users/grants/{the.chain.grant}/extend", {"last": "2027-06-30", "was": "2027-03-01"}),
        (f"/users/grants/{the.chain.grant}/revoke", {}),
        (f"/users/relations/{the.chain.relation}/end", {"last": "2026-03-02"}),
        (f"/users/requests/{the.request}/approve", {"first": "2026-03-02", "last": "2026-12-31"}),
        (f"/users/requests/{the.request}/refuse", {"reason": "No."}),
        (f"/users/requests/{the.request}/withdraw", {}),
        (f"/users/{NETJES}/search", {"text": "dub"}),
    ):
        assert post(client, path, fields).status_code == 404, path


# --- requests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link_", "told"),
    [
        (f"dg=XX&ec=service_vouchers&oc={NETJES}", "The link names a target group that does not exist."),
        (f"dg=EA&ec=unknown&oc={NETJES}", "The link names a right that cannot be requested."),
        (f"dg=EA&ec=subsidy_desk&oc={NETJES}", "The link names a right that cannot be requested."),
        ("dg=EA&ec=service_vouchers&oc=1999000151", "The number holds a typing error"),
        ("dg=EA&ec=service_vouchers&oc=", "Give the enterprise number."),
        (f"dg=EA&oc={NETJES}", "Choose a right."),
    ],
)
def test_a_deep_link_with_a_mistake_is_told_what_it_is(tmp_path: Path, link_: str, told: str) -> None:
    answer = cast(tmp_path).client("outsider").get(f"/users/requests/new?{link_}")
    assert answer.status_code == 422
    assert told in answer.text


def test_a_deep_link_may_name_the_application_and_leave_the_enterprise_to_be_filled_in(tmp_path: Path) -> None:
    client = cast(tmp_path).client("outsider")
    answer = client.get("/users/requests/new?dg=EA&an=dienstencheques")
    assert answer.status_code == 200
    assert '<option selected value="service_vouchers">' in answer.text
    full = client.get(f"/users/requests/new?dg=EA&an=dienstencheques&oc={NETJES}")
    assert "V99901" in full.text


def test_a_request_in_an_enterprise_without_recognition_offers_nothing_to_send(tmp_path: Path) -> None:
    client = cast(tmp_path).client("outsider")
    pages = [client.get(f"/users/requests/new?ec=service_vouchers&oc={number}") for number in (PROPRE, ABSENT)]
    for page in pages:
        assert page.status_code == 200
        assert "The register shows no context of this enterprise for this right" in page.text
        assert "Send the request" not in page.text


def test_the_same_request_twice_is_refused(tmp_path: Path) -> None:
    client = cast(tmp_path).client("outsider")
    fields = {"oc": NETJES, "ec": "service_vouchers", "contexts": ["V99901"]}
    assert ask_for(client, fields).status_code == 303
    again = ask_for(client, fields)
    assert (again.status_code, "REQUEST-3" in again.text) == (403, True)


def test_a_request_without_context_or_with_a_foreign_one_is_not_sent(tmp_path: Path) -> None:
    client = cast(tmp_path).client("outsider")
    fields = {"oc": NETJES, "ec": "service_vouchers", "reason": ""}
    asked = post(client, "/users/requests/new", fields).location
    for contexts, told in (([], "Choose at least one context."), (["B1"], "Choose only contexts that belong")):
        answer = post(client, asked, {"contexts": contexts})
        assert answer.status_code == 422
        assert told in answer.text


def test_a_refusal_of_a_request_needs_a_reason(tmp_path: Path) -> None:
    the = cast(tmp_path)
    answer = post(the.client("main manager"), f"/users/requests/{the.request}/refuse", {"reason": " "})
    assert answer.status_code == 422
    assert "Write in a few words why you refuse." in answer.text


def test_a_manager_cannot_answer_their_own_request(tmp_path: Path) -> None:
    the = cast(tmp_path)
    fields = {"oc": NETJES, "ec": "service_vouchers", "contexts": ["V99901"]}
    sophie = the.client("co-main manager")
    made = made_request(sophie, ask_for(sophie, fields).location)
    page = sophie.get(made).text
    assert "Withdraw the request" in page
    assert "Approve and grant the right" not in page
    refused = post(sophie, f"{made}/approve", {"first": "2026-03-02", "last": "2026-12-31"})
    assert (refused.status_code, "REQUEST-5" in refused.text) == (403, True)


def test_a_request_of_somebody_who_is_not_linked_cannot_be_approved(tmp_path: Path) -> None:
    the = cast(tmp_path)
    client = the.client("main manager")
    path = f"/users/requests/{the.request}/approve"
    fields = {"first": "2026-03-02", "last": "2026-12-31"}
    refused = post(client, path, fields)
    assert (refused.status_code, "GRANT-2" in refused.text) == (403, True)
    backwards = post(client, path, {"first": "2026-03-02", "last": "2026-03-01"})
    assert (backwards.status_code, "The last day is before the first day." in backwards.text) == (422, True)
    do(
        the.app,
        "nadia",
        Action.LINK_PERSON,
        enterprise=NETJES,
        user_type=UserType.OCCASIONAL,
        period=Period(TODAY, date(2026, 12, 31)),
        identity=identity_of("emma"),
    )
    assert post(client, path, fields).status_code == 303


def test_a_suspended_recognition_can_be_seen_to_be_so(tmp_path: Path) -> None:
    the = cast(tmp_path)
    add_fact(the.app, "suspension", id="s1", recognition="V99902", first=date(2026, 1, 1))
    assert "V99902 (suspended at present)" in the.client("main manager").get(GRANT).text
