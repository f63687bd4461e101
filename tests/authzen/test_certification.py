"""The certification scenario of the Authorization API 1.0, section by section, on the demo chain.

The scenario wants a fixture of users, records and three actions; here people, rights and the actions of the rulebook
stand for them: Inès is its `alice`, who may, Hilde its `bob`, who may not. A test is named after its section.
"""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.authzen.building import EVALUATION, ITSME, Service, asking, entering
from tests.oidc.building import json_of
from tests.repository import ROOT
from tests.web.building import NETJES

EVALUATIONS = "/access/v1/evaluations"
SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{what}" for what in ("subject", "resource", "action"))
INES, HILDE = {"type": "person", "id": "ines"}, {"type": "person", "id": "hilde"}
FIXTURE = entering()
WHO, WHICH, WHAT = entering(None), entering(resource={"type": "right"}), entering(action=None)


def decided(service: Service, body: dict[str, Any]) -> list[bool]:
    return [one["decision"] for one in service.answer(EVALUATIONS, body)["evaluations"]]


def results(service: Service, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = service.post(path, body)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return list(json_of(answer)["results"])


def without(body: dict[str, Any], name: str, member: str | None = None) -> dict[str, Any]:
    """A body without a member, or without a member of a member."""
    if member is None:
        return {key: value for key, value in body.items() if key != name}
    return {**body, name: without(body[name], member)}


# --- basic -------------------------------------------------------------------------------------------------


def test_c_2_2_1_permit(service: Service) -> None:
    assert service.ask(FIXTURE)["decision"] is True


def test_c_2_2_2_deny(service: Service) -> None:
    assert service.ask({**FIXTURE, "subject": HILDE})["decision"] is False


def test_c_2_2_3_optional_context(service: Service) -> None:
    more = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}
    assert service.ask(entering(context={"acr": ITSME, **more}))["decision"] is True
    signing = asking("ines", "sign_in", "application", "app")
    revoking = asking("ines", "revoke_grant", "grant", "absent")
    assert [service.ask(without(one, "context"))["decision"] for one in (signing, revoking)] == [False, False]


def test_c_2_2_4_deny_based_on_properties(service: Service) -> None:
    other = {**FIXTURE["resource"], "properties": {"enterprise": NETJES, "context": "V99902"}}
    assert service.ask(entering(resource=other))["decision"] is False


def test_c_2_2_6_permit_based_on_action_properties(service: Service) -> None:
    strong = asking("mila", "read_history", "enterprise", NETJES)
    strong["action"]["properties"] = {"purpose": "a case"}
    assert service.ask(strong)["decision"] is True


def test_c_2_2_7_deny_based_on_action_properties(service: Service) -> None:
    weak = asking("mila", "read_history", "enterprise", NETJES)
    weak["action"]["properties"] = {"purpose": ""}
    assert service.ask(weak)["decision"] is False


def test_c_2_2_8_additional_properties(service: Service) -> None:
    more = {"department": "Sales", "owner": "bob"}
    body = {
        **FIXTURE,
        "subject": {**INES, "properties": more},
        "action": {**FIXTURE["action"], "properties": more},
        "resource": {**FIXTURE["resource"], "properties": {**FIXTURE["resource"]["properties"], **more}},
    }
    assert service.ask(body)["decision"] is True


def test_c_2_2_9_unknown_fields(service: Service) -> None:
    assert service.ask({**FIXTURE, "foo": "bar", "futureField": {"nested": True}})["decision"] is True


def test_c_2_3_response_format(service: Service) -> None:
    answer = service.post(EVALUATION, FIXTURE)
    told = json_of(answer)
    assert answer.content_type == "application/json"
    assert (type(told["decision"]), type(told["context"])) == (bool, dict)


@pytest.mark.parametrize("name", ["subject", "action", "resource"])
def test_c_2_4_1_missing_required_fields(service: Service, name: str) -> None:
    assert service.post(EVALUATION, without(FIXTURE, name)).status_code == 400


@pytest.mark.parametrize(
    ("name", "member"),
    [("subject", "type"), ("subject", "id"), ("action", "name"), ("resource", "type"), ("resource", "id")],
)
def test_c_2_4_2_missing_required_sub_fields(service: Service, name: str, member: str) -> None:
    assert service.post(EVALUATION, without(FIXTURE, name, member)).status_code == 400


def test_c_2_4_3_invalid_content_type(service: Service) -> None:
    assert sent(service, b"{}", "text/plain").status_code == 400


def test_c_2_4_4_malformed_json(service: Service) -> None:
    assert sent(service, b'{"subject": ').status_code == 400


def test_c_2_4_5_empty_request_body(service: Service) -> None:
    assert sent(service, b"").status_code == 400


@pytest.mark.parametrize("wrong", [{"subject": "ines"}, {"action": {"name": 123}}])
def test_c_2_4_6_invalid_field_types(service: Service, wrong: dict[str, Any]) -> None:
    assert service.post(EVALUATION, {**FIXTURE, **wrong}).status_code == 400


def test_c_2_5_header_handling(service: Service) -> None:
    named = service.post(EVALUATION, FIXTURE, headers={"X-Request-ID": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"})
    assert named.headers["X-Request-ID"] == "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    assert service.post(EVALUATION, FIXTURE).status_code == 200


def test_c_2_6_idempotency(service: Service) -> None:
    assert [service.ask(FIXTURE) for _ in range(3)] == [service.ask(FIXTURE)] * 3


# --- batch ---------------------------------------------------------------------------------------------------


def test_c_3_2_1_evaluations_array(service: Service) -> None:
    resource = FIXTURE["resource"]
    other = {**resource, "id": "energy_audit"}
    body = {**without(FIXTURE, "resource"), "evaluations": [{"resource": resource}, {"resource": other}]}
    assert decided(service, body) == [True, False]


def test_c_3_2_2_fixture_decisions_in_order(service: Service) -> None:
    renouncing = {"action": {"name": "request_right"}}
    body = {**without(FIXTURE, "action"), "evaluations": [{"action": FIXTURE["action"]}, renouncing]}
    assert decided(service, body) == [True, False]


def test_c_3_2_3_properties(service: Service) -> None:
    resource = FIXTURE["resource"]
    other = {**resource, "properties": {"enterprise": NETJES, "context": "V99902"}}
    body = {**without(FIXTURE, "resource"), "evaluations": [{"resource": resource}, {"resource": other}]}
    assert decided(service, body) == [True, False]


def test_c_3_2_5_no_defaults(service: Service) -> None:
    assert decided(service, {"evaluations": [FIXTURE, {**FIXTURE, "subject": HILDE}]}) == [True, False]


def test_c_3_2_6_context_inheritance(service: Service) -> None:
    override = {"context": {"time": "2025-06-27T19:00-07:00", "source": "batch-override"}}
    body = {**without(FIXTURE, "subject"), "evaluations": [{"subject": INES}, {"subject": INES, **override}]}
    assert decided(service, body) == [True, False]


def test_c_3_2_7_default_value_merging(service: Service) -> None:
    properties = FIXTURE["resource"]["properties"]
    one = {"id": "service_vouchers", "properties": properties}
    other = {"type": "right", "id": "energy_audit", "properties": properties}
    body = {**FIXTURE, "resource": {"type": "right"}, "evaluations": [{"resource": one}, {"resource": other}]}
    assert decided(service, body) == [True, False]


def test_c_3_3_response_format(service: Service) -> None:
    subjects = [{"subject": one} for one in (HILDE, INES, HILDE)]
    answer = service.answer(EVALUATIONS, {**FIXTURE, "evaluations": subjects})
    assert [one["decision"] for one in answer["evaluations"]] == [False, True, False]
    assert "decision" not in answer


def test_c_3_4_1_evaluation_level_errors(service: Service) -> None:
    body = {**without(FIXTURE, "resource"), "evaluations": [{"resource": FIXTURE["resource"]}, {}]}
    assert decided(service, body) == [True, False]


def test_c_3_4_2_missing_evaluations_array(service: Service) -> None:
    assert service.answer(EVALUATIONS, FIXTURE)["decision"] is True


def test_c_3_4_3_empty_evaluations_array(service: Service) -> None:
    assert service.answer(EVALUATIONS, {**FIXTURE, "evaluations": []})["decision"] is True


# --- search --------------------------------------------------------------------------------------------------


def test_c_4_2_1_subject_search(service: Service) -> None:
    assert results(service, SUBJECT, WHO) == [INES]


def test_c_4_2_2_subject_search_with_context(service: Service) -> None:
    assert results(service, SUBJECT, entering(None, context={"acr": ITSME, "time": "2025-06-27T18:03-07:00"})) == [INES]


def test_c_4_2_3_subject_search_with_subject_id(service: Service) -> None:
    assert results(service, SUBJECT, entering("hilde")) == [INES]


def test_c_4_2_4_subject_search_with_properties(service: Service) -> None:
    other = {**FIXTURE["resource"], "properties": {"enterprise": NETJES, "context": "V99902"}}
    assert results(service, SUBJECT, entering(None, resource=other)) == []


def test_c_4_3_1_resource_search(service: Service) -> None:
    assert [(one["type"], one["id"]) for one in results(service, RESOURCE, WHICH)] == [("right", "service_vouchers")]


def test_c_4_3_2_resource_search_with_resource_id(service: Service) -> None:
    assert results(service, RESOURCE, entering(resource={"type": "right", "id": "energy_audit"})) == results(
        service, RESOURCE, WHICH
    )


def test_c_4_3_3_resource_search_with_properties(service: Service) -> None:
    of_unit = {"type": "right", "properties": {"context": "V99902"}}
    assert results(service, RESOURCE, entering(resource=of_unit)) == []


def test_c_4_4_1_action_search(service: Service) -> None:
    assert results(service, ACTION, WHAT) == [{"name": "enter_secure_area"}]


def test_c_4_4_2_action_search_with_context(service: Service) -> None:
    assert results(service, ACTION, {**WHAT, "context": {"time": "2025-06-27T18:03-07:00"}}) == []


def test_c_4_4_3_action_search_with_properties(service: Service) -> None:
    other = {**FIXTURE["resource"], "properties": {"enterprise": NETJES, "context": "V99902"}}
    assert results(service, ACTION, {**WHAT, "resource": other}) == []


def test_c_4_5_pagination(service: Service) -> None:
    asked = without(asking(None, "sign_in", "application", "app"), "none")
    first = service.answer(SUBJECT, {**asked, "page": {"limit": 1}})
    second = service.answer(SUBJECT, {**asked, "page": {"token": first["page"]["next_token"]}})
    assert (len(first["results"]), len(second["results"])) == (1, 1)
    assert first["results"] != second["results"]
    assert service.answer(SUBJECT, {**WHO, "page": {"limit": 1}})["page"] == {"next_token": "", "count": 1}


@pytest.mark.parametrize("path", [RESOURCE, ACTION])
def test_c_4_6_1_unknown_entity_identifier(service: Service, path: str) -> None:
    body = {RESOURCE: WHICH, ACTION: WHAT}[path]
    assert results(service, path, {**body, "subject": {"type": "person", "id": "nonexistent-user"}}) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SUBJECT, {**WHO, "subject": {"type": "spaceship"}}),
        (SUBJECT, {**WHO, "resource": {"type": "spaceship", "id": "1"}}),
        (RESOURCE, {**WHICH, "subject": {"type": "spaceship", "id": "1"}}),
        (RESOURCE, {**WHICH, "resource": {"type": "spaceship"}}),
        (RESOURCE, {**WHICH, "resource": {"type": "grant"}}),
        (ACTION, {**WHAT, "subject": {"type": "spaceship", "id": "1"}}),
        (ACTION, {**WHAT, "resource": {"type": "spaceship", "id": "1"}}),
    ],
)
def test_c_4_6_2_unknown_entity_type(service: Service, path: str, body: dict[str, Any]) -> None:
    assert results(service, path, body) == []


@pytest.mark.parametrize(
    ("path", "body", "name"), [(SUBJECT, WHO, "action"), (RESOURCE, WHICH, "subject"), (ACTION, WHAT, "resource")]
)
def test_c_4_7_1_missing_required_fields(service: Service, path: str, body: dict[str, Any], name: str) -> None:
    assert service.post(path, without(body, name)).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "name"), [(SUBJECT, WHO, "resource"), (RESOURCE, WHICH, "subject"), (ACTION, WHAT, "subject")]
)
def test_c_4_7_2_missing_required_sub_fields(service: Service, path: str, body: dict[str, Any], name: str) -> None:
    assert service.post(path, without(body, name, "id")).status_code == 400


# --- discovery ---------------------------------------------------------------------------------------------------


def test_c_6_metadata(service: Service) -> None:
    answer = service.world.app.test_client().get("/.well-known/authzen-configuration")
    base = "http://127.0.0.1:8000"
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert json_of(answer) == {
        "policy_decision_point": base,
        "access_evaluation_endpoint": base + EVALUATION,
        "access_evaluations_endpoint": base + EVALUATIONS,
        "search_subject_endpoint": base + SUBJECT,
        "search_resource_endpoint": base + RESOURCE,
        "search_action_endpoint": base + ACTION,
    }


def sent(service: Service, content: bytes, content_type: str = "application/json") -> TestResponse:
    return service.post(EVALUATION, data=content, content_type=content_type)


def test_the_page_names_each_section_with_its_test() -> None:
    page = (ROOT / "docs" / "authzen.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| c-([0-9-]+) \|", page, re.MULTILINE)
    tests = [re.match(r"test_c_([0-9_]+)_[a-z]", name) for name in globals()]
    named = [found[1].replace("_", "-") for found in tests if found is not None]
    not_ours = re.findall(r"^\| c-([0-9-]+) \| does not apply", page, re.MULTILINE)
    assert sorted(told) == sorted({*named, *not_ours})
