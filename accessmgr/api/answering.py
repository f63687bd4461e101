"""How a call is answered: the token is checked, what is sent is read, the endpoint runs, and its answer is told."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from pydantic import BaseModel, ValidationError

from accessmgr.api.call import Call, api
from accessmgr.api.endpoints import ID, PARAMETERS, Endpoint, Plain, Writes
from accessmgr.api.idempotency import key_of, replayed, text_of
from accessmgr.api.reading import on_record
from accessmgr.api.refusing import refusal
from accessmgr.calls import problems
from accessmgr.calls.body import LARGEST, read_json
from accessmgr.calls.caller import caller
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.usecases.kept_answers import CallKey
from accessmgr.usecases.perform import Refused
from accessmgr.usecases.world import Unknown

Given = dict[str, Any]
_NAME = re.compile(r"[A-Za-z_]{1,40}")
_VERSIONS = re.compile(r'"([!#-~]*)"')


def answer(endpoint: Endpoint, path: Mapping[str, str]) -> Response:
    """The answer to a call of an endpoint."""
    if (request.content_length or 0) > (endpoint.largest or LARGEST):
        raise Problem(413, "the body is too large")
    who = caller(endpoint.scope) if endpoint.scope else None
    call = Call(api().world, who, versions=_versions(endpoint))
    if who is not None and not endpoint.alone:
        _ = call.person
    given: Given = _path(endpoint, path)
    if endpoint.query is not None:
        given["query"] = read_query(endpoint.query)
    elif request.args:
        raise Problem(422, "there is a parameter that is not known")
    if endpoint.method == "POST":
        read = read_json(endpoint.largest or LARGEST)
        given["body"] = read_model(endpoint.body, read)
        key = key_of(who)
        if endpoint.body is None:
            del given["body"]
        if endpoint.writes is Writes.IN_ONE:
            return _in_one(endpoint, call, given, key)
        if endpoint.writes is Writes.APART and key is not None:
            return _apart(endpoint, call, given, key)
    return _answered(endpoint, call, given)


def _in_one(endpoint: Endpoint, call: Call, given: Given, key: CallKey | None) -> Response:
    """Do all of it in one transaction: refusals are on record and kept, anything else that goes wrong undoes it."""
    with call.world.store.writing() as tx:
        before = call.api.kept.find(tx, key) if key else None
        if key and before:
            return replayed(before, key)
        response = _answered(endpoint, call.within(tx), given)
        if key:
            call.api.kept.keep(tx, key, response.status_code, text_of(response) if endpoint.keeps else None)
        return response


def _apart(endpoint: Endpoint, call: Call, given: Given, key: CallKey) -> Response:
    """Claim the key, do it, and keep the answer; what could not be done gives the key back."""
    kept, store = call.api.kept, call.world.store
    with store.writing() as tx:
        before = kept.find(tx, key)
        if before:
            return replayed(before, key)
        kept.keep(tx, key, None, None)
    try:
        response = _answered(endpoint, call, given)
    except (Problem, Unknown):
        with store.writing() as tx:
            kept.forget(tx, key)
        raise
    with store.writing() as tx:
        kept.keep(tx, key, response.status_code, text_of(response) if endpoint.keeps else None)
    return response


def _answered(endpoint: Endpoint, call: Call, given: Given) -> Response:
    try:
        told = endpoint.view(call, **given)
    except Refused as refused:
        return problems.told(refusal(call, on_record(call, refused.done)))
    if isinstance(told, Plain):
        return Response(told.content, endpoint.status, content_type=told.media_type)
    body = json.dumps(told.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    response = Response(body, endpoint.status, content_type="application/json")
    version = getattr(told, "version", None)
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


# --- what is sent -----------------------------------------------------------------------------------------


def read_query(model: type[BaseModel]) -> BaseModel:
    """The parameters of the address.

    :raise Problem: 422 one is wrong, not known, or given twice
    """
    given = dict(request.args.lists())
    if any(len(values) > 1 for values in given.values()):
        raise Problem(422, "a parameter stands twice")
    try:
        return model.model_validate({name: values[0] for name, values in given.items()})
    except ValidationError as wrong:
        raise Problem(422, "the parameters are not in order", _flaws(wrong, given)) from None


def read_model(model: type[BaseModel] | None, value: Any) -> BaseModel | None:
    """The body, as its model has it; without a model it is an object without members.

    :raise Problem: 422 it is otherwise; no value that was sent is told
    """
    if model is None:
        if value != {}:
            raise Problem(422, "the body is not an object without members", [Flaw("not an empty object")])
        return None
    try:
        return model.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as wrong:
        raise Problem(422, "the body is not in order", _flaws(wrong, value)) from None


def _flaws(wrong: ValidationError, sent: Any) -> list[Flaw]:
    """What is wrong and where, without a word of what was sent."""
    errors = wrong.errors(include_url=False, include_context=False, include_input=False)
    return [Flaw(_said(error["type"], error["msg"]), _pointer(error["loc"], sent)) for error in errors[:50]]


def _said(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "there is no such member"
    if kind == "missing":
        return "is missing"
    said = message.removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def _pointer(place: tuple[int | str, ...], sent: Any) -> str:
    """The place as a JSON pointer; a name that the caller made up is told only if it holds nothing but letters.

    A part on the way that was not sent is no place: it names which of several models was tried.
    """
    parts: list[str] = []
    for position, part in enumerate(place):
        if isinstance(part, str) and not _NAME.fullmatch(part):
            break
        if isinstance(sent, dict) and part not in sent and position < len(place) - 1:
            continue
        parts.append(f"/{part}")
        sent = _within(sent, part)
    return "".join(parts)


def _within(sent: Any, part: int | str) -> Any:
    if isinstance(sent, dict):
        return sent.get(part)
    return sent[part] if isinstance(sent, list) and isinstance(part, int) and part < len(sent) else None


def _path(endpoint: Endpoint, path: Mapping[str, str]) -> Given:
    """The parts of the path; what cannot be one does not exist.

    :raise Unknown: there is no such thing
    """
    for name, value in path.items():
        if not re.fullmatch(PARAMETERS.get(name, ID).strip("^$"), value):
            raise Unknown(name)
    return dict(path)


def _versions(endpoint: Endpoint) -> frozenset[str] | None:
    text = request.headers.get("If-Match")
    if text is None or not endpoint.if_match:
        return None
    return frozenset({"*"}) if text.strip() == "*" else frozenset(_VERSIONS.findall(text))
