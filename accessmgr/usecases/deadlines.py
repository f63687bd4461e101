"""Until when the answer to a call must be there: what takes longer is given up, and nothing is told of it."""

from contextvars import ContextVar
from time import monotonic

_until: ContextVar[float | None] = ContextVar("until", default=None)


class TooLate(Exception):
    """The answer took longer than it may."""


def begin(seconds: float) -> None:
    """Let what this thread does now take at most so long, until `end`."""
    _until.set(monotonic() + seconds)


def end() -> None:
    """Let it take as long as it takes."""
    _until.set(None)


def passed() -> bool:
    """Whether it takes too long already; never where nothing was said."""
    until = _until.get()
    return until is not None and monotonic() > until
