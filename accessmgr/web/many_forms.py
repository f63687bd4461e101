"""The forms by which many rows of a list are ticked, and what is to be done with them."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.usecases.bulk import MOST
from accessmgr.web.fields import CheckboxesField, DayField, Needed, PlainStringField, PlainTextField
from accessmgr.web.users_forms import Offered

TICKED, ALL = "ticked", "all"


class NeededFor(Needed):
    """Something must be given for one of the things that a form can do."""

    def __init__(self, action: Action, message: Any) -> None:
        super().__init__(message)
        self.action = action

    def __call__(self, form: Form, field: Field) -> None:
        if form["do"].data == self.action:
            super().__call__(form, field)


class TickField(CheckboxesField):
    """The rows that were ticked, by id; whether there are such rows is for the rules to say, line by line."""

    def __init__(self, label: Any, **rest: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **rest)

    def pre_validate(self, form: Form) -> None:
        """So many rows at most are taken at once."""
        if len(self.data or ()) > MOST:
            raise StopValidation(_("At most 1000 rows are taken at once. Do it in parts."))


class GrantsFilterForm(Form):
    """Which rights of an enterprise are looked for."""

    right = SelectField(_("Right"), validators=[Offered(_("Choose one of the list."))], validate_choice=False)
    context = PlainStringField(_("Context"), longest=40)
    ends_before = DayField(_("Ends before"))
    state = SelectField(
        _("State"),
        choices=[
            SelectChoice("", _("in force or to begin")),
            SelectChoice("in_force", _("in force")),
        ],
        validators=[Offered(_("Choose one of the list."))],
        validate_choice=False,
    )


class ManyForm(FlaskForm):
    """What is to be done with the rows that were ticked, or with all of them."""

    do = StringField(widget=HiddenInput())
    which = RadioField(
        _("Which rights?"),
        choices=[SelectChoice(TICKED, _("Those that I ticked")), SelectChoice(ALL, _("All of this list"))],
        validators=[Needed(_("Choose one of the two.")), Offered(_("Choose one of the two."))],
        validate_choice=False,
    )

    @property
    def wants_all(self) -> bool:
        """Whether every row is meant, ticked or not."""
        return bool(self.which.data == ALL)


class GrantsForm(ManyForm):
    """Extend or revoke rights."""

    grant = TickField(_("Rights"))
    last = DayField(_("New last day"), [NeededFor(Action.EXTEND_GRANT, _("Give the new last day."))])
    reason = PlainTextField(_("Reason for revoking"))

    def validate_do(self, field: StringField) -> None:
        """It is one of the two buttons."""
        if field.data not in (Action.EXTEND_GRANT, Action.REVOKE_GRANT):
            raise ValidationError(_("Choose what to do with the rights."))

    def validate_grant(self, field: TickField) -> None:
        """Something is ticked, unless all are meant."""
        if not self.wants_all and not field.data:
            raise ValidationError(_("Tick at least one right, or choose all of them."))


class DaysForm(FlaskForm):
    """Days for many rights together; each that is left open is as proposed for each right."""

    first = DayField(_("First day of all of them"))
    last = DayField(_("Last day of all of them"))

    def validate_last(self, field: DayField) -> None:
        """The end is not before the beginning."""
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("The last day is before the first day. Choose the same day or a later one."))

    def within(self, proposed: Period) -> tuple[date, date | None]:
        """First and last day of a right for which a period is proposed."""
        return self.first.data or proposed.first, self.last.data or proposed.last


class CopyForm(DaysForm):
    """The rights of a colleague that a person is to have too."""

    grant = TickField(_("Rights"))

    def validate_grant(self, field: TickField) -> None:
        """Something is ticked."""
        if not field.data:
            raise ValidationError(_("Tick at least one right."))


class AnswersForm(DaysForm):
    """Approve or refuse requests."""

    do = StringField(widget=HiddenInput())
    request = TickField(_("Requests"))
    reason = PlainTextField(
        _("Reason for the refusal"),
        [NeededFor(Action.REFUSE_REQUEST, _("Write in a few words why you refuse."))],
    )

    def validate_do(self, field: StringField) -> None:
        """It is one of the two buttons."""
        if field.data not in (Action.APPROVE_REQUEST, Action.REFUSE_REQUEST):
            raise ValidationError(_("Choose what to do with the requests."))

    def validate_request(self, field: TickField) -> None:
        """Something is ticked."""
        if not field.data:
            raise ValidationError(_("Tick at least one request."))
