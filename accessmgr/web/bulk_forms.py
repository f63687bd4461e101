"""The forms for many rights at once."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from accessmgr.core.actions import Action
from accessmgr.web.fields import Needed
from accessmgr.web.users_forms import Offered


class BulkForm(FlaskForm):
    """What to do with many rights, and the lines that tell which: a file, or pasted."""

    action = RadioField(
        _("What do you want to do?"),
        choices=[
            SelectChoice(Action.GRANT_RIGHT.value, _("Grant rights")),
            SelectChoice(Action.EXTEND_GRANT.value, _("Change the last day of rights")),
            SelectChoice(Action.REVOKE_GRANT.value, _("Revoke rights")),
        ],
        validators=[Needed(_("Choose one of the three.")), Offered(_("Choose one of the three."))],
        validate_choice=False,
    )
    file = FileField(_("File"))
    text = TextAreaField(_("Or paste the lines here"))

    def validate_text(self, field: TextAreaField) -> None:
        """Lines come from one place."""
        if bool(self.file.data) == bool((field.data or "").strip()):
            raise ValidationError(_("Choose a file or paste lines: one of the two."))

    @property
    def content(self) -> bytes:
        """The lines, as they were sent; only for a form that is valid."""
        return bytes(self.file.data.read()) if self.file.data else (self.text.data or "").encode()


class BulkConfirmForm(FlaskForm):
    """Whether one line that cannot be done stops all of them."""

    mode = RadioField(
        _("What if a line cannot be done?"),
        choices=[
            SelectChoice("all", _("Then do none of them: all or nothing")),
            SelectChoice("each", _("Do the others: each line by itself")),
        ],
        validators=[Needed(_("Choose one of the two.")), Offered(_("Choose one of the two."))],
        validate_choice=False,
    )
