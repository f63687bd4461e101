"""The rulebook's table as data, transcribed by hand: what each rule does, to which actions, and its source.

The catalogue of the code is compared with this, never the other way round.
"""

from accessmgr.core.actions import Action

_APPOINT = (
    "appoint_main_access_manager appoint_co_main_access_manager appoint_access_manager appoint_local_administrator"
)
_EVERY_BUT_SIGN_IN = (
    f"{_APPOINT} accept_appointment refuse_appointment end_appointment claim_main_local_administrator link_person"
    " end_work_relation grant_right extend_grant revoke_grant request_right approve_request refuse_request"
    " withdraw_request enter_secure_area read_history export_history reveal_number"
)
_KEY_2 = (
    "accept_appointment refuse_appointment end_appointment claim_main_local_administrator link_person"
    " end_work_relation grant_right extend_grant revoke_grant request_right approve_request refuse_request"
    " withdraw_request read_history export_history reveal_number"
)
_REG = (
    f"{_APPOINT} accept_appointment claim_main_local_administrator link_person grant_right extend_grant"
    " request_right approve_request enter_secure_area"
)

TABLE = {
    "SIGNIN-1": ("permit", "sign_in", "S0 C1"),
    "SIGNIN-2": ("forbid", "sign_in", "I"),
    "SIGNIN-3": ("forbid", "sign_in", "A6"),
    "KEY-1": ("forbid", f"{_APPOINT} end_appointment", "S0 F17 I"),
    "KEY-2": ("forbid", _KEY_2, "I"),
    "KEY-3": ("forbid", "enter_secure_area", "S0 I"),
    "REG-1": ("forbid", _REG, "G9 I"),
    "REG-2": ("forbid", _REG, "I"),
    "PERSON-1": ("forbid", f"{_APPOINT} link_person grant_right extend_grant approve_request", "I"),
    "PERSON-2": ("forbid", f"{_APPOINT} link_person", "S2 F9 I"),
    "PERSON-3": ("forbid", _EVERY_BUT_SIGN_IN, "I"),
    "APPOINT-1": ("permit", "appoint_main_access_manager", "S1 S4 S14"),
    "APPOINT-2": ("forbid", "appoint_main_access_manager appoint_co_main_access_manager", "S1 S7"),
    "APPOINT-3": ("forbid", "appoint_main_access_manager", "S8"),
    "APPOINT-4": ("forbid", "appoint_main_access_manager", "I"),
    "APPOINT-5": ("permit", "appoint_co_main_access_manager", "S1 S7"),
    "APPOINT-6": ("forbid", "appoint_co_main_access_manager", "I"),
    "APPOINT-7": ("permit", "appoint_access_manager", "S1"),
    "APPOINT-8": ("forbid", "appoint_access_manager", "I"),
    "APPOINT-9": ("permit", "appoint_local_administrator", "F12"),
    "APPOINT-10": ("forbid", "appoint_local_administrator", "F3 F5"),
    "APPOINT-11": ("forbid", "appoint_local_administrator", "I"),
    "ACCEPT-1": ("permit", "accept_appointment refuse_appointment", "S4 S16"),
    "ACCEPT-2": ("forbid", "accept_appointment refuse_appointment", "S9 I"),
    "ACCEPT-3": ("forbid", "accept_appointment", "I"),
    "ACCEPT-4": ("forbid", "accept_appointment", "I"),
    "END-1": ("permit", "end_appointment", "S1 S4"),
    "END-2": ("permit", "end_appointment", "I"),
    "END-3": ("forbid", "end_appointment", "S8"),
    "END-4": ("forbid", "end_appointment", "I"),
    "CLAIM-1": ("permit", "claim_main_local_administrator", "F10 F1"),
    "CLAIM-2": ("forbid", "claim_main_local_administrator", "I"),
    "LINK-1": ("permit", "link_person end_work_relation", "S0 F5 F9"),
    "LINK-2": ("forbid", "link_person", "I"),
    "LINK-3": ("permit", "end_work_relation", "I"),
    "LINK-4": ("forbid", "end_work_relation", "F14 I"),
    "LINK-5": ("forbid", "link_person", "I"),
    "GRANT-1": ("permit", "grant_right extend_grant revoke_grant", "S0 F17 F18"),
    "GRANT-2": ("forbid", "grant_right extend_grant approve_request", "F9 F3 I"),
    "GRANT-3": ("forbid", "grant_right approve_request request_right", "F5"),
    "GRANT-4": ("forbid", "grant_right approve_request request_right", "F3 F22"),
    "GRANT-5": ("forbid", "grant_right extend_grant approve_request request_right", "S0 I"),
    "GRANT-6": ("forbid", "grant_right approve_request", "I"),
    "GRANT-7": ("forbid", "grant_right extend_grant approve_request", "F9"),
    "GRANT-8": ("forbid", "grant_right extend_grant approve_request", "F6 F9"),
    "GRANT-9": ("forbid", "grant_right extend_grant approve_request request_right", "F19 I"),
    "GRANT-10": ("forbid", "grant_right extend_grant approve_request", "I"),
    "GRANT-11": ("forbid", "grant_right extend_grant", "S13 I"),
    "GRANT-12": ("forbid", "extend_grant revoke_grant", "F14 I"),
    "GRANT-13": ("permit", "revoke_grant", "I"),
    "REQUEST-1": ("permit", "request_right", "F4"),
    "REQUEST-2": ("forbid", "request_right", "F4"),
    "REQUEST-3": ("forbid", "request_right", "I"),
    "REQUEST-4": ("permit", "approve_request refuse_request", "F4"),
    "REQUEST-5": ("forbid", "approve_request refuse_request", "I"),
    "REQUEST-6": ("forbid", "approve_request refuse_request withdraw_request", "I"),
    "REQUEST-7": ("forbid", "refuse_request", "F4"),
    "REQUEST-8": ("permit", "withdraw_request", "I"),
    "ENTER-1": ("permit", "enter_secure_area", "S0 A2"),
    "ENTER-2": ("forbid", "enter_secure_area", "F3 I"),
    "ENTER-3": ("forbid", "enter_secure_area", "F20 I"),
    "ENTER-4": ("forbid", "enter_secure_area", "I"),
    "ENTER-5": ("forbid", "enter_secure_area", "F22 I"),
    "HISTORY-1": ("permit", "read_history export_history", "card"),
    "HISTORY-2": ("permit", "read_history export_history", "F5 F8"),
    "HISTORY-3": ("permit", "read_history", "F10"),
    "HISTORY-4": ("forbid", "read_history export_history", "I"),
    "NUMBER-1": ("permit", "reveal_number", "I"),
    "NUMBER-2": ("permit", "reveal_number", "I"),
}
"""Effect, actions and sources of each rule."""


def actions_of(rule: str) -> tuple[Action, ...]:
    """The actions that a rule speaks of."""
    return tuple(map(Action, TABLE[rule][1].split()))


def permits_of(action: Action) -> tuple[str, ...]:
    """The permits of an action, sorted as plain text."""
    return tuple(sorted(rule for rule, row in TABLE.items() if row[0] == "permit" and action in row[1].split()))
