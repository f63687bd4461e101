"""The JSON of a call is read strictly (I-JSON, RFC 7493): each text beside one that is sound."""

import pytest

from accessmgr.calls.body import DEEPEST, LARGEST_INTEGER, parse
from accessmgr.calls.problems import Problem


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": 1, "b": {"a": 2}}', {"a": 1, "b": {"a": 2}}),
        (b'"\\u00e9\\ud83d\\ude00"', "é😀"),
        ('"é😀"'.encode(), "é😀"),
        (b"9007199254740991", LARGEST_INTEGER),
        (b"-9007199254740991", -LARGEST_INTEGER),
        (b"1.5e300", 1.5e300),
        (b"-0", 0),
        (b" [true, false, null] \n", [True, False, None]),
        (b'""', ""),
    ],
)
def test_sound_json_is_read(text: bytes, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"x": {"a": 1, "a": 2}}',
        b'"\\ud83d"',
        b'"\\ude00\\ud83d"',
        b'{"\\ud83d": 1}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 5000,
        b"1e400",
        b"-1e400",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"01",
        b"+1",
        b".5",
        b"[1,]",
        b"{'a': 1}",
        b"{} {}",
        b"// a word\n{}",
        b"\xef\xbb\xbf{}",
        b'"\t"',
        b"",
        b"tru",
    ],
)
def test_what_is_no_sound_json_is_refused_without_repeating_it(text: bytes) -> None:
    with pytest.raises(Problem) as refused:
        parse(text)
    assert refused.value.status == 400
    assert len(refused.value.detail) < 100


def test_depth_has_its_limit_however_deep_a_text_goes() -> None:
    assert parse(deep(DEEPEST)) is not None
    for levels in (DEEPEST + 1, 100_000):
        with pytest.raises(Problem) as refused:
            parse(deep(levels))
        assert (refused.value.status, refused.value.detail) == (400, "the body is too deep")
