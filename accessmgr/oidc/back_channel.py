"""Back-channel logout: clients are told by a signed token that a sign-in has ended (the OpenID specification of it).

The messages wait in the outbox, and are sent from there as often as it takes, for at most a day. The token is signed
anew for each try, with the same `jti`, so a client that remembers those does it once.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from http.client import HTTPException
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy.exc import SQLAlchemyError

from accessmgr.core.days import day_of
from accessmgr.oidc import jose
from accessmgr.oidc.provider import Provider
from accessmgr.usecases.outbox import Message
from accessmgr.usecases.relying_parties import Client

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIVES = timedelta(minutes=2)
PATIENCE = 3.0
"""Seconds that a client has to answer."""
LOOKS_EVERY = 1.0
"""Seconds between two looks into the outbox."""
TAKEN = (200, 204)

log = logging.getLogger(__name__)


def logout_token(op: Provider, message: Message) -> str:
    """The token that tells a client of the end of a sign-in."""
    now = op.now()
    claims = {
        "iss": op.issuer,
        "aud": message.client,
        "sub": message.person,
        "sid": message.sid,
        "jti": message.id,
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LIVES).timestamp()),
        "events": {EVENT: {}},
    }
    return jose.sign(op.keys, claims, type_="logout+jwt")


def send_due(op: Provider) -> dict[str, int]:
    """Try every message that is due, and count what came of them by `sent` and `failed`.

    Clients do not wait for each other; the messages of one go one after the other.
    """
    op.outbox.lapse(day_of(op.world.clock.now()), op.now())
    by_client: dict[str, list[Message]] = defaultdict(list)
    for message in op.outbox.take(op.now()):
        by_client[message.client].append(message)
    counts = {"sent": 0, "failed": 0}
    trying = [
        Thread(target=_send_all, args=(op, op.clients.find(client), messages, counts), daemon=True)
        for client, messages in by_client.items()
    ]
    for thread in trying:
        thread.start()
    for thread in trying:
        thread.join()
    return counts


def start(op: Provider) -> None:
    """Go on sending what is due, in a thread that ends with the process."""
    Thread(target=_run, args=(op,), name="outbox", daemon=True).start()


def _run(op: Provider) -> None:
    while True:
        try:
            send_due(op)
        except SQLAlchemyError as fault:
            log.warning("the outbox cannot be read: %s", type(fault).__name__)
        time.sleep(LOOKS_EVERY)


def _send_all(op: Provider, client: Client | None, messages: Iterable[Message], counts: dict[str, int]) -> None:
    for message in messages:
        if client is None or client.backchannel_logout_uri is None:
            op.outbox.give_up(message.id, "no address is registered")
            continue
        fault = _fault_of(op, client.backchannel_logout_uri, {"logout_token": logout_token(op, message)})
        if fault is None:
            op.outbox.sent(message.id, op.now())
            counts["sent"] += 1
            continue
        op.outbox.failed(message, fault, op.now())
        counts["failed"] += 1
        log.warning("`%s` did not take a logout token: %s", message.client, fault)


def _fault_of(op: Provider, address: str, form: Mapping[str, str]) -> str | None:
    """Why a try failed, without a word of what was sent or answered; None if it did not."""
    try:
        status = op.post(address, form)
    except (OSError, ValueError, HTTPException) as fault:
        return type(fault).__name__
    return None if status in TAKEN else f"status {status}"


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def post_form(address: str, form: Mapping[str, str]) -> int:
    """Send a form to a web address, following nobody elsewhere, and give the status of the answer.

    :raise OSError: there is no answer
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = Request(address, urlencode(form).encode(), headers)  # noqa: S310  # registered: https, or this machine
    try:
        with build_opener(_NoRedirect).open(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
