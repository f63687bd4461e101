"""Entries of the history in words: who did what to whom, in which capacity, by which rules."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from accessmgr.core.actions import Action
from accessmgr.core.days import Period, day, moment
from accessmgr.core.events import What
from accessmgr.core.model import Domain, Role, UserType
from accessmgr.usecases.world import Look
from accessmgr.web import format as form
from accessmgr.web.current import world

SYSTEM = "system"

TYPES = {
    What.APPOINTMENT_OFFERED: lazy_gettext("offered a role"),
    What.APPOINTMENT_ACCEPTED: lazy_gettext("accepted a role"),
    What.APPOINTMENT_REFUSED: lazy_gettext("refused a role"),
    What.APPOINTMENT_WITHDRAWN: lazy_gettext("withdrew the offer of a role"),
    What.APPOINTMENT_ENDED: lazy_gettext("ended a role"),
    What.ROLE_CLAIMED: lazy_gettext("became main local administrator"),
    What.PERSON_LINKED: lazy_gettext("linked a person to the enterprise"),
    What.RELATION_ENDED: lazy_gettext("ended a work relation"),
    What.RIGHT_GRANTED: lazy_gettext("granted a right"),
    What.GRANT_EXTENDED: lazy_gettext("changed the end of a right"),
    What.GRANT_SHORTENED: lazy_gettext("shortened a right"),
    What.GRANT_REVOKED: lazy_gettext("revoked a right"),
    What.RIGHT_REQUESTED: lazy_gettext("requested a right"),
    What.REQUEST_APPROVED: lazy_gettext("approved a request"),
    What.REQUEST_REFUSED: lazy_gettext("refused a request"),
    What.REQUEST_WITHDRAWN: lazy_gettext("withdrew a request"),
    What.AREA_ENTERED: lazy_gettext("entered the secure area"),
    What.HISTORY_READ: lazy_gettext("looked into the history"),
    What.HISTORY_EXPORTED: lazy_gettext("exported the history"),
    What.NUMBER_REVEALED: lazy_gettext("was shown a national number"),
    What.PERSON_SIGNED_IN: lazy_gettext("signed in"),
    "digital_key.activated": lazy_gettext("activated a digital key"),
    "passkey.added": lazy_gettext("added a passkey"),
    "passkey.removed": lazy_gettext("removed a passkey"),
    "register.imported": lazy_gettext("an extract of the register was taken over"),
    "register.changed": lazy_gettext("the register changed"),
    "import.refused": lazy_gettext("an extract of the register was refused"),
    "contact.changed": lazy_gettext("contact details changed"),
    "auditor.added": lazy_gettext("an auditor was assigned"),
    "client.registered": lazy_gettext("an application was registered for sign-in"),
    "client.removed": lazy_gettext("an application was removed from sign-in"),
    "client_secret.rotated": lazy_gettext("an application got a new secret"),
    "auditor.removed": lazy_gettext("an auditor was relieved"),
    "key.announced": lazy_gettext("the next key to sign the history was announced"),
    "key.rotated": lazy_gettext("another key signs the history from here on"),
    "person.erased": lazy_gettext("a person was erased"),
    "decisions.asked": lazy_gettext("questions that decided nothing were recorded"),
    "review.opened": lazy_gettext("opened a review of the rights"),
    "review.closed": lazy_gettext("the review of the rights was closed"),
    "world.opened": lazy_gettext("the world was opened"),
}
"""What each type of entry tells; one that is not listed shows as it is written."""

CAPACITIES = {
    "SIGNIN-1": lazy_gettext("holder of the digital key"),
    "APPOINT-1": lazy_gettext("legal representative"),
    "APPOINT-5": lazy_gettext("main access manager"),
    "APPOINT-7": lazy_gettext("main or co-main access manager"),
    "APPOINT-9": lazy_gettext("main local administrator"),
    "ACCEPT-1": lazy_gettext("person to whom the role was offered"),
    "END-1": lazy_gettext("whoever may offer that role"),
    "END-2": lazy_gettext("holder of the role"),
    "CLAIM-1": lazy_gettext("access manager"),
    "LINK-1": lazy_gettext("user manager"),
    "LINK-3": lazy_gettext("person linked"),
    "GRANT-1": lazy_gettext("manager who may grant the right"),
    "GRANT-13": lazy_gettext("holder of the right"),
    "REQUEST-1": lazy_gettext("requester"),
    "REQUEST-4": lazy_gettext("manager who may grant the right"),
    "REQUEST-8": lazy_gettext("requester"),
    "ENTER-1": lazy_gettext("holder of the right"),
    "HISTORY-1": lazy_gettext("auditor"),
    "HISTORY-2": lazy_gettext("legal representative or manager"),
    "HISTORY-3": lazy_gettext("person concerned"),
    "NUMBER-1": lazy_gettext("person concerned"),
    "NUMBER-2": lazy_gettext("auditor"),
}
"""The capacity in which each permit let somebody act."""


@dataclass(frozen=True)
class Row:
    """One entry in words. `allowed` is None where nothing was decided; ids are those of people."""

    sequence: int
    at: datetime
    what: str
    actor: str
    actor_id: str | None
    capacity: str
    whom: str
    whom_id: str | None
    enterprise: str | None
    enterprise_name: str
    details: tuple[str, ...]
    because: tuple[str, ...]
    allowed: bool | None
    note: str | None


def parsed(leaf: bytes) -> dict[str, Any]:
    """The entry whose canonical form this is."""
    entry: dict[str, Any] = json.loads(leaf)
    return entry


def rows(seen: Look, leaves: Iterable[bytes]) -> list[Row]:
    """Entries in words, with the names of people and enterprises and the notes fetched at once."""
    read = [parsed(leaf) for leaf in leaves]
    people = seen.lists.names(id_ for entry in read for id_ in (entry["actor"], _whom(entry)))
    names = {id_: person.name for id_, person in people.items()}
    numbers = {number for entry in read if (number := entry["data"].get("enterprise"))}
    companies = seen.lists.enterprise_names(numbers, form.language())
    notes = seen.notes(entry["sequence"] for entry in read)
    return [_row(entry, names, companies, notes.get(entry["sequence"])) for entry in read]


def _row(entry: dict[str, Any], names: Mapping[str, str], companies: Mapping[str, str], note: str | None) -> Row:
    decision, actor, whom = entry["decision"], entry["actor"], _whom(entry)
    because = tuple(decision.get("because", ()))
    allowed = decision.get("allowed")
    capacity = dict.fromkeys(str(CAPACITIES[id_]) for id_ in because if allowed and id_ in CAPACITIES)
    enterprise = entry["data"].get("enterprise")
    return Row(
        sequence=entry["sequence"],
        at=moment(entry["recorded_at"]),
        what=_what(entry),
        actor=names.get(actor, _("the system") if actor == SYSTEM else actor),
        actor_id=actor if actor in names else None,
        capacity=", ".join(capacity),
        whom=names.get(whom or "", ""),
        whom_id=whom if whom in names else None,
        enterprise=enterprise,
        enterprise_name=companies.get(enterprise, "") if enterprise else "",
        details=tuple(_details(entry)),
        because=because,
        allowed=allowed,
        note=note,
    )


def _what(entry: dict[str, Any]) -> str:
    if entry["type"] == What.ACTION_REFUSED:
        return _("asked to: %(action)s", action=form.action(Action(entry["decision"]["action"])))
    return str(TYPES.get(entry["type"], entry["type"]))


def _whom(entry: dict[str, Any]) -> str | None:
    """The person whom an entry concerns besides whoever acted, if any."""
    rows_changed = [change["row"] for change in entry["data"].get("changes", ())]
    last = rows_changed[-1] if rows_changed else {}
    asked = entry["decision"].get("asked", {})
    found = last.get("holder") or last.get("person") or last.get("requester") or asked.get("person")
    found = found or entry["data"].get("person")
    return str(found) if found and found != entry["actor"] else None


def _details(entry: dict[str, Any]) -> Iterable[str]:
    """Role, right, contexts and period: of what changed, else of what was asked."""
    changes = entry["data"].get("changes", ())
    told = changes[-1]["row"] if changes else entry["decision"].get("asked", {})
    if "role" in told:
        yield form.role(Role(told["role"]))
    if "domain" in told:
        yield _("domain: %(domain)s", domain=form.domain(Domain(told["domain"])))
    if "user_type" in told:
        yield form.user_type(UserType(told["user_type"]))
    if "right" in told:
        yield form.right_name(told["right"])
    if told.get("contexts"):
        right = world().policy.rights.get(told.get("right", ""))
        shown = ", ".join(form.context(value, right) for value in told["contexts"])
        yield _("context: %(contexts)s", contexts=shown)
    if "period" in told:
        first, last = told["period"]["first"], told["period"].get("last")
        yield form.period(Period(day(first), day(last) if last else None))
