"""Who manages access in an enterprise: told by name to who has a tie to it, and to nobody else."""

from pathlib import Path

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from tests.web.building import PROPRE, Chain, add_enterprise, built_app, demo_chain, do, signed_in_client
from tests.web.users_cast import bare


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def test_an_employee_reads_who_can_help(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, chain.ines).get(f"/managers/{chain.enterprise}/who").text
    assert "Nadia El Amrani" in page
    assert "main access manager" in page
    assert "85.06.11" not in page


def test_who_has_no_tie_gets_the_answer_of_an_enterprise_that_is_not_there(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.noah)
    here, nowhere = client.get(f"/managers/{chain.enterprise}/who"), client.get("/managers/1999000348/who")
    assert (here.status_code, nowhere.status_code) == (404, 404)
    assert bare(here.text, chain.enterprise) == bare(nowhere.text, "1999000348")


def test_a_manager_whose_role_has_ended_is_not_named_and_the_way_on_is(app: Flask, chain: Chain) -> None:
    do(app, chain.hilde, Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    page = signed_in_client(app, chain.ines).get(f"/managers/{chain.enterprise}/who").text
    assert "Nadia El Amrani" not in page
    assert "A legal representative can appoint a main access manager." in page
    assert f"/managers/register/{chain.enterprise}" in page


def test_a_tie_to_one_enterprise_shows_nothing_of_another(app: Flask, chain: Chain) -> None:
    add_enterprise(app, PROPRE, "Propre & Net")
    assert signed_in_client(app, chain.ines).get(f"/managers/{PROPRE}/who").status_code == 404
