"""What can happen to the chain, in the past tense. An event carries the row that it leaves behind.

So the state after an event is the state before with that row put in place (`apply`), and a whole state
is rebuilt by applying every event in the order in which it was recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from accessmgr.core.days import Period, rfc3339
from accessmgr.core.model import Appointment, Grant, Request, WorkRelation

Noun = Appointment | WorkRelation | Grant | Request


class What(StrEnum):
    """The types of events, as they stand in the history."""

    APPOINTMENT_OFFERED = "appointment.offered"
    APPOINTMENT_ACCEPTED = "appointment.accepted"
    APPOINTMENT_REFUSED = "appointment.refused"
    APPOINTMENT_WITHDRAWN = "appointment.withdrawn"
    APPOINTMENT_ENDED = "appointment.ended"
    ROLE_CLAIMED = "role.claimed"
    PERSON_LINKED = "person.linked"
    RELATION_ENDED = "work_relation.ended"
    RIGHT_GRANTED = "right.granted"
    GRANT_EXTENDED = "grant.extended"
    GRANT_SHORTENED = "grant.shortened"
    GRANT_REVOKED = "grant.revoked"
    RIGHT_REQUESTED = "right.requested"
    REQUEST_APPROVED = "request.approved"
    REQUEST_REFUSED = "request.refused"
    REQUEST_WITHDRAWN = "request.withdrawn"
    AREA_ENTERED = "secure_area.entered"
    HISTORY_READ = "history.read"
    HISTORY_EXPORTED = "history.exported"
    NUMBER_REVEALED = "number.revealed"
    PERSON_SIGNED_IN = "person.signed_in"
    ACTION_REFUSED = "action.refused"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one row: `row` is what it became."""

    what: What
    row: Noun

    @property
    def people(self) -> set[str]:
        """The people whom the row is about."""
        row = self.row
        match row:
            case Appointment() | Grant():
                return {row.holder, row.by}
            case WorkRelation():
                return {row.person, row.by}
            case Request():
                return {row.requester}


State = Mapping[tuple[str, str], Noun]
"""The rows of the chain by kind and id."""


def apply(state: State, event: Event) -> State:
    """The state after the event."""
    return {**state, (type(event.row).__name__, event.row.id): event.row}


def plain(value: Any) -> Any:
    """A value as the history writes it: text, integers, lists and objects; what is None is left out."""
    match value:
        case bool() | int() | str():
            return str(value) if isinstance(value, StrEnum) else value
        case datetime():
            return rfc3339(value)
        case date():
            return value.isoformat()
        case Period():
            bounds = {"first": value.first, "last": value.last}
            return {name: plain(day) for name, day in bounds.items() if day is not None}
        case tuple() | list():
            return [plain(item) for item in value]
        case frozenset() | set():
            return sorted(plain(item) for item in value)
        case Mapping():
            return {str(name): plain(item) for name, item in value.items() if item is not None}
    return plain({field.name: getattr(value, field.name) for field in fields(value)})


def change(event: Event) -> dict[str, Any]:
    """An event as it stands in the data of a history entry."""
    return {"what": str(event.what), "noun": type(event.row).__name__, "row": plain(event.row)}
