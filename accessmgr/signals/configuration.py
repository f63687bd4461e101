"""The configuration of a stream, as receivers write and read it (SSF 1.0, section 8.1.1)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from accessmgr.calls.problems import Flaw, Problem
from accessmgr.signals.transmitter import Transmitter
from accessmgr.usecases.relying_parties import WrongRegistration, goes_safely
from accessmgr.usecases.streams import SUPPORTED, Delivery, Stream

LONGEST_TEXT = 2_000
MOST_EVENTS = 100
VERIFIED_EVERY = 2
"""Seconds that must pass between two requests for a verification event."""

RECEIVERS_OWN = frozenset({"delivery", "events_requested", "description"})
"""What the receiver sets."""


def told(transmitter: Transmitter, stream: Stream) -> dict[str, Any]:
    """The configuration of a stream; the header that the receiver set is not repeated."""
    endpoint = stream.endpoint or poll_address(transmitter, stream)
    content: dict[str, Any] = {
        "stream_id": stream.id,
        "iss": transmitter.issuer,
        "aud": stream.client,
        "events_supported": list(SUPPORTED),
        "events_requested": None if stream.requested is None else list(stream.requested),
        "events_delivered": list(stream.delivered),
        "delivery": {"method": str(stream.delivery), "endpoint_url": endpoint},
        "min_verification_interval": VERIFIED_EVERY,
        "description": stream.description,
    }
    return {name: value for name, value in content.items() if value is not None}


def poll_address(transmitter: Transmitter, stream: Stream) -> str:
    """Where the tokens of a stream are fetched."""
    return f"{transmitter.issuer}/ssf/v1/poll/{stream.id}"


def read(transmitter: Transmitter, stream: Stream, body: Any, *, whole: bool) -> Stream:
    """The stream as a receiver wants it.

    :param whole: what is not named goes back to what it is if nobody sets it; otherwise it stays
    :raise Problem: 400 something is wrong, or is for the transmitter to set
    """
    members = an_object(body)
    _check_the_rest(transmitter, stream, members)
    changes: dict[str, Any] = {}
    if whole or "delivery" in members:
        changes |= _delivery(transmitter, members.get("delivery", {"method": str(Delivery.POLL)}))
    if whole or "events_requested" in members:
        changes["requested"] = _events(members.get("events_requested"))
    if whole or "description" in members:
        changes["description"] = _text(members.get("description"), "/description")
    return replace(stream, **changes)


def an_object(body: Any) -> Mapping[str, Any]:
    """A JSON object.

    :raise Problem: 400 it is something else
    """
    if not isinstance(body, dict):
        raise Problem(400, "the body must be a JSON object")
    return cast(Mapping[str, Any], body)


def wrong(detail: str, pointer: str) -> Problem:
    """What is wrong with a body, and where."""
    return Problem(400, detail, [Flaw(detail, pointer)])


def _check_the_rest(transmitter: Transmitter, stream: Stream, members: Mapping[str, Any]) -> None:
    """:raise Problem: something that the transmitter sets is named with another value"""
    expected = told(transmitter, stream)
    for name, value in expected.items():
        if name not in RECEIVERS_OWN and name in members and members[name] != value:
            raise wrong(f"`{name}` is set by the transmitter", f"/{name}")


def _delivery(transmitter: Transmitter, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong("`delivery` must be an object", "/delivery")
    method = value.get("method")
    if method not in (str(Delivery.PUSH), str(Delivery.POLL)):
        raise wrong(f"the method must be `{Delivery.PUSH}` or `{Delivery.POLL}`", "/delivery/method")
    if method == str(Delivery.POLL):
        return {"delivery": Delivery.POLL, "endpoint": None, "authorization": None}
    endpoint = _text(value.get("endpoint_url"), "/delivery/endpoint_url")
    if endpoint is None:
        raise wrong("`endpoint_url` is missing", "/delivery")
    authorization = _text(value.get("authorization_header"), "/delivery/authorization_header")
    if authorization is not None and not (authorization.isascii() and authorization.isprintable()):
        raise wrong("the header holds a character that a header has not", "/delivery/authorization_header")
    return {
        "delivery": Delivery.PUSH,
        "endpoint": _safe(endpoint, simulation=transmitter.simulation),
        "authorization": authorization,
    }


def _safe(endpoint: str, *, simulation: bool) -> str:
    """The address, if tokens can be sent there so that nobody else reads them: to this machine in simulation only.

    :raise Problem: 400 they cannot
    """
    try:
        safe = "*" not in endpoint and goes_safely(endpoint) and (simulation or endpoint.startswith("https:"))
    except WrongRegistration:
        safe = False
    if not safe:
        raise wrong("the address must be a whole one by https", "/delivery/endpoint_url")
    return endpoint


def _events(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MOST_EVENTS or not all(isinstance(each, str) for each in value):
        raise wrong("`events_requested` must be a list of addresses of events", "/events_requested")
    return tuple(dict.fromkeys(each[:LONGEST_TEXT] for each in value))


def _text(value: Any, pointer: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\x00" in value:
        raise wrong(f"a text of at most {LONGEST_TEXT} characters is needed", pointer)
    return value
