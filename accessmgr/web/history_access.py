"""Who may open the pages of the history about an enterprise, or about all of them: asked of the catalogue."""

from flask import abort

from accessmgr.core.actions import Action
from accessmgr.web import entered
from accessmgr.web.current import act, consider

PURPOSES = "purposes"
EVERYTHING = "all"
"""The mark of a purpose that was given for all enterprises."""


def may_read(enterprise: str | None) -> bool:
    """Whether the person may read the history of an enterprise (None: of all); False if only their purpose is missing.

    What nothing permits is as absent. Any other refusal is recorded and told.

    :raise Refused: they may not
    """
    purpose = entered.marked(PURPOSES, enterprise or EVERYTHING)
    decision = consider(Action.READ_HISTORY, enterprise=enterprise, purpose=purpose).decision
    if not decision.permitted:
        abort(404)
    if not decision.allowed and decision.because != ("HISTORY-4",):
        act(Action.READ_HISTORY, enterprise=enterprise, purpose=purpose)
    return decision.allowed
