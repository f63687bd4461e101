"""The forms of reviews: what to review, and what to answer."""

from datetime import date, timedelta

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError

from accessmgr.usecases.reviews import Wanted
from accessmgr.web.fields import DayField, Needed, PlainTextField, is_given
from accessmgr.web.users_forms import Offered

ALL, SAMPLE = "all", "sample"
END, KEEP = "end", "keep"
FURTHEST = timedelta(days=365)
MOST = 10_000
"""The largest sample."""


class NewReviewForm(FlaskForm):
    """Which rights to review, until when, and what happens to those that nobody confirms."""

    scope = RadioField(
        _("Which rights are reviewed?"),
        choices=[
            SelectChoice(ALL, _("Every right in force")),
            SelectChoice(SAMPLE, _("Some of them: those that were unused for longest")),
        ],
        validators=[Needed(_("Choose one of the two.")), Offered(_("Choose one of the two."))],
        validate_choice=False,
    )
    number = IntegerField(
        _("How many, if only some"),
        validators=[Optional(), NumberRange(1, MOST, _("Write a number between 1 and 10 000."))],
    )
    last = DayField(_("Last day to answer"), validators=[Needed(_("Give the last day."))])
    unanswered = RadioField(
        _("What happens to a right that nobody confirms by then?"),
        choices=[
            SelectChoice(END, _("It ends the day after")),
            SelectChoice(KEEP, _("It goes on; the result says that nobody answered")),
        ],
        validators=[Needed(_("Choose one of the two.")), Offered(_("Choose one of the two."))],
        validate_choice=False,
    )

    def checked(self, today: date) -> bool:
        """Whether the answers can be used on that day; errors stand at the fields."""
        if not self.validate():
            return False
        if self.scope.data == SAMPLE and not is_given(self.number):
            self.number.errors = [_("Write how many rights are to be reviewed.")]
        if not today <= self.last.chosen <= today + FURTHEST:
            self.last.errors = [_("Choose a day from today on, within a year.")]
        return not self.errors

    def wanted(self, number: str) -> Wanted:
        """What was asked for in an enterprise; only for a form that is valid."""
        some = self.number.data if self.scope.data == SAMPLE else None
        return Wanted(number, self.last.chosen, self.unanswered.data == END, some)


class OtherDayForm(FlaskForm):
    """Another last day for a right, or for those ticked."""

    last = DayField(_("Another last day"), validators=[Needed(_("Give the new last day."))])


class ReplyForm(FlaskForm):
    """What is answered for one right: `was` is the last day that the page showed."""

    was = HiddenField()
    last = DayField(_("Another last day"))
    reason = PlainTextField(_("Reason"))

    def validate_last(self, field: DayField) -> None:
        """A day that cannot be read has an error of its own."""
        if is_given(field) and field.data is None:
            raise ValidationError(_("Give the new last day."))
