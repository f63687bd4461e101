"""What tests of the decision point are built on: a client with a token, and questions about the demo chain."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from accessmgr.store.asked import asked_t
from accessmgr.usecases.decision_log import DecisionLog
from accessmgr.usecases.relying_parties import Client
from tests.oidc.building import APP, SECRET, Application, World, json_of
from tests.web.building import NETJES, product_of

ITSME = "urn:be:vlaanderen:authmech:itsme"
EID = "urn:be:vlaanderen:authmech:eid"
EVALUATION = "/access/v1/evaluation"


def somebody(id_: str | None) -> dict[str, Any]:
    """A person as subject; without an id, whoever is searched for."""
    return {"type": "person", **({"id": id_} if id_ is not None else {})}


def entering(who: str | None = "ines", **spoilt: Any) -> dict[str, Any]:
    """May somebody enter for a recognition of Netjes Thuis? One member may be another; None leaves it out."""
    question = {
        "subject": somebody(who),
        "action": {"name": "enter_secure_area"},
        "resource": {
            "type": "right",
            "id": "service_vouchers",
            "properties": {"enterprise": NETJES, "context": "V99901"},
        },
        "context": {"acr": ITSME},
        **spoilt,
    }
    return {name: value for name, value in question.items() if value is not None}


def asking(who: str | None, action: str, type_: str, id_: str, acr: str = EID, /, **properties: Any) -> dict[str, Any]:
    """Any question, with a strong key."""
    return {
        "subject": somebody(who),
        "action": {"name": action},
        "resource": {"type": type_, "id": id_, "properties": properties},
        "context": {"acr": acr},
    }


@dataclass
class Service:
    """A relying service with a token of its own."""

    world: World
    client: Client = APP
    scope: str = "authzen"

    def __post_init__(self) -> None:
        fields = {"grant_type": "client_credentials", "scope": self.scope}
        answer = Application(self.world, self.client, SECRET).post("/op/v1/token", fields)
        self.token = json_of(answer)["access_token"]

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send a question."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        content = {"json": body} if body is not None else {}
        return self.world.app.test_client().post(path, headers=headers, **content, **more)

    def ask(self, body: Any) -> dict[str, Any]:
        """The answer to a question."""
        return self.answer(EVALUATION, body)

    def answer(self, path: str, body: Any) -> dict[str, Any]:
        """The answer of an endpoint that takes what it is sent."""
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return json_of(answer)

    def decision(self, body: Any) -> tuple[bool, list[str]]:
        """What is decided, and because of which rules."""
        answer = self.ask(body)
        return answer["decision"], answer["context"]["because"]

    @property
    def log(self) -> DecisionLog:
        """The log of what was only asked."""
        return product_of(self.world.app).decision_log

    def logged(self) -> list[dict[str, Any]]:
        """What is written of the decisions that wait, the oldest first."""
        waiting = len(self.log._waiting)
        self.log.flush()
        with self.world.provider.tokens.engine.connect() as connection:  # type: ignore[attr-defined]
            found = connection.execute(
                select(asked_t.c.line).order_by(asked_t.c.batch.desc(), asked_t.c.position.desc())
            )
            lines = [json.loads(bytes(line)) for line in found.scalars().fetchmany(waiting)]
        return lines[::-1]
