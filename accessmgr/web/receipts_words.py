"""What a receipt says, read from its entry: what was done, until when, what else changed, and what happens now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from accessmgr.core.actions import APPOINTS
from accessmgr.core.days import THIRTY_DAYS, Period, day, moment
from accessmgr.core.decide import Effect
from accessmgr.core.events import What
from accessmgr.core.model import Role
from accessmgr.core.rules import ABOUT
from accessmgr.web import format as form
from accessmgr.web.current import world
from accessmgr.web.history_entries import TYPES

DONE: Mapping[str, object] = {
    What.APPOINTMENT_OFFERED: later("You offered a role"),
    What.APPOINTMENT_ACCEPTED: later("You accepted a role"),
    What.APPOINTMENT_REFUSED: later("You refused a role"),
    What.APPOINTMENT_WITHDRAWN: later("You withdrew the offer of a role"),
    What.APPOINTMENT_ENDED: later("You ended a role"),
    What.ROLE_CLAIMED: later("You became main local administrator"),
    What.PERSON_LINKED: later("You linked a person to an enterprise"),
    What.RELATION_ENDED: later("You ended a work relation"),
    What.RIGHT_GRANTED: later("You granted a right"),
    What.GRANT_EXTENDED: later("You changed the last day of a right"),
    What.GRANT_REVOKED: later("You revoked a right"),
    What.RIGHT_REQUESTED: later("You requested a right"),
    What.REQUEST_APPROVED: later("You approved a request"),
    What.REQUEST_REFUSED: later("You refused a request"),
    What.REQUEST_WITHDRAWN: later("You withdrew a request"),
}
"""What somebody did, by what happened to the thing."""

OFFERS = {
    str(role): next(rule.id for rule in ABOUT[action] if rule.effect is Effect.PERMIT)
    for action, role in APPOINTS.items()
}
"""The permit by which each role is offered."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Next:
    """What happens now, or who could do what, in a sentence, with the rules that say so."""

    says: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """The change that an entry is about: what happened, and the row that it left; and the other changes with it."""

    what: What
    row: Row
    others: tuple[tuple[What, Row], ...]

    @property
    def person(self) -> str:
        """The id of the person whom it is about, perhaps the actor."""
        row = self.row
        return str(row.get("holder") or row.get("person") or row.get("requester"))

    @property
    def people(self) -> set[str]:
        """Everybody whom any of the changes is about."""
        rows = [self.row, *(row for _what, row in self.others)]
        return {str(row[key]) for row in rows for key in ("holder", "person", "requester") if key in row}

    @property
    def is_for_oneself(self) -> bool:
        """Whether the role was one's own from that moment on."""
        return self.what is What.APPOINTMENT_OFFERED and "accepted_at" in self.row

    @property
    def period(self) -> Period | None:
        """The days of what was made or changed, if it has any."""
        found = self.row.get("period")
        if found is None:
            return None
        return Period(day(found["first"]), day(found["last"]) if "last" in found else None)

    @property
    def done(self) -> str:
        """What the reader did, in a few words."""
        return _("You took a role") if self.is_for_oneself else str(DONE[self.what])

    @property
    def answer_by(self) -> str:
        """Until which moment an offer or a request waits for an answer; empty for anything else."""
        if self.what is What.APPOINTMENT_OFFERED and not self.is_for_oneself:
            return form.moment(moment(self.row["offered_at"]) + THIRTY_DAYS)
        if self.what is What.RIGHT_REQUESTED:
            return form.moment(moment(self.row["made_at"]) + THIRTY_DAYS)
        return ""


def told(entry: Mapping[str, Any]) -> Told:
    """What an entry of something that was done is about."""
    changes = [(What(each["what"]), each["row"]) for each in entry["data"]["changes"]]
    main = next((place for place, (what, _row) in enumerate(changes) if what == entry["type"]), len(changes) - 1)
    what, row = changes[main]
    return Told(what, row, tuple(changes[:main] + changes[main + 1 :]))


def also(it: Told, names: Mapping[str, str]) -> list[str]:
    """The other things that changed with it, in words."""
    return [": ".join(filter(None, (str(TYPES[what]), _thing(row, names)))) for what, row in it.others]


def next_steps(it: Told, names: Mapping[str, str]) -> list[Next]:
    """What happens now: what the next person can do and until when, and how it could be undone."""
    name = names.get(it.person, "")
    return [Next(says, rules) for says, rules in _NEXT[it.what](it, name)]


Steps = Iterator[tuple[str, tuple[str, ...]]]


def _offered(it: Told, name: str) -> Steps:
    offers = OFFERS[it.row["role"]]
    if it.is_for_oneself:
        yield from _have_role(it, name)
        return
    yield (
        _("%(name)s signs in here, and accepts or refuses, until %(day)s.", name=name, day=it.answer_by),
        ("ACCEPT-1",),
    )
    yield _("The role begins when it is accepted. Without an answer the offer lapses."), ("ACCEPT-2",)
    yield _("Until then, whoever may offer this role can withdraw the offer."), ("END-1", offers)


def _have_role(it: Told, name: str) -> Steps:
    by = OFFERS[it.row["role"]] if it.is_for_oneself else "ACCEPT-1"
    yield _("You have the role from now on: %(role)s.", role=form.role(Role(it.row["role"]))), (by,)
    yield _("You can give it up at any time; whoever may offer the role can end it too."), ("END-1", "END-2")


def _not_taken(it: Told, name: str) -> Steps:
    yield _("The offer is over, and nothing else changes."), ("ACCEPT-2",)
    yield (
        _("Whoever may offer this role can offer it again, to the same person or to somebody else."),
        (OFFERS[it.row["role"]],),
    )


def _role_over(it: Told, name: str) -> Steps:
    yield _("From this moment on the role no longer lets %(name)s do anything.", name=name), ("END-1", "END-2")
    offers = OFFERS.get(it.row["role"])
    if offers:
        yield _("Whoever may offer this role can offer it again, to the same person or to somebody else."), (offers,)


def _claimed(it: Told, name: str) -> Steps:
    yield _("You can now appoint local administrators, link people and grant rights here."), (
        "APPOINT-9", "LINK-1", "GRANT-1",
    )  # fmt: skip
    yield _("This counts as long as you have the role on which it rests."), ("CLAIM-1",)


def _linked(it: Told, name: str) -> Steps:
    yield _("Nobody enters anything by a work relation alone: %(name)s still needs a right.", name=name), ("ENTER-1",)
    yield _("Whoever may grant a right here can grant it to %(name)s, for days within the work relation.", name=name), (
        "GRANT-1", "GRANT-2",
    )  # fmt: skip
    yield (
        _("%(name)s, or a user manager of the enterprise, can end the work relation.", name=name),
        ("LINK-1", "LINK-3"),
    )


def _unlinked(it: Told, name: str) -> Steps:
    last = form.day(it.period.last) if it.period else ""
    yield _("After %(day)s, %(name)s enters nothing for this enterprise any more.", name=name, day=last), ("ENTER-2",)
    yield _("A user manager can link %(name)s again; rights then have to be granted again.", name=name), ("LINK-1",)


def _granted(it: Told, name: str) -> Steps:
    right = world().policy.rights.get(it.row["right"])
    days = form.period(it.period) if it.period else ""
    if right is not None:
        yield _(
            "%(name)s can enter the secure area (%(days)s), signed in with a digital key of level %(level)s or higher.",
            name=name, days=days, level=right.level,
        ), ("ENTER-1", "KEY-3")  # fmt: skip
    yield (
        _("Before its last day, whoever may grant the right can extend it; until then they can revoke it."),
        ("GRANT-1",),
    )
    yield _("%(name)s can renounce it at any time.", name=name), ("GRANT-13",)


def _revoked(it: Told, name: str) -> Steps:
    yield _("From this moment on the right opens nothing to %(name)s.", name=name), ("ENTER-1",)
    yield _("Nothing is deleted: that the right was there, and who ended it, stays in the history."), ("GRANT-12",)
    yield _("Whoever may grant the right can grant it anew."), ("GRANT-1",)


def _requested(it: Told, name: str) -> Steps:
    yield (
        _("Those who may grant this right approve or refuse your request, until %(day)s.", day=it.answer_by),
        ("REQUEST-4",),
    )
    yield _("Without an answer the request lapses, and you can make a new one."), ("REQUEST-6", "REQUEST-1")
    yield _("You can withdraw it as long as nobody has answered."), ("REQUEST-8",)


def _approved(it: Told, name: str) -> Steps:
    for what, row in it.others:
        if what is What.RIGHT_GRANTED:
            yield from _granted(Told(what, row, ()), name)


def _request_refused(it: Told, name: str) -> Steps:
    yield _("%(name)s reads your reason, and can make another request.", name=name), ("REQUEST-7", "REQUEST-1")


def _request_over(it: Told, name: str) -> Steps:
    yield _("Nobody can answer the request any more."), ("REQUEST-6",)
    yield _("You can make a new one at any time."), ("REQUEST-1",)


_NEXT: Mapping[What, Callable[[Told, str], Steps]] = {
    What.APPOINTMENT_OFFERED: _offered,
    What.APPOINTMENT_ACCEPTED: _have_role,
    What.APPOINTMENT_REFUSED: _not_taken,
    What.APPOINTMENT_WITHDRAWN: _not_taken,
    What.APPOINTMENT_ENDED: _role_over,
    What.ROLE_CLAIMED: _claimed,
    What.PERSON_LINKED: _linked,
    What.RELATION_ENDED: _unlinked,
    What.RIGHT_GRANTED: _granted,
    What.GRANT_EXTENDED: _granted,
    What.GRANT_REVOKED: _revoked,
    What.RIGHT_REQUESTED: _requested,
    What.REQUEST_APPROVED: _approved,
    What.REQUEST_REFUSED: _request_refused,
    What.REQUEST_WITHDRAWN: _request_over,
}


def _thing(row: Row, names: Mapping[str, str]) -> str:
    """Whom and what a row is about."""
    return ", ".join(_parts(row, names))


def _parts(row: Row, names: Mapping[str, str]) -> Iterable[str]:
    person = row.get("holder") or row.get("person") or row.get("requester")
    yield names.get(str(person), "")
    if "role" in row:
        yield form.role(Role(row["role"]))
    if "right" in row:
        yield form.right_name(row["right"])
    if "period" in row:
        first, last = row["period"]["first"], row["period"].get("last")
        yield form.period(Period(day(first), day(last) if last else None))
