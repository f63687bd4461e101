"""YAML as a tree of plain nodes that know their lines, by the core schema of YAML 1.2.

PyYAML resolves by YAML 1.1, where `2026-03-02` is a date, `09:00` a number and `on` true; so only its
events are used here, and what a plain scalar means is decided below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

DEEPEST = 20
"""How deep lists and mappings may stand in one another."""

MOST_COPIES = 100_000
"""How many nodes the aliases of a file may stand for in all."""


class Mistake(Exception):
    """Something is wrong at a line of the file."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `text` is how it is written."""

    line: int
    value: str | int | float | bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping: for each name the line on which it stands, and its value."""

    line: int
    entries: dict[str, tuple[int, "Node"]]


Node = Scalar | Items | Entries


def parse(data: bytes) -> Node:
    """The one document in the bytes of a file.

    :raise Mistake: it is not UTF-8, not YAML, not exactly one document, or a name stands twice in a mapping
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Mistake(data.count(b"\n", 0, fault.start) + 1, "this is not UTF-8") from None
    try:
        return _Composer(yaml.parse(text, Loader=yaml.CBaseLoader)).document()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise Mistake(mark.line + 1 if mark else 1, f"this is not YAML: {fault.problem or fault.context}") from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise Mistake(line, "this is not YAML: control characters are not allowed") from None


_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_LONGEST_NUMBER = 100


def resolve(text: str) -> str | int | float | bool | None:
    """What a plain scalar means by the core schema. A number too long to be one is text."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL_OR_HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".i", "i").replace(".n", "n"))
    return text


class _Composer:
    """Puts the events of a parser together into nodes."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchored: dict[str, tuple[Node, int]] = {}
        self._nodes = 0
        self._copies = 0

    def document(self) -> Node:
        next(self._events)  # the stream starts
        event = next(self._events)
        if not isinstance(event, yaml.DocumentStartEvent):
            raise Mistake(1, "the file is empty")
        node = self._node(next(self._events), 0)
        next(self._events)  # the document ends
        event = next(self._events)
        if isinstance(event, yaml.DocumentStartEvent):
            raise Mistake(_line(event), "a second document begins here: one scenario a file")
        return node

    def _node(self, event: Any, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            return self._copy(str(event.anchor), line)
        if depth > DEEPEST:
            raise Mistake(line, "lists and mappings stand too deep in one another")
        before = self._nodes
        self._nodes += 1
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            _refuse_tag(event, line)
            node = self._items(line, depth)
        else:
            _refuse_tag(event, line)
            node = self._entries(line, depth)
        if event.anchor is not None:
            self._anchored[event.anchor] = node, self._nodes - before
        return node

    def _copy(self, anchor: str, line: int) -> Node:
        if anchor not in self._anchored:
            raise Mistake(line, f"`*{anchor}` stands for nothing that is complete above it")
        node, size = self._anchored[anchor]
        self._nodes += size
        self._copies += size
        if self._copies > MOST_COPIES:
            raise Mistake(line, "aliases make this file too large")
        return node

    def _scalar(self, event: Any, line: int) -> Node:
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise Mistake(line, f"the tag `{event.tag}` has no meaning here")
        plain = event.style is None or event.style == ""
        is_text = event.tag is not None or not plain
        return Scalar(line, event.value if is_text else resolve(event.value), event.value)

    def _items(self, line: int, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Items(line, tuple(items))

    def _entries(self, line: int, depth: int) -> Node:
        entries: dict[str, tuple[int, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            at = _line(event)
            if not isinstance(key, Scalar):
                raise Mistake(at, "a name is wanted before the colon, not a list or mapping")
            if not isinstance(key.value, str):
                raise Mistake(at, f"the name `{key.text}` would be read as something else than text: quote it")
            if key.value in entries:
                raise Mistake(at, f"`{key.value}` stands twice")
            entries[key.value] = at, self._node(next(self._events), depth + 1)
        return Entries(line, entries)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse_tag(event: Any, line: int) -> None:
    if event.tag not in (None, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
        raise Mistake(line, f"the tag `{event.tag}` has no meaning here")
