"""What goes wrong in a call, as problems: a refusal with the ids of its rules, absence, conflicts."""

from flask import Blueprint, Response

from accessmgr.api.call import Call
from accessmgr.calls import problems
from accessmgr.calls.answers import explained
from accessmgr.calls.problems import Problem
from accessmgr.usecases.perform import Done, TooManyLookups
from accessmgr.usecases.world import Conflict, Unknown

ABSENT = "there is no such thing, or it is not for you"


def handle(bp: Blueprint) -> None:
    """Let a blueprint tell what goes wrong in it as problems."""
    problems.handle(bp)
    bp.register_error_handler(Unknown, _absent)
    bp.register_error_handler(Conflict, _conflict)
    bp.register_error_handler(TooManyLookups, _too_many)


def refusal(call: Call, done: Done) -> Problem:
    """A refusal by the rules: it is on record, and told with the rules that it follows from and how it is mended."""
    with call.world.store.reading() as look:
        members = explained(done, look, full=True, link=call.link)
    if done.sequence is not None:
        members["sequence"] = done.sequence
    return Problem(403, "the rules refuse this", members=members)


def _absent(_: Unknown) -> Response:
    return problems.told(Problem(404, ABSENT))


def _conflict(_: Conflict) -> Response:
    return problems.told(Problem(409, "somebody changed the same thing meanwhile: read it again"))


def _too_many(_: TooManyLookups) -> Response:
    return problems.told(Problem(429, "too many people were not found: looking people up has stopped for an hour"))
