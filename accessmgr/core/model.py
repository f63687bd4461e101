"""The nouns: people, the register, appointments, work relations, rights, grants and requests.

Persons, appointments and the like are known by opaque ids (text), enterprises by their ten digits.
Rows hold no personal data: a name, a number or a reason never stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accessmgr.core.days import THIRTY_DAYS, Period


class Key(StrEnum):
    """A digital key with which a person signs in."""

    EID = "eid"
    ITSME = "itsme"
    APP = "app"
    PASSKEY = "passkey"
    SMS = "sms"
    EIDAS_HIGH = "eidas_high"
    EIDAS_SUBSTANTIAL = "eidas_substantial"
    EIDAS_LOW = "eidas_low"

    @property
    def level(self) -> int:
        """The assurance level (rulebook, "Level"; those of SMS, passkey and eIDAS are choices of this project)."""
        return LEVELS[self]


LEVELS = {
    Key.EID: 500,
    Key.ITSME: 450,
    Key.APP: 400,
    Key.PASSKEY: 400,
    Key.SMS: 350,
    Key.EIDAS_HIGH: 500,
    Key.EIDAS_SUBSTANTIAL: 400,
    Key.EIDAS_LOW: 300,
}


class Domain(StrEnum):
    """A group of applications for which an access manager is appointed."""

    SOCIAL_SECURITY = "social_security"
    FINANCE = "finance"
    MOBILITY = "mobility"
    ECONOMY = "economy"
    JUSTICE = "justice"
    HEALTH = "health"
    FLEMISH_GOVERNMENT = "flemish_government"
    EMPLOYMENT = "employment"
    ALL = "all"


class TargetGroup(StrEnum):
    """The Flemish target group of an enterprise: economic actor or local authority."""

    EA = "EA"
    LB = "LB"


class UserType(StrEnum):
    """In what way a linked person works for the enterprise."""

    EMPLOYEE = "employee"
    EXTERNAL = "external"
    OCCASIONAL = "occasional"


class Role(StrEnum):
    """What a person can be in an enterprise; `legal_representative` comes from the register alone."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    MAIN_ACCESS_MANAGER = "main_access_manager"
    CO_MAIN_ACCESS_MANAGER = "co_main_access_manager"
    ACCESS_MANAGER = "access_manager"
    MAIN_LOCAL_ADMINISTRATOR = "main_local_administrator"
    LOCAL_ADMINISTRATOR = "local_administrator"


class FunctionCode(StrEnum):
    """A function in an enterprise, as the register has it."""

    MANAGING_DIRECTOR = "managing_director"
    DIRECTOR = "director"
    MANAGER = "manager"
    DAILY_MANAGEMENT = "daily_management"
    CHAIRMAN = "chairman"
    SOLE_PROPRIETOR = "sole_proprietor"
    SYNDIC = "syndic"
    TRUSTEE = "trustee"
    LIQUIDATOR = "liquidator"
    PROVISIONAL_ADMINISTRATOR = "provisional_administrator"
    AUDITOR = "auditor"
    PARTNER = "partner"
    FOUNDER = "founder"
    ENTREPRENEURIAL_SKILL = "entrepreneurial_skill"


OFFICE_HOLDERS = frozenset({FunctionCode.TRUSTEE, FunctionCode.LIQUIDATOR, FunctionCode.PROVISIONAL_ADMINISTRATOR})
"""Functions that displace every other representative while they are held."""

REPRESENTING = OFFICE_HOLDERS | {
    FunctionCode.MANAGING_DIRECTOR,
    FunctionCode.DIRECTOR,
    FunctionCode.MANAGER,
    FunctionCode.DAILY_MANAGEMENT,
    FunctionCode.CHAIRMAN,
    FunctionCode.SOLE_PROPRIETOR,
    FunctionCode.SYNDIC,
}
"""Functions whose holder is a legal representative; the others never represent."""


class ContextKind(StrEnum):
    """What kind of value a right is bound to."""

    RECOGNITION = "recognition"
    ESTABLISHMENT = "establishment"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Person:
    """A known person as far as decisions go. `keys` are the activated digital keys, None if not asked for."""

    id: str
    deceased: date | None = None
    auditor: bool = False
    keys: frozenset[Key] | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function held in an enterprise by `holder`, or by the enterprise `held_by`.

    With `held_by`, `holder` is the permanent representative that it names, if any. `holder` is None
    too for somebody without a number, who cannot act here.
    """

    id: str
    enterprise: str
    code: FunctionCode
    holder: str | None
    held_by: str | None
    period: Period


@dataclass(frozen=True, slots=True)
class Recognition:
    """A recognition as service-voucher company, with the periods in which it was suspended."""

    number: str
    enterprise: str
    period: Period
    suspensions: tuple[Period, ...] = ()

    def suspended(self, day: date) -> bool:
        """Whether it is suspended on that day."""
        return any(suspension.has(day) for suspension in self.suspensions)


@dataclass(frozen=True, slots=True)
class Establishment:
    """An establishment unit. `owners` are (first day, enterprise), later ones last; None is "from the start"."""

    number: str
    period: Period
    owners: tuple[tuple[date | None, str], ...]

    def owner(self, day: date) -> str | None:
        """The enterprise whose it is on that day."""
        since_then = [owner for since, owner in self.owners if since is None or since <= day]
        return since_then[-1] if since_then else None


@dataclass(frozen=True, slots=True)
class Register:
    """What the register answers about one enterprise.

    `establishments` holds only those that the question names, whoever owns them.
    """

    period: Period
    functions: tuple[Function, ...] = ()
    recognitions: tuple[Recognition, ...] = ()
    establishments: tuple[Establishment, ...] = ()


class AppointmentState(StrEnum):
    """Where an appointment stands at a moment (rulebook, "Appointment")."""

    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Appointment:
    """Gives `holder` a role in an enterprise; a claim is one that a person made for themself.

    `outcome` is refused, withdrawn or ended, and came about at `closed_at`.
    """

    id: str
    enterprise: str
    role: Role
    holder: str
    by: str
    offered_at: datetime
    domain: Domain | None = None
    employee: bool = False
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: AppointmentState | None = None

    def state(self, at: datetime) -> AppointmentState | None:
        """The state at a moment; None before it was made."""
        if at < self.offered_at:
            return None
        if self.closed_at is not None and self.closed_at <= at:
            return self.outcome
        if self.accepted_at is not None and self.accepted_at <= at:
            return AppointmentState.ACTIVE
        return AppointmentState.PENDING if at - self.offered_at <= THIRTY_DAYS else AppointmentState.LAPSED


@dataclass(frozen=True, slots=True)
class WorkRelation:
    """Links a person to an enterprise for a period."""

    id: str
    enterprise: str
    person: str
    user_type: UserType
    period: Period
    by: str


_NO_DOTS_NOR_DASHES = str.maketrans("", "", ".-")


@dataclass(frozen=True, slots=True)
class Right:
    """What an application lets a person do, described as data (`seeds/rights.yaml`).

    `max_days` is the longest period in days; `profiles` is the list of values for contexts of kind profile.
    """

    code: str
    application: str
    domain: Domain
    target_groups: frozenset[TargetGroup]
    context_kind: ContextKind
    grantors: frozenset[Role]
    level: int
    max_days: int
    needs_recognition: bool
    requestable: bool
    profiles: tuple[str, ...] = ()

    def context(self, value: str) -> str:
        """The context as it is kept: in numbers, dots, dashes and spaces do not count."""
        if self.context_kind is ContextKind.PROFILE:
            return value
        return "".join(value.translate(_NO_DOTS_NOR_DASHES).split())

    def contexts(self, values: Iterable[str]) -> tuple[str, ...]:
        """The contexts as they are kept, each once, sorted."""
        return tuple(sorted({self.context(value) for value in values}))


@dataclass(frozen=True, slots=True)
class Grant:
    """A right given to a person within a work relation, for contexts and a period."""

    id: str
    enterprise: str
    holder: str
    right: str
    contexts: tuple[str, ...]
    period: Period
    relation: str
    by: str
    revoked_at: datetime | None = None

    def revoked(self, at: datetime) -> bool:
        """Whether it is revoked at that moment, the moment itself included."""
        return self.revoked_at is not None and self.revoked_at <= at


class RequestState(StrEnum):
    """Where a request for a right stands at a moment."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Request:
    """Asks the managers of an enterprise for a right."""

    id: str
    enterprise: str
    requester: str
    right: str
    contexts: tuple[str, ...]
    made_at: datetime
    closed_at: datetime | None = None
    outcome: RequestState | None = None

    def state(self, at: datetime) -> RequestState | None:
        """The state at a moment; None before it was made."""
        if at < self.made_at:
            return None
        if self.closed_at is not None and self.closed_at <= at:
            return self.outcome
        return RequestState.PENDING if at - self.made_at <= THIRTY_DAYS else RequestState.LAPSED
