"""What a scenario file says, checked: its world, its clock, its steps and what each must decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode, Key, Right, TargetGroup
from accessmgr.core.numbers import EnterpriseNumber, NationalNumber


class ScenarioError(Exception):
    """A scenario file is wrong, at a line of it."""

    def __init__(self, file: str, line: int, mistake: str) -> None:
        super().__init__(f"{file}:{line}: {mistake}")
        self.file = file
        self.line = line
        self.mistake = mistake


@dataclass(frozen=True, slots=True)
class GivenPerson:
    """A person of the world. `names` has the given name first; `keys` are the activated ones."""

    names: tuple[str, ...]
    number: NationalNumber
    deceased: date | None = None
    keys: frozenset[Key] = frozenset(Key)


@dataclass(frozen=True, slots=True)
class GivenFunction:
    """A function, held by a person, or by an enterprise with `person` as its permanent representative, if any."""

    code: FunctionCode
    person: str | None
    held_by: str | None
    period: Period


@dataclass(frozen=True, slots=True)
class GivenRecognition:
    """A recognition, with the periods of its suspensions."""

    number: str
    period: Period
    suspended: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenEstablishment:
    """An establishment unit, by the ten digits of its number."""

    number: str
    period: Period


@dataclass(frozen=True, slots=True)
class GivenEnterprise:
    """An enterprise of the world, with what the register says about it."""

    number: EnterpriseNumber
    name: str
    target_group: TargetGroup
    period: Period
    functions: tuple[GivenFunction, ...] = ()
    recognitions: tuple[GivenRecognition, ...] = ()
    establishments: tuple[GivenEstablishment, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenWorld:
    """People and enterprises by the short names that the steps use, and what else was always so.

    `story` is what happened in a named world before it opened.
    """

    persons: Mapping[str, GivenPerson]
    enterprises: Mapping[str, GivenEnterprise]
    rights: Mapping[str, Right]
    auditors: frozenset[str] = frozenset()
    applications: Mapping[str, frozenset[Key]] = field(default_factory=dict)
    story: "Scenario | None" = None


class Change(StrEnum):
    """What a step can change in the register."""

    START_FUNCTION = "start_function"
    END_FUNCTION = "end_function"
    CLOSE_ENTERPRISE = "close_enterprise"
    END_RECOGNITION = "end_recognition"
    SUSPEND_RECOGNITION = "suspend_recognition"
    CLOSE_ESTABLISHMENT = "close_establishment"
    MOVE_ESTABLISHMENT = "move_establishment"
    RECORD_DEATH = "record_death"
    NO_ANSWER = "no_answer"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The clock goes to a moment; `do` is `at` or `advance`."""

    line: int
    do: str
    to: datetime


@dataclass(frozen=True, slots=True)
class RegisterStep:
    """The register changes."""

    line: int
    change: Change
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecidingStep:
    """Somebody does something, or it is asked whether they could (`asks`).

    `arguments` holds what is given, under the names of the file. `because` is None where only the
    outcome counts. `on` and `known_at` are the moments of a question, None for now.
    """

    line: int
    action: Action
    actor: str
    key: Key
    arguments: Mapping[str, Any]
    id: str | None
    expected: bool
    because: tuple[str, ...] | None
    asks: bool = False
    on: datetime | None = None
    known_at: datetime | None = None


Step = ClockStep | RegisterStep | DecidingStep


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file."""

    file: str
    name: str
    at: datetime
    four_eyes: bool
    world: GivenWorld
    steps: tuple[Step, ...]
