"""The forms of the management of access managers."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, HiddenField, RadioField, SelectChoice, SelectField, TelField
from wtforms.validators import AnyOf, InputRequired, StopValidation

from accessmgr.core.model import Domain
from accessmgr.web import naming
from accessmgr.web.fields import A_TELEPHONE, AN_ADDRESS, NationalNumberField, Needed, PlainStringField

YES, NO = "yes", "no"


class UnlessMyself(Needed):
    """Needed for an offer to somebody else; for one to oneself it does not count at all."""

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if form.myself.data:
            field.errors = []
            raise StopValidation
        super().__call__(form, field)


class DomainForm(FlaskForm):
    """The domain of an access manager."""

    domain = SelectField(
        _("Domain"),
        [InputRequired(_("Choose one of the list."))],
        choices=[SelectChoice(str(domain), naming.DOMAINS[domain]) for domain in Domain],
        description=_("The group of services for which this person manages the access."),
    )


class WhoForm(FlaskForm):
    """To whom a role is offered."""

    myself = BooleanField()
    number = NationalNumberField(
        _("National number"),
        [UnlessMyself(_("Write the national number, or the BIS number, of the person."))],
        description=_("Eleven digits, on the back of the identity card. It is kept sealed, and shown masked."),
    )
    given = PlainStringField(
        _("Given name"),
        [UnlessMyself(_("Write the given name of the person."))],
        description=_("As on the identity card; accents and capitals do not matter."),
    )
    family = PlainStringField(_("Family name"), [UnlessMyself(_("Write the family name of the person."))])


class ReachForm(FlaskForm):
    """How to reach the person; it is looked at, but not tried out."""

    email = EmailField(_("E-mail address"), [Needed(_("Write the e-mail address of the person.")), AN_ADDRESS])
    phone = TelField(
        _("Telephone number"),
        [Needed(_("Write a telephone number of the person.")), A_TELEPHONE],
        description=_("E-mail and telephone are kept sealed; only the person sees them."),
    )


class EmployeeForm(FlaskForm):
    """Whether the person is an employee."""

    employee = RadioField(
        _("Is the person an employee of the enterprise?"),
        [Needed(_("Choose yes or no.")), AnyOf((YES, NO), _("Choose yes or no."))],
        choices=[SelectChoice(YES, _("Yes, an employee")), SelectChoice(NO, _("No"))],
        validate_choice=False,
        description=_("A main or co-main access manager is an employee or a legal representative of the enterprise."),
    )


class ReplaceForm(FlaskForm):
    """Whether the present main access manager is replaced.

    `present` is the appointment of the one whose name the page shows, so that nobody replaces somebody whose name they
    did not see.
    """

    replaces = BooleanField(
        description=_("The present one keeps the role until the new one accepts. Without this the offer is refused.")
    )
    present = HiddenField()

    def __init__(self, *, present_name: str, **rest: Any) -> None:
        super().__init__(**rest)
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
