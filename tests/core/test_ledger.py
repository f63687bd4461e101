"""The canonical form of an entry: RFC 8785 for text, integers, booleans, lists and objects."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessmgr.core.ledger import LARGEST, canonical

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(max_codepoint=127))
values = st.recursive(
    st.one_of(texts, st.booleans(), st.integers(-LARGEST, LARGEST)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({}, b"{}"),
        ({"b": 1, "a": 2}, b'{"a":2,"b":1}'),
        # By code unit: capitals before small letters, digits before both, the empty name first.
        ({"a": 1, "B": 2, "1": 3, "": 4, "_": 5}, b'{"":4,"1":3,"B":2,"_":5,"a":1}'),
        ({"a": {"d": 1, "c": 2}}, b'{"a":{"c":2,"d":1}}'),
        ({"a": [3, 1, 2]}, b'{"a":[3,1,2]}'),
        ({"a": [], "b": {}}, b'{"a":[],"b":{}}'),
        ({"a": True, "b": False}, b'{"a":true,"b":false}'),
        ({"a": 0, "b": -1, "c": 9007199254740991}, b'{"a":0,"b":-1,"c":9007199254740991}'),
        ({"a": '"\\/'}, b'{"a":"\\"\\\\/"}'),
        ({"a": "\b\t\n\f\r"}, b'{"a":"\\b\\t\\n\\f\\r"}'),
        ({"a": "\x00\x0b\x1f"}, b'{"a":"\\u0000\\u000b\\u001f"}'),
        ({"a": "\x7f"}, b'{"a":"\x7f"}'),
        ({"a": "€"}, b'{"a":"\xe2\x82\xac"}'),
        ({"a": "e\u0301"}, b'{"a":"e\xcc\x81"}'),
        ({"a": "😂"}, b'{"a":"\xf0\x9f\x98\x82"}'),
        ({"a": "\u2028"}, b'{"a":"\xe2\x80\xa8"}'),
        # The text example of RFC 8785, 3.2.2.
        (
            {"string": '€$\x0f\nA\'B"\\\\"/', "literals": [True, False]},
            b'{"literals":[true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
    ],
)
def test_an_object_has_one_form(value: dict[str, Any], form: bytes) -> None:
    assert canonical(value) == form


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": None}, "not a value of the history: `NoneType`"),
        ({"a": 1.0}, "not a value of the history: `float`"),
        ({"a": float("nan")}, "not a value of the history: `float`"),
        ({"a": [{"b": 0.5}]}, "not a value of the history: `float`"),
        ({"a": [None]}, "not a value of the history: `NoneType`"),
        ({"a": (1,)}, "not a value of the history: `tuple`"),
        ({"a": b"x"}, "not a value of the history: `bytes`"),
        ({"a": date(2026, 3, 10)}, "not a value of the history: `date`"),
        ({"é": 1}, "name is not ASCII: `é`"),
        ({"a": {"b": {"ß": 1}}}, "name is not ASCII: `ß`"),
        ({"a": 2**53}, "integer too large for the history: `9007199254740992`"),
        ({"a": [-(2**53)]}, "integer too large for the history: `-9007199254740992`"),
    ],
)
def test_what_has_no_one_form_is_refused(value: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        canonical(value)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical({"a": "\ud83d"})


@given(st.dictionaries(names, values, max_size=5))
def test_the_form_reads_back_as_what_was_written(value: dict[str, Any]) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(names, values, max_size=5))
def test_the_form_does_not_depend_on_the_order_of_names(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(st.dictionaries(names, values, max_size=5))
def test_the_form_has_no_space_outside_of_text(value: dict[str, Any]) -> None:
    again = json.dumps(json.loads(canonical(value)), separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    assert canonical(value).decode() == again
