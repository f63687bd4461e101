"""Answers to calls that must be done once: what was answered to a caller's key, kept for a day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from accessmgr.usecases.world import Writing

LIVES = timedelta(hours=24)


@dataclass(frozen=True)
class CallKey:
    """The key of a call, by its caller.

    :param digest: of what was asked
    :param owner: for whom the answer is sealed: a person, or `system`
    """

    id: str
    digest: str
    owner: str


@dataclass(frozen=True)
class Answered:
    """What was answered to a call with some digest; no status while it goes on, no text if that is not kept."""

    digest: str
    status: int | None
    text: str | None


class KeptAnswers(Protocol):
    """Where answers are kept. `tx` is the transaction in which the call does what it does."""

    def find(self, tx: Writing, key: CallKey) -> Answered | None:
        """What was answered to the key, None if nothing was."""

    def keep(self, tx: Writing, key: CallKey, status: int | None, text: str | None) -> None:
        """Keep an answer in place of what was kept; without a status, that the call goes on."""

    def forget(self, tx: Writing, key: CallKey) -> None:
        """Keep nothing for the key."""
