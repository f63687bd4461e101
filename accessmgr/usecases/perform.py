"""The one path of every action: read the facts, decide, record. Nothing else decides or writes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accessmgr.core.actions import FINDS_PERSON, Ask
from accessmgr.core.days import Period
from accessmgr.core.decide import Decision, Effect, Finding, decide
from accessmgr.core.events import Event, What
from accessmgr.core.facts import Facts
from accessmgr.core.model import Register
from accessmgr.core.numbers import NationalNumber
from accessmgr.core.rules import ABOUT
from accessmgr.core.rules.conditions import is_legal_representative
from accessmgr.usecases.verbs import VERBS
from accessmgr.usecases.world import Look, Policy, Unknown, World, Writing

HOUR = timedelta(hours=1)


class TooManyLookups(Exception):
    """The person looked up too many people who were not found; it stops for an hour."""


class Refused(Exception):
    """The decision was a refusal, and is on record."""

    def __init__(self, done: "Done") -> None:
        super().__init__(f"refused because of {', '.join(done.decision.because)}")
        self.done = done


@dataclass(frozen=True)
class Done:
    """What came of an ask: the decision, the facts it rested on, what happened, and the entry that tells it.

    `sequence` is None if nothing was recorded. `tied` says whether the actor has a tie to the enterprise,
    and so may be told more than that no permit holds (rulebook, "What is told").
    """

    decision: Decision
    facts: Facts
    tied: bool
    events: tuple[Event, ...] = ()
    sequence: int | None = None

    def or_refuse(self) -> "Done":
        """Itself if it was allowed.

        :raise Refused: it was not
        """
        if not self.decision.allowed:
            raise Refused(self)
        return self

    @property
    def told(self) -> tuple[Finding, ...]:
        """The findings that the actor may be told: for an outsider, only the permits, none of which is said to hold."""
        if self.tied:
            return self.decision.reasons
        permits = (finding for finding in self.decision.findings if finding.rule.effect is Effect.PERMIT)
        silent = (permit._replace(holds=False, read_from=None) for permit in permits)
        return tuple(sorted(silent, key=lambda finding: finding.rule.id))


@dataclass(frozen=True)
class Identity:
    """A number and names as somebody gave them, to find one person by."""

    number: NationalNumber | None
    names: Sequence[str]


def perform(world: World, ask: Ask, *, identity: Identity | None = None, note: str | None = None) -> Done:
    """Do what is asked if the rules allow it. Either way it is on record when this returns.

    `identity` is for the actions that find their person by number and names; `note` is a reason or
    purpose in words, which is kept sealed.

    :raise Unknown: the question names something that does not exist
    :raise TooManyLookups: the actor looked up too many people who were not found
    :raise Conflict: somebody changed the same thing meanwhile
    """
    with world.store.writing() as tx:
        facts, decision = decided(world, tx, ask, identity)
        return recorded(tx, facts, decision, note)


def decided(world: World, tx: Writing, ask: Ask, identity: Identity | None = None) -> tuple[Facts, Decision]:
    """The first half of `perform`, within a transaction that is open already: the facts, and what follows.

    :raise Unknown: the question names something that does not exist
    :raise TooManyLookups: the actor looked up too many people who were not found
    """
    at = tx.moment(world.clock.now())
    if identity is not None and ask.action in FINDS_PERSON:
        ask = replace(ask, person=_found(world, tx, ask, identity, at))
    facts = tx.facts(known_contexts(world.policy, ask), at)
    return facts, decide(facts, ABOUT[ask.action])


def recorded(tx: Writing, facts: Facts, decision: Decision, note: str | None = None) -> Done:
    """The second half of `perform`: what is allowed is done, and either way it is on record."""
    what, verb = VERBS[decision.action]
    events = tuple(verb(facts, new_id)) if decision.allowed else ()
    sequence = tx.record(decision, facts, what if decision.allowed else What.ACTION_REFUSED, events, note)
    return Done(decision, facts, tied(tx, facts), events, sequence)


def consider(
    world: World,
    ask: Ask,
    *,
    identity: Identity | None = None,
    on: datetime | None = None,
    known_at: datetime | None = None,
) -> Done:
    """Decide without recording: could this be done, now or `on` another moment, as known at a moment?

    :raise Unknown: the question names something that does not exist, or was not known then
    """
    with world.store.reading() as look:
        return consider_in(world, look, ask, identity=identity, on=on, known_at=known_at)


def consider_in(
    world: World,
    look: Look,
    ask: Ask,
    *,
    identity: Identity | None = None,
    on: datetime | None = None,
    known_at: datetime | None = None,
) -> Done:
    """As `consider`, within a look that is open already."""
    if identity is not None and ask.action in FINDS_PERSON:
        ask = replace(ask, person=look.find_person(identity.number, identity.names))
    known = None if known_at is None else look.size_at(known_at)
    policy = world.policy if known is None else look.policy_at(known)
    facts = look.facts(known_contexts(policy, ask), on or world.clock.now(), known)
    decision = decide(facts, ABOUT[ask.action])
    return Done(decision, facts, tied(look, facts))


def known_contexts(policy: Policy, ask: Ask) -> Ask:
    """The question with its contexts as they are kept.

    :raise Unknown: there is no such right
    """
    if ask.right is None:
        return ask
    if ask.right not in policy.rights:
        raise Unknown("right")
    contexts = policy.rights[ask.right].contexts(ask.contexts)
    return ask if contexts == ask.contexts else replace(ask, contexts=contexts)


def tied(look: Look, facts: Facts) -> bool:
    """Whether the actor has a tie to the enterprise of the question (rulebook, "What is told")."""
    if facts.enterprise is None or facts.actor.auditor:
        return True
    person = facts.actor.id
    if _has_tie_among(facts, person) or is_legal_representative(facts, person):
        return True
    if look.has_tie(person, facts.enterprise):
        return True
    return facts.register is None and _represents(look, facts, facts.enterprise)


def _has_tie_among(facts: Facts, person: str) -> bool:
    """Whether what was read for the decision shows a tie already, so that it need not be looked up."""
    return (
        any(appointment.holder == person for appointment in facts.appointments)
        or any(relation.person == person for relation in facts.work_relations)
        or any(grant.holder == person for grant in facts.grants)
        or any(request.requester == person for request in facts.requests)
    )


def _represents(look: Look, facts: Facts, enterprise: str) -> bool:
    """Whether the actor is a legal representative today; the facts of some questions leave the register out."""
    functions = look.lists.functions_in([enterprise])[enterprise]
    register = None if functions is None else Register(Period(facts.today, None), functions)
    return is_legal_representative(replace(facts, register=register), facts.actor.id) is True


def new_id() -> str:
    """A new opaque id: 128 random bits."""
    return secrets.token_hex(16)


def _found(world: World, tx: Writing, ask: Ask, identity: Identity, at: datetime) -> str | None:
    limit = world.policy.lookups_per_hour
    if limit is not None and tx.failed_lookups(ask.actor, at - HOUR) >= limit:
        raise TooManyLookups
    return tx.find_person(identity.number, identity.names)
