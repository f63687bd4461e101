"""The ordinary world of the builders in a real database, with a clock that goes where a test sets it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, create_engine, inspect, select

from accessmgr.core.actions import Action, Ask
from accessmgr.core.events import Noun
from accessmgr.core.model import ContextKind, Role
from accessmgr.core.numbers import NationalNumber
from accessmgr.store import rows, tables
from accessmgr.store.engine import begin, create_schema, prepare
from accessmgr.store.store import Store
from accessmgr.store.vaulted import key_columns, sealed_columns
from accessmgr.usecases.perform import Done, Identity, perform
from accessmgr.usecases.world import Policy, World
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault
from tests.builders import (
    APPLICATION,
    AUDITOR,
    ENTERPRISE,
    ESTABLISHMENT,
    LONG_AGO,
    MAIN,
    NEWCOMER,
    NOW,
    OTHER_ENTERPRISE,
    OUTSIDER,
    RECOGNITION,
    REPRESENTATIVE,
    WORKER,
    a_right,
    a_work_relation,
    an_appointment,
    an_ask,
)

PEOPLE = (REPRESENTATIVE, MAIN, WORKER, NEWCOMER, OUTSIDER, AUDITOR)
RIGHTS = {
    "service_vouchers": a_right(),
    "energy_audit": a_right(code="energy_audit", context_kind=ContextKind.ESTABLISHMENT, needs_recognition=False),
}
RING = KeyRing.fresh()
"""The keys of this process, by which a world that was made once can be read in every copy of it."""
ALWAYS: tuple[Noun, ...] = (an_appointment(Role.MAIN_ACCESS_MANAGER, MAIN), a_work_relation())
"""What was always so in the enterprise."""


def number_of(person: str) -> NationalNumber:
    """The national number of a person: fictional, of a series that is never issued."""
    first_nine = f"{700101 + PEOPLE.index(person)}999"
    return NationalNumber(f"{first_nine}{97 - int(first_nine) % 97:02d}")


def names_of(person: str) -> tuple[str, str]:
    """Given name and family name."""
    return "Given", f"Van {person}"


def identity_of(person: str) -> Identity:
    """What finds a person."""
    return Identity(number_of(person), names_of(person))


@dataclass
class MovableClock:
    """A clock that shows what it was set to."""

    moment: datetime = NOW

    def now(self) -> datetime:
        """The present moment."""
        return self.moment


@dataclass
class Stage:
    """A world in a database."""

    world: World
    store: Store
    clock: MovableClock

    def perform(self, action: Action, *, identity: Identity | None = None, note: str | None = None, **ask: Any) -> Done:
        """Ask for the ordinary thing, of which some words are spoilt."""
        return perform(self.world, an_ask(action, **ask), identity=identity, note=note)

    def do(self, ask: Ask) -> Done:
        """Perform a question as it stands."""
        return perform(self.world, ask)

    def find_and(self, action: Action, identity: Identity, **ask: Any) -> Done:
        """Perform an action that finds its person by number and names."""
        return self.perform(action, identity=identity, person=None, **ask)

    def put(self, *nouns: Noun) -> None:
        """Add rows that no entry brought."""
        with self.writing() as connection:
            put(connection, *nouns)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction."""
        with begin(self.store.engine, writing=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection that only reads."""
        with begin(self.store.engine, writing=False) as connection, connection.begin():
            yield connection

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.looking() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for table in tables.Base.metadata.sorted_tables
            }

    def entries(self) -> list[dict[str, Any]]:
        """The history."""
        entry = tables.Entry.__table__
        with self.looking() as connection:
            leaves = connection.execute(select(entry.c.leaf).order_by(entry.c.sequence))
            return [json.loads(bytes(leaf)) for (leaf,) in leaves]


def put(connection: Connection, *nouns: Noun) -> None:
    """Add rows that no entry brought."""
    for noun in nouns:
        connection.execute(rows.TABLES[type(noun)].insert().values(**rows.columns_of(noun)))


@contextmanager
def a_stage(url: str, *, lookups_per_hour: int | None = 10, four_eyes: bool = False) -> Iterator[Stage]:
    """The ordinary world, in an empty database or in one that holds it already."""
    engine = prepare(create_engine(url))
    policy = Policy(RIGHTS, {APPLICATION: frozenset()}, four_eyes=four_eyes, lookups_per_hour=lookups_per_hour)
    clock = MovableClock()
    store = Store(engine, Vault(RING), policy)
    stage = Stage(World(store, clock, policy), store, clock)
    try:
        with stage.writing() as connection:
            if not inspect(connection).has_table("log_head"):
                create_schema(connection)
                _fill(connection, store.vault)
        yield stage
    finally:
        engine.dispose()


def _fill(connection: Connection, vault: Any) -> None:
    def add(table: Any, **values: Any) -> None:
        connection.execute(table.__table__.insert().values(**values))

    for person in PEOPLE:
        given, family = names_of(person)
        add(tables.Person, id=person, given=given, family=family)
        own = vault.new_key(person)
        add(tables.PersonKey, **key_columns(own))
        for sealed in vault.seal_number(own, number_of(person)):
            add(tables.NationalNumber, **sealed_columns(person, sealed))
    add(tables.Auditor, id=AUDITOR)
    add(tables.DigitalKey, person=WORKER, key="eid")
    for number in (ENTERPRISE, OTHER_ENTERPRISE):
        add(tables.Enterprise, id=number, target_group="EA", first=LONG_AGO)
    add(tables.Function, id="function", enterprise=ENTERPRISE, code="director", holder=REPRESENTATIVE, first=LONG_AGO)
    add(tables.Recognition, id=RECOGNITION, enterprise=ENTERPRISE, first=LONG_AGO)
    add(tables.Establishment, id=ESTABLISHMENT, enterprise=ENTERPRISE, first=LONG_AGO)
    put(connection, *ALWAYS)
