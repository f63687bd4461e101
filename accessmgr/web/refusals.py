"""Why something was refused, ready to be shown: each finding in words, with the facts that it rested on."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from accessmgr.core.decide import Effect, Finding, Mender
from accessmgr.usecases.perform import Done
from accessmgr.web import fact_rows as facts
from accessmgr.web import format as form
from accessmgr.web.fact_rows import Row, Rows


@dataclass(frozen=True)
class Reason:
    """One finding, ready to be shown."""

    rule: str
    says: str
    mend: str
    menders: list[str]
    rows: list[Row]
    permit: bool
    broken: bool


def reasons(done: Done) -> list[Reason]:
    """The findings that the person may be told, each with the facts it rested on."""
    return [_reason(finding) for finding in done.told]


def rows(finding: Finding) -> list[Row]:
    """The facts that a finding rested on, as pairs of label and value."""
    if finding.holds is None:
        return []
    shown = BY_RULE.get(finding.rule.id, (facts.today,))
    return [row for each in shown for row in each(finding.facts)]


def _reason(finding: Finding) -> Reason:
    rule = finding.rule
    return Reason(
        rule.id,
        _(rule.says),
        _(rule.mend),
        [form.mender(mender) for mender in rule.menders if mender is not Mender.NOBODY],
        rows(finding),
        rule.effect is Effect.PERMIT,
        finding.holds is None,
    )


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
