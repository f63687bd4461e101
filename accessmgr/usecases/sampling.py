"""A random sample of entries that anybody can draw again: the seed and the size of the history say which they are.

Draw i is the number SHA-256(seed ‖ ":" ‖ i) modulo the number of entries to draw from, i in decimal from 0 on. The
entries to draw from are numbered from 0, the oldest first. A draw that repeats, or hits an entry of another kind, is
passed over. So a sample takes about as many reads as it has entries, whatever the size of the history.
"""

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from accessmgr.core.events import What
from accessmgr.usecases.traces import Wanted
from accessmgr.usecases.world import Look

MOST = 500
"""The largest sample."""

MOST_DRAWS = 100_000
"""After so many draws it ends: then there are fewer entries of the kind than were wanted."""

BATCH = 500
GRANTING = frozenset({str(What.RIGHT_GRANTED), str(What.REQUEST_APPROVED)})
"""The types of entries that make grants."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn: so many entries of an enterprise (None: of all), from `since` on and `before`, by a seed.

    `of_grants` draws only entries that made a grant.
    """

    seed: str
    count: int
    enterprise: str | None
    since: int
    before: int
    of_grants: bool = False


def draws(seed: str, among: int) -> Iterator[int]:
    """The numbers drawn by a seed from 0 to `among` - 1, each once, at most `MOST_DRAWS` of them looked at."""
    drawn: set[int] = set()
    for number in range(MOST_DRAWS):
        if len(drawn) >= among:
            return
        one = int.from_bytes(sha256(f"{seed}:{number}".encode()).digest(), "big") % among
        if one not in drawn:
            drawn.add(one)
            yield one


def sample(look: Look, wish: Draw) -> list[int]:
    """The sequences of the entries drawn, in order."""
    before = min(wish.before, look.size())
    entries: Sequence[int] = range(wish.since, before)
    if wish.enterprise is not None:
        of_enterprise = Wanted((wish.enterprise,), since=wish.since, before=before)
        entries = array("q", look.lists.sequences(of_enterprise))
    drawn: Iterator[int] = (entries[number] for number in draws(wish.seed, len(entries)))
    if wish.of_grants:
        drawn = _of_grants(look, drawn)
    return sorted(islice(drawn, min(wish.count, MOST)))


def _of_grants(look: Look, drawn: Iterator[int]) -> Iterator[int]:
    while some := list(islice(drawn, BATCH)):
        leaves = look.lists.leaves(some)
        yield from (sequence for sequence in some if json.loads(leaves[sequence])["type"] in GRANTING)
