"""The document of the API for programs, and the same as a page for people."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from accessmgr.api.document import document
from accessmgr.api.endpoints import Endpoint, Part, Plain
from accessmgr.api.examples import filled


def add(bp: Blueprint, parts: Iterable[Part], base_url: str) -> None:
    """Serve the document and the page."""
    parts = tuple(parts)

    @cache
    def built() -> dict[str, Any]:
        return document(parts, base_url)

    @bp.get("/openapi.json")
    def openapi() -> ResponseReturnValue:
        """The OpenAPI document."""
        return Response(json.dumps(built(), ensure_ascii=False, indent=1), content_type="application/json")

    @bp.get("/docs")
    def docs() -> ResponseReturnValue:
        """The page."""
        shown = [(part, [_shown(endpoint, built()) for endpoint in part.endpoints]) for part in parts]
        return render_template(
            "api/docs.html", parts=shown, base_url=base_url, scopes=_scopes(built()), shapes=_shapes(built())
        )


def _shown(endpoint: Endpoint, built: dict[str, Any]) -> dict[str, Any]:
    operation = built["paths"][f"/api/v1{endpoint.path}"][endpoint.method.lower()]
    schemas = built["components"]["schemas"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = body.get("example")
    answer = {} if endpoint.answer is Plain else _named(operation["responses"][str(endpoint.status)], schemas)
    return {
        "endpoint": endpoint,
        "parameters": operation["parameters"],
        "members": _members(body.get("schema", {}), schemas),
        "answer": _members(answer, schemas),
        "example": json.dumps(example, indent=2, ensure_ascii=False) if example else None,
        "address": _address(endpoint),
    }


def _shapes(built: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The named objects of the document: what each is, and its members."""
    schemas = built["components"]["schemas"]
    return {
        name: {"says": schema.get("description", ""), "members": _members(schema, schemas)}
        for name, schema in sorted(schemas.items())
        if schema.get("properties")
    }


def _named(response: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = response["content"]["application/json"]["schema"]
    return schema


def _members(schema: dict[str, Any], schemas: dict[str, Any]) -> list[tuple[str, str, bool, str]]:
    """The members of an object: name, kind, whether it is needed, what it is."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    needed = schema.get("required", ())
    members = schema.get("properties", {}).items()
    return [(name, _kind(member, schemas), name in needed, member.get("description", "")) for name, member in members]


def _kind(member: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The kind of a value in a few words."""
    if "$ref" in member:
        name = member["$ref"].rpartition("/")[2]
        return _kind(schemas[name], schemas) if "enum" in schemas[name] else str(name)
    if "enum" in member:
        return " | ".join(map(str, member["enum"]))
    if "anyOf" in member:
        return " | ".join(_kind(each, schemas) for each in member["anyOf"] if each.get("type") != "null")
    if member.get("type") == "array":
        return f"list of {_kind(member.get('items', {}), schemas)}"
    return str(member.get("format") or member.get("const") or member.get("type", "value"))


def _address(endpoint: Endpoint) -> str:
    example = endpoint.example
    path = endpoint.path.format(**{name: f"{{{name}}}" for name in endpoint.parameters})
    if example is not None:
        for name, value in filled(example.path).items():
            path = path.replace(f"{{{name}}}", value)
        if example.query:
            path += f"?{urlencode(filled(example.query))}"
    return f"/api/v1{path}"


def _scopes(built: dict[str, Any]) -> dict[str, str]:
    flows = built["components"]["securitySchemes"]["sign_in"]["flows"].values()
    return {scope: says for flow in flows for scope, says in flow["scopes"].items()}
