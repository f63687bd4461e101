"""Why something was refused, ready to be shown: each finding in words, the facts that it rested on, since when, who can
mend it, and where that starts with the form filled in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from accessmgr.calls.answers import PEOPLE, menders, since_when, where_to_mend
from accessmgr.calls.mending import bare, is_mender
from accessmgr.core.actions import Action
from accessmgr.core.chain_causes import Cause
from accessmgr.core.decide import Effect, Finding, Mender
from accessmgr.core.facts import Facts
from accessmgr.usecases.perform import Done
from accessmgr.web import fact_rows as facts
from accessmgr.web import format as form
from accessmgr.web.current import look
from accessmgr.web.fact_rows import Row, Rows


@dataclass(frozen=True)
class Way:
    """A page where the mending starts: what one does there, and its address with the form filled in."""

    label: str
    address: str


@dataclass(frozen=True)
class Reason:
    """One finding, ready to be shown."""

    rule: str
    says: str
    since: str
    mend: str
    menders: list[str]
    ways: list[Way]
    rows: list[Row]
    permit: bool
    broken: bool


def reasons(done: Done) -> list[Reason]:
    """The findings that the person may be told, each with the facts it rested on, and what they can do about it."""
    found = _whole(done) if done.tied else bare(done.facts)
    able = _able(done, found) if done.tied else {}
    ways = _ways(done, found)
    return [_reason(finding, done, able, ways.get(finding.rule.id, [])) for finding in done.told]


def _whole(done: Done) -> Facts:
    """The facts with the enterprise's appointments, which a decision about entering does without."""
    enterprise = done.facts.enterprise
    if done.decision.action is not Action.ENTER_SECURE_AREA or enterprise is None:
        return done.facts
    with look() as seen:
        return replace(done.facts, appointments=tuple(seen.lists.appointments(enterprise=enterprise)))


def _able(done: Done, found: Facts) -> Mapping[str, list[str]]:
    """Who can mend it: the names of the people, by role."""
    if not any(mender in PEOPLE for finding in done.told for mender in finding.rule.menders):
        return {}
    with look() as seen:
        return {one["role"]: [each["name"] for each in one.get("people", ())] for one in menders(done, found, seen)}


def _ways(done: Done, found: Facts) -> Mapping[str, list[Way]]:
    """The pages where the person who was refused can start the mending themself, by rule.

    To a stronger digital key leads the page of the refusal itself.
    """
    ways: dict[str, list[Way]] = {}
    for rule, start in where_to_mend(done, found):
        way = Way(str(LABELS.get(start.endpoint, "")), url_for(start.endpoint, **start.values))
        is_theirs = is_mender(start.mender, found, found.actor.id)
        if start.endpoint in LABELS and is_theirs and way not in ways.get(rule, []):
            ways.setdefault(rule, []).append(way)
    return ways


def rows(finding: Finding) -> list[Row]:
    """The facts that a finding rested on, as pairs of label and value."""
    if finding.holds is None:
        return []
    shown = BY_RULE.get(finding.rule.id, (facts.today,))
    return [row for each in shown for row in each(finding.facts)]


def _reason(finding: Finding, done: Done, able: Mapping[str, list[str]], ways: list[Way]) -> Reason:
    rule = finding.rule
    return Reason(
        rule.id,
        _(rule.says),
        _since(rule.effect, *since_when(finding, done)),
        _(rule.mend),
        [_mender(mender, able.get(str(mender), [])) for mender in rule.menders if mender is not Mender.NOBODY],
        ways,
        rows(finding),
        rule.effect is Effect.PERMIT,
        finding.holds is None,
    )


def _mender(mender: Mender, names: Iterable[str]) -> str:
    known = ", ".join(names)
    return f"{form.mender(mender)} ({known})" if known else form.mender(mender)


def _since(effect: Effect, cause: Cause, when: Any) -> str:
    """Since when a forbid has held, or a permit has not."""
    if when is None:
        return ""
    shown = form.moment(when) if isinstance(when, datetime) else form.day(when)
    if cause is Cause.NOT_YET:
        return _("It begins on %(when)s.", when=shown)
    if effect is Effect.PERMIT:
        return _("This has no longer been so since %(when)s.", when=shown)
    return _("It has been so since %(when)s.", when=shown)


LABELS: Mapping[str, object] = {
    "users.new_request": lazy_gettext("Request this right"),
    "users.grant": lazy_gettext("Grant the right"),
    "users.extend": lazy_gettext("Change the end of the right"),
    "users.revoke": lazy_gettext("Revoke the right"),
    "users.add": lazy_gettext("Link the person to the enterprise"),
    "users.person": lazy_gettext("See the person’s work relation"),
    "users.end_relation": lazy_gettext("End the work relation"),
    "users.one_request": lazy_gettext("Go to the request"),
    "managers.appoint": lazy_gettext("Offer the role"),
    "managers.offer": lazy_gettext("Answer the offer"),
    "managers.end": lazy_gettext("End the appointment"),
    "history.enterprise": lazy_gettext("Go to the history of the enterprise"),
    "history.me": lazy_gettext("See the entries about you"),
    "secure_area.home": lazy_gettext("Choose another enterprise or context"),
}
"""What one does on each page where mending starts."""


APPOINTING: tuple[Rows, ...] = (facts.today, facts.own_functions, facts.own_roles)
GRANTING: tuple[Rows, ...] = (facts.today, facts.right, facts.own_functions, facts.own_roles)

BY_RULE: Mapping[str, tuple[Rows, ...]] = {
    **dict.fromkeys(("SIGNIN-1", "SIGNIN-3", "KEY-1", "KEY-2", "KEY-3"), (facts.key_used,)),
    "REG-1": (facts.today, facts.enterprise_period),
    "PERSON-2": (),
    **dict.fromkeys(("APPOINT-1", "APPOINT-5", "APPOINT-7", "APPOINT-9", "END-1", "CLAIM-1", "LINK-1"), APPOINTING),
    "APPOINT-3": (facts.main_manager,),
    **dict.fromkeys(("APPOINT-4", "APPOINT-6", "APPOINT-8", "APPOINT-11"), (facts.holders_roles,)),
    "APPOINT-10": (facts.today, facts.relations),
    **dict.fromkeys(("ACCEPT-1", "ACCEPT-2", "ACCEPT-3", "END-2", "END-3", "END-4"), (facts.moment, facts.appointment)),
    **dict.fromkeys(("ACCEPT-4", "CLAIM-2"), (facts.own_roles,)),
    "LINK-2": (facts.asked_period, facts.relations),
    "LINK-3": (facts.relation,),
    "LINK-4": (facts.today, facts.relation, facts.asked_period),
    "LINK-5": (facts.today, facts.asked_period),
    **dict.fromkeys(("GRANT-1", "REQUEST-4"), GRANTING),
    "GRANT-2": (facts.asked_period, facts.relations),
    "GRANT-3": (facts.groups,),
    "GRANT-4": (),
    "GRANT-5": (facts.contexts, facts.today, facts.recognitions),
    **dict.fromkeys(("GRANT-6", "GRANT-7"), (facts.today, facts.asked_period)),
    "GRANT-8": (facts.today, facts.asked_period, facts.longest),
    **dict.fromkeys(("GRANT-9", "ENTER-3"), (facts.today, facts.recognitions)),
    "GRANT-10": (facts.asked_period, facts.contexts, facts.grants),
    "GRANT-12": (facts.moment, facts.grant),
    "GRANT-13": (facts.grant,),
    "REQUEST-3": (facts.contexts,),
    **dict.fromkeys(("REQUEST-5", "REQUEST-6", "REQUEST-8"), (facts.moment, facts.request)),
    "ENTER-1": (facts.today, facts.contexts, facts.grants),
    "ENTER-2": (facts.today, facts.relations),
    "ENTER-4": (facts.today, facts.contexts, facts.recognitions),
    "ENTER-5": (),
    "HISTORY-2": APPOINTING,
}
"""Which facts each rule's finding is shown with; a rule that is not listed shows the day alone."""
