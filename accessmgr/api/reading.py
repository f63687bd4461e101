"""Who may read the history through the API, asked of the catalogue; and the cases for which auditors read it.

A case is opened by one call, which records number and purpose, and gives a word to send with the calls that follow.
"""

from collections.abc import Mapping
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from accessmgr.api.call import Call
from accessmgr.core.actions import Action
from accessmgr.usecases.perform import Done, Refused, perform
from accessmgr.usecases.world import Look, Unknown

MYSELF, EVERYTHING = "me", "all"
CASE_LIVES = 2 * 60 * 60
"""How long a case stays open, in seconds: as long as a session."""


def opened(call: Call, what: str) -> str:
    """The word for a case that was opened, about an enterprise, oneself or everything."""
    return str(_cases(call).dumps([call.person, what]))


def is_open(call: Call, what: str, case: str | None) -> bool:
    """Whether a word is that of an open case of the person about that."""
    if case is None:
        return False
    try:
        return list(_cases(call).loads(case, max_age=CASE_LIVES)) == [call.person, what]
    except BadSignature:
        return False


def reading(call: Call, look: Look, what: str, about: Mapping[str, Any], case: str | None) -> Done:
    """What lets the person read.

    :raise Unknown: nothing does
    :raise Refused: something does, and something forbids it: a purpose is missing, or the digital key is too weak
    """
    done = call.consider(look, Action.READ_HISTORY, purpose=is_open(call, what, case), **about)
    if not done.decision.permitted:
        raise Unknown("history")
    if not done.decision.allowed:
        raise Refused(done)
    return done


def on_record(call: Call, done: Done) -> Done:
    """A refusal that is on record: that of reading is put there once its look is closed, as the pages do.

    That an auditor has yet to give a purpose is no attempt to read.
    """
    if done.sequence is not None or done.decision.because == ("HISTORY-4",):
        return done
    recorded = perform(call.world, done.facts.ask)
    return done if recorded.decision.allowed else recorded


def of_enterprise(call: Call, look: Look, enterprise: str | None, case: str | None) -> Done:
    """What lets the person read the history of an enterprise; of all of them for None."""
    return reading(call, look, enterprise or EVERYTHING, {"enterprise": enterprise}, case)


def of_oneself(call: Call, look: Look, case: str | None) -> Done:
    """What lets the person read the entries about themself."""
    return reading(call, look, MYSELF, {"person": call.person}, case)


def _cases(call: Call) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(call.api.secret, salt="case of an auditor")
