"""An import makes the extract what the system knows, in both databases: all of it or nothing, and keeps what was."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, insert, select, text

from accessmgr.core.numbers import NationalNumber
from accessmgr.register import rows
from accessmgr.register.import_ import (
    ExtractRefused,
    ImplausibleExtract,
    Imported,
    OutdatedExtract,
    TooManyRejects,
    import_extract,
)
from accessmgr.register.source import UnreadableExtract
from accessmgr.register.update import update_extract
from accessmgr.store import tables
from accessmgr.store.engine import create_schema, prepare
from accessmgr.store.register_import import RegisterTables
from accessmgr.store.tables import OPEN
from tests.register.extracts import DEMO, ROWS, files, folder, update_files, zipped

NETJES, PROPRE = "1999000150", "1999000249"
JANUARY, FEBRUARY, MARCH = "30-01-2026", "27-02-2026", "27-03-2026"
TABLES = (
    tables.Code,
    tables.Enterprise,
    tables.Establishment,
    tables.EstablishmentMove,
    tables.Denomination,
    tables.Address,
    tables.Function,
    tables.Recognition,
    tables.Suspension,
    tables.RegisterImport,
)


class KnownPeople:
    """Persons with ids that a test can foretell: p0 is the first one seen."""

    def __init__(self) -> None:
        self.ids: dict[NationalNumber, str] = {}
        self.names: list[tuple[str, str]] = []

    def find_or_add_many(self, people: Sequence[tuple[NationalNumber, str, str]]) -> list[str]:
        for number, given, family in people:
            if number not in self.ids:
                self.ids[number] = f"p{len(self.ids)}"
                self.names.append((given, family))
        return [self.ids[number] for number, _, _ in people]


class Register:
    """A database, and imports into it; the history has as many entries as there were imports."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.people = KnownPeople()
        self.n = 0

    def take(self, path: Path, **limits: Any) -> Imported:
        self.n += 1
        with self.engine.begin() as connection:
            return self._take(connection, path, **limits)

    def update(self, **changes: Any) -> Imported:
        self.n += 1
        path = folder(self.folder, update_files(**changes))
        with self.engine.begin() as connection:
            sink = RegisterTables(connection, self.n, self.people)
            return update_extract(path, sink, local_forms={"412"}, max_gone=1)

    def refuse_update(self, content: dict[str, bytes]) -> str:
        self.n += 1
        path = folder(self.folder, content)
        with self.engine.connect() as connection:
            sink = RegisterTables(connection, self.n, self.people)
            with pytest.raises((ExtractRefused, UnreadableExtract)) as caught:
                update_extract(path, sink, local_forms={"412"})
        return str(caught.value)

    def take_files(self, **changes: Any) -> Imported:
        return self.take(folder(self.folder, files(**changes)))

    def refuse(self, path: Path, mistake: type[ValueError], **limits: Any) -> ValueError:
        """An import that is undone within a transaction that goes on, as the store does it to record the refusal."""
        self.n += 1
        with self.engine.begin() as connection:
            with pytest.raises(mistake) as caught, connection.begin_nested():
                self._take(connection, path, **limits)
            connection.execute(text("UPDATE log_head SET size = size + 1"))
        return caught.value

    def _take(self, connection: Connection, path: Path, **limits: Any) -> Imported:
        sink = RegisterTables(connection, self.n, self.people)
        return import_extract(path, sink, local_forms={"412"}, **limits)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        with self.engine.connect() as connection:
            found = {model.__tablename__: select(model.__table__).order_by(text("1")) for model in TABLES}
            return {name: [tuple(row) for row in connection.execute(rows)] for name, rows in found.items()}

    def versions(self, model: Any, *columns: str, **where: Any) -> list[tuple[Any, ...]]:
        """The chosen columns and the recorded period, as ∞ where it is open, of all versions, older ones first."""
        table = model.__table__
        chosen = select(*(table.c[name] for name in columns), table.c.recorded_from, table.c.recorded_to)
        for name, value in where.items():
            chosen = chosen.where(table.c[name] == value)
        with self.engine.connect() as connection:
            found = connection.execute(chosen.order_by(table.c.recorded_from, table.c.row)).all()
        return [(*row[:-1], "∞" if row[-1] == OPEN else row[-1]) for row in found]


@contextmanager
def new_register(url: str, folder: Path) -> Iterator[Register]:
    engine = prepare(create_engine(url))
    with engine.begin() as connection:
        create_schema(connection)
    yield Register(engine, folder)
    engine.dispose()


@pytest.fixture
def register(database_url: str, tmp_path: Path) -> Iterator[Register]:
    """An empty database."""
    with new_register(database_url, tmp_path / "extract") as register:
        yield register


@pytest.fixture
def sqlite_register(sqlite_url: str, tmp_path: Path) -> Iterator[Register]:
    """An empty database, where one kind is enough because the store plays no part."""
    with new_register(sqlite_url, tmp_path / "extract") as register:
        yield register


def lines(name: str, *, without: str = "", plus: Sequence[str] = ()) -> list[str]:
    """The usual rows of a file, without those that begin like `without`, and some more."""
    return [line for line in ROWS[f"{name}.csv"] if not without or not line.startswith(without)] + list(plus)


def test_the_rows_of_the_reader_have_the_columns_of_the_tables() -> None:
    pairs: dict[Any, Any] = {
        rows.CodeRow: tables.Code,
        rows.EnterpriseRow: tables.Enterprise,
        rows.EstablishmentRow: tables.Establishment,
        rows.DenominationRow: tables.Denomination,
        rows.AddressRow: tables.Address,
    }
    of_the_store = {"row", "recorded_from", "recorded_to"}

    for row, model in pairs.items():
        assert row._fields == tuple(name for name in model.__table__.c.keys() if name not in of_the_store)  # noqa: SIM118


def test_an_extract_comes_in_with_its_entry(register: Register) -> None:
    imported = register.take_files()

    assert (imported.extract_number, imported.snapshot, imported.rejects) == (145, date(2026, 2, 27), ())
    assert imported.counts["enterprise.csv"] == 2
    assert sorted(imported.digests) == sorted([*ROWS, "meta.csv"])
    assert register.versions(tables.Enterprise, "id", "target_group", "first", "last", "form_code") == [
        (NETJES, "EA", date(2016, 3, 15), None, "610", 1, "∞"),
        (PROPRE, "LB", date(2018, 9, 3), None, "412", 1, "∞"),
    ]
    assert register.versions(tables.Establishment, "id", "enterprise", "first") == [
        ("8999000103", NETJES, date(2016, 4, 1), 1, "∞")
    ]
    assert register.versions(tables.Denomination, "entity", "name") == [
        (NETJES, "Netjes Thuis", 1, "∞"),
        ("8999000103", 'Netjes, het "kantoor"', 1, "∞"),
    ]
    assert register.versions(tables.Address, "entity", "type_code", "zipcode", "box") == [
        (NETJES, "REGO", "9999", None, 1, "∞")
    ]
    assert register.versions(tables.Recognition, "id", "enterprise", "first", "last") == [
        ("V99901", NETJES, date(2017, 1, 1), None, 1, "∞"),
        ("V99902", NETJES, date(2021, 7, 1), None, 1, "∞"),
    ]
    assert register.versions(tables.Suspension, "recognition", "first", "last") == [
        ("V99902", date(2026, 2, 1), date(2026, 3, 31), 1, "∞")
    ]
    assert register.everything()["register_import"] == [(0, 145, date(2026, 2, 27), "full")]


def test_holders_of_functions_are_known_persons_by_number_and_others_by_name(register: Register) -> None:
    register.take_files()

    assert register.people.names == [("Hilde", "Vermeulen"), ("Karel", "De Smedt")]
    assert register.versions(tables.Function, "code", "holder", "held_by", "holder_name", "first", "last") == [
        ("managing_director", "p0", None, None, date(2016, 3, 15), None, 1, "∞"),
        ("director", "p1", PROPRE, None, date(2020, 1, 1), date(2029, 12, 31), 1, "∞"),
        ("director", None, None, "John Murphy", date(2021, 11, 8), None, 1, "∞"),
    ]


def test_no_id_of_a_function_holds_a_name_or_a_national_number(register: Register) -> None:
    register.take_files()

    ids = [row[0] for row in register.versions(tables.Function, "id", holder_name=None)]
    ids += [row[0] for row in register.versions(tables.Function, "id")]
    assert [id for id in ids if "Murphy" in id or "72031400046" in id] == []
    assert f"{NETJES}:managing_director:p0:2016-03-15" in ids


def test_no_national_number_reaches_a_table(sqlite_register: Register) -> None:
    sqlite_register.take_files()
    sqlite_register.engine.dispose()

    database = Path(str(sqlite_register.engine.url.database)).read_bytes()
    assert b"Netjes Thuis" in database
    assert [text for text in (b"72031400046", b"72.03.14-000.46") if text in database] == []


def test_the_same_extract_again_changes_nothing(register: Register) -> None:
    register.take(DEMO)
    first = register.everything()

    register.take(DEMO)

    again = register.everything()
    assert again.pop("register_import") == [
        (0, 143, date(2026, 1, 2), "full"),
        (1, 143, date(2026, 1, 2), "full"),
    ]
    first.pop("register_import")
    assert again == first
    assert len(again["enterprise"]) == 9


def test_a_changed_name_succeeds_the_old_one(register: Register) -> None:
    register.take_files()
    new_name = '"1999.000.150","2","001","Netjes Thuis en Tuin"'
    register.take_files(
        number=146, snapshot=MARCH, denomination=lines("denomination", without='"1999.000.150"', plus=[new_name])
    )

    assert register.versions(tables.Denomination, "name", entity=NETJES) == [
        ("Netjes Thuis", 1, 2),
        ("Netjes Thuis en Tuin", 2, "∞"),
    ]
    assert register.versions(tables.Denomination, "name", entity="8999000103") == [('Netjes, het "kantoor"', 1, "∞")]
    assert register.versions(tables.Enterprise, "id") == [(NETJES, 1, "∞"), (PROPRE, 1, "∞")]


def test_a_changed_address_succeeds_the_old_one(register: Register) -> None:
    register.take_files()
    moved = '"1999.000.150","REGO",,,"9999","Voorbeelddorp","Village-Exemple","Stoomlaan","Stoomlaan","5","2",,'
    register.take_files(number=146, snapshot=MARCH, address=[moved])

    assert register.versions(tables.Address, "street_nl", "box") == [
        ("Wasbordstraat", None, 1, 2),
        ("Stoomlaan", "2", 2, "∞"),
    ]


def test_what_the_register_says_of_an_enterprise_may_change(register: Register) -> None:
    register.take_files()
    bankrupt = '"1999.000.150","AC","050","2","610",,15-03-2016'
    register.take_files(
        number=146, snapshot=MARCH, enterprise=lines("enterprise", without='"1999.000.150"', plus=[bankrupt])
    )

    assert register.versions(tables.Enterprise, "situation_code", "last", id=NETJES) == [
        ("000", None, 1, 2),
        ("050", None, 2, "∞"),
    ]


def test_a_function_that_ended_has_its_end(register: Register) -> None:
    register.take_files()
    ended = '"1999.000.150","managing_director","72.03.14-000.46","Vermeulen","Hilde",,15-03-2016,15-03-2026'
    register.take_files(
        number=146,
        snapshot=MARCH,
        function=lines("function", without='"1999.000.150","managing_director"', plus=[ended]),
    )

    assert register.versions(tables.Function, "holder", "last", code="managing_director") == [
        ("p0", None, 1, 2),
        ("p0", date(2026, 3, 15), 2, "∞"),
    ]


def test_a_function_that_is_gone_ends_on_the_snapshot_day_once(register: Register) -> None:
    register.take_files()
    less = lines("function", without='"1999.000.150","managing_director"')
    register.take_files(number=146, snapshot=MARCH, function=less)
    register.take_files(number=147, snapshot="24-04-2026", function=less)

    assert register.versions(tables.Function, "holder", "last", code="managing_director") == [
        ("p0", None, 1, 2),
        ("p0", date(2026, 3, 27), 2, "∞"),
    ]


def test_a_function_that_had_ended_before_it_went_keeps_its_end(register: Register) -> None:
    ended = '"1999.000.249","manager","91.02.05-000.29","Lambert","Sophie",,01-01-2019,31-12-2025'
    register.take_files(function=lines("function", plus=[ended]))
    register.take_files(number=146, snapshot=MARCH)

    assert register.versions(tables.Function, "last", code="manager") == [(date(2025, 12, 31), 1, "∞")]


def test_a_holder_without_number_keeps_the_id_of_the_function(register: Register) -> None:
    register.take_files()
    before = register.versions(tables.Function, "id", holder_name="John Murphy")
    register.take_files(
        number=146,
        snapshot=MARCH,
        function=lines(
            "function",
            without='"1999.000.249"',
            plus=['"1999.000.249","director",,"Murphy","John",,08-11-2021,28-02-2026'],
        ),
    )

    after = register.versions(tables.Function, "id", "last", holder_name="John Murphy")
    assert after == [(before[0][0], None, 1, 2), (before[0][0], date(2026, 2, 28), 2, "∞")]


def test_another_permanent_representative_succeeds_in_the_same_function(register: Register) -> None:
    register.take_files()
    other = '"1999.000.150","director","64.01.01-999.31","Moens","Luc","1999.000.249",01-01-2020,31-12-2029'
    register.take_files(
        number=146, snapshot=MARCH, function=lines("function", without='"1999.000.150","director"', plus=[other])
    )

    assert register.versions(tables.Function, "holder", held_by=PROPRE) == [("p1", 1, 2), ("p2", 2, "∞")]
    assert len({row[0] for row in register.versions(tables.Function, "id", held_by=PROPRE)}) == 1


def test_a_function_that_was_known_under_another_id_keeps_it(register: Register) -> None:
    register.take_files(function=lines("function", without='"1999.000.150"'))
    with register.engine.begin() as connection:
        pushed = {"id": "f-pushed", "enterprise": NETJES, "code": "manager", "holder": "p0", "first": date(2026, 3, 1)}
        connection.execute(insert(tables.Function.__table__).values(**pushed, recorded_from=2, recorded_to=OPEN))
    register.n += 1
    manager = '"1999.000.150","manager","72.03.14-000.46","Vermeulen","Hilde",,01-03-2026,'
    register.take_files(
        number=146, snapshot=MARCH, function=lines("function", without='"1999.000.150"', plus=[manager])
    )

    assert register.versions(tables.Function, "id", code="manager") == [("f-pushed", 2, "∞")]


def test_an_enterprise_that_is_gone_ends_on_the_snapshot_day_and_keeps_its_name(register: Register) -> None:
    name = '"1999.000.249","1","001","Propre & Net"'
    register.take_files(denomination=lines("denomination", plus=[name]))
    register.take_files(
        number=146,
        snapshot=MARCH,
        enterprise=lines("enterprise", without='"1999.000.249"'),
        function=lines("function")[:1],
    )

    assert register.versions(tables.Enterprise, "last", id=PROPRE) == [(None, 1, 2), (date(2026, 3, 27), 2, "∞")]
    assert register.versions(tables.Denomination, "name", entity=PROPRE) == [("Propre & Net", 1, "∞")]
    assert register.versions(tables.Function, "last", enterprise=PROPRE) == [(None, 1, 2), (date(2026, 3, 27), 2, "∞")]


def test_an_enterprise_that_comes_back_has_no_end_any_more(register: Register) -> None:
    register.take_files(function=[])
    register.take_files(
        number=146, snapshot=MARCH, function=[], enterprise=lines("enterprise", without='"1999.000.249"')
    )
    register.take_files(number=147, snapshot="24-04-2026", function=[])

    assert register.versions(tables.Enterprise, "last", id=PROPRE) == [
        (None, 1, 2),
        (date(2026, 3, 27), 2, 3),
        (None, 3, "∞"),
    ]


def test_an_establishment_that_moved_keeps_its_row_and_has_a_new_owner_since_the_snapshot(register: Register) -> None:
    register.take_files()
    moved = ['"8.999.000.103",01-04-2016,"1999.000.249"']
    register.take_files(number=146, snapshot=MARCH, establishment=moved)
    register.take_files(number=147, snapshot="24-04-2026", establishment=moved)

    assert register.versions(tables.Establishment, "enterprise", "last") == [(NETJES, None, 1, "∞")]
    assert register.versions(tables.EstablishmentMove, "establishment", "enterprise", "since") == [
        ("8999000103", PROPRE, date(2026, 3, 27), 2, "∞")
    ]

    register.take_files(number=148, snapshot="29-05-2026")

    assert register.versions(tables.EstablishmentMove, "enterprise", "since") == [
        (PROPRE, date(2026, 3, 27), 2, "∞"),
        (NETJES, date(2026, 5, 29), 4, "∞"),
    ]


def test_an_establishment_that_is_gone_ends_on_the_snapshot_day(register: Register) -> None:
    register.take_files()
    register.take_files(number=146, snapshot=MARCH, establishment=[], denomination=lines("denomination")[:1])

    assert register.versions(tables.Establishment, "enterprise", "last") == [
        (NETJES, None, 1, 2),
        (NETJES, date(2026, 3, 27), 2, "∞"),
    ]


def test_recognitions_and_suspensions_that_are_gone_end_on_the_snapshot_day(register: Register) -> None:
    register.take_files()
    register.take_files(number=146, snapshot=MARCH, recognition=lines("recognition", without='"V99902"'))

    assert register.versions(tables.Recognition, "last", id="V99902") == [(None, 1, 2), (date(2026, 3, 27), 2, "∞")]
    assert register.versions(tables.Suspension, "last") == [(date(2026, 3, 31), 1, 2), (date(2026, 3, 27), 2, "∞")]


def test_a_code_that_is_gone_is_closed(register: Register) -> None:
    register.take_files()
    register.take_files(number=146, snapshot=MARCH, code=['"Status","AC","NL","Werkend"'])

    assert register.versions(tables.Code, "description") == [("Actief", 1, 2), ("Werkend", 2, "∞")]


def test_files_that_are_not_there_change_nothing_about_functions_and_recognitions(register: Register) -> None:
    register.take_files()
    content = files(number=146, snapshot=MARCH)
    del content["function.csv"], content["recognition.csv"]
    register.take(folder(register.folder, content))

    assert [row[-1] for row in register.versions(tables.Function, "id")] == ["∞", "∞", "∞"]
    assert [row[-1] for row in register.versions(tables.Recognition, "id")] == ["∞", "∞"]
    assert [row[-1] for row in register.versions(tables.Suspension, "id")] == ["∞"]


# --- what is refused --------------------------------------------------------------------------------------------


def spoilt(name: str, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    content = files(number=146, snapshot=MARCH)
    return content | {name: change(content[name])}


REFUSED = [
    (files(number=144), OutdatedExtract, "extract 144 is older than the last one imported, 145"),
    (
        files(number=146, snapshot=JANUARY),
        OutdatedExtract,
        "extract 146 shows 2026-01-30, and the last one imported, 145, shows 2026-02-27",
    ),
    (
        files(snapshot=MARCH),
        OutdatedExtract,
        "extract 145 shows 2026-03-27, and the last one imported, 145, shows 2026-02-27",
    ),
    (files(number=146, kind="update"), OutdatedExtract, "the extract is an update, and a full one is asked for"),
    (
        spoilt("recognition.csv", lambda data: data[:-1]),
        UnreadableExtract,
        "`recognition.csv`, line 3: is cut off: its last line has no end",
    ),
    (
        spoilt("enterprise.csv", lambda data: data.split(b"\n")[0] + b"\n"),
        TooManyRejects,
        "9 of 10 rows are wrong, the first: `establishment.csv`, line 2: "
        "`EnterpriseNumber` is no enterprise of the register",
    ),
    (
        files(number=146, enterprise=[], establishment=[], denomination=[], address=[], function=[], recognition=[]),
        UnreadableExtract,
        "`enterprise.csv`, line 1: has no row",
    ),
    (
        spoilt("function.csv", lambda data: data.replace(b"72.03.14-000.46", b"72.03.14-000.47")),
        TooManyRejects,
        "1 of 12 rows are wrong, the first: `function.csv`, line 2: "
        "`HolderNationalNumber` is not a valid national number: wrong check digits",
    ),
]


@pytest.mark.parametrize(("content", "mistake", "message"), REFUSED)
def test_a_refused_extract_changes_nothing(
    register: Register, content: dict[str, bytes], mistake: type[ValueError], message: str
) -> None:
    register.take_files()
    before = register.everything()

    refusal = register.refuse(zipped(register.folder.with_suffix(".zip"), content), mistake)

    assert str(refusal) == message
    assert register.everything() == before


def test_after_a_refusal_the_next_extract_comes_in(register: Register) -> None:
    register.take_files()
    register.refuse(folder(register.folder, files(number=144)), OutdatedExtract)
    register.take_files(number=146, snapshot=MARCH)

    assert [row[:2] for row in register.everything()["register_import"]] == [(0, 145), (2, 146)]


class PulledPlug(Exception):
    """The import is broken off."""


@pytest.mark.parametrize("batches", range(1, 8))
def test_an_import_broken_off_after_any_batch_changes_nothing(register: Register, batches: int) -> None:
    register.take_files()
    before = register.everything()
    told: list[str] = []

    def break_off(file: str, rows: int) -> None:
        told.append(file)
        if len(told) == batches:
            raise PulledPlug

    renamed = lines("denomination", plus=['"1999.000.249","1","001","Propre"'])
    path = folder(register.folder, files(number=146, snapshot=MARCH, denomination=renamed))
    with pytest.raises(PulledPlug):
        register.take(path, progress=break_off)

    assert register.everything() == before
    register.take(path)
    assert register.versions(tables.Denomination, "name", entity=PROPRE) == [("Propre", 3, "∞")]


def test_rejects_below_the_share_are_listed_and_the_rest_comes_in(register: Register) -> None:
    wrong = '"1999.000.349","AC","000","2","610",,15-03-2016'
    path = folder(register.folder, files(enterprise=lines("enterprise", plus=[wrong])))

    imported = register.take(path, max_rejects=0.08)

    assert [str(reject) for reject in imported.rejects] == [
        "`enterprise.csv`, line 4: `EnterpriseNumber` is not a valid enterprise number: wrong check digits"
    ]
    assert len(register.versions(tables.Enterprise, "id")) == 2


def test_rejects_above_the_share_are_listed_and_nothing_comes_in(register: Register) -> None:
    wrong = '"1999.000.349","AC","000","2","610",,15-03-2016'
    path = folder(register.folder, files(enterprise=lines("enterprise", plus=[wrong])))

    refusal = register.refuse(path, TooManyRejects, max_rejects=0.07)

    assert isinstance(refusal, TooManyRejects)
    assert [(reject.file, reject.line) for reject in refusal.rejects] == [("enterprise.csv", 4)]
    assert register.versions(tables.Enterprise, "id") == []


# --- what is plausible ------------------------------------------------------------------------------------------


def enterprises(count: int) -> list[str]:
    numbers = (f"{body:08}{97 - body % 97:02}" for body in range(19_990_100, 19_990_100 + count))
    return [f'"{n[:4]}.{n[4:7]}.{n[7:]}","AC","000","2","610",,15-03-2016' for n in numbers]


def only(enterprise: list[str], **meta: Any) -> dict[str, bytes]:
    empty: dict[str, list[str]] = {name.removesuffix(".csv"): [] for name in ROWS}
    return files(**empty | {"enterprise": enterprise}, **meta)


@pytest.mark.parametrize(("known", "left"), [(21, 1), (1000, 950)])
def test_as_many_enterprises_as_is_plausible_may_end_at_once(register: Register, known: int, left: int) -> None:
    register.take(folder(register.folder, only(enterprises(known))))
    register.take(folder(register.folder, only(enterprises(left), number=146, snapshot=MARCH)))

    with register.engine.connect() as connection:
        open_rows = text(f"SELECT count(*) FROM enterprise WHERE recorded_to = {OPEN} AND last IS NULL")
        assert connection.execute(open_rows).scalar() == left


@pytest.mark.parametrize(("known", "left"), [(22, 1), (1000, 949)])
def test_more_enterprises_than_is_plausible_do_not_end_at_once(register: Register, known: int, left: int) -> None:
    register.take(folder(register.folder, only(enterprises(known))))
    before = register.everything()

    path = folder(register.folder, only(enterprises(left), number=146, snapshot=MARCH))
    refusal = register.refuse(path, ImplausibleExtract)

    assert str(refusal) == f"`enterprise.csv` lacks {known - left} of the {known} rows that are known"
    assert register.everything() == before


def test_a_large_register_does_not_double_at_once(sqlite_register: Register) -> None:
    sqlite_register.take(folder(sqlite_register.folder, only(enterprises(1000))))

    path = folder(sqlite_register.folder, only(enterprises(2001), number=146, snapshot=MARCH))
    refusal = sqlite_register.refuse(path, ExtractRefused)

    assert str(refusal) == "`enterprise.csv` has 2001 rows, where 1000 are known"


def test_progress_is_told_by_file(sqlite_register: Register) -> None:
    told: list[tuple[str, int]] = []
    path = folder(sqlite_register.folder, only(enterprises(5_002)))

    sqlite_register.take(path, progress=lambda file, count: told.append((file, count)))

    assert told == [("enterprise.csv", 5_000), ("enterprise.csv", 5_002)]


# --- updates ----------------------------------------------------------------------------------------------------


def test_an_update_in_which_nothing_changed_changes_nothing(register: Register) -> None:
    register.take_files()
    before = register.everything()

    register.update()

    after = register.everything()
    assert after.pop("register_import")[1] == (1, 146, date(2026, 3, 27), "update")
    before.pop("register_import")
    assert after == before


def test_an_update_changes_what_it_names_and_nothing_else(register: Register) -> None:
    register.take_files()
    changes = {
        "denomination_delete": ['"1999.000.150"'],
        "denomination_insert": ['"1999.000.150","2","001","Netjes Thuis en Tuin"'],
        "enterprise_insert": ['"1999.000.348","AC","000","2","017",,02-05-2011'],
        "establishment_delete": ['"8.999.000.103"'],
        "establishment_insert": [
            '"8.999.000.103",01-04-2016,"1999.000.249"',
            '"8.999.000.202",03-06-2019,"1999.000.348"',
        ],
        "address_delete": ['"1999.000.150"'],
    }
    register.update(**changes)

    assert register.versions(tables.Denomination, "entity", "name") == [
        (NETJES, "Netjes Thuis", 1, 2),
        ("8999000103", 'Netjes, het "kantoor"', 1, "∞"),
        (NETJES, "Netjes Thuis en Tuin", 2, "∞"),
    ]
    assert register.versions(tables.Enterprise, "id", "last") == [
        (NETJES, None, 1, "∞"),
        (PROPRE, None, 1, "∞"),
        ("1999000348", None, 2, "∞"),
    ]
    assert register.versions(tables.Establishment, "id", "enterprise", "last") == [
        ("8999000103", NETJES, None, 1, "∞"),
        ("8999000202", "1999000348", None, 2, "∞"),
    ]
    assert register.versions(tables.EstablishmentMove, "enterprise", "since") == [(PROPRE, date(2026, 3, 27), 2, "∞")]
    assert register.versions(tables.Address, "entity") == [(NETJES, 1, 2)]
    assert [row[-1] for row in register.versions(tables.Function, "id")] == ["∞", "∞", "∞"]

    before = register.everything()
    register.update(**changes)
    after = register.everything()
    assert [(name, after[name]) for name in before if name != "register_import"] == [
        (name, before[name]) for name in before if name != "register_import"
    ]


def test_what_an_update_deletes_ends_on_its_snapshot_day(register: Register) -> None:
    register.take_files()
    register.update(
        enterprise_delete=['"1999.000.249"'],
        denomination_delete=['"1999.000.249"', '"8.999.000.103"'],
        establishment_delete=['"8.999.000.103"'],
        function_delete=['"1999.000.150"'],
        function_insert=lines("function")[1:2],
        recognition_delete=['"V99902"'],
    )

    end = date(2026, 3, 27)
    assert register.versions(tables.Enterprise, "last", id=PROPRE) == [(None, 1, 2), (end, 2, "∞")]
    assert register.versions(tables.Establishment, "last") == [(None, 1, 2), (end, 2, "∞")]
    assert register.versions(tables.Denomination, "name", entity="8999000103") == [('Netjes, het "kantoor"', 1, "∞")]
    assert register.versions(tables.Function, "code", "last", enterprise=NETJES) == [
        ("managing_director", None, 1, 2),
        ("director", date(2029, 12, 31), 1, "∞"),
        ("managing_director", end, 2, "∞"),
    ]
    assert register.versions(tables.Recognition, "last", id="V99902") == [(None, 1, 2), (end, 2, "∞")]
    assert register.versions(tables.Suspension, "last") == [(date(2026, 3, 31), 1, 2), (end, 2, "∞")]


REFUSED_UPDATES = [
    (files(number=146, snapshot=MARCH), "the extract is a full one, and an update is asked for"),
    (update_files(number=144), "extract 144 is older than the last one imported, 145"),
    (update_files(number=145, snapshot=FEBRUARY), "extract 145 has been imported as a full one"),
    (
        {name: data for name, data in update_files().items() if name != "enterprise_insert.csv"},
        "`enterprise_insert.csv`: is missing",
    ),
    (
        {name: data for name, data in update_files().items() if name != "function_insert.csv"},
        "`function_insert.csv`: is missing",
    ),
    (
        update_files(function_delete=['"72.03.14-000.46"']),
        "1 of 2 rows are wrong, the first: `function_delete.csv`, line 2: "
        "`EnterpriseNumber` is not an enterprise number, written `0123.456.789`",
    ),
    (
        update_files(denomination_insert=['"1999.000.348","2","001","Nergens"']),
        "1 of 2 rows are wrong, the first: `denomination_insert.csv`, line 2: "
        "`EntityNumber` is no enterprise of the register",
    ),
]


@pytest.mark.parametrize(("content", "message"), REFUSED_UPDATES)
def test_a_refused_update_changes_nothing(register: Register, content: dict[str, bytes], message: str) -> None:
    register.take_files()
    before = register.everything()

    assert register.refuse_update(content) == message
    assert register.everything() == before


def test_there_must_be_something_to_update(register: Register) -> None:
    assert register.refuse_update(update_files()) == "there is nothing to update: no full extract has been imported"
