"""Changes in the register outside of an import: what the simulator and scenarios push, one entry each."""

from datetime import date
from typing import Any

from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode
from accessmgr.usecases.perform import new_id
from accessmgr.usecases.world import Unknown, World, Writing

CHANGED = "register.changed"


def start_function(
    world: World,
    enterprise: str,
    code: FunctionCode,
    period: Period,
    *,
    person: str | None = None,
    held_by: str | None = None,
) -> int:
    """Begin a function, held by a person, or by an enterprise with `person` as its permanent representative."""
    with world.store.writing() as tx:
        tx.add_fact(
            "function",
            id=new_id(),
            enterprise=enterprise,
            code=str(code),
            holder=person,
            held_by=held_by,
            first=period.first,
            last=period.last,
        )
        data = {"change": "start_function", "code": code, "person": person, "held_by": held_by, "period": period}
        return _entry(world, tx, data, enterprise, person)


def end_function(world: World, enterprise: str, code: FunctionCode, person: str, until: date) -> int:
    """Give the functions of that code that the person holds on the day `until` that day as their end.

    :raise Unknown: there is no such function
    """
    with world.store.writing() as tx:
        held = tx.functions_held(enterprise, str(code), person, until)
        if not held:
            raise Unknown("function")
        for function in held:
            tx.change_fact("function", function, last=until)
        data = {"change": "end_function", "code": code, "person": person, "until": until}
        return _entry(world, tx, data, enterprise, person)


def close_enterprise(world: World, enterprise: str, until: date) -> int:
    """End the period of an enterprise."""
    with world.store.writing() as tx:
        tx.change_fact("enterprise", enterprise, last=until)
        return _entry(world, tx, {"change": "close_enterprise", "until": until}, enterprise)


def end_recognition(world: World, number: str, until: date) -> int:
    """End a recognition."""
    with world.store.writing() as tx:
        tx.change_fact("recognition", number, last=until)
        data = {"change": "end_recognition", "recognition": number, "until": until}
        return _entry(world, tx, data, tx.owner_of("recognition", number))


def suspend_recognition(world: World, number: str, since: date, until: date | None) -> int:
    """Suspend a recognition for a period; suspensions add up."""
    with world.store.writing() as tx:
        owner = tx.owner_of("recognition", number)
        tx.add_fact("suspension", id=new_id(), recognition=number, first=since, last=until)
        data = {"change": "suspend_recognition", "recognition": number, "since": since, "until": until}
        return _entry(world, tx, data, owner)


def close_establishment(world: World, number: str, until: date) -> int:
    """End the period of an establishment unit."""
    with world.store.writing() as tx:
        tx.change_fact("establishment", number, last=until)
        data = {"change": "close_establishment", "establishment": number, "until": until}
        return _entry(world, tx, data, tx.owner_of("establishment", number))


def move_establishment(world: World, number: str, to: str, since: date) -> int:
    """Let an establishment unit belong to another enterprise from a day on."""
    with world.store.writing() as tx:
        owner = tx.owner_of("establishment", number)
        tx.add_fact("establishment_move", establishment=number, enterprise=to, since=since)
        data = {"change": "move_establishment", "establishment": number, "to": to, "since": since}
        return _entry(world, tx, data, owner, to)


def record_death(world: World, person: str, on: date) -> int:
    """Record the day on which a person died; a second time replaces the day."""
    with world.store.writing() as tx:
        try:
            tx.change_fact("death", person, day=on)
        except Unknown:
            tx.add_fact("death", id=person, day=on)
        return _entry(world, tx, {"change": "record_death", "person": person, "on": on}, None, person)


def fall_silent(world: World, enterprise: str) -> int:
    """From now on the register has no answer about the enterprise."""
    with world.store.writing() as tx:
        if not tx.is_silent(enterprise):
            tx.add_fact("silence", id=enterprise)
        return _entry(world, tx, {"change": "no_answer"}, enterprise)


def answer_again(world: World, enterprise: str) -> int:
    """From now on the register answers about the enterprise again."""
    with world.store.writing() as tx:
        if tx.is_silent(enterprise):
            tx.end_fact("silence", enterprise)
        return _entry(world, tx, {"change": "answers"}, enterprise)


def _entry(world: World, tx: Writing, data: dict[str, Any], enterprise: str | None, *others: str | None) -> int:
    subjects = [subject for subject in (enterprise, *others) if subject]
    return tx.append(CHANGED, world.clock.now(), data={**data, "enterprise": enterprise}, subjects=subjects)
