"""The forms of the user management."""

from typing import Any

from flask_babel import lazy_gettext as _
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
    Needed,
    PlainStringField,
    PlainTextField,
)


class Offered:
    """What was chosen is one of the choices that the page offers."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        chosen = field.data if isinstance(field.data, list) else [field.data] if field.data else []
        if not set(chosen) <= {choice.value for choice in field.choices}:
            raise ValidationError(self.message)


class SearchForm(FlaskForm):
    """Part of the name of a linked person. It is sent as a form, for a name never stands in an address."""

    text = PlainStringField(_("Name, or part of it"), validators=[Needed(_("Give a part of the name."))], longest=100)


class PeriodForm(FlaskForm):
    """A first and a last day."""

    first = DayField(_("First day"), validators=[Needed(_("Give the first day."))])
    last = DayField(_("Last day"), validators=[Needed(_("Give the last day."))])

    def validate_last(self, field: DayField) -> None:
        """The end is not before the beginning."""
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("The last day is before the first day. Choose the same day or a later one."))

    @property
    def period(self) -> Period:
        """The period given; only for a form that is valid."""
        return Period(self.first.chosen, self.last.data)


class PersonForm(FlaskForm):
    """The person to link, by number and names."""

    number = NationalNumberField(
        _("National register number or BIS number"),
        validators=[Needed(_("Give the number."))],
        description=_("Eleven digits, on the back of the identity card. Dots, dashes and spaces do not matter."),
    )
    given = PlainStringField(_("Given name"), validators=[Needed(_("Give the given name."))])
    family = PlainStringField(_("Family name"), validators=[Needed(_("Give the family name."))])


class WorkForm(PeriodForm):
    """How and when a person works for an enterprise."""

    user_type = RadioField(
        _("How does this person work for the enterprise?"),
        choices=[
            SelectChoice(UserType.EMPLOYEE.value, _("As an employee")),
            SelectChoice(UserType.EXTERNAL.value, _("As an external worker, such as an accountant")),
            SelectChoice(UserType.OCCASIONAL.value, _("Now and then")),
        ],
        validators=[Needed(_("Choose one of the three.")), Offered(_("Choose one of the three."))],
        validate_choice=False,
    )
    first = DayField(_("First day"), validators=[Needed(_("Give the first day."))], description=_("Today or later."))
    last = DayField(_("Last day"), description=_("Leave this empty if there is no last day yet."))


class RightForm(FlaskForm):
    """Which right to grant."""

    right = RadioField(
        _("Right"),
        validators=[
            Needed(_("Choose a right.")),
            Offered(_("You cannot grant that right here, or there is no such right. Choose one of these.")),
        ],
        validate_choice=False,
    )


class ContextsForm(FlaskForm):
    """Contexts of a right."""

    contexts = CheckboxesField(
        _("Contexts"),
        validators=[
            Needed(_("Choose at least one context.")),
            Offered(_("Choose only contexts that belong to the enterprise.")),
        ],
        validate_choice=False,
    )


class ExtendForm(FlaskForm):
    """The new last day of a grant; `was` is the last day that the page showed, `checked` that whose effect it did."""

    last = DayField(_("New last day"), validators=[Needed(_("Give the new last day."))])
    was = HiddenField()
    checked = HiddenField()

    @property
    def shortens(self) -> bool:
        """Whether the new last day is earlier than the one shown."""
        return self.last.chosen.isoformat() < (self.was.data or "")

    @property
    def is_checked(self) -> bool:
        """Whether the page showed what follows from just this day."""
        return bool(self.checked.data == self.last.chosen.isoformat())


class EndForm(FlaskForm):
    """The last day of a work relation."""

    last = DayField(_("Last day"), validators=[Needed(_("Give the last day."))])


class ReasonForm(FlaskForm):
    """A reason in words, which may be left out where the rules allow it."""

    reason = PlainTextField(_("Reason"))


class RefuseForm(FlaskForm):
    """Why a request is refused."""

    reason = PlainTextField(_("Reason for the refusal"), validators=[Needed(_("Write in a few words why you refuse."))])


class WhichRightForm(FlaskForm):
    """For which right, in which enterprise, a request is to be made: named as in ACM's deep links.

    `wrong_link` is a sentence about the link that led here, if it is wrong.
    """

    wrong_link: str | None = None
    right = SelectField(
        _("Right"),
        name="ec",
        validators=[
            Needed(_("Choose a right.")),
            Offered(_("There is no such right that can be requested. Choose one of the list.")),
        ],
        validate_choice=False,
    )
    enterprise = EnterpriseNumberField(
        _("Enterprise number"),
        name="oc",
        validators=[Needed(_("Give the enterprise number."))],
        description=_("Ten digits, such as 0123.456.789."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether link and answers are right."""
        valid = super().validate(extra_validators)
        if self.wrong_link:
            self.form_errors.append(self.wrong_link)
        return valid and not self.wrong_link


class WhyForm(FlaskForm):
    """Why a right is requested."""

    reason = PlainTextField(_("Why do you need this right?"), description=_("Those who answer read it."))
