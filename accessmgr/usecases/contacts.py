"""How to reach a person: e-mail address, telephone number, language; kept sealed and told to nobody but themself."""

import json
from dataclasses import asdict, dataclass

from accessmgr.usecases.world import Look, World

CHANGED = "contact.changed"


@dataclass(frozen=True, slots=True)
class Contact:
    """An e-mail address, a telephone number and the language of letters, each empty if it was not given."""

    email: str
    phone: str
    language: str = ""

    def written(self) -> str:
        """The text that is kept, sealed."""
        return json.dumps(asdict(self))


def keep_contact(world: World, person: str, email: str, phone: str, *, by: str, language: str = "") -> int | None:
    """Keep how to reach a person, in place of what was kept; the entry that tells it holds none of it.

    Gives the sequence of that entry; None if somebody else says it, and it is known already: else whoever offers
    somebody a role could have their letters sent elsewhere.
    """
    with world.store.writing() as tx:
        if by != person and tx.contact_of(person) is not None:
            return None
        tx.keep_contact(person, Contact(email, phone, language).written())
        return tx.append(CHANGED, world.clock.now(), actor=by, data={"person": person}, subjects={person, by})


def contact_of(look: Look, person: str) -> Contact | None:
    """How to reach a person, None if nobody has said."""
    text = look.contact_of(person)
    return None if text is None else Contact(**json.loads(text))
