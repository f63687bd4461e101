"""The OpenAPI 3.1 document of the API, built from its endpoints."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from accessmgr.api.endpoints import ID, PARAMETERS, Endpoint, Part, Plain
from accessmgr.api.examples import filled
from accessmgr.api.idempotency import HEADER
from accessmgr.calls.identified import HEADER as REQUEST_ID
from accessmgr.calls.problems import MEDIA_TYPE

SCHEMAS = "#/components/schemas/{model}"
READING = (401, 403, 404, 422, 429, 500, 503)
WRITING = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503)
OPEN = (400, 409, 413, 415, 422, 404, 500, 503)
Json = dict[str, Any]


def document(parts: Iterable[Part], base_url: str) -> Json:
    """The document.

    :param base_url: where the product is served, without a slash at the end
    """
    parts = tuple(parts)
    endpoints = [endpoint for part in parts for endpoint in part.endpoints]
    names, schemas = _schemas(endpoints)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        path = f"/api/v1{endpoint.path}"
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "accessmgr management API",
            "version": "1",
            "description": "Everything that the pages do, through the same rules, on behalf of a signed-in person.",
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": part.name, "description": part.says} for part in parts],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": PROBLEM},
            "responses": {"Problem": _problem()},
            "headers": {REQUEST_ID: {"description": "The id of the request", "schema": {"type": "string"}}},
            "securitySchemes": {"sign_in": _security(endpoints, base_url)},
        },
    }


def _schemas(endpoints: Iterable[Endpoint]) -> tuple[dict[tuple[type[BaseModel], str], str], Json]:
    """The name of each model in the document, and the schemas by name."""
    models: dict[tuple[type[BaseModel], Any], None] = {}
    for endpoint in endpoints:
        if endpoint.body is not None:
            models[endpoint.body, "validation"] = None
        if endpoint.answer is not Plain:
            models[endpoint.answer, "serialization"] = None
    references, definitions = models_json_schema(list(models), ref_template=SCHEMAS)
    names = {key: found["$ref"].rpartition("/")[2] for key, found in references.items()}
    return names, definitions.get("$defs", {})  # type: ignore[return-value]


def _operation(endpoint: Endpoint, names: dict[tuple[type[BaseModel], str], str]) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "tags": [endpoint.part],
        "summary": endpoint.summary,
        "parameters": list(_parameters(endpoint)),
        "responses": _responses(endpoint, names),
        "security": [{"sign_in": [endpoint.scope]}] if endpoint.scope else [],
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.method == "POST":
        operation["requestBody"] = {"required": True, "content": {"application/json": _body(endpoint, names)}}
    return operation


def _body(endpoint: Endpoint, names: dict[tuple[type[BaseModel], str], str]) -> Json:
    if endpoint.body is None:
        content: Json = {"schema": {"type": "object", "additionalProperties": False, "maxProperties": 0}}
    else:
        content = {"schema": {"$ref": SCHEMAS.format(model=names[endpoint.body, "validation"])}}
    if endpoint.example is not None:
        content["example"] = filled(endpoint.example.body or {})
    return content


def _parameters(endpoint: Endpoint) -> Iterator[Json]:
    examples = filled(endpoint.example.path) if endpoint.example else {}
    asked = filled(endpoint.example.query) if endpoint.example else {}
    for name in endpoint.parameters:
        told: Json = {"name": name, "in": "path", "required": True}
        told["schema"] = {"type": "string", "pattern": PARAMETERS.get(name, ID)}
        if name in examples:
            told["example"] = examples[name]
        yield told
    if endpoint.query is not None:
        schema = endpoint.query.model_json_schema(ref_template=SCHEMAS)
        for name, member in schema["properties"].items():
            described = {"description": member.pop("description")} if "description" in member else {}
            required = name in schema.get("required", ())
            example = {"example": asked[name]} if name in asked else {}
            yield {
                "name": name,
                "in": "query",
                "required": required,
                "schema": _inlined(member, schema),
                **described,
                **example,
            }
    if endpoint.method == "POST":
        text = "The same call with the same key within 24 hours is done once, and gets the first answer again"
        word = {"type": "string", "pattern": "^[!-~]{1,255}$"}
        yield {"name": HEADER, "in": "header", "required": False, "schema": word, "description": text}
    if endpoint.if_match:
        text = "The ETag that the thing must still have"
        tag = {"type": "string", "pattern": '^"-?[0-9]{1,16}"$'}
        yield {"name": "If-Match", "in": "header", "required": False, "schema": tag, "description": text}


def _inlined(member: Json, schema: Json) -> Json:
    """A schema of a parameter, without null (an absent parameter says that) and without references."""
    kinds = [kind for kind in member.pop("anyOf", []) if kind != {"type": "null"}]
    found = {**member, **(kinds[0] if len(kinds) == 1 else {})}
    if "$ref" in found:
        found |= schema["$defs"][found.pop("$ref").rpartition("/")[2]]
    return {name: value for name, value in found.items() if name not in ("title", "default") or value is not None}


def _responses(endpoint: Endpoint, names: dict[tuple[type[BaseModel], str], str]) -> Json:
    if endpoint.answer is Plain:
        content: Json = {endpoint.media_type: {"schema": {"type": "string"}}}
    else:
        reference = SCHEMAS.format(model=names[endpoint.answer, "serialization"])
        content = {endpoint.media_type: {"schema": {"$ref": reference}}}
    good = {"description": HTTPStatus(endpoint.status).phrase, "headers": _HEADERS, "content": content}
    wrong = OPEN if endpoint.scope is None else WRITING if endpoint.method == "POST" else READING
    problem = {"$ref": "#/components/responses/Problem"}
    return {str(endpoint.status): good, **{str(status): problem for status in sorted(wrong)}}


def _security(endpoints: Iterable[Endpoint], base_url: str) -> Json:
    token = f"{base_url}/op/v1/token"
    own = sorted({endpoint.scope for endpoint in endpoints if endpoint.scope and endpoint.alone})
    others = sorted({endpoint.scope for endpoint in endpoints if endpoint.scope and not endpoint.alone})
    code = {"authorizationUrl": f"{base_url}/op/v1/auth", "tokenUrl": token, "refreshUrl": token}
    flows = {"authorizationCode": {**code, "scopes": {scope: _says(scope) for scope in others}}}
    if own:
        flows["clientCredentials"] = {"tokenUrl": token, "scopes": {scope: _says(scope) for scope in own}}
    return {"type": "oauth2", "flows": flows}


def _says(scope: str) -> str:
    what, _, way = scope.partition(".")
    return f"{'Change' if way == 'write' else 'Read'} {what}"


def _problem() -> Json:
    reference = {"$ref": SCHEMAS.format(model="Problem")}
    return {"description": "What is wrong", "headers": _HEADERS, "content": {MEDIA_TYPE: {"schema": reference}}}


_HEADERS = {REQUEST_ID: {"$ref": f"#/components/headers/{REQUEST_ID}"}}

PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details (RFC 9457); a refusal by the rules (403) holds their ids in `because`",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail", "pointer"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "pattern": "^#", "description": "JSON pointer into the body"},
                },
                "additionalProperties": False,
            },
        },
        "because": {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]+-[0-9]+$"}},
        "sequence": {"type": "integer", "description": "The entry by which the refusal is on record"},
        "token": {"type": "string", "pattern": "^[0-9]+$", "description": "The size of the history"},
        "failing": {"type": "array", "items": {"type": "object"}, "description": "What fails, why and since when"},
        "menders": {"type": "array", "items": {"type": "object"}, "description": "Who can mend it"},
        "mend": {"type": "array", "items": {"type": "object"}, "description": "Where the mending starts"},
        "chain": {"type": "array", "items": {"type": "object"}, "description": "The links that it rests on"},
        "reason_user": {"type": "object", "description": "Why, in four languages, for the person"},
        "reason_admin": {"type": "array", "items": {"type": "object"}, "description": "Why, for managers of rights"},
    },
}
