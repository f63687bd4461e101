"""What a view asks for most: the world, who is signed in, one act, one question, one look."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import abort, current_app, g
from flask_login import UserMixin, current_user

from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.usecases.decision_log import DecisionLog, ask_about
from accessmgr.usecases.notices import Notices
from accessmgr.usecases.passkeys import Passkeys
from accessmgr.usecases.perform import Done, Identity, consider_in, perform
from accessmgr.usecases.reviews import Reviews
from accessmgr.usecases.text_messages import TextMessages
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Look, Sessions, Totp, Unknown, World
from accessmgr.web.passkey_ceremony import Ceremony


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The person who is signed in, with the digital key used."""

    session: str
    person: str
    key: Key
    given: str
    family: str
    language: str | None

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given} {self.family}"

    def get_id(self) -> str:
        """The id of the session, which is all that the cookie holds."""
        return self.session


@dataclass(frozen=True)
class Product:
    """What `create_app` wires together, for the views."""

    world: World
    decision_log: DecisionLog
    sessions: Sessions
    totp: Totp
    passkeys: Passkeys
    ceremony: Ceremony | None
    messages: TextMessages
    retention_years: int
    notices: Notices
    reviews: Reviews
    simulation: bool
    right_names: Mapping[str, Mapping[str, str]]
    set_clock: Callable[[datetime], None] | None
    verifier_key: Callable[[], str]
    checkpoint: Callable[[], str]
    trouble: Callable[[], Unrecorded | None]
    start_over: Callable[[], int] | None


def product() -> Product:
    """The product that this application serves."""
    return cast(Product, current_app.extensions["accessmgr"])


def world() -> World:
    """The world of the use cases."""
    return product().world


def signed_in() -> SignedIn:
    """Who is signed in; only for views that need it."""
    return cast(SignedIn, current_user)


def ask(action: Action, **given: Any) -> Ask:
    """A question of the person who is signed in, with the level of their digital key."""
    who = signed_in()
    return Ask(action=action, actor=who.person, level=who.key.level, **given)


def act(action: Action, *, identity: Identity | None = None, note: str | None = None, **given: Any) -> Done:
    """Do an action as the person who is signed in; they get a receipt of what it changed (`receipts.py`).

    :raise Refused: it is not allowed; `refused.html` tells why
    """
    done = perform(world(), ask(action, **given), identity=identity, note=note).or_refuse()
    if done.events:
        g.setdefault("acted", []).append(done.sequence)
    return done


def trouble() -> Unrecorded | None:
    """Why nothing can be changed at present, None if it can; asked once a request."""
    if g.get("bare"):
        return None
    if "trouble" not in g:
        g.trouble = product().trouble()
    found: Unrecorded | None = g.trouble
    return found


@contextmanager
def look() -> Iterator[Look]:
    """One consistent look at the store, the same for nested uses within a request."""
    open_already = g.get("look")
    if open_already is not None:
        yield open_already
        return
    trouble()  # every page tells it; asked within the look, it would wait for a writer that waits for the look
    with world().store.reading() as fresh:
        g.look = fresh
        try:
            yield fresh
        finally:
            g.pop("look")


def consider(action: Action, **given: Any) -> Done:
    """What would be decided if the person who is signed in asked this now; nothing is recorded."""
    with look() as seen:
        done = consider_in(world(), seen, ask(action, **given))
    g.decided_at = done.facts.at
    return done


def now() -> datetime | None:
    """What the clock shows: when the decisions of the page were made, if it has any; None if the page is a bare one."""
    if g.get("bare"):
        return None
    at: datetime = g.get("decided_at") or world().clock.now()
    return at


def asked(action: Action, **given: Any) -> Done:
    """As `consider`, outside any look, for an answer that lets somebody in: it goes to the decision log.

    :raise Unrecorded: the log cannot be written
    """
    return ask_about(world(), product().decision_log, ask(action, **given))


def permitted(action: Action, **given: Any) -> bool:
    """Whether some permit of the action holds for the person who is signed in, whatever forbids it now."""
    try:
        return consider(action, **given).decision.permitted
    except Unknown:
        return False


def open_to(*actions: Action, **given: Any) -> None:
    """Answer as for something that does not exist, unless a permit of one of the actions holds."""
    if not any(permitted(action, **given) for action in actions):
        abort(404)
