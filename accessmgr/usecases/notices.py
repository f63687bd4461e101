"""Notices: what people are told of what happened to them, and of what ends soon; on their page, and by e-mail.

Nothing writes a notice where it does something. A follower reads the history behind everybody's back, and puts down
what each entry means for whom together with how far it came, in one transaction: so each notice is there once,
whenever the program was killed. What ends by itself makes no entry; each new day is gone through in the same way.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import day_of
from accessmgr.core.events import What, plain
from accessmgr.core.model import Appointment, AppointmentState, Grant, Role
from accessmgr.usecases import losses
from accessmgr.usecases.changes import IMPORTED
from accessmgr.usecases.losses import Loss
from accessmgr.usecases.perform import consider_in
from accessmgr.usecases.world import Look, World

FIRST_WARNING, LAST_WARNING = timedelta(days=30), timedelta(days=7)
"""How long before a right ends its holder is told."""
OF_FUNCTIONS = frozenset({"start_function", "end_function"})
"""What the register can tell that decides on who represents an enterprise."""
MANAGING = frozenset({Role.MAIN_ACCESS_MANAGER, Role.MAIN_LOCAL_ADMINISTRATOR})
"""Who is told what concerns an enterprise as a whole."""


class Kind(StrEnum):
    """What people are told of."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"
    ROLE_ENDED = "role_ended"
    LINKED = "linked"
    UNLINKED = "unlinked"
    GRANTED = "granted"
    CHANGED = "changed"
    ENDING = "ending"
    ENDED = "ended"
    REVOKED = "revoked"
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    REPRESENTATION_LOST = "representation_lost"
    LOOKED_AT = "looked_at"
    REVIEW_OPENED = "review_opened"
    REVIEW_WAITS = "review_waits"
    REVIEW_CLOSED = "review_closed"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that a person is told once: `id` is the same however often it would be made.

    :param made_at: by the clock of the world
    :param thing: the appointment, work relation, grant or request that it is about
    :param last: the last day of what is granted, linked or ending
    """

    id: str
    person: str
    kind: Kind
    made_at: datetime
    enterprise: str | None = None
    right: str | None = None
    contexts: tuple[str, ...] = ()
    role: Role | None = None
    thing: str | None = None
    last: date | None = None


@dataclass(frozen=True)
class Reached:
    """How far the history was followed, and which day was gone through last."""

    seen: int
    day: date


class Stage(StrEnum):
    """Where a notice stands on its way by e-mail."""

    WAITING = "waiting"
    SENT = "sent"
    NO_ADDRESS = "no address"
    GIVEN_UP = "given up"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A notice with what became of its letter: when it is tried again (real time), how often it was, the last fault."""

    notice: Notice
    stage: Stage
    due_at: datetime | None
    tries: int = 0
    fault: str | None = None


class Notices(Protocol):
    """Where notices are kept."""

    def reached(self) -> Reached | None:
        """How far was followed; None before the first time."""

    def begin(self, reached: Reached) -> None:
        """Follow from there on, unless somebody began already."""

    def follow(self, before: Reached, after: Reached, made: Iterable[Notice], at: datetime) -> bool:
        """Note how far was followed, and keep what came of that; all or nothing. False if somebody else did it.

        :param at: from when on the letters are due (real time)
        """

    def of(self, person: str, limit: int) -> Sequence[Posted]:
        """The newest notices of a person."""

    def all(self, limit: int) -> Sequence[Posted]:
        """The newest notices of everybody."""

    def take(self, at: datetime, limit: int) -> Sequence[Posted]:
        """Letters that are due, which nobody else gets until they would be due again."""

    def note(self, id_: str, stage: Stage, fault: str | None = None) -> None:
        """Note what became of a letter."""


def notices_of(look: Look, world: World, entry: Mapping[str, Any]) -> Iterator[Notice]:
    """What an entry of the history means for whom."""
    at, data = datetime.fromisoformat(entry["recorded_at"]), entry["data"]
    made = _Maker(entry["sequence"], entry["actor"], at)
    for change in data.get("changes", ()):
        what, row = What(change["what"]), change["row"]
        told = _WITHIN.get((what, entry["type"])) or _TOLD.get(what)
        if told is not None and not (what is What.GRANT_EXTENDED and _stays(look, entry["sequence"], row)):
            kind, named = told
            yield from made.others(kind, {row[name] for name in named}, row)
        if what is What.RIGHT_REQUESTED:
            yield from made.others(Kind.REQUESTED, _deciders(look, world, row["id"], at), row)
    if entry["type"] == IMPORTED or data.get("change") in OF_FUNCTIONS:
        lost = losses.by_entry(look, entry["sequence"], day_of(at), data.get("enterprise"))
        yield from _of_losses(look, lost, at)
    because = entry["decision"].get("because", ())
    looks = entry["type"] in (What.HISTORY_READ, What.HISTORY_EXPORTED) and "HISTORY-1" in because
    if looks and "enterprise" in data:
        for person in managing(look, data["enterprise"], at):  # once a day, however many pages the auditor turns
            once = f"{Kind.LOOKED_AT}:{entry['actor']}:{data['enterprise']}:{person}:{day_of(at)}"
            yield replace(made.notice(Kind.LOOKED_AT, person, data), id=once)


def ending(look: Look, before: date, today: date, at: datetime) -> Iterator[Notice]:
    """What is told of rights and functions that come to their end, when the day becomes `today` after `before`."""
    yield from _of_losses(look, losses.by_days(look, before, today), at)
    ranges = [(before + ahead + timedelta(days=1), today + ahead) for ahead in (LAST_WARNING, FIRST_WARNING)]
    for grant in look.lists.grants_ending([(before, today - timedelta(days=1)), *ranges]):
        stage, earlier = _stage(grant, today), _stage(grant, before)
        if stage is not None and stage != earlier and not grant.revoked(at):
            yield Notice(
                id=f"{stage}:{grant.id}:{grant.period.last}",
                person=grant.holder,
                kind=Kind.ENDED if stage == "ended" else Kind.ENDING,
                made_at=at,
                enterprise=grant.enterprise,
                right=grant.right,
                contexts=grant.contexts,
                thing=grant.id,
                last=grant.period.last,
            )


def _of_losses(look: Look, lost: Iterable[Loss], at: datetime) -> Iterator[Notice]:
    """What whoever represents an enterprise no longer, and its managers, are told: once, however it came about."""
    for loss in lost:
        for person in sorted({loss.person, *managing(look, loss.enterprise, at)}):
            yield Notice(
                id=f"{Kind.REPRESENTATION_LOST}:{loss.enterprise}:{loss.person}:{loss.last}:{person}",
                person=person,
                kind=Kind.REPRESENTATION_LOST,
                made_at=at,
                enterprise=loss.enterprise,
                last=loss.last,
            )


def _stage(grant: Grant, day: date) -> str | None:
    last = grant.period.last
    if last is None or last > day + FIRST_WARNING:
        return None
    if last < day:
        return "ended"
    return "in 7 days" if last <= day + LAST_WARNING else "in 30 days"


@dataclass(frozen=True)
class _Maker:
    """Makes the notices of one entry."""

    sequence: int
    actor: str
    at: datetime

    def notice(self, kind: Kind, person: str, row: Mapping[str, Any]) -> Notice:
        last = (row.get("period") or {}).get("last")
        return Notice(
            id=f"{self.sequence}:{kind}:{row.get('id', '')}:{person}",
            person=person,
            kind=kind,
            made_at=self.at,
            enterprise=row.get("enterprise"),
            right=row.get("right"),
            contexts=tuple(row.get("contexts", ())),
            role=Role(row["role"]) if "role" in row else None,
            thing=row.get("id"),
            last=date.fromisoformat(last) if last else None,
        )

    def others(self, kind: Kind, people: Collection[str | None], row: Mapping[str, Any]) -> Iterator[Notice]:
        """Notices for people other than the one who did it, who knows."""
        yield from (self.notice(kind, each, row) for each in sorted(filter(None, people)) if each != self.actor)


_TOLD: Mapping[What, tuple[Kind, Sequence[str]]] = {
    What.APPOINTMENT_OFFERED: (Kind.OFFERED, ("holder",)),
    What.APPOINTMENT_ACCEPTED: (Kind.ACCEPTED, ("by",)),
    What.APPOINTMENT_REFUSED: (Kind.DECLINED, ("by",)),
    What.APPOINTMENT_ENDED: (Kind.ROLE_ENDED, ("holder", "by")),
    What.PERSON_LINKED: (Kind.LINKED, ("person",)),
    What.RELATION_ENDED: (Kind.UNLINKED, ("person",)),
    What.RIGHT_GRANTED: (Kind.GRANTED, ("holder",)),
    What.GRANT_EXTENDED: (Kind.CHANGED, ("holder",)),
    What.GRANT_SHORTENED: (Kind.CHANGED, ("holder",)),
    What.GRANT_REVOKED: (Kind.REVOKED, ("holder",)),
    What.REQUEST_REFUSED: (Kind.REFUSED, ("requester",)),
}
"""What each event is to those whom its row names."""

_WITHIN: Mapping[tuple[What, str], tuple[Kind, Sequence[str]]] = {
    (What.APPOINTMENT_ENDED, What.APPOINTMENT_ACCEPTED): (Kind.REPLACED, ("holder",)),
    (What.APPOINTMENT_ENDED, What.APPOINTMENT_OFFERED): (Kind.REPLACED, ("holder",)),
    (What.RIGHT_GRANTED, What.REQUEST_APPROVED): (Kind.APPROVED, ("holder",)),
}
"""The same for events that come with another one, by the type of the entry."""


def _stays(look: Look, sequence: int, row: Mapping[str, Any]) -> bool:
    """Whether a grant ends when it did before an entry: then somebody only answered for it, and its holder keeps it."""
    before = look.lists_at(sequence).grants(id_=row["id"])
    return [plain(each.period) for each in before] == [row["period"]]


def _deciders(look: Look, world: World, request: str, at: datetime) -> list[str]:
    """The people with a role in the enterprise of a request who may answer it, by the rules."""
    [made] = look.lists.requests(id_=request)
    holders = sorted({each.holder for each in in_force(look, made.enterprise, at)})
    asks = {
        holder: Ask(action=Action.APPROVE_REQUEST, actor=holder, request=request, enterprise=made.enterprise)
        for holder in holders
        if holder != made.requester
    }
    return [holder for holder, ask in asks.items() if consider_in(world, look, ask).decision.permitted]


def managing(look: Look, enterprise: str, at: datetime) -> list[str]:
    """The people who are told what concerns an enterprise as a whole."""
    return sorted({each.holder for each in in_force(look, enterprise, at) if each.role in MANAGING})


def in_force(look: Look, enterprise: str, at: datetime) -> list[Appointment]:
    """The appointments in an enterprise that count at a moment."""
    appointments = look.lists.appointments(enterprise=enterprise)
    return [each for each in appointments if each.state(at) is AppointmentState.ACTIVE]
