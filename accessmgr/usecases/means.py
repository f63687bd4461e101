"""The digital keys as applications name them: URNs of the Flemish access management, in `acr_values` and `acr`."""

from collections.abc import Iterable

from accessmgr.core.model import Key

PREFIX = "urn:be:vlaanderen:authmech:"
NAMES = {
    Key.EID: "eid",
    Key.ITSME: "itsme",
    Key.APP: "csamtotp",
    Key.PASSKEY: "passkey",
    Key.SMS: "csamsms",
    Key.EIDAS_HIGH: "eidas",
    Key.EIDAS_SUBSTANTIAL: "eidas",
    Key.EIDAS_LOW: "eidas",
}
"""The last part of each URN. Those of eID, itsme and the app are the real ones; the others are invented here."""


def urn(key: Key) -> str:
    """The URN of a digital key."""
    return f"{PREFIX}{NAMES[key]}"


def keys_named(urns: Iterable[str]) -> frozenset[Key]:
    """The digital keys that the URNs name; a URN that names none adds none."""
    wanted = set(urns)
    return frozenset(key for key in Key if urn(key) in wanted)


URNS = tuple(sorted({urn(key) for key in Key}))
"""All URNs, each once."""
