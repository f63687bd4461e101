"""The forms of the user management."""

from datetime import date
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from accessmgr.core.days import Period
from accessmgr.core.model import UserType
from accessmgr.web.fields import (
    CheckboxesField,
    DayField,
    EnterpriseNumberField,
    NationalNumberField,
    PlainStringField,
    PlainTextField,
)


class Needed:
    """Something must be given. What was given and is wrong has an error already, and gets no second one."""

    field_flags: ClassVar = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data and not field.process_errors:
            raise ValidationError(self.message)


class Offered:
    """What was chosen is one of the choices that the page offers."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        chosen = field.data if isinstance(field.data, list) else [field.data] if field.data else []
        if not set(chosen) <= {choice.value for choice in field.choices}:
            raise ValidationError(self.message)


def given(field: DayField) -> date:
    """The day in a field that is needed; only for a form that is valid."""
    if field.data is None:
        raise ValueError("the form is not valid")
    return field.data


class SearchForm(FlaskForm):
    """Part of the name of a linked person. It is sent as a form, for a name never stands in an address."""

    text = PlainStringField(_l("Name, or part of it"), validators=[Needed(_l("Give a part of the name."))], longest=100)


class PeriodForm(FlaskForm):
    """A first and a last day."""

    first = DayField(_l("First day"), validators=[Needed(_l("Give the first day."))])
    last = DayField(_l("Last day"), validators=[Needed(_l("Give the last day."))])

    def validate_last(self, field: DayField) -> None:
        """The end is not before the beginning."""
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_l("The last day is before the first day. Choose the same day or a later one."))

    @property
    def period(self) -> Period:
        """The period given; only for a form that is valid."""
        return Period(given(self.first), self.last.data)


class AddForm(PeriodForm):
    """The person to link, by number and names, and the work relation."""

    number = NationalNumberField(
        _l("National register number or BIS number"), validators=[Needed(_l("Give the number."))]
    )
    given = PlainStringField(_l("Given name"), validators=[Needed(_l("Give the given name."))])
    family = PlainStringField(_l("Family name"), validators=[Needed(_l("Give the family name."))])
    user_type = RadioField(
        _l("How does this person work for the enterprise?"),
        choices=[
            SelectChoice(UserType.EMPLOYEE.value, _l("As an employee")),
            SelectChoice(UserType.EXTERNAL.value, _l("As an external worker, such as an accountant")),
            SelectChoice(UserType.OCCASIONAL.value, _l("Now and then")),
        ],
        validators=[Needed(_l("Choose one of the three.")), Offered(_l("Choose one of the three."))],
        validate_choice=False,
    )
    last = DayField(_l("Last day"))


class GrantForm(PeriodForm):
    """Contexts and days of a right."""

    contexts = CheckboxesField(
        _l("Contexts"),
        validators=[
            Needed(_l("Choose at least one context.")),
            Offered(_l("Choose only contexts that belong to the enterprise.")),
        ],
        validate_choice=False,
    )


class ExtendForm(FlaskForm):
    """The new last day of a grant; `was` is the last day that the page showed."""

    last = DayField(_l("New last day"), validators=[Needed(_l("Give the new last day."))])
    was = HiddenField()


class EndForm(FlaskForm):
    """The last day of a work relation."""

    last = DayField(_l("Last day"), validators=[Needed(_l("Give the last day."))])


class ReasonForm(FlaskForm):
    """A reason in words, which may be left out where the rules allow it."""

    reason = PlainTextField(_l("Reason"))


class RefuseForm(FlaskForm):
    """Why a request is refused."""

    reason = PlainTextField(
        _l("Reason for the refusal"), validators=[Needed(_l("Write in a few words why you refuse."))]
    )


class WhichRightForm(FlaskForm):
    """For which right, in which enterprise, a request is to be made: named as in ACM's deep links."""

    enterprise = EnterpriseNumberField(
        _l("Enterprise number"), name="oc", validators=[Needed(_l("Give the enterprise number."))]
    )
    right = SelectField(
        _l("Right"),
        name="ec",
        validators=[
            Needed(_l("Choose a right.")),
            Offered(_l("There is no such right that can be requested. Choose one of the list.")),
        ],
        validate_choice=False,
    )


class RequestForm(FlaskForm):
    """Contexts and reason of a request."""

    contexts = CheckboxesField(
        _l("Contexts"),
        validators=[
            Needed(_l("Choose at least one context.")),
            Offered(_l("Choose only contexts that belong to the enterprise.")),
        ],
        validate_choice=False,
    )
    reason = PlainTextField(_l("Why do you need this right?"))
