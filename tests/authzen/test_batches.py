"""Many questions in one call: defaults, overrides, the three semantics, errors of one question, one state for all."""

from typing import Any

import pytest

from accessmgr.authzen.batches import MOST
from tests.authzen.building import EVALUATION, ITSME, Service, entering
from tests.oidc.building import World, json_of

EVALUATIONS = "/access/v1/evaluations"
INES, HILDE = {"subject": {"type": "person", "id": "ines"}}, {"subject": {"type": "person", "id": "hilde"}}


def decisions(service: Service, *questions: Any, semantic: str | None = None, **shared: Any) -> list[bool]:
    options = {"options": {"evaluations_semantic": semantic}} if semantic else {}
    answer = service.answer(EVALUATIONS, {**entering(None, **shared), **options, "evaluations": list(questions)})
    return [one["decision"] for one in answer["evaluations"]]


def test_each_question_takes_from_the_call_what_it_does_not_say_itself(service: Service) -> None:
    weak = {"context": {"level": 350}}
    assert decisions(service, INES, HILDE, {**INES, **weak}, {"context": {"acr": ITSME}}, subject=INES["subject"]) == [
        True,
        False,
        False,
        True,
    ]


def test_an_override_takes_the_place_of_the_member_but_for_type_and_id(service: Service) -> None:
    bare = {**INES, "resource": {"id": "service_vouchers"}}
    answer = service.answer(EVALUATIONS, {**entering(None), "evaluations": [bare]})
    error = answer["evaluations"][0]["context"]["error"]
    assert (error["status"], error["message"]) == (
        400,
        "the question is malformed: is missing at `/resource/properties/enterprise`",
    )


def test_type_and_id_of_an_override_may_come_from_the_call(service: Service) -> None:
    properties = entering()["resource"]["properties"]
    of_right, other = {"id": "service_vouchers", "properties": properties}, {"id": "no_right", "properties": properties}
    shared: dict[str, Any] = {"subject": {"type": "person"}, "resource": {"type": "right"}}
    questions = [{"subject": {"id": "ines"}, "resource": one} for one in (of_right, other)]
    assert decisions(service, *questions, **shared) == [True, False]


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        (None, [True, False, True, False]),
        ("execute_all", [True, False, True, False]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_semantic_says_where_it_ends(service: Service, semantic: str | None, expected: list[bool]) -> None:
    assert decisions(service, INES, HILDE, INES, HILDE, semantic=semantic) == expected


def test_permit_on_first_permit_goes_past_refusals_and_errors(service: Service) -> None:
    broken = {"subject": {"type": "robot", "id": "1"}}
    assert decisions(service, HILDE, broken, INES, HILDE, semantic="permit_on_first_permit") == [False, False, True]
    assert decisions(service, INES, broken, INES, semantic="deny_on_first_deny") == [True, False]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"options": {"evaluations_semantic": "at_random"}}, "#/options/evaluations_semantic"),
        ({"options": {"evaluations_semantic": True}}, "#/options/evaluations_semantic"),
        ({"options": "execute_all"}, "#/options"),
        ({"evaluations": {"0": INES}}, "#/evaluations"),
        ({"evaluations": [INES] * (MOST + 1)}, "#/evaluations"),
        ({"subject": "ines"}, "#/subject"),
        ({"context": []}, "#/context"),
    ],
)
def test_a_call_that_is_wrong_as_a_whole_is_no_answer(service: Service, changed: dict[str, Any], pointer: str) -> None:
    sound = {**entering(None), "evaluations": [INES] * MOST}
    assert len(service.answer(EVALUATIONS, sound)["evaluations"]) == MOST
    answer = service.post(EVALUATIONS, {**sound, **changed})
    assert (answer.status_code, json_of(answer)["errors"][0]["pointer"]) == (400, pointer)


@pytest.mark.parametrize("without", [{}, {"evaluations": []}, {"evaluations": None}])
def test_without_a_list_it_is_a_single_question(service: Service, without: dict[str, Any]) -> None:
    assert service.answer(EVALUATIONS, {**entering(), **without}) == service.answer(EVALUATION, entering())


def test_all_are_decided_about_one_state_and_each_is_on_record(world: World, service: Service) -> None:
    log = service.log
    log.flush()
    answer = service.answer(EVALUATIONS, {**entering(None), "evaluations": [INES, HILDE, INES]})
    assert len({one["context"]["token"] for one in answer["evaluations"]}) == 1
    assert [(line["person"], line["allowed"]) for line in service.logged()] == [
        ("ines", True),
        ("hilde", False),
        ("ines", True),
    ]


def test_a_state_that_is_not_reached_is_told_for_the_whole_call(world: World, service: Service) -> None:
    ahead = {**INES, "context": {"at_least": str(world.size() + 5)}}
    assert service.post(EVALUATIONS, {**entering(None), "evaluations": [INES, ahead]}).status_code == 503
