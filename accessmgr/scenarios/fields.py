"""Strict reading of nodes: what stands there must be known, complete and of the right kind."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, overload

from accessmgr.core.days import day as day_from
from accessmgr.core.days import moment as moment_from
from accessmgr.scenarios.nodes import Entries, Items, Mistake, Node, Scalar

Value = TypeVar("Value")
Default = TypeVar("Default")
Word = TypeVar("Word", bound=StrEnum)
Convert = Callable[[Node, str], Value]
"""Makes a value of the node that stands under a name."""


def is_null(node: Node) -> bool:
    """Whether the node counts as left out."""
    return isinstance(node, Scalar) and node.value is None


class Fields:
    """A mapping with names that are fixed: `needed` and `optional`. What is null counts as left out.

    :raise Mistake: it is no mapping, has another name, or lacks one that is needed
    """

    def __init__(self, node: Node, what: str, needed: str = "", optional: str = "") -> None:
        known = [*needed.split(), *optional.split()]
        entries = _entries(node, what)
        for name, (line, _) in entries.items():
            if name not in known:
                raise Mistake(line, f"`{name}` is not known here; {what} can have {_listed(known)}")
        self.line = node.line
        self._values = {name: value for name, (_, value) in entries.items() if not is_null(value)}
        self._lines = {name: line for name, (line, _) in entries.items()}
        for name in needed.split():
            if name not in self._values:
                raise Mistake(self.line_of(name), f"{what} lacks `{name}`")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def line_of(self, name: str) -> int:
        """The line on which a name stands; that of the mapping if it does not."""
        return self._lines.get(name, self.line)

    @overload
    def take(self, name: str, convert: Convert[Value]) -> Value: ...
    @overload
    def take(self, name: str, convert: Convert[Value], default: Default) -> Value | Default: ...

    def take(self, name: str, convert: Convert[Any], default: Any = None) -> Any:
        """The value under a name, or the default if it is left out."""
        return convert(self._values[name], name) if name in self._values else default


def named(node: Node, what: str) -> Iterator[tuple[str, Node]]:
    """The entries of a mapping whose names are free, without those that are left out."""
    return ((name, value) for name, (_, value) in _entries(node, what).items() if not is_null(value))


def items(node: Node, what: str) -> tuple[Node, ...]:
    """The items of a list, without those that are left out."""
    if not isinstance(node, Items):
        raise Mistake(node.line, f"`{what}` must be a list")
    return tuple(item for item in node.items if not is_null(item))


def list_of(convert: Convert[Value]) -> Convert[tuple[Value, ...]]:
    """A list of values of one kind."""
    return lambda node, what: tuple(convert(item, what) for item in items(node, what))


def text(node: Node, what: str) -> str:
    """A text, which may be blank."""
    if not isinstance(node, Scalar):
        raise Mistake(node.line, f"`{what}` must be text, not a list or mapping")
    if not isinstance(node.value, str):
        kind = "true or false" if isinstance(node.value, bool) else "a number"
        raise Mistake(node.line, f"`{what}` must be text, and this is {kind}: quote it")
    return node.value


def words(node: Node, what: str) -> str:
    """A text that is not blank."""
    value = text(node, what)
    if not value.strip():
        raise Mistake(node.line, f"`{what}` is blank")
    return value


def boolean(node: Node, what: str) -> bool:
    """True or false."""
    if not isinstance(node, Scalar) or not isinstance(node.value, bool):
        raise Mistake(node.line, f"`{what}` must be `true` or `false`")
    return node.value


def integer(node: Node, what: str) -> int:
    """A whole number that is not negative."""
    if not isinstance(node, Scalar) or isinstance(node.value, bool) or not isinstance(node.value, int):
        raise Mistake(node.line, f"`{what}` must be a whole number")
    if node.value < 0:
        raise Mistake(node.line, f"`{what}` must not be negative")
    return node.value


def day(node: Node, what: str) -> date:
    """A calendar day."""
    return _parsed(node, what, day_from)


def moment(node: Node, what: str) -> datetime:
    """A moment, in UTC."""
    return _parsed(node, what, moment_from)


def word(kind: type[Word]) -> Convert[Word]:
    """One word of a list of words."""

    def convert(node: Node, what: str) -> Word:
        value = text(node, what)
        try:
            return kind(value)
        except ValueError:
            raise Mistake(node.line, f"`{value}` is not one for `{what}`: {_listed(list(kind))}") from None

    return convert


def _parsed(node: Node, what: str, parse: Callable[[str], Value]) -> Value:
    value = text(node, what)
    try:
        return parse(value)
    except ValueError as fault:
        raise Mistake(node.line, f"`{what}`: {fault}") from None


def _entries(node: Node, what: str) -> dict[str, tuple[int, Node]]:
    if not isinstance(node, Entries):
        raise Mistake(node.line, f"{what} must be a mapping")
    return node.entries


def _listed(known: list[Any]) -> str:
    return ", ".join(f"`{one}`" for one in known)
