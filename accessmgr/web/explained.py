"""What went wrong, in a plain sentence each, and what to do about it."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Explained:
    """The title of an error page, what happened, and what to do."""

    title: object
    what: object
    do: object


BY_STATUS = {
    400: Explained(
        _("The form could not be accepted"),
        _("The form is too old, or it does not come from this site. Nothing was done."),
        _("Go back, load the page again, and send the form again."),
    ),
    403: Explained(
        _("This is not allowed"),
        _("You may not see or do this. Nothing was done."),
        _("Go back to the start page to see what you can do."),
    ),
    404: Explained(
        _("This page does not exist"),
        _("There is no such page, or it is not for you."),
        _("Check the address, or go back to the start page."),
    ),
    405: Explained(
        _("This page cannot be opened in this way"),
        _("The address belongs to a form, and no form was sent."),
        _("Go back to the page with the form, and send it from there."),
    ),
    409: Explained(
        _("Already done, or changed meanwhile"),
        _("The form was sent already, or somebody changed the same thing meanwhile. Nothing was done twice."),
        _("Go back, load the page again to see how things are now, and start again if something is still needed."),
    ),
    413: Explained(
        _("The form is too large"),
        _("More was sent than can be accepted. Nothing was done."),
        _("Send less at once, or cut a file into parts."),
    ),
    429: Explained(
        _("Too many look-ups"),
        _("You looked for too many people who were not found, so looking up has stopped for you."),
        _("Check the numbers and names with the people themselves, and try again in an hour."),
    ),
    500: Explained(
        _("Something went wrong here"),
        _("A fault of ours stopped this. What was not finished was not done."),
        _("Try again in a moment. If it happens again, tell the operator at what time it happened."),
    ),
    503: Explained(
        _("Nothing can be changed now"),
        _(
            "Everything that is done here goes into the history, which cannot be written now. "
            "Nothing was recorded, and nothing was done."
        ),
        _("You can still look things up. Try again later; if it lasts, ask the operator, who is told why."),
    ),
}

OTHER = Explained(
    _("This did not work"),
    _("The request could not be answered. Nothing was done."),
    _("Go back and try again, or begin at the start page."),
)


def explained(status: int) -> Explained:
    """What to tell about a status of HTTP."""
    return BY_STATUS.get(status, OTHER)
