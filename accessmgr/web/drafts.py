"""Forms that wait, sealed: for "check your answers", or until their sender has a stronger digital key.

So what was typed never travels in an address or a hidden field, and a form that is sent twice is done once.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import abort, session

from accessmgr.usecases.perform import Refused, TooManyLookups
from accessmgr.usecases.world import Conflict
from accessmgr.web.current import product, signed_in

_IN_SESSION = "draft"
Fields = Mapping[str, str | list[str] | bool | None]


@dataclass(frozen=True)
class Resend:
    """A form that was sent to a path and is to be sent again."""

    path: str
    fields: list[tuple[str, str]]


def put(purpose: str, fields: Fields) -> str:
    """Keep what was typed, for the person who is signed in, and give the id under which it waits."""
    draft_id = secrets.token_urlsafe(16)
    _keep(draft_id, purpose, fields)
    return draft_id


def get(purpose: str, draft_id: str) -> Fields:
    """What was typed; 409 if it is gone, as after it was sent."""
    return _fields(purpose, product().sessions.draft(draft_id, signed_in().person))


def take(purpose: str, draft_id: str) -> Fields:
    """What was typed, once: whoever sends the same form again gets 409."""
    return _fields(purpose, product().sessions.take_draft(draft_id, signed_in().person))


@contextmanager
def once(purpose: str, draft_id: str) -> Iterator[Fields]:
    """What was typed, for the one action that comes of it: refused, it waits again, and otherwise it is gone."""
    fields = take(purpose, draft_id)
    try:
        yield fields
    except (Refused, Conflict, TooManyLookups):
        _keep(draft_id, purpose, fields)
        raise


def keep_to_resend(path: str, fields: Iterable[tuple[str, str]]) -> None:
    """Keep a whole form, without its token, until the person has signed in with a stronger digital key."""
    kept = [[name, value] for name, value in fields if name != "csrf_token"]
    session[_IN_SESSION] = put("resend", {"path": path, "form": json.dumps(kept)})


def carry_over(*, same_person: bool) -> bool:
    """Empty the session of the cookie, but for the form that waits for the same person; whether one waits."""
    waiting = session.get(_IN_SESSION) if same_person else None
    session.clear()
    if waiting is not None:
        session[_IN_SESSION] = waiting
    return waiting is not None


def to_resend() -> Resend | None:
    """The form that waits to be sent again by the person who is signed in, if any; it waits no longer."""
    draft_id = session.pop(_IN_SESSION, None)
    text = product().sessions.take_draft(draft_id, signed_in().person) if draft_id else None
    if text is None:
        return None
    fields = json.loads(text)["fields"]
    return Resend(fields["path"], [(name, value) for name, value in json.loads(fields["form"])])


def _keep(draft_id: str, purpose: str, fields: Fields) -> None:
    text = json.dumps({"purpose": purpose, "fields": dict(fields)})
    product().sessions.keep_draft(draft_id, signed_in().person, text)


def _fields(purpose: str, text: str | None) -> Fields:
    content = json.loads(text) if text else {}
    if content.get("purpose") != purpose:
        abort(409)
    fields: Fields = content["fields"]
    return fields
