"""What is told of calls that cannot be answered: each a near miss of one that can."""

import json
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from accessmgr.store import tables
from accessmgr.store.engine import begin
from accessmgr.usecases.decision_log import DecisionLog
from tests.authzen.building import EVALUATION, ITSME, Service, asking, entering
from tests.oidc.building import APP, World, json_of
from tests.web.building import NETJES

SEARCHES = [f"/access/v1/search/{what}" for what in ("subject", "resource", "action")]
PATHS = [EVALUATION, "/access/v1/evaluations", *SEARCHES]


def sent(service: Service, text: str | bytes, **headers: str) -> TestResponse:
    """What answers a text sent as it stands."""
    given = {"Content-Type": "application/json", **headers}
    return service.post(EVALUATION, data=text, headers=given)


def spoilt(**changed: Any) -> dict[str, Any]:
    """The ordinary question with other members of the resource, subject, action or context."""
    question = entering()
    for name, members in changed.items():
        question[name] = {**question[name], **members} if isinstance(members, dict) else members
    return question


# --- 400: the question is malformed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        (entering(subject=None), "#/subject"),
        (entering(action=None), "#/action"),
        (entering(resource=None), "#/resource"),
        (entering(subject="ines"), "#/subject"),
        (spoilt(subject={"type": None}), "#/subject/type"),
        (spoilt(subject={"type": "robot"}), "#/subject/type"),
        (spoilt(subject={"id": None}), "#/subject/id"),
        (spoilt(subject={"id": 5}), "#/subject/id"),
        (spoilt(subject={"properties": []}), "#/subject/properties"),
        (spoilt(action={"name": "steal"}), "#/action/name"),
        (spoilt(action={"name": ["enter_secure_area"]}), "#/action/name"),
        (spoilt(resource={"type": "spaceship"}), "#/resource/type"),
        (spoilt(resource={"type": "grant"}), "#/resource/type"),
        (spoilt(resource={"id": None}), "#/resource/id"),
        (spoilt(resource={"properties": {"context": "V99901"}}), "#/resource/properties/enterprise"),
        (spoilt(resource={"properties": {"enterprise": 1999000150}}), "#/resource/properties/enterprise"),
        (spoilt(resource={"properties": {"enterprise": NETJES, "right": "x"}}), "#/resource/properties/right"),
        (spoilt(context={"on": "2026-02-30T10:00:00Z"}), "#/context/on"),
        (spoilt(context={"on": "2026-03-29T02:30"}), "#/context/on"),
        (spoilt(context={"on": "tomorrow"}), "#/context/on"),
        (spoilt(context={"on": "9999-12-31T23:59:59Z"}), "#/context/on"),
        (spoilt(context={"known_at": 5}), "#/context/known_at"),
        (spoilt(context={"level": 450.0}), "#/context/level"),
        (spoilt(context={"level": True}), "#/context/level"),
        (spoilt(context={"level": "450"}), "#/context/level"),
        (spoilt(context={"acr": [ITSME]}), "#/context/acr"),
        (spoilt(context={"at_least": "soon"}), "#/context/at_least"),
        (spoilt(context={"at_least": "9" * 16}), "#/context/at_least"),
        (spoilt(context="itsme"), "#/context"),
        (asking("nadia", "link_person", "person", "x", user_type="robot"), "#/resource/properties/user_type"),
        (asking("nadia", "extend_grant", "grant", "x", end="2026-02-30"), "#/resource/properties/end"),
        (asking("nadia", "revoke_grant", "grant", "x", reason=False), "#/resource/properties/reason"),
        (asking("ines", "request_right", "right", "x", contexts="V99901"), "#/resource/properties/contexts"),
        (asking("ines", "request_right", "right", "x", contexts=[1]), "#/resource/properties/contexts/0"),
        ([entering()], "#"),
    ],
)  # fmt: skip
def test_a_malformed_question_is_told_with_its_place(service: Service, question: Any, pointer: str) -> None:
    answer = service.post(EVALUATION, question)
    told = json_of(answer)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert [flaw["pointer"] for flaw in told["errors"]] == [pointer]
    assert "decision" not in told


@pytest.mark.parametrize(
    "text",
    [
        '{"subject": {"type": "person", "id": "ines", "id": "hilde"}}',
        '{"subject": {"type": "person", "id": "\\ud800"}}',
        '{"context": {"level": NaN}}',
        '{"context": {"level": 1e999}}',
        '{"context": {"level": 450,}}',
        b'{"subject": "\xff"}',
        '{"a":' * 40 + "1" + "}" * 40,
        "",
    ],
)
def test_a_text_that_is_no_sound_json_is_no_question(service: Service, text: str | bytes) -> None:
    assert sent(service, json.dumps(entering())).status_code == 200
    assert sent(service, text).status_code == 400


def test_a_body_must_be_json_and_not_too_large(service: Service) -> None:
    body = json.dumps(entering())
    assert sent(service, body, **{"Content-Type": "text/plain"}).status_code == 400
    assert sent(service, body + " " * 200_000).status_code == 200
    assert sent(service, body + " " * 300_000).status_code == 413


def test_unknown_members_are_left_aside(service: Service) -> None:
    extra: dict[str, Any] = {"why": [1.5, None, {"deep": {}}]}
    question = {**{name: {**value, **extra} for name, value in entering().items()}, **extra}
    assert service.ask(question)["decision"] is True


# --- 200 and false: it does not exist ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        entering("nobody"),
        entering("\0"),
        spoilt(resource={"id": "no_right"}),
        spoilt(resource={"properties": {"enterprise": "0000000000", "context": "V99901"}}),
        spoilt(resource={"properties": {"enterprise": "0200000043", "context": "V99901"}}),
        spoilt(resource={"properties": {"enterprise": NETJES, "context": "V00000"}}),
        spoilt(resource={"properties": {"enterprise": NETJES, "context": "V99901\0"}}),
        spoilt(context={"acr": "urn:of:nobody"}),
        spoilt(context={"level": 1}),
        asking("nadia", "revoke_grant", "grant", "no grant"),
        asking("nadia", "accept_appointment", "appointment", "\0"),
        asking("nadia", "grant_right", "person", "nobody", enterprise=NETJES, right="service_vouchers",
               begin="2026-03-02", end="2026-06-30", contexts=["V99901"]),
        asking("ines", "sign_in", "application", "app", acr_values=["eid", "telepathy"]),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused_and_no_error(service: Service, question: Any) -> None:
    assert service.ask(question)["decision"] is False


# --- 401 and 403: the caller ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "Basic YTpi", "Bearer", "Bearer made-up", "bearer \u00e9"])
def test_without_a_good_token_nothing_is_read(service: Service, path: str, header: str | None) -> None:
    given = {} if header is None else {"Authorization": header}
    answer = service.world.app.test_client().post(path, headers=given, data="{", content_type="application/json")
    assert (answer.status_code, "Bearer" in answer.headers["WWW-Authenticate"]) == (401, True)


@pytest.mark.parametrize("path", PATHS)
def test_a_token_for_something_else_is_not_enough(world: World, service: Service, path: str) -> None:
    client = replace(APP, id=f"other-{path.rpartition('/')[2]}", scopes=APP.scopes | {"vo_info"})
    world.add(client)
    other = Service(world, client, scope="vo_info")
    answer = other.post(path, entering())
    assert (answer.status_code, "insufficient_scope" in answer.headers["WWW-Authenticate"]) == (403, True)
    assert Service(world, client).post(path, entering()).status_code == 200


# --- the id of a request, and methods ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_id_of_its_request(service: Service, path: str) -> None:
    named = {"X-Request-ID": "bfe9eb29 of/1"}
    for answer in (
        service.post(path, entering(), headers=named),
        service.post(path, [], headers=named),
        service.world.app.test_client().post(path, headers=named),
    ):
        assert answer.headers["X-Request-ID"] == "bfe9eb29 of/1"


@pytest.mark.parametrize("path", PATHS)
def test_questions_are_posted(service: Service, path: str) -> None:
    assert service.world.app.test_client().get(path).status_code == 405


# --- 503 and 500: never true in a fault ---------------------------------------------------------------------------


def test_what_cannot_be_put_on_record_is_not_told(world: World, service: Service) -> None:
    full = DecisionLog(world.provider.world, most=0)
    point = world.app.extensions["accessmgr.authzen"]
    world.app.extensions["accessmgr.authzen"] = replace(point, log=full)
    answers = [service.post(path, entering()) for path in PATHS[:3]]
    world.app.extensions["accessmgr.authzen"] = point
    assert [(answer.status_code, b"true" in answer.data) for answer in answers] == [(503, False)] * 3


def test_a_database_without_what_it_needs_is_never_a_yes(world: World, service: Service) -> None:
    grants = tables.Grant.__tablename__
    rename(world, grants, "gone")
    answers = [service.post(path, entering()) for path in PATHS[:3]]
    rename(world, "gone", grants)
    assert [(answer.status_code, b"true" in answer.data) for answer in answers] == [(503, False)] * 3
    assert service.ask(entering())["decision"] is True


def rename(world: World, table: str, to: str) -> None:
    """Give a table another name."""
    with begin(world.provider.tokens.engine, writing=True) as connection, connection.begin():  # type: ignore[attr-defined]
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {to}")
