"""The transmitter: what it is made of, and the security event tokens (RFC 8417) that it makes of signals."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event
from typing import Any, cast

from flask import current_app

from accessmgr.core.days import day_of
from accessmgr.usecases.relying_parties import Client, RelyingParties
from accessmgr.usecases.streams import CAEP, Signal, Stream, Streams
from accessmgr.usecases.world import World

EXTENSION = "accessmgr.signals"
TYPE = "secevent+jwt"


@dataclass(frozen=True)
class Transmitter:
    """The transmitter of security events.

    :param issuer: who issues the tokens
    :param people: who issues the subjects of people, as in ID tokens
    :param jwks_uri: where the keys of the tokens are
    :param sign: makes a token of claims, of a type
    :param claims: what an ID token says now of the rights of a person in the application of a client, for all their
        enterprises of which the client may know
    :param post: sends a token to an address, with an `Authorization` header or none, and gives the status of the
        answer, or raises OSError
    :param written: is set when something was written to the history
    :param now: the real clock
    """

    world: World
    streams: Streams
    clients: RelyingParties
    issuer: str
    people: str
    jwks_uri: str
    simulation: bool
    sign: Callable[[Mapping[str, Any], str], str]
    claims: Callable[[str, Client], Mapping[str, Any]]
    post: Callable[[str, str, str | None], int]
    written: Event
    now: Callable[[], datetime]

    def rights_of(self, client: Client) -> frozenset[str]:
        """The rights of the application that a client is registered for."""
        rights = self.world.policy.rights
        return frozenset(code for code, right in rights.items() if right.application == client.application)

    def today(self) -> date:
        """The day by the clock of the world."""
        return day_of(self.world.clock.now())

    def token(self, stream: Stream, signal: Signal) -> str:
        """The token of a signal."""
        content = dict(signal.content)
        if signal.type.startswith(CAEP):
            content.setdefault("event_timestamp", int(signal.made_at.timestamp()))
        claims = {
            "iss": self.issuer,
            "jti": signal.id,
            "iat": int(self.now().timestamp()),
            "aud": stream.client,
            "sub_id": self._subject(signal.subject),
            "events": {signal.type: content},
        }
        return self.sign(claims if signal.txn is None else {**claims, "txn": signal.txn}, TYPE)

    def _subject(self, subject: Mapping[str, Any]) -> dict[str, Any]:
        """A subject identifier (RFC 9493) of what a signal is about: a stream, a person, or a session of one."""
        if "stream" in subject:
            return {"format": "opaque", "id": subject["stream"]}
        user = {"format": "iss_sub", "iss": self.people, "sub": subject["person"]}
        if subject.get("session") is None:
            return user
        return {"format": "complex", "user": user, "session": {"format": "opaque", "id": subject["session"]}}


def transmitter() -> Transmitter:
    """The transmitter of this application."""
    return cast(Transmitter, current_app.extensions[EXTENSION])


def signal_about_stream(stream: Stream, type_: str, content: Mapping[str, Any], at: datetime) -> Signal:
    """A signal about a stream itself."""
    return Signal(id=new_id(), type=type_, subject={"stream": stream.id}, content=content, made_at=at)


def new_id() -> str:
    """The id of a stream or signal: 128 random bits."""
    return secrets.token_hex(16)
