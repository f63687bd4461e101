"""The secure area: the application behind a right, which lets in whoever the rules let in, and tells why.

People sign in to it through the provider. Each page asks the decision afresh, for the person of the ID token, so a
right that is lost closes the next page.
"""

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from accessmgr.core.actions import Action
from accessmgr.core.days import day_of
from accessmgr.core.model import Grant
from accessmgr.usecases.perform import Done
from accessmgr.web import chain, entered
from accessmgr.web.current import act, asked, look, product, signed_in, world
from accessmgr.web.fields import EnterpriseNumberField, Needed, PlainStringField
from accessmgr.web.format import language, right_name
from accessmgr.web.long_lists import enterprises_shown
from accessmgr.web.secure_area_content import areas, rows
from accessmgr.web.secure_area_seen import claims_seen
from accessmgr.web.secure_area_sign_in import bp

__all__ = ["bp"]

ENTERED = "entered"
MOST_WAYS = 60
"""How many grants a page of enterprises shows, those that end last before the others."""


@bp.record_once
def _init(state: object) -> None:
    chain.init_app(state.app)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Way:
    """A way in that the person has: a grant, with one of its contexts."""

    grant: Grant
    context: str
    enterprise_name: str


class EnterForm(FlaskForm):
    """Where somebody wants to enter."""

    enterprise = EnterpriseNumberField(_("Enterprise number"), [Needed(_("Write the number of the enterprise."))])
    right = SelectField(_("Right"), [InputRequired(_("Choose a right."))])
    context = PlainStringField(_("Context, such as the number of a recognition"), longest=60)

    def __init__(self) -> None:
        super().__init__()
        self.right.choices = [(code, right_name(code)) for code in world().policy.rights]


@bp.get("/")
def home() -> ResponseReturnValue:
    """The ways in that the person has, and a form for any other."""
    return _home(EnterForm(), 200)


@bp.post("/enter")
def enter() -> ResponseReturnValue:
    """Enter, which is recorded, and go to the first page; a refusal tells which link of the chain fails."""
    form = EnterForm()
    if not form.validate():
        return _home(form, 422)
    right, context = form.right.data, form.context.data.strip()
    done = _enter(form.enterprise.number.digits, right, context)
    address = url_for(".area", number=done.facts.enterprise, right=right, context=done.facts.contexts[0])
    return redirect(address, code=303)


@bp.get("/<enterprise:number>/<right>/<context>/")
@bp.get("/<enterprise:number>/<right>/<context>/<page>")
def area(number: str, right: str, context: str, page: str | None = None) -> ResponseReturnValue:
    """A page of the application, for an enterprise and a context."""
    if not context.isprintable():
        abort(404)
    done = _enter(number, right, context)
    pages = areas().get(world().policy.rights[right].application, ())
    shown = next((each for each in pages if page in (None, each.code)), None)
    if page is not None and shown is None:
        abort(404)
    with look() as seen:
        name = seen.lists.enterprise_names([number], language())[number]
    return render_template(
        "secure_area/area.html",
        done=done,
        number=number,
        name=name,
        right=world().policy.rights[right],
        context=context,
        pages=pages,
        shown=shown,
        rows=rows(shown, number, context, done.facts.today, language()) if shown else [],
        drawn=chain.drawn(done),
        seen=claims_seen() if product().simulation else None,
    )


def _enter(enterprise: str, right: str, context: str) -> Done:
    """Ask whether the person may be here now. The first time in a session, and each refusal, is an entry; the rest is
    in the decision log.

    :raise Refused: they may not
    """
    where: dict[str, Any] = {"enterprise": enterprise, "right": right, "contexts": (context,) if context else ()}
    place = f"{enterprise} {right} {context}"
    if request.method in ("GET", "HEAD") and entered.marked(ENTERED, place):
        done = asked(Action.ENTER_SECURE_AREA, **where)
        if done.decision.allowed:
            return done
        entered.forget(ENTERED, place)
    done = act(Action.ENTER_SECURE_AREA, **where)
    entered.mark(ENTERED, f"{enterprise} {right} {done.facts.contexts[0]}")
    return done


def _home(form: EnterForm, status: int) -> ResponseReturnValue:
    person, now = signed_in().person, world().clock.now()
    with look() as seen:
        shown = enterprises_shown(seen.lists.enterprise_names(seen.lists.places_of_grants(person), language()))
        held = seen.lists.own_grants(person, limit=MOST_WAYS, enterprises=shown.numbers)
    held.sort(key=lambda grant: shown.numbers.index(grant.enterprise))
    ways = [Way(grant, context, shown.names[grant.enterprise]) for grant in held for context in grant.contexts]
    return render_template(
        "secure_area/home.html",
        form=form,
        shown=shown,
        ways=ways,
        at=now,
        today=day_of(now),
        rights=world().policy.rights,
    ), status
