"""Two times, as promises: what was decided then follows from what was known then, whatever comes to be known later."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessmgr.core.actions import Action
from accessmgr.core.days import moment
from accessmgr.core.ledger.note import VerifierKey
from accessmgr.core.model import Key
from accessmgr.scenarios.databases import Databases, databases, in_memory
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import play
from accessmgr.scenarios.world import Stage, build
from accessmgr.store.redeciding import ask_of, is_whole
from accessmgr.store.store import Store
from accessmgr.store.verification import verify_database
from accessmgr.usecases import register
from accessmgr.usecases.perform import consider, perform
from accessmgr.usecases.world import Policy, Unknown, World
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault, is_signature
from tests.builders import NOW, SECOND, a_right, an_ask
from tests.random_worlds import random_document
from tests.usecases.stage import a_stage

STEPS = 60
TICK = timedelta(microseconds=1)
LONG_DEAD = date(1950, 1, 1)
SEEDS = st.integers(0, 10**6)

Outcome = tuple[bool, list[str]]


class TickingClock:
    """A clock that never shows one moment twice, wherever it is set, so that a moment tells one size of the history."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    @property
    def moment(self) -> datetime:
        """The moment that it showed last."""
        return self._moment

    @moment.setter
    def moment(self, to: datetime) -> None:
        self._moment = max(self._moment, to)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        self._moment += TICK
        return self._moment


@contextmanager
def after(seed: int, new_database: Databases = in_memory) -> Iterator[Stage]:
    """A random world, after everything that an author made up for it has happened."""
    document = random_document(seed, STEPS)
    document["steps"] = [step for step in document["steps"] if "known_at" not in step]  # they rest on equal moments
    scenario = read_bytes(json.dumps(document).encode(), f"seed {seed}")
    with new_database() as engine:
        built = build(scenario, engine, Vault(KeyRing.fresh()))
        clock = TickingClock(scenario.at)
        stage = replace(built, world=replace(built.world, clock=clock), clock=clock)
        play(scenario, stage)
        yield stage


def decided(stage: Stage) -> list[dict[str, Any]]:
    """The entries about decisions that tell all that was asked."""
    with stage.world.store.reading() as look:
        entries = [json.loads(row.leaf) for row in look.lists.entries(limit=10_000)]
    return [entry for entry in entries if entry["decision"] and is_whole(entry["decision"]["asked"])]


def told(entries: list[dict[str, Any]]) -> list[Outcome]:
    return [(entry["decision"]["allowed"], entry["decision"]["because"]) for entry in entries]


def as_known_then(world: World, entries: list[dict[str, Any]]) -> list[Outcome]:
    """What the same questions come to about their moments, as known just before each."""
    return [outcome(world, entry, known_at=moment(entry["recorded_at"]) - TICK) for entry in entries]


def as_known_now(world: World, entries: list[dict[str, Any]]) -> list[Outcome]:
    """What the same questions come to about their moments, as known now."""
    return [outcome(world, entry) for entry in entries]


def outcome(world: World, entry: dict[str, Any], known_at: datetime | None = None) -> Outcome:
    decision = consider(world, ask_of(entry), on=moment(entry["recorded_at"]), known_at=known_at).decision
    return decision.allowed, list(decision.because)


def correct(stage: Stage) -> None:
    """Late corrections: everybody died long ago, and every other enterprise ended then or is not answered about."""
    for person in stage.persons.values():
        register.record_death(stage.world, person, LONG_DEAD)
    for place, enterprise in enumerate(stage.enterprises.values()):
        change = (register.close_enterprise, LONG_DEAD) if place % 2 else (register.fall_silent,)
        change[0](stage.world, enterprise, *change[1:])


def under(stage: Stage, policy: Policy) -> World:
    """The same database, under another policy from now on."""
    store = stage.world.store
    assert isinstance(store, Store)
    return World(Store(store.engine, store.vault, policy), stage.clock, policy)


def verdict(stage: Stage) -> str:
    store = stage.world.store
    assert isinstance(store, Store)
    key = VerifierKey.parse(store.verifier_key())
    with store.reading() as look:
        found = verify_database(look, is_signature, key=key)
    return f"{found.kind} {found.because}"


def check_all(seed: int, new_database: Databases = in_memory) -> None:
    """Each promise of this module, about one random world."""
    with after(seed, new_database) as stage:
        entries = decided(stage)
        before = told(entries)
        assert as_known_then(stage.world, entries) == before
        correct(stage)
        assert as_known_then(stage.world, entries) == before
        policy = replace(stage.world.policy, rights={}, applications={}, four_eyes=not stage.world.policy.four_eyes)
        assert as_known_then(under(stage, policy), entries) == before
        assert verdict(stage).startswith("VALID ")


@settings(max_examples=12)
@given(SEEDS)
def test_asked_as_known_at_its_moment_a_decision_comes_out_again_whatever_came_after(seed: int) -> None:
    check_all(seed)


def test_a_decision_comes_out_again_on_postgresql_too(postgres_url: str) -> None:
    with databases(postgres_url) as new_database:
        check_all(1, new_database)


@settings(max_examples=8)
@given(SEEDS)
def test_corrections_change_what_is_known_now_and_not_what_was_known_then(seed: int) -> None:
    with after(seed) as stage:
        allowed = [entry for entry in decided(stage) if entry["decision"]["allowed"]]
        correct(stage)
        assert [one for one, _ in as_known_then(stage.world, allowed)] == [True] * len(allowed)
        assert [one for one, _ in as_known_now(stage.world, allowed)] == [False] * len(allowed)


def test_the_policy_counts_from_the_first_decision_that_was_made_by_it(stage_url: str) -> None:
    with a_stage(stage_url) as stage:
        stage.perform(Action.REVEAL_NUMBER)
        first = stage.store.policy
        second = replace(first, rights={"energy_audit": first.rights["energy_audit"]})
        world = World(Store(stage.store.engine, stage.store.vault, second), stage.clock, second)
        grant = an_ask(Action.GRANT_RIGHT, contexts=("12.345",))
        assert consider(world, grant, known_at=NOW).decision.because == ("GRANT-1",)
        with pytest.raises(Unknown, match=r"^right$"):
            consider(world, grant)
        stage.clock.moment = NOW + SECOND
        perform(world, an_ask(Action.REVEAL_NUMBER))
        assert consider(world, grant, known_at=NOW - SECOND).decision.because == ("GRANT-1",)
        assert consider(world, grant, known_at=NOW).decision.because == ("GRANT-1",)
        with pytest.raises(Unknown, match=r"^right$"):
            consider(stage.world, grant, known_at=NOW + SECOND)
        assert consider(stage.world, grant).decision.because == ("GRANT-1",)


def test_a_policy_is_told_by_its_content_without_how_often_people_may_look_up() -> None:
    policy = Policy({"energy_audit": a_right(code="energy_audit")}, {"één": frozenset({Key.EID})}, four_eyes=True)
    assert Policy.of_content(policy.content) == replace(policy, lookups_per_hour=10)
    assert replace(policy, lookups_per_hour=None).digest == policy.digest
    others = (replace(policy, four_eyes=False), replace(policy, applications={}), replace(policy, rights={}))
    assert len({policy.digest, *(other.digest for other in others)}) == 4


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rights":[],"applications":[]}', ' {"four_eyes":true}'])
def test_what_is_no_policy_is_not_read_as_one(content: str) -> None:
    with pytest.raises(ValueError, match=r"no policy|Expecting"):
        Policy.of_content(content)
