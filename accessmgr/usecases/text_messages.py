"""Text messages with a code to sign in with, which the simulation shows on a page instead of sending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

GOOD_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A code that was sent to a person; moments are of the real clock."""

    id: str
    person: str
    code: str
    sent_at: datetime
    used_at: datetime | None

    def good(self, at: datetime) -> bool:
        """Whether the code can still be used: it is good once, for five minutes."""
        return self.used_at is None and at - self.sent_at <= GOOD_FOR


class TextMessages(Protocol):
    """The text messages of the simulation."""

    def send(self, person: str, code: str, at: datetime) -> str:
        """Send a code to a person, and give the id of the message; messages of yesterday go."""

    def newest(self, limit: int) -> Sequence[TextMessage]:
        """The newest messages, the latest first."""

    def find(self, id_: str) -> TextMessage | None:
        """The message with that id, None if it is gone."""

    def use(self, id_: str, at: datetime) -> bool:
        """Note that a code was used; False if it was already."""
