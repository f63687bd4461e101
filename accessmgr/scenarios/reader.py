"""Reading a scenario file, strictly: what is not described in the format is a mistake, named with its line."""

from collections.abc import Callable
from pathlib import Path

from accessmgr.scenarios.document import GivenWorld, Scenario, ScenarioError
from accessmgr.scenarios.fields import Fields, boolean, integer, items, moment, words
from accessmgr.scenarios.given import read_world
from accessmgr.scenarios.nodes import Mistake, Node, Scalar, parse
from accessmgr.scenarios.steps import StepReader

FORMAT = 1

LoadWorld = Callable[[str], GivenWorld]
"""Gives the world of that name.

:raise LookupError: there is none
"""


def no_world(name: str) -> GivenWorld:
    """Where no named worlds are at hand.

    :raise LookupError: always
    """
    raise LookupError(name)


def read(path: Path, load_world: LoadWorld = no_world) -> Scenario:
    """The scenario in a file.

    :raise ScenarioError: the file cannot be read, or is wrong
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ScenarioError(str(path), 1, f"this cannot be read: {fault.strerror}") from None
    return read_bytes(data, str(path), load_world)


def read_bytes(data: bytes, file: str, load_world: LoadWorld = no_world) -> Scenario:
    """The scenario in the bytes of a file called `file`.

    :raise ScenarioError: it is wrong
    """
    try:
        return _scenario(parse(data), file, load_world)
    except Mistake as mistake:
        raise ScenarioError(file, mistake.line, mistake.what) from None


def _scenario(node: Node, file: str, load_world: LoadWorld) -> Scenario:
    fields = Fields(node, "a scenario", "scenario format at world steps", "settings")
    if fields.take("format", integer) != FORMAT:
        raise Mistake(fields.line_of("format"), f"`format` must be {FORMAT}")
    name = fields.take("scenario", words)
    at = fields.take("at", moment)
    settings = fields.take("settings", lambda node, _: Fields(node, "the settings", optional="four_eyes"), None)
    world = fields.take("world", lambda node, _: _world(node, load_world))
    steps = StepReader(world, at)
    return Scenario(
        file=file,
        name=name,
        at=at,
        four_eyes=settings.take("four_eyes", boolean, False) if settings else False,
        world=world,
        steps=tuple(steps.read(step, "steps") for step in fields.take("steps", items)),
    )


def _world(node: Node, load_world: LoadWorld) -> GivenWorld:
    if not isinstance(node, Scalar):
        return read_world(node)
    name = words(node, "world")
    try:
        return load_world(name)
    except LookupError:
        raise Mistake(node.line, f"there is no world `{name}`") from None
