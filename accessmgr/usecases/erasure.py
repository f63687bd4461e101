"""Erasing people: an operator's act, which no rule decides. What is personal goes; ids, periods and entries stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accessmgr.core.days import day_of
from accessmgr.usecases.world import Look, World, Writing

ERASED = "person.erased"
BEFORE_ALL = 1000
"""A year from before anybody was tied to anything, for a retention that never ends."""


class Tie(StrEnum):
    """What makes a person somebody here: whoever has one is not erased."""

    APPOINTMENT = "an active appointment"
    OFFER = "an offer of a role"
    WORK_RELATION = "a work relation"
    GRANT = "a right"
    REQUEST = "a request for a right"
    FUNCTION = "a function in the register"
    AUDITOR = "the assignment as auditor"


class NotErased(Exception):
    """Nothing was destroyed, for a reason that it tells."""


@dataclass(frozen=True)
class Erasure:
    """What an erasure destroys, in rows of each kind; `sequence` is its entry, None if it was not done."""

    person: str
    destroyed: Mapping[str, int]
    sequence: int | None = None


def would_erase(world: World, person: str) -> Erasure:
    """What an erasure would destroy, without doing it.

    :raise NotErased: the person is still somebody here, or erased already
    """
    with world.store.reading() as look:
        return _examined(world, look, person)


def erase(world: World, person: str, reason: str) -> Erasure:
    """Destroy what is personal of a person, with an entry in the history that tells it; all or nothing.

    :param reason: in words, kept sealed for the operators; an entry has no free text
    :raise NotErased: the person is still somebody here, or erased already
    """
    with world.store.writing() as tx:
        return _erased(world, tx, person, reason)


def expired(world: World, years: int) -> list[str]:
    """The ids of the people whose last tie ended, and about whom nothing was recorded, for longer than so many years.

    The last day of a tie, or that of an entry, counts whole: after ten years from 3 May, it is over on 4 May.
    """
    with world.store.reading() as look:
        return look.expired(kept_since(world, years))


def erase_expired(world: World, years: int, reason: str) -> list[Erasure]:
    """Erase everybody whom the retention lets go, each in a transaction and with an entry of their own."""
    done = []
    for person in expired(world, years):
        with world.store.writing() as tx:
            if tx.expired(kept_since(world, years), person):
                done.append(_erased(world, tx, person, reason))
    return done


def kept_since(world: World, years: int) -> date:
    """The first day of the retention: what ended before it is over. 29 February becomes 28 February."""
    today = day_of(world.clock.now())
    year = max(today.year - years, BEFORE_ALL)
    try:
        return today.replace(year=year)
    except ValueError:
        return today.replace(year=year, day=28)


def _examined(world: World, look: Look, person: str) -> Erasure:
    now = world.clock.now()
    ties = look.ties(person, day_of(now), now)
    if ties:
        raise NotErased(f"`{person}` is still somebody here, with {', '.join(ties)}: end that first")
    named = look.lists.names([person])[person]
    if not (named.given or named.family):
        raise NotErased(f"`{person}` is erased already")
    return Erasure(person, look.held_of(person))


def _erased(world: World, tx: Writing, person: str, reason: str) -> Erasure:
    destroyed = _examined(world, tx, person).destroyed
    tx.destroy(person)
    tx.keep_note("system", reason)
    data = {"person": person, "destroyed": destroyed}
    return Erasure(person, destroyed, tx.append(ERASED, world.clock.now(), data=data, subjects=[person]))
