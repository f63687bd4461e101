"""Filters for templates: days, moments, periods, numbers and names in the language of the request."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_time
from flask import Flask
from flask_babel import get_locale, gettext

from accessmgr.core.days import BRUSSELS, Period
from accessmgr.core.model import ContextKind, Right
from accessmgr.core.numbers import EnterpriseNumber, EstablishmentNumber, InvalidNumber
from accessmgr.web import naming
from accessmgr.web.current import product

DATES = {"en": "en_GB", "fr": "fr_BE", "nl": "nl_BE", "de": "de_BE"}
"""Where each language's way of writing days is taken from."""


def language() -> str:
    """The language of the request: fr, nl, de or en."""
    return str(get_locale() or "en")[:2]


def day(value: date | None) -> str:
    """A day in full, as `2 March 2026`; nothing for None."""
    if value is None:
        return ""
    return _in_full(value, language())


@lru_cache(4096)
def _in_full(value: date, language: str) -> str:
    """A long list has the same days over and over."""
    written = format_date(value, "long", locale=DATES[language])
    first_in_french = language == "fr" and value.day == 1
    return written.replace("1 ", "1er ", 1) if first_in_french else written


def moment(value: datetime | None) -> str:
    """A moment as the clock in Brussels shows it, as `2 March 2026, 09:00`; nothing for None."""
    if value is None:
        return ""
    local = value.astimezone(BRUSSELS)
    return f"{day(local.date())}, {format_time(local, 'HH:mm', locale=DATES[language()])}"


def period(value: Period) -> str:
    """A period of days in words."""
    if value.is_empty:
        return gettext("no day (it would have begun on %(day)s)", day=day(value.first))
    if value.last is None:
        return gettext("from %(first)s, without end", first=day(value.first))
    if value.last == value.first:
        return gettext("on %(day)s only", day=day(value.first))
    return gettext("from %(first)s to %(last)s", first=day(value.first), last=day(value.last))


def number(value: str) -> str:
    """An enterprise or establishment number with its dots; any other text as it is."""
    for kind in (EnterpriseNumber, EstablishmentNumber):
        try:
            return kind.parse(value).display
        except InvalidNumber:
            continue
    return value


def right_name(code: str) -> str:
    """What people call a right, in the language of the request."""
    names = product().right_names.get(code, {})
    return names.get(language()) or names.get("en") or code


def context(value: str, right: Right | None = None) -> str:
    """A context as people read it: an establishment number with dots, a profile by its name."""
    if right is not None and right.context_kind is ContextKind.PROFILE:
        return str(naming.PROFILES.get(value, value))
    return number(value)


def _named(names: Mapping[Any, object]) -> Callable[[Any], str]:
    def name(value: Any) -> str:
        return "" if value is None else str(names.get(value, value))

    return name


role = _named(naming.ROLES)
domain = _named(naming.DOMAINS)
user_type = _named(naming.USER_TYPES)
function = _named(naming.FUNCTIONS)
key_name = _named(naming.KEYS)
state = _named(naming.STATES)
action = _named(naming.ACTIONS)
target_group = _named(naming.TARGET_GROUPS)
mender = _named(naming.MENDERS)
outcome = _named(naming.OUTCOMES)

FILTERS: tuple[Callable[..., str], ...] = (day, moment, period, number, right_name, context)
NAMES = {
    "role": role,
    "domain": domain,
    "user_type": user_type,
    "function": function,
    "key_name": key_name,
    "state": state,
    "action": action,
    "target_group": target_group,
    "mender": mender,
    "outcome": outcome,
}


TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
"""Characters that turn the direction of all text after them, so that a name could rewrite the sentence around it."""


def without_turns(value: Any) -> Any:
    """What a template writes, with a visible sign for each of those characters."""
    return value.translate(TURNS) if isinstance(value, str) else value


def init_app(app: Flask) -> None:
    """Let templates use the filters, each by its name, and write no text that turns what follows."""
    app.jinja_env.finalize = without_turns
    for each in FILTERS:
        app.add_template_filter(each)
    for name, each in NAMES.items():
        app.add_template_filter(each, name)
