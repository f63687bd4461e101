"""What entries of the history change about who may enter an application, for whoever keeps an earlier answer.

A change names what it is about as far as that is known: what is left out is not narrowed. One change too many only
costs a question; one too few would leave somebody in.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from accessmgr.core.days import day_of
from accessmgr.core.events import What, plain
from accessmgr.core.model import Grant
from accessmgr.usecases.register import CHANGED
from accessmgr.usecases.world import Look

IMPORTED = "register.imported"
QUIET = frozenset(
    {
        What.PERSON_SIGNED_IN,
        What.AREA_ENTERED,
        What.HISTORY_READ,
        What.HISTORY_EXPORTED,
        What.NUMBER_REVEALED,
        What.ACTION_REFUSED,
        "decisions.asked",
    }
)
"""Types of entries that change nothing: most of a history."""
OF_THE_REGISTER = {
    "close_enterprise": "until",
    "end_recognition": "until",
    "suspend_recognition": "since",
    "close_establishment": "until",
    "move_establishment": "since",
    "record_death": "on",
    "no_answer": None,
    "answers": None,
}
"""What the register can tell that decides on entering, with what gives the first day on which it counts."""
WINDOW = 5_000
"""How many entries are looked through for a page, so that none takes long."""

MayAskIn = Callable[[str | None], bool]
"""Whether a client may know of an enterprise (`relying_parties.Client.may_ask_in`)."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that may open or close an application to people.

    :param sequence: of its entry; the changes of one entry stand together
    :param recorded_at: RFC 3339, by the clock of the world
    :param type: the type of an event, or of the entry
    :param by: who did it: a person, `system`, or a client
    :param since: the first day on which it counts, if it is of the register; it may lie ahead
    :param first: the first day of the grant
    :param last: the last day of the grant or work relation, which may lie ahead; nothing is told again on that day
    """

    sequence: int
    recorded_at: str
    type: str
    by: str
    person: str | None = None
    enterprise: str | None = None
    right: str | None = None
    contexts: tuple[str, ...] | None = None
    grant: str | None = None
    first: str | None = None
    last: str | None = None
    revoked_at: str | None = None
    change: str | None = None
    since: str | None = None
    recognition: str | None = None
    establishment: str | None = None

    @property
    def at(self) -> datetime:
        """The moment of recording."""
        return datetime.fromisoformat(self.recorded_at)

    @property
    def is_death(self) -> bool:
        """Whether the person died."""
        return self.change == "record_death"

    def told(self) -> dict[str, Any]:
        """The change as JSON has it. Who did it is not told: that is for those who may read the history."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "by"}
        return {name: plain(value) for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Page:
    """Changes in the order of the history; `last` is the sequence up to which it was looked through.

    `size` is the size of the history: there is more to look through if `last` is not the last entry of it.
    """

    changes: tuple[Change, ...]
    last: int
    size: int

    @property
    def more(self) -> bool:
        """Whether there are entries after it."""
        return self.last < self.size - 1


def changes_of(entry: Mapping[str, Any]) -> list[Change]:
    """What an entry changes about who may enter, in the order in which it tells it."""
    data = entry["data"]
    if entry["type"] == IMPORTED:
        return [_change(entry, entry["type"])]
    if entry["type"] == CHANGED:
        return list(_of_the_register(entry))
    told = ((each["what"], each["noun"], each["row"]) for each in data.get("changes", ()))
    return [found for what, noun, row in told if (found := _of_the_chain(entry, what, noun, row)) is not None]


def page(look: Look, after: int, limit: int) -> Page:
    """The changes of the entries after a sequence: of at most so many entries that change something."""
    size = look.size()
    rows = look.lists.entries_after(after, before=min(after + 1 + WINDOW, size), without=QUIET, limit=limit)
    found = [change for row in rows for change in changes_of(json.loads(row.leaf))]
    last = rows[-1].sequence if len(rows) == limit else min(after + WINDOW, size - 1)
    return Page(tuple(found), last, size)


def seen_by(look: Look, found: Iterable[Change], rights: frozenset[str], may_ask_in: MayAskIn) -> tuple[Change, ...]:
    """The changes that concern rights: those of grants of them, and of people and enterprises that have such grants.

    A change of no enterprise, such as a death, concerns those whose grants are in enterprises that a client may know.
    """
    return tuple(change for change in within(found, may_ask_in) if _concerns(look, change, rights, may_ask_in))


def within(found: Iterable[Change], may_ask_in: MayAskIn) -> list[Change]:
    """The changes of enterprises of which a client may know, and those that are of no enterprise."""
    return [change for change in found if change.enterprise is None or may_ask_in(change.enterprise)]


def people_of(look: Look, change: Change, rights: frozenset[str], may_ask_in: MayAskIn) -> list[str]:
    """The people whose rights a change may have changed, by id; nobody for an import, which names none."""
    if change.right is not None:
        return [change.person] if change.person and change.right in rights else []
    if change.type == IMPORTED:
        return []
    grants = _grants(look, change, rights, may_ask_in)
    return sorted({grant.holder for grant in grants if _in_force(grant, change.at)})


def _concerns(look: Look, change: Change, rights: frozenset[str], may_ask_in: MayAskIn) -> bool:
    if change.right is not None:
        return change.right in rights
    grants = () if change.type == IMPORTED else _grants(look, change, rights, may_ask_in)
    return change.type == IMPORTED or any(_in_force(grant, change.at) for grant in grants)


def _grants(look: Look, change: Change, rights: frozenset[str], may_ask_in: MayAskIn) -> Sequence[Grant]:
    held = look.lists.grants(enterprise=change.enterprise, holder=change.person)
    return [grant for grant in held if grant.right in rights and may_ask_in(grant.enterprise)]


def _in_force(grant: Grant, at: datetime) -> bool:
    """Whether a grant was not over yet at a moment."""
    over = grant.period.last is not None and grant.period.last < day_of(at)
    return not over and (grant.revoked_at is None or grant.revoked_at >= at)


def _of_the_register(entry: Mapping[str, Any]) -> Iterator[Change]:
    data = entry["data"]
    if data.get("change") not in OF_THE_REGISTER:
        return
    day = OF_THE_REGISTER[data["change"]]
    for enterprise in (data.get("enterprise"), data.get("to")):
        if enterprise is not None or data["change"] == "record_death":
            yield _change(
                entry,
                entry["type"],
                enterprise=enterprise,
                person=data.get("person"),
                change=data["change"],
                since=data.get(day) if day else None,
                recognition=data.get("recognition"),
                establishment=data.get("establishment"),
            )
        if data["change"] == "record_death":
            return


def _of_the_chain(entry: Mapping[str, Any], what: str, noun: str, row: Mapping[str, Any]) -> Change | None:
    if noun == "Grant":
        return _change(
            entry,
            what,
            person=row["holder"],
            enterprise=row["enterprise"],
            right=row["right"],
            contexts=tuple(row["contexts"]),
            grant=row["id"],
            revoked_at=row.get("revoked_at"),
            **row["period"],
        )
    if what == What.RELATION_ENDED:
        last = row["period"].get("last")
        return _change(entry, what, person=row["person"], enterprise=row["enterprise"], last=last)
    return None


def _change(entry: Mapping[str, Any], type_: str, **named: Any) -> Change:
    return Change(sequence=entry["sequence"], recorded_at=entry["recorded_at"], type=type_, by=entry["actor"], **named)
