"""What must be an entry of its own, done or refused: entering, signing in, looks at a number, exports."""

from collections.abc import Iterator
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.model import Key
from tests.builders import AUDITOR, OUTSIDER, WORKER, a_grant
from tests.usecases.stage import Stage, a_stage


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """The ordinary world, in which the worker has a grant."""
    with a_stage(stage_url) as ready:
        ready.put(a_grant())
        yield ready


@pytest.mark.parametrize(
    ("action", "ask", "because", "type_"),
    [
        (Action.ENTER_SECURE_AREA, {"actor": WORKER}, ["ENTER-1"], "secure_area.entered"),
        (Action.ENTER_SECURE_AREA, {"actor": OUTSIDER}, ["ENTER-2"], "action.refused"),
        (Action.SIGN_IN, {"application": None}, ["SIGNIN-1"], "person.signed_in"),
        (Action.SIGN_IN, {"application": None, "key": Key.ITSME}, ["SIGNIN-1"], "action.refused"),
        (Action.REVEAL_NUMBER, {"actor": WORKER, "person": WORKER}, ["NUMBER-1"], "number.revealed"),
        (Action.REVEAL_NUMBER, {"actor": AUDITOR, "person": WORKER, "reason": True}, ["NUMBER-2"], "number.revealed"),
        (Action.REVEAL_NUMBER, {"actor": OUTSIDER, "person": WORKER}, ["NUMBER-1", "NUMBER-2"], "action.refused"),
        (Action.EXPORT_HISTORY, {}, ["HISTORY-2"], "history.exported"),
        (Action.EXPORT_HISTORY, {"actor": AUDITOR, "purpose": True}, ["HISTORY-1"], "history.exported"),
        (Action.EXPORT_HISTORY, {"actor": OUTSIDER}, ["HISTORY-1", "HISTORY-2"], "action.refused"),
    ],
)
def test_done_or_refused_it_is_an_entry(
    stage: Stage, action: Action, ask: dict[str, Any], because: list[str], type_: str
) -> None:
    done = stage.perform(action, **ask)
    (entry,) = stage.entries()
    told = {name: entry["decision"][name] for name in ("action", "allowed", "because")}
    assert (entry["type"], entry["actor"], done.sequence) == (type_, done.facts.actor.id, 0)
    assert told == {"action": str(action), "allowed": type_ != "action.refused", "because": because}
