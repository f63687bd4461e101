"""What operators count: entries, decisions, refusals by rule, sign-ins; followed from the history, so that it adds up.

Each entry is counted once, whichever process does it and however often one is killed; so every process of every machine
tells the same totals, and none begins anew.
"""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from accessmgr.core.actions import Action
from accessmgr.usecases.world import World

LOOKS_EVERY = 2.0
"""Seconds between two looks."""
AT_ONCE = 1_000
"""How many entries are counted in one transaction."""

ASKED = "decisions.asked"
"""The type of the entries that hold a batch of decisions that were only asked about."""

logger = logging.getLogger(__name__)


class Counted(StrEnum):
    """What is counted, with what tells one count of it from another."""

    ENTRIES = "entries"
    """By type."""
    DECISIONS = "decisions"
    """Those on record, by action and outcome."""
    REFUSALS = "refusals"
    """By rule: a refusal counts for each rule that it is because of."""
    SIGN_INS = "sign_ins"
    """By digital key and outcome."""
    ASKED = "asked"
    """Decisions that were only asked about, without anything being done."""


Label = tuple[str, str]
Totals = Mapping[tuple[Counted, Label], int]
NO_LABEL = ("", "")


@dataclass(frozen=True)
class Standing:
    """How things stand now.

    :param entries: how many the history has; the first `signed` of them are under a checkpoint
    :param extract: the number of the last extract of the register, which shows the day `snapshot`
    :param waiting: how much waits to be sent, by queue
    """

    entries: int
    signed: int
    extract: int | None
    snapshot: date | None
    waiting: Mapping[str, int]


class Counts(Protocol):
    """Where totals are kept."""

    def reached(self) -> int:
        """How many entries of the history are counted."""

    def add(self, before: int, after: int, totals: Totals) -> bool:
        """Note how many entries are counted now, with what they add; False if somebody else counted them."""

    def totals(self) -> Totals:
        """Everything counted so far."""

    def standing(self) -> Standing:
        """How long the history is, what was imported last, and what waits."""


def counted(entry: Mapping[str, Any]) -> dict[tuple[Counted, Label], int]:
    """What an entry adds to the totals."""
    adds = {(Counted.ENTRIES, (entry["type"], "")): 1}
    if entry["type"] == ASKED:
        adds[Counted.ASKED, NO_LABEL] = entry["data"]["count"]
    decision = entry["decision"]
    if decision:
        outcome = "allowed" if decision["allowed"] else "refused"
        adds[Counted.DECISIONS, (decision["action"], outcome)] = 1
        if not decision["allowed"]:
            adds |= {(Counted.REFUSALS, (rule, "")): 1 for rule in decision["because"]}
        if decision["action"] == Action.SIGN_IN:
            adds[Counted.SIGN_INS, (decision["asked"].get("key", ""), outcome)] = 1
    return adds


@dataclass(frozen=True)
class Counting:
    """Counts the entries of a history."""

    world: World
    counts: Counts

    def follow(self) -> None:
        """Count every entry that is not counted yet."""
        while True:
            before = self.counts.reached()
            with self.world.store.reading() as look:
                size = look.size()
                rows = look.lists.entries_after(before - 1, before=size, without=(), limit=AT_ONCE)
            totals: Counter[tuple[Counted, Label]] = Counter()
            for row in rows:
                totals.update(counted(json.loads(row.leaf)))
            if not rows or not self.counts.add(before, before + len(rows), totals):
                return

    def start(self) -> None:
        """Go on counting, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="counting", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self.follow()
            except Exception as fault:  # whatever it is, the next round tries again; nothing is lost meanwhile
                logger.warning("counting waits: %s", type(fault).__name__)
            time.sleep(LOOKS_EVERY)
