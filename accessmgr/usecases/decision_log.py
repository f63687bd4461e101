"""Decisions that are only asked about: each is answered once its line waits in a log, which is written in batches.

A line names person, action, enterprise, known contexts, rules, grant, the appointments that lead to it, the extract of
the register, the moment asked about and what was known, and the size of the history at which it was decided.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from accessmgr.core.actions import Action, Ask
from accessmgr.core.asked import asked
from accessmgr.core.chain import foundations
from accessmgr.core.events import plain
from accessmgr.core.ledger import canonical
from accessmgr.core.model import Appointment
from accessmgr.usecases.perform import Done, Identity, consider_in
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Look, World

AT_ONCE = 1000
"""A batch is written when so many decisions wait."""

WITHIN = 5.0
"""And so many seconds after the last batch, if any decision waits."""

MOST = 5000
"""So many decisions may wait; what is asked beyond them is not answered."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Basis:
    """What was read beside the facts, so that whoever explains the decision need not read it again.

    `token` is the size of the history, `extract` the entry of the newest extract of the register; `appointments` are
    those of the enterprise, past ones too where the decision is about entering.
    """

    token: int
    extract: int | None
    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision that was only asked about: its line, when it was asked, and the person and enterprise in it."""

    line: bytes
    at: datetime
    subjects: frozenset[str]
    basis: Basis


class DecisionLog:
    """Decisions that wait to be written, from any number of threads.

    While it runs, a thread of its own writes them, `within` seconds after the last batch or as soon as `at_once` of
    them wait. If it does not run, whoever adds the last of `at_once` writes, outside any look.
    """

    def __init__(self, world: World, *, at_once: int = AT_ONCE, within: float = WITHIN, most: int = MOST) -> None:
        self._world = world
        self._at_once, self._within, self._most = at_once, within, most
        self._waiting: list[Asked] = []
        self._adding, self._writing = threading.Lock(), threading.Lock()
        self._wake, self._ends = threading.Event(), False
        self._failed = False
        self._thread: threading.Thread | None = None

    def add(self, *decisions: Asked) -> None:
        """Let decisions wait to be written; they may be told once this returns.

        :raise Unrecorded: the log cannot be written, or too many wait: then the decision must not be told
        """
        runs = self._thread is not None
        if self._failed and not runs:
            self.flush()
        with self._adding:
            if self._failed or len(self._waiting) + len(decisions) > self._most:
                raise Unrecorded("the decision log cannot be written")
            self._waiting += decisions
            is_enough = len(self._waiting) >= self._at_once
        if is_enough and runs:
            self._wake.set()
        elif is_enough:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as one batch.

        :raise Unrecorded: it cannot be written, and goes on waiting
        """
        with self._writing:
            with self._adding:
                batch = tuple(self._waiting)
            if not batch:
                return
            try:
                with self._world.store.writing() as tx:
                    tx.record_asked(
                        [one.line for one in batch],
                        self._world.clock.now(),
                        first=min(one.at for one in batch),
                        last=max(one.at for one in batch),
                        subjects=frozenset[str]().union(*(one.subjects for one in batch)),
                    )
            except Exception:
                self._failed = True
                raise
            with self._adding:
                del self._waiting[: len(batch)]
                self._failed = False

    def start(self) -> None:
        """Let a thread write from now on."""
        self._thread = threading.Thread(target=self._run, name="decision log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits, and let the thread end.

        :raise Unrecorded: it cannot be written
        """
        if self._thread is not None:
            self._ends = True
            self._wake.set()
            self._thread.join()
            self._thread = None
        self.flush()

    def _run(self) -> None:
        while not self._ends:
            self._wake.wait(self._within)
            self._wake.clear()
            try:
                self.flush()
            except Exception as fault:  # whatever it is, the next round tries again, and until then nothing is told
                logger.error("the decision log cannot be written: %s", type(fault).__name__)


def ask_about(
    world: World,
    log: DecisionLog,
    ask: Ask,
    *,
    identity: Identity | None = None,
    on: datetime | None = None,
    known_at: datetime | None = None,
    client: str | None = None,
) -> Done:
    """As `consider`, and what was decided goes to the decision log, with the id of the application that asked.

    :raise Unknown: the question names something that does not exist, or was not known then
    :raise Unrecorded: the log cannot be written
    """
    with world.store.reading() as look:
        done, line = ask_in(world, look, ask, identity=identity, on=on, known_at=known_at, client=client)
    log.add(line)
    return done


def ask_in(
    world: World,
    look: Look,
    ask: Ask,
    *,
    identity: Identity | None = None,
    on: datetime | None = None,
    known_at: datetime | None = None,
    client: str | None = None,
) -> tuple[Done, Asked]:
    """Decide within a look that is open already; the second is for the log, once the look is closed."""
    done = consider_in(world, look, ask, identity=identity, on=on, known_at=known_at)
    known = None if known_at is None else look.size_at(known_at)
    return done, line_of(world, done, basis_of(look, done, known), on=on, known=known, client=client)


def line_of(
    world: World,
    done: Done,
    basis: Basis,
    *,
    on: datetime | None = None,
    known: int | None = None,
    client: str | None = None,
) -> Asked:
    """What the log keeps of a decision about a moment, as known at a size of the history, asked by an application."""
    return _asked(done, done.facts.at if on is None else world.clock.now(), known, basis, client)


def basis_of(look: Look, done: Done, known: int | None = None) -> Basis:
    """What a decision rests on beside its facts, as known at a size of the history (None: now)."""
    facts, appointments = done.facts, done.facts.appointments
    if done.decision.action is Action.ENTER_SECURE_AREA and facts.enterprise is not None:
        appointments = tuple(look.lists_at(known).appointments(enterprise=facts.enterprise))
    return Basis(look.size(), look.last_import(known), appointments)


def _asked(done: Done, asked_at: datetime, known: int | None, basis: Basis, client: str | None) -> Asked:
    facts, decision = done.facts, done.decision
    grant, line = foundations(facts, basis.appointments)
    told = {
        "action": decision.action,
        "allowed": decision.allowed,
        "because": decision.because,
        "asked": asked(facts),
        "person": facts.actor.id,
        "enterprise": facts.enterprise,
        "grant": grant.id if grant else None,
        "appointments": [one.id for one in line],
        "register": basis.extract,
        "at": facts.at,
        "asked_at": asked_at,
        "client": client,
        "known": known,
        "token": basis.token,
    }
    subjects = frozenset(filter(None, (facts.actor.id, facts.enterprise)))
    return Asked(canonical(plain(told)), asked_at, subjects, basis)
