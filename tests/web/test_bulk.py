"""Many rights at once on the pages: files of every kind, what is shown before, and what came of it."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.core.actions import Action
from accessmgr.core.model import Grant, Key
from accessmgr.core.rules import RULES
from accessmgr.usecases.perform import Identity
from accessmgr.web.bulk_file import LARGEST, Unreadable
from accessmgr.web.bulk_lines import Wish, read_wishes
from accessmgr.web.users_bulk import LARGEST_REQUEST
from tests.web.building import NETJES, PROPRE, product_of, token_of
from tests.web.users_cast import Cast, cast

BULK = f"/users/{NETJES}/bulk"
HEAD = "National number;Given name;Family name;Right;Contexts;First day;Last day"
INES = "95.08.17-000.86;Inès;Dubois"
PIETER = "88.11.04-999.30;Pieter;Jacobs"
GOOD = f"{PIETER};service_vouchers;V99901|V99902;2026-03-02;2026-12-31"
AGAIN = f"{INES};service_vouchers;V99901;2026-03-02;2026-12-31"
GRANT, EXTEND, REVOKE = Action.GRANT_RIGHT, Action.EXTEND_GRANT, Action.REVOKE_GRANT
RIGHTS = {"service_vouchers": "service_vouchers", "Dienstencheques voor erkende ondernemingen": "service_vouchers"}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application, for its translations."""
    return cast(tmp_path_factory.mktemp("words")).app


def everybody(identities: Any) -> list[str]:
    return ["somebody" for _ in identities]


def nobody(identities: Any) -> list[None]:
    return [None for _ in identities]


def wishes(app: Flask, content: bytes, action: Action = GRANT, find: Callable[..., Any] = everybody) -> list[Wish]:
    with app.test_request_context("/"):
        return read_wishes(content, action, RIGHTS, find)


def mistakes(
    app: Flask, content: bytes, action: Action = GRANT, find: Callable[..., Any] = everybody, language: str = "en"
) -> list[tuple[int | None, str | None, str]]:
    with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        with pytest.raises(Unreadable) as unreadable:
            read_wishes(content, action, RIGHTS, find)
        return [(each.line, each.column and str(each.column), each.says) for each in unreadable.value.mistakes]


# --- files that are read --------------------------------------------------------------------------------------

WISH = Wish(2, "somebody", "service_vouchers", ("V99901", "V99902"), "2026-03-02", "2026-12-31")


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\n{GOOD}".encode(),
        f"{HEAD}\r\n{GOOD}\r\n".encode(),
        f"{HEAD}\r{GOOD}\r".encode(),
        f"\ufeff{HEAD}\n{GOOD}\n".encode(),
        f"{HEAD}\n{GOOD}\n".replace(";", ",").encode(),
        f"{HEAD}\n{GOOD}\n".replace(";", "\t").encode(),
        f"{HEAD};\n{GOOD};\n\n;;;\n".encode(),
        "\n".join('"' + line.replace(";", '";"') + '"' for line in (HEAD, GOOD)).encode(),
        f"{HEAD}\n{GOOD}".replace("2026-03-02", "02/03/2026").replace("2026-12-31", " 31.12.2026 ").encode(),
        f"{HEAD}\n{GOOD}".replace("2026-03-02", "2/3/2026").encode(),
        f"{HEAD}\n{GOOD}".replace("88.11.04-999.30", "88110499930").replace("|", " | ").encode(),
        f"{HEAD}\n{GOOD}".upper().replace("PIETER", "Pieter").encode(),
        f"{HEAD}\n{GOOD}".replace("service_vouchers", "dienstencheques voor erkende ondernemingen").encode(),
        "\n".join(";".join(reversed(line.split(";"))) for line in (HEAD, GOOD)).encode(),
        f"numéro national;PRENOM;nom;droit;contextes;premier jour;dernier jour\n{GOOD}".encode("cp1252"),
        f"Rijksregisternummer;Voornaam;Achternaam;Recht;Contexten;Eerste dag;Laatste dag\n{GOOD}".encode(),
        f"Nationalregisternummer;Vorname;Familienname;Recht;Kontexte;Erster Tag;Letzter Tag\n{GOOD}".replace(
            "Familienname", "Nachname"
        ).encode("cp1252"),
        f"national_number;given_name;family_name;right;contexts;first_day;last_day\n{GOOD}".encode(),
        f"person;right;contexts;first_day;last_day\nsomebody;{GOOD.partition('Jacobs;')[2]}".encode(),
    ],
)
def test_a_file_is_read_however_a_spreadsheet_writes_it(words: Flask, content: bytes) -> None:
    assert wishes(words, content) == [WISH]


def test_a_line_that_names_the_delimiter_counts_and_is_no_line_of_its_own(words: Flask) -> None:
    assert [each.line for each in wishes(words, f"sep=;\n{HEAD}\n{GOOD}\n{GOOD}".encode())] == [3, 4]


def test_lines_are_numbered_as_in_the_file(words: Flask) -> None:
    two = GOOD.replace("Pieter", '"Pie ter"')
    assert [each.line for each in wishes(words, f"{HEAD}\n\n{two}\n\n\n{GOOD}".encode())] == [3, 6]


def test_extensions_and_revocations_name_rights_by_their_ids(words: Flask) -> None:
    assert wishes(words, b"grant;last_day\nabc;31/12/2026", EXTEND) == [Wish(2, grant="abc", last="2026-12-31")]
    assert wishes(words, b"Family name,grant\nDubois,abc\n", REVOKE) == [Wish(2, grant="abc")]


def test_a_name_in_windows_1252_is_looked_up_as_it_is_meant(words: Flask) -> None:
    asked: list[Identity] = []

    def find(identities: Any) -> list[str]:
        asked.extend(identities)
        return ["somebody"]

    wishes(words, f"{HEAD}\n{AGAIN}".encode("cp1252"), find=find)
    assert [(each.number and each.number.digits, each.names) for each in asked] == [("95081700086", ("Inès", "Dubois"))]


def test_who_is_named_by_id_is_not_looked_up(words: Flask) -> None:
    content = f"person;right;contexts;first_day;last_day\nines;{GOOD.partition('Jacobs;')[2]}".encode()
    assert [each.person for each in wishes(words, content, find=nobody)] == ["ines"]


def test_a_thousand_lines_are_read(words: Flask) -> None:
    content = "grant\n" + "abc\n" * 1000
    assert len(wishes(words, content.encode(), REVOKE)) == 1000


# --- files that are not ---------------------------------------------------------------------------------------

DAY = "Choose a day that exists, written as day/month/year, such as 31/03/2026."
NOT_TEXT = "This is not a text file. Save the sheet as “CSV UTF-8”."
FORMULA = "This cell begins like a formula. Write its value."
EMPTY = "This cell is empty."
NO_ID = "This is no id: it has letters, digits, - and _ only."
CONTEXTS = "Write contexts as the product shows them, with | between them."


def spoilt(old: str, new: str) -> bytes:
    assert old in GOOD
    return f"{HEAD}\n{GOOD}\n{GOOD.replace(old, new)}\n".encode()


BAD: list[tuple[str, bytes, list[tuple[int | None, str | None, str]]]] = [
    ("empty", b"", [(None, None, "The file is empty. Begin it with the names of the columns.")]),
    ("blank lines", b"\n\n;;\n", [(None, None, "The file is empty. Begin it with the names of the columns.")]),
    ("a head alone", HEAD.encode(), [(None, None, "Below the names of the columns there is no line.")]),
    ("too large", b"x" * (LARGEST + 1), [(None, None, "The file is too large: at most 256 KiB.")]),
    ("a workbook", b"PK\x03\x04abc", [(None, None, "This is a workbook. Save the sheet as CSV, and send that file.")]),
    (
        "utf-16",
        HEAD.encode("utf-16"),
        [(None, None, "The text is written in UTF-16. Save the sheet as “CSV UTF-8”.")],
    ),
    ("a null", f"{HEAD}\n{GOOD}\0".encode(), [(None, None, NOT_TEXT)]),
    ("bytes of no text", b"\x81\x8d\x9d\xff", [(None, None, NOT_TEXT)]),
    ("a control character", f"{HEAD}\n{GOOD}\x1b[2J".encode(), [(None, None, NOT_TEXT)]),
    (
        "no head",
        GOOD.encode(),
        [
            *[
                (1, None, f"The name of column {place} is not one of those that this file may have.")
                for place in range(1, 8)
            ],
            *[(1, each, "This column is missing.") for each in ("right", "contexts", "first_day", "last_day")],
        ],
    ),
    (
        "a missing column",
        f"{HEAD}\n{GOOD}".replace("Right;", "").encode(),
        [(1, "right", "This column is missing.")],
    ),
    (
        "a column twice",
        f"{HEAD};last_day\n{GOOD};2026-12-31".encode(),
        [(1, "last_day", "This column is there twice.")],
    ),
    (
        "an unknown column",
        f"{HEAD};Salary\n{GOOD};1".encode(),
        [(1, None, "The name of column 8 is not one of those that this file may have.")],
    ),
    (
        "more cells than columns",
        f"{HEAD}\n{GOOD};x".encode(),
        [(2, None, "This line has more cells than there are columns.")],
    ),
    (
        "a quotation mark that stays open",
        f'{HEAD}\n{GOOD}\n"{GOOD}\n{GOOD}'.encode(),
        [(3, None, "Quotation marks are not closed, or stand in the midst of a cell.")],
    ),
    (
        "too many lines",
        ("grant\n" + "abc\n" * 1001).encode(),
        [
            (1, None, "The name of column 1 is not one of those that this file may have."),
            *[(1, each, "This column is missing.") for each in ("right", "contexts", "first_day", "last_day")],
        ],
    ),
    (
        "a number with a typing error",
        spoilt("999.30", "999.31"),
        [(3, "national_number", "The number holds a typing error: its last two digits do not fit the others.")],
    ),
    (
        "a number that lost its zero",
        spoilt("88.11.04-999.30", "4113000066"),
        [(3, "national_number", "The number has too few or too many digits.")],
    ),
    (
        "a number that a spreadsheet rounded",
        spoilt("88.11.04-999.30", "8,81105E+10"),
        [(3, "national_number", "Write the number with digits only; dots, dashes and spaces do not matter.")],
    ),
    ("a day that is none", spoilt("2026-12-31", "31/02/2026"), [(3, "last_day", DAY)]),
    ("a day in the American way", spoilt("2026-12-31", "12/31/2026"), [(3, "last_day", DAY)]),
    ("a year of two digits", spoilt("2026-12-31", "31/12/26"), [(3, "last_day", DAY)]),
    ("the number of a day", spoilt("2026-03-02", "46083"), [(3, "first_day", DAY)]),
    ("a day long ago", spoilt("2026-03-02", "0026-03-02"), [(3, "first_day", "Choose a day between 1900 and 2199.")]),
    (
        "days the wrong way round",
        spoilt("2026-12-31", "2026-03-01"),
        [(3, "last_day", "The last day is before the first day.")],
    ),
    ("an unknown right", spoilt("service_vouchers", "everything"), [(3, "right", "There is no right of this name.")]),
    ("no right", spoilt("service_vouchers", ""), [(3, "right", EMPTY)]),
    ("no contexts", spoilt("V99901|V99902", " "), [(3, "contexts", EMPTY)]),
    ("contexts that are none", spoilt("V99901|V99902", "<b>|V99901"), [(3, "contexts", CONTEXTS)]),
    ("no last day", spoilt(";2026-12-31", ""), [(3, "last_day", EMPTY)]),
    ("no given name", spoilt("Pieter", ""), [(3, "given_name", EMPTY)]),
    (
        "a name with hidden characters",
        spoilt("Jacobs", "Jac\u202eobs"),
        [(3, "family_name", "The text holds characters that cannot be seen. Type it instead of pasting it.")],
    ),
    (
        "a name that is too long",
        spoilt("Jacobs", "J" * 201),
        [(3, "family_name", "The text is too long: at most 200 characters.")],
    ),
    (
        "nobody",
        spoilt(PIETER, ";;"),
        [(3, "national_number", "Give the number and the names of the person, or their id.")],
    ),
    (
        "both an id and a number",
        f"person;{HEAD}\nines;{GOOD}".encode(),
        [(2, "person", "Give either the id of the person, or their number and names.")],
    ),
    (
        "an id that is none",
        f"person;{HEAD}\n../x;;;;{GOOD.partition('Jacobs;')[2]}".encode(),
        [(2, "person", NO_ID)],
    ),
    (
        "formulas",
        spoilt("Pieter", '"=HYPERLINK(""http://example.org"")"'),
        [(3, "given_name", FORMULA)],
    ),
    ("a formula by its at sign", spoilt("Jacobs", "@SUM(A1)"), [(3, "family_name", FORMULA)]),
    ("a formula by its minus", spoilt("Jacobs", "-A1"), [(3, "family_name", FORMULA)]),
    (
        "several mistakes",
        spoilt("service_vouchers", "x").replace(b"Pieter", b"", 2).replace(b"2026-12-31", b"x", 1),
        [
            (2, "given_name", EMPTY),
            (2, "last_day", DAY),
            (3, "given_name", EMPTY),
            (3, "right", "There is no right of this name."),
        ],
    ),
]


@pytest.mark.parametrize(("content", "told"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_each_mistake_is_told_with_its_place(
    words: Flask, content: bytes, told: list[tuple[int | None, str | None, str]]
) -> None:
    assert mistakes(words, content) == told


def test_a_thousand_and_one_lines_are_too_many(words: Flask) -> None:
    content = "grant\n" + "abc\n" * 1001
    assert mistakes(words, content.encode(), REVOKE) == [
        (1002, None, "There are more than 1000 lines. Send them in parts.")
    ]


def test_an_id_of_a_right_that_is_none_is_a_mistake(words: Flask) -> None:
    assert mistakes(words, b"grant;last_day\na b;x\n;\nabc;", EXTEND) == [
        (2, "grant", NO_ID),
        (2, "last_day", DAY),
        (4, "last_day", EMPTY),
    ]


def test_who_is_not_found_is_told_by_line_and_never_by_number(words: Flask) -> None:
    found = mistakes(words, f"{HEAD}\n{GOOD}\n{AGAIN}".encode(), find=lambda who: ["somebody", None])
    assert found == [(3, "national_number", "Nobody with this number and these names is linked to the enterprise.")]


def test_people_are_looked_up_only_in_a_file_without_mistakes(words: Flask) -> None:
    def find(identities: Any) -> list[str]:
        raise AssertionError("looked up")

    assert [each[1] for each in mistakes(words, spoilt("2026-12-31", "x"), find=find)] == ["last_day"]


def test_no_mistake_repeats_what_was_typed(words: Flask) -> None:
    typed = re.findall(r"[\w.-]{6,}", "88.11.04-999.31 Jacobs")
    for name, content, _told in BAD:
        says = " ".join(each[2] for each in mistakes(words, content))
        assert [word for word in typed if word in says] == [], name


# --- the story ------------------------------------------------------------------------------------------------


@pytest.fixture
def the(tmp_path: Path) -> Cast:
    """Netjes Thuis with its managers."""
    return cast(tmp_path)


def send(client: FlaskClient, content: str | bytes, action: Action = GRANT, path: str = BULK) -> Any:
    """Send a file."""
    raw = content.encode() if isinstance(content, str) else content
    token = token_of(client.get("/about").text)
    form = {"csrf_token": token, "action": str(action), "file": (io.BytesIO(raw), "lines.csv")}
    return client.post(path, data=form, content_type="multipart/form-data")


def confirm(client: FlaskClient, address: str, mode: str = "all") -> Any:
    return client.post(address, data={"csrf_token": token_of(client.get("/about").text), "mode": mode})


def checked(client: FlaskClient, content: str | bytes, action: Action = GRANT) -> str:
    answer = send(client, content, action)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def outcomes(page: str) -> list[tuple[str, list[str]]]:
    """The outcome of each line of a page, with the rules it links to."""
    rows = re.findall(r'<tr>\s*<th scope="row"[^>]*>(.*?)</tr>', page, re.DOTALL)
    return [
        (re.findall(r'class="tag \w+">([^<]+)<', row)[0], re.findall(r'href="/rules/([A-Z0-9-]+)"', row))
        for row in rows
    ]


def grants_of(the: Cast, person: str) -> list[Grant]:
    with product_of(the.app).world.store.reading() as look:
        return look.lists.grants(enterprise=NETJES, holder=person)


def test_each_by_itself_from_the_file_to_the_result(the: Cast) -> None:
    nadia = the.client("nadia")
    address = checked(nadia, f"{HEAD}\n{GOOD}\n{AGAIN}\n{GOOD}")
    preview = nadia.get(address).text
    assert outcomes(preview) == [("would be done", []), ("refused", ["GRANT-10"]), ("refused", ["GRANT-10"])]
    assert (len(grants_of(the, "pieter")), len(grants_of(the, "ines"))) == (0, 1)
    done = confirm(nadia, address, "each")
    assert done.status_code == 303
    page = nadia.get(done.location).text
    assert outcomes(page) == [("done", []), ("refused", ["GRANT-10"]), ("refused", ["GRANT-10"])]
    assert "1 line was done." in page
    (granted,) = grants_of(the, "pieter")
    assert (granted.contexts, granted.by) == (("V99901", "V99902"), "nadia")


def test_all_or_nothing_does_nothing_when_a_line_is_refused(the: Cast) -> None:
    nadia = the.client("nadia")
    done = confirm(nadia, checked(nadia, f"{HEAD}\n{GOOD}\n{AGAIN}"), "all")
    assert outcomes(nadia.get(done.location).text) == [
        ("not done, for another line could not be done", []),
        ("refused", ["GRANT-10"]),
    ]
    assert grants_of(the, "pieter") == []


def test_refused_lines_are_explained_once_for_each_rule(the: Cast) -> None:
    nadia = the.client("nadia")
    address = checked(nadia, f"{HEAD}\n{GOOD}\n{AGAIN}\n{AGAIN}")
    preview = nadia.get(address).text
    assert preview.count(RULES["GRANT-10"].says) == 1
    assert "As things are now, all or nothing would do nothing." in preview
    assert nadia.get(confirm(nadia, address).location).text.count(RULES["GRANT-10"].says) == 1


def test_nothing_is_explained_where_nothing_is_refused(the: Cast) -> None:
    nadia = the.client("nadia")
    preview = nadia.get(checked(nadia, f"{HEAD}\n{GOOD}")).text
    assert "Confirm and do it" in preview
    assert "Why lines are refused" not in preview
    assert "all or nothing would do nothing" not in preview


def test_there_is_nothing_to_confirm_when_every_line_is_refused(the: Cast) -> None:
    nadia = the.client("nadia")
    preview = nadia.get(checked(nadia, f"{HEAD}\n{AGAIN}")).text
    assert "there is nothing to confirm" in preview
    assert "Confirm and do it" not in preview


def test_the_result_as_a_file_has_no_number_in_clear(the: Cast) -> None:
    nadia = the.client("nadia")
    done = confirm(nadia, checked(nadia, f"{HEAD}\n{GOOD}\n{AGAIN}"), "each")
    answer = nadia.get(f"{done.location}.csv")
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert answer.content_type == "text/csv; charset=utf-8"
    assert lines[0] == (
        "Line,Person,National number,Right,Contexts,First day,Last day,What came of it,Rules,Entry in the history"
    )
    assert re.sub(r",\d+$", ",N", lines[1]) == (
        "2,Pieter Jacobs,••.••.••-•••.30,service_vouchers,V99901|V99902,2026-03-02,2026-12-31,done,GRANT-1,N"
    )
    assert re.sub(r",\d+$", ",N", lines[2]) == (
        "3,Inès Dubois,••.••.••-•••.86,service_vouchers,V99901,2026-03-02,2026-12-31,refused,GRANT-10,N"
    )


def test_no_page_holds_the_number_of_the_file(the: Cast) -> None:
    nadia = the.client("nadia")
    address = checked(nadia, f"{HEAD}\n{GOOD}")
    done = confirm(nadia, address)
    pages = [nadia.get(path).text for path in (done.location, f"{done.location}.csv")]
    assert [page for page in [address, done.location, *pages] if "88110499930" in page or "88.11.04" in page] == []


def test_the_rights_that_there_are_come_as_a_file_that_goes_back(the: Cast) -> None:
    nadia = the.client("nadia")
    held = nadia.get(f"{BULK}/lines/extend_grant.csv").get_data().decode("utf-8-sig")
    head, line = held.splitlines()
    assert line == f"{the.chain.grant},Inès,Dubois,service_vouchers,V99901,2026-03-02,2027-03-01"
    done = confirm(nadia, checked(nadia, held.replace("2027-03-01", "30/06/2027"), EXTEND))
    assert outcomes(nadia.get(done.location).text) == [("done", [])]
    assert [str(each.period.last) for each in grants_of(the, "ines")] == ["2027-06-30"]
    held = nadia.get(f"{BULK}/lines/revoke_grant.csv").get_data().decode("utf-8-sig")
    done = confirm(nadia, checked(nadia, held, REVOKE))
    assert outcomes(nadia.get(done.location).text) == [("done", [])]
    assert [each.revoked_at is None for each in grants_of(the, "ines")] == [False]
    assert nadia.get(f"{BULK}/lines/revoke_grant.csv").get_data().decode("utf-8-sig").splitlines() == [head]


@pytest.mark.parametrize("language", ["en", "fr", "nl", "de"])
def test_the_file_to_fill_in_is_read_in_each_language(the: Cast, language: str) -> None:
    client = the.client("nadia", language=language)
    head = client.get(f"{BULK}/lines/grant_right.csv").get_data().decode("utf-8-sig").strip()
    line = GOOD.replace(";", ",").replace("Pieter,Jacobs", "Pieter,Jacobs")
    assert send(client, f"{head}\r\n{line}").status_code == 303


def test_lines_can_be_pasted(the: Cast) -> None:
    nadia = the.client("nadia")
    token = token_of(nadia.get("/about").text)
    form = {"csrf_token": token, "action": "grant_right", "text": f"{HEAD}\n{GOOD}".replace(";", "\t")}
    assert nadia.post(BULK, data=form).status_code == 303


def test_a_file_with_mistakes_is_not_read_at_all(the: Cast) -> None:
    answer = send(the.client("nadia"), f"{HEAD}\n{GOOD}\n{GOOD.replace('2026-12-31', 'x')}")
    assert answer.status_code == 422
    assert "Line 3, Last day:" in answer.text
    assert "Nothing was read, for the file has a mistake" in answer.text


def test_somebody_who_is_not_linked_is_not_told_from_somebody_who_does_not_exist(the: Cast) -> None:
    nadia = the.client("nadia")
    noah = send(nadia, f"{HEAD}\n{GOOD.replace(PIETER, '01.03.22-999.61;Noah;Peeters')}")
    absent = send(nadia, f"{HEAD}\n{GOOD.replace(PIETER, '72.03.14-999.17;Noah;Peeters')}")
    assert (noah.status_code, absent.status_code) == (422, 422)
    assert re.findall("Nobody with this number[^<]*", noah.text) == re.findall(
        "Nobody with this number[^<]*", absent.text
    )


def test_guessing_who_somebody_is_stops_after_ten(the: Cast) -> None:
    nadia = the.client("nadia")
    wrong = [GOOD.replace("Jacobs", f"Jacobs{chr(97 + number)}") for number in range(11)]
    assert send(nadia, "\n".join([HEAD, *wrong[:5]])).status_code == 422
    assert send(nadia, "\n".join([HEAD, *wrong])).status_code == 429
    assert send(nadia, f"{HEAD}\n{GOOD}").status_code == 429
    assert send(the.client("sophie"), f"{HEAD}\n{GOOD}").status_code == 303


def test_a_right_of_another_enterprise_is_not_found(the: Cast) -> None:
    karel = the.client("karel")
    assert karel.get(f"/users/{PROPRE}/bulk").status_code == 200
    answer = send(karel, f"grant\n{the.chain.grant}", REVOKE, f"/users/{PROPRE}/bulk")
    assert outcomes(karel.get(answer.location).text) == [("not found here", [])]
    assert outcomes(karel.get(confirm(karel, answer.location, "each").location).text) == [("not found here", [])]
    assert [each.revoked_at for each in grants_of(the, "ines")] == [None]


def test_what_was_confirmed_is_done_once(the: Cast) -> None:
    nadia = the.client("nadia")
    address = checked(nadia, f"{HEAD}\n{GOOD}")
    assert confirm(nadia, address).status_code == 303
    assert (confirm(nadia, address).status_code, nadia.get(address).status_code) == (409, 409)
    assert len(grants_of(the, "pieter")) == 1


def test_what_waits_is_for_its_sender_and_its_enterprise_alone(the: Cast) -> None:
    address = checked(the.client("nadia"), f"{HEAD}\n{GOOD}")
    assert the.client("sophie").get(address).status_code == 409
    assert the.client("nadia").get(address.replace(NETJES, PROPRE)).status_code == 404
    assert confirm(the.client("sophie"), address).status_code == 409


def test_it_must_be_said_what_happens_when_a_line_cannot_be_done(the: Cast) -> None:
    nadia = the.client("nadia")
    address = checked(nadia, f"{HEAD}\n{GOOD}")
    answer = confirm(nadia, address, "some")
    assert (answer.status_code, "Choose one of the two." in answer.text) == (422, True)


@pytest.mark.parametrize(("file", "text"), [("", ""), (f"{HEAD}\n{GOOD}", f"{HEAD}\n{GOOD}")])
def test_lines_come_from_one_place(the: Cast, file: str, text: str) -> None:
    nadia = the.client("nadia")
    form: dict[str, Any] = {"csrf_token": token_of(nadia.get("/about").text), "action": "grant_right", "text": text}
    form["file"] = (io.BytesIO(file.encode()), "lines.csv" * bool(file))
    answer = nadia.post(BULK, data=form, content_type="multipart/form-data")
    assert (answer.status_code, "one of the two" in answer.text) == (422, True)


def test_a_file_of_the_largest_size_arrives_and_a_larger_one_is_told(the: Cast) -> None:
    nadia = the.client("nadia")
    most = f"{HEAD}\n{GOOD}\n".encode().ljust(LARGEST, b"\n")
    assert send(nadia, most).status_code == 303
    larger = send(nadia, most + b"\n")
    assert (larger.status_code, "The file is too large: at most 256 KiB." in larger.text) == (422, True)
    far_larger = b"x" * (LARGEST_REQUEST + 1)
    assert nadia.post(BULK, data=far_larger, content_type="multipart/form-data; boundary=y").status_code == 413


@pytest.mark.parametrize("who", ["ines", "noah", "mila"])
def test_who_manages_nobody_finds_no_such_page(the: Cast, who: str) -> None:
    client = the.client(who)
    paths = (BULK, f"{BULK}/lines/revoke_grant.csv", f"{BULK}/none", f"{BULK}/results/none", f"{BULK}/results/none.csv")
    assert [client.get(path).status_code for path in paths] == [404] * 5
    assert (send(client, f"{HEAD}\n{GOOD}").status_code, confirm(client, f"{BULK}/none").status_code) == (404, 404)


def test_a_weak_key_does_nothing_and_the_page_says_why(the: Cast) -> None:
    nadia = the.client("nadia", Key.SMS)
    address = checked(nadia, f"{HEAD}\n{GOOD}")
    assert outcomes(nadia.get(address).text) == [("refused", ["KEY-2"])]
    confirm(nadia, address, "each")
    assert grants_of(the, "pieter") == []
