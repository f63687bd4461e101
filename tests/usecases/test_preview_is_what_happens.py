"""What a preview says is what then happens: on random worlds, against single decisions before and after it is done."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period, day_of, start_of
from accessmgr.core.decide import Decision
from accessmgr.core.model import AppointmentState, Function, Grant, WorkRelation
from accessmgr.scenarios.databases import Databases, databases, in_memory
from accessmgr.scenarios.document import Scenario
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import play
from accessmgr.scenarios.world import Stage, build
from accessmgr.usecases import register
from accessmgr.usecases.hypothetical import (
    Change,
    Doing,
    EnterpriseEnds,
    FunctionEnds,
    PersonDies,
    RecognitionSuspended,
)
from accessmgr.usecases.perform import consider_in, perform
from accessmgr.usecases.shifts import Able
from accessmgr.usecases.what_if import Difference, what_if
from accessmgr.usecases.world import Look
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault
from tests.random_worlds import random_document

SEEDS, CHANGES, STEPS = range(32, 48), 3, 60
GIVES = {"grant_right", "approve_request"}
BY_ROLE = (
    Action.APPOINT_MAIN_ACCESS_MANAGER,
    Action.APPOINT_CO_MAIN_ACCESS_MANAGER,
    Action.APPOINT_ACCESS_MANAGER,
    Action.APPOINT_LOCAL_ADMINISTRATOR,
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR,
    Action.LINK_PERSON,
    Action.READ_HISTORY,
)
KINDS = sorted(
    [
        "EnterpriseEnds",
        "FunctionEnds",
        "PersonDies",
        "RecognitionSuspended",
        "accept_appointment",
        "end_appointment",
        "end_work_relation",
        "extend_grant",
        "revoke_grant",
    ]
)
NOBODY_CAN = {"REG-1", "REG-2", "PERSON-3"}

Seen = set[tuple[Able, date]]
"""Who is able to do what on which of the sampled days."""


@dataclass
class Observer:
    """Asks single questions about one enterprise of a random world, on some days."""

    stage: Stage
    number: str
    rng: Random
    days: list[date] = field(default_factory=list)

    @cached_property
    def today(self) -> date:
        return day_of(self.stage.clock.now())

    def choose_days(self, things: Iterable[Grant | WorkRelation | Function], *more: date) -> None:
        """Sample days: today, those around the ends of what there is, and some others."""
        ends = {day for each in things for day in around(each.period)} | set(more)
        others = {self.today + timedelta(days=self.rng.choice([1, 3, 30, 90, 400])) for _ in range(2)}
        ahead = sorted(day for day in ends | others if day > self.today)
        self.days = [self.today, *sorted(self.rng.sample(ahead, min(len(ahead), 9)))]

    def seen(self) -> Seen:
        """Everything that anybody is able to do, decided one by one."""
        with self.stage.world.store.reading() as look:
            asks = list(self.asks(look))
            return {(able, day) for able, ask in asks for day in self.days if self.is_able(look, ask, day)}

    def asks(self, look: Look) -> Iterator[tuple[Able, Ask]]:
        here: dict[str, Any] = {"enterprise": self.number, "level": 500}
        grants = look.lists.grants(enterprise=self.number)
        for person, right, context in {(each.holder, each.right, one) for each in grants for one in each.contexts}:
            action = Action.ENTER_SECURE_AREA
            ask = Ask(action=action, actor=person, right=right, contexts=(context,), **here)
            yield Able(person, action, right, context), ask
        for person in self.stage.persons.values():
            for action in BY_ROLE:
                yield Able(person, action), Ask(action=action, actor=person, **here)
            for right in self.stage.world.policy.rights:
                action = Action.GRANT_RIGHT
                yield Able(person, action, right), Ask(action=action, actor=person, right=right, **here)
        for offer in look.lists.appointments(enterprise=self.number):
            action, person = Action.ACCEPT_APPOINTMENT, offer.holder
            yield (
                Able(person, action, offer=offer.id),
                Ask(action=action, actor=person, appointment=offer.id, level=500),
            )

    def is_able(self, look: Look, ask: Ask, day: date) -> bool:
        on = self.stage.clock.now() if day == self.today else start_of(day)
        decision = consider_in(self.stage.world, look, ask, on=on).decision
        if ask.action in (Action.ENTER_SECURE_AREA, Action.ACCEPT_APPOINTMENT):
            return decision.allowed
        return decision.permitted and not holding(decision) & NOBODY_CAN


def around(period: Period) -> set[date]:
    days = {period.first, period.last or period.first}
    return {day + timedelta(days=1) for day in days if day < date(9999, 1, 1)} | days


def holding(decision: Decision) -> set[str]:
    return {finding.rule.id for finding in decision.findings if finding.holds}


def told(found: Difference, days: Iterable[date]) -> tuple[Seen, Seen]:
    """What a preview says is lost and is gained on some days."""
    days = list(days)
    lost = {(shift.able, day) for shift in found.shifts for day in days if any(p.has(day) for p in shift.lost)}
    gained = {(shift.able, day) for shift in found.shifts for day in days if any(p.has(day) for p in shift.gained)}
    return lost, gained


def some_changes(stage: Stage, number: str, rng: Random) -> Iterator[Change]:
    """Changes of the things that there are in an enterprise, most of which end something."""
    today = day_of(stage.clock.now())
    with stage.world.store.reading() as look:
        lists = look.lists
        grants, relations = lists.grants(enterprise=number), lists.work_relations(enterprise=number)
        appointments = lists.appointments(enterprise=number)
        functions = lists.functions_in([number])[number] or ()
        card = lists.enterprise_card(number, "nl")
    soon = today + timedelta(days=rng.choice([0, 0, 1, 7, 40]))
    actors = rng.sample(sorted(stage.persons.values()), len(stage.persons))
    asks = [Ask(action=Action.REVOKE_GRANT, actor="", level=500, grant=each.id) for each in grants]
    for last in (soon, today + timedelta(days=60)):
        asks += [Ask(action=Action.EXTEND_GRANT, actor="", level=500, grant=each.id, last_day=last) for each in grants]
    end = Action.END_WORK_RELATION
    asks += [Ask(action=end, actor="", level=500, relation=each.id, last_day=soon) for each in relations]
    for each in appointments:
        pending = each.state(stage.clock.now()) is AppointmentState.PENDING
        actions = (Action.END_APPOINTMENT, *([Action.ACCEPT_APPOINTMENT] if pending else []))
        asks += [
            Ask(action=action, actor="", level=500, appointment=each.id, without_successor=True) for action in actions
        ]
    for ask in asks:
        yield from allowed_to_somebody(stage, ask, actors)
    held = [each for each in functions if each.holder and each.period.has(soon)]
    yield from (FunctionEnds(each.code, each.holder, soon) for each in held if each.holder)
    yield from (PersonDies(each.person, soon) for each in relations)
    yield from (PersonDies(each.holder, soon) for each in held if each.holder)
    if card is not None:
        until = soon + timedelta(days=20)
        yield from (RecognitionSuspended(each.id, Period(soon, until)) for each in card.recognitions)
        yield EnterpriseEnds(soon)


def allowed_to_somebody(stage: Stage, ask: Ask, actors: Iterable[str]) -> Iterator[Change]:
    with stage.world.store.reading() as look:
        for actor in actors:
            mine = Ask(**{**{"action": ask.action, "actor": actor, "level": 500}, **_rest(ask)})
            if consider_in(stage.world, look, mine).decision.allowed:
                yield Doing(mine)
                return


def _rest(ask: Ask) -> dict[str, Any]:
    return {name: value for name, value in ask.given().items() if name != "level"}


def happen(stage: Stage, number: str, change: Change) -> None:
    """Let the change happen for keeps."""
    world = stage.world
    match change:
        case Doing(ask):
            perform(world, ask).or_refuse()
        case FunctionEnds(code, person, last_day):
            register.end_function(world, number, code, person, last_day)
        case EnterpriseEnds(last_day):
            register.close_enterprise(world, number, last_day)
        case RecognitionSuspended(recognition, period):
            register.suspend_recognition(world, recognition, period.first, period.last)
        case PersonDies(person, day):
            register.record_death(world, person, day)


def story(seed: int) -> Scenario | None:
    """A random story until the last time that somebody was given a right; None if nobody ever was."""
    document = random_document(seed, STEPS)
    steps = document["steps"]
    given = [at for at, step in enumerate(steps) if step.get("do") in GIVES and step["expect"] == "allowed"]
    if not given:
        return None
    document["steps"] = steps[: given[-1] + 1]
    return read_bytes(json.dumps(document).encode(), f"seed {seed}")


def previewed(seed: int, new_database: Databases, seen: Counter[str]) -> Iterator[tuple[Change, Seen, Seen]]:
    """Some changes of a random world, each with what was lost and gained by it: the preview having said the same.

    Kinds of changes that were `seen` less come first.
    """
    scenario = story(seed)
    if scenario is None:
        return
    rng = Random(seed)  # noqa: S311  # a world to test on, no secret
    with new_database() as engine:
        stage = build(scenario, engine, Vault(KeyRing.fresh()))
        play(scenario, stage)
        number = next(iter(stage.enterprises.values()))
        asker = next(iter(stage.persons.values()))
        for _ in range(CHANGES):
            changes = list(some_changes(stage, number, rng))
            rarest = min({kind(change) for change in changes}, key=lambda name: (seen[name], name))
            change = rng.choice([change for change in changes if kind(change) == rarest])
            seen[rarest] += 1
            observer = Observer(stage, number, rng)
            with stage.world.store.reading() as look:
                things: list[Any] = [*look.lists.grants(enterprise=number)]
                things += look.lists.work_relations(enterprise=number)
                things += look.lists.functions_in([number])[number] or ()
            observer.choose_days(things, *days_of(change))
            before = observer.seen()
            preview = what_if(stage.world, number, change, asker)
            assert observer.seen() == before
            happen(stage, number, change)
            after = observer.seen()
            lost, gained = told(preview, observer.days)
            assert (lost, gained) == (before - after, after - before), f"seed {seed}: {change}"
            yield change, lost, gained


def kind(change: Change) -> str:
    return str(change.ask.action) if isinstance(change, Doing) else type(change).__name__


def days_of(change: Change) -> set[date]:
    match change:
        case Doing(ask):
            return {ask.last_day + timedelta(days=1)} if ask.last_day else set()
        case FunctionEnds() | EnterpriseEnds():
            return {change.last_day, change.last_day + timedelta(days=1)}
        case RecognitionSuspended():
            return around(change.period)
        case PersonDies():
            return {change.day}
    return set()


def test_on_random_worlds_a_preview_says_what_then_happens() -> None:
    seen = Counter[str]()
    found = [each for seed in SEEDS for each in previewed(seed, in_memory, seen)]
    assert len(found) >= 24
    assert sorted(seen) == KINDS
    assert sum(bool(lost) for _change, lost, _gained in found) >= len(found) // 2
    assert any(gained for _change, _lost, gained in found)
    entering = {able.action for _change, lost, _gained in found for able, _day in lost}
    assert Action.ENTER_SECURE_AREA in entering


def test_on_postgresql_too(postgres_url: str) -> None:
    with databases(postgres_url) as new_database:
        assert len(list(previewed(18, new_database, Counter()))) == CHANGES
