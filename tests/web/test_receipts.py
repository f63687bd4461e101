"""Receipts: whoever did something gets one, it says what happens now, and its file proves it."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.web.building import NETJES, Chain, ask_for, built_app, demo_chain, post, signed_in_client
from tests.web.test_history_exports import verified

REQUEST = {"oc": NETJES, "ec": "service_vouchers", "contexts": "V99902", "reason": "For my work."}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def shown(page: Any) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def test_the_receipt_of_a_grant_tells_what_was_done_and_what_happens_now(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get("/me/receipts/11")
    told = shown(page)

    assert page.status_code == 200
    for says in (
        "Receipt 11",
        "You granted a right",
        "Netjes Thuis 1999.000.150",
        "For whom Inès Dubois",
        "Service vouchers for recognised enterprises; context: V99901; from 2 March 2026 to 1 March 2027",
        "Last day 1 March 2027",
        "In the capacity of manager who may grant the right",
        "level 500 (eID",
        "Allowed by GRANT-1",
        "Inès Dubois can enter the secure area (from 2 March 2026 to 1 March 2027), signed in with a digital key "
        "of level 400 or higher. ENTER-1 KEY-3",
        "Inès Dubois can renounce it at any time. GRANT-13",
        "verify_history.py receipt-11.jsonl --vkey",
    ):
        assert says in told
    assert f'href="/users/{NETJES}/people/ines/grant"' in page.text
    assert "95.08.17" not in page.text


def test_its_file_is_verified_by_the_program_that_shares_nothing_with_the_product(
    app: Flask, chain: Chain, tmp_path: Path
) -> None:
    content = signed_in_client(app, "nadia").get("/me/receipts/11/proof").get_data()

    assert verified(app, tmp_path, content) == "VALID 1"
    assert verified(app, tmp_path, content.replace(b'"2027-03-01"', b'"2029-03-01"')) == "TAMPERED at 0"


@pytest.mark.parametrize("part", ["", "/proof"])
def test_it_is_for_whoever_did_it_and_absent_to_everybody_else(app: Flask, chain: Chain, part: str) -> None:
    statuses = {
        who: signed_in_client(app, who).get(f"/me/receipts/11{part}").status_code
        for who in ("nadia", "ines", "hilde", "noah")
    }
    absent = {signed_in_client(app, "nadia").get(f"/me/receipts/{n}{part}").status_code for n in (0, 8, 999, 2**80)}

    assert statuses == {"nadia": 200, "ines": 404, "hilde": 404, "noah": 404}
    assert absent == {404}


def test_an_auditor_gives_a_purpose_first(app: Flask, chain: Chain) -> None:
    assert signed_in_client(app, "mila").get("/me/receipts/").status_code == 403


def test_all_of_ones_own_are_listed_the_newest_first(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia").get("/me/receipts/").text
    noah = signed_in_client(app, "noah").get("/me/receipts/").text

    assert re.findall(r'href="/me/receipts/(\d+)"', nadia) == ["11", "10", "9"]
    assert "You have not done anything here yet." in noah


def test_the_list_is_paged(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get("/me/receipts/?before=11").text

    assert re.findall(r'href="/me/receipts/(\d+)"', page) == ["10", "9"]


def test_a_request_ends_on_its_receipt(app: Flask, chain: Chain) -> None:
    ines = signed_in_client(app, "ines")
    answer = ask_for(ines, REQUEST)
    told = shown(ines.get(answer.location))

    assert re.fullmatch(r"/me/receipts/\d+", answer.location) is not None
    assert "You requested a right" in told
    assert "Waits for an answer until 1 April 2026" in told
    assert "Reason given For my work." in told
    assert "You can withdraw it as long as nobody has answered. REQUEST-8" in told


def test_whoever_is_sent_elsewhere_finds_the_link_to_the_receipt_there_once(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    answer = post(nadia, f"/users/grants/{chain.grant}/revoke", {"reason": "Left."})
    first, second = nadia.get(answer.location).text, nadia.get(answer.location).text
    receipt = re.search(r'href="(/me/receipts/\d+)"', first)

    assert answer.location == f"/users/{NETJES}/people/ines"
    assert receipt is not None
    assert "You revoked a right" in nadia.get(receipt[1]).text
    assert "/me/receipts/" not in second


def test_what_is_refused_gives_no_receipt(app: Flask, chain: Chain) -> None:
    noah = signed_in_client(app, "noah")

    assert post(noah, f"/users/{NETJES}/claim").status_code == 403
    assert "/me/receipts/1" not in noah.get("/").text


def test_what_changed_with_it_is_told(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    check = post(nadia, f"/users/relations/{chain.relation}/end", {"last": "2026-03-31"}).location
    page = nadia.get(post(nadia, check).location).text
    receipt = re.search(r'href="(/me/receipts/\d+)"', page)
    assert receipt is not None
    told = shown(nadia.get(receipt[1]))

    assert (
        "What changed with it shortened a right: Inès Dubois, Service vouchers for recognised enterprises, "
        "from 2 March 2026 to 31 March 2026" in told
    )
    assert "After 31 March 2026, Inès Dubois enters nothing for this enterprise any more. ENTER-2" in told


def test_it_stays_what_it_was_when_things_change(app: Flask, chain: Chain) -> None:
    before = signed_in_client(app, "nadia").get("/me/receipts/11").text
    post(signed_in_client(app, "nadia"), f"/users/grants/{chain.grant}/revoke", {"reason": ""})
    after = signed_in_client(app, "nadia").get("/me/receipts/11").text

    assert shown_facts(after) == shown_facts(before)


def shown_facts(page: str) -> str:
    """The facts of a receipt."""
    return page.partition('<dl class="facts">')[2].partition("</dl>")[0]
