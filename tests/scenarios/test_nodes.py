"""YAML is read by the core schema of YAML 1.2, whatever PyYAML makes of it by itself."""

import pytest

from accessmgr.scenarios.nodes import Entries, Items, Mistake, Node, Scalar, parse


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {name: plain(value) for name, (_, value) in node.entries.items()}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T09:00", "2026-03-02T09:00"),
        ("09:00", "09:00"),
        ("yes", "yes"),
        ("on", "on"),
        ("Off", "Off"),
        ("0123.456.789", "0123.456.789"),
        ("72.03.14-000.46", "72.03.14-000.46"),
        ("1_000", "1_000"),
        ("'true'", "true"),
        ('"12"', "12"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("|-\n  12", "12"),
        ("true", True),
        ("FALSE", False),
        ("0123", 123),
        ("-7", -7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("1" * 101, "1" * 101),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
    ],
)
def test_a_scalar_means_what_the_core_schema_says(written: str, meant: object) -> None:
    value = plain(parse(f"value: {written}\n".encode()))
    assert value == {"value": meant}
    assert [type(one) for one in value.values()] == [type(meant)]


def test_nodes_know_their_lines() -> None:
    node = parse(b"# first\na: one\nb:\n  - two\n  - {c: 3}\n")
    assert isinstance(node, Entries)
    assert [(name, line) for name, (line, _) in node.entries.items()] == [("a", 2), ("b", 3)]
    listed = node.entries["b"][1]
    assert isinstance(listed, Items)
    assert [item.line for item in listed.items] == [4, 5]


def test_an_alias_stands_for_what_is_anchored() -> None:
    assert plain(parse(b"a: &one [x, {y: 1}]\nb: *one\n")) == {"a": ["x", {"y": 1}], "b": ["x", {"y": 1}]}


def test_a_byte_order_mark_does_not_count() -> None:
    assert plain(parse("\ufeffa: é\n".encode())) == {"a": "é"}


def test_a_name_that_stands_twice_is_a_mistake_also_in_another_spelling() -> None:
    with pytest.raises(Mistake, match="`a` stands twice"):
        parse(b"{a: 1, 'a': 2}")
