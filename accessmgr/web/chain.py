"""The chain behind an entry, ready to be drawn and listed: its links in words of the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from textwrap import wrap

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from accessmgr.core.actions import Action, Ask
from accessmgr.core.chain import Chain, Complaint, Holder, Link, Place, Standing, build
from accessmgr.core.chain_causes import Cause
from accessmgr.core.days import Period
from accessmgr.usecases.lists import Lists
from accessmgr.usecases.perform import Done, consider_in
from accessmgr.web import format as form
from accessmgr.web.current import look, world

PLACES = {
    Place.REGISTER: lazy_gettext("Register"),
    Place.REPRESENTATIVE: lazy_gettext("Legal representative"),
    Place.MANAGER: lazy_gettext("Manager"),
    Place.USER: lazy_gettext("User"),
    Place.GRANT: lazy_gettext("Right"),
    Place.CONTEXT: lazy_gettext("Context"),
}

STANDINGS = {
    Standing.HOLDS: lazy_gettext("holds"),
    Standing.BROKEN: lazy_gettext("broken"),
    Standing.FORMER: lazy_gettext("no longer in office; what was done still stands"),
    Standing.NOBODY: lazy_gettext("nobody at present"),
    Standing.UNKNOWN: lazy_gettext("not known at present"),
}

NEVER = {
    Place.REGISTER: lazy_gettext("The enterprise never had a recognition."),
    Place.USER: lazy_gettext("There never was a work relation with the enterprise."),
    Place.GRANT: lazy_gettext("The right was never granted for this context."),
    Place.CONTEXT: lazy_gettext("This context does not belong to the enterprise."),
}
"""What is said of a link that never was there."""

KINDS = {Standing.HOLDS: "ok", Standing.BROKEN: "bad"}

COLUMNS, BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 3, 270, 130, 44, 40
NAME, DETAIL, LINES = 26, 31, 2
"""How many characters of a name and of a detail fit on a line of a box, and how many lines each has."""


@dataclass(frozen=True)
class Reason:
    """Why a link is broken: the rule, a sentence with the day, what would mend it and who could."""

    rule: str
    why: str
    mend: str
    menders: str


@dataclass(frozen=True)
class Node:
    """One link in words, with the place of its box in the drawing."""

    title: str
    name: str
    detail: str
    standing: str
    kind: str
    broken: bool
    reasons: tuple[Reason, ...]
    x: int
    y: int

    @property
    def name_lines(self) -> list[str]:
        """The name as far as the box has room."""
        return wrap(self.name, NAME, max_lines=LINES, placeholder="…")

    @property
    def detail_lines(self) -> list[str]:
        """The detail as far as the box has room."""
        return wrap(self.detail, DETAIL, max_lines=LINES, placeholder="…")


@dataclass(frozen=True)
class Join:
    """The line between two boxes; `broken` if the box to which it leads is."""

    path: str
    broken: bool


@dataclass(frozen=True)
class Drawn:
    """A chain ready for the macro `chain`."""

    title: str
    summary: str
    unbroken: bool
    nodes: tuple[Node, ...]
    joins: tuple[Join, ...]

    @property
    def box(self) -> tuple[int, int]:
        """The width and the height of a box."""
        return BOX_WIDTH, BOX_HEIGHT

    @property
    def width(self) -> int:
        """The width of the drawing, in its own units."""
        return COLUMNS * BOX_WIDTH + (COLUMNS - 1) * GAP_X + 4

    @property
    def height(self) -> int:
        """The height of the drawing, in its own units."""
        rows = -(-len(self.nodes) // COLUMNS)
        return rows * BOX_HEIGHT + (rows - 1) * GAP_Y + 4


def drawn(done: Done) -> Drawn | None:
    """The chain of a decision about entering; None of another one, or if the person may not be told about it."""
    if done.decision.action is not Action.ENTER_SECURE_AREA or not done.tied or done.facts.enterprise is None:
        return None
    with look() as seen:
        return _drawn(seen.lists, done, done.facts.enterprise)


def drawn_for(
    enterprise: str,
    person: str,
    right: str,
    context: str,
    *,
    on: datetime | None = None,
    known_at: datetime | None = None,
) -> Drawn:
    """The chain to a person for a right and a context, as if they signed in with a key that is strong enough.

    It is drawn as it was `on` a moment, with what was `known_at` a moment (None: now). Whether the reader may see
    it is for whoever calls to ask.
    """
    level = world().policy.rights[right].level
    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=person,
        level=level,
        enterprise=enterprise,
        right=right,
        contexts=(context,),
    )
    with look() as seen:
        done = consider_in(world(), seen, ask, on=on, known_at=known_at)
        return _drawn(seen.lists_at(None if known_at is None else seen.size_at(known_at)), done, enterprise)


def _drawn(lists: Lists, done: Done, enterprise: str) -> Drawn:
    functions = lists.functions_in([enterprise])[enterprise] or ()
    chain = build(done.decision, done.facts, lists.appointments(enterprise=enterprise), functions)
    names = {id_: named.name for id_, named in lists.names(chain.people).items()}
    return draw(chain, names, lists.enterprise_names([enterprise], form.language())[enterprise])


def draw(chain: Chain, names: Mapping[str, str], company: str) -> Drawn:
    """A chain, with the names of its people and of its enterprise."""
    nodes = tuple(_node(chain, link, index, names, company) for index, link in enumerate(chain.links))
    person = names.get(chain.person, "")
    return Drawn(
        _(
            "The chain from %(enterprise)s to %(person)s: %(right)s, %(context)s",
            enterprise=company,
            person=person,
            right=nodes[-2].name,
            context=nodes[-1].name,
        ),
        _summary(chain, nodes),
        chain.unbroken,
        nodes,
        tuple(Join(_path(before, after), after.broken) for before, after in pairwise(nodes)),
    )


def _summary(chain: Chain, nodes: tuple[Node, ...]) -> str:
    if chain.unbroken:
        return _("Every link holds: the person may enter.")
    broken = ", ".join(node.title for node in nodes if node.broken)
    return _("The chain is broken at: %(links)s.", links=broken)


def _node(chain: Chain, link: Link, index: int, names: Mapping[str, str], company: str) -> Node:
    row, column = divmod(index, COLUMNS)
    return Node(
        title=str(PLACES[link.place]),
        name=_name(chain, link, names, company),
        detail=_detail(chain, link),
        standing=str(STANDINGS[link.standing]),
        kind=KINDS.get(link.standing, "wait"),
        broken=link.standing is Standing.BROKEN,
        reasons=tuple(reason(complaint, link.place) for complaint in link.complaints),
        x=column * (BOX_WIDTH + GAP_X) + 2,
        y=row * (BOX_HEIGHT + GAP_Y) + 2,
    )


def _name(chain: Chain, link: Link, names: Mapping[str, str], company: str) -> str:
    right = world().policy.rights.get(chain.right)
    match link.place:
        case Place.REGISTER:
            return company
        case Place.GRANT:
            return form.right_name(chain.right)
        case Place.CONTEXT:
            return ", ".join(form.context(value, right) for value in chain.contexts) or _("none chosen")
    known = (names.get(holder.person or "", "") for holder in link.holders)
    return ", ".join(dict.fromkeys(filter(None, known))) or _("nobody")


def _detail(chain: Chain, link: Link) -> str:
    if link.place is Place.REGISTER:
        return form.number(chain.enterprise)
    if link.place in (Place.REPRESENTATIVE, Place.MANAGER):
        return ", ".join(dict.fromkeys(office(holder) for holder in link.holders))
    return form.period(Period(link.since, link.until)) if link.since is not None else ""


def office(holder: Holder) -> str:
    """The function of a representative, or the role of a manager, in words."""
    return form.function(holder.function) if holder.function is not None else form.role(holder.role)


def reason(complaint: Complaint, place: Place) -> Reason:
    """Why a link of the chain is broken, in words."""
    return Reason(
        complaint.rule,
        _why(complaint.cause, complaint.since, place),
        _(complaint.mend),
        ", ".join(form.mender(mender) for mender in complaint.menders),
    )


def _why(cause: Cause, since: date | None, place: Place) -> str:
    day = form.day(since)
    match cause:
        case Cause.ENDED:
            return _("It ended: it is broken since %(day)s.", day=day)
        case Cause.NOT_YET:
            return _("It has not begun: it begins on %(day)s.", day=day)
        case Cause.REVOKED:
            return _("It was revoked on %(day)s.", day=day)
        case Cause.SUSPENDED:
            return _("It is suspended since %(day)s.", day=day)
        case Cause.DECEASED:
            return _("The register records the death of this person on %(day)s.", day=day)
        case Cause.ELSEWHERE:
            return _("This context does not belong to the enterprise.")
        case Cause.NOT_GIVEN:
            return _("No context was chosen.")
        case Cause.LEVEL:
            return _("The digital key used is not strong enough for this right.")
        case Cause.UNKNOWN:
            return _("This cannot be known at present.")
    return str(NEVER[place])


def _path(before: Node, after: Node) -> str:
    """A line from box to box: straight on within a row, and down between the rows to the next one."""
    if before.y == after.y:
        y = before.y + BOX_HEIGHT // 2
        return f"M{before.x + BOX_WIDTH} {y}H{after.x}"
    middle = after.y - GAP_Y // 2
    return f"M{before.x + BOX_WIDTH // 2} {before.y + BOX_HEIGHT}V{middle}H{after.x + BOX_WIDTH // 2}V{after.y}"


def init_app(app: Flask) -> None:
    """Let templates draw the chain of a decision: `{{ chain(drawn_chain(done)) }}`."""
    app.jinja_env.globals.setdefault("drawn_chain", drawn)
