"""What bodies, queries and answers share: ids, numbers, days and moments, pages, and what a write tells."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from accessmgr.api.endpoints import ID
from accessmgr.core import days
from accessmgr.core.numbers import EnterpriseNumber, NationalNumber
from accessmgr.usecases.perform import Done

Item = TypeVar("Item")
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)

MOMENT = r"^(19|2[0-9])[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?(Z|[+-][01][0-9]:[0-5][0-9])?$"


def _enterprise(text: str) -> str:
    return EnterpriseNumber.parse(text).digits


def _national(text: str) -> str:
    return NationalNumber.parse(text).digits


def _sane(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise ValueError("the day is not from 1900 to 2999")
    return day


def _moment(text: object) -> datetime:
    try:
        found = days.moment(text if isinstance(text, str) else "")
    except ValueError:
        raise ValueError("not a moment that the clock in Brussels ever showed") from None  # without what was sent
    _sane(found.date())
    return found


Id = Annotated[str, StringConstraints(pattern=ID)]
Enterprise = Annotated[
    str,
    StringConstraints(pattern=r"^[01][0-9]{3}\.?[0-9]{3}\.?[0-9]{3}$"),
    AfterValidator(_enterprise),
    Field(description="Enterprise number: ten digits, with or without dots"),
]
NationalNumberText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9][0-9. -]{9,18}[0-9]$"),
    AfterValidator(_national),
    Field(description="National register number or BIS number, with or without dots and dashes"),
]
Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]
Words = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]{1,2000}$"),
    Field(description="A reason or purpose in words; it is kept sealed"),
]
Context = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{1,60}$")]
Contexts = Annotated[list[Context], Field(min_length=1, max_length=50)]
RightCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,60}$")]
Day = Annotated[date, AfterValidator(_sane), Field(description="A day in Brussels")]
MomentSent = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": MOMENT}),
    Field(description="A moment in Brussels, or with an offset from UTC: `2026-05-03T12:00`"),
]
Moment = Annotated[
    datetime, PlainSerializer(days.rfc3339, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


class Sent(BaseModel):
    """What a caller sends: no member that is not known."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Sent):
    """A body without members."""


class PageQuery(Sent):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=200, description="How many items the page has at most")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before, with the same parameters")


class Page(Told, Generic[Item]):
    """A page of a list; `next` leads to the next one, and is absent on the last."""

    items: list[Item]
    next: str | None = None


class PeriodSent(Sent):
    """Days from the first to the last, both included."""

    first: Day
    last: Day | None = None

    def period(self) -> days.Period:
        """As the rules take it."""
        return days.Period(self.first, self.last)


class PeriodTold(Told):
    """Days from the first to the last, both included; without a last one it goes on."""

    first: date
    last: date | None = None

    @classmethod
    def of(cls, period: days.Period) -> "PeriodTold":
        """As it is told."""
        return cls(first=period.first, last=period.last)


class Thing(Told):
    """Something that changes; `version` is the sequence of the entry that last changed it, and its ETag."""

    id: Id
    version: int = Field(description="The sequence of the entry that last changed it; -1 if it was always known")


class Written(Told):
    """What every write tells: the entry that it made, and the size of the history with it."""

    sequence: int = Field(description="The sequence of the entry of the history that this made")
    token: str = Field(description="The size of the history with it: whoever asks for a state from then on names it")

    @property
    def version(self) -> int:
        """The version that this gave to what was changed."""
        return self.sequence


def written(done: Done) -> dict[str, Any]:
    """The members of `Written`."""
    sequence = done.sequence if done.sequence is not None else -1
    return {"sequence": sequence, "token": str(sequence + 1)}
