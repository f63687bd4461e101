"""The one explanation of a decision, as plain JSON: by which rules, by which chain, and how a refusal can be mended.

Programs get it whole, pages show parts of it. What somebody without a tie to the enterprise is told stands in
`Done.told`, and here nothing is added about the enterprise.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from accessmgr.calls.mending import OPEN, Start, bare, is_mender, starts
from accessmgr.core.actions import Action
from accessmgr.core.asked import known_among
from accessmgr.core.chain import PLACES, Holder, Link, Place, behind_office, build, foundations
from accessmgr.core.chain_causes import Cause
from accessmgr.core.decide import Effect, Finding, Mender
from accessmgr.core.events import plain
from accessmgr.core.facts import Facts
from accessmgr.core.model import Role
from accessmgr.core.rules.stating import _
from accessmgr.core.since import Stopped, stopped
from accessmgr.sentences import LANGUAGES, in_each_language
from accessmgr.usecases.decision_log import Basis, basis_of
from accessmgr.usecases.entering import Step, steps_of
from accessmgr.usecases.lists import Named
from accessmgr.usecases.perform import Done
from accessmgr.usecases.world import Look

Linking = Callable[[str, Mapping[str, Any]], str]
"""Makes the address of a page from its endpoint and what the address is filled in with."""

NOTHING_ALLOWS = _("Nothing allows this.")
BROKEN = _("This rule could not be evaluated, and then nothing is allowed. The operator has been told.")

PEOPLE = frozenset(Mender) - {Mender.ACTOR, Mender.REGISTER, Mender.OPERATOR, Mender.NOBODY}
"""The menders who are people that the facts can name."""


def explained(
    done: Done,
    look: Look,
    *,
    full: bool,
    link: Linking | None = None,
    basis: Basis | None = None,
    known: int | None = None,
) -> dict[str, Any]:
    """Why it was decided so, for a program to read.

    :param full: whether whoever asked may see into the enterprise; if not, they get ids of rules and the token alone
    :param link: makes addresses of pages; without it, no `mend` is told
    :param basis: what was read beside the facts already (`Asked.basis`); without it, it is read now
    :param known: the history size by whose knowledge it was decided, None for all that is known now
    """
    basis = basis or basis_of(look, done, known)
    told = {"because": list(because(done)), "token": str(basis.token)}
    if not full:
        return told
    if done.decision.allowed:
        return {**told, "chain": _chain(done, look, basis, known)}
    if not done.tied:
        return {**told, "reason_user": reason_user(done), **_mend(done, bare(done.facts), link)}
    facts = replace(done.facts, appointments=basis.appointments)
    return {
        **told,
        "failing": failing(done),
        "menders": menders(done, facts, look, known),
        **_mend(done, facts, link),
        "reason_user": reason_user(done),
        "reason_admin": [_finding(finding, facts) for finding in done.told],
        **_chain_of_entering(done, look, basis, known),
    }


def because(done: Done) -> tuple[str, ...]:
    """The rule ids that may be told: all that the decision follows from, or what an outsider is told of a refusal."""
    if done.decision.allowed:
        return done.decision.because
    return tuple(finding.rule.id for finding in done.told)


# --- what carried it ----------------------------------------------------------------------------------------


def _chain_of_entering(done: Done, look: Look, basis: Basis, known: int | None) -> dict[str, Any]:
    if done.decision.action is not Action.ENTER_SECURE_AREA:
        return {}
    return {"chain": _chain(done, look, basis, known)}


def _chain(done: Done, look: Look, basis: Basis, known: int | None) -> list[dict[str, Any]]:
    """The links behind the decision, each with the entries of the history that made it."""
    links = _links(done, basis)
    return [_step(step, basis) for step in steps_of(links, done.facts, look.lists_at(known))] if links else []


def _links(done: Done, basis: Basis) -> tuple[Link, ...]:
    facts = done.facts
    if done.decision.action is Action.ENTER_SECURE_AREA:
        functions = facts.register.functions if facts.register is not None else ()
        return build(done.decision, facts, basis.appointments, functions).links
    return behind_office(facts)


def _step(step: Step, basis: Basis) -> dict[str, Any]:
    link = step.link
    complaints = [
        {"rule": one.rule, **({} if one.cause is Cause.UNKNOWN else {"cause": str(one.cause)})}
        for one in link.complaints
    ]
    return {
        "link": str(link.place),
        "holds": not link.complaints,
        "standing": str(link.standing),
        "things": [{"kind": str(thing.kind), "id": thing.id} for thing in step.things],
        **plain({"first": link.since, "last": link.until}),
        **({"holders": [_holder(holder) for holder in link.holders]} if link.holders else {}),
        **({"broken_by": complaints} if complaints else {}),
        **({"extract": basis.extract} if link.place is Place.REGISTER and basis.extract is not None else {}),
        "entries": list(step.entries),
    }


def _holder(holder: Holder) -> dict[str, Any]:
    told = {
        "person": holder.person,
        "role": holder.role,
        "function": holder.function,
        "first": holder.since,
        "last": holder.until,
        "id": holder.source,
    }
    return dict(plain(told))


# --- what failed, and who mends it ----------------------------------------------------------------------------


def failing(done: Done) -> list[dict[str, Any]]:
    """What keeps the person from it: for each rule told the link, why, and since when; what is unknown is left out."""
    return [_failing(finding, done) for finding in done.told]


def since_when(finding: Finding, done: Done) -> Stopped:
    """Why a finding refuses, and since when; of what has yet to begin, from when."""
    why = None
    if done.tied and finding.holds is not None:
        grant, _line = foundations(done.facts, ())
        why = stopped(finding.rule.id, done.facts, grant)
    return why or (Cause.UNKNOWN, None)


def _failing(finding: Finding, done: Done) -> dict[str, Any]:
    facts, rule = done.facts, finding.rule.id
    is_entering = done.decision.action is Action.ENTER_SECURE_AREA
    grant, _line = foundations(facts, ())
    cause, moment = since_when(finding, done)
    when = "begins" if cause is Cause.NOT_YET else "since"
    told = {
        "rule": rule,
        "link": PLACES.get(rule, Place.GRANT) if is_entering else None,
        "cause": None if cause is Cause.UNKNOWN else cause,
        when: moment,
        "thing": _thing(rule, facts, grant.id if grant else None, is_entering),
    }
    return dict(plain(told))


def _thing(rule: str, facts: Facts, grant: str | None, is_entering: bool) -> str | None:
    """The id of what fails, if the question or the facts name one."""
    if is_entering:
        return grant if rule == "ENTER-1" else None
    thing = facts.appointment or facts.relation or facts.grant or facts.request
    return thing.id if thing else None


def menders(done: Done, facts: Facts, look: Look, known: int | None = None) -> list[dict[str, Any]]:
    """Who can mend what failed: each role once, with the people who have it today."""
    roles = list(dict.fromkeys(mender for finding in done.told for mender in finding.rule.menders))
    roles = [mender for mender in roles if mender is not Mender.NOBODY]
    facts = _with_administrators(facts, look, known) if PEOPLE.intersection(roles) else facts
    people = _people(facts)
    able = {mender: [each for each in people if is_mender(mender, facts, each)] for mender in roles if mender in PEOPLE}
    everybody = {person for some in able.values() for person in some}
    names = look.lists.names(everybody) if everybody else {}
    return [
        {"role": str(mender), **({"people": _named(able[mender], names)} if mender in able else {})} for mender in roles
    ]


def _named(people: Iterable[str], names: Mapping[str, Named]) -> list[dict[str, str]]:
    return [{"id": person, "name": names[person].name} for person in people if person in names]


def _people(facts: Facts) -> list[str]:
    held = facts.register.functions if facts.register is not None else ()
    return sorted({one.holder for one in facts.appointments} | {one.holder for one in held if one.holder is not None})


def _with_administrators(facts: Facts, look: Look, known: int | None) -> Facts:
    """With the work relations of local administrators, without which their role does not count."""
    missing = {one.holder for one in facts.appointments if one.role is Role.LOCAL_ADMINISTRATOR}
    missing -= {one.person for one in facts.work_relations}
    if not missing or facts.enterprise is None:
        return facts
    more = look.lists_at(known).relations_among(facts.enterprise, missing)
    return replace(facts, work_relations=(*facts.work_relations, *more))


def _mend(done: Done, facts: Facts, link: Linking | None) -> dict[str, Any]:
    if link is None:
        return {}
    found = where_to_mend(done, facts)
    return {
        "mend": [{"rule": rule, "role": str(one.mender), "href": link(one.endpoint, one.values)} for rule, one in found]
    }


def where_to_mend(done: Done, facts: Facts) -> Iterable[tuple[str, Start]]:
    """The pages where the mending starts, by the rule; somebody without a tie is told of what they can do themself."""
    for finding in done.told:
        for start in starts(finding.rule.id, facts):
            is_own = start.mender is Mender.ACTOR
            opens = (
                not is_own or start.endpoint in OPEN or done.decision.permitted or finding.rule.effect is Effect.PERMIT
            )
            if opens and (done.tied or is_own):
                yield finding.rule.id, start


# --- in words -------------------------------------------------------------------------------------------------


def reason_user(done: Done) -> dict[str, str]:
    """Why it was refused and what can be done, in each language, for the person who asked."""
    said = [in_each_language(message) for finding in done.told for message in _messages(finding)]
    return {language: " ".join(dict.fromkeys(each[language] for each in said)) for language in LANGUAGES}


def _messages(finding: Finding) -> tuple[str, ...]:
    if finding.holds is None:
        return (BROKEN,)
    if finding.rule.effect is Effect.PERMIT:
        return NOTHING_ALLOWS, finding.rule.mend
    return finding.rule.says, finding.rule.mend


def _finding(finding: Finding, facts: Facts) -> dict[str, Any]:
    """A finding for whoever looks after the rights: the rule in words, and the facts that it rested on."""
    rule = finding.rule
    rested_on = {name: value for name, value in finding.facts.items() if name not in ("ask", "contexts")}
    if "contexts" in finding.facts:
        rested_on["contexts"] = known_among(facts)
    return {
        "rule": rule.id,
        "effect": str(rule.effect),
        **({} if finding.holds is None else {"holds": finding.holds}),
        "says": dict(in_each_language(rule.says)),
        "mend": dict(in_each_language(rule.mend)),
        "menders": [str(mender) for mender in rule.menders],
        "facts": plain(rested_on),
    }
