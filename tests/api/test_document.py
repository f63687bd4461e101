"""The OpenAPI document is built from the code, and the page tells the same."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from accessmgr.usecases.relying_parties import MANAGEMENT, OF_CLIENTS
from tests.api.building import a_desk
from tests.oidc.building import json_of


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    client = a_desk(tmp_path_factory.mktemp("desk")).world.app.test_client()
    document, page = client.get("/api/v1/openapi.json"), client.get("/api/v1/docs")
    assert (document.status_code, page.status_code) == (200, 200)
    return json_of(document), page.get_data(as_text=True)


def test_the_document_is_openapi_3_1(served: tuple[dict[str, Any], str]) -> None:
    document, _ = served
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0"


def test_every_scope_of_the_document_can_be_registered(served: tuple[dict[str, Any], str]) -> None:
    flows = served[0]["components"]["securitySchemes"]["sign_in"]["flows"]
    assert MANAGEMENT.issuperset(flows["authorizationCode"]["scopes"])
    assert OF_CLIENTS.issuperset(flows["clientCredentials"]["scopes"])


def test_every_operation_is_on_the_page_which_takes_nothing_from_elsewhere(served: tuple[dict[str, Any], str]) -> None:
    document, page = served
    operations = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    missing = [path for method, path in operations if f"<code>{method} {path}</code>" not in page]
    assert missing == []
    assert "<script" not in page
