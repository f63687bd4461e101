"""The simulator's clock: set forwards, with an entry in the history, as everything that changes what counts."""

from collections.abc import Callable
from datetime import datetime, timedelta

from accessmgr.usecases.world import World

ADVANCED = "clock.advanced"
FURTHEST = timedelta(days=3660)
"""How far the clock can be set forwards at once: it never goes back, so a typing error should not cost a century."""


class NotAhead(ValueError):
    """The moment is not ahead of the clock, or too far ahead."""


def advance(world: World, set_clock: Callable[[datetime], None], to: datetime) -> int:
    """Set the clock forwards to a moment, and give the sequence of the entry that tells it.

    :raise NotAhead: the clock shows a later moment already, or one more than ten years before
    """
    before = world.clock.now()
    if not before < to <= before + FURTHEST:
        raise NotAhead("the clock goes forwards only, and at most ten years at once")
    with world.store.writing() as tx:
        sequence = tx.append(ADVANCED, to, data={"from": before, "to": to})
    try:
        set_clock(to)
    except ValueError as fault:
        raise NotAhead(str(fault)) from fault
    return sequence
