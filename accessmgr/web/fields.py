"""Fields that several forms share: numbers as people paste them, days, and plain text without hidden characters."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import DateField, Field, Form, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.validators import Regexp, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber, Mistake, NationalNumber

MISTAKES = {
    Mistake.CHARACTERS: _("Write the number with digits only; dots, dashes and spaces do not matter."),
    Mistake.LENGTH: _("The number has too few or too many digits."),
    Mistake.FIRST_DIGIT: _("A number of this kind does not begin with that digit."),
    Mistake.DATE: _("The first six digits of the number are not a day of birth."),
    Mistake.CHECK_DIGITS: _("The number holds a typing error: its last two digits do not fit the others."),
}

AN_ADDRESS = Regexp(
    r"(?=.{,254}\Z)[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z", message=_("Write an e-mail address, such as name@example.be.")
)
A_TELEPHONE = Regexp(
    r"\+?[0-9][0-9 ./()-]{5,25}\Z", message=_("Write a telephone number with digits, such as +32 2 555 01 23.")
)

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
WRITTEN = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
"""The ways in which a day may be typed."""

_ALLOWED_CONTROLS = "\n\r\t"
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories of characters that nobody sees, direction marks among them."""


class _NumberField(StringField):
    """A number, checked as soon as it is typed; `data` is the number itself, None if none was given."""

    number_type: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number in whatever form it was pasted."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if text:
            try:
                self.data = self.number_type.parse(text)
            except InvalidNumber as wrong:
                raise ValueError(MISTAKES[wrong.reason]) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.data.display

    @property
    def number(self) -> Any:
        """The number, None if none was given or it is wrong."""
        return self.data


class NationalNumberField(_NumberField):
    """A national number, in any form that people paste; it shows only what was typed, never a stored one."""

    number_type = NationalNumber

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""


class EnterpriseNumberField(_NumberField):
    """An enterprise number, in any form that people paste."""

    number_type = EnterpriseNumber


def typed_day(text: str) -> date:
    """The day that somebody typed, in one of the ways that are usual here.

    :raise ValueError: it is none, with a sentence that says so
    """
    for written in WRITTEN:
        try:
            day = datetime.strptime(text, written).date()
        except ValueError:
            continue
        if EARLIEST <= day <= LATEST:
            return day
        raise ValueError(_("Choose a day between 1900 and 2199."))
    raise ValueError(_("Choose a day that exists, written as day/month/year, such as 31/03/2026."))


class DayField(DateField):
    """A day: the browser's own date input, or typed as `31/03/2026`."""

    def __init__(self, label: Any = None, validators: Any = None, **rest: Any) -> None:
        super().__init__(label, validators, format=list(WRITTEN), **rest)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the day; one that the calendar does not have is an error of its own."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if text:
            self.data = typed_day(text)

    @property
    def chosen(self) -> date:
        """The day of a field that was found valid and needed one.

        :raise LookupError: there is none
        """
        if self.data is None:
            raise LookupError("no day was chosen")
        return self.data


def plain_text(text: str, longest: int, allowed: str = "") -> str:
    """The text in NFC without spaces around it.

    :raise ValueError: it is too long, or holds characters that nobody sees
    """
    clean = unicodedata.normalize("NFC", text).strip()
    if len(clean) > longest:
        raise ValueError(_("The text is too long: at most %(longest)s characters.", longest=longest))
    if any(unicodedata.category(character) in _HIDDEN and character not in allowed for character in clean):
        raise ValueError(_("The text holds characters that cannot be seen. Type it instead of pasting it."))
    return clean


class PlainStringField(StringField):
    """One line of text, in NFC, without characters that nobody sees; at most `longest` characters."""

    def __init__(self, label: Any = None, validators: Any = None, *, longest: int = 200, **rest: Any) -> None:
        super().__init__(label, validators, **rest)
        self.longest = longest

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the text."""
        self.data = ""
        self.data = plain_text(valuelist[0] if valuelist else "", self.longest)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self.data or ""


class PlainTextField(TextAreaField):
    """Lines of text under the same conditions, except that they may be several."""

    def __init__(self, label: Any = None, validators: Any = None, *, longest: int = 1000, **rest: Any) -> None:
        super().__init__(label, validators, **rest)
        self.longest = longest

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the text."""
        self.data = ""
        self.data = plain_text(valuelist[0] if valuelist else "", self.longest, _ALLOWED_CONTROLS)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self.data or ""


class CheckboxesField(SelectMultipleField):
    """Several choices, each a checkbox."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def is_given(field: Field) -> bool:
    """Whether anything but spaces was typed or chosen, right or wrong."""
    return any(str(each).strip() for each in field.raw_data or ())


class Needed:
    """Something must be given. What was given and is wrong has an error already, and gets no second one."""

    field_flags: ClassVar = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if not is_given(field):
            raise StopValidation(self.message)


class ClockField(TimeField):
    """A time of the day; `clock` is its text, None if none was given."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the time as hours and minutes, such as 14:30.")) from None

    @property
    def clock(self) -> str | None:
        """The time as text, with seconds."""
        return None if self.data is None else self.data.isoformat(timespec="seconds")
