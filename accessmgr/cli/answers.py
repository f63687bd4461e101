"""Commands that answer: may this person do this, and who may enter."""

import json
import sys
from datetime import date, datetime
from typing import Any

import click

from accessmgr.cli.running import ENTERPRISE, person_id, running
from accessmgr.core import days
from accessmgr.core.actions import APPOINTS, Action, Ask
from accessmgr.core.decide import OURS, Finding
from accessmgr.core.events import plain
from accessmgr.core.model import Domain, Key, UserType
from accessmgr.usecases.decision_log import ask_in
from accessmgr.usecases.entering import Entering
from accessmgr.usecases.perform import Done


class _DayParameter(click.ParamType):
    name = "YYYY-MM-DD"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return days.day(value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


class _MomentParameter(click.ParamType):
    name = "YYYY-MM-DDTHH:MM"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return days.moment(value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


DAY, MOMENT = _DayParameter(), _MomentParameter()
FORMAT = click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
ON = click.option("--on", type=MOMENT, help="ask about another moment, in Brussels")
KNOWN_AT = click.option("--known-at", type=MOMENT, help="with what was known at this moment")


@click.command()
@click.argument("action", type=click.Choice([str(action) for action in Action]), metavar="ACTION")
@click.option("--as", "actor", required=True, metavar="PERSON", help="who asks: a short name or an id")
@click.option("--key", type=click.Choice([str(key) for key in Key]), default=str(Key.EID), show_default=True)
@click.option("--enterprise", type=ENTERPRISE)
@click.option("--person", metavar="PERSON", help="the person concerned: a short name or an id")
@click.option("--right")
@click.option("--context", "contexts", multiple=True, help="may be given several times")
@click.option("--begin", "--since", "begin", type=DAY)
@click.option("--end", "--until", "--last-day", "end", type=DAY)
@click.option("--domain", type=click.Choice([str(domain) for domain in Domain]))
@click.option("--user-type", type=click.Choice([str(user_type) for user_type in UserType]))
@click.option("--appointment", metavar="ID")
@click.option("--relation", metavar="ID")
@click.option("--grant", metavar="ID")
@click.option("--request", metavar="ID")
@click.option("--employee", is_flag=True)
@click.option("--replaces", is_flag=True)
@click.option("--without-successor", is_flag=True)
@click.option("--reason")
@click.option("--purpose")
@ON
@KNOWN_AT
@FORMAT
def check(action: str, actor: str, on: datetime | None, known_at: datetime | None, format_: str, **given: Any) -> None:
    """Decide one question and change nothing: exit status 0 if allowed, 1 if refused.

    That it was asked, and what came of it, goes to the decision log.

    Example: accessmgr check enter_secure_area --as ines --key itsme --enterprise 1999.000.150
    --right service_vouchers --context V99901
    """
    with running() as (_, product), product.world.store.reading() as look:
        person = person_id(look, given["person"]) if given["person"] else None
        ask = _ask(Action(action), person_id(look, actor), person, given)
        done, line = ask_in(product.world, look, ask, on=on, known_at=known_at)
    product.decision_log.add(line)
    product.decision_log.flush()
    if format_ == "json":
        click.echo(json.dumps(_as_json(done), ensure_ascii=False, indent=1))
    else:
        _print(done)
    sys.exit(0 if done.decision.allowed else 1)


@click.command()
@click.argument("right")
@click.argument("enterprise", type=ENTERPRISE)
@click.argument("context", required=False)
@ON
@KNOWN_AT
@FORMAT
def who(
    right: str, enterprise: str, context: str | None, on: datetime | None, known_at: datetime | None, format_: str
) -> None:
    """List who can enter the secure area of a right, for an enterprise and a context, or for each context.

    Example: accessmgr who service_vouchers 1999.000.150 V99901 --on 2026-05-03T12:00
    """
    with running() as (_, product), product.world.store.reading() as look:
        if right not in product.world.policy.rights:
            raise click.UsageError(f"there is no right `{right}`")
        size = None if known_at is None else look.size_at(known_at)
        asked = Entering(product.world, look, enterprise, on or product.world.clock.now(), size)
        kept = product.world.policy.rights[right].context(context or "")
        ways = [way for way in asked.ways if way[1] == right and (context is None or way[2] == kept)]
        names = asked.lists.names(person for person, _, _ in ways)
        ways.sort(key=lambda way: (way[2], names[way[0]].family, names[way[0]].given, way))
        decided = ((person, where, asked.decision((person, code, where))) for person, code, where in ways)
        entering = [
            {"person": person, "name": names[person].name, "context": where, "because": list(decision.because)}
            for person, where, decision in decided
            if decision.allowed
        ]
    if format_ == "json":
        click.echo(json.dumps(entering, ensure_ascii=False, indent=1))
        return
    for one in entering:
        told = "" if context else f"{one['context']}  "
        click.echo(f"{told}{one['name']}  {' '.join(one['because'])}")


def _ask(action: Action, actor: str, person: str | None, given: dict[str, Any]) -> Ask:
    begin, end = given["begin"], given["end"]
    if action in APPOINTS and given["domain"] is None and action is Action.APPOINT_ACCESS_MANAGER:
        raise click.UsageError("`appoint_access_manager` needs --domain")
    needed = {"enterprise": _NEEDS_ENTERPRISE, "right": _NEEDS_RIGHT, "begin": _NEEDS_PERIOD}
    for option, actions in needed.items():
        if action in actions and given[option] is None:
            raise click.UsageError(f"`{action}` needs --{option}")
    return Ask(
        action=action,
        actor=actor,
        level=Key(given["key"]).level,
        key=Key(given["key"]),
        enterprise=given["enterprise"],
        person=person,
        right=given["right"],
        contexts=given["contexts"],
        period=days.Period(begin, end) if begin else None,
        last_day=None if begin else end,
        domain=Domain(given["domain"]) if given["domain"] else None,
        user_type=UserType(given["user_type"]) if given["user_type"] else None,
        reason=bool((given["reason"] or "").strip()),
        purpose=bool((given["purpose"] or "").strip()),
        **{name: given[name] for name in ("appointment", "relation", "grant", "request")},
        **{name: given[name] for name in ("employee", "replaces", "without_successor")},
    )


_NEEDS_PERIOD = {Action.LINK_PERSON, Action.GRANT_RIGHT, Action.APPROVE_REQUEST}
_NEEDS_RIGHT = {Action.GRANT_RIGHT, Action.REQUEST_RIGHT, Action.ENTER_SECURE_AREA}
_NEEDS_ENTERPRISE = {
    *APPOINTS,
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR,
    Action.LINK_PERSON,
    Action.GRANT_RIGHT,
    Action.REQUEST_RIGHT,
    Action.ENTER_SECURE_AREA,
    Action.READ_HISTORY,
    Action.EXPORT_HISTORY,
}


def _as_json(done: Done) -> dict[str, Any]:
    return {
        "action": str(done.decision.action),
        "allowed": done.decision.allowed,
        "because": list(done.decision.because),
        "findings": [_finding(finding) for finding in done.decision.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "effect": str(finding.rule.effect),
        "holds": finding.holds,
        "says": finding.rule.says,
        "facts": {name: plain(value) for name, value in finding.facts.items() if name != "ask" and value is not None},
    }


def _print(done: Done) -> None:
    click.echo(f"{'allowed' if done.decision.allowed else 'refused'} because of {', '.join(done.decision.because)}")
    for finding in done.decision.reasons:
        rule = finding.rule
        source = "a choice of this project" if rule.source == (OURS,) else ", ".join(rule.source)
        holds = {True: "", False: "  (does not hold)", None: f"  (broken: {finding.broken})"}[finding.holds]
        click.echo(f"  {rule.id}: {rule.says}{holds}  [{source}]")
        if not done.decision.allowed:
            click.echo(f"    to mend: {rule.mend}")


COMMANDS = (check, who)
