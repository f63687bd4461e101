"""What things are called on pages, in plain words of the glossary and in the language of the request."""

from collections.abc import Mapping
from enum import StrEnum

from flask import has_request_context
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.decide import Mender
from accessmgr.core.model import (
    AppointmentState,
    Domain,
    FunctionCode,
    Key,
    RequestState,
    Role,
    TargetGroup,
    UserType,
)
from accessmgr.usecases.bulk import Outcome

ROLES: Mapping[StrEnum, object] = {
    Role.LEGAL_REPRESENTATIVE: _("legal representative"),
    Role.MAIN_ACCESS_MANAGER: _("main access manager"),
    Role.CO_MAIN_ACCESS_MANAGER: _("co-main access manager"),
    Role.ACCESS_MANAGER: _("access manager"),
    Role.MAIN_LOCAL_ADMINISTRATOR: _("main local administrator"),
    Role.LOCAL_ADMINISTRATOR: _("local administrator"),
}

DOMAINS: Mapping[StrEnum, object] = {
    Domain.SOCIAL_SECURITY: _("social security"),
    Domain.FINANCE: _("finance"),
    Domain.MOBILITY: _("mobility"),
    Domain.ECONOMY: _("economy"),
    Domain.JUSTICE: _("justice"),
    Domain.HEALTH: _("health"),
    Domain.FLEMISH_GOVERNMENT: _("Flemish government"),
    Domain.EMPLOYMENT: _("employment"),
    Domain.ALL: _("all domains"),
}

USER_TYPES: Mapping[StrEnum, object] = {
    UserType.EMPLOYEE: _("employee"),
    UserType.EXTERNAL: _("external worker"),
    UserType.OCCASIONAL: _("occasional worker"),
}

FUNCTIONS: Mapping[StrEnum, object] = {
    FunctionCode.MANAGING_DIRECTOR: _("managing director"),
    FunctionCode.DIRECTOR: _("director"),
    FunctionCode.MANAGER: _("manager"),
    FunctionCode.DAILY_MANAGEMENT: _("person in charge of daily management"),
    FunctionCode.CHAIRMAN: _("chair"),
    FunctionCode.SOLE_PROPRIETOR: _("sole proprietor"),
    FunctionCode.SYNDIC: _("syndic"),
    FunctionCode.TRUSTEE: _("trustee in bankruptcy"),
    FunctionCode.LIQUIDATOR: _("liquidator"),
    FunctionCode.PROVISIONAL_ADMINISTRATOR: _("provisional administrator"),
    FunctionCode.AUDITOR: _("auditor of the accounts"),
    FunctionCode.PARTNER: _("partner"),
    FunctionCode.FOUNDER: _("founder"),
    FunctionCode.ENTREPRENEURIAL_SKILL: _("holder of the entrepreneurial skills"),
}

KEYS: Mapping[StrEnum, object] = {
    Key.EID: _("eID"),
    Key.ITSME: _("itsme"),
    Key.APP: _("security code by mobile app"),
    Key.PASSKEY: _("passkey"),
    Key.SMS: _("security code by text message"),
    Key.EIDAS_HIGH: _("European key (eIDAS), level high"),
    Key.EIDAS_SUBSTANTIAL: _("European key (eIDAS), level substantial"),
    Key.EIDAS_LOW: _("European key (eIDAS), level low"),
}

STATES: Mapping[StrEnum, object] = {
    AppointmentState.PENDING: _("waiting for an answer"),
    AppointmentState.ACTIVE: _("active"),
    AppointmentState.REFUSED: _("refused"),
    AppointmentState.LAPSED: _("lapsed after 30 days without an answer"),
    AppointmentState.WITHDRAWN: _("withdrawn"),
    AppointmentState.ENDED: _("ended"),
    RequestState.APPROVED: _("approved"),
}
"""By state; equal words of an appointment and a request are one entry, as their enums are texts."""

TARGET_GROUPS: Mapping[StrEnum, object] = {
    TargetGroup.EA: _("economic actor"),
    TargetGroup.LB: _("local authority"),
}

MENDERS: Mapping[StrEnum, object] = {
    Mender.ACTOR: _("you yourself"),
    Mender.LEGAL_REPRESENTATIVE: _("a legal representative of the enterprise"),
    Mender.MAIN_ACCESS_MANAGER: _("the main access manager of the enterprise"),
    Mender.MAIN_LOCAL_ADMINISTRATOR: _("a main local administrator of the enterprise"),
    Mender.USER_MANAGER: _("a user manager of the enterprise"),
    Mender.GRANTOR: _("a manager who may grant this right"),
    Mender.APPOINTEE: _("the person to whom the role was offered"),
    Mender.REGISTER: _("whoever keeps the register"),
    Mender.OPERATOR: _("the operator of this service"),
    Mender.NOBODY: _("nobody"),
}

PROFILES: Mapping[str, object] = {"reader": _("reader"), "editor": _("editor")}
"""Names of the profiles of the rights that come with the product; another one shows as it is written."""

ACTIONS: Mapping[StrEnum, object] = {
    Action.SIGN_IN: _("sign in"),
    Action.APPOINT_MAIN_ACCESS_MANAGER: _("appoint a main access manager"),
    Action.APPOINT_CO_MAIN_ACCESS_MANAGER: _("appoint a co-main access manager"),
    Action.APPOINT_ACCESS_MANAGER: _("appoint an access manager"),
    Action.APPOINT_LOCAL_ADMINISTRATOR: _("appoint a local administrator"),
    Action.ACCEPT_APPOINTMENT: _("accept a role"),
    Action.REFUSE_APPOINTMENT: _("refuse a role"),
    Action.END_APPOINTMENT: _("end an appointment"),
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR: _("become main local administrator"),
    Action.LINK_PERSON: _("link a person to the enterprise"),
    Action.END_WORK_RELATION: _("end a work relation"),
    Action.GRANT_RIGHT: _("grant a right"),
    Action.EXTEND_GRANT: _("change the end of a right"),
    Action.REVOKE_GRANT: _("revoke a right"),
    Action.REQUEST_RIGHT: _("request a right"),
    Action.APPROVE_REQUEST: _("approve a request"),
    Action.REFUSE_REQUEST: _("refuse a request"),
    Action.WITHDRAW_REQUEST: _("withdraw a request"),
    Action.ENTER_SECURE_AREA: _("enter the secure area"),
    Action.READ_HISTORY: _("read the history"),
    Action.EXPORT_HISTORY: _("export the history"),
    Action.REVEAL_NUMBER: _("show a national number"),
}

OUTCOMES: Mapping[StrEnum, object] = {
    Outcome.DONE: _("done"),
    Outcome.REFUSED: _("refused"),
    Outcome.UNKNOWN: _("not found here"),
    Outcome.CONFLICT: _("changed by somebody else at the same moment"),
    Outcome.FAILED: _("not done because of a fault"),
    Outcome.NOT_DONE: _("not done, for another line could not be done"),
}
"""What came of a line among many."""


def erased_person() -> str:
    """What a person who was erased is called where their name would stand; in English outside of pages."""
    return str(gettext("an erased person")) if has_request_context() else "an erased person"
