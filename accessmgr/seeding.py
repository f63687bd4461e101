"""Worlds to start from: their register comes in by the same import as a real one, their story by the same use cases."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from sqlalchemy import create_engine

from accessmgr.core.days import Period, moment
from accessmgr.core.model import FunctionCode, Key, TargetGroup
from accessmgr.core.numbers import EnterpriseNumber, NationalNumber
from accessmgr.register import target_groups
from accessmgr.register.import_ import MAX_REJECTS, ExtractRefused, Imported, import_extract
from accessmgr.register.reader import Extract
from accessmgr.register.source import UnreadableExtract
from accessmgr.resources import folder
from accessmgr.scenarios.document import (
    GivenEnterprise,
    GivenEstablishment,
    GivenFunction,
    GivenPerson,
    GivenRecognition,
    GivenWorld,
)
from accessmgr.scenarios.reader import read as read_scenario
from accessmgr.scenarios.rights import catalogue
from accessmgr.scenarios.runner import play
from accessmgr.scenarios.world import ScenarioClock, Stage
from accessmgr.store.clock import SimulatedClock
from accessmgr.store.engine import begin, create_schema, prepare
from accessmgr.store.register_import import RegisterTables
from accessmgr.store.relying_parties import StoredClients
from accessmgr.store.replacing import replace_all
from accessmgr.store.store import Store
from accessmgr.store.writing import Writing
from accessmgr.usecases.contacts import Contact
from accessmgr.usecases.perform import new_id
from accessmgr.usecases.relying_parties import Client, Method, hashed
from accessmgr.usecases.world import World

FIRST_CLOCK = moment("2026-03-02T09:00")
"""What the clock of the demo world shows when it opens."""

REGISTER_KNOWN = moment("2026-01-05T06:00")


class NotEmpty(Exception):
    """The database holds a world already."""


@dataclass(frozen=True)
class Cast:
    """The people of a world by short name, its enterprises by short name, and who of them are auditors."""

    people: dict[str, dict[str, Any]]
    enterprises: dict[str, str]
    auditors: list[str]


def world_folder(name: str) -> Path:
    """The folder of a world.

    :raise LookupError: there is no world of that name
    """
    place = folder("seeds") / "worlds" / name
    if not name.isidentifier() or not place.is_dir():
        raise LookupError(name)
    return place


def cast(name: str) -> Cast:
    """The people and enterprises of a world, by short name."""
    data = yaml.load((world_folder(name) / "personas.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    enterprises = {short: EnterpriseNumber.parse(number).digits for short, number in data["enterprises"].items()}
    return Cast(data["personas"], enterprises, data["auditors"])


def seed(store: Store, name: str, set_clock: Callable[[datetime], None]) -> None:
    """Bring a world into an empty database: its register, its people, and what happened before it opens.

    :raise LookupError: there is no world of that name
    :raise NotEmpty: the database holds a world already
    """
    place, people = world_folder(name), cast(name)
    with store.reading() as look:
        if look.size():
            raise NotEmpty("the database holds a world already: `make reset` starts over")
    ids = _add_people(store, people)
    import_register(store, place, at=REGISTER_KNOWN)
    clock = ScenarioClock(REGISTER_KNOWN)
    policy = replace(store.policy, lookups_per_hour=None)
    without_limit = store.under(policy)
    stage = Stage(World(without_limit, clock, policy), clock, ids, people.enterprises)
    story = read_scenario(place / "story.yaml", _bare_world)
    report = play(story, stage)
    if not report.passed:
        wrong = next(outcome for outcome in report.outcomes if not outcome.met)
        raise RuntimeError(f"the story of `{name}` does not hold at step {wrong.index}: {wrong.because}")
    _add_clients(StoredClients(store.engine), place)
    set_clock(FIRST_CLOCK)


def reset(store: Store, name: str) -> int:
    """Let a world that is served start over, all at once, and give the size of its new history. In simulation only.

    The registered applications stay. Sessions and tokens end, for the people get new ids, and so does the history.

    :raise LookupError: there is no world of that name
    """
    with TemporaryDirectory(prefix="accessmgr-world-") as place:
        engine = prepare(create_engine(f"sqlite:///{place}/world.sqlite"))
        try:
            with begin(engine, writing=True) as connection, connection.begin():
                create_schema(connection)
            fresh = Store(engine, store.vault, store.policy, store.host)
            seed(fresh, name, SimulatedClock(engine).set)
            replace_all(store.engine, engine)
        finally:
            engine.dispose()
    if store.outside is not None:
        store.outside.set_aside()
    with store.reading() as look:
        return look.size()


def _add_clients(clients: StoredClients, place: Path) -> None:
    """Register the applications of a world, if it has any."""
    path = place / "clients.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))["clients"] if path.exists() else {}
    for client_id, it in told.items():
        client = Client(
            id=client_id,
            name=it["name"],
            application=it.get("application"),
            secret=hashed(it["secret"]) if "secret" in it else None,
            methods=frozenset(Method(method) for method in it["methods"]),
            redirect_uris=tuple(it["redirect_uris"]),
            post_logout_uris=tuple(it["post_logout_uris"]),
            scopes=frozenset(it["scopes"]),
            introspection=it["introspection"],
        )
        clients.add(client, FIRST_CLOCK)


def import_register(
    store: Store,
    source: Path,
    *,
    at: datetime,
    way: Callable[..., Imported] = import_extract,
    max_rejects: float = MAX_REJECTS,
    progress: Callable[[str, int], None] = lambda file, rows: None,
) -> Imported:
    """Bring an extract of the register in, all or nothing, as one entry of the history.

    :param way: `import_extract` for a full one, `update_extract` for an update

    :raise UnreadableExtract: it is not what is published, or not whole; names file and line
    :raise ExtractRefused: it is outdated or implausible, or too many of its rows are wrong
    """
    forms = target_groups.read(folder("seeds") / "target_groups.yaml")
    try:
        with store.writing() as tx:
            sink = RegisterTables(tx.connection, tx.next_size, _RegisterPeople(tx))
            imported = way(source, sink, local_forms=forms, max_rejects=max_rejects, progress=progress)
            data = {
                "extract": imported.extract_number,
                "snapshot": imported.snapshot,
                "rows": imported.counts,
                "digests": imported.digests,
                "rejects": len(imported.rejects),
            }
            tx.change_many_facts(sink.merged)
            tx.append("register.imported", at, data=data)
            return imported
    except (UnreadableExtract, ExtractRefused) as refusal:
        with store.writing() as tx:
            tx.append("import.refused", at, data={"kind": type(refusal).__name__})
        raise


def given_world(name: str) -> GivenWorld:
    """A world for scenario files that name it: as it stands when it opens.

    :raise LookupError: there is no world of that name
    """
    return replace(_bare_world(name), story=read_scenario(world_folder(name) / "story.yaml", _bare_world))


class _RegisterPeople:
    """Function holders as known persons, found or added by their numbers."""

    def __init__(self, tx: Writing) -> None:
        self._tx = tx

    def find_or_add_many(self, people: Sequence[tuple[NationalNumber, str, str]]) -> list[str]:
        """The ids of persons by number; who is not known is added."""
        return [self._find_or_add(*person) for person in people]

    def _find_or_add(self, number: NationalNumber, given: str, family: str) -> str:
        person = self._tx.person_with(number)
        if person is None:
            person = new_id()
            self._tx.add_person(person, given, family, number)
        return person


def _add_people(store: Store, people: Cast) -> dict[str, str]:
    """Add the people of a world, and give their ids by short name."""
    ids = {short: new_id() for short in people.people}
    with store.writing() as tx:
        for short, person in people.people.items():
            given, family = person["name"]
            number = NationalNumber.parse(person["number"])
            tx.add_person(ids[short], given, family, number, keys=person["keys"], language=person["language"])
            tx.add_persona(short, ids[short])
            tx.keep_contact(ids[short], Contact(f"{short}@example.be", "").written())
        for short in people.auditors:
            tx.add_fact("auditor", id=ids[short])
        tx.append("world.opened", REGISTER_KNOWN, data={"people": len(ids)}, subjects=ids.values())
    return ids


def _bare_world(name: str) -> GivenWorld:
    """The people and the register of a world, without its story."""
    people = cast(name)
    persons = {
        short: GivenPerson(
            names=tuple(person["name"]),
            number=NationalNumber.parse(person["number"]),
            keys=frozenset(Key(key) for key in person["keys"]),
        )
        for short, person in people.people.items()
    }
    return GivenWorld(persons, _enterprises(name, people, persons), catalogue(), frozenset(people.auditors))


def _enterprises(name: str, people: Cast, persons: dict[str, GivenPerson]) -> dict[str, GivenEnterprise]:
    shorts = {digits: short for short, digits in people.enterprises.items()}
    by_number = {person.number.digits: short for short, person in persons.items()}
    forms = target_groups.read(folder("seeds") / "target_groups.yaml")
    rows: dict[str, list[Any]] = {}
    with closing(Extract(world_folder(name), forms)) as extract:
        for file in ("enterprise.csv", "establishment.csv", "denomination.csv", "function.csv", "recognition.csv"):
            rows[file] = [row for batch in extract.batches(file) for row in batch]
    return {
        shorts[row.id]: GivenEnterprise(
            number=EnterpriseNumber(row.id),
            name=next(it.name for it in rows["denomination.csv"] if it.entity == row.id),
            target_group=TargetGroup(row.target_group),
            period=Period(row.first, row.last),
            functions=tuple(
                GivenFunction(
                    FunctionCode(it.code),
                    by_number.get(it.number.digits) if it.number else None,
                    shorts.get(it.held_by) if it.held_by else None,
                    Period(it.first, it.last),
                )
                for it in rows["function.csv"]
                if it.enterprise == row.id
            ),
            recognitions=tuple(
                GivenRecognition(it.id, Period(it.first, it.last), _suspended(it.suspended_from, it.suspended_until))
                for it in rows["recognition.csv"]
                if it.enterprise == row.id
            ),
            establishments=tuple(
                GivenEstablishment(it.id, Period(it.first, it.last))
                for it in rows["establishment.csv"]
                if it.enterprise == row.id
            ),
        )
        for row in rows["enterprise.csv"]
        if row.id in shorts
    }


def _suspended(since: date | None, until: date | None) -> tuple[Period, ...]:
    return (Period(since, until),) if since else ()
