"""What a change would bring about, in words: the preview on every page that ends something, and the page that asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.events import What
from accessmgr.core.model import Appointment, Grant
from accessmgr.usecases.hypothetical import Change, Doing
from accessmgr.usecases.shifts import Able, Shift
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.what_if import Difference, what_if
from accessmgr.usecases.world import Conflict, Look
from accessmgr.web import format as form
from accessmgr.web.current import ask, look, signed_in, world

MOST = 100
"""How many people and grants a page shows."""


@dataclass(frozen=True)
class Row:
    """What one person would lose or gain, on the same days: things that they may do, and the rules that decide so."""

    person: str
    what: tuple[str, ...]
    lost: tuple[Period, ...]
    gained: tuple[Period, ...]
    because: tuple[str, ...]


@dataclass(frozen=True)
class Foreseen:
    """What a change would bring about. `refused` are the rules for which it would not happen, None if it would.

    `cut` are grants as they would be afterwards, `withdrawn` offers that would lapse, each with the name of its person.
    """

    difference: Difference
    refused: tuple[str, ...] | None
    rows: tuple[Row, ...]
    more: int
    cut: tuple[tuple[str, Grant], ...]
    withdrawn: tuple[tuple[str, Appointment], ...]
    renewals: tuple[tuple[str, Grant, tuple[str, ...]], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nobody would lose or gain anything."""
        return not (self.rows or self.cut or self.withdrawn or self.renewals)


def foreseen(number: str, change: Change) -> Foreseen | None:
    """What a change in an enterprise would bring about; None if it cannot be tried at this moment.

    Whoever may see it is decided before. It is asked outside of any look, for it is a transaction of its own.

    :raise Unknown: the change names something that does not exist, or is of another enterprise
    """
    try:
        found = what_if(world(), number, change, signed_in().person)
    except (Conflict, Unrecorded):
        return None
    with look() as seen:
        return _told(seen, found)


def foreseen_of(number: str, action: Action, **given: Any) -> Foreseen | None:
    """What would follow if the person who is signed in did an action now."""
    return foreseen(number, Doing(ask(action, **given)))


def _told(seen: Look, found: Difference) -> Foreseen:
    events = found.done.events if found.done else ()
    cut = [event.row for event in events if event.what is What.GRANT_SHORTENED and isinstance(event.row, Grant)]
    over = [event.row for event in events if event.what is What.APPOINTMENT_WITHDRAWN]
    offers = [row for row in over if isinstance(row, Appointment)]
    people = {each.able.person for each in found.shifts} | {each.grant.holder for each in found.renewals}
    people |= {each.holder for each in cut} | {each.holder for each in offers}
    names = {id_: named.name for id_, named in seen.lists.names(people).items()}
    rows = sorted(_rows(_worth_telling(found), names), key=lambda row: (row.person, row.what))
    return Foreseen(
        difference=found,
        refused=None if found.happens or found.done is None else found.done.decision.because,
        rows=tuple(rows[:MOST]),
        more=max(0, len(rows) - MOST),
        cut=tuple((names.get(each.holder, ""), each) for each in cut if each.revoked_at is None),
        withdrawn=tuple((names.get(each.holder, ""), each) for each in offers),
        renewals=tuple((names.get(each.grant.holder, ""), each.grant, each.because) for each in found.renewals[:MOST]),
    )


def _worth_telling(found: Difference) -> list[Shift]:
    """All shifts, but that an offer can no longer be accepted when it is accepted: that needs no telling."""
    done = found.done
    is_accepting = done is not None and done.decision.action is Action.ACCEPT_APPOINTMENT
    accepted = done.facts.appointment.id if done and is_accepting and done.facts.appointment else None
    return [each for each in found.shifts if not each.able.offer or each.able.offer != accepted]


def _rows(shifts: Sequence[Shift], names: dict[str, str]) -> list[Row]:
    """What each person loses or gains, together if it is on the same days and by the same rules."""
    together: dict[Any, list[Shift]] = {}
    for each in shifts:
        is_entering = each.able.action is Action.ENTER_SECURE_AREA
        together.setdefault((each.able.person, is_entering, each.lost, each.gained), []).append(each)
    return [
        Row(
            names.get(person, ""),
            tuple(dict.fromkeys(_able(each.able) for each in its)),
            lost,
            gained,
            tuple(sorted({rule for each in its for rule in each.because})),
        )
        for (person, _is_entering, lost, gained), its in together.items()
    ]


def _able(able: Able) -> str:
    action = form.action(able.action)
    if not able.right:
        return action
    right = form.right_name(able.right)
    if not able.context:
        return gettext("%(action)s: %(right)s", action=action, right=right)
    context = form.context(able.context, world().policy.rights.get(able.right))
    return gettext("%(action)s: %(right)s, %(context)s", action=action, right=right, context=context)
