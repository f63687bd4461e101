"""What the drawing of a whole enterprise asks for: the span of days that it looks at, and groups of people.

Whether somebody may see it is decided by the catalogue before it is asked for; nothing here decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from accessmgr.core.days import day_of, start_of
from accessmgr.core.model import Register, TargetGroup

NEARBY = timedelta(days=30)
"""What ended no longer ago, or begins no later, is drawn too: as broken, with the day."""


@dataclass(frozen=True, slots=True)
class Span:
    """A moment, and the days around it whose work relations and grants are looked at."""

    at: datetime

    @property
    def day(self) -> date:
        """The day of the moment in Brussels."""
        return day_of(self.at)

    @property
    def since(self) -> date:
        """What ended before this day is left out."""
        return self.day - NEARBY

    @property
    def until(self) -> date:
        """What begins after this day is left out."""
        return self.day + NEARBY

    @property
    def since_moment(self) -> datetime:
        """What was revoked before this moment is left out."""
        return start_of(self.since)


class Group(NamedTuple):
    """People who are alike in all that a decision about entering for a right and a context looks at.

    `granted` is whether a grant is effective at the moment, `linked` whether there is a work relation on its day,
    `alive` whether the register records no death by then. Those who are linked and hold nothing have no right and no
    context.
    """

    right: str | None
    context: str
    granted: bool
    linked: bool
    alive: bool

    @classmethod
    def without_right(cls) -> "Group":
        """Those who are linked and hold no right."""
        return cls(None, "", False, True, True)

    @property
    def name(self) -> str:
        """The group as it stands in an address."""
        if self.right is None:
            return "linked"
        facts = "".join("y" if fact else "n" for fact in (self.granted, self.linked, self.alive))
        return f"{self.right}.{facts}.{self.context}"

    @classmethod
    def named(cls, text: str) -> "Group":
        """The group that an address names.

        :raise ValueError: it names none
        """
        if text == "linked":
            return cls.without_right()
        right, facts, context = (*text.split(".", 2), "", "")[:3]
        if not right or not context or len(facts) != 3 or not set(facts) <= {"y", "n"}:
            raise ValueError("the address names no group")
        granted, linked, alive = (fact == "y" for fact in facts)
        return cls(right, context, granted, linked, alive)


class Ties(NamedTuple):
    """How many grants of a right for a context somebody made."""

    right: str
    context: str
    by: str
    grants: int


class DrawnLists(Protocol):
    """The people of an enterprise around a day, within one look and as known at one size of the history."""

    def register(
        self, enterprise: str, establishments: Iterable[str] = ()
    ) -> tuple[Register | None, TargetGroup | None]:
        """What the register answers about an enterprise, and its target group; None where it has no answer.

        Of the establishment units only those named are in it.
        """

    def people_around(self, enterprise: str, span: Span, limit: int) -> list[str]:
        """The ids of the people who are linked to the enterprise or hold a right there around a day, at most so many.

        Which of them, if they are more, means nothing.
        """

    def groups_around(self, enterprise: str, span: Span) -> list[tuple[Group, int, str]]:
        """The groups that people form around a day, each with its size and the id of one of its people."""

    def makers_of_groups(self, enterprise: str, span: Span) -> list[Ties]:
        """Who made the rights of the groups: for each right, context and maker, how many grants there are."""

    def people_in_group(self, enterprise: str, span: Span, group: Group, after: str | None, limit: int) -> list[str]:
        """A page of the ids of the people of a group, by family name; `after` is the last of the page before."""

    def days_of_change(self, enterprise: str) -> tuple[list[date], list[datetime]]:
        """The days on which something of the enterprise begins or is over, and the latest moments of acts.

        The moments are those of roles taken and ended, and of rights revoked: at most five hundred of each.
        """
