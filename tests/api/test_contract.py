"""Thousands of calls made up from the document, sound and unsound: each answer is as the document says.

The document is the one that is served, with what there is in the demo world offered in the places of ids, numbers
and contexts, so that calls get past them; texts are national numbers now and then, which no answer may tell.
"""

import copy
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import randoms
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accessmgr.api.parts import IN_SIMULATION, PARTS
from tests.api.demo import Demo, a_demo
from tests.oidc.building import json_of

CASES = 56
"""Of each operation and each mode."""

LEAST = 5000
NUMBERS = ("95.08.17-000.86", "95081700086", "04.11.30-000.66", "00000100096")
"""National numbers of fictional people, as they are sent."""

CALLERS = ("nadia", "hilde", "ines", "mila", "noah")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
STARTS_OVER = "simulator_start_over"
"""It takes longer than all others, and has tests of its own."""

OPERATIONS = sorted(
    endpoint.name
    for part in (*PARTS, *IN_SIMULATION)
    for endpoint in part.endpoints
    if (endpoint.parameters or endpoint.query or endpoint.body) and endpoint.name != STARTS_OVER
)
"""Those that are sent something."""

MODES = {"sound": GenerationMode.POSITIVE, "unsound": GenerationMode.NEGATIVE}


class Contract:
    """The demo world and its document, prepared."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        document = json_of(demo.app.test_client().get("/api/v1/openapi.json"))
        self.schema = from_dict(offering(document, offers(demo)))
        self.schema.app = demo.app
        found = [result.ok() for result in self.schema.get_all_operations() if isinstance(result, Ok)]
        self.operations = {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return Contract(a_demo(tmp_path_factory.mktemp("demo")))


def offers(demo: Demo) -> dict[str, list[str]]:
    """What there is, by the name of the member or parameter that takes it."""
    ids = demo.ids()
    people = [ids[name] for name in ("ines", "noah", "nadia", "emma")]
    named = {name: [ids[name]] for name in ("appointment", "relation", "grant", "request")}
    return {
        **named,
        **dict.fromkeys(("person", "holder", "who"), people),
        "enterprise": ["1999000150", "1999000249"],
        "right": ["service_vouchers", "subsidy_desk"],
        "contexts": ["V99901", "V99902", "reader"],
        "number": list(NUMBERS),
        **{name: list(NUMBERS) for name in ("given", "family", "name", "reason", "purpose", "case", "cursor")},
    }


def offering(document: Any, what: dict[str, list[str]]) -> Any:
    """The document, in which schemas of these names take what there is, too."""

    def also(name: str, schema: Any) -> Any:
        if name == "contexts" and schema.get("type") == "array":
            return {**schema, "items": also_one_of(schema["items"], what[name])}
        return also_one_of(schema, what[name]) if name in what else schema

    found = copy.deepcopy(document)
    for each in found["components"]["schemas"].values():
        each["properties"] = {name: also(name, schema) for name, schema in each.get("properties", {}).items()}
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                parameter["schema"] = also(parameter["name"], parameter["schema"])
                parameter.pop("example", None)
    return found


def also_one_of(schema: Any, values: list[str]) -> Any:
    """A schema that takes these values, too."""
    return {"anyOf": [{"enum": values}, schema]}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_the_document_says(contract: Contract, name: str, mode: str) -> None:
    operation = contract.operations[name]
    seen = 0

    @settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=MODES[mode]), draws=randoms())
    def answers_as_documented(case: Case, draws: random.Random) -> None:
        nonlocal seen
        seen += 1
        who = draws.choice(CALLERS)
        if mode == "unsound":
            case.body, case.query = spoilt(case.body, draws), spoilt(case.query, draws)
        given_headers = {"Authorization": f"Bearer {contract.demo.token(who)}"}
        response = case.call(headers=given_headers)
        case.validate_response(response, checks=CHECKS)
        if name != "enterprises_reveal_number" or response.status_code >= 400:
            assert told_numbers(response.content) == []

    answers_as_documented()
    assert seen >= CASES


def spoilt(given: Any, draws: random.Random) -> Any:
    """Members now and then with a national number in the place of one of them."""
    if not isinstance(given, dict) or not given or draws.random() < 0.7:
        return given
    return {**given, draws.choice(sorted(given, key=str)): draws.choice(NUMBERS)}


def told_numbers(content: bytes) -> list[str]:
    """The national numbers that an answer tells."""
    text = content.decode()
    return [number for number in NUMBERS if number in text or re.sub(r"\D", "", number) in text]


def test_there_are_cases_enough() -> None:
    assert CASES * len(MODES) * len(OPERATIONS) >= LEAST
