"""What the OpenID provider asks of the pages: who is signed in, the way to the sign-in, and to be somebody."""

from collections.abc import Iterable

from flask import url_for
from flask_login import current_user, logout_user

from accessmgr.core.model import Key
from accessmgr.usecases.world import OpenSession
from accessmgr.web.current import product, signed_in
from accessmgr.web.entering import begin_session
from accessmgr.web.personas import personas


def open_session() -> tuple[str, OpenSession] | None:
    """The session of this browser with its id, None if nobody is signed in."""
    if not current_user.is_authenticated:
        return None
    session_id = signed_in().session
    found = product().sessions.find(session_id)
    return None if found is None else (session_id, found)


def sign_in_address(back: str, keys: Iterable[Key]) -> str:
    """The sign-in page that offers certain keys, and leads back to a path afterwards."""
    offered = frozenset(keys)
    return url_for("sign_in.choose", next=back, keys=None if offered >= frozenset(Key) else " ".join(sorted(offered)))


def enter(person: str, key: Key) -> None:
    """Let somebody whom the rules let sign in be signed in, without pages."""
    begin_session(person, key)


def leave() -> None:
    """End the session of this browser."""
    if current_user.is_authenticated:
        product().sessions.end(signed_in().session)
        logout_user()


def persona(short: str) -> tuple[str, Key] | None:
    """The person and the usual key of a fictional person, None if there is none of that name."""
    if not product().simulation:
        return None
    return next(((each.person, each.key) for each in personas() if each.short == short), None)
