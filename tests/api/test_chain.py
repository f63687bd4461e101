"""Appointments, work relations and requests through the API: each step by its rule, each refusal a near miss."""

from pathlib import Path
from typing import Any

import pytest

from accessmgr.usecases.contacts import Contact, contact_of, keep_contact
from tests.api.building import Desk, a_desk, told
from tests.web.building import NETJES, PEOPLE, add_people

PERIOD = {"first": "2026-03-02", "last": "2026-12-31"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = a_desk(tmp_path)
    add_people(desk.world.app, "emma", "sophie")
    return desk


def named(short: str, **more: Any) -> dict[str, Any]:
    given, family, number = PEOPLE[short]
    return {"enterprise": NETJES, "number": number, "given": given, "family": family, **more}


def offered(desk: Desk, who: str = "nadia", to: str = "sophie", **more: Any) -> str:
    body = named(to, role="co_main_access_manager", employee=True, **more)
    return str(told(desk.post(who, "/appointments", body), 201)["appointment"]["id"])


def test_a_role_is_offered_accepted_and_ended(desk: Desk) -> None:
    offer = offered(desk)
    assert told(desk.get("sophie", f"/appointments/{offer}"), 200)["state"] == "pending"
    accepted = told(desk.post("sophie", f"/appointments/{offer}/accept"), 200)
    assert (accepted["appointment"]["state"], accepted["appointment"]["holder"]) == ("active", "sophie")
    listed = told(desk.get("nadia", "/appointments", enterprise=NETJES), 200)["items"]
    assert [(each["holder"], each["role"]) for each in listed] == [
        ("nadia", "main_access_manager"),
        ("sophie", "co_main_access_manager"),
    ]
    assert told(desk.post("sophie", f"/appointments/{offer}/end"), 200)["appointment"]["state"] == "ended"


def test_an_offer_is_answered_by_its_appointee_alone(desk: Desk) -> None:
    offer = offered(desk)
    absent = desk.post("ines", "/appointments/0123/accept")
    assert (desk.post("ines", f"/appointments/{offer}/accept").data, absent.status_code) == (absent.data, 404)
    assert told(desk.post("sophie", f"/appointments/{offer}/refuse"), 200)["appointment"]["state"] == "refused"
    assert told(desk.post("sophie", f"/appointments/{offer}/accept"), 403)["because"] == ["ACCEPT-2"]


def test_an_offer_that_was_withdrawn_meanwhile_is_not_accepted_by_its_old_version(desk: Desk) -> None:
    offer = offered(desk)
    tag = desk.get("sophie", f"/appointments/{offer}").headers["ETag"]
    told(desk.post("nadia", f"/appointments/{offer}/end"), 200)
    assert desk.post("sophie", f"/appointments/{offer}/accept", {}, {"If-Match": tag}).status_code == 412


def test_wrong_names_find_nobody_and_the_number_is_told_by_no_answer(desk: Desk) -> None:
    wrong = {**named("sophie", role="co_main_access_manager", employee=True), "family": "Lambrecht"}
    answer = desk.post("nadia", "/appointments", wrong)
    assert told(answer, 403)["because"] == ["PERSON-2"]
    assert PEOPLE["sophie"][2] not in answer.get_data(as_text=True)


def test_looking_people_up_stops(desk: Desk) -> None:
    wrong = {**named("sophie", role="co_main_access_manager", employee=True), "family": "Lambrecht"}
    statuses = [desk.post("nadia", "/appointments", wrong).status_code for _ in range(11)]
    assert statuses == [403] * 10 + [429]


def test_nobody_offers_a_role_that_they_may_not_give(desk: Desk) -> None:
    body = named("sophie", role="co_main_access_manager", employee=True)
    assert desk.post("ines", "/appointments", body).status_code == 404


def test_a_person_is_linked_and_the_end_of_the_link_shortens_rights(desk: Desk) -> None:
    linked = told(desk.post("nadia", "/relations", named("emma", user_type="employee", period=PERIOD)), 201)
    relation = linked["relation"]["id"]
    wish = {"enterprise": NETJES, "holder": "emma", "right": "service_vouchers", "contexts": ["V99901"]}
    grant = told(desk.post("nadia", "/grants", {**wish, "period": PERIOD}), 201)["grant"]["id"]
    ended = told(desk.post("nadia", f"/relations/{relation}/end", {"last": "2026-06-30"}), 200)
    assert (ended["relation"]["period"]["last"], ended["shortened"]) == ("2026-06-30", [grant])
    assert told(desk.get("emma", f"/grants/{grant}"), 200)["period"]["last"] == "2026-06-30"


def test_a_second_link_at_the_same_time_is_refused(desk: Desk) -> None:
    body = named("ines", user_type="employee", period=PERIOD)
    assert told(desk.post("nadia", "/relations", body), 403)["because"] == ["LINK-2"]


def test_whoever_manages_nobody_sees_their_own_relations_alone(desk: Desk) -> None:
    (own,) = told(desk.get("ines", "/relations"), 200)["items"]
    assert own["person"] == "ines"
    assert desk.get("noah", f"/relations/{own['id']}").status_code == 404
    assert desk.get("noah", "/relations", enterprise=NETJES, person="ines").status_code == 404
    seen = told(desk.get("nadia", "/relations", enterprise=NETJES, person="ines"), 200)
    assert seen["items"] == [own]


def requested(desk: Desk) -> str:
    wish = {"enterprise": NETJES, "right": "service_vouchers", "contexts": ["V99902"], "reason": "To plan"}
    return str(told(desk.post("ines", "/requests", wish), 201)["request"]["id"])


def test_a_request_is_made_read_and_approved(desk: Desk) -> None:
    request = requested(desk)
    assert told(desk.get("nadia", f"/requests/{request}"), 200)["reason"] == "To plan"
    (waiting,) = told(desk.get("nadia", "/requests", enterprise=NETJES, state="pending"), 200)["items"]
    assert (waiting["id"], "reason" in waiting) == (request, False)
    approved = told(desk.post("nadia", f"/requests/{request}/approve", {"period": PERIOD}), 200)
    assert approved["request"]["state"] == "approved"
    assert told(desk.get("ines", f"/grants/{approved['grant']}"), 200)["contexts"] == ["V99902"]


def test_a_request_is_refused_with_words_that_its_maker_reads_or_withdrawn(desk: Desk) -> None:
    first = requested(desk)
    told(desk.post("nadia", f"/requests/{first}/refuse", {"reason": "Not yet"}), 200)
    assert told(desk.get("ines", f"/requests/{first}"), 200)["refusal"] == "Not yet"
    second = requested(desk)
    assert desk.post("noah", f"/requests/{second}/withdraw").status_code == 404
    assert told(desk.post("ines", f"/requests/{second}/withdraw"), 200)["request"]["state"] == "withdrawn"
    assert told(desk.post("nadia", f"/requests/{second}/approve", {"period": PERIOD}), 403)["because"] == ["REQUEST-6"]


def test_a_request_is_not_shown_to_others(desk: Desk) -> None:
    request = requested(desk)
    assert desk.get("noah", f"/requests/{request}").data == desk.get("noah", "/requests/0123").data
    assert told(desk.get("noah", "/requests"), 200) == {"items": []}


def test_how_to_reach_somebody_is_kept_sealed_and_told_by_no_answer(desk: Desk) -> None:
    before = desk.size()
    body = named("sophie", role="co_main_access_manager", employee=True, email="sophie@example.be")
    answer = desk.post("nadia", "/appointments", body)
    assert (told(answer, 201)["sequence"], desk.size()) == (before, before + 2)
    assert b"sophie@example.be" not in answer.data
    with desk.world.provider.world.store.reading() as look:
        assert contact_of(look, "sophie") == Contact("sophie@example.be", "")


def test_what_is_known_of_how_to_reach_somebody_is_not_replaced_by_others(desk: Desk) -> None:
    keep_contact(desk.world.provider.world, "emma", "emma@example.be", "", by="emma")
    body = named("emma", role="co_main_access_manager", employee=True, email="elsewhere@example.be")
    before = desk.size()
    told(desk.post("nadia", "/appointments", body), 201)
    with desk.world.provider.world.store.reading() as look:
        assert contact_of(look, "emma") == Contact("emma@example.be", "")
    assert desk.size() == before + 1


def test_nobody_replaces_a_manager_whom_they_did_not_see(desk: Desk) -> None:
    (present,) = told(desk.get("hilde", "/appointments", enterprise=NETJES), 200)["items"]
    body = named("sophie", role="main_access_manager", employee=True, replaces=True)
    assert desk.post("hilde", "/appointments", {**body, "present": "0123"}).status_code == 409
    told(desk.post("hilde", "/appointments", {**body, "present": present["id"]}), 201)
