"""What a decision may rest on: the question, the moment, and what was known. What is not known is None."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accessmgr.core.actions import Ask
from accessmgr.core.days import Period, day_of
from accessmgr.core.model import (
    Appointment,
    Grant,
    Key,
    Person,
    Register,
    Request,
    Right,
    TargetGroup,
    WorkRelation,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the rules may look at for one question.

    `at` is the moment asked about. `register` is None while the register has no answer about the
    enterprise. `concerned` is None when the number and the names belong to no one known person, or
    the action concerns nobody. `appointments` are those of the enterprise, `work_relations`, `grants`
    and `requests` those of the people concerned in it. The thing that the question names stands in
    `appointment`, `relation`, `grant` or `request`. `allowed_keys` is None when the application's
    registration allows every key.
    """

    ask: Ask
    at: datetime
    actor: Person
    concerned: Person | None = None
    register: Register | None = None
    target_group: TargetGroup | None = None
    right: Right | None = None
    appointments: tuple[Appointment, ...] = ()
    work_relations: tuple[WorkRelation, ...] = ()
    grants: tuple[Grant, ...] = ()
    requests: tuple[Request, ...] = ()
    appointment: Appointment | None = None
    relation: WorkRelation | None = None
    grant: Grant | None = None
    request: Request | None = None
    allowed_keys: frozenset[Key] | None = None
    four_eyes: bool = False
    today: date = field(init=False)
    """The day of the moment asked about, in Brussels."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "today", day_of(self.at))

    @property
    def enterprise(self) -> str | None:
        """The enterprise that the question is about: named itself, or that of the thing named."""
        thing = self.appointment or self.relation or self.grant or self.request
        return thing.enterprise if thing else self.ask.enterprise

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts that the question is about: those of the grant or request named, else those given."""
        thing = self.grant or self.request
        return thing.contexts if thing else self.ask.contexts

    @property
    def grant_period(self) -> Period | None:
        """The period that a grant would have: for an extension, from its beginning to the day asked for."""
        if self.grant is not None and self.ask.last_day is not None:
            return Period(self.grant.period.first, self.ask.last_day)
        return self.ask.period


class Noted:
    """Facts that note what is read of them, so that a finding can say on what it rested.

    What was read stands among its own attributes, and nothing else does; so a second reading costs nothing.
    """

    __slots__ = ("__dict__", "_facts")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = getattr(self._facts, name)
        return value


def noted(facts: Facts) -> tuple[Facts, Mapping[str, Any]]:
    """The facts, and a mapping that fills with what is read of them, by name."""
    notes = Noted(facts)
    return notes, vars(notes)  # type: ignore[return-value]  # reads as Facts do
