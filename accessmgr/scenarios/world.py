"""The world of a scenario in a real store: what was always so, and the ids behind the short names of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, insert

from accessmgr.scenarios.document import GivenEnterprise, GivenWorld, Scenario
from accessmgr.store import tables
from accessmgr.store.store import Store
from accessmgr.store.vaulted import key_columns, sealed_columns
from accessmgr.usecases.perform import new_id
from accessmgr.usecases.world import Clock, Policy, World
from accessmgr.vault.vault import Vault

Rows = dict[type[tables.Base], list[dict[str, Any]]]

OFFICIAL_NAME, DUTCH = "001", "2"
"""How the register codes the type and the language of the name of an enterprise."""


@dataclass
class ScenarioClock:
    """A clock that goes where the steps of a scenario set it."""

    moment: datetime

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.moment


class StageClock(Clock, Protocol):
    """A clock that the steps set forwards."""

    moment: datetime


@dataclass(frozen=True)
class Stage:
    """A world in which a scenario is played: `persons` are ids, `enterprises` ten digits, by their short names.

    `made` holds the ids of what the steps made, by kind and by the `id` in the file.
    """

    world: World
    clock: StageClock
    persons: Mapping[str, str]
    enterprises: Mapping[str, str]
    made: dict[tuple[str, str], str] = field(default_factory=dict)


def build(scenario: Scenario, engine: Engine, vault: Vault) -> Stage:
    """The world of a scenario, in an empty database."""
    given = scenario.world
    policy = Policy(
        rights=given.rights,
        applications=given.applications,
        four_eyes=scenario.four_eyes,
        lookups_per_hour=None,
    )
    store, clock = Store(engine, vault, policy), ScenarioClock(scenario.at)
    stage = Stage(
        World(store, clock, policy),
        clock,
        {key: new_id() for key in given.persons},
        {key: enterprise.number.digits for key, enterprise in given.enterprises.items()},
    )
    with store.writing() as tx:
        put(tx.connection, vault, given, stage)
    return stage


def put(connection: Connection, vault: Vault, given: GivenWorld, stage: Stage) -> None:
    """Write what was always so: rows that no entry of the history brought."""
    rows: Rows = {}
    _people(rows, vault, given, stage)
    for key, enterprise in given.enterprises.items():
        _enterprise(rows, stage, stage.enterprises[key], enterprise)
    for table, values in rows.items():
        if values:
            connection.execute(insert(table), values)


def _people(rows: Rows, vault: Vault, given: GivenWorld, stage: Stage) -> None:
    people: list[dict[str, Any]] = []
    own_keys: list[dict[str, Any]] = []
    numbers: list[dict[str, Any]] = []
    deaths: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    for name, person in given.persons.items():
        id_ = stage.persons[name]
        people.append({"id": id_, "given": person.names[0], "family": " ".join(person.names[1:]), "language": None})
        own = vault.new_key(id_)
        own_keys.append(key_columns(own))
        numbers += (sealed_columns(id_, sealed) for sealed in vault.seal_number(own, person.number))
        if person.deceased is not None:
            deaths.append({"id": id_, "day": person.deceased})
        keys += ({"person": id_, "key": str(key)} for key in sorted(person.keys))
    auditors = [{"id": stage.persons[name]} for name in sorted(given.auditors)]
    rows |= {
        tables.Person: people,
        tables.PersonKey: own_keys,
        tables.NationalNumber: numbers,
        tables.Death: deaths,
        tables.DigitalKey: keys,
        tables.Auditor: auditors,
    }


def _enterprise(rows: Rows, stage: Stage, number: str, enterprise: GivenEnterprise) -> None:
    def add(table: type[tables.Base], **values: Any) -> None:
        rows.setdefault(table, []).append(values)

    def days(period: Any) -> dict[str, Any]:
        return {"first": period.first, "last": period.last}

    add(tables.Enterprise, id=number, target_group=str(enterprise.target_group), **days(enterprise.period))
    add(tables.Denomination, entity=number, language=DUTCH, type_code=OFFICIAL_NAME, name=enterprise.name)
    for function in enterprise.functions:
        add(
            tables.Function,
            id=new_id(),
            enterprise=number,
            code=str(function.code),
            holder=stage.persons[function.person] if function.person else None,
            held_by=stage.enterprises[function.held_by] if function.held_by else None,
            **days(function.period),
        )
    for recognition in enterprise.recognitions:
        add(tables.Recognition, id=recognition.number, enterprise=number, **days(recognition.period))
        for suspension in recognition.suspended:
            add(tables.Suspension, id=new_id(), recognition=recognition.number, **days(suspension))
    for establishment in enterprise.establishments:
        add(tables.Establishment, id=establishment.number, enterprise=number, **days(establishment.period))
