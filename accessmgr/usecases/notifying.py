"""Following the history for notices, and sending their letters: what a thread of the server does all along."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accessmgr.core.days import day_of
from accessmgr.core.events import What
from accessmgr.usecases.contacts import contact_of
from accessmgr.usecases.notices import Notice, Notices, Posted, Reached, Stage, ending, notices_of
from accessmgr.usecases.review_notices import of_review, waiting
from accessmgr.usecases.reviews import Reviews, close_due
from accessmgr.usecases.world import Look, World

LOOKS_EVERY = 1.0
"""Seconds between two looks."""
AT_ONCE = 500
"""How many entries are followed, and how many letters sent, in one go."""
MOST_TRIES = 40
"""After so many, about a day and a half, a letter is given up; the notice stays on the person's page."""
QUIET = frozenset({What.PERSON_SIGNED_IN, What.AREA_ENTERED, What.NUMBER_REVEALED, What.ACTION_REFUSED})
"""Types of entries of which nobody is told: most of a history."""

logger = logging.getLogger(__name__)


class NotTaken(Exception):
    """The letter could not be handed over; it is tried again."""


@dataclass(frozen=True)
class Letter:
    """A notice as an e-mail: `id` makes it known as the same however often it is handed over."""

    id: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Notifier:
    """Makes notices and sends their letters, and closes the reviews that are over.

    :param write: the letter of a notice to an address, in the language of its person
    :param hand_over: gives a letter to the post; NotTaken is raised if it is not taken
    :param now: the real clock
    """

    world: World
    notices: Notices
    write: Callable[[Notice, str], Letter]
    hand_over: Callable[[Letter], None]
    now: Callable[[], datetime]
    reviews: Reviews

    def close_reviews(self) -> int:
        """Close the reviews whose last day is over, and give how many were: what nobody confirmed may end."""
        return close_due(self.world, self.reviews)

    def follow(self) -> None:
        """Make the notices of what was recorded since the last time, and of what ends since another day began."""
        before = self.notices.reached()
        if before is None:  # of what was before the first time nobody is told
            with self.world.store.reading() as look:
                first = Reached(look.size() - 1, day_of(self.world.clock.now()))
            return self.notices.begin(first)
        while True:
            with self.world.store.reading() as look:
                after, made = self._next(look, before)
                is_all = after.seen == look.size() - 1
            if after == before or not self.notices.follow(before, after, made, self.now()) or is_all:
                return None
            before = after

    def send(self) -> dict[Stage, int]:
        """Try every letter that is due, and count what came of them."""
        counts = dict.fromkeys(Stage, 0)
        for posted in self.notices.take(self.now(), AT_ONCE):
            stage, fault = self._try(posted)
            self.notices.note(posted.notice.id, stage, fault)
            counts[stage] += 1
        return counts

    def start(self) -> None:
        """Go on doing both, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="notices", daemon=True).start()

    def _next(self, look: Look, before: Reached) -> tuple[Reached, list[Notice]]:
        at, size = self.world.clock.now(), look.size()
        rows = look.lists.entries_after(before.seen, before=size, without=QUIET, limit=AT_ONCE)
        read = [json.loads(row.leaf) for row in rows]
        made = [notice for entry in read for notice in notices_of(look, self.world, entry)]
        made += [notice for entry in read for notice in of_review(look, self.world, self.reviews, entry)]
        today = max(before.day, day_of(at))
        if today > before.day:
            made += ending(look, before.day, today, at)
            made += waiting(look, self.world, self.reviews, before.day, today)
        return Reached(rows[-1].sequence if len(rows) == AT_ONCE else size - 1, today), made

    def _try(self, posted: Posted) -> tuple[Stage, str | None]:
        with self.world.store.reading() as look:
            contact = contact_of(look, posted.notice.person)
        if contact is None or not contact.email:
            return Stage.NO_ADDRESS, None
        try:
            self.hand_over(self.write(posted.notice, contact.email))
        except NotTaken as fault:
            logger.warning("a letter was not taken: %s", fault)
            return Stage.GIVEN_UP if posted.tries + 1 >= MOST_TRIES else Stage.WAITING, str(fault)
        return Stage.SENT, None

    def _run(self) -> None:
        while True:
            try:
                self.close_reviews()
                self.follow()
                self.send()
            except Exception as fault:  # whatever it is, the next round tries again; nothing is lost meanwhile
                logger.warning("notices wait: %s", type(fault).__name__)
            time.sleep(LOOKS_EVERY)
