"""Searches: every row is what a single question says, in pages that follow each other and fit no other search."""

from typing import Any

import pytest

from tests.authzen.building import EID, ITSME, Service, asking, entering
from tests.oidc.building import json_of
from tests.web.building import NETJES

SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{what}" for what in ("subject", "resource", "action"))
EVERYBODY = ["hilde", "ines", "karel", "mila", "nadia", "noah"]
GRANT: dict[str, Any] = {"person": "ines", "contexts": ["V99902"], "begin": "2026-03-02", "end": "2026-06-30"}


def found(service: Service, path: str, body: dict[str, Any]) -> list[Any]:
    answer = service.answer(path, body)
    assert answer["page"] == {"next_token": "", "count": len(answer["results"])}
    return list(answer["results"])


def test_who_may_enter_is_found(service: Service) -> None:
    assert found(service, SUBJECT, entering(None)) == [{"type": "person", "id": "ines"}]


def test_nobody_is_found_who_may_not(service: Service) -> None:
    assert found(service, SUBJECT, entering(None, context={})) == []
    assert found(service, SUBJECT, entering(None, context={"acr": ITSME, "on": "2027-03-02T10:00Z"})) == []


def test_what_somebody_may_enter_is_found_as_it_can_be_asked_about(service: Service) -> None:
    rows = found(service, RESOURCE, entering(resource={"type": "right"}))
    assert rows == [
        {
            "type": "right",
            "id": "service_vouchers",
            "properties": {"enterprise": NETJES, "context": "V99901"},
        }
    ]
    assert service.ask(entering(resource=rows[0]))["decision"] is True


def test_what_somebody_may_do_is_found(service: Service) -> None:
    of_enterprise = asking("nadia", "", "enterprise", NETJES)
    assert [one["name"] for one in found(service, ACTION, of_enterprise)] == [
        "claim_main_local_administrator",
        "export_history",
        "read_history",
    ]
    of_right = asking("nadia", "", "right", "service_vouchers", enterprise=NETJES, **GRANT)
    assert [one["name"] for one in found(service, ACTION, of_right)] == ["grant_right"]


def test_the_managers_who_may_grant_are_found_and_where_they_may(service: Service) -> None:
    granting = asking(None, "grant_right", "right", "service_vouchers", enterprise=NETJES, **GRANT)
    assert [one["id"] for one in found(service, SUBJECT, granting)] == ["nadia"]
    anywhere = asking("nadia", "grant_right", "right", "", **GRANT)
    assert found(service, RESOURCE, anywhere) == [
        {"type": "right", "id": "service_vouchers", "properties": {"enterprise": NETJES}}
    ]


def test_pages_follow_each_other_to_the_end(service: Service) -> None:
    asked = {**asking(None, "sign_in", "application", "app"), "page": {"limit": 2}}
    seen, counts = [], []
    for _page in range(4):
        answer = service.answer(SUBJECT, asked)
        seen += [one["id"] for one in answer["results"]]
        counts.append(answer["page"]["count"])
        if not answer["page"]["next_token"]:
            break
        asked = {**asked, "page": {"token": answer["page"]["next_token"]}}
    assert (seen, counts) == (EVERYBODY, [2, 2, 2])


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": {"type": "person", "id": "ines"}},
        {"context": {"acr": ITSME}},
        {"action": {"name": "sign_in", "properties": {"acr_values": ["eid"]}}},
        {"resource": {"type": "application", "id": "other"}},
        {"page": {"limit": 3}},
        {"page": {"token": "made up"}},
        {"page": {"token": ""}},
        {"page": {"token": 5}},
        {"page": {"limit": -1}},
        {"page": {"limit": 2.0}},
    ],
)
def test_a_token_is_good_for_its_own_search_alone(service: Service, changed: dict[str, Any]) -> None:
    asked = {**asking(None, "sign_in", "application", "app"), "page": {"limit": 2}}
    token = service.answer(SUBJECT, asked)["page"]["next_token"]
    following = {**asked, "page": {"token": token, "limit": 2}}
    assert service.post(SUBJECT, following).status_code == 200
    spoilt = {**following, **changed, "page": {**following["page"], **changed.get("page", {})}}
    answer = service.post(SUBJECT, spoilt)
    assert (answer.status_code, "results" in json_of(answer)) == (400, False)
    assert service.post(RESOURCE, following).status_code == 400


def test_a_token_tells_nothing_about_anybody(service: Service) -> None:
    asked = {**asking(None, "sign_in", "application", "app"), "page": {"limit": 1}}
    first, second = (service.answer(SUBJECT, asked)["page"]["next_token"] for _ in range(2))
    assert first != second
    assert EID not in first


def test_people_who_are_not_linked_are_found_by_number_alone(service: Service) -> None:
    linking = asking("nadia", "link_person", "person", "", enterprise=NETJES, user_type="external", since="2026-03-02")
    assert service.post(RESOURCE, linking).status_code == 400


def test_somebody_unknown_may_do_nothing(service: Service) -> None:
    assert found(service, RESOURCE, entering("nobody", resource={"type": "right"})) == []
    assert found(service, ACTION, asking("nobody", "", "enterprise", NETJES)) == []


def test_a_representative_finds_the_appointments_that_they_could_end(service: Service) -> None:
    ending = asking("hilde", "end_appointment", "appointment", "", without_successor=True)
    (row,) = found(service, RESOURCE, ending)
    about = asking("hilde", "end_appointment", "appointment", row["id"], without_successor=True)
    assert service.decision(about) == (True, ["END-1"])
    assert [one["id"] for one in found(service, SUBJECT, about)] == ["hilde", "karel", "nadia"]
