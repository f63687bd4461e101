"""Digital keys of a person: what it takes to have one more."""

from accessmgr.core.model import Key
from accessmgr.usecases.world import World


def activate_key(world: World, person: str, key: Key) -> None:
    """Note that a person has activated a digital key; a second time changes nothing."""
    with world.store.writing() as tx:
        if key not in tx.keys_of(person):
            tx.add_fact("digital_key", person=person, key=str(key))
            data = {"person": person, "key": key}
            tx.append("digital_key.activated", world.clock.now(), actor=person, data=data, subjects=[person])
