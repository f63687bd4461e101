"""The rights of an enterprise as a list to tick: extend or revoke many, with a preview line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from accessmgr.core.actions import Action
from accessmgr.core.model import Grant
from accessmgr.usecases.bulk import MOST
from accessmgr.usecases.grant_lists import Sought
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.world import Look
from accessmgr.web.bulk_lines import Wish
from accessmgr.web.bulk_plan import Origin, Plan
from accessmgr.web.current import look, world
from accessmgr.web.format import language, right_name
from accessmgr.web.many_forms import ALL, TICKED, GrantsFilterForm, GrantsForm
from accessmgr.web.users_area import Standing, bp, grant_state, managed, not_over

FILTERS = ("right", "context", "ends_before", "state", "person")
"""What an address of the list may say about which rights are shown; a person by id."""


@dataclass(frozen=True)
class Sieve:
    """Which rights are looked for: those of one person, or those of everybody by what the form says."""

    form: GrantsFilterForm
    sought: Sought
    person: str | None
    address: dict[str, Any]

    def page(self, seen: Look, after: tuple[date, str] | None, limit: int) -> list[Grant]:
        """The next rights, those that end first."""
        if self.person is None:
            return seen.lists.grants_sought(self.sought, after, limit)
        held = seen.lists.grants(enterprise=self.sought.enterprise, holder=self.person)
        lasting = [
            each for each in held if not each.revoked(self.sought.at) and not_over(each.period, self.sought.today)
        ]
        return sorted(lasting, key=_end)[:limit]

    def count(self, seen: Look) -> int:
        """How many rights there are."""
        if self.person is None:
            return seen.lists.count_sought(self.sought)
        return len(self.page(seen, None, MOST))


@bp.get("/<enterprise:number>/grants")
def grants(number: str) -> ResponseReturnValue:
    """The rights of an enterprise that are not over, those that end first, with a box to tick for each."""
    with look() as seen:
        here = managed(number)
        sieve = _sieve(here)
        wrong = not sieve.form.validate()
        return _page(seen, here, sieve), 422 if wrong else 200


@bp.post("/<enterprise:number>/grants")
def grants_post(number: str) -> ResponseReturnValue:
    """Keep what is to be done with the rights ticked, or with all that the filter shows."""
    with look() as seen:
        here = managed(number)
        sieve, form = _sieve(here), GrantsForm()
        if not (sieve.form.validate() and form.validate()):
            return _page(seen, here, sieve, form), 422
        chosen = [each.id for each in sieve.page(seen, None, MOST + 1)] if form.wants_all else form.grant.data
    if not 0 < len(chosen) <= MOST:
        form.which.errors = [_("There are more than 1000 of them, or none. Narrow the list, and do it in parts.")]
        with look() as seen:
            return _page(seen, here, sieve, form), 422
    plan = Plan(
        Action(form.do.data),
        number,
        tuple(_wishes(chosen, form)),
        Origin.TICKED,
        _way_back(number, sieve),
        _reason(form),
    )
    return redirect(url_for("users.bulk_check", number=number, draft=plan.keep()), code=303)


def _wishes(chosen: Iterable[str], form: GrantsForm) -> Iterable[Wish]:
    """A line for each right, in the order of the list, each once."""
    last = form.last.chosen.isoformat() if form.do.data == Action.EXTEND_GRANT else None
    for line, grant in enumerate(dict.fromkeys(chosen), start=1):
        yield Wish(line, grant=grant, last=last)


def _reason(form: GrantsForm) -> str | None:
    return (form.reason.data or "").strip() or None if form.do.data == Action.REVOKE_GRANT else None


def _way_back(number: str, sieve: Sieve) -> str:
    if sieve.person is not None:
        return url_for("users.person", number=number, person=sieve.person)
    return url_for("users.grants", number=number, **sieve.address)


def _sieve(here: Standing) -> Sieve:
    """What the address says; a person in it must have something to do with the enterprise."""
    facts = here.facts
    number, given = facts.ask.enterprise or "", {name: request.args[name] for name in FILTERS if request.args.get(name)}
    person = given.get("person")
    with look() as seen:
        if person is not None and not seen.has_tie(person, number):
            abort(404)
    form = GrantsFilterForm(MultiDict(given))
    rights = world().policy.rights
    form.right.choices = [
        SelectChoice("", _("every right")),
        *(SelectChoice(each, right_name(each)) for each in rights),
    ]
    known = rights.get(form.right.data or "")
    context = (form.context.data or "").strip()
    sought = Sought(
        enterprise=number,
        today=facts.today,
        at=facts.at,
        right=known.code if known else None,
        context=(known.context(context) if known else context) or None,
        ends_before=form.ends_before.data,
        begun_by=facts.today if form.state.data == "in_force" else None,
    )
    return Sieve(form, sought, person, {"person": person} if person else given)


def _page(seen: Look, here: Standing, sieve: Sieve, form: GrantsForm | None = None) -> str:
    number = sieve.sought.enterprise
    count = sieve.count(seen) if not sieve.form.errors else 0
    found = sieve.page(seen, _after(), PAGE + 1) if not sieve.form.errors else []
    shown, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "users/grants.html",
        number=number,
        name=seen.lists.enterprise_names([number], language())[number],
        many=ticking(shown, count, form),
        sieve=sieve,
        filtered=bool(sieve.address) and sieve.person is None,
        rows=[(each, grant_state(each, here.facts.at, here.facts.today), may_tick(here, each)) for each in shown],
        people=seen.lists.names([*(each.holder for each in shown), sieve.person]),
        count=count,
        next=_cursor(shown[-1]) if more else None,
        today=here.facts.today,
        action=Action,
    )


@dataclass(frozen=True)
class Ticking:
    """The form around a list whose rows can be ticked, and what is ticked in it."""

    form: GrantsForm
    ticked: set[str]


def ticking(shown: Sequence[Grant], count: int, form: GrantsForm | None = None) -> Ticking:
    """The form around the rows shown, of so many that there are."""
    form = form or GrantsForm(formdata=None, data={"which": TICKED})
    everyone = ngettext("The one right of this list", "All %(num)d rights of this list, on every page", count)
    form.which.choices = [SelectChoice(TICKED, _("Those that I ticked")), SelectChoice(ALL, everyone)]
    if request.args.get("tick") == "page" and not form.is_submitted():
        return Ticking(form, {each.id for each in shown})
    return Ticking(form, set(form.grant.data or ()))


def ticking_of(here: Standing, held: Sequence[Grant]) -> Ticking | None:
    """The form around the rights that one person has; None if whoever is signed in may do nothing with many of them."""
    facts = here.facts
    lasting = [each for each in held if not each.revoked(facts.at) and not_over(each.period, facts.today)]
    if not (here.manages and any(may_tick(here, each) for each in lasting)):
        return None
    return ticking(lasting, len(lasting))


def may_tick(here: Standing, grant: Grant) -> bool:
    """Whether some permit lets the person who is signed in extend or revoke a right, whatever forbids it now."""
    return here.permits(Action.EXTEND_GRANT, grant) or here.permits(Action.REVOKE_GRANT, grant)


def _after() -> tuple[date, str] | None:
    """Where the page before ended; an address that is none begins at the beginning."""
    day, _between, id_ = request.args.get("after", "").partition(".")
    try:
        return (date.fromisoformat(day), id_) if id_ else None
    except ValueError:
        return None


def _cursor(grant: Grant) -> str:
    return f"{grant.period.last}.{grant.id}"


def _end(grant: Grant) -> tuple[date, str]:
    return grant.period.last or date.max, grant.id
