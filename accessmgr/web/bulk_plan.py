"""Many lines that wait to be confirmed: what is to be done with each, whichever page they come from."""

import json
from dataclasses import dataclass
from enum import StrEnum

from flask import abort

from accessmgr.core.actions import Action, Ask
from accessmgr.web import drafts
from accessmgr.web.bulk_lines import Wish
from accessmgr.web.current import ask

BULK = "bulk"


class Origin(StrEnum):
    """Where lines come from."""

    FILE = "file"
    TICKED = "ticked"
    COPIED = "copied"


@dataclass(frozen=True)
class Plan:
    """What is to be done with each line. `back` is the page that they come from, `reason` the words for all of them."""

    action: Action
    number: str
    wishes: tuple[Wish, ...]
    origin: Origin
    back: str
    reason: str | None = None

    @property
    def asks(self) -> list[Ask]:
        """The question that each line asks."""
        who = ask(self.action)
        given = bool(self.reason)
        return [each.ask(self.action, who.actor, who.level, self.number, reason=given) for each in self.wishes]

    def keep(self) -> str:
        """Let it wait, and give the name under which it does."""
        return drafts.put(
            BULK,
            {
                "action": self.action,
                "number": self.number,
                "lines": json.dumps([each.kept() for each in self.wishes]),
                "origin": self.origin,
                "back": self.back,
                "reason": self.reason,
            },
        )


def plan_of(number: str, kept: drafts.Fields) -> Plan:
    """The plan that waited; 409 if it is for another enterprise."""
    if kept["number"] != number:
        abort(409)
    return Plan(
        Action(str(kept["action"])),
        number,
        tuple(Wish.of_kept(each) for each in json.loads(str(kept["lines"]))),
        Origin(str(kept["origin"])),
        str(kept["back"]),
        str(kept["reason"]) if kept["reason"] else None,
    )
