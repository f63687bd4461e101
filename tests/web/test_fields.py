"""The shared fields of forms: numbers as people paste them, days that exist, text without hidden characters."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_wtf import FlaskForm

from accessmgr.web.fields import DayField, EnterpriseNumberField, NationalNumberField, PlainStringField, PlainTextField
from tests.web.building import built_app


class Sample(FlaskForm):
    """One of each."""

    national = NationalNumberField("n")
    enterprise = EnterpriseNumberField("e")
    day = DayField("d")
    line = PlainStringField("l", longest=10)
    lines = PlainTextField("t", longest=20)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with an empty database."""
    return built_app(tmp_path)


def filled(app: Flask, **sent: str) -> Sample:
    """The form after it was sent."""
    with app.test_request_context("/", method="POST", data=sent, headers={"Accept-Language": "en"}):
        form = Sample(meta={"csrf": False})
        form.validate()
        str(form.errors)
        return form


@pytest.mark.parametrize(
    "text", ["72.03.14-000.46", "72031400046", " 72 03 14 000 46 ", "72/03/14-000-46", "72.03.14–000.46\u200b"]
)
def test_a_national_number_is_read_however_it_was_pasted(app: Flask, text: str) -> None:
    number: Any = filled(app, national=text).national.number
    assert number.digits == "72031400046"


def test_a_stored_national_number_never_stands_in_the_field(app: Flask) -> None:
    number: Any = filled(app, national="72.03.14-000.46").national.number
    with app.test_request_context("/"):
        form = Sample(data={"national": number}, meta={"csrf": False})
        assert 'value=""' in form.national()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("72.03.14-000.47", "typing error"),
        ("72.13.14-000.46", "not a day of birth"),
        ("72.03.14-000.4", "too few or too many digits"),
        ("72.O3.14-000.46", "digits only"),
    ],
)
def test_what_is_wrong_in_a_national_number_is_told(app: Flask, text: str, told: str) -> None:
    form = filled(app, national=text)
    assert form.national.number is None
    assert told in str(form.national.errors[0])


@pytest.mark.parametrize("text", ["1999.000.150", "BE1999000150", "1999 000 150"])
def test_an_enterprise_number_is_read_however_it_was_pasted(app: Flask, text: str) -> None:
    number: Any = filled(app, enterprise=text).enterprise.number
    assert number.digits == "1999000150"


def test_an_establishment_number_is_no_enterprise_number(app: Flask) -> None:
    assert "does not begin with that digit" in str(filled(app, enterprise="8.999.000.103").enterprise.errors[0])


@pytest.mark.parametrize("text", ["2026-03-31", "31/03/2026", "31-03-2026", "31.03.2026", " 31/3/2026 "])
def test_a_day_is_read_as_the_browser_or_people_write_it(app: Flask, text: str) -> None:
    day: Any = filled(app, day=text).day.data
    assert day.isoformat() == "2026-03-31"


@pytest.mark.parametrize("text", ["2026-02-29", "31/04/2026", "03/31/2026", "tomorrow", "2026-3", "20260331"])
def test_a_day_that_does_not_exist_is_told(app: Flask, text: str) -> None:
    form = filled(app, day=text)
    assert form.day.data is None
    assert "Choose a day that exists" in str(form.day.errors[0])


@pytest.mark.parametrize("text", ["1899-12-31", "2200-01-01", "0001-01-01"])
def test_a_day_far_away_is_a_typing_error(app: Flask, text: str) -> None:
    assert "between 1900 and 2199" in str(filled(app, day=text).day.errors[0])


def test_nothing_typed_is_nothing_and_no_error(app: Flask) -> None:
    form = filled(app, national="", enterprise=" ", day="", line="")
    assert form.errors == {}
    assert (form.national.number, form.enterprise.number, form.day.data, form.line.data) == (None, None, None, "")


def test_text_is_composed_and_has_no_spaces_around_it(app: Flask) -> None:
    assert filled(app, line="  Ine\u0300s ").line.data == "In\u00e8s"


@pytest.mark.parametrize("text", ["a\u202eb", "a\u200bb", "a\x00b", "a\x1bb", "a\nb", "a\u2028b", "a\ufeffb"])
def test_text_with_characters_that_nobody_sees_is_refused(app: Flask, text: str) -> None:
    form = filled(app, line=text)
    assert "cannot be seen" in str(form.line.errors[0])
    assert form.line.data == ""


def test_text_is_at_most_as_long_as_the_field_allows(app: Flask) -> None:
    assert filled(app, line="x" * 10).line.errors == []
    assert "at most 10 characters" in str(filled(app, line="x" * 11).line.errors[0])


def test_several_lines_may_stand_only_where_lines_are_asked_for(app: Flask) -> None:
    assert filled(app, lines="a\nb").lines.data == "a\nb"
    assert "cannot be seen" in str(filled(app, lines="a\u202eb").lines.errors[0])
