"""The registration of a client as JSON: read member by member, so that each flaw is told with its place."""

import json
import secrets
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.model import Key
from accessmgr.usecases.relying_parties import NUMBER, Client, Level, Method, Mode, WrongRegistration, check_uri

LONGEST_TEXT = 2000
MOST_ITEMS = 50
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")

Word = TypeVar("Word", bound=StrEnum)
Item = TypeVar("Item")


class _Wrong(Exception):
    """Why a value is not taken, and where in it."""

    def __init__(self, why: str, where: str = "") -> None:
        super().__init__(why)
        self.where = where


def read_body(body: Any, scopes: frozenset[str], applications: frozenset[str]) -> Client:
    """The client that a JSON value tells of, under a new id.

    :param scopes: those that there are
    :param applications: those whose rights can be read
    :raise Problem: the value is no registration; every flaw is told with its place
    """
    if not isinstance(body, dict):
        raise Problem(422, "the body is not an object", [Flaw("not an object")])
    flaws: list[Flaw] = []
    reading = readers(scopes, applications)
    values: dict[str, Any] = {}
    for name, value in body.items():
        if name not in reading:
            flaws.append(Flaw("there is no such member", _pointer(name)))
            continue
        field, read = reading[name]
        try:
            values[field] = read(value)
        except _Wrong as wrong:
            flaws.append(Flaw(str(wrong), _pointer(name) + wrong.where))
    flaws += [Flaw("is missing", _pointer(name)) for name in ("name", "redirect_uris") if name not in body]
    if flaws:
        raise Problem(422, "the registration is not in order", flaws)
    values["rrn"] = NUMBER in values.get("scopes", ())
    try:
        return Client(id=f"run-{secrets.token_hex(8)}", **values)
    except WrongRegistration as wrong:
        raise Problem(422, "the registration is not in order", [Flaw(str(wrong))]) from wrong


def readers(scopes: frozenset[str], applications: frozenset[str]) -> Mapping[str, tuple[str, Callable[[Any], Any]]]:
    """The members: which part of the registration each is, and how it is read."""
    return {
        "name": ("name", _text),
        "redirect_uris": ("redirect_uris", lambda value: tuple(_each(value, _uri, least=1))),
        "post_logout_uris": ("post_logout_uris", lambda value: tuple(_each(value, _uri))),
        "scopes": ("scopes", lambda value: frozenset(_each(value, lambda one: _known(one, scopes, "scope")))),
        "methods": ("methods", lambda value: frozenset(_each(value, lambda one: _word(one, Method), least=1))),
        "application": ("application", lambda value: _known(value, applications, "application")),
        "keys": ("means", lambda value: frozenset(_each(value, lambda one: _word(one, Key), least=1))),
        "level": ("level", lambda value: _word(value, Level)),
        "mode": ("mode", lambda value: _word(value, Mode)),
        "pkce": ("pkce", _yes_or_no),
        "introspection": ("introspection", _yes_or_no),
        "jwks": ("jwks", _key_set),
        "backchannel_logout_uri": ("backchannel_logout_uri", _here),
        "resource_types": ("resource_types", lambda value: frozenset(_each(value, _text))),
        "enterprises": ("enterprises", lambda value: frozenset(_each(value, _text))),
        "reasons": ("reasons", _yes_or_no),
    }


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT or not value.isprintable():
        raise _Wrong("not a text of one line")
    return value


def _each(value: Any, read: Callable[[Any], Item], least: int = 0) -> list[Item]:
    """The items of a list, each read."""
    if not isinstance(value, list) or not least <= len(value) <= MOST_ITEMS:
        raise _Wrong(f"not a list of {least} to {MOST_ITEMS} items")
    items: list[Item] = []
    for index, each in enumerate(value):
        try:
            items.append(read(each))
        except _Wrong as wrong:
            raise _Wrong(str(wrong), f"/{index}") from wrong
    return items


def _uri(value: Any) -> str:
    try:
        check_uri(_text(value))
    except WrongRegistration as wrong:
        raise _Wrong(str(wrong)) from wrong
    return str(value)


def _here(value: Any) -> str:
    """An address on this machine: whoever registers a client is nobody whom the server would call elsewhere for."""
    if urlsplit(_uri(value)).hostname not in THIS_MACHINE:
        raise _Wrong(f"`{value}` is not on this machine")
    return str(value)


def _known(value: Any, known: frozenset[str], what: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise _Wrong(f"there is no {what} `{value}`")
    return value


def _word(value: Any, words: type[Word]) -> Word:
    if not isinstance(value, str) or value not in set(words):
        raise _Wrong(f"`{value}` is none of {', '.join(f'`{word}`' for word in words)}")
    return words(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("neither true nor false")
    return value


def _key_set(value: Any) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("keys"), list):
        raise _Wrong("not a JSON Web Key Set")
    if any(not isinstance(key, dict) or "d" in key for key in value["keys"]):
        raise _Wrong("a key is private, or no key")
    return json.dumps(value)
