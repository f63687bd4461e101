"""What a session has done already and need not be asked again: areas entered, purposes given.

Only marks stand in the signed cookie, never a word that was typed; they count for one sign-in alone.
"""

from flask import session

from accessmgr.web.current import signed_in

MOST = 20
"""How many marks of one kind are kept: the latest ones."""


def mark(kind: str, what: str) -> None:
    """Remember that the session did something."""
    kept = [each for each in _marks(kind) if each != what]
    session[kind] = {"session": signed_in().session, "marks": [*kept, what][-MOST:]}


def marked(kind: str, what: str) -> bool:
    """Whether the session did it."""
    return what in _marks(kind)


def forget(kind: str, what: str) -> None:
    """Let it be asked again."""
    session[kind] = {"session": signed_in().session, "marks": [each for each in _marks(kind) if each != what]}


def marks(kind: str) -> list[str]:
    """Everything of one kind that the session did, the latest last."""
    return _marks(kind)


def forget_all(kind: str) -> None:
    """Let everything of one kind be asked again."""
    session.pop(kind, None)


def _marks(kind: str) -> list[str]:
    kept = session.get(kind) or {}
    return list(kept.get("marks", [])) if kept.get("session") == signed_in().session else []
