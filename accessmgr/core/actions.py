"""Every action that can be asked for, and the question itself: who asks to do what, with what."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from accessmgr.core.days import Period
from accessmgr.core.model import Domain, Key, Role, UserType


class Action(StrEnum):
    """The actions of the rulebook."""

    SIGN_IN = "sign_in"
    APPOINT_MAIN_ACCESS_MANAGER = "appoint_main_access_manager"
    APPOINT_CO_MAIN_ACCESS_MANAGER = "appoint_co_main_access_manager"
    APPOINT_ACCESS_MANAGER = "appoint_access_manager"
    APPOINT_LOCAL_ADMINISTRATOR = "appoint_local_administrator"
    ACCEPT_APPOINTMENT = "accept_appointment"
    REFUSE_APPOINTMENT = "refuse_appointment"
    END_APPOINTMENT = "end_appointment"
    CLAIM_MAIN_LOCAL_ADMINISTRATOR = "claim_main_local_administrator"
    LINK_PERSON = "link_person"
    END_WORK_RELATION = "end_work_relation"
    GRANT_RIGHT = "grant_right"
    EXTEND_GRANT = "extend_grant"
    REVOKE_GRANT = "revoke_grant"
    REQUEST_RIGHT = "request_right"
    APPROVE_REQUEST = "approve_request"
    REFUSE_REQUEST = "refuse_request"
    WITHDRAW_REQUEST = "withdraw_request"
    ENTER_SECURE_AREA = "enter_secure_area"
    READ_HISTORY = "read_history"
    EXPORT_HISTORY = "export_history"
    REVEAL_NUMBER = "reveal_number"


APPOINTS: Mapping[Action, Role] = {
    Action.APPOINT_MAIN_ACCESS_MANAGER: Role.MAIN_ACCESS_MANAGER,
    Action.APPOINT_CO_MAIN_ACCESS_MANAGER: Role.CO_MAIN_ACCESS_MANAGER,
    Action.APPOINT_ACCESS_MANAGER: Role.ACCESS_MANAGER,
    Action.APPOINT_LOCAL_ADMINISTRATOR: Role.LOCAL_ADMINISTRATOR,
}
"""The `appoint_*` actions, each with the role that it offers."""

FINDS_PERSON = frozenset(APPOINTS) | {Action.LINK_PERSON}
"""Actions whose person is found by number and names together."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A person asks to do an action. What the action does not need stays None or False.

    Ids are opaque; `enterprise` is ten digits; `level` is that of the digital key used, 0 if it is
    unknown (so the weakest); `contexts` holds the one context of `enter_secure_area`, too.
    `reason` and `purpose` only tell whether one was given: the words themselves decide nothing.
    """

    action: Action
    actor: str
    level: int = 0
    key: Key | None = None
    enterprise: str | None = None
    person: str | None = None
    employee: bool = False
    replaces: bool = False
    domain: Domain | None = None
    without_successor: bool = False
    user_type: UserType | None = None
    period: Period | None = None
    last_day: date | None = None
    right: str | None = None
    contexts: tuple[str, ...] = ()
    appointment: str | None = None
    relation: str | None = None
    grant: str | None = None
    request: str | None = None
    reason: bool = False
    purpose: bool = False
    application: str | None = None
    acr_values: frozenset[Key] = frozenset()

    def given(self) -> dict[str, object]:
        """What was given besides action and actor, by name, without what was left out."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self)[2:])
        return {name: value for name, value in named if value not in (None, False, (), frozenset())}
