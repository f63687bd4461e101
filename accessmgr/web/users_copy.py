"""The same rights as a colleague: choose the colleague, tick their rights, and see what would come of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.model import Grant
from accessmgr.core.rules import RULES
from accessmgr.usecases.bulk import MOST, Line, Outcome, consider_many
from accessmgr.usecases.lists import PAGE, Named
from accessmgr.usecases.world import Look
from accessmgr.web import drafts
from accessmgr.web.bulk_lines import Wish
from accessmgr.web.bulk_plan import Origin, Plan
from accessmgr.web.bulk_shown import ShownLine, shown_lines
from accessmgr.web.current import ask, look, world
from accessmgr.web.format import language
from accessmgr.web.many_forms import CopyForm
from accessmgr.web.users_area import Standing, bp, default_period, not_over, standing
from accessmgr.web.users_forms import SearchForm

SEARCH = "search for a colleague"


@dataclass(frozen=True)
class Copied:
    """A right of the colleague, as the person would have it, and what the rules say of that."""

    held: Grant
    wish: Wish
    line: Line
    shown: ShownLine

    @property
    def can_be(self) -> bool:
        """Whether the right could be granted now."""
        return self.line.outcome is Outcome.DONE


@bp.get("/<enterprise:number>/people/<person>/copy")
def copy(number: str, person: str) -> ResponseReturnValue:
    """Whose rights: the people linked to the enterprise, by name."""
    with look() as seen:
        here, named = _granting(seen, number, person)
        draft, after = request.args.get("search"), request.args.get("after")
        search = str(drafts.get(SEARCH, draft)["text"]) if draft else ""
        last = seen.lists.names([after]).get(after or "")
        found = seen.lists.people_of(number, search=search, after=(last.family, last.given, last.id) if last else None)
        page = found[:PAGE]
        held = _lasting(here, seen.lists.grants_among(number, [each.id for each in page]))
        return render_template(
            "users/copy_whom.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            person=named,
            people=[
                (each, sorted({grant.right for grant in held if grant.holder == each.id}))
                for each in page
                if each.id != person
            ],
            form=SearchForm(formdata=None, data={"text": search}),
            search=search,
            draft=draft,
            next=page[-1].id if len(found) > PAGE else None,
        )


@bp.post("/<enterprise:number>/people/<person>/copy/search")
def copy_search(number: str, person: str) -> ResponseReturnValue:
    """Keep a name to search for, so that it stands in no address."""
    with look() as seen:
        _granting(seen, number, person)
    form = SearchForm()
    kept = drafts.put(SEARCH, {"text": form.text.data}) if form.validate() else None
    return redirect(url_for("users.copy", number=number, person=person, search=kept), code=303)


@bp.get("/<enterprise:number>/people/<person>/copy/<colleague>")
def copy_from(number: str, person: str, colleague: str) -> ResponseReturnValue:
    """The rights of the colleague: a tick for each that the rules let the person have, the reason for the others."""
    form = CopyForm(formdata=None)
    found = _copied(number, person, colleague, form)
    form.grant.data = [each.held.id for each in found if each.can_be]
    return _copy_page(number, person, colleague, found, form)


@bp.post("/<enterprise:number>/people/<person>/copy/<colleague>")
def copy_post(number: str, person: str, colleague: str) -> ResponseReturnValue:
    """Keep the rights ticked, as lines to be granted."""
    form = CopyForm()
    valid = form.validate()
    found = _copied(number, person, colleague, form if valid else CopyForm(formdata=None))
    ticked = set(form.grant.data or ())
    if valid and not ticked <= {each.held.id for each in found}:
        form.grant.errors, valid = [_("Choose only rights that the colleague has now.")], False
    if not valid:
        return _copy_page(number, person, colleague, found, form), 422
    wishes = tuple(each.wish for each in found if each.held.id in ticked)
    back = url_for("users.copy_from", number=number, person=person, colleague=colleague)
    kept = Plan(Action.GRANT_RIGHT, number, wishes, Origin.COPIED, back).keep()
    return redirect(url_for("users.bulk_check", number=number, draft=kept), code=303)


# --- what the views share ---------------------------------------------------------------------------------


def _granting(seen: Look, number: str, *people: str) -> tuple[Standing, Named]:
    """Where one stands and whom the rights are for; or an answer as if there were none, or no such colleague."""
    here = standing(number)
    named = seen.lists.names(people)
    known = all(each in named and seen.has_tie(each, number) for each in people)
    if not (here.manages and here.grantable and known) or len(set(people)) < len(people):
        abort(404)
    return here, named[people[0]]


def _lasting(here: Standing, held: Sequence[Grant]) -> list[Grant]:
    facts = here.facts
    return [each for each in held if not each.revoked(facts.at) and not_over(each.period, facts.today)]


def _copied(number: str, person: str, colleague: str, form: CopyForm) -> list[Copied]:
    """The rights of the colleague that are not over, each with the days that fit the person, decided as if all came."""
    rights = world().policy.rights
    with look() as seen:
        here, _named = _granting(seen, number, person, colleague)
        held = _lasting(here, seen.lists.grants(enterprise=number, holder=colleague))
        relations = seen.lists.work_relations(enterprise=number, person=person)
    copied = sorted((each for each in held if each.right in rights), key=lambda each: (each.right, each.contexts))[
        :MOST
    ]
    wishes = []
    for line, each in enumerate(copied, start=1):
        first, last = form.within(default_period(relations, rights[each.right], here.facts.today))
        ends = last.isoformat() if last else None
        wishes.append(Wish(line, person, each.right, each.contexts, first.isoformat(), ends))
    if not wishes:
        return []
    who = ask(Action.GRANT_RIGHT)
    asks = [each.ask(Action.GRANT_RIGHT, who.actor, who.level, number) for each in wishes]
    lines = consider_many(world(), asks, enterprise=number)
    return [Copied(*each) for each in zip(copied, wishes, lines, shown_lines(wishes, lines), strict=True)]


def _copy_page(number: str, person: str, colleague: str, found: Sequence[Copied], form: CopyForm) -> str:
    refusing = dict.fromkeys(rule for each in found if not each.can_be for rule in each.shown.rules)
    with look() as seen:
        names = seen.lists.names([person, colleague])
        return render_template(
            "users/copy.html",
            number=number,
            name=seen.lists.enterprise_names([number], language())[number],
            person=names[person],
            colleague=names[colleague],
            found=found,
            form=form,
            refusing=[RULES[rule] for rule in refusing],
        )
