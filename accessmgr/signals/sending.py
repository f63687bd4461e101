"""Sending: tokens go to the receivers that want them so, in the order of the history, as often as it takes (RFC 8935).

One process at a time sends for a stream, and nobody waits for the receiver of another. A token leaves the queue once
the receiver took it; a stop just between the two sends it again, with the same `jti`.
"""

import logging
import time
from datetime import timedelta
from http.client import HTTPException
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy.exc import SQLAlchemyError

from accessmgr.signals.following import follow_all
from accessmgr.signals.transmitter import TYPE, Transmitter, signal_about_stream
from accessmgr.usecases.streams import STREAM_UPDATED, Signal, Status, Stream

PATIENCE = 3.0
"""Seconds that a receiver has to answer."""
LOOKS_EVERY = 0.5
"""Seconds between two looks for what another process wrote."""
KEPT_FOR = timedelta(seconds=5)
"""For how long a process has a stream for itself, from each token on: longer than a receiver has."""
BATCH = 50
TAKEN = (200, 202, 204)

log = logging.getLogger(__name__)


def send_due(transmitter: Transmitter) -> int:
    """Follow the history, and send to each receiver what waits for it, if it is time; gives how many were taken."""
    follow_all(transmitter)
    return sum(send(transmitter, stream) for stream in transmitter.streams.due(transmitter.now()))


def send(transmitter: Transmitter, stream: Stream) -> int:
    """Send what waits in a stream, until nothing is left or the receiver does not take it; gives how many it took."""
    streams, count = transmitter.streams, 0
    now = transmitter.now()
    if not streams.take(stream.id, now, now + KEPT_FOR):
        return 0
    while waiting := streams.waiting(stream.id, BATCH):
        for signal in waiting:
            fault = _fault_of(transmitter, stream, signal)
            now = transmitter.now()
            if fault is not None:
                _note_failure(transmitter, stream, fault)
                return count
            streams.took(stream.id, [signal.id], now + KEPT_FOR)
            count += 1
        stream = streams.find(stream.id) or stream
        if stream.status is not Status.ENABLED:
            break
    streams.let_go(stream.id)
    return count


def start(transmitter: Transmitter, stop: Event | None = None) -> Thread:
    """Go on sending what is due until told to stop, in threads that end with the process; gives the first of them."""
    going = Thread(target=_run, args=(transmitter, stop or Event()), name="signals", daemon=True)
    going.start()
    return going


def _run(transmitter: Transmitter, stop: Event) -> None:
    """Look for what is to be done for streams, and do it for each in a thread of its own."""
    at_work: dict[str, Thread] = {}
    more: set[str] = set()
    while not stop.is_set():
        transmitter.written.wait(LOOKS_EVERY)
        transmitter.written.clear()
        try:
            waiting = _waiting(transmitter)
        except SQLAlchemyError as fault:
            log.warning("the streams cannot be read: %s", type(fault).__name__)
            time.sleep(LOOKS_EVERY)
            continue
        at_work = {id_: thread for id_, thread in at_work.items() if thread.is_alive()}
        more |= at_work.keys() & waiting.keys()
        for id_ in waiting.keys() - at_work.keys():
            at_work[id_] = Thread(target=_go_on, args=(transmitter, waiting[id_], more), daemon=True)
            at_work[id_].start()


def _waiting(transmitter: Transmitter) -> dict[str, Stream]:
    """The streams for which there is something to do, by id."""
    streams = transmitter.streams
    found = (*streams.behind(transmitter.today()), *streams.due(transmitter.now()))
    return {stream.id: stream for stream in found}


def _go_on(transmitter: Transmitter, stream: Stream, more: set[str]) -> None:
    """Follow the history for a stream, and send what waits for it if it is time.

    :param more: the streams for which there was more to do while they were served: then another look is due at once
    """
    try:
        follow_all(transmitter, only=stream.id)
        for due in transmitter.streams.due(transmitter.now()):
            if due.id == stream.id:
                send(transmitter, due)
    except SQLAlchemyError as fault:
        log.warning("a stream of `%s` cannot go on: %s", stream.client, type(fault).__name__)
    except Exception:  # a fault of ours ends this try, and is seen
        log.warning("a stream of `%s` cannot go on", stream.client, exc_info=True)
    if stream.id in more:
        more.discard(stream.id)
        transmitter.written.set()


def _note_failure(transmitter: Transmitter, stream: Stream, fault: str) -> None:
    """Note that a token was not taken. If that was the last try, the receiver is told that the stream is paused."""
    now = transmitter.now()
    log.warning("`%s` did not take a security event token: %s", stream.client, fault)
    transmitter.streams.failed(stream, fault, now)
    if stream.is_given_up(now):
        told = signal_about_stream(stream, STREAM_UPDATED, {"status": str(Status.PAUSED)}, now)
        _fault_of(transmitter, stream, told)


def _fault_of(transmitter: Transmitter, stream: Stream, signal: Signal) -> str | None:
    """Why a try failed, without a word of what was sent or answered; None if it did not."""
    try:
        status = transmitter.post(stream.endpoint or "", transmitter.token(stream, signal), stream.authorization)
    except (OSError, ValueError, HTTPException) as fault:
        return type(fault).__name__
    return None if status in TAKEN else f"status {status}"


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nobody elsewhere: what was registered is where it goes."""


def post(address: str, token: str, authorization: str | None) -> int:
    """Send a token to a web address, and give the status of the answer, of which nothing else is read.

    :raise OSError: there is no answer
    :raise HTTPException: the answer is none of HTTP, or the address holds what none may
    """
    headers = {"Content-Type": f"application/{TYPE}", "Accept": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    request = Request(address, token.encode(), headers)  # noqa: S310  # registered: https, or this machine
    try:
        with build_opener(_NoRedirect).open(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
