"""The forms of the sign-in pages: which person, and what proves it."""

import hashlib
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, ValidationError
from wtforms.validators import InputRequired

from accessmgr.core.model import Key
from accessmgr.web.current import look
from accessmgr.web.fields import PlainStringField

LONGEST_SEARCH = 100


def pin_of(person: str) -> str:
    """The PIN of a person's test card: always the same, shown on the page, and worth nothing elsewhere."""
    return f"{int.from_bytes(hashlib.sha256(f'test card of {person}'.encode()).digest()[:4]) % 10000:04d}"


class PersonForm(FlaskForm):
    """Whose digital key it is: one of the people of the simulation."""

    person = RadioField(_("Who are you?"), [InputRequired(_("Choose who you are."))], validate_choice=False)

    def offer(self, key: Key) -> None:
        """Fill the choices with the people who have activated the key, as many as a page holds."""
        with look() as seen:
            people = seen.lists.sign_in_people(str(key), search=self.search)
            numbers = seen.numbers_of(named.id for named in people) if key is Key.EID else {}
        self.person.choices = [
            (named.id, self.describe(named.id, named.name, numbers.get(named.id))) for named in people
        ]

    def describe(self, person: str, name: str, number: Any) -> Any:
        """What stands beside a choice."""
        return name

    def validate_person(self, field: RadioField) -> None:
        """Only people of the simulation can be chosen."""
        with look() as seen:
            if not seen.lists.sign_in_people(None, id_=field.data, limit=1):
                raise ValidationError(_("Choose one of the people in the list."))

    @property
    def search(self) -> str:
        """The part of a name that was searched for."""
        return request.values.get("search", "").strip()[:LONGEST_SEARCH]


class CardForm(PersonForm):
    """A test card and its PIN."""

    pin = PlainStringField(
        _("PIN of the test card"),
        [InputRequired(_("Type the PIN that is shown beside the card."))],
        longest=20,
        render_kw={"inputmode": "numeric", "autocomplete": "off", "class": "short"},
    )

    def describe(self, person: str, name: str, number: Any) -> Any:
        """The name, the masked number and the PIN of the card."""
        masked = number.masked if number is not None else _("no number")
        described = _("%(name)s, %(number)s – PIN %(pin)s", name=name, number=masked, pin=pin_of(person))
        return str(described)  # a lazy text counts as markup in a page, and a name is none


class CodeForm(FlaskForm):
    """A code that was shown."""

    code = PlainStringField(
        _("Code"),
        [InputRequired(_("Type the code."))],
        longest=20,
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short"},
    )


class AppForm(CodeForm, PersonForm):
    """A person and the code that their app shows."""
