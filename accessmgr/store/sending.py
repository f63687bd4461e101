"""Checkpoints sent to where the operator cannot change them: to any address, and to witnesses, which sign them.

A checkpoint covers all before it, so only the newest is sent, and there is nothing to keep for later: what failed is
tried again with what is the newest then. After a start the newest is sent again.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy.exc import SQLAlchemyError

from accessmgr.core.ledger.note import Checkpoint, VerifierKey, Verify, WrongNote
from accessmgr.core.ledger.witness import Submission, cosigned_at
from accessmgr.store.ledger import BrokenHistory, StoredLedger
from accessmgr.store.store import Store

PATIENCE = 5
"""Seconds that another machine has to answer."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds until the second try, doubled with each further one."""

LOOKS_EVERY = 10.0
"""Seconds between two looks for a checkpoint that another process made."""

LONGEST_ANSWER = 64 * 1024

log = logging.getLogger(__name__)


class NotTaken(Exception):
    """The other side did not take the checkpoint; what it said is not repeated."""


@dataclass
class Receiver:
    """Where checkpoints go. With a key it is a witness: then `size` is the one that it signed last, as far as known."""

    url: str
    key: VerifierKey | None = None
    size: int = 0
    has: str = ""
    failures: int = 0
    due: float = 0.0

    @property
    def name(self) -> str:
        """How it is told in logs: an address may hold a secret."""
        return self.key.name if self.key else urlsplit(self.url).hostname or "an address"


class Sender:
    """What sends the newest checkpoint to each receiver, in a thread of its own."""

    def __init__(self, store: Store, receivers: Sequence[Receiver], check_signature: Verify) -> None:
        self.store = store
        self.receivers = receivers
        self._check_signature = check_signature

    def start(self) -> None:
        """Ask once now, so that what a witness knows is known before anything is written; then go on in a thread."""
        if self.receivers:
            self.send()
            Thread(target=self._run, name="sender", daemon=True).start()

    def send(self) -> None:
        """Send the newest checkpoint to each receiver that has not got it, unless it is too early to try again."""
        try:
            with self.store.reading() as look:
                note = look.ledger.newest()
        except SQLAlchemyError:
            return
        due = [each for each in self.receivers if note and each.has != note and each.due <= time.monotonic()]
        # At once, so that nobody waits for another; and in threads that an end of the process does not wait for.
        trying = [Thread(target=self._try, args=(receiver, note), daemon=True) for receiver in due]
        for thread in trying:
            thread.start()
        for thread in trying:
            thread.join()

    def _run(self) -> None:
        while True:
            waits = [each.due - time.monotonic() for each in self.receivers if each.failures]
            self.store.signed.wait(max(0.1, min([*waits, LOOKS_EVERY])))
            self.store.signed.clear()
            self.send()

    def _try(self, receiver: Receiver, note: str) -> None:
        try:
            if receiver.key is None:
                self._post_to(receiver, note)
            else:
                self._have_signed(receiver, receiver.key, note)
        except (OSError, NotTaken, WrongNote, ValueError, SQLAlchemyError) as fault:
            pause = min(FIRST_PAUSE * 2**receiver.failures, LONGEST_PAUSE)
            receiver.failures, receiver.due = min(receiver.failures + 1, 30), time.monotonic() + pause
            log.warning("`%s` did not take the checkpoint: %s", receiver.name, type(fault).__name__)
        else:
            receiver.failures, receiver.due, receiver.has = 0, 0.0, note

    def _post_to(self, receiver: Receiver, note: str) -> None:
        if self.store.trouble() is None:  # an older one should not take the place of what they have
            status, _ = _posted(receiver.url, note)
            if status >= 300:
                raise NotTaken

    def _have_signed(self, receiver: Receiver, key: VerifierKey, note: str) -> None:
        size = Checkpoint.parse(note).size
        for _ in range(2):
            old = receiver.size
            with self.store.reading() as look:
                sent = submission(look.ledger, min(old, size), note)
            status, answer = _posted(f"{receiver.url.rstrip('/')}/add-checkpoint", str(sent))
            if status == 200:
                self._keep(note, key, answer)
                receiver.size = size
                return
            if status == 422:
                return self._contradict(key, f"knows another history than the one of {size} entries here", None)
            if status != 409 or not answer.strip().isdecimal():
                raise NotTaken
            receiver.size = int(answer)
            if receiver.size > size:
                return self._compare(key, receiver.size)
            if receiver.size == old:
                return self._contradict(key, f"signed another root over {old} entries", None)
        raise NotTaken

    def _compare(self, key: VerifierKey, signed: int) -> None:
        with self.store.reading() as look:
            size = look.size()
        if size < signed:
            self._contradict(key, f"signed {signed} entries, and the history here has {size}", (size, signed))

    def _contradict(self, key: VerifierKey, because: str, sizes: tuple[int, int] | None) -> None:
        size, signed = sizes or (None, None)
        broken = BrokenHistory(f"the witness `{key.name}` {because}", size=size, signed=signed)
        log.error("read-only, as %s", broken)
        if self.store.outside is not None:
            self.store.outside.contradict(broken)

    def _keep(self, note: str, key: VerifierKey, answer: str) -> None:
        own = [line for line in answer.splitlines(keepends=True) if line.startswith(f"\N{EM DASH} {key.name} ")]
        checkpoint = Checkpoint.parse(note + "".join(own))
        cosigned_at(checkpoint, key, self._check_signature)
        self.store.keep_cosignature(checkpoint.size, str(key), "".join(own))


def submission(ledger: StoredLedger, old: int, note: str) -> Submission:
    """A checkpoint as a witness takes it who signed another size last, with the proof that it extends that one.

    :raise ValueError: that size is above the one of the checkpoint
    """
    size = Checkpoint.parse(note).size
    if not 0 <= old <= size:
        raise ValueError(f"the checkpoint covers {size} entries, not `{old}`")
    return Submission(old, tuple(ledger.consistency(old, size)) if 0 < old < size else (), note)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nobody elsewhere: what was set is where it goes."""


_opener = build_opener(_NoRedirect)


def _posted(url: str, text: str) -> tuple[int, str]:
    """The status and body of the answer to a POST of text.

    :raise OSError: there is no answer
    """
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    request = Request(url, data=text.encode(), headers=headers)  # noqa: S310  # only http and https are settings
    try:
        with _opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(LONGEST_ANSWER).decode()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read(LONGEST_ANSWER).decode(errors="replace")
