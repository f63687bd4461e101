"""The simulated world for programs: its clock, changes in its register, and its start. In simulation only, no token."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import Field

from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part, Writes
from accessmgr.api.schemas import Day, Enterprise, Id, Moment, MomentSent, Nothing, Sent, Told, Written
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode
from accessmgr.usecases import register
from accessmgr.usecases.simulator import NotAhead, advance
from accessmgr.usecases.world import Unknown, World

part = Part("simulator", "The simulated world: its clock, changes in its register, and its start. No token is needed.")


Value = TypeVar("Value")


class ClockTold(Told):
    """What the clock shows."""

    now: Moment


class ClockSet(Written):
    """What the clock shows, once it is set."""

    now: Moment


class ClockWish(Sent):
    """To which moment the clock is set forwards, or by how much."""

    to: MomentSent | None = None
    days: int | None = Field(None, ge=1, le=3660)
    seconds: int | None = Field(None, ge=1, le=86400)


class Change(StrEnum):
    """What happens in the register."""

    START_FUNCTION = "start_function"
    END_FUNCTION = "end_function"
    CLOSE_ENTERPRISE = "close_enterprise"
    SUSPEND_RECOGNITION = "suspend_recognition"
    END_RECOGNITION = "end_recognition"
    CLOSE_ESTABLISHMENT = "close_establishment"
    MOVE_ESTABLISHMENT = "move_establishment"
    RECORD_DEATH = "record_death"
    NO_ANSWER = "no_answer"
    ANSWERS = "answers"


class ChangeWish(Sent):
    """A change in the register; which of the other members it needs follows from it.

    `person` is an id, or in the demo world a short name as `ines`.
    """

    change: Change
    enterprise: Enterprise | None = None
    function: FunctionCode | None = None
    person: Id | None = None
    held_by: Enterprise | None = Field(None, description="The enterprise that holds the function, if one does")
    recognition: str | None = Field(None, pattern=r"^V[0-9]{5}$")
    establishment: str | None = Field(None, pattern=r"^[2-8][0-9]{9}$")
    first: Day | None = None
    last: Day | None = None


NEEDS: Mapping[Change, tuple[str, ...]] = {
    Change.START_FUNCTION: ("enterprise", "function", "first"),
    Change.END_FUNCTION: ("enterprise", "function", "person", "last"),
    Change.CLOSE_ENTERPRISE: ("enterprise", "last"),
    Change.SUSPEND_RECOGNITION: ("recognition", "first"),
    Change.END_RECOGNITION: ("recognition", "last"),
    Change.CLOSE_ESTABLISHMENT: ("establishment", "last"),
    Change.MOVE_ESTABLISHMENT: ("establishment", "enterprise", "first"),
    Change.RECORD_DEATH: ("person", "last"),
    Change.NO_ANSWER: ("enterprise",),
    Change.ANSWERS: ("enterprise",),
}
"""The members that each change needs."""


@part.get("/simulator/clock", None, example=Example())
def clock(call: Call) -> ClockTold:
    """What the clock of the simulated world shows."""
    return ClockTold(now=call.world.clock.now())


@part.post("/simulator/clock", None, writes=Writes.APART, example=Example({"days": 30}))
def set_clock(call: Call, body: ClockWish) -> ClockSet:
    """Set the clock forwards: to a moment, or by days or seconds. It never goes back."""
    wishes = [wish for wish in (body.to, body.days, body.seconds) if wish is not None]
    setting = call.api.set_clock
    if len(wishes) != 1 or setting is None:
        raise Problem(422, "one of `to`, `days` and `seconds` is needed", [Flaw("not one of the three")])
    by = timedelta(days=body.days or 0, seconds=body.seconds or 0)
    try:
        sequence = advance(call.world, setting, body.to or call.world.clock.now() + by)
    except NotAhead as wrong:
        raise Problem(
            422, "the clock goes forwards only, and at most ten years at once", [Flaw("not ahead")]
        ) from wrong
    return ClockSet(now=call.world.clock.now(), **_written(sequence))


@part.post(
    "/simulator/register",
    None,
    example=Example(
        {"change": "suspend_recognition", "recognition": "V99901", "first": "2026-04-01", "last": "2026-04-30"}
    ),
)
def push_change(call: Call, body: ChangeWish) -> Written:
    """Push a change into the register. What follows from it counts at once."""
    missing = [name for name in NEEDS[body.change] if getattr(body, name) is None]
    if missing:
        raise Problem(422, "the change needs more", [Flaw("is missing", f"/{name}") for name in missing])
    if body.first is not None and body.last is not None and body.last < body.first:
        raise Problem(422, "the last day lies before the first", [Flaw("lies before the first day", "/last")])
    return Written(**_written(PUSHES[body.change](call.world, _known(call, body))))


@part.post("/simulator/reset", None, writes=Writes.APART, example=Example({}))
def start_over(call: Call, body: Nothing) -> Written:
    """Let the demo world start over, all at once: with its first clock, new ids and another history.

    Registered applications stay; sessions and tokens end.
    """
    starting = call.api.start_over
    if starting is None:
        raise Unknown("world")
    return Written(**_written(starting() - 1))


def _known(call: Call, wish: ChangeWish) -> ChangeWish:
    """The wish with the id of its person.

    :raise Unknown: there is no such person or enterprise
    """
    with call.world.store.reading() as look:
        numbers = [number for number in (wish.enterprise, wish.held_by) if number is not None]
        if len(look.lists.target_groups(numbers)) < len(set(numbers)):
            raise Unknown("enterprise")
        if wish.person is None:
            return wish
        person = look.lists.personas().get(wish.person, wish.person)
        if person not in look.lists.names([person]):
            raise Unknown("person")
        return wish.model_copy(update={"person": person})


def _written(sequence: int) -> dict[str, Any]:
    return {"sequence": sequence, "token": str(sequence + 1)}


def _given(value: Value | None) -> Value:
    """A member that the change needs, and so has."""
    if value is None:
        raise TypeError("a member that is needed is missing")
    return value


def _start_function(world: World, wish: ChangeWish) -> int:
    period = Period(_given(wish.first), wish.last)
    enterprise, function = _given(wish.enterprise), _given(wish.function)
    return register.start_function(world, enterprise, function, period, person=wish.person, held_by=wish.held_by)


def _end_function(world: World, wish: ChangeWish) -> int:
    enterprise, function = _given(wish.enterprise), _given(wish.function)
    return register.end_function(world, enterprise, function, _given(wish.person), _given(wish.last))


def _move_establishment(world: World, wish: ChangeWish) -> int:
    number, enterprise = _given(wish.establishment), _given(wish.enterprise)
    return register.move_establishment(world, number, enterprise, _given(wish.first))


PUSHES: Mapping[Change, Callable[[World, ChangeWish], int]] = {
    Change.START_FUNCTION: _start_function,
    Change.END_FUNCTION: _end_function,
    Change.CLOSE_ENTERPRISE: lambda world, wish: register.close_enterprise(
        world, _given(wish.enterprise), _given(wish.last)
    ),
    Change.SUSPEND_RECOGNITION: lambda world, wish: register.suspend_recognition(
        world, _given(wish.recognition), _given(wish.first), wish.last
    ),
    Change.END_RECOGNITION: lambda world, wish: register.end_recognition(
        world, _given(wish.recognition), _given(wish.last)
    ),
    Change.CLOSE_ESTABLISHMENT: lambda world, wish: register.close_establishment(
        world, _given(wish.establishment), _given(wish.last)
    ),
    Change.MOVE_ESTABLISHMENT: _move_establishment,
    Change.RECORD_DEATH: lambda world, wish: register.record_death(world, _given(wish.person), _given(wish.last)),
    Change.NO_ANSWER: lambda world, wish: register.fall_silent(world, _given(wish.enterprise)),
    Change.ANSWERS: lambda world, wish: register.answer_again(world, _given(wish.enterprise)),
}
"""What pushes each change, and gives the sequence of its entry."""
