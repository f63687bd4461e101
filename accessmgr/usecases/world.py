"""What the use cases need from outside: the store, the clock, the vault, and the policy they apply."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol, Self

from accessmgr.core.actions import Ask
from accessmgr.core.decide import Decision
from accessmgr.core.events import Event, What, plain
from accessmgr.core.facts import Facts
from accessmgr.core.ledger import canonical
from accessmgr.core.model import ContextKind, Domain, Key, Right, Role, TargetGroup
from accessmgr.core.numbers import NationalNumber
from accessmgr.usecases.lists import Lists


class Unknown(LookupError):
    """Something that was named does not exist, or not for whoever asks: the answer is the same."""


class Conflict(Exception):
    """Somebody changed the same thing meanwhile, and the database refused the second change."""


@dataclass(frozen=True)
class Policy:
    """What decisions rest on besides people and registers: rights, applications and settings.

    `applications` gives, for an application that is listed, the digital keys that it allows.
    `lookups_per_hour` is how many times a person may look up somebody who is not found; None is no limit.
    """

    rights: Mapping[str, Right]
    applications: Mapping[str, frozenset[Key]] = field(default_factory=dict)
    four_eyes: bool = False
    lookups_per_hour: int | None = 10

    @cached_property
    def content(self) -> str:
        """What decisions rest on, in its one canonical form (RFC 8785); how often people may look up is no part."""
        content = {
            "applications": [
                {"application": name, "keys": plain(keys)} for name, keys in sorted(self.applications.items())
            ],
            "four_eyes": self.four_eyes,
            "rights": [plain(right) for _, right in sorted(self.rights.items())],
        }
        return canonical(content).decode()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the content, in hexadecimal: the name of the policy in the history."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @classmethod
    def of_content(cls, content: str) -> Self:
        """The policy that has this content.

        :raise ValueError: no policy has it
        """
        try:
            told = json.loads(content)
            rights = {right["code"]: _right(right) for right in told["rights"]}
            applications = {one["application"]: frozenset(map(Key, one["keys"])) for one in told["applications"]}
            policy = cls(rights, applications, told["four_eyes"])
        except (KeyError, TypeError) as wrong:
            raise ValueError("the content is that of no policy") from wrong
        if policy.content != content:
            raise ValueError("the content is that of no policy")
        return policy


def _right(told: Mapping[str, Any]) -> Right:
    return Right(
        **{
            **told,
            "domain": Domain(told["domain"]),
            "target_groups": frozenset(map(TargetGroup, told["target_groups"])),
            "context_kind": ContextKind(told["context_kind"]),
            "grantors": frozenset(map(Role, told["grantors"])),
            "profiles": tuple(told["profiles"]),
        }
    )


class Clock(Protocol):
    """The clock of the world."""

    def now(self) -> datetime:
        """The present moment, in UTC."""


class Ledger(Protocol):
    """The tree over the history, with its signed checkpoints."""

    def node(self, level: int, index: int) -> bytes:
        """The root of a full subtree."""

    def root(self, size: int) -> bytes:
        """The root over the first entries."""

    def newest(self) -> str | None:
        """The newest checkpoint, None if none was made yet."""

    def at(self, size: int) -> str | None:
        """The checkpoint over exactly the first entries, None if none was made."""


class Look(Protocol):
    """One consistent look at the store. `known` is a history size: what was known then."""

    @property
    def ledger(self) -> Ledger:
        """The tree over the history."""

    @property
    def lists(self) -> Lists:
        """Lists and cards for pages, as known now."""

    def lists_at(self, size: int | None) -> Lists:
        """Lists and cards for pages, as known at a size of the history (None: now)."""

    def size(self) -> int:
        """The number of entries in the history."""

    def size_at(self, moment: datetime) -> int:
        """The number of entries that were recorded at that moment or before."""

    def policy_at(self, known: int | None) -> Policy:
        """The policy by which decisions were made at a size of the history (None: now)."""

    def last_import(self, known: int | None = None) -> int | None:
        """The sequence of the entry by which the newest extract of the register was taken over; None if none was."""

    def facts(self, ask: Ask, at: datetime, known: int | None = None) -> Facts:
        """The facts for a question about a moment, as known at a size of the history (None: now).

        :raise Unknown: the question names a thing that does not exist, or was not known then
        """

    def is_silent(self, enterprise: str) -> bool:
        """Whether the register has no answer about the enterprise at present."""

    def has_tie(self, person: str, enterprise: str) -> bool:
        """Whether the person has an appointment, offer, work relation, grant or request there."""

    def find_person(self, number: NationalNumber | None, names: Sequence[str]) -> str | None:
        """The id of the one known person who has both the number and the names, else None."""

    def person_with(self, number: NationalNumber) -> str | None:
        """The id of the person with that number, None if there is none."""

    def number_of(self, person: str) -> NationalNumber | None:
        """The national number of a person, None if they have none."""

    def notes(self, sequences: Iterable[int]) -> dict[int, str]:
        """The words that people wrote with entries of the history, by sequence."""

    def contact_of(self, person: str) -> str | None:
        """How to reach a person, as it was kept; None if it was not."""

    def numbers_of(self, people: Iterable[str]) -> dict[str, NationalNumber]:
        """The national numbers of people, by id, without those who have none."""

    def ties(self, person: str, day: date, moment: datetime) -> Sequence[str]:
        """What ties a person to others on that day or later, after that moment (`usecases.erasure.Tie`)."""

    def held_of(self, person: str) -> Mapping[str, int]:
        """How many rows of each kind an erasure of the person would destroy."""

    def expired(self, day: date, person: str | None = None) -> list[str]:
        """The people (or this one) whose every tie and entry is from before that day."""

    def keys_of(self, person: str) -> frozenset[Key]:
        """The digital keys that the person has activated."""

    def failed_lookups(self, actor: str, since: datetime) -> int:
        """How many look-ups of the person found nobody since a moment."""


class Writing(Look, Protocol):
    """A look that may write: nobody else writes until it ends."""

    def checkpoint(self) -> str:
        """The signed note over the whole history."""

    def moment(self, now: datetime) -> datetime:
        """The moment to record at: now, but never before the last entry."""

    def record(
        self, decision: Decision, facts: Facts, what: What, events: Sequence[Event], note: str | None = None
    ) -> int:
        """Write the decision with its events as the next entry of the history, and give its sequence."""

    def count_failed_lookup(self, actor: str, at: datetime) -> None:
        """Count a look-up of the person that found nobody."""

    def record_asked(
        self, lines: Sequence[bytes], at: datetime, *, first: datetime, last: datetime, subjects: Iterable[str]
    ) -> int:
        """Write a batch of decisions that were only asked about, with the entry that holds its digest."""

    def append(
        self,
        type_: str,
        at: datetime,
        *,
        actor: str = "system",
        data: Mapping[str, Any] | None = None,
        subjects: Iterable[str] = (),
    ) -> int:
        """Write an entry that no decision made (the clock, the register), and give its sequence."""

    def add_person(
        self,
        person: str,
        given: str,
        family: str,
        number: NationalNumber | None,
        *,
        keys: Iterable[str] = (),
        language: str | None = None,
    ) -> None:
        """Add a known person with their number and the digital keys that they have activated."""

    def keep_note(self, author: str, text: str) -> None:
        """Keep words with the entry being written, sealed for whoever wrote them: a person, or `system`."""

    def destroy(self, person: str) -> None:
        """Destroy everything that is known of a person besides their id and what others rest on."""

    def add_persona(self, name: str, person: str) -> None:
        """Give a fictional person the short name by which the simulator knows them."""

    def add_fact(self, table: str, **values: Any) -> None:
        """Add a row that the entry being written brings to a table of the register or of people."""

    def change_fact(self, table: str, row_id: str, **values: Any) -> None:
        """Let a row of the register or of people be succeeded by one with other values."""

    def end_fact(self, table: str, row_id: str) -> Mapping[str, Any]:
        """Close the recorded period of a row without a successor; gives its values."""

    def keep_contact(self, person: str, text: str) -> None:
        """Keep how to reach a person, sealed, in place of what was kept before."""

    def owner_of(self, table: str, row_id: str) -> str:
        """The enterprise to which the register first gave a recognition or an establishment unit."""

    def functions_held(self, enterprise: str, code: str, person: str, day: date) -> list[str]:
        """The ids of the functions of that code that the person holds in the enterprise on that day."""


class Trying(Writing, Protocol):
    """Writing of which nothing stays, and which the history does not tell."""

    def assume(self, policy: Policy) -> None:
        """Read facts by another policy from now on."""


class Store(Protocol):
    """The database."""

    def reading(self) -> AbstractContextManager[Look]:
        """Look at one consistent state."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Write in one transaction, alone; all or nothing."""

    def trying(self) -> AbstractContextManager[Trying]:
        """Write in one transaction that is always undone.

        :raise Conflict: somebody changes the same thing at this moment
        """


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who is signed in, with which digital key, since when (in real time)."""

    person: str
    key: Key
    since: datetime
    given: str
    family: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An open session as its person sees it: `name` tells it from the others, and is not enough to take it over."""

    name: str
    key: Key
    since: datetime


class Sessions(Protocol):
    """Signed-in sessions, each known by a random id."""

    def begin(self, person: str, key: Key) -> str:
        """Begin a session, and give its id."""

    def find(self, session_id: str) -> OpenSession | None:
        """The open session with that id; None if it is unknown, ended or too old."""

    def name(self, session_id: str) -> str:
        """The name under which a session is listed."""

    def has_ended(self, kept: str) -> bool:
        """Whether a session, given as it is kept (`tokens.Family.session`), was ended; not whether it is too old."""

    def end(self, session_id: str) -> None:
        """End one session."""

    def end_all(self, person: str) -> None:
        """End every session of a person."""

    def open_of(self, person: str) -> Sequence[Listed]:
        """The open sessions of a person, the newest first."""

    def end_named(self, person: str, name: str) -> bool:
        """End the open session of that person and name; False if there is none."""

    def keep_draft(self, draft_id: str, person: str, text: str, *, unfinished: bool = False) -> None:
        """Keep a form of a person, sealed, for as long as a session, or for seven days if it is to be gone on with."""

    def draft(self, draft_id: str, person: str) -> str | None:
        """The form that was kept for the person, None if there is none."""

    def take_draft(self, draft_id: str, person: str) -> str | None:
        """The form that was kept for the person, which only one taker gets; None if it is gone."""

    def unfinished(self, person: str) -> Sequence[str]:
        """The latest forms that the person has not finished, the newest first."""


class Totp(Protocol):
    """Security codes by app (RFC 6238): a secret for each person who enrolled, each code good once."""

    def enrol(self, person: str) -> str:
        """Give the person a new secret, and give it in base 32, to be shown once as a QR code."""

    def enrolled(self, person: str) -> bool:
        """Whether the person has a secret."""

    def accept(self, person: str, code: str) -> bool:
        """Whether the code is right, now or a step ago or ahead, and was not used before; it is used then."""


@dataclass(frozen=True)
class World:
    """Everything outside that a use case needs."""

    store: Store
    clock: Clock
    policy: Policy
