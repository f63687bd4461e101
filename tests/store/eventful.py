"""A world in which everything happens once: each action, refusals, each change of the register, another policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.ledger.export import Verdict
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.core.model import FunctionCode, Key, UserType
from accessmgr.store import tables
from accessmgr.store.look import Look
from accessmgr.store.store import Store
from accessmgr.store.verification import verify_database
from accessmgr.usecases import contacts, keys, register, simulator
from accessmgr.usecases.perform import Identity
from accessmgr.usecases.world import World
from accessmgr.vault.vault import is_signature
from tests.builders import (
    AUDITOR,
    DAY,
    ENTERPRISE,
    ESTABLISHMENT,
    IN_A_MONTH,
    NEWCOMER,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    SECOND,
    TODAY,
    TOMORROW,
    WORKER,
)
from tests.usecases.stage import Stage, a_stage, identity_of, names_of, number_of

A_MONTH = Period(TODAY, IN_A_MONTH)
FOR_UNIT: dict[str, Any] = {"right": "energy_audit", "contexts": (ESTABLISHMENT,)}


@contextmanager
def an_eventful_stage(url: str) -> Iterator[Stage]:
    """The ordinary world, after everything happened in it."""
    with a_stage(url) as stage:
        happen(stage)
        yield stage


def happen(stage: Stage) -> None:
    """Let everything happen."""
    _people_at_work(stage)
    _roles(stage)
    _refusals(stage)
    by_policy(stage, four_eyes=True)
    _register(stage)
    _people(stage)
    by_policy(stage, four_eyes=False)
    does(stage, Action.ENTER_SECURE_AREA, allowed=False)


def does(stage: Stage, action: Action, *, allowed: bool = True, **spoilt: Any) -> list[str]:
    """Do the ordinary thing a second later, see that it is decided so, and give the ids of the rows that it touched."""
    stage.clock.moment += SECOND
    done = stage.perform(action, **spoilt)
    assert done.decision.allowed is allowed, (action, done.decision.because)
    return [event.row.id for event in done.events]


def by_policy(stage: Stage, **changed: Any) -> None:
    """From now on, decide by another policy."""
    policy = replace(stage.store.policy, **changed)
    stage.store = Store(stage.store.engine, stage.store.vault, policy)
    stage.world = World(stage.store, stage.clock, policy)


def verdict_on(stage: Stage, connection: Connection, old: Checkpoint | None = None) -> Verdict:
    """The verdict on the whole database, as a connection sees it."""
    origin = connection.execute(tables.LogOrigin.__table__.select()).scalar_one()
    key = VerifierKey(origin, stage.store.vault.public_key())
    look = Look(connection, stage.store.vault, stage.store.policy, "localhost")
    return verify_database(look, is_signature, key=key, old=old)


def whole_verdict(stage: Stage) -> str:
    """The verdict on the whole database."""
    with stage.looking() as connection:
        verdict = verdict_on(stage, connection)
    return f"{verdict}: {verdict.because}"


def _people_at_work(stage: Stage) -> None:
    does(stage, Action.SIGN_IN, application=None)
    does(stage, Action.REVEAL_NUMBER, note="to show it")
    (request,) = does(stage, Action.REQUEST_RIGHT)
    grant, _ = does(stage, Action.APPROVE_REQUEST, request=request)
    does(stage, Action.ENTER_SECURE_AREA)
    does(stage, Action.EXTEND_GRANT, grant=grant, last_day=IN_A_MONTH + DAY)
    does(stage, Action.GRANT_RIGHT, **FOR_UNIT)
    does(stage, Action.REVOKE_GRANT, grant=grant)
    (request,) = does(stage, Action.REQUEST_RIGHT)
    does(stage, Action.REFUSE_REQUEST, request=request)
    (request,) = does(stage, Action.REQUEST_RIGHT)
    does(stage, Action.WITHDRAW_REQUEST, request=request)
    does(stage, Action.LINK_PERSON, identity=identity_of(NEWCOMER), person=None, user_type=UserType.EXTERNAL)
    does(stage, Action.GRANT_RIGHT, period=Period(TODAY, TOMORROW))
    does(stage, Action.END_WORK_RELATION)
    does(stage, Action.READ_HISTORY)
    does(stage, Action.EXPORT_HISTORY, actor=AUDITOR, purpose=True, note="an inspection")


def _roles(stage: Stage) -> None:
    does(stage, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR)
    does(stage, Action.APPOINT_LOCAL_ADMINISTRATOR)
    (offer,) = does(stage, Action.APPOINT_CO_MAIN_ACCESS_MANAGER)
    does(stage, Action.REFUSE_APPOINTMENT, appointment=offer)
    (offer,) = does(stage, Action.APPOINT_ACCESS_MANAGER)
    does(stage, Action.ACCEPT_APPOINTMENT, appointment=offer)
    does(stage, Action.END_APPOINTMENT, appointment=offer)
    does(stage, Action.APPOINT_MAIN_ACCESS_MANAGER, person=OUTSIDER, replaces=True)
    _, offer = does(stage, Action.APPOINT_MAIN_ACCESS_MANAGER, replaces=True)
    does(stage, Action.ACCEPT_APPOINTMENT, appointment=offer)


def _refusals(stage: Stage) -> None:
    does(stage, Action.GRANT_RIGHT, actor=OUTSIDER, allowed=False)
    does(stage, Action.GRANT_RIGHT, contexts=(RECOGNITION, "somebody's name"), allowed=False)
    unknown = Identity(number_of(OUTSIDER), names_of(WORKER))
    does(stage, Action.LINK_PERSON, actor=NEWCOMER, identity=unknown, person=None, allowed=False)


def _register(stage: Stage) -> None:
    world = stage.world
    register.start_function(world, OTHER_ENTERPRISE, FunctionCode.MANAGER, Period(TODAY, None), person=OUTSIDER)
    register.start_function(world, ENTERPRISE, FunctionCode.DIRECTOR, Period(TODAY, None), held_by=OTHER_ENTERPRISE)
    register.suspend_recognition(world, RECOGNITION, TOMORROW, None)
    register.fall_silent(world, OTHER_ENTERPRISE)
    does(stage, Action.APPOINT_MAIN_ACCESS_MANAGER, person=WORKER, replaces=True)
    register.answer_again(world, OTHER_ENTERPRISE)
    register.move_establishment(world, ESTABLISHMENT, OTHER_ENTERPRISE, TOMORROW)
    register.end_function(world, ENTERPRISE, FunctionCode.DIRECTOR, REPRESENTATIVE, TODAY)
    does(stage, Action.APPOINT_MAIN_ACCESS_MANAGER, person=WORKER, replaces=True)
    register.close_establishment(world, ESTABLISHMENT, IN_A_MONTH)
    register.end_recognition(world, RECOGNITION, IN_A_MONTH)
    register.close_enterprise(world, OTHER_ENTERPRISE, IN_A_MONTH)


def _people(stage: Stage) -> None:
    world = stage.world
    keys.activate_key(world, WORKER, Key.ITSME)
    does(stage, Action.SIGN_IN, application=None, key=Key.ITSME, level=450)
    contacts.keep_contact(world, WORKER, "worker@example.org", "", by=WORKER)
    contacts.keep_contact(world, WORKER, "", "", by=WORKER)
    with stage.store.writing() as tx:
        tx.add_person("found later", "Given", "Family", None, keys=["eid"])
        tx.add_fact("auditor", id=WORKER)
        tx.append("auditor.added", stage.clock.now())
    with stage.store.writing() as tx:
        tx.end_fact("auditor", AUDITOR)
        tx.append("auditor.removed", stage.clock.now())
    at = stage.clock.now()
    with stage.store.writing() as tx:
        tx.record_asked([b'{"number":1}', b'{"number":2}'], at, first=at, last=at, subjects=[WORKER])
    register.record_death(world, OUTSIDER, TOMORROW)
    register.record_death(world, OUTSIDER, TODAY)
    simulator.advance(world, lambda to: setattr(stage.clock, "moment", to), stage.clock.now() + DAY)
