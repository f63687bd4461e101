"""The forms of the management of access managers."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, HiddenField, RadioField, SelectChoice, SelectField, TelField
from wtforms.validators import AnyOf, InputRequired, StopValidation

from accessmgr.core.actions import Action
from accessmgr.core.model import Domain
from accessmgr.core.rules import RULES
from accessmgr.web import naming
from accessmgr.web.fields import A_TELEPHONE, AN_ADDRESS, NationalNumberField, Needed, PlainStringField, is_given

YES, NO = "yes", "no"

DECLARED_FOR = {"employee": "APPOINT-2", "replaces": "APPOINT-3", "domain": "APPOINT-8"}
"""The fields that not every role needs, each with the rule that looks at it: without the rule, no field."""


class NeededOfAnother(Needed):
    """Needed for an offer to somebody else. For one to oneself it may be left out, or does not count at all."""

    def __init__(self, message: Any, *, counts_for_oneself: bool = False) -> None:
        super().__init__(message)
        self.counts_for_oneself = counts_for_oneself

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if form.myself.data and not (self.counts_for_oneself and is_given(field)):
            field.errors = []
            raise StopValidation
        super().__call__(form, field)


class AppointForm(FlaskForm):
    """An offer of a role: to whom, how to reach them, and what the rules ask to be declared.

    What is given to reach them is looked at, but not tried out. `present` is the appointment of the main access
    manager whose name the page shows, so that nobody replaces somebody whose name they did not see.
    """

    myself = BooleanField()
    number = NationalNumberField(
        _("National number"), [NeededOfAnother(_("Write the national number, or the BIS number, of the person."))]
    )
    given = PlainStringField(_("Given name"), [NeededOfAnother(_("Write the given name of the person."))])
    family = PlainStringField(_("Family name"), [NeededOfAnother(_("Write the family name of the person."))])
    email = EmailField(
        _("E-mail address"),
        [
            NeededOfAnother(_("Write the e-mail address of the person."), counts_for_oneself=True),
            AN_ADDRESS,
        ],
    )
    phone = TelField(
        _("Telephone number"),
        [
            NeededOfAnother(_("Write a telephone number of the person."), counts_for_oneself=True),
            A_TELEPHONE,
        ],
    )
    employee = RadioField(
        _("Is the person an employee of the enterprise?"),
        [NeededOfAnother(_("Choose yes or no.")), AnyOf((YES, NO), _("Choose yes or no."))],
        choices=[SelectChoice(YES, _("Yes, an employee")), SelectChoice(NO, _("No"))],
        validate_choice=False,
    )
    domain = SelectField(
        _("Domain"),
        [InputRequired(_("Choose one of the list."))],
        choices=[SelectChoice(str(domain), naming.DOMAINS[domain]) for domain in Domain],
    )
    replaces = BooleanField()
    present = HiddenField()

    def __init__(self, action: Action, present_name: str | None, **rest: Any) -> None:
        super().__init__(**rest)
        for name, rule in DECLARED_FOR.items():
            if action not in RULES[rule].actions:
                del self[name]
        if present_name is None:
            del self.replaces
        elif "replaces" in self:
            says = _("This person replaces %(name)s, the present main access manager", name=present_name)
            self.replaces.label.text = str(says)  # a lazy text counts as markup in a page, and a name is none


class EndForm(FlaskForm):
    """The end of an appointment; of the main role, only if there is to be no successor."""

    without_successor = BooleanField(_("There is no successor: the enterprise will have no main access manager"))


class SearchForm(FlaskForm):
    """A search in the public register; it changes nothing, so it needs no token."""

    class Meta:
        """Sent by GET."""

        csrf = False

    q = PlainStringField(
        _("Number or name of the enterprise"),
        [InputRequired(_("Write an enterprise number, or the beginning of a name."))],
    )
