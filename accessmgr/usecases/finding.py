"""Finding people of an enterprise by number and names, many at once, with guessing stopped as for one."""

from collections.abc import Sequence

from accessmgr.usecases.perform import HOUR, Identity, TooManyLookups
from accessmgr.usecases.world import World


def find_linked(world: World, actor: str, enterprise: str, identities: Sequence[Identity]) -> list[str | None]:
    """The ids of people who have a tie to an enterprise, each by number and names, None for who is not found.

    Somebody without a tie is not found either, so nobody learns who else there is. Each that is not found is counted
    like a look-up that found nobody, and each is asked for once, however often it is given.

    :raise TooManyLookups: the actor looked up too many people who were not found; those of this time are counted
    """
    found: dict[tuple[str, tuple[str, ...]], str | None] = {}
    stopped = False
    with world.store.writing() as tx:
        at = tx.moment(world.clock.now())
        limit = world.policy.lookups_per_hour
        failed = tx.failed_lookups(actor, at - HOUR)
        for identity in identities:
            if _key(identity) in found:
                continue
            if limit is not None and failed >= limit:
                stopped = True
                break
            person = tx.find_person(identity.number, identity.names)
            if person is not None and not tx.has_tie(person, enterprise):
                person = None
            if person is None:
                failed += 1
                tx.count_failed_lookup(actor, at)
            found[_key(identity)] = person
    if stopped:
        raise TooManyLookups
    return [found[_key(identity)] for identity in identities]


def _key(identity: Identity) -> tuple[str, tuple[str, ...]]:
    return (identity.number.digits if identity.number else "", tuple(identity.names))
