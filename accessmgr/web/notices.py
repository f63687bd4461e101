"""What a person was told: their own notices; and in simulation every letter, as nobody has a mailbox there."""

from collections.abc import Iterable

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from accessmgr.usecases.notices import Posted, Stage
from accessmgr.web.current import look, product, signed_in
from accessmgr.web.format import language
from accessmgr.web.letters import Told, told

NEWEST = 100
"""How many notices a page shows."""
STAGES = {
    Stage.WAITING: _("on its way"),
    Stage.SENT: _("sent"),
    Stage.NO_ADDRESS: _("not sent: no e-mail address is known"),
    Stage.GIVEN_UP: _("not sent: the mail server did not take it"),
}

bp = Blueprint("notices", __name__, url_prefix="/notices")
letters_bp = Blueprint("letters", __name__, url_prefix="/simulator/letters")


@bp.get("/")
def mine() -> ResponseReturnValue:
    """The newest notices of the person who is signed in."""
    return render_template("notices/mine.html", rows=in_words(product().notices.of(signed_in().person, NEWEST)))


@letters_bp.get("/")
def letters() -> ResponseReturnValue:
    """The newest letters to anybody, with what became of each."""
    posted = product().notices.all(NEWEST)
    with look() as seen:
        names = seen.lists.names(each.notice.person for each in posted)
    return render_template("notices/letters.html", rows=in_words(posted), names=names, stages=STAGES)


def in_words(posted: Iterable[Posted]) -> list[tuple[Posted, Told]]:
    """Notices with their words in the language of the request."""
    found = list(posted)
    with look() as seen:
        numbers = {each.notice.enterprise for each in found if each.notice.enterprise}
        names = seen.lists.enterprise_names(numbers, language())
    return [(each, told(each.notice, names)) for each in found]
