"""What each action is asked with, by the names that scenarios and questions of programs use."""

from collections.abc import Mapping

from accessmgr.core.actions import Action

ARGUMENTS: Mapping[Action, tuple[str, str]] = {
    Action.APPOINT_MAIN_ACCESS_MANAGER: ("enterprise person", "employee replaces number name"),
    Action.APPOINT_CO_MAIN_ACCESS_MANAGER: ("enterprise person", "employee number name"),
    Action.APPOINT_ACCESS_MANAGER: ("enterprise person domain", "number name"),
    Action.APPOINT_LOCAL_ADMINISTRATOR: ("enterprise person", "number name"),
    Action.ACCEPT_APPOINTMENT: ("appointment", ""),
    Action.REFUSE_APPOINTMENT: ("appointment", ""),
    Action.END_APPOINTMENT: ("appointment", "without_successor"),
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR: ("enterprise", ""),
    Action.LINK_PERSON: ("enterprise person user_type since", "until number name"),
    Action.END_WORK_RELATION: ("relation", "last_day"),
    Action.GRANT_RIGHT: ("enterprise person right begin end", "contexts"),
    Action.EXTEND_GRANT: ("grant end", ""),
    Action.REVOKE_GRANT: ("grant", "reason"),
    Action.REQUEST_RIGHT: ("enterprise right", "contexts reason"),
    Action.APPROVE_REQUEST: ("request begin end", ""),
    Action.REFUSE_REQUEST: ("request", "reason"),
    Action.WITHDRAW_REQUEST: ("request", ""),
    Action.ENTER_SECURE_AREA: ("enterprise right", "context"),
    Action.READ_HISTORY: ("enterprise", "about purpose"),
    Action.EXPORT_HISTORY: ("enterprise", "about purpose"),
    Action.REVEAL_NUMBER: ("person", "reason"),
    Action.SIGN_IN: ("", "application acr_values"),
}
"""What every action needs, and what it takes besides."""

THINGS = ("right", "enterprise", "appointment", "relation", "grant", "request", "person", "application")
"""The arguments that name the thing which an action is done to: programs ask about one of them by its type and id."""
