"""Lists of the history as files: who may take them, what stands in them, and that no cell starts a formula."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from accessmgr.core.actions import Action
from accessmgr.core.model import Key
from accessmgr.web import sheets
from accessmgr.web.sheets import Table, csv_lines, inert, write_xlsx
from tests.web.building import (
    NETJES,
    PROPRE,
    Chain,
    add_enterprise,
    anonymous_client,
    built_app,
    demo_chain,
    do,
    post,
    product_of,
    signed_in_client,
)

TOOL = Path(__file__).parents[2] / "tools" / "verify_history.py"
LISTS = {
    "entries": {},
    "who": {"on": "2026-03-02"},
    "compare": {"first": "2026-03-01", "second": "2026-03-02"},
    "question": {"question": "maker-gone"},
    "sample": {"seed": "dice", "count": "3"},
}
DANGEROUS = "=+-@\t\r"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path)
    add_enterprise(app, PROPRE, "Propre & Net")
    return app


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def taken(app: Flask, who: str, **fields: str) -> Any:
    """What somebody gets who asks for a list of Netjes Thuis as a file."""
    client = signed_in_client(app, who)
    asked = {"list": "entries", "enterprise": NETJES, "format": "csv", **fields}
    with post(client, "/history/export", asked) as answer:
        answer.get_data()
        return answer


def verified(app: Flask, folder: Path, content: bytes) -> str:
    """The first line that the verifier which stands alone prints of a file."""
    file = folder / "file.jsonl"
    file.write_bytes(content)
    key = anonymous_client(app).get("/history/key").get_data(as_text=True).strip()
    command = [sys.executable, str(TOOL), str(file), "--vkey", key]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.partition("\n")[0]


def read(answer: Any) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def last_entry(app: Flask) -> dict[str, Any]:
    with product_of(app).world.store.reading() as seen:
        entry: dict[str, Any] = json.loads(seen.lists.entries(limit=1)[0].leaf)
    return entry


@pytest.mark.parametrize("listed", LISTS)
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_a_manager_takes_every_list_in_every_form_and_that_is_recorded(
    app: Flask, chain: Chain, listed: str, form: str
) -> None:
    answer = taken(app, "nadia", list=listed, format=form, **LISTS[listed])

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=history-{NETJES}-{listed}-2026-03-02.{form}"
    )
    assert (last_entry(app)["type"], last_entry(app)["decision"]["because"]) == ("history.exported", ["HISTORY-2"])


def test_a_csv_file_has_a_mark_and_ends_its_lines_by_rfc_4180(app: Flask, chain: Chain) -> None:
    answer = taken(app, "nadia")

    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbfEntry,When (UTC),Who,")
    assert answer.data.count(b"\r\n") == answer.data.count(b"\n") == 7
    granted = next(row for row in read(answer) if row[4] == "granted a right")
    assert granted[2:7] == [
        "Nadia El Amrani",
        "manager who may grant the right",
        "granted a right",
        "Inès Dubois",
        NETJES,
    ]


def test_a_comparison_and_who_could_enter_tell_the_person_and_the_entries(app: Flask, chain: Chain) -> None:
    right = "Service vouchers for recognised enterprises"
    compared = read(taken(app, "nadia", list="compare", **LISTS["compare"]))
    who = read(taken(app, "nadia", list="who"))

    assert compared[1:] == [["gained", "Inès Dubois", right, "V99901", "11 12"]]
    assert [row[:6] for row in who[1:]] == [
        ["Inès Dubois", right, "V99901", "2026-03-02", "2027-03-01", "Nadia El Amrani"]
    ]


def test_entries_about_one_person_are_those_alone(app: Flask, chain: Chain) -> None:
    kinds = [row[4] for row in read(taken(app, "nadia", person="ines"))[1:]]

    assert kinds == ["linked a person to the enterprise", "granted a right"]


@pytest.mark.parametrize("listed", LISTS)
def test_a_file_with_proofs_is_verified_by_the_verifier_that_stands_alone(
    app: Flask, chain: Chain, tmp_path: Path, listed: str
) -> None:
    bundle = taken(app, "nadia", list=listed, format="jsonl", **LISTS[listed]).data
    entries = bundle.count(b"\n") - 1

    assert verified(app, tmp_path, bundle) == f"VALID {entries}"


def test_a_file_with_proofs_that_was_changed_is_found_out(app: Flask, chain: Chain, tmp_path: Path) -> None:
    bundle = taken(app, "nadia", format="jsonl").data
    changed = bundle.replace(b"V99901", b"V99902", 1)

    assert changed != bundle
    assert verified(app, tmp_path, changed) == "TAMPERED at 4"
    assert verified(app, tmp_path, b"".join(bundle.splitlines(keepends=True)[1:])) == "TRUNCATED"


@pytest.mark.parametrize("person", ["ines", "noah"])
def test_for_whoever_may_not_export_there_is_nothing_there(app: Flask, chain: Chain, person: str) -> None:
    assert taken(app, person).status_code == 404
    assert taken(app, person, enterprise="").status_code == 404


def test_a_manager_takes_nothing_of_another_enterprise_or_of_all(app: Flask, chain: Chain) -> None:
    assert taken(app, "nadia", enterprise=PROPRE).status_code == 404
    assert taken(app, "nadia", enterprise="", list="question", question="unused").status_code == 404


def test_an_auditor_takes_nothing_without_a_purpose(app: Flask, chain: Chain) -> None:
    refused = taken(app, "mila")
    assert (refused.status_code, last_entry(app)["decision"]["because"]) == (403, ["HISTORY-4"])

    allowed = taken(app, "mila", purpose="a complaint")
    assert (allowed.status_code, last_entry(app)["type"]) == (200, "history.exported")
    assert "a complaint" in allowed.get_data(as_text=True)
    assert "complaint" not in json.dumps(last_entry(app))


def test_an_auditor_takes_an_answer_about_all_enterprises(app: Flask, chain: Chain, tmp_path: Path) -> None:
    asked = {"enterprise": "", "list": "question", "question": "near-a-change", "purpose": "a sample"}

    assert taken(app, "mila", **asked).status_code == 200
    assert verified(app, tmp_path, taken(app, "mila", **asked, format="jsonl").data) == "VALID 0"


@pytest.mark.parametrize(
    "fields",
    [
        {"list": "people"},
        {"format": "exe"},
        {"enterprise": "123"},
        {"list": "question", "question": "none"},
        {"list": "question", "question": "unused", "first": "2026-13-01"},
        {"list": "compare", "first": "2026-03-02", "second": "2026-03-01"},
        {"list": "certificate", "grant": "none"},
        {"list": "sample", "count": "many"},
        {"format": "jsonl", "size": "99999"},
    ],
)
def test_what_does_not_exist_cannot_be_taken(app: Flask, chain: Chain, fields: dict[str, str]) -> None:
    assert taken(app, "nadia", **fields).status_code == 404


def test_an_export_needs_the_token_of_a_form(app: Flask, chain: Chain) -> None:
    answer = signed_in_client(app, "nadia").post("/history/export", data={"enterprise": NETJES})

    assert answer.status_code == 400


def test_no_export_holds_a_national_number(app: Flask, chain: Chain) -> None:
    do(app, "ines", Action.REVEAL_NUMBER, person="ines")
    for form in ("csv", "jsonl"):
        content = taken(app, "nadia", format=form).get_data(as_text=True)
        assert re.findall(r"95[.]?08[.]?17", content) == []


def test_the_pages_offer_an_export_to_those_who_may_and_no_other(app: Flask, chain: Chain) -> None:
    page = f"/history/{NETJES}/grants/{chain.grant}/certificate"

    assert 'action="/history/export"' in signed_in_client(app, "nadia").get(page).get_data(as_text=True)
    assert 'action="/history/export"' not in signed_in_client(app, "ines").get(page).get_data(as_text=True)
    assert signed_in_client(app, "ines", Key.EID).get(page).status_code == 200


cells = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    st.tuples(st.sampled_from(DANGEROUS), st.text(max_size=5)).map("".join),
    st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "https://example.be", "{=1}"]),
)


@given(cells)
def test_no_cell_starts_as_a_formula_does(cell: str) -> None:
    assert str(inert(cell)).lstrip(" ")[:1] not in tuple(DANGEROUS)


def test_a_cell_that_starts_no_formula_stays_as_it_is() -> None:
    assert [inert(cell) for cell in ("Inès", "a=b", "", "2026-03-02", 12, -3)] == [
        "Inès",
        "a=b",
        "",
        "2026-03-02",
        12,
        -3,
    ]


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_a_csv_file_starts_no_formula_in_any_cell(rows: list[tuple[str, str]]) -> None:
    written = b"".join(csv_lines(Table(("a", "b"), rows))).decode().removeprefix("\ufeff")
    read_back = list(csv.reader(io.StringIO(written, newline="")))

    assert len(read_back) == 1 + len(rows)
    assert [cell for row in read_back for cell in row if cell[:1] in tuple(DANGEROUS)] == []


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_a_workbook_holds_text_and_no_formula(rows: list[tuple[str, str]]) -> None:
    file = io.BytesIO()
    write_xlsx(Table(("a", "b"), [(*row, 7) for row in rows]), file)
    with zipfile.ZipFile(file) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314  # written just now
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    texts = ["".join(text.itertext()) for text in sheet.iter(f"{space}is")]

    assert list(sheet.iter(f"{space}f")) == []
    assert list(sheet.iter(f"{space}hyperlink")) == []
    assert [text for text in texts if text[:1] in tuple(DANGEROUS)] == []
    assert [value.text for value in sheet.iter(f"{space}v")] == ["7"] * len(rows)


def test_a_workbook_goes_on_in_another_sheet_when_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_OF_A_SHEET", 3)
    file = io.BytesIO()
    write_xlsx(Table(("n",), ((n,) for n in range(5))), file)
    with zipfile.ZipFile(file) as book:
        sizes = [book.read(f"xl/worksheets/sheet{n}.xml").count(b"<row ") for n in (1, 2, 3)]

    assert sizes == [3, 3, 2]
