"""How many calls a client may make in a minute, and where that is counted for all processes together."""

from datetime import datetime, timedelta
from typing import Protocol

WINDOW = timedelta(minutes=1)


class Quotas(Protocol):
    """Where calls are counted."""

    def take(self, client: str, since: datetime, quota: int, at_once: int) -> int:
        """Take calls of a client's quota in the window that began at `since`: so many at once, or what is left.

        Never more than the quota is given in one window, whoever asks. As the quota runs out fewer are given at
        once, so that a process that needs no more keeps few from the others.
        """


def window_of(moment: datetime) -> datetime:
    """The beginning of the window in which a moment lies."""
    return moment.replace(second=0, microsecond=0)
