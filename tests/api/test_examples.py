"""The examples of the document run: each in the demo world as it opens, as the person whom it names."""

import re
from typing import Any

import pytest

from accessmgr.api.endpoints import Endpoint, Example
from accessmgr.api.examples import SAMPLES, filled
from accessmgr.api.parts import IN_SIMULATION, PARTS
from tests.api.demo import Demo, a_demo

ENDPOINTS = {endpoint.name: endpoint for part in (*PARTS, *IN_SIMULATION) for endpoint in part.endpoints}
OFFERS = {"offer": ("emma", "mobility"), "other_offer": ("noah", "finance")}
NAMES = {"emma": ("04.11.30-000.66", "Emma", "Claes"), "noah": ("01.03.22-999.61", "Noah", "Peeters")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return a_demo(tmp_path_factory.mktemp("demo"))


def offered(demo: Demo) -> dict[str, str]:
    """Offers that wait for an answer, which the world does not open with."""
    made = {}
    for name, (who, domain) in OFFERS.items():
        number, given, family = NAMES[who]
        body = {"enterprise": "1999000150", "role": "access_manager", "domain": domain}
        sent = demo.send(
            "nadia", "POST", "/appointments", json={**body, "number": number, "given": given, "family": family}
        )
        assert sent.status_code == 201, sent.get_data(as_text=True)
        made[name] = sent.json["appointment"]["id"]
    return made


def run(demo: Demo, endpoint: Endpoint, example: Example, ids: dict[str, str]) -> Any:
    path = endpoint.path.format(**filled(example.path, ids))
    more: dict[str, Any] = {"query_string": filled(example.query, ids)}
    if endpoint.method == "POST":
        more["json"] = filled(example.body or {}, ids)
    return demo.send(example.who, endpoint.method, path, **more)


def test_every_endpoint_has_an_example() -> None:
    assert [name for name, endpoint in ENDPOINTS.items() if endpoint.example is None and not endpoint.alone] == []


def test_every_name_of_an_example_has_a_sample() -> None:
    given = [text for endpoint in ENDPOINTS.values() for text in texts(endpoint.example)]
    named = {found[1] for text in given if (found := re.fullmatch(r"\{(\w+)\}", text))}
    assert sorted(named - set(SAMPLES)) == []


def texts(example: Example | None) -> list[str]:
    if example is None:
        return []
    return [*example.path.values(), *example.query.values(), *map(str, (example.body or {}).values())]


@pytest.mark.parametrize("name", [name for name, endpoint in ENDPOINTS.items() if endpoint.example is not None])
def test_the_example_runs(demo: Demo, name: str) -> None:
    endpoint = ENDPOINTS[name]
    assert endpoint.example is not None
    if endpoint.method == "POST":
        demo.put_back()
    ids = demo.ids()
    if any("offer" in value for value in endpoint.example.path.values()):
        ids |= offered(demo)
    answer = run(demo, endpoint, endpoint.example, ids)
    assert (answer.status_code, answer.content_type) == (endpoint.status, endpoint.media_type), answer.get_data()
