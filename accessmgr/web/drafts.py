"""Forms that wait, sealed: step by step until a job is done, or until their sender has a stronger digital key.

So what was typed never travels in an address or a hidden field, and a form that is sent twice is done once.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Unfinished:
    """A job that somebody has begun: the path at which it goes on, what it is for, and what was typed so far."""

    id: str
    path: str
    purpose: str
    fields: Mapping[str, list[str]]


def put(purpose: str, fields: Fields) -> str:
    """Keep what was typed, for the person who is signed in, and give the id under which it waits."""
    draft_id = secrets.token_urlsafe(16)
    _keep(draft_id, {"purpose": purpose, "fields": dict(fields)})
    return draft_id


def keep_unfinished(draft_id: str | None, purpose: str, path: str, fields: Mapping[str, list[str]]) -> str:
    """Keep what was typed so far of a job, for seven days and whoever signs in; in place of the same draft, if any."""
    kept_as = draft_id or secrets.token_urlsafe(16)
    _keep(kept_as, {"purpose": purpose, "fields": dict(fields), "path": path, "id": kept_as})
    return kept_as


def unfinished() -> list[Unfinished]:
    """The jobs that the person who is signed in has begun and not finished, the latest first."""
    kept = [json.loads(text) for text in product().sessions.unfinished(signed_in().person)]
    return [Unfinished(each["id"], each["path"], each["purpose"], each["fields"]) for each in kept]


def throw_away(draft_id: str) -> None:
    """Forget a draft; one that is not there is forgotten already."""
    product().sessions.take_draft(draft_id, signed_in().person)


def get(purpose: str, draft_id: str) -> Fields:
    """What was typed; 409 if it is gone, as after it was sent."""
    return _fields(_content(purpose, product().sessions.draft(draft_id, signed_in().person)))


def take(purpose: str, draft_id: str) -> Fields:
    """What was typed, once: whoever sends the same form again gets 409."""
    return _fields(_content(purpose, product().sessions.take_draft(draft_id, signed_in().person)))


@contextmanager
def once(purpose: str, draft_id: str) -> Iterator[Fields]:
    """What was typed, for the one action that comes of it: refused, it waits again, and otherwise it is gone."""
    content = _content(purpose, product().sessions.take_draft(draft_id, signed_in().person))
    try:
        yield _fields(content)
    except (Refused, Conflict, TooManyLookups):
        _keep(draft_id, content)
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


def _keep(draft_id: str, content: Mapping[str, Any]) -> None:
    text = json.dumps(content)
    product().sessions.keep_draft(draft_id, signed_in().person, text, unfinished="path" in content)


def _content(purpose: str, text: str | None) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text) if text else {}
    if content.get("purpose") != purpose:
        abort(409)
    return content


def _fields(content: Mapping[str, Any]) -> Fields:
    fields: Fields = content["fields"]
    return fields
