"""Pages of saved questions and samples: who may ask, about what, and what they are shown."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from tests.web.building import NETJES, PROPRE, Chain, add_enterprise, advance, built_app, demo_chain, do, post
from tests.web.building import signed_in_client as client_of

QUESTIONS = "/history/questions"
SAMPLE = f"/history/sample?enterprise={NETJES}&seed=dice"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path)
    add_enterprise(app, PROPRE, "Propre & Net")
    return app


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def shown(page: Any) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def drawn(page: Any) -> list[str]:
    """The entries of a sample."""
    return re.findall(r'href="/history/entries/(\d+)"', page.get_data(as_text=True))


def test_a_manager_asks_about_their_own_enterprise_and_about_no_other(app: Flask, chain: Chain) -> None:
    client = client_of(app, "nadia")
    answers = [client.get(f"{QUESTIONS}/maker-gone{about}").status_code for about in (f"?enterprise={NETJES}", "")]

    assert answers == [200, 404]
    assert client.get(f"{QUESTIONS}/maker-gone?enterprise={PROPRE}").status_code == 404
    assert client.get(f"{QUESTIONS}/none?enterprise={NETJES}").status_code == 404


def test_an_answer_names_people_and_links_the_entries_and_the_certificate(app: Flask, chain: Chain) -> None:
    before = client_of(app, "nadia").get(f"{QUESTIONS}/maker-gone?enterprise={NETJES}")
    advance(app, "2026-03-03T09:00")
    do(app, "hilde", Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    advance(app, "2026-03-04T09:00")
    after = client_of(app, "hilde").get(f"{QUESTIONS}/maker-gone?enterprise={NETJES}")

    assert "Nothing was found." in shown(before)
    assert "Nadia El Amrani, Inès Dubois" in shown(after)
    assert f'href="/history/{NETJES}/grants/{chain.grant}/certificate"' in after.get_data(as_text=True)
    assert drawn(after) == ["12"]


def test_an_auditor_asks_about_all_enterprises_once_a_purpose_is_given(app: Flask, chain: Chain) -> None:
    client = client_of(app, "mila")
    asked = client.get(f"{QUESTIONS}/near-a-change")
    given = post(client, QUESTIONS, {"purpose": "a sample", "case": "2026/17", "next": f"{QUESTIONS}/near-a-change"})

    assert (asked.status_code, given.status_code) == (403, 303)
    assert given.headers["Location"] == f"{QUESTIONS}/near-a-change"
    assert client.get(f"{QUESTIONS}/near-a-change").status_code == 200


def test_a_sample_is_the_same_for_everybody_who_has_its_seed_and_size(app: Flask, chain: Chain) -> None:
    first = client_of(app, "nadia").get(f"{SAMPLE}&count=3")
    address = re.search(r'href="(/history/sample[^"]*size=\d+[^"]*)"', first.get_data(as_text=True))
    do(app, "ines", Action.ENTER_SECURE_AREA, enterprise=NETJES, right="service_vouchers", contexts=("V99901",))

    assert address is not None
    again = client_of(app, "hilde").get(address[1].replace("&amp;", "&"))
    assert len(drawn(first)) == 3
    assert drawn(again) == drawn(first)


def test_a_sample_of_rights_draws_those_alone(app: Flask, chain: Chain) -> None:
    assert drawn(client_of(app, "nadia").get(f"{SAMPLE}&of=grants")) == ["12"]


@pytest.mark.parametrize("count", ["0", "501", "many"])
def test_a_sample_of_an_impossible_size_is_told_at_its_field(app: Flask, chain: Chain, count: str) -> None:
    answer = client_of(app, "nadia").get(f"{SAMPLE}&count={count}")

    assert answer.status_code == 422
    assert drawn(answer) == []


@pytest.mark.parametrize("address", ["first=2026-03-02&last=2026-03-01", "first=x", "last=2026-02-30"])
def test_a_period_that_is_none_is_told_at_its_field(app: Flask, chain: Chain, address: str) -> None:
    answer = client_of(app, "nadia").get(f"{QUESTIONS}/unused?enterprise={NETJES}&{address}")

    assert answer.status_code == 422
