"""What a person may see in an enterprise through the API: what the pages show them, by the same permits."""

from dataclasses import dataclass, replace

from accessmgr.api.call import Call
from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.decide import decide
from accessmgr.core.facts import Facts
from accessmgr.core.model import Appointment, Grant, Request, WorkRelation
from accessmgr.core.rules import ABOUT
from accessmgr.usecases.world import Look, Unknown

MANAGING = (Action.LINK_PERSON, Action.GRANT_RIGHT, Action.APPROVE_REQUEST)
"""Actions of which a permit makes somebody manage the users of an enterprise."""

Thing = Appointment | Grant | Request | WorkRelation


@dataclass(frozen=True)
class Place:
    """Where the person of a call stands in an enterprise, by the catalogue, from one look at the facts."""

    call: Call
    facts: Facts

    def permits(self, action: Action, thing: Thing | None = None, right: str | None = None) -> bool:
        """Whether some permit of the action holds for a thing of the enterprise, whatever forbids it now.

        Contexts stay out of it: whether they belong to the enterprise is asked when the action is.
        """
        code = thing.right if isinstance(thing, Grant | Request) else right
        facts = replace(
            self.facts,
            ask=self.call.ask(action, enterprise=self.facts.ask.enterprise, right=right, reason=True),
            right=self.call.world.policy.rights.get(code or ""),
            appointment=thing if isinstance(thing, Appointment) else None,
            grant=replace(thing, contexts=()) if isinstance(thing, Grant) else None,
            request=thing if isinstance(thing, Request) else None,
            relation=thing if isinstance(thing, WorkRelation) else None,
        )
        return decide(facts, ABOUT[action]).permitted

    @property
    def manages(self) -> bool:
        """Whether the person manages users here: some permit to link, to grant or to approve holds."""
        rights = self.call.world.policy.rights
        return any(self.permits(action, right=code) for action in MANAGING for code in rights)

    @property
    def appoints(self) -> bool:
        """Whether the person may offer some role here."""
        return any(self.permits(action) for action in APPOINTS)


def place(call: Call, look: Look, enterprise: str) -> Place:
    """Where the person stands in an enterprise, known or not."""
    return Place(call, call.consider(look, Action.LINK_PERSON, enterprise=enterprise).facts)


def managed(call: Call, look: Look, enterprise: str) -> Place:
    """Where the person stands in an enterprise whose users they manage.

    :raise Unknown: they do not, or there is none
    """
    found = place(call, look, enterprise)
    if not found.manages:
        raise Unknown("enterprise")
    return found
