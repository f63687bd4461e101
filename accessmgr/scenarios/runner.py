"""Playing a scenario through the real use cases and the real store, in a world of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from accessmgr.core.actions import FINDS_PERSON, Ask
from accessmgr.core.events import What
from accessmgr.core.numbers import InvalidNumber, NationalNumber
from accessmgr.scenarios.databases import Databases, in_memory
from accessmgr.scenarios.document import Change, ClockStep, DecidingStep, RegisterStep, Scenario, ScenarioError, Step
from accessmgr.scenarios.steps import MAKES
from accessmgr.scenarios.world import Stage, build
from accessmgr.usecases import register
from accessmgr.usecases.perform import Done, Identity, consider, perform
from accessmgr.usecases.world import Unknown
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault

BEGINS: Mapping[str, What] = {
    "appointment": What.APPOINTMENT_OFFERED,
    "relation": What.PERSON_LINKED,
    "grant": What.RIGHT_GRANTED,
    "request": What.RIGHT_REQUESTED,
}
"""The event by which each kind of thing that a step makes begins."""


@dataclass(frozen=True)
class Outcome:
    """What became of a step. `step` tells what it expected."""

    index: int
    step: Step
    do: str
    allowed: bool
    because: tuple[str, ...]
    met: bool


@dataclass(frozen=True)
class Report:
    """What became of a scenario."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether every step met its expectation."""
        return all(outcome.met for outcome in self.outcomes)


def run(scenario: Scenario, new_database: Databases = in_memory) -> Report:
    """Play a scenario in an empty database.

    :raise ScenarioError: a step names what no earlier step made, or a function that nobody holds
    """
    with new_database() as engine:
        stage = build(scenario, engine, _vault())
        if scenario.world.story is not None:
            play(scenario.world.story, stage)
            stage.made.clear()
        return play(scenario, stage)


def play(scenario: Scenario, stage: Stage) -> Report:
    """Play the steps of a scenario on a stage that is set.

    :raise ScenarioError: a step names what no earlier step made, or a function that nobody holds
    """
    stage.clock.moment = scenario.at
    return Report(scenario, tuple(_take(scenario, stage, *step) for step in enumerate(scenario.steps)))


@cache
def _vault() -> Vault:
    """Keys that nobody keeps: the numbers of a scenario are gone when it ends."""
    return Vault(KeyRing.fresh())


def _take(scenario: Scenario, stage: Stage, index: int, step: Step) -> Outcome:
    match step:
        case ClockStep():
            stage.clock.moment = step.to
            return Outcome(index, step, step.do, True, (), True)
        case RegisterStep():
            try:
                _change_register(stage, step.change, step.arguments)
            except Unknown:
                raise _wrong(scenario, step, "nobody holds such a function on that day") from None
            return Outcome(index, step, "register", True, (), True)
    decision = _decide(scenario, stage, step).decision
    expected = step.because is None or set(step.because) == set(decision.because)
    met = expected and decision.allowed is step.expected
    return Outcome(index, step, str(step.action), decision.allowed, decision.because, met)


def _decide(scenario: Scenario, stage: Stage, step: DecidingStep) -> Done:
    ask, identity = _ask(scenario, stage, step)
    if step.asks:
        try:
            return consider(stage.world, ask, identity=identity, on=step.on, known_at=step.known_at)
        except Unknown as unknown:
            raise _wrong(scenario, step, f"the {unknown} was not yet recorded at `known_at`") from None
    kind = MAKES.get(step.action)
    note = step.arguments.get("reason") or step.arguments.get("purpose")
    done = perform(stage.world, ask, identity=identity, note=note)
    if kind and step.id and done.decision.allowed:
        if (kind, step.id) in stage.made:
            raise _wrong(scenario, step, f"`id`: an earlier step made a {kind} `{step.id}`")
        stage.made[kind, step.id] = next(event.row.id for event in done.events if event.what is BEGINS[kind])
    return done


def _ask(scenario: Scenario, stage: Stage, step: DecidingStep) -> tuple[Ask, Identity | None]:
    given = step.arguments
    named: dict[str, Any] = {}
    for kind in ("appointment", "relation", "grant", "request"):
        if kind in given:
            if (kind, given[kind]) not in stage.made:
                raise _wrong(scenario, step, f"`{kind}`: no earlier step that was allowed made `{given[kind]}`")
            named[kind] = stage.made[kind, given[kind]]
    person = given.get("about") or given.get("person")
    contexts = given.get("contexts", ()) if given.get("context") is None else (given["context"],)
    as_they_are = ("employee", "replaces", "domain", "without_successor", "user_type", "period", "right", "application")
    ask = Ask(
        action=step.action,
        actor=stage.persons[step.actor],
        level=step.key.level,
        key=step.key,
        enterprise=stage.enterprises[given["enterprise"]] if "enterprise" in given else None,
        person=stage.persons[person] if person else None,
        contexts=contexts,
        last_day=given.get("last_day", given.get("end") if "grant" in given else None),
        reason=given.get("reason") is not None,
        purpose=given.get("purpose") is not None,
        acr_values=frozenset(given.get("acr_values", ())),
        **named,
        **{name: given[name] for name in as_they_are if name in given},
    )
    return ask, _identity(scenario, given) if step.action in FINDS_PERSON else None


def _identity(scenario: Scenario, given: Mapping[str, Any]) -> Identity:
    """The number and names given, else the person's own. What cannot be a number belongs to nobody."""
    person = scenario.world.persons[given["person"]]
    number: NationalNumber | None = person.number
    if "number" in given:
        try:
            number = NationalNumber.parse(given["number"])
        except InvalidNumber:
            number = None
    return Identity(number, given.get("name", person.names))


def _change_register(stage: Stage, change: Change, given: Mapping[str, Any]) -> None:
    world = stage.world
    enterprise = stage.enterprises.get(given.get("enterprise", ""), "")
    person = stage.persons[given["person"]] if given.get("person") else None
    match change:
        case Change.START_FUNCTION:
            held_by = stage.enterprises[given["held_by"]] if "held_by" in given else None
            register.start_function(world, enterprise, given["code"], given["period"], person=person, held_by=held_by)
        case Change.END_FUNCTION:
            register.end_function(world, enterprise, given["code"], str(person), given["until"])
        case Change.CLOSE_ENTERPRISE:
            register.close_enterprise(world, enterprise, given["until"])
        case Change.END_RECOGNITION:
            register.end_recognition(world, given["number"], given["until"])
        case Change.SUSPEND_RECOGNITION:
            register.suspend_recognition(world, given["number"], given["period"].first, given["period"].last)
        case Change.CLOSE_ESTABLISHMENT:
            register.close_establishment(world, given["number"], given["until"])
        case Change.MOVE_ESTABLISHMENT:
            register.move_establishment(world, given["number"], stage.enterprises[given["to"]], given["since"])
        case Change.RECORD_DEATH:
            register.record_death(world, str(person), given["on"])
        case Change.NO_ANSWER:
            register.fall_silent(world, enterprise)
        case Change.ANSWERS:
            register.answer_again(world, enterprise)


def _wrong(scenario: Scenario, step: Step, mistake: str) -> ScenarioError:
    return ScenarioError(scenario.file, step.line, mistake)
