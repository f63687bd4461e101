"""Replacing the key that signs the history, in two steps that are saved one after the other.

While the next key is on the ring, whatever is signed is signed by both. Once the history says which key is the next
one, it takes over; of the old one only the public half is kept.
"""

from dataclasses import replace

from accessmgr.vault.keyring import Key, KeyRing, Purpose, State, VaultError
from accessmgr.vault.vault import public_half


def announce(ring: KeyRing) -> KeyRing:
    """The ring with a next key to sign with, beside the current one; itself if it has one already."""
    if ring.coming(Purpose.SIGNING) is not None:
        return ring
    return KeyRing((*ring.keys, Key.fresh(Purpose.SIGNING, State.NEXT)))


def take_over(ring: KeyRing) -> KeyRing:
    """The ring whose next key to sign with is the current one, and the current one retired.

    :raise VaultError: there is no next one
    """
    if ring.coming(Purpose.SIGNING) is None:
        raise VaultError("the ring has no next key to sign with")
    return KeyRing(tuple(_succeeded(key) if key.purpose is Purpose.SIGNING else key for key in ring.keys))


def _succeeded(key: Key) -> Key:
    if key.state is State.CURRENT:
        return replace(key, state=State.RETIRED, secret=public_half(key))
    return replace(key, state=State.CURRENT) if key.state is State.NEXT else key
