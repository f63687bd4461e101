"""The catalogue of rights as data: read from a scenario file, or from `seeds/rights.yaml`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from accessmgr.core.model import ContextKind, Domain, Right, Role, TargetGroup
from accessmgr.resources import folder
from accessmgr.scenarios.document import ScenarioError
from accessmgr.scenarios.fields import Fields, boolean, integer, list_of, named, text, word, words
from accessmgr.scenarios.nodes import Mistake, Node, parse

NEEDED = "application domain target_groups context_kind grantors level max_days needs_recognition requestable"
FOR_PAGES = "names claim"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Presented:
    """How a right is shown: names by language, and the name of the claim in which an application reads it."""

    names: Mapping[str, str]
    claim: str


def read_rights(node: Node, besides: str = "") -> dict[str, Right]:
    """The rights in a mapping from code to what a right is, each with the keys `besides` too.

    :raise Mistake: something in it is wrong
    """
    return {code: _right(code, _fields(value, besides)) for code, value in named(node, "rights")}


def read_presented(node: Node) -> dict[str, Presented]:
    """How the rights are shown, where they are to be shown to people.

    :raise Mistake: something in it is wrong
    """
    presented = {}
    for code, value in named(node, "rights"):
        fields = _fields(value, FOR_PAGES)
        names = fields.take("names", lambda names, what: {name: words(it, name) for name, it in named(names, what)})
        presented[code] = Presented(names, fields.take("claim", words))
    return presented


@cache
def catalogue() -> dict[str, Right]:
    """The rights that come with the product.

    :raise ScenarioError: their file is wrong
    """
    return _from_file(lambda node: read_rights(node, FOR_PAGES))


@cache
def presented() -> dict[str, Presented]:
    """How the rights that come with the product are shown.

    :raise ScenarioError: their file is wrong
    """
    return _from_file(read_presented)


def _from_file(read: Callable[[Node], Value]) -> Value:
    path = folder("seeds") / "rights.yaml"
    try:
        return read(Fields(parse(path.read_bytes()), "the file", "rights").take("rights", lambda node, _: node))
    except Mistake as mistake:
        raise ScenarioError(str(path), mistake.line, mistake.what) from None


def _right(code: str, fields: Fields) -> Right:
    kind = fields.take("context_kind", word(ContextKind))
    if (kind is ContextKind.PROFILE) != ("profiles" in fields):
        raise Mistake(fields.line_of("profiles"), "a right has `profiles` when its contexts are of the kind `profile`")
    return Right(
        code=code,
        application=fields.take("application", words),
        domain=fields.take("domain", word(Domain)),
        target_groups=frozenset(fields.take("target_groups", list_of(word(TargetGroup)))),
        context_kind=kind,
        grantors=frozenset(fields.take("grantors", list_of(word(Role)))),
        level=fields.take("level", integer),
        max_days=fields.take("max_days", integer),
        needs_recognition=fields.take("needs_recognition", boolean),
        requestable=fields.take("requestable", boolean),
        profiles=fields.take("profiles", list_of(text), ()),
    )


def _fields(node: Node, besides: str) -> Fields:
    return Fields(node, "a right", f"{NEEDED} {besides}", "profiles")
