"""Who the caller acts for, and what waits for them."""

from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part
from accessmgr.api.schemas import Id, Told
from accessmgr.core.model import Key

part = Part("me", "The person on whose behalf the client calls.")


class Me(Told):
    """The person of the token."""

    person: Id
    given: str
    family: str
    key: Key
    level: int
    client: str
    scope: list[str]
    auditor: bool


@part.get("/me", "enterprises.read", example=Example())
def myself(call: Call) -> Me:
    """The person on whose behalf the client calls, and what the token is good for."""
    with call.world.store.reading() as look:
        named = look.lists.names([call.person])[call.person]
        auditor = look.lists.people([call.person])[call.person].auditor
    return Me(
        person=call.person,
        given=named.given,
        family=named.family,
        key=call.key,
        level=call.key.level,
        client=call.client.id,
        scope=sorted(call.scope),
        auditor=auditor,
    )
