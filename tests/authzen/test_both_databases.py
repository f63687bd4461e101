"""What could differ from database to database: characters that one takes and the other does not, moments, order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.authzen.building import EVALUATION, ITSME, Service, asking, entering
from tests.oidc.building import APP, World, world_of
from tests.web.building import NETJES, built_app, demo_chain

SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{what}" for what in ("subject", "resource", "action"))
STRANGE = ["\0", "a\0b", "é", "\u2028", "'; --", "%", "\ufffe", "x" * 1990]


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[Service]:
    """A service at the demo chain, once in each kind of database."""
    app = built_app(tmp_path, database_url=database_url)
    demo_chain(app)
    world: World = world_of(app, APP)
    yield Service(world)
    world.provider.world.store.engine.dispose()  # type: ignore[attr-defined]


def test_a_strange_text_is_an_unknown_one(service: Service) -> None:
    properties = {"enterprise": NETJES, "context": "V99901"}
    for text in STRANGE:
        of_text = {**properties, "context": text}
        questions = [
            entering(text),
            entering(resource={"type": "right", "id": text, "properties": properties}),
            entering(resource={"type": "right", "id": "service_vouchers", "properties": of_text}),
            entering(resource={"type": "enterprise", "id": text, "properties": {"right": "service_vouchers"}}),
            asking("nadia", "accept_appointment", "appointment", text),
            asking("nadia", "end_work_relation", "relation", text),
            asking("nadia", "revoke_grant", "grant", text),
            asking("nadia", "withdraw_request", "request", text),
            asking("mila", "reveal_number", "person", text, reason="a case"),
            asking("nadia", "grant_right", "right", "energy_audit", enterprise=NETJES, person="ines",
                   begin="2026-03-02", end="2026-06-30", contexts=[text]),
        ]  # fmt: skip
        answers = [service.post(EVALUATION, question) for question in questions]
        assert [(answer.status_code, b'"decision":true' in answer.data) for answer in answers] == [(200, False)] * 10


def test_a_strange_text_finds_nothing(service: Service) -> None:
    for text in STRANGE:
        of_right = {"type": "right", "id": "service_vouchers", "properties": {"enterprise": NETJES, "context": text}}
        for path, body in (
            (SUBJECT, entering(None, resource=of_right)),
            (SUBJECT, asking(None, "revoke_grant", "grant", text)),
            (SUBJECT, asking(None, "reveal_number", "person", text)),
            (RESOURCE, entering(text, resource={"type": "right"})),
            (RESOURCE, entering(resource={"type": "right", "properties": {"context": f"V99901{text}?"}})),
            (RESOURCE, entering(resource={"type": "right", "properties": {"enterprise": text}})),
            (ACTION, entering(text)),
            (ACTION, asking("nadia", "", "grant", text)),
        ):
            assert service.answer(path, body)["results"] == []


@pytest.mark.parametrize("moment", ["1000-01-02T00:00:00Z", "8999-12-31T23:59:59.999999999Z"])
def test_a_far_moment_is_a_moment(service: Service, moment: str) -> None:
    for name in ("on", "known_at"):
        assert service.post(EVALUATION, entering(context={"acr": ITSME, name: moment})).status_code == 200


def test_people_are_found_in_one_order(service: Service) -> None:
    asked = asking(None, "sign_in", "application", "app")
    everybody = [one["id"] for one in service.answer(SUBJECT, asked)["results"]]
    assert everybody == ["hilde", "ines", "karel", "mila", "nadia", "noah"]
    first = service.answer(SUBJECT, {**asked, "page": {"limit": 4}})
    second = service.answer(SUBJECT, {**asked, "page": {"token": first["page"]["next_token"]}})
    assert [one["id"] for one in first["results"] + second["results"]] == everybody
