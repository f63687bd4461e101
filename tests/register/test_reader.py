"""The reader takes what is published and nothing else, and says where a mistake is."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from accessmgr.core.numbers import NationalNumber
from accessmgr.register import target_groups
from accessmgr.register.reader import Extract, Meta, Reject
from accessmgr.register.rows import AddressRow, EnterpriseRow, EstablishmentRow, FunctionRow, RecognitionRow, Row
from accessmgr.register.source import UnreadableExtract
from tests.register.extracts import DEMO, ROWS, files, folder, heading, zipped

HILDE = "72.03.14-000.46"


def read(path: Path) -> tuple[dict[str, list[Row]], list[Reject]]:
    with closing(Extract(path, frozenset({"412"}))) as extract:
        rows = {file: [row for batch in extract.batches(file) for row in batch] for file in extract.files}
        return rows, extract.rejects


def test_rows_are_read_as_the_store_keeps_them(tmp_path: Path) -> None:
    rows, rejects = read(folder(tmp_path, files()))

    assert rejects == []
    assert rows["enterprise.csv"] == [
        EnterpriseRow("1999000150", "EA", date(2016, 3, 15), None, "2", "610", "000"),
        EnterpriseRow("1999000249", "LB", date(2018, 9, 3), None, "2", "412", "000"),
    ]
    assert rows["establishment.csv"] == [EstablishmentRow("8999000103", "1999000150", date(2016, 4, 1), None)]
    assert rows["denomination.csv"] == [
        ("1999000150", "2", "001", "Netjes Thuis"),
        ("8999000103", "2", "003", 'Netjes, het "kantoor"'),
    ]
    assert rows["address.csv"] == [
        AddressRow(
            entity="1999000150",
            type_code="REGO",
            country_nl=None,
            country_fr=None,
            zipcode="9999",
            municipality_nl="Voorbeelddorp",
            municipality_fr="Village-Exemple",
            street_nl="Wasbordstraat",
            street_fr="Wasbordstraat",
            house_number="12",
            box=None,
            extra=None,
            struck_off=None,
        )
    ]
    hilde, karel = NationalNumber.parse(HILDE), NationalNumber.parse("68.09.23-999.93")
    assert rows["function.csv"] == [
        FunctionRow("1999000150", "managing_director", hilde, "Hilde", "Vermeulen", None, date(2016, 3, 15), None),
        FunctionRow(
            "1999000150", "director", karel, "Karel", "De Smedt", "1999000249", date(2020, 1, 1), date(2029, 12, 31)
        ),
        FunctionRow("1999000249", "director", None, "John", "Murphy", None, date(2021, 11, 8), None),
    ]
    assert rows["recognition.csv"] == [
        RecognitionRow("V99901", "1999000150", date(2017, 1, 1), None, None, None),
        RecognitionRow("V99902", "1999000150", date(2021, 7, 1), None, date(2026, 2, 1), date(2026, 3, 31)),
    ]


def test_what_an_extract_says_of_itself_is_read(tmp_path: Path) -> None:
    with closing(Extract(folder(tmp_path, files(number=146)), frozenset())) as extract:
        assert extract.meta == Meta(146, date(2026, 2, 27), "full")


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    content = files() | {"code.csv": (heading("code.csv") + "\n").encode()}
    with closing(Extract(folder(tmp_path, content), frozenset())) as extract:
        assert list(extract.batches("code.csv")) == []
        assert extract.digests["code.csv"] == "b64058a479894fca1fb4b418a53427ba95dd6915570504ba4301ae22162828b5"


@pytest.mark.parametrize(
    "spelt",
    [
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="with a byte order mark"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="with the line ends of Windows"),
        pytest.param(lambda data: data.replace(b'"', b"") if b'""' not in data else data, id="without quotes"),
    ],
)
def test_spellings_that_mean_the_same_are_read_alike(tmp_path: Path, spelt: Callable[[bytes], bytes]) -> None:
    usual = read(folder(tmp_path / "a", files()))
    other = read(folder(tmp_path / "b", {name: spelt(data) for name, data in files().items()}))

    assert other == usual


@pytest.mark.parametrize("inside", ["", "KboOpenData_0145_2026_03_01_Full/"])
def test_a_zip_is_read_like_a_folder(tmp_path: Path, inside: str) -> None:
    assert read(zipped(tmp_path / "x.zip", files(), inside)) == read(folder(tmp_path / "x", files()))


def test_other_files_are_named_and_not_looked_at(tmp_path: Path) -> None:
    content = files() | {"activity.csv": b"\xff\x00", "contact.csv": b"anything"}
    with closing(Extract(folder(tmp_path, content), frozenset())) as extract:
        assert extract.skipped == ("activity.csv", "contact.csv")


def test_functions_and_recognitions_may_be_left_out(tmp_path: Path) -> None:
    content = files()
    del content["function.csv"], content["recognition.csv"]

    rows, rejects = read(folder(tmp_path, content))

    assert list(rows) == ["code.csv", "enterprise.csv", "establishment.csv", "denomination.csv", "address.csv"]
    assert rejects == []


def test_rows_about_branches_of_foreign_enterprises_are_left_out(tmp_path: Path) -> None:
    branch = '"9.000.006.626","2","004","Filiaal"'
    rows, rejects = read(folder(tmp_path, files(denomination=[*ROWS["denomination.csv"], branch])))

    assert len(rows["denomination.csv"]) == 2
    assert rejects == []


def test_the_demo_world_has_no_mistake() -> None:
    local_forms = target_groups.read(DEMO.parents[1] / "target_groups.yaml")
    with closing(Extract(DEMO, local_forms)) as extract:
        rows = {file: [row for batch in extract.batches(file) for row in batch] for file in extract.files}

    assert extract.rejects == []
    assert extract.counts == {
        "code.csv": 80,
        "enterprise.csv": 9,
        "establishment.csv": 4,
        "denomination.csv": 16,
        "address.csv": 12,
        "function.csv": 14,
        "recognition.csv": 5,
    }
    assert [row[0] for row in rows["enterprise.csv"] if row[1] == "LB"] == ["1999000843"]


# --- rows that are wrong --------------------------------------------------------------------------------------

WRONG_ROWS = [
    ("code", '"Status","AC","NL","Actief"', "a row with the same key came earlier"),
    ("code", '"Status","","NL","Actief"', "`Code` is empty"),
    ("enterprise", '"1999.000.150","AC","000","2","610",,15-03-2016', "`EnterpriseNumber` was in an earlier row"),
    (
        "enterprise",
        '"1999.000.349","AC","000","2","610",,15-03-2016',
        "`EnterpriseNumber` is not a valid enterprise number: wrong check digits",
    ),
    (
        "enterprise",
        '"1999000348","AC","000","2","610",,15-03-2016',
        "`EnterpriseNumber` is not an enterprise number, written `0123.456.789`",
    ),
    (
        "enterprise",
        '"2999.000.348","AC","000","2","610",,15-03-2016',
        "`EnterpriseNumber` is not a valid enterprise number: wrong first digit",
    ),
    (
        "enterprise",
        '"1999.000.3é8","AC","000","2","610",,15-03-2016',
        "`EnterpriseNumber` is not a valid enterprise number: wrong characters",
    ),
    ("enterprise", '"1999.000.348","ST","000","2","610",,15-03-2016', "`Status` is not `AC`"),
    ("enterprise", '"1999.000.348","AC","0 0","2","610",,15-03-2016', "`JuridicalSituation` is not a code"),
    (
        "enterprise",
        '"1999.000.348","AC","000","2","610",,2016-03-15',
        "`StartDate` is not a day, written `dd-mm-yyyy`",
    ),
    (
        "enterprise",
        '"1999.000.348","AC","000","2","610",,30-02-2016',
        "`StartDate` is a day that the calendar does not have",
    ),
    ("enterprise", '"1999.000.348","AC","000","2","610",,', "`StartDate` is not a day, written `dd-mm-yyyy`"),
    ("enterprise", '"1999.000.348","AC","000","2","610",15-03-2016', "it has 6 columns, not 7"),
    ("enterprise", "", "it has 0 columns, not 7"),
    (
        "establishment",
        '"1999.000.150",01-04-2016,"8.999.000.103"',
        "`EstablishmentNumber` is not an establishment number, written `2.123.456.789`",
    ),
    (
        "establishment",
        '"8.999.000.203",01-04-2016,"1999.000.150"',
        "`EstablishmentNumber` is not a valid establishment number: wrong check digits",
    ),
    (
        "establishment",
        '"8.999.000.202",01-04-2016,"1999.000.348"',
        "`EnterpriseNumber` is no enterprise of the register",
    ),
    (
        "establishment",
        '"8.999.000.103",01-04-2016,"1999.000.249"',
        "`EstablishmentNumber` was in an earlier row",
    ),
    ("denomination", '"1999.000.348","2","001","Nergens"', "`EntityNumber` is no enterprise of the register"),
    (
        "denomination",
        '"8.999.000.202","2","001","Nergens"',
        "`EntityNumber` is no establishment unit of the register",
    ),
    ("denomination", '"1999.000.150","2","001","Netjes Thuis"', "a row with the same key came earlier"),
    ("denomination", '"1999.000.150","1","001",', "`Denomination` is empty"),
    ("denomination", '"1999.000.150","1","001","Net\tjes"', "`Denomination` holds a control character"),
    ("denomination", f'"1999.000.150","1","001","{"x" * 1001}"', "`Denomination` is longer than 1000 characters"),
    (
        "address",
        '"1999.000.150","REGO",,,,,,,,,,,',
        "`EntityNumber` had an address of this type in an earlier row",
    ),
    (
        "address",
        '"1999.000.249","REGO",,,,,,,,,,,31-11-2025',
        "`DateStrikingOff` is a day that the calendar does not have",
    ),
    (
        "function",
        f'"1999.000.150","boss","{HILDE}","Vermeulen","Hilde",,15-03-2016,',
        "`FunctionCode` is no function of the rulebook",
    ),
    (
        "function",
        '"1999.000.150","manager","72.03.14-000.47","Vermeulen","Hilde",,15-03-2016,',
        "`HolderNationalNumber` is not a valid national number: wrong check digits",
    ),
    (
        "function",
        '"1999.000.150","manager","72031400046","Vermeulen","Hilde",,15-03-2016,',
        "`HolderNationalNumber` is not written `YY.MM.DD-SSS.CC`",
    ),
    ("function", f'"1999.000.150","manager","{HILDE}",,"Hilde",,15-03-2016,', "`HolderLastName` is empty"),
    (
        "function",
        '"1999.000.150","manager",,,,,15-03-2016,',
        "it names neither a person nor an enterprise as holder",
    ),
    (
        "function",
        '"1999.000.150","manager",,,,"1999.000.348",15-03-2016,',
        "`HolderEnterpriseNumber` is no enterprise of the register",
    ),
    (
        "function",
        f'"1999.000.150","managing_director","{HILDE}","Vermeulen","Hilde",,15-03-2016,31-12-2026',
        "a row with the same key came earlier",
    ),
    (
        "function",
        f'"1999.000.150","manager","{HILDE}","Vermeulen","Hilde",,15-03-2016,14-03-2016',
        "`EndDate` lies before `StartDate`",
    ),
    (
        "function",
        f'"{HILDE}","manager","1999.000.150","Vermeulen","Hilde",,15-03-2016,',
        "`EnterpriseNumber` is not an enterprise number, written `0123.456.789`",
    ),
    ("recognition", '"V99901","1999.000.249",01-01-2017,,,', "a row with the same key came earlier"),
    (
        "recognition",
        '"V 99","1999.000.249",01-01-2017,,,',
        "`RecognitionNumber` is not made of letters and digits",
    ),
    (
        "recognition",
        '"V99903","1999.000.249",01-01-2017,,,31-03-2026',
        "`SuspendedFrom` is not a day, written `dd-mm-yyyy`",
    ),
    (
        "recognition",
        '"V99903","1999.000.348",01-01-2017,,,',
        "`EnterpriseNumber` is no enterprise of the register",
    ),
]


@pytest.mark.parametrize(("name", "row", "reason"), WRONG_ROWS)
def test_a_wrong_row_is_told_by_file_line_and_reason(tmp_path: Path, name: str, row: str, reason: str) -> None:
    file = f"{name}.csv"
    before = ROWS[file]
    rows, rejects = read(folder(tmp_path, files(**{name: [*before, row]})))

    assert rejects == [Reject(file, len(before) + 2, reason)]
    assert len(rows[file]) == len(before)


@pytest.mark.parametrize(("name", "row", "reason"), WRONG_ROWS)
def test_no_reject_repeats_a_national_number(tmp_path: Path, name: str, row: str, reason: str) -> None:
    _, rejects = read(folder(tmp_path, files(**{name: [*ROWS[f"{name}.csv"], row]})))

    said = "".join(character for character in str(rejects) if character.isdigit())
    assert "720314000" not in said


# --- files that are wrong -------------------------------------------------------------------------------------


def changed(name: str, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    content = files()
    return content | {name: change(content[name])}


def without(name: str) -> dict[str, bytes]:
    return {file: data for file, data in files().items() if file != name}


WRONG_FILES = [
    *((without(name), name, None, "is missing") for name in [*list(ROWS)[:5], "meta.csv"]),
    (files(kind="partial"), "meta.csv", 3, "`ExtractType` is neither `full` nor `update`"),
    (files(number="12a"), "meta.csv", 4, "`ExtractNumber` is not a number"),
    (files(number="-1"), "meta.csv", 4, "`ExtractNumber` is not a number"),
    (files(snapshot="2026-02-27"), "meta.csv", 2, "`SnapshotDate` is not a day, written `dd-mm-yyyy`"),
    (files(meta=['"SnapshotDate","27-02-2026"']), "meta.csv", 2, "`ExtractType` is missing"),
    (files(meta=['"ExtractNumber","1"'] * 2), "meta.csv", 3, "the variable was in an earlier line"),
    (files(meta=['"ExtractNumber"']), "meta.csv", 2, "it has not 2 columns"),
    (changed("enterprise.csv", lambda _: b""), "enterprise.csv", 1, None),
    (changed("enterprise.csv", lambda data: data.replace(b"Status", b"status")), "enterprise.csv", 1, None),
    (
        changed(
            "establishment.csv",
            lambda data: data.replace(b'"StartDate","Ent', b'"Ent').replace(b'ber"\n', b'ber","StartDate"\n'),
        ),
        "establishment.csv",
        1,
        "the columns are not `EstablishmentNumber,StartDate,EnterpriseNumber`",
    ),
    (changed("function.csv", lambda data: data.split(b"\n", 1)[1]), "function.csv", 1, None),
    (changed("code.csv", lambda data: data.replace(b",", b";")), "code.csv", 1, None),
    (changed("function.csv", lambda data: data[:-1]), "function.csv", 4, "is cut off: its last line has no end"),
    (changed("function.csv", lambda data: data[:-12]), "function.csv", 4, "is cut off: its last line has no end"),
    (changed("denomination.csv", lambda data: data[:-4]), "denomination.csv", 3, "is cut off within a row"),
    (changed("enterprise.csv", lambda data: data + b'"1999.000.348'), "enterprise.csv", 4, "is cut off within a row"),
    (
        changed("denomination.csv", lambda data: data.replace(b'"Netjes Thuis"', b'"Netjes" Thuis')),
        "denomination.csv",
        2,
        "the quotes are not as they should be",
    ),
    (
        changed("denomination.csv", lambda data: data.replace(b"Netjes, het", "Café, het".encode("latin-1"))),
        "denomination.csv",
        3,
        "is not text in UTF-8",
    ),
    (changed("address.csv", lambda data: data.decode().encode("utf-16")), "address.csv", 1, None),
    (
        changed("address.csv", lambda data: data.replace(b"Voorbeeld", b"Voor\0beeld")),
        "address.csv",
        2,
        "holds a zero byte: it is not text in UTF-8",
    ),
    (
        changed("denomination.csv", lambda data: data.replace(b"Netjes Thuis", b"x" * 140_000)),
        "denomination.csv",
        2,
        "the quotes are not as they should be",
    ),
]


@pytest.mark.parametrize(("content", "file", "line", "reason"), WRONG_FILES)
@pytest.mark.parametrize("write", [folder, zipped])
def test_a_wrong_file_is_told_by_file_and_line(
    tmp_path: Path,
    write: Callable[[Path, dict[str, bytes]], Path],
    content: dict[str, bytes],
    file: str,
    line: int | None,
    reason: str | None,
) -> None:
    path = write(tmp_path / "extract", content)

    with pytest.raises(UnreadableExtract) as caught:
        read(path)

    assert (caught.value.file, caught.value.line) == (file, line)
    assert reason in (None, caught.value.reason)
    assert HILDE not in str(caught.value)


def test_a_mistake_far_into_a_file_is_told_by_its_line(tmp_path: Path) -> None:
    names = [f'"1999.000.150","2","001","Naam {n}"' for n in range(30_000)]
    content = files(denomination=names)
    content["denomination.csv"] = content["denomination.csv"].replace(b'Naam 24999"', b'Na\xe9m 24999"')

    with pytest.raises(UnreadableExtract, match=r"`denomination.csv`, line 25001: is not text in UTF-8"):
        read(folder(tmp_path, content))


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExtract, match="there is no folder or file"):
        Extract(tmp_path / "nothing", frozenset())


def test_a_file_that_is_no_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "extract.zip"
    path.write_bytes(b"this is no ZIP")

    with pytest.raises(UnreadableExtract, match="neither a folder nor a ZIP"):
        Extract(path, frozenset())


def test_half_a_zip_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "extract.zip", files())
    path.write_bytes(path.read_bytes()[:-200])

    with pytest.raises(UnreadableExtract, match="neither a folder nor a ZIP"):
        Extract(path, frozenset())


def test_damage_within_a_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "extract.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files().items():
            archive.writestr(name, data)
    path.write_bytes(path.read_bytes().replace(b"Vermeulen", b"Vermaelen"))

    with pytest.raises(UnreadableExtract) as caught:
        read(path)

    assert caught.value.file == "function.csv"


def test_a_zip_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", files() | {"activity.csv": b"0" * 5_000_000})

    with pytest.raises(UnreadableExtract, match=r"`activity.csv`: unpacks to more than 200 times its size"):
        Extract(path, frozenset())


def test_a_zip_with_one_file_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "twice.zip", files() | {"other/enterprise.csv": b""})

    with pytest.raises(UnreadableExtract, match=r"`enterprise.csv`: is in the ZIP twice"):
        Extract(path, frozenset())


def test_a_zip_with_too_many_entries_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", files() | {f"{n}.txt": b"" for n in range(200)})

    with pytest.raises(UnreadableExtract, match="more than 200 entries"):
        Extract(path, frozenset())


def test_a_list_of_local_forms_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "target_groups.yaml"
    path.write_text("LB: [411]\n")

    with pytest.raises(ValueError, match=r"`target_groups.yaml` is not one list of quoted codes under `LB`"):
        target_groups.read(path)


# --- size -----------------------------------------------------------------------------------------------------

MEASURE = """
import resource, sys
from contextlib import closing
from pathlib import Path
from accessmgr.register.reader import Extract
with closing(Extract(Path(sys.argv[1]), frozenset())) as extract:
    for file in extract.files:
        for batch in extract.batches(file):
            pass
    print(extract.counts["enterprise.csv"], len(extract.rejects), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def many_enterprises(count: int) -> list[str]:
    numbers = (f"{body:08}{97 - body % 97:02}" for body in range(2_000_000, 2_000_000 + count))
    return [f'"{n[:4]}.{n[4:7]}.{n[7:]}","AC","000","2","610",,15-03-2016' for n in numbers]


def measured(path: Path) -> list[int]:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return [int(number) for number in run.stdout.split()]


def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    rest: dict[str, list[str]] = {name.removesuffix(".csv"): [] for name in ROWS}
    short = folder(tmp_path / "short", files(**rest | {"enterprise": many_enterprises(2_000)}))
    long = folder(tmp_path / "long", files(**rest | {"enterprise": many_enterprises(200_000)}))

    *of_short, memory_of_short = measured(short)
    *of_long, memory_of_long = measured(long)

    assert (of_short, of_long) == ([2_000, 0], [200_000, 0])
    assert (memory_of_long - memory_of_short) // 1024 < 8
